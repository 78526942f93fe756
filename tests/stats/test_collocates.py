"""Association of collocates."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tifa.stats import association, signed_g2


def scores(n, node, collocate, total, span=1):
    row = {"n": [n], "node": [node], "collocate": [collocate], "total": [total]}
    return association(pd.DataFrame(row), span=span).iloc[0]


def test_t_of_new_companies():
    """Manning & Schütze (1999), pp. 164-165: 8 of 15828 and 4675 in 14307668 words, 0.999932.

    So in the tests of Wordless (test_measures_statistical_significance.py).
    """
    assert round(scores(8, 15828, 4675, 14307668)["t"], 6) == 0.999932


def test_mi_of_doctors_and_dentists():
    """Church & Hanks (1990), p. 24: 8 of 44 and 1105 in 15 million words, 11.3.

    So in the tests of Wordless (test_measures_effect_size.py).
    """
    assert round(scores(8, 44, 1105, 15_000_000)["mi"], 1) == 11.3


@pytest.mark.parametrize(
    ("n", "collocate", "mi", "likelihood", "t", "dice"),
    [
        (1, 2, 0.796611250194937, 2.4487567246743, 0.840269169470515, 0.000130412102243088),
        (7, 120, -0.136441960174449, -0.829802488929075, -0.976603439999581, 0.00090591432638799),
        (2, 5, 0.699701237186881, 3.87912640510113, 1.1318466787932, 0.000260773192515809),
        (4, 34, 0.168222320144626, 0.583217966132749, 0.64228794049938, 0.000520562207183758),
        (
            52,
            658,
            -0.00458130412023773,
            -0.00633058968211841,
            -0.0764714189412685,
            0.00650325162581291,
        ),
    ],
)
def test_as_in_the_ucs_toolkit(n, collocate, mi, likelihood, t, dice):
    """Evert's UCS toolkit on surface co-occurrence, 15334 words in windows of 191998.

    Rows 1, 2, 5, 9 and 27 of tests/ucs-gold-100.ds in fau-klue/pandas-association-measures; its
    MI is to the base of 10.
    """
    row = {"n": [n], "node": [800], "collocate": [collocate], "total": [191998]}
    result = association(pd.DataFrame(row | {"window_words": [15334]})).iloc[0]
    assert result["mi"] * math.log10(2) == pytest.approx(mi, rel=1e-9)
    assert result["log_likelihood"] == pytest.approx(likelihood, rel=1e-7)
    assert result["t"] == pytest.approx(t, rel=1e-9)
    # UCS takes the words in the windows for the frequency of the node in Dice as well
    assert 14 + math.log2(dice) == pytest.approx(
        scores(n, 15334, collocate, 191998)["log_dice"], rel=1e-9
    )


def test_properties_of_log_dice_after_rychly():
    """Rychlý (2008): at most 14; 0 is about one in 16,000; one more is twice as often.

    And the size of the corpus does not matter: the passage stands on perezparedes.es ("The
    logDice score in word sketches").
    """
    assert scores(100, 100, 100, 10**6)["log_dice"] == 14
    assert scores(1, 2**14, 2**14, 10**6)["log_dice"] == 0
    less, more = scores(20, 500, 700, 10**6), scores(40, 500, 700, 10**6)
    assert more["log_dice"] == pytest.approx(less["log_dice"] + 1)
    assert scores(20, 500, 700, 10**9)["log_dice"] == less["log_dice"]


def test_the_expected_count_is_proportional_to_the_span():
    bare, wide = scores(20, 50, 70, 10**6), scores(20, 50, 70, 10**6, span=8)
    assert wide["expected"] == pytest.approx(8 * bare["expected"])
    assert wide["mi"] == pytest.approx(bare["mi"] - 3)
    assert wide["log_dice"] == bare["log_dice"]


cells = st.tuples(*[st.integers(1, 3000)] * 3, st.integers(1, 10**6))


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


@pytest.mark.parametrize(
    "counts", [(11, 10, 20, 1000), (11, 20, 10, 1000), (1, 900, 300, 1000), (-1, 5, 5, 100)]
)
def test_refusals(counts):
    with pytest.raises(ValueError, match=r"impossible|negative"):
        scores(*counts)
