"""Every statistic refuses impossible input, takes tables of any kind, and no order matters."""

from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tifa import stats

NOT_COUNTS = [-1, np.nan, np.inf, "many"]


def table(**columns):
    """A table of twelve documents, which are enough for a bootstrap."""
    return pd.DataFrame({"doc_id": range(12), "entry": "a", "n": 1, "docs": 1} | columns)


BOTH = {"words": 9, "reference_n": 1, "reference_words": 9}
CODES = pd.DataFrame(
    [(unit, who, unit % (2 + (who == "B"))) for unit in range(12) for who in "AB"],
    columns=["unit", "annotator", "code"],
)
DECISIONS = pd.DataFrame(
    [(m, f"u{n}", f"d{n // 2}", f, n % 2, (n * k) % 3 % 2)
     for m, k in [("good", 1), ("bad", 2)] for f in "xy" for n in range(24)],
    columns=["model", "unit", "doc_id", "frame", "truth", "predicted"],
)  # fmt: skip

TABLES = {
    "rates": (stats.rates, table(words=9), ["n", "words"]),
    "shares": (stats.shares, table(documents=9), ["n", "documents"]),
    "rate_ratios": (stats.rate_ratios, table(**BOTH), ["n", *BOTH]),
    "dispersion": (stats.dispersion, table(words=9), ["n", "words"]),
    "bootstrap_rates": (stats.bootstrap_rates, table(words=9), ["n", "words"]),
    "bootstrap_shares": (stats.bootstrap_shares, table(documents=9), ["docs", "documents"]),
    "association": (
        stats.association,
        table(node=2, collocate=2, total=9),
        ["n", "node", "collocate", "total"],
    ),
    "krippendorff_alpha": (lambda t: stats.krippendorff_alpha(t, draws=50), CODES, []),
    "classification_scores": (
        lambda t: stats.classification_scores(t, by=["model", "frame"], draws=40),
        DECISIONS,
        [],
    ),
}
COLUMNS = [(name, column) for name, (_, _, columns) in TABLES.items() for column in columns]


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_a_cell_that_is_no_count_and_a_column_that_is_not_there_are_named(name, column):
    measure, rows, _ = TABLES[name]
    measure(rows)
    for bad in NOT_COUNTS:
        broken = rows.astype({column: object})
        broken.loc[3, column] = bad
        with pytest.raises(ValueError, match=column):
            measure(broken)
    with pytest.raises(ValueError, match=rf"no column '{column}', it has \['doc_id'"):
        measure(rows.drop(columns=column))


@pytest.mark.parametrize("name", TABLES)
def test_polars_and_dicts_serve_as_well_as_pandas(name):
    measure, rows, _ = TABLES[name]
    expected = measure(rows)
    for other in (pl.from_pandas(rows), rows.to_dict("list"), rows.to_dict("records")):
        pd.testing.assert_frame_equal(measure(other), expected, check_dtype=False)


def uneven():
    """Speeches of fifteen countries on two entries."""
    generator = np.random.default_rng(3)
    rows = pd.DataFrame({"doc_id": [f"d{i}" for i in range(60)], "documents": 1})
    rows["country"] = rows["doc_id"].index // 4
    words = generator.integers(500, 4000, (2, 60))
    n = generator.poisson(words * 0.003)
    tables = [rows.assign(entry=e, n=n[i], words=words[i]) for i, e in enumerate("ab")]
    return pd.concat(tables, ignore_index=True).assign(docs=lambda t: (t["n"] > 1).astype(int))


@pytest.mark.parametrize(
    ("rows", "measure"),
    [
        (uneven(), lambda t: stats.bootstrap_rates(t, by="entry", cluster="country", draws=50)),
        (uneven(), stats.dispersion),
        (CODES, TABLES["krippendorff_alpha"][0]),
        (DECISIONS, lambda t: stats.macro_f1(t, by="model", draws=40, cluster="doc_id", least=2)),
        (
            pd.DataFrame({"term": list("abcdefgh"), "n": [3, 0, 9, 9, 120, 2, 40, 2]}),
            lambda t: stats.keyness(t.set_index("term")["n"], {"a": 5, "c": 9, "z": 90}),
        ),
    ],
)
def test_the_order_of_rows_does_not_matter(rows, measure):
    expected = measure(rows)
    for seed in range(5):
        pd.testing.assert_frame_equal(measure(rows.sample(frac=1, random_state=seed)), expected)


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
        lambda level: stats.rate_ratios(table(**BOTH), level=level),
    ],
)
def test_a_level_is_a_share(measure, level):
    with pytest.raises(ValueError, match=r"level: .*0\.95"):
        measure(level)


@pytest.mark.parametrize("counts", [(5, 3), (-1, 5), (np.nan, 5), (1, np.nan)])
def test_a_part_is_no_larger_than_its_whole(counts):
    n, of = counts
    for measure in (
        lambda: stats.exact_share_interval(n, of),
        lambda: stats.shares({"n": [n], "documents": [of]}),
        lambda: stats.log_ratio([n], of, [1], 9),
        lambda: stats.log_ratio([1], 9, [n], of),
    ):
        with pytest.raises(ValueError, match=r"larger|negative|missing"):
            measure()


TEXT = "a slow boat and an oar " * 10  # a string: its letters would be taken for words
KEYNESS = {"target": {"a": 5}, "reference": {"b": 10}}
BASE = {"n": [1], "words": [10], "reference_n": [1], "reference_words": [10]}
NINE = uneven().query("entry == 'a' and country < 9")
GAP = NINE.assign(country=[None, *NINE["country"][1:]])
OTHER_TRUTH = DECISIONS.assign(truth=DECISIONS["truth"].where(DECISIONS["model"] == "good", 1))
TWO = pd.Series(["a", "b", "c", "c"])

REFUSED = [
    ("2 or 4", lambda: stats.signed_g2([1], 9, [1], 9, cells=3)),
    ("2 or 4", lambda: stats.keyness({"a": 1, "b": 2}, {"a": 2}, cells=7)),
    ("negative", lambda: stats.poisson_interval([-1])),
    ("negative", lambda: stats.diversity_of_counts({"a": -1, "b": 9})),
    ("not positive", lambda: stats.rate_ratios(BASE | {"words": [0]})),
    # keyness
    ("target: expected counts by term, or a list", lambda: stats.keyness("the oar", ["oar"])),
    ("target: expected counts", lambda: stats.keyness(pd.DataFrame({"n": [1]}), {"oar": 1})),
    ("target: expected counts", lambda: stats.keyness(pl.DataFrame({"n": [1]}), {"oar": 1})),
    ("reference: a count is negative", lambda: stats.keyness({"a": 1}, {"a": -1})),
    ("'a' appears twice", lambda: stats.keyness(pd.Series([1, 2], index=["a", "a"]), {"b": 10})),
    ("target: 0 words", lambda: stats.keyness({}, {"b": 10})),
    ("its counts add up to 10", lambda: stats.keyness(**KEYNESS, reference_words=5)),
    ("alpha0", lambda: stats.keyness(**KEYNESS, alpha0=0)),
    ("background", lambda: stats.keyness(**KEYNESS, background={"a": 0})),
    # missing counts, as after a left join of documents with hits
    ("n: .* is missing.*put 0", lambda: stats.dispersion(table(n=[1, np.nan] * 6, words=9))),
    # collocates: more together than alone, or than the corpus has
    *(
        ("impossible|negative", lambda c=c: stats.association({k: [v] for k, v in c.items()}))
        for c in [
            {"n": 11, "node": 10, "collocate": 20, "total": 1000},
            {"n": 11, "node": 20, "collocate": 10, "total": 1000},
            {"n": 1, "node": 900, "collocate": 300, "total": 1000},
            {"n": -1, "node": 5, "collocate": 5, "total": 100},
        ]
    ),
    # other measures
    ("no measure 'chi'", lambda: stats.more_keyness(BASE, ["chi"])),
    ("larger than its base", lambda: stats.more_keyness(BASE | {"n": [11]})),
    ("no words", lambda: stats.more_dispersion({"entry": ["a"], "n": [0], "words": [0]})),
    ("without words", lambda: stats.dispersion(table(words=[9] * 11 + [0]))),
    # texts that are no lists of words
    ("a list of words", lambda: stats.diversity_of_counts(TEXT)),
    ("a list of words", lambda: stats.reuse(TEXT, ["oar"])),
    ("a list of words", lambda: stats.local_alignment(["oar"], TEXT)),
    ("list of words", lambda: stats.sequences([TEXT])),
    ("list of words", lambda: stats.sequences("a b a b")),
    ("list of words", lambda: stats.sequences([["a", None]])),
    ("expected 2 to 8", lambda: stats.sequences([["a"]], size=1)),
    ("0 or more", lambda: stats.sequences([["a"]], added=-1)),
    ("gap below 0", lambda: stats.local_alignment(["a"], ["a"], gap=1)),
    ("match above 0", lambda: stats.local_alignment(["a"], ["a"], match=0)),
    ("too many to align", lambda: stats.local_alignment(["a"] * 40_000, ["a"] * 40_000)),
    # codes and decisions
    ("no column 'unit'", lambda: stats.krippendorff_alpha(CODES.drop(columns="unit"))),
    ("gave two codes", lambda: stats.krippendorff_alpha(pd.concat([CODES, CODES[:1]]))),
    ("codes are numbers", lambda: stats.krippendorff_alpha(CODES.astype(str), scale="interval")),
    ("expected 0 or 1", lambda: stats.classification_scores(DECISIONS.assign(truth=2))),
    ("expected 0 or 1", lambda: stats.classification_scores(DECISIONS.assign(predicted="yes"))),
    ("have no 'truth'", lambda: stats.classification_scores(DECISIONS.assign(truth=None))),
    ("two rows", lambda: stats.classification_scores(DECISIONS.assign(unit="u0"))),
    ("no column 'colour'", lambda: stats.classification_scores(DECISIONS, by=["colour"])),
    ("no model 'best', there is", lambda: stats.macro_f1_difference(DECISIONS, "good", "best")),
    ("not asked the same", lambda: stats.macro_f1_difference(DECISIONS[1:], "good", "bad")),
    ("not asked the same", lambda: stats.macro_f1_difference(OTHER_TRUTH, "good", "bad")),
    # bootstrap
    ("9 different values of 'country'", lambda: stats.bootstrap_rates(NINE, cluster="country")),
    ("no column 'state'", lambda: stats.bootstrap_rates(NINE, cluster="state")),
    ("no column 'doc_id'", lambda: stats.bootstrap_shares(NINE.drop(columns="doc_id"))),
    ("1 rows have no 'country'", lambda: stats.bootstrap_rates(GAP, cluster="country")),
    ("fewer than 10", lambda: stats.bootstrap_rates(NINE[:0].drop(columns="entry"))),
    # folds
    ("two are the fewest", lambda: stats.grouped_folds(pd.Series(["a", "a"]), np.ones((2, 1)))),
    ("two are the fewest", lambda: stats.grouped_folds(TWO, np.ones((4, 1)), folds=1)),
    # corrected shares
    ("0 or 1", lambda: stats.corrected_share(pd.Series([1, 2]), pd.Series([0, 1]), 0.1)),
    ("two or more", lambda: stats.corrected_share(pd.Series([1]), pd.Series([1]), 0.1)),
    ("same length", lambda: stats.corrected_share(pd.Series([1, 0]), pd.Series([1]), 0.1)),
    ("0 to 1", lambda: stats.corrected_share(pd.Series([1, 0]), pd.Series([1, 0]), 1.2)),
]


@pytest.mark.parametrize(("said", "call"), REFUSED, ids=[said for said, _ in REFUSED])
def test_what_cannot_be_is_refused(said, call):
    with pytest.raises(ValueError, match=said):
        call()


def test_lists_series_counters_and_arrays_give_the_same_result():
    arrays = (np.array([8.0, 2.0]), 100, np.array([1.0, 0.0]), 90)
    lists = ([8, 2], 100, [1, 0], 90)
    series = (pd.Series([8, 2]), 100, pd.Series([1, 0]), 90)
    for measure in (stats.signed_g2, stats.log_ratio):
        expected = np.array(measure(*arrays))
        assert (np.array(measure(*lists)) == expected).all()
        assert (np.array(measure(*series)) == expected).all()
    one = stats.weighted_log_odds(*lists, 0.5)
    assert (np.array(one) == np.array(stats.weighted_log_odds(*arrays, np.full(2, 0.5)))).all()
    words, others = ["the", "oar", "and", "the", "lake"], ["the", "lake", "and", "the", "shore"]
    expected = stats.keyness(pd.Series(Counter(words)), pd.Series(Counter(others)))
    for target, reference in [(words, others), (Counter(words), dict(Counter(others)))]:
        pd.testing.assert_frame_equal(stats.keyness(target, reference), expected)


def test_association_takes_the_published_names_and_log_dice_has_its_true_bound():
    ours = {"n": [6], "node": [1], "collocate": [6], "total": [1000]}
    published = {"n": [6], "entry_n": [1], "term_n": [6], "corpus_words": [1000]}
    one, other = stats.association(ours, span=10), stats.association(published, span=10)
    assert one["log_dice"].tolist() == other["log_dice"].tolist()
    # above 14, the limit without windows
    assert one["log_dice"].iloc[0] == pytest.approx(14 + np.log2(12 / 7))
    assert list(other.columns[:4]) == list(published)
