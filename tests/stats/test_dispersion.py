"""Dispersion over the parts of a corpus."""

import pandas as pd
import pytest

from tifa.stats import dispersion
from tifa.stats.measures import more_dispersion

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


def test_a_single_part_has_no_dispersion():
    result = spread([12, 0], [100, 0])
    assert result[["n", "parts", "range"]].tolist() == [12, 1, 1]
    assert result[MEASURES].isna().all()
    more = more_dispersion({"entry": ["x"], "n": [12], "words": [100]})
    assert more[["n", "parts"]].to_numpy().tolist() == [[12, 1]]
    assert more[["carroll_d2", "rosengren_s", "kl"]].isna().all(axis=None)
