"""Agreement of annotators."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import interval_distance

from tifa.stats import krippendorff_alpha
from tifa.stats.bootstrap import SEED, resampled_counts

matrices = st.integers(2, 4).flatmap(
    lambda annotators: st.lists(
        st.lists(st.sampled_from("abc"), min_size=annotators, max_size=annotators),
        min_size=4,
        max_size=25,
    )
)


def codes(*annotators):
    rows = [
        (unit, f"annotator {name}", None if code in ".*" else code)
        for name, row in enumerate(annotators)
        for unit, code in enumerate(row.split())
    ]
    return pd.DataFrame(rows, columns=["unit", "annotator", "code"])


def alpha(table):
    return float(krippendorff_alpha(table, draws=50)["alpha"][0])


def test_four_annotators_with_gaps():
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability, part C: 0.743.

    So in the tests of the R package krippendorff (jucor, test-nominal.R); the same data stand in
    R's irr (kripp.alpha) and in fast-krippendorff.
    """
    table = codes(
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    result = krippendorff_alpha(table).iloc[0]
    assert round(result["alpha"], 3) == 0.743
    # the twelfth unit has only one code, so it has no pair
    assert (result["units"], result["decisions"], result["annotators"]) == (11, 40, 4)
    assert result["low"] < result["alpha"] < result["high"] <= 1


@pytest.mark.parametrize(("scale", "printed"), [("ordinal", 0.815), ("interval", 0.849)])
def test_four_annotators_whose_codes_are_ranks_or_numbers(scale, printed):
    """Krippendorff (2011), part D, the data of part C: ordinal 0.815, interval 0.849."""
    table = codes(
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    with pytest.raises(ValueError, match="codes are numbers"):
        krippendorff_alpha(table, scale=scale)
    table["code"] = pd.to_numeric(table["code"])
    result = krippendorff_alpha(table, scale=scale).iloc[0]
    assert round(result["alpha"], 3) == printed
    assert result["low"] < result["alpha"] < result["high"] <= 1
    # ranks have an order and no distances, numbers have both
    squared = table.assign(code=table["code"] ** 2)
    again = krippendorff_alpha(squared, scale=scale).iloc[0]
    assert (again["alpha"] == pytest.approx(result["alpha"])) == (scale == "ordinal")


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=4, max_size=15))
def test_alpha_of_numbers_is_that_of_nltk(rows):
    flat = [
        (f"annotator {a}", str(u), float(c))
        for u, row in enumerate(rows)
        for a, c in enumerate(row)
    ]
    table = pd.DataFrame(flat, columns=["annotator", "unit", "code"])
    found = krippendorff_alpha(table, scale="interval", draws=1)["alpha"][0]
    if table["code"].nunique() == 1:
        assert np.isnan(found)
    else:
        peer = AnnotationTask(data=flat, distance=interval_distance).alpha()
        assert found == pytest.approx(peer, abs=1e-9)


def test_two_annotators_two_codes():
    """Krippendorff (2011), part A, Meg and Owen: 0.095.

    Parts A and B as the tests of smartpipe (prabal-rje) reprint them.
    """
    assert round(alpha(codes("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")), 3) == 0.095


def test_two_annotators_many_codes():
    """Krippendorff (2011), part B, Ben and Gerry: 0.692."""
    table = codes("a a b b d c c c e d d a", "b a b b b c c c e d d d")
    assert round(alpha(table), 3) == 0.692


def test_three_annotators_with_gaps():
    """The example of Wikipedia: 0.691358 in the tests of fast-krippendorff (pln-fing-udelar)."""
    table = codes(
        "* * * * * 3 4 1 2 1 1 3 3 * 3",
        "1 * 2 1 3 3 4 3 * * * * * * *",
        "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
    )
    assert round(alpha(table), 6) == 0.691358


def test_words_as_codes():
    """The same tests: 0.722222, with one gap."""
    table = codes("pos neg neu .", "pos neg neu pos", "pos neg pos pos")
    assert round(alpha(table), 6) == 0.722222


def table_of(matrix):
    rows = [(u, who, code) for u, row in enumerate(matrix) for who, code in enumerate(row)]
    return pd.DataFrame(rows, columns=["unit", "annotator", "code"])


@given(matrices)
def test_as_in_nltk(matrix):
    table = table_of(matrix)
    found = alpha(table)
    if table["code"].nunique() == 1:
        assert np.isnan(found)
        return
    task = AnnotationTask([(str(a), u, c) for u, a, c in table.itertuples(index=False)])
    assert found == pytest.approx(task.alpha())


@given(matrices, st.integers(0, 999))
def test_order_and_names_do_not_matter(matrix, seed):
    table = table_of(matrix)
    result = krippendorff_alpha(table, draws=40)
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(krippendorff_alpha(shuffled, draws=40), result)
    renamed = table.assign(code=table["code"].map({"a": "z", "b": "y", "c": "x"}))
    assert alpha(renamed) == pytest.approx(alpha(table), nan_ok=True)


def test_the_interval_equals_one_from_resampled_tables():
    """Each draw by hand: units repeated as often as they were drawn."""
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


def test_nothing_to_compare():
    assert np.isnan(alpha(codes("a .", ". a")))
    with pytest.raises(ValueError, match="gave two codes"):
        alpha(pd.concat([codes("a b"), codes("a a")]))
