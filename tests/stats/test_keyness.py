"""Keyness of terms."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tifa.stats import keyness, signed_g2

counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 300), min_size=2).filter(
    lambda found: sum(found.values()) > 0
)


def series(found):
    return pd.Series(found, dtype="int64")


@given(st.integers(0, 500), st.integers(0, 500), st.integers(500, 9999), st.integers(500, 9999))
def test_two_cells_never_give_more(n, other, words, others):
    a, b = np.array([float(n)]), np.array([float(other)])
    two, four = (signed_g2(a, words, b, others, cells=cells)[0] for cells in (2, 4))
    assert abs(two) <= abs(four) + 1e-9
    assert two * four >= 0
    assert signed_g2(b, others, a, words)[0] == pytest.approx(-four, abs=1e-8)
    tenfold = signed_g2(a * 10, words * 10, b * 10, others * 10)[0]
    assert tenfold == pytest.approx(10 * four, abs=1e-6)


def test_a_strong_prior_shrinks_log_odds_to_zero():
    one, other = series({"a": 30, "b": 70}), series({"a": 10, "b": 90})
    background = series({"a": 500, "b": 500})
    weak, more, strong = (
        keyness(one, other, background=background, alpha0=weight)["z"][0]
        for weight in (1, 100, 10_000)
    )
    assert weak > more > strong > 0
    assert keyness(one, other)["alpha0"].tolist() == [200, 200]


def test_columns_name_base_and_method():
    one, other = series({"a": 30, "b": 70, "never": 0}), series({"b": 50, "c": 50})
    table = keyness(one, other, cells=2, adjust="fdr_bh")
    assert table["term"].tolist() == ["a", "b", "c"]
    assert set(table["adjustment"]) == {"fdr_bh"}
    assert set(table["cells"]) == {2}
    assert table["p_adjusted"].tolist() == multipletests(table["p"], method="fdr_bh")[1].tolist()
    assert table["p"].tolist() == pytest.approx(stats.chi2.sf(table["g2"].abs(), 1))
    first = ["n", "words", "reference_n", "reference_words", "rate", "percent_diff"]
    assert table.loc[0, first].tolist() == [30, 100, 0, 100, 3000, math.inf]
    assert table.loc[2, "percent_diff"] == -100
    assert "p" not in keyness(one, other, adjust=None).columns
