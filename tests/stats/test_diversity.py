"""Lexical diversity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tifa.stats import hdd, mattr, mtld

texts = st.lists(st.sampled_from("abcdefghij"), min_size=12, max_size=200)


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
