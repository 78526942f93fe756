"""Association of collocates."""

import pandas as pd
import pytest

from tifa.stats import association


def scores(n, node, collocate, total, span=1):
    row = {"n": [n], "node": [node], "collocate": [collocate], "total": [total]}
    return association(pd.DataFrame(row), span=span).iloc[0]


def test_the_expected_count_is_proportional_to_the_span():
    bare, wide = scores(20, 50, 70, 10**6), scores(20, 50, 70, 10**6, span=8)
    assert wide["expected"] == pytest.approx(8 * bare["expected"])
    assert wide["mi"] == pytest.approx(bare["mi"] - 3)
    assert wide["log_dice"] == bare["log_dice"]


def test_never_together():
    result = scores(0, 50, 400, 10_000)
    assert result["log_likelihood"] < 0
    assert result[["mi", "t", "log_dice"]].isna().all()
