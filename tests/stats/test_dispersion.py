"""Dispersion over the parts of a corpus."""

import pandas as pd
import pytest

from tifa.stats import dispersion

MEASURES = ["dp", "dp_norm", "juilland_d"]


def spread(n, words, least=1):
    table = pd.DataFrame({"entry": "x", "n": n, "words": words})
    return dispersion(table, least=least).iloc[0]


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
