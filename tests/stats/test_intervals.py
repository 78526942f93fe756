"""Intervals of rates, shares and rate ratios, against printed limits."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tifa.stats import exact_share_interval, poisson_interval, rate_ratios, rates, shares

counts = st.integers(0, 2000)


@pytest.mark.parametrize(
    ("n", "base", "low", "high", "digits"),
    [
        # the upper limit for 0, as the manual of R's epitools prints it (pois.exact)
        (0, 1, 0.0, 3.689, 3),
        # a pump that failed 5 times in 94.32 days: R's poisson.test, as printed in swirl's lesson
        (5, 94.32, 0.01721254, 0.12371005, 8),
        # Welsh nickel workers (the example of poisson.test) and deaths from horse kicks: printed
        # in the manual of the R package lumen (AndriSignorell, poissonCI)
        (137, 24.19893, 4.753125, 6.692709, 6),
        (196, 280, 0.6054271, 0.8051570, 7),
        # R's exactci and DescTools, in the tests of statsmodels (test_rates_poisson.py)
        (15, 400, 0.0209884653, 0.0618505472, 10),
    ],
)
def test_poisson_interval_as_printed(n, base, low, high, digits):
    lower, upper = poisson_interval(n)
    assert round(float(lower) / base, digits) == low
    assert round(float(upper) / base, digits) == high


@pytest.mark.parametrize(
    ("n", "documents", "low", "high", "digits"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: as reprinted in
        # the tests of propagon (Refefer, test_reference_vectors.py)
        (81, 263, 0.2553, 0.3662, 4),
        (15, 148, 0.0624, 0.1605, 4),
        (0, 20, 0.0, 0.1611, 4),
        (1, 29, 0.0061, 0.1718, 4),
        # R's binom.confint, in the tests of statsmodels (results_proportion.py)
        (4, 20, 0.0806576626, 0.4160174323, 10),
        (190, 200, 0.9104218519, 0.9726173544, 10),
    ],
)
def test_share_as_printed(n, documents, low, high, digits):
    table = shares(pd.DataFrame({"n": [n], "documents": [documents]}))
    assert table[["low", "high"]].round(digits).values.tolist() == [[low, high]]


@pytest.mark.parametrize(
    ("n", "documents", "low", "high", "digits"),
    [
        # Newcombe (1998), table I, method 5: as reprinted in the tests of devai (ksparavec)
        (81, 263, 0.2527, 0.3676, 4),
        (15, 148, 0.0578, 0.1617, 4),
        (0, 20, 0.0, 0.1684, 4),
        (1, 29, 0.0009, 0.1776, 4),
        # R's binom.confint, in the tests of statsmodels (results_proportion.py)
        (4, 20, 0.0573339971, 0.4366140030, 10),
        (190, 200, 0.9099724623, 0.9757658345, 10),
    ],
)
def test_exact_share_as_printed(n, documents, low, high, digits):
    limits = exact_share_interval(n, documents)
    assert tuple(round(limit, digits) for limit in limits) == (low, high)


def ratio(n, words, other, others, level=0.95):
    row = {"n": [n], "words": [words], "reference_n": [other], "reference_words": [others]}
    table = rate_ratios(pd.DataFrame(row), level=level)
    return [float(table[name][0]) for name in ("ratio", "low", "high")]


def test_rate_ratio_as_in_rateratio_test():
    """The example of Fay's R package rateratio.test: 2 in 17877 against 9 in 16660.

    Printed in the README of its Python port (kad-ecoli/rateratio_test).
    """
    expected = (0.207094155743, 0.0217740627591, 1.00054910449)
    assert ratio(2, 17877, 9, 16660) == pytest.approx(expected, rel=1e-10)


def test_rate_ratio_as_in_stata():
    """Stata's page on incidence-rate ratios: iri 41 15 28010 19017, with its exact limits.

    Printed at stata.com/links/stata-basics/incidence-rate-ratio-calculator.
    """
    value, low, high = ratio(41, 28010, 15, 19017)
    assert (round(value, 6), round(low, 6), round(high, 4)) == (1.855759, 1.005684, 3.6093)


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


def test_rate_ratio_takes_tables_and_keeps_their_rows():
    table = pd.DataFrame(
        {
            "entry": ["a", "b"],
            "n": [1, 0],
            "words": [10, 10],
            "reference_n": [2, 0],
            "reference_words": [20, 20],
        },
        index=[7, 3],
    )
    result = rate_ratios(table)
    assert result.index.tolist() == [7, 3]
    assert result["entry"].tolist() == ["a", "b"]
    assert rate_ratios(table.iloc[:0]).empty


@pytest.mark.parametrize(("n", "words"), [(-1, 10), (1, 0)])
def test_rate_ratio_refuses(n, words):
    with pytest.raises(ValueError, match=r"negative|not positive"):
        ratio(n, words, 1, 10)


@given(counts, st.floats(0.5, 0.999))
def test_poisson_interval_contains_the_count(n, level):
    low, high = poisson_interval(n, level=level)
    assert low <= n <= high
    assert stats.poisson.cdf(n, high) == pytest.approx((1 - level) / 2)


def test_rates_without_words_are_missing():
    table = rates(pd.DataFrame({"n": [0], "words": [0]}))
    assert table[["rate", "low", "high"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="negative"):
        poisson_interval([-1])


def test_shares_without_documents_are_missing():
    table = shares(pd.DataFrame({"n": [0, 3], "documents": [0, 3]}))
    assert table.loc[0, ["share", "low", "high"]].isna().all()
    assert table.loc[1, "high"] == 1
    assert np.isclose(table.loc[1, "share"], 1)


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
