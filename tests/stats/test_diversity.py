"""Lexical diversity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tifa.stats import hdd, mattr, mtld

#: The example in the README of LexicalRichness (LSYS): its 57 words, a letter a type.
EXAMPLE = list("abcdefghijbklmnopqnrstuvwlxtyzAnsBCDEFGHwIGJKLnDsmhMbIIGJ")
texts = st.lists(st.sampled_from("abcdefghij"), min_size=12, max_size=200)


def test_as_in_lexicalrichness():
    """The numbers that the README of LexicalRichness prints."""
    assert (len(EXAMPLE), len(set(EXAMPLE))) == (57, 39)
    assert mattr(EXAMPLE, window=25) == pytest.approx(0.8351515151515151, rel=1e-12)
    assert hdd(EXAMPLE) == pytest.approx(0.7468703323966486, rel=1e-9)
    assert mtld(EXAMPLE) == pytest.approx(46.79226361031519, rel=1e-12)


def test_mattr_as_in_quanteda():
    """The tests of textstat_lexdiv in quanteda.textstats (MATTR; TTR for the whole text)."""
    tokens = ["one", "one", "two", "one", "one", "two", "one"]
    for window, expected in ((2, 5 / 6), (3, 2 / 3), (4, 1 / 2), (7, 2 / 7)):
        assert mattr(tokens, window=window) == pytest.approx(expected)


def test_as_in_wordless():
    """The tests of Wordless (test_measures_lexical_density_diversity.py): five words repeated."""
    tokens = ["This", "is", "a", "sentence", "."] * 20
    assert mtld(tokens) == pytest.approx(100 / 14)
    absent = math.comb(80, 42) / math.comb(100, 42)
    assert hdd(tokens) == pytest.approx((1 - absent) * 5 / 42)
    assert mattr(tokens * 10, window=500) == pytest.approx(5 / 500)


@given(texts, st.integers(1, 12))
def test_mattr_against_its_definition(tokens, window):
    starts = range(len(tokens) - window + 1)
    ratios = [len(set(tokens[i : i + window])) / window for i in starts]
    assert mattr(tokens, window=window) == pytest.approx(np.mean(ratios))


@given(texts)
def test_bounds(tokens):
    assert 1 / 12 <= mattr(tokens, window=12) <= 1
    assert 1 / 12 <= hdd(tokens, draws=12) + 1e-12 <= 1 + 1e-9
    assert mtld(tokens) > 1
    assert mtld(tokens[::-1]) == pytest.approx(mtld(tokens))
    assert hdd(tokens, draws=len(tokens)) == pytest.approx(len(set(tokens)) / len(tokens))


def test_no_word_repeated():
    assert math.isinf(mtld(list("abc")))


def test_refusals():
    with pytest.raises(ValueError, match="no window of 50"):
        mattr(["a"])
    with pytest.raises(ValueError, match="no sample of 42"):
        hdd(["a"])
    with pytest.raises(ValueError, match="needs words"):
        mtld([])
