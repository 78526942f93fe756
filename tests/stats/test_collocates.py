"""Association of collocates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tifa.stats import association, signed_g2


def scores(n, node, collocate, total, span=1):
    row = {"n": [n], "node": [node], "collocate": [collocate], "total": [total]}
    return association(pd.DataFrame(row), span=span).iloc[0]


def test_the_expected_count_is_proportional_to_the_span():
    bare, wide = scores(20, 50, 70, 10**6), scores(20, 50, 70, 10**6, span=8)
    assert wide["expected"] == pytest.approx(8 * bare["expected"])
    assert wide["mi"] == pytest.approx(bare["mi"] - 3)
    assert wide["log_dice"] == bare["log_dice"]


cells = st.tuples(*[st.integers(1, 3000)] * 3, st.integers(1, 10**6))


@settings(max_examples=25)
@given(cells)
def test_four_cells_as_in_keyness(table):
    both, one, other, neither = table
    result = scores(both, both + one, both + other, sum(table))
    g2 = signed_g2(np.array([float(both)]), both + one, np.array([float(other)]), other + neither)
    assert result["log_likelihood"] == pytest.approx(float(g2[0]), rel=1e-6, abs=1e-6)
    turned = scores(both, both + other, both + one, sum(table))
    for name in ("log_likelihood", "mi", "t", "log_dice"):
        assert turned[name] == pytest.approx(result[name], rel=1e-9, abs=1e-9)
    assert result["log_dice"] <= 14


def test_never_together():
    result = scores(0, 50, 400, 10_000)
    assert result["log_likelihood"] < 0
    assert result[["mi", "t", "log_dice"]].isna().all()
