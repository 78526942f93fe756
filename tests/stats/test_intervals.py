"""Intervals of rates, shares and rate ratios, against printed limits."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tifa.stats import poisson_interval, rate_ratios, rates, shares


def ratio(n, words, other, others, level=0.95):
    row = {"n": [n], "words": [words], "reference_n": [other], "reference_words": [others]}
    table = rate_ratios(pd.DataFrame(row), level=level)
    return [float(table[name][0]) for name in ("ratio", "low", "high")]


def test_a_ratio_of_zeros_has_the_limit_that_is_known():
    # none against three in as many words: (1 - 0.025 ** (1 / 3)) as odds
    share = 1 - 0.025 ** (1 / 3)
    value, low, high = ratio(0, 900, 3, 900)
    assert (value, low, high) == (0, 0, pytest.approx(share / (1 - share)))
    assert ratio(3, 900, 0, 900) == [math.inf, pytest.approx(1 / high), math.inf]
    assert np.isnan(ratio(0, 900, 0, 900)).all()


def test_a_wider_level_is_used_throughout():
    """Quantiles of 0.995: of chi-squared with 8 degrees of freedom, and of the normal."""
    assert poisson_interval([3], level=0.99)[1] == pytest.approx(stats.chi2.ppf(0.995, 8) / 2)
    z = stats.norm.ppf(0.995)
    got = shares(pd.DataFrame({"n": [0], "documents": [9]}), level=0.99)
    assert got["high"][0] == pytest.approx(z**2 / (9 + z**2))


def test_rates_without_words_and_shares_without_documents_are_missing():
    table = rates(pd.DataFrame({"n": [0], "words": [0]}))
    assert table[["rate", "low", "high"]].isna().all(axis=None)
    table = shares(pd.DataFrame({"n": [0, 3], "documents": [0, 3]}))
    assert table.loc[0, ["share", "low", "high"]].isna().all()
    assert table.loc[1, ["share", "high"]].tolist() == pytest.approx([1, 1])
