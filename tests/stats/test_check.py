"""Every statistic refuses impossible counts, and accepts tables of any kind."""

from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tifa import stats

NOT_COUNTS = [-1, np.nan, np.inf, "many"]


def table(**columns):
    """Twelve documents, so that there is a bootstrap."""
    return pd.DataFrame({"doc_id": range(12), "entry": "a", "n": 1, "docs": 1} | columns)


TABLES = {
    "rates": (stats.rates, table(words=9), ["n", "words"]),
    "shares": (stats.shares, table(documents=9), ["n", "documents"]),
    "rate_ratios": (
        stats.rate_ratios,
        table(words=9, reference_n=1, reference_words=9),
        ["n", "words", "reference_n", "reference_words"],
    ),
    "dispersion": (stats.dispersion, table(words=9), ["n", "words"]),
    "bootstrap_rates": (stats.bootstrap_rates, table(words=9), ["n", "words"]),
    "bootstrap_shares": (stats.bootstrap_shares, table(documents=9), ["docs", "documents"]),
    "association": (
        stats.association,
        table(node=2, collocate=2, total=9),
        ["n", "node", "collocate", "total"],
    ),
}


@pytest.mark.parametrize("bad", NOT_COUNTS)
@pytest.mark.parametrize(
    ("name", "column"), [(name, c) for name, (_, _, columns) in TABLES.items() for c in columns]
)
def test_a_cell_that_is_no_count_is_refused(name, column, bad):
    measure, rows, _ = TABLES[name]
    measure(rows)
    broken = rows.astype({column: object})
    broken.loc[3, column] = bad
    with pytest.raises(ValueError, match=column):
        measure(broken)


@pytest.mark.parametrize(
    ("name", "column"), [(name, c) for name, (_, _, columns) in TABLES.items() for c in columns]
)
def test_a_column_that_is_not_there_is_named_with_those_that_are(name, column):
    measure, rows, _ = TABLES[name]
    with pytest.raises(ValueError, match=rf"no column '{column}', it has \['doc_id'"):
        measure(rows.drop(columns=column))


@pytest.mark.parametrize("name", TABLES)
def test_polars_and_dicts_serve_as_well_as_pandas(name):
    measure, rows, _ = TABLES[name]
    expected = measure(rows)
    pd.testing.assert_frame_equal(measure(pl.from_pandas(rows)), expected, check_dtype=False)
    pd.testing.assert_frame_equal(measure(rows.to_dict("list")), expected, check_dtype=False)
    pd.testing.assert_frame_equal(measure(rows.to_dict("records")), expected, check_dtype=False)


@pytest.mark.parametrize("level", [95, 1, 0, -0.5])
@pytest.mark.parametrize(
    "measure",
    [
        lambda level: stats.poisson_interval([3], level=level),
        lambda level: stats.rates({"n": [1], "words": [9]}, level=level),
        lambda level: stats.shares({"n": [1], "documents": [9]}, level=level),
        lambda level: stats.exact_share_interval(1, 9, level=level),
        lambda level: stats.log_ratio([1], 9, [1], 9, level=level),
        lambda level: stats.keyness({"a": 1}, {"a": 2}, level=level),
        lambda level: stats.bootstrap_rates(table(words=9), level=level),
        lambda level: stats.rate_ratios(TABLES["rate_ratios"][1], level=level),
    ],
)
def test_a_level_is_a_share(measure, level):
    with pytest.raises(ValueError, match=r"level: .*0\.95"):
        measure(level)


@pytest.mark.parametrize("cells", [3, 7, 0])
def test_g2_has_two_cells_or_four(cells):
    with pytest.raises(ValueError, match="2 or 4"):
        stats.signed_g2([1], 9, [1], 9, cells=cells)
    with pytest.raises(ValueError, match="2 or 4"):
        stats.keyness({"a": 1, "b": 2}, {"a": 2}, cells=cells)


@pytest.mark.parametrize("counts", [(5, 3), (-1, 5), (np.nan, 5), (1, np.nan)])
def test_a_part_is_no_larger_than_its_whole(counts):
    with pytest.raises(ValueError, match=r"larger|negative|missing"):
        stats.exact_share_interval(*counts)
    with pytest.raises(ValueError, match=r"larger|negative|missing"):
        stats.shares({"n": [counts[0]], "documents": [counts[1]]})
    with pytest.raises(ValueError, match=r"larger|negative|missing"):
        stats.log_ratio([counts[0]], counts[1], [1], 9)


def test_lists_series_and_arrays_give_the_same_result():
    arrays = (np.array([8.0, 2.0]), 100, np.array([1.0, 0.0]), 90)
    lists = ([8, 2], 100, [1, 0], 90)
    series = (pd.Series([8, 2]), 100, pd.Series([1, 0]), 90)
    for measure in (stats.signed_g2, stats.log_ratio):
        expected = np.array(measure(*arrays))
        assert (np.array(measure(*lists)) == expected).all()
        assert (np.array(measure(*series)) == expected).all()
    one = stats.weighted_log_odds(*lists, 0.5)
    assert (np.array(one) == np.array(stats.weighted_log_odds(*arrays, np.full(2, 0.5)))).all()


def test_keyness_takes_a_dict_a_counter_or_words():
    words, others = ["the", "oar", "and", "the", "lake"], ["the", "lake", "and", "the", "shore"]
    expected = stats.keyness(pd.Series(Counter(words)), pd.Series(Counter(others)))
    for target, reference in [(words, others), (Counter(words), dict(Counter(others)))]:
        pd.testing.assert_frame_equal(stats.keyness(target, reference), expected)
    with pytest.raises(ValueError, match="target: expected counts by term, or a list of words"):
        stats.keyness("the oar", others)
    with pytest.raises(ValueError, match="reference: a count is negative"):
        stats.keyness({"a": 1}, {"a": -1})


def test_a_table_is_no_list_of_words():
    for counts in (pd.DataFrame, pl.DataFrame):
        with pytest.raises(ValueError, match="target: expected counts by term"):
            stats.keyness(counts({"term": ["oar"], "n": [1]}), {"oar": 1})


@pytest.mark.parametrize(
    "measure",
    [
        stats.mattr,
        stats.mtld,
        stats.hdd,
        stats.msttr,
        stats.diversity_of_counts,
        lambda text: stats.reuse(text, ["oar"]),
        lambda text: stats.local_alignment(["oar"], text),
        lambda text: stats.sequences([text]),
    ],
)
def test_a_text_is_no_list_of_words(measure):
    # its letters would be measured
    with pytest.raises(ValueError, match="a list of words"):
        measure("a slow boat and an oar " * 10)


def test_hdd_takes_counts():
    words = ["the", "oar", "and", "the", "lake"] * 20
    assert stats.hdd(Counter(words)) == stats.hdd(pd.Series(Counter(words))) == stats.hdd(words)


@pytest.mark.parametrize("kind", [pl.DataFrame, lambda t: t.to_dict("records")])
def test_codes_may_be_a_table_of_any_kind(kind):
    codes = [(unit, who, unit % (2 + (who == "B"))) for unit in range(12) for who in "AB"]
    codes = pd.DataFrame(codes, columns=["unit", "annotator", "code"])
    found = stats.krippendorff_alpha(kind(codes), draws=50)
    pd.testing.assert_frame_equal(found, stats.krippendorff_alpha(codes, draws=50))
    with pytest.raises(ValueError, match="no column 'unit'"):
        stats.krippendorff_alpha(kind(codes.drop(columns="unit")))
    decisions = pd.DataFrame({"unit": range(4), "frame": "x", "truth": [1, 1, 0, 0]})
    decisions["predicted"] = [1, 0, 0, 0]
    scores = stats.classification_scores(kind(decisions))
    pd.testing.assert_frame_equal(scores, stats.classification_scores(decisions))


def test_a_missing_part_is_no_part_without_hits():
    # as after a left join of documents with hits
    left_join = table(n=[1.0, 2.0, np.nan] * 4, words=9)
    with pytest.raises(ValueError, match=r"n: a count is missing.*put 0"):
        stats.dispersion(left_join)


def test_association_takes_the_published_names_and_log_dice_has_its_true_bound():
    ours = {"n": [6], "node": [1], "collocate": [6], "total": [1000]}
    published = {"n": [6], "entry_n": [1], "term_n": [6], "corpus_words": [1000]}
    one, other = stats.association(ours, span=10), stats.association(published, span=10)
    assert one["log_dice"].tolist() == other["log_dice"].tolist()
    assert one["log_dice"].iloc[0] == pytest.approx(14 + np.log2(12 / 7))  # above 14
    assert list(other.columns[:4]) == list(published)
