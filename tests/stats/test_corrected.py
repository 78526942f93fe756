"""Shares corrected for the errors of a classifier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from tifa.stats import corrected_shares

validations = st.tuples(*[st.integers(0, 200)] * 4)
coded = st.integers(1, 3000).flatmap(lambda units: st.tuples(st.integers(0, units), st.just(units)))
LIMITS = ["low", "high"]


def one(n: float, units: float, tp: float, fp: float, fn: float, tn: float) -> pd.Series:
    table = pd.DataFrame({"n": [n], "sentences": [units]})
    validation = pd.DataFrame({"tp": [tp], "fp": [fp], "fn": [fn], "tn": [tn]})
    return corrected_shares(table, validation).iloc[0]


@pytest.mark.parametrize(
    ("coded", "tp", "positives", "tn", "negatives", "low", "high", "digits"),
    [
        ((4060, 11284), 178, 179, 358, 359, 0.349, 0.372, 3),
        ((51, 2971), 32, 33, 20, 20, 0, 0.053, 3),
        ((0.06 * 11862, 11862), 8, 10, 12, 12, 0, 0.147, 3),
        ((259, 509), 84, 127, 96, 109, 0.58, 0.87, 2),
        ((51, 509), 23, 41, 187, 195, 0.037, 0.195, 3),
    ],
)
def test_interval_of_lang_and_reiczigel(
    coded: tuple[float, float],
    tp: int,
    positives: int,
    tn: int,
    negatives: int,
    low: float,
    high: float,
    digits: int,
) -> None:
    """Lang & Reiczigel (2014), examples 1 to 4: the 95 % limits of the paper.

    As the manual of R's asht gives them (prevSeSp.Rd); the third names a share, not a count.
    """
    result = one(*coded, tp, negatives - tn, positives - tp, tn)
    assert result[LIMITS].astype(float).round(digits).tolist() == [low, high]


@pytest.mark.parametrize(
    ("coded", "sensitivity", "specificity", "share", "digits"),
    [
        # the brucellosis of 150 cows, 5.1 in 100, in the examples of epi.prev in R's epiR
        ((23, 150), 0.96, 0.89, 0.051, 3),
        # the example of tp in R's RSurveillance, as rdrr.io prints its output
        ((20, 120), 0.9, 0.99, 0.17603, 5),
    ],
)
def test_estimate_of_rogan_and_gladen(
    coded: tuple[int, int], sensitivity: float, specificity: float, share: float, digits: int
) -> None:
    cells = [1000 * part for part in (sensitivity, 1 - specificity, 1 - sensitivity, specificity)]
    result = one(*coded, *cells)
    assert round(result["share"], digits) == share
    assert not result["clipped"]


def test_fewer_positives_than_false_ones() -> None:
    """Helicobacter in 151 children, 0 in 100: the second example of epi.prev in R's epiR."""
    result = one(6, 151, 964, 73, 36, 927)
    assert (result["share"], result["low"], result["clipped"]) == (0, 0, True)
    assert 0 < result["high"] < 0.03
    # hardly any positives, where a tenth of the negatives should have been
    assert one(1, 5000, 90, 100, 10, 900)[LIMITS].tolist() == [0, 0]


@given(coded)
def test_perfect_classifier(pair: tuple[int, int]) -> None:
    n, units = pair
    result = one(n, units, 50, 0, 0, 70)
    assert result["share"] == pytest.approx(result["apparent"], abs=1e-12)
    assert not result["clipped"]
    # known to be perfect: what is left is the interval of a plain share
    limits = one(n, units, 1e12, 0, 0, 1e12)[LIMITS].astype(float).tolist()
    plain = proportion_confint(n, units, method="agresti_coull")
    assert limits == pytest.approx(np.clip(plain, 0, 1).tolist(), abs=1e-6)


@given(validations, st.integers(1, 400))
def test_more_positives_never_give_a_smaller_share(
    cells: tuple[int, int, int, int], units: int
) -> None:
    validation = pd.DataFrame([cells], columns=["tp", "fp", "fn", "tn"])
    table = pd.DataFrame({"n": np.arange(units + 1), "sentences": units})
    result = corrected_shares(table, validation)
    tp, fp, fn, tn = cells
    if tp * (tn + fp) <= fp * (tp + fn):  # as many false alarms as hits, or one side is empty
        assert result[["share", *LIMITS]].isna().all(axis=None)
        assert not result["clipped"].any()
        return
    assert (result["share"].diff().dropna() >= -1e-12).all()
    assert result["share"].between(0, 1).all()
    some = result.dropna(subset=LIMITS)
    assert some[LIMITS].stack().between(0, 1).all()
    assert (some["low"] <= some["high"]).all()


@given(coded, validations)
def test_turned_round(pair: tuple[int, int], cells: tuple[int, int, int, int]) -> None:
    """What is true of positives is true of negatives."""
    n, units = pair
    tp, fp, fn, tn = cells
    there, back = one(n, units, tp, fp, fn, tn), one(units - n, units, tn, fn, fp, tp)
    assert back["share"] == pytest.approx(1 - there["share"], abs=1e-9, nan_ok=True)
    assert back["low"] == pytest.approx(1 - there["high"], abs=1e-9, nan_ok=True)
    assert back["high"] == pytest.approx(1 - there["low"], abs=1e-9, nan_ok=True)
    assert back["clipped"] == there["clipped"]


def test_interval_mostly_contains_the_truth() -> None:
    generator = np.random.default_rng(8)
    worlds, truth = 4000, 0.25
    table = pd.DataFrame(
        {
            "world": range(worlds),
            "n": generator.binomial(300, truth * 0.75 + (1 - truth) * 0.1, worlds),
            "sentences": 300,
        }
    )
    tp, fp = generator.binomial(40, 0.75, worlds), generator.binomial(120, 0.1, worlds)
    validation = pd.DataFrame(
        {"world": range(worlds), "tp": tp, "fp": fp, "fn": 40 - tp, "tn": 120 - fp}
    )
    result = corrected_shares(table, validation)
    contained = (result["low"] <= truth) & (truth <= result["high"])
    assert 0.94 < contained.mean() < 0.98
    assert result["share"].mean() == pytest.approx(truth, abs=0.01)


def test_each_group_has_its_own_validation() -> None:
    table = pd.DataFrame(
        {
            "doc_id": ["d1", "d1", "d2", "d2"],
            "frame": ["health", "threat", "threat", "economy"],
            "n": [30, 30, 10, 5],
            "sentences": 100,
        },
        index=[7, 3, 3, 1],
    )
    validation = pd.DataFrame(
        {"frame": ["threat", "health"], "tp": [8, 9], "fp": [1, 2], "fn": [2, 1], "tn": [9, 18]}
    )
    result = corrected_shares(table, validation)
    assert result.index.tolist() == [7, 3, 3, 1]
    assert result[list(table.columns)].equals(table)
    assert result["sensitivity"].tolist()[:3] == [0.9, 0.8, 0.8]
    assert result["validated"].tolist()[:3] == [30, 20, 20]
    # economy was never validated: nothing is known of its share
    assert result[["sensitivity", "share", *LIMITS]].iloc[3].isna().all()
    assert result["apparent"].iloc[3] == 0.05
    shuffled = corrected_shares(table.iloc[::-1], validation.iloc[::-1]).iloc[::-1]
    pd.testing.assert_frame_equal(shuffled, result)
    assert corrected_shares(table.iloc[:0], validation).empty


def test_the_column_of_all_units_is_named() -> None:
    table = pd.DataFrame({"n": [0, 2], "documents": [0, 4]})
    validation = pd.DataFrame({"tp": [5], "fp": [0], "fn": [0], "tn": [5]})
    result = corrected_shares(table, validation, base="documents")
    assert result.loc[0, ["apparent", "share", *LIMITS]].isna().all()
    assert result.loc[1, "share"] == 0.5
    narrow = corrected_shares(table, validation, base="documents", level=0.5).loc[1]
    assert result.loc[1, "low"] < narrow["low"] < narrow["high"] < result.loc[1, "high"]


def test_tiny_validation_has_an_estimate_but_no_interval() -> None:
    result = one(10, 100, 1, 95, 0, 5)
    assert result["sensitivity"] + result["specificity"] > 1
    assert result["share"] == 0
    assert result[LIMITS].isna().all()


def test_rounding_decides_nothing() -> None:
    part = np.arange(1, 50)
    table = pd.DataFrame({"part": part, "n": part, "sentences": 49})
    # sensitivity and specificity of exactly 1 together, whatever their quotients round to
    chance = {"tp": part, "fp": part, "fn": 49 - part, "tn": 49 - part}
    nothing = corrected_shares(table, pd.DataFrame({"part": part} | chance))
    assert nothing[["share", *LIMITS]].isna().all(axis=None)
    # exactly the false alarms that are expected, or exactly the hits: 0 and 1, not clipped
    for cells, share in (
        ({"tp": 49, "fp": part, "fn": 0, "tn": 49 - part}, 0),
        ({"tp": part, "fp": 0, "fn": 49 - part, "tn": 49}, 1),
    ):
        result = corrected_shares(table, pd.DataFrame({"part": part} | cells))
        known = result[result["share"].notna()]
        assert len(known) >= 48
        assert set(known["share"]) == {share}
        assert not known["clipped"].any()


TABLE = {"n": [1], "sentences": [2]}
VALIDATION = {"tp": [1], "fp": [1], "fn": [1], "tn": [1]}


@pytest.mark.parametrize(
    ("table", "validation", "message"),
    [
        ({"n": [1]}, VALIDATION, "the table has no column 'sentences'"),
        (TABLE, {"tp": [1], "fp": [1], "fn": [1]}, "the validation has no column 'tn'"),
        ({"n": [3], "sentences": [2]}, VALIDATION, "larger than its base sentences: 3 of 2"),
        ({"n": [-1], "sentences": [2]}, VALIDATION, "is negative"),
        (TABLE, VALIDATION | {"fn": [-1]}, "the validation has a negative count"),
        (TABLE, VALIDATION | {"frame": ["a"]}, "by 'frame', a column that the table has not"),
        (
            TABLE | {"frame": ["a"]},
            {"frame": ["a", "a"], "tp": 1, "fp": 1, "fn": 1, "tn": 1},
            "two rows for {'frame': 'a'}",
        ),
        (TABLE, {"tp": [1, 2], "fp": 1, "fn": 1, "tn": 1}, "has one row, not 2"),
    ],
)
def test_refusals(table: dict[str, object], validation: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        corrected_shares(pd.DataFrame(table), pd.DataFrame(validation))
