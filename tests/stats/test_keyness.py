"""Keyness of terms."""

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tifa.stats import keyness, log_ratio, signed_g2, weighted_log_odds

counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 300), min_size=2).filter(
    lambda found: sum(found.values()) > 0
)


def series(found):
    return pd.Series(found, dtype="int64")


def words_of(text):
    return series(Counter(text.split()))


# ---- G2


@pytest.mark.parametrize(
    ("n", "reference_n", "printed"), [(348, 99, 147), (15, 14, 0), (9, 32, 14), (21, 25, 0)]
)
def test_two_cells_as_rayson_computes(n, reference_n, printed):
    """Rayson, Corpora list, 18 January 2002: forms of KEEP, two corpora of a million words.

    In the archive of the list at listserv.linguistlist.org (corpora/2002-January/002455).
    """
    g2 = signed_g2(np.array([n]), 1e6, np.array([reference_n]), 1e6, cells=2)
    assert round(abs(float(g2[0]))) == printed
    assert (g2[0] > 0) == (n > reference_n)


def test_lemma_of_rayson():
    """The same message: 392 against 170 gives 90."""
    g2 = signed_g2(np.array([392]), 1e6, np.array([170]), 1e6, cells=2)
    assert round(float(g2[0])) == 90


def test_four_cells_as_in_dunning():
    """Dunning (1993), p. 72: a 2 by 2 table of 10, 0, 3 and 31764 has 167.23.

    So in the tests of Wordless (test_measures_statistical_significance.py).
    """
    g2 = signed_g2(np.array([10.0]), 13, np.array([0.0]), 31764)
    assert round(float(g2[0]), 2) == 167.23


def test_four_cells_as_scipy_has_them():
    """Checked against scipy's G; the counts are those of quanteda.textstats' own test (lr)."""
    g2 = signed_g2(np.array([7.0, 3.0]), 10, np.array([2.0, 7.0]), 9)
    table = [[7, 3], [2, 7]]
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert g2.tolist() == pytest.approx([expected.statistic, -expected.statistic])


@given(st.integers(0, 500), st.integers(0, 500), st.integers(500, 9999), st.integers(500, 9999))
def test_two_cells_never_give_more(n, other, words, others):
    a, b = np.array([float(n)]), np.array([float(other)])
    two, four = (signed_g2(a, words, b, others, cells=cells)[0] for cells in (2, 4))
    assert abs(two) <= abs(four) + 1e-9
    assert two * four >= 0
    assert signed_g2(b, others, a, words)[0] == pytest.approx(-four, abs=1e-8)
    tenfold = signed_g2(a * 10, words * 10, b * 10, others * 10)[0]
    assert tenfold == pytest.approx(10 * four, abs=1e-6)


# ---- log ratio, %DIFF


@pytest.mark.parametrize(
    ("n", "collocate", "ratio", "limit"),
    [
        (1189, 2157, 7.156575955874566, 6.888131619986817),
        (49, 88, 7.189213818656465, 5.856503097986011),
        (7, 10, 8.082298614739953, 3.796411027509852),
    ],
)
def test_log_ratio_as_in_cqpweb(n, collocate, ratio, limit):
    """The gold standard of fau-klue/pandas-association-measures (data/log-ratio-gold.tsv).

    Made there by R code after CQPweb's log ratio (log-ratio-create.R), the limit at 99 % over
    the 599 terms of the table (Bonferroni); 168329 words in the windows of 19720567.
    """
    value, low, _ = log_ratio(
        np.array([n]), 168329, np.array([collocate - n]), 19720567 - 168329, level=1 - 0.01 / 599
    )
    assert float(value[0]) == pytest.approx(ratio, rel=1e-12)
    assert float(low[0]) == pytest.approx(limit, rel=1e-9)


def test_log_ratio_with_a_count_of_zero():
    """Hardie (2014): a frequency of 0 becomes 0.5; so in log-ratio-create.R, see above."""
    value, _, _ = log_ratio(np.array([0.0, 4.0]), 100, np.array([4.0, 0.0]), 100)
    assert value.tolist() == [-3, 3]


def test_percent_diff_as_in_gabrielatos_and_marchi():
    """Gabrielatos & Marchi (2011), Keyness: Matching metrics to definitions, p. 18: 88.7 %.

    So in the tests of Wordless (test_measures_effect_size.py).
    """
    table = keyness(
        series({"x": 206523}), series({"x": 178174}), target_words=959641, reference_words=1562358
    )
    assert round(float(table["percent_diff"][0]), 1) == 88.7


# ---- weighted log-odds

DOG = "the quick brown fox jumps over the lazy pig"


def test_log_odds_with_a_flat_prior_as_in_fightin_words():
    """The README of Wigder/fightin_words, after Hessel: a prior of 0.05 for each of 11 words."""
    one, other = words_of(DOG), words_of("the lazy purple pig jumps over the lazier donkey")
    flat = series(dict.fromkeys({*one.index, *other.index}, 1))
    table = keyness(one, other, background=flat, alpha0=0.05 * len(flat)).set_index("term")
    assert len(flat) == 11
    for term in ("brown", "fox", "quick"):
        assert table.loc[term, "z"] == pytest.approx(0.6894227886807968, rel=1e-12)
    for term in ("donkey", "lazier", "purple"):
        assert table.loc[term, "z"] == pytest.approx(-0.6894227886807968, rel=1e-12)
    assert table.loc["the", "z"] == 0


def test_log_odds_with_an_informative_prior_as_in_fightin_words():
    """The second example there: "very" a thousand times, and a prior that expects it less."""
    one = words_of(DOG)
    other = words_of("the lazy purple pig jumps over the " + 1000 * "very " + "sleepy donkey")
    terms = sorted({*one.index, *other.index})
    n, reference_n = (c.reindex(terms, fill_value=0).to_numpy(float) for c in (one, other))
    prior = np.array([0.001 if term == "very" else 0.05 for term in terms])
    printed = {"very": -0.4368846171934332, "purple": 0.3539801999989518}
    printed |= {"quick": 1.7087406001344665, "lazy": 3.4605672465974453, "the": 4.961066225017743}
    _, z = weighted_log_odds(n, n.sum(), reference_n, reference_n.sum(), prior)
    found = dict(zip(terms, z.tolist(), strict=True))
    assert {term: found[term] for term in printed} == pytest.approx(printed, rel=1e-10)


def test_a_strong_prior_shrinks_log_odds_to_zero():
    one, other = series({"a": 30, "b": 70}), series({"a": 10, "b": 90})
    background = series({"a": 500, "b": 500})
    z = [
        float(keyness(one, other, background=background, alpha0=weight)["z"][0])
        for weight in (1, 100, 10_000)
    ]
    assert z[0] > z[1] > z[2] > 0
    together = keyness(one, other)
    assert together["alpha0"].tolist() == [200, 200]


def test_terms_that_the_background_lacks():
    table = keyness(series({"a": 3, "b": 7}), series({"b": 9}), background=series({"b": 100}))
    assert np.isfinite(table["z"]).all()


# ---- the table


def test_columns_name_base_and_method():
    one, other = series({"a": 30, "b": 70, "never": 0}), series({"b": 50, "c": 50})
    table = keyness(one, other, cells=2, adjust="fdr_bh")
    assert table["term"].tolist() == ["a", "b", "c"]
    assert set(table["adjustment"]) == {"fdr_bh"}
    assert set(table["cells"]) == {2}
    assert table["p_adjusted"].tolist() == multipletests(table["p"], method="fdr_bh")[1].tolist()
    assert table["p"].tolist() == pytest.approx(stats.chi2.sf(table["g2"].abs(), 1))
    assert table.loc[0, ["n", "words", "reference_n", "reference_words"]].tolist() == [
        30,
        100,
        0,
        100,
    ]
    assert table.loc[0, "rate"] == 3000
    assert math.isinf(table.loc[0, "percent_diff"])
    assert table.loc[2, "percent_diff"] == -100
    assert "p" not in keyness(one, other, adjust=None).columns


@given(counts, counts)
def test_swap(one, other):
    there = keyness(series(one), series(other), adjust=None).set_index("term").sort_index()
    back = keyness(series(other), series(one), adjust=None).set_index("term").sort_index()
    for column in ("g2", "log_ratio", "log_odds", "z"):
        assert back[column].to_numpy() == pytest.approx(-there[column].to_numpy(), abs=1e-7)
    assert back["low"].to_numpy() == pytest.approx(-there["high"].to_numpy(), abs=1e-9)


@given(counts, counts, st.integers(2, 50))
def test_scale(one, other, times):
    """Both corpora many times over: the same ratios where nothing is 0, narrower intervals."""
    table, larger = (
        keyness(series(one) * by, series(other) * by, adjust=None).set_index("term").sort_index()
        for by in (1, times)
    )
    some = (table["n"] > 0) & (table["reference_n"] > 0)
    for column in ("log_ratio", "percent_diff", "log_odds"):
        assert larger.loc[some, column].to_numpy() == pytest.approx(
            table.loc[some, column].to_numpy(), abs=1e-7, nan_ok=True
        )
    width = (table["high"] - table["low"])[some]
    assert ((larger["high"] - larger["low"])[some] <= width + 1e-9).all()


@given(counts, counts, st.integers(0, 99))
def test_order_of_terms_does_not_matter(one, other, seed):
    target = series(one)
    pd.testing.assert_frame_equal(
        keyness(target, series(other), adjust=None),
        keyness(target.sample(frac=1, random_state=seed), series(other), adjust=None),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": series({"a": -1, "b": 3})}, "negative"),
        ({"target": pd.Series([1, 2], index=["a", "a"])}, "'a' appears twice"),
        ({"target": series({})}, "target: 0 words"),
        ({"reference_words": 5}, "reference: 5 words, but its counts add up to 10"),
        ({"alpha0": 0}, "alpha0"),
        ({"background": series({"a": 0})}, "background"),
    ],
)
def test_refusals(options, message):
    wanted = {"target": series({"a": 5}), "reference": series({"b": 10})}
    with pytest.raises(ValueError, match=message):
        keyness(**(wanted | options))
