"""The jackknife against a published example, against a regression, and in simulated samples."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from tifa.analysis.windows import rate_difference
from tifa.stats import jackknife

#: Fifteen law schools: mean test score and mean grade. Efron & Tibshirani (1993), table 3.1.
SCORES = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
GRADES = [3.39, 3.3, 2.81, 3.03, 3.44, 3.07, 3.0, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]


def test_the_law_schools():
    x, y = np.array(SCORES, float), np.array(GRADES)
    sums = np.column_stack([np.ones(15), x, y, x * x, y * y, x * y])

    def correlation(sums):
        n, x, y, xx, yy, xy = sums.T
        return (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))

    found, low, high = jackknife(sums, correlation)
    assert found == pytest.approx(0.776, abs=5e-4)
    # the jackknife's standard error of the correlation, chapter 11 of the book
    assert (high - low) / 2 / t.ppf(0.975, 14) == pytest.approx(0.1425, abs=5e-5)


def test_it_covers_where_a_bootstrap_of_few_clusters_does_not():
    generator = np.random.default_rng(7)
    inside = {True: 0, False: 0}
    for _ in range(300):
        values = generator.exponential(size=(12, 2))
        table = pd.DataFrame({"n": values.ravel(), "of": 1.0, "summit": np.repeat(range(12), 2)})
        late = pd.Series([False, True] * 12)
        for few in inside:
            options = {"cluster": "summit", "few": few, "draws": 199}
            _, low, high = rate_difference(table, late, ~late, **options)
            inside[few] += low <= 0 <= high
    # there are three hundred intervals, of which 95% should contain 0
    assert inside[False] < inside[True]
    assert inside[True] > 280


def test_what_cannot_be_computed_without_a_cluster_has_no_limits():
    found, low, high = jackknife(np.array([[1.0, 2.0], [1.0, 0.0]]), lambda s: s[:, 0] / s[:, 1])
    assert found == 1
    assert np.isnan([low, high]).all()
    with pytest.raises(ValueError, match="two or more"):
        jackknife(np.ones((1, 2)), lambda s: s[:, 0])
