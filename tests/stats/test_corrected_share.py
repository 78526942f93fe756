"""Shares corrected by a coded sample."""

import numpy as np
import pandas as pd
import pytest

from tifa.stats import corrected_share

CODES = pd.Series([1, 0, 0, 1, 1, 0, 0, 0, 1, 0])
PREDICTED = pd.Series([1, 0, 1, 1, 0, 0, 0, 0, 1, 0])


@pytest.mark.parametrize(("weight", "share"), [(1.0, 0.3), (0.5, 0.35), (0, 0.4)])
def test_the_share_is_that_of_the_authors_own_package(weight, share):
    """ppi-python: ppi_mean_pointestimate of these codes with 30 of 100 others predicted."""
    found = corrected_share(CODES, PREDICTED, 0.3, weight=weight)
    assert found.share == pytest.approx(share)


def test_the_interval_is_that_of_the_mean_error():
    """Three times the ten units have six errors, a mean error of 0; t(29) = 2.0452."""
    three = lambda s: pd.concat([s] * 3, ignore_index=True)  # noqa: E731
    found = corrected_share(three(CODES), three(PREDICTED), 0.3, weight=1)
    half = 2.0452 * np.sqrt(6 / 29 / 30)
    assert (found.low, found.high) == pytest.approx((0.3 - half, 0.3 + half), abs=1e-4)


def test_a_classifier_that_never_varies_gets_no_weight():
    twice = pd.concat([CODES, CODES], ignore_index=True)
    found = corrected_share(twice, twice * 0, 0.0)
    assert found.weight == 0
    assert found.share == pytest.approx(0.4)


def test_one_cluster_gives_no_interval():
    codes = pd.Series([0, 1, 0, 1])
    found = corrected_share(codes, codes * 0, 0.1, cluster=pd.Series(["a"] * 4))
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize("codes", [[0, 0, 0, 0], [0, 1, 1, 0]])
def test_without_an_error_in_the_sample_there_may_be_some_elsewhere(codes):
    """Zero of four at 97.5 %: the exact upper limit is 1 - 0.0125 ** (1 / 4) = 0.666."""
    found = corrected_share(pd.Series(codes), pd.Series(codes), 0.1)
    assert found.share == pytest.approx(0.1)
    assert (found.low, found.high) == (0, pytest.approx(0.1 + 0.666, abs=1e-3))


def test_units_of_one_document_count_as_one_where_they_are_the_same():
    random = np.random.default_rng(3)
    codes = pd.Series((random.random(60) < 0.4).astype(int))
    predicted = pd.Series(np.where(random.random(60) < 0.3, 1 - codes, codes))
    twice = lambda s: pd.concat([s, s], ignore_index=True)  # noqa: E731
    whole = corrected_share(codes, predicted, 0.3)
    doubled = corrected_share(
        twice(codes), twice(predicted), 0.3, cluster=twice(pd.Series(range(60)))
    )
    assert doubled.share == pytest.approx(whole.share)
    assert (doubled.low, doubled.high) == pytest.approx((whole.low, whole.high), abs=0.002)
