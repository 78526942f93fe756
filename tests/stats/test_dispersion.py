"""Dispersion over the parts of a corpus."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tifa.stats import dispersion

MEASURES = ["dp", "dp_norm", "juilland_d"]
parts = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5000)), min_size=2, max_size=30)


def spread(n, words, least=1):
    table = pd.DataFrame({"entry": "x", "n": n, "words": words})
    return dispersion(table, least=least).iloc[0]


@settings(max_examples=25)
@given(parts, st.integers(2, 9))
def test_bounds_and_scale(rows, times):
    n, words = (list(column) for column in zip(*rows, strict=True))
    result = spread(n, words)
    assert result["range"] == sum(count > 0 for count in n)
    if not sum(n):
        assert result[MEASURES].isna().all()
        return
    dp, dp_norm, juilland_d = result[MEASURES]
    assert -1e-12 <= dp <= dp_norm + 1e-12 <= 1 + 2e-12
    assert -1e-9 <= juilland_d <= 1 + 1e-12
    longer = spread(n, [count * times for count in words])[MEASURES].astype(float)
    oftener = spread([count * times for count in n], words)[MEASURES].astype(float)
    for other in (longer, oftener):
        assert other.tolist() == pytest.approx([dp, dp_norm, juilland_d], abs=1e-9)


@settings(max_examples=15)
@given(st.integers(2, 20), st.integers(1, 20))
def test_even_and_uneven(size, rate):
    words = [100 * (i + 1) for i in range(size)]
    even = spread([rate * (i + 1) for i in range(size)], words)
    assert even[MEASURES].astype(float).tolist() == pytest.approx([0, 0, 1])
    uneven = spread([rate] + [0] * (size - 1), words)
    assert uneven["dp_norm"] == pytest.approx(1)
    assert uneven["juilland_d"] == pytest.approx(0)


def test_entries_apart_and_rare_ones_not_measured():
    table = pd.DataFrame({"entry": list("bbaa"), "n": [5, 4, 6, 4], "words": 10})
    result = dispersion(table).set_index("entry")
    assert result.loc["b", MEASURES].isna().all()
    assert result.loc["b", "range"] == 2
    assert result.loc["a", "dp"] == pytest.approx(0.1)
    assert dispersion(table, least=9).notna().all(axis=None)


def test_dispersion_over_a_single_part():
    result = spread([12, 0], [100, 0])
    assert (result["parts"], result["dp"]) == (1, 0)
    assert result[["dp_norm", "juilland_d"]].isna().all()
