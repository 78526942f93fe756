"""Intervals of rates, shares and rate ratios, against printed limits."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tifa.stats import poisson_interval, rate_ratios, rates, shares

counts = st.integers(0, 2000)


def ratio(n, words, other, others, level=0.95):
    row = {"n": [n], "words": [words], "reference_n": [other], "reference_words": [others]}
    table = rate_ratios(pd.DataFrame(row), level=level)
    return [float(table[name][0]) for name in ("ratio", "low", "high")]


@given(counts, counts, st.integers(2001, 10**6), st.integers(2001, 10**6))
def test_rate_ratio_limits_have_the_stated_tail_probabilities(n, other, a, b):
    value, low, high = ratio(n, a, other, b)
    both = n + other
    if not both:
        assert all(math.isnan(x) for x in (value, low, high))
        return
    assert low <= value <= high
    if n:  # as many or more have a probability of 2.5 % at the lower limit
        share = low * a / (low * a + b)
        assert stats.binom.sf(n - 1, both, share) == pytest.approx(0.025, rel=1e-4)
    else:
        assert value == low == 0
    if other:
        share = high * a / (high * a + b)
        assert stats.binom.cdf(n, both, share) == pytest.approx(0.025, rel=1e-4)
    else:
        assert math.isinf(value)
        assert math.isinf(high)


def test_rates_without_words_and_shares_without_documents_are_missing():
    table = rates(pd.DataFrame({"n": [0], "words": [0]}))
    assert table[["rate", "low", "high"]].isna().all(axis=None)
    table = shares(pd.DataFrame({"n": [0, 3], "documents": [0, 3]}))
    assert table.loc[0, ["share", "low", "high"]].isna().all()
    assert table.loc[1, ["share", "high"]].tolist() == pytest.approx([1, 1])


@given(st.integers(0, 300), st.integers(1, 300), st.sampled_from([0.9, 0.95, 0.99]))
def test_intervals_as_in_statsmodels_and_scipy(n, documents, level):
    from statsmodels.stats.proportion import proportion_confint

    some = min(n, documents)
    got = shares(pd.DataFrame({"n": [some], "documents": [documents]}), level=level)
    expected = proportion_confint(some, documents, alpha=1 - level, method="wilson")
    assert got[["low", "high"]].iloc[0].tolist() == pytest.approx(expected, abs=1e-14)
    low, high = poisson_interval([n], level=level)
    tail = (1 - level) / 2
    assert high == pytest.approx(stats.chi2.ppf(1 - tail, 2 * n + 2) / 2)
    assert low == pytest.approx(stats.chi2.ppf(tail, 2 * n) / 2 if n else 0)
