"""Agreement of annotators."""

import numpy as np
import pandas as pd
import pytest
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, interval_distance
from test_worked_examples import codes

from tifa.stats import krippendorff_alpha
from tifa.stats.bootstrap import SEED, resampled_counts

DISTANCES = {"nominal": binary_distance, "interval": interval_distance}


def alpha(table, scale="nominal"):
    return float(krippendorff_alpha(table, scale=scale, draws=2)["alpha"][0])


def table_of(matrix):
    rows = [(u, who, code) for u, row in enumerate(matrix) for who, code in enumerate(row)]
    return pd.DataFrame(rows, columns=["unit", "annotator", "code"])


@pytest.mark.parametrize("scale", DISTANCES)
@pytest.mark.parametrize(("units", "annotators"), [(4, 2), (25, 2), (9, 4)])
def test_as_in_nltk(units, annotators, scale):
    table = table_of(np.random.default_rng(units).integers(0, 5, (units, annotators)))
    coded = [(str(a), u, float(c)) for u, a, c in table.itertuples(index=False)]
    peer = AnnotationTask(coded, distance=DISTANCES[scale]).alpha()
    assert alpha(table, scale) == pytest.approx(peer, abs=1e-9)


def test_the_interval_equals_one_from_resampled_tables():
    # each draw by hand: units repeated as often as they were drawn
    generator = np.random.default_rng(4)
    matrix = [list(generator.choice(list("aab"), 2)) for _ in range(14)]
    times = next(resampled_counts(14, draws=60, seed=SEED))
    by_hand = [
        alpha(table_of([row for row, n in zip(matrix, draw, strict=True) for _ in range(n)]))
        for draw in times
    ]
    result = krippendorff_alpha(table_of(matrix), draws=60).iloc[0]
    expected = np.nanquantile(by_hand, [0.025, 0.975])
    assert result[["low", "high"]].astype(float).to_numpy() == pytest.approx(expected)
    assert result["undefined"] == np.isnan(by_hand).sum()


def test_few_units_have_no_interval():
    result = krippendorff_alpha(codes("a b a b .", "a b b b a")).iloc[0]
    assert np.isfinite(result["alpha"])
    assert np.isnan(result["low"])
    # the last unit has one code, and so no pair
    assert (result["draws"], result["units"], result["decisions"]) == (0, 4, 8)


def test_draws_without_variation_are_counted():
    row = "a " * 11 + "b"
    result = krippendorff_alpha(codes(row, row)).iloc[0]
    assert result["alpha"] == 1
    assert 0 < result["undefined"] < result["draws"]
    assert np.isnan(alpha(codes("a .", ". a")))  # nothing to compare
