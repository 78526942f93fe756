"""Agreement of annotators."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, interval_distance
from test_worked_examples import FOUR, codes

from tifa.stats import krippendorff_alpha
from tifa.stats.bootstrap import SEED, resampled_counts

DISTANCES = {"nominal": binary_distance, "interval": interval_distance}
matrices = st.integers(2, 4).flatmap(
    lambda annotators: st.lists(
        st.lists(st.integers(0, 4), min_size=annotators, max_size=annotators),
        min_size=4,
        max_size=25,
    )
)


def alpha(table, scale="nominal"):
    return float(krippendorff_alpha(table, scale=scale, draws=2)["alpha"][0])


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_units_with_one_code_have_no_pair_and_ranks_have_no_distances(scale):
    table = codes(*FOUR)
    table["code"] = pd.to_numeric(table["code"])
    result = krippendorff_alpha(table, scale=scale).iloc[0]
    assert (result["units"], result["decisions"], result["annotators"]) == (11, 40, 4)
    assert result["low"] < result["alpha"] < result["high"] <= 1
    again = alpha(table.assign(code=table["code"] ** 2), scale)
    assert (again == pytest.approx(result["alpha"])) == (scale != "interval")


def table_of(matrix):
    rows = [(u, who, code) for u, row in enumerate(matrix) for who, code in enumerate(row)]
    return pd.DataFrame(rows, columns=["unit", "annotator", "code"])


@settings(max_examples=55)
@given(matrices, st.sampled_from([*DISTANCES]))
def test_as_in_nltk(matrix, scale):
    table = table_of(matrix)
    found = alpha(table, scale)
    if table["code"].nunique() == 1:
        assert np.isnan(found)
        return
    coded = [(str(a), u, float(c)) for u, a, c in table.itertuples(index=False)]
    peer = AnnotationTask(coded, distance=DISTANCES[scale]).alpha()
    assert found == pytest.approx(peer, abs=1e-9)


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
    result = krippendorff_alpha(codes("a b a b", "a b b b")).iloc[0]
    assert np.isfinite(result["alpha"])
    assert np.isnan(result["low"])
    assert result["draws"] == 0


def test_draws_without_variation_are_counted():
    row = "a " * 11 + "b"
    result = krippendorff_alpha(codes(row, row)).iloc[0]
    assert result["alpha"] == 1
    assert 0 < result["undefined"] < result["draws"]
    assert np.isnan(alpha(codes("a .", ". a")))  # nothing to compare
