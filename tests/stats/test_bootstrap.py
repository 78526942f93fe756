"""Bootstrap of documents and clusters."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tifa.stats import bootstrap as module
from tifa.stats import bootstrap_rates, bootstrap_shares

LIMITS = ["low", "high"]


def speeches(countries=15, each=4, seed=3):
    generator = np.random.default_rng(seed)
    rows = countries * each
    rate = np.repeat(generator.gamma(1.0, 0.002, countries), each)
    words = generator.integers(500, 4000, rows)
    n = generator.poisson(rate * words)
    return pd.DataFrame(
        {
            "doc_id": [f"d{i:03}" for i in range(rows)],
            "country": np.repeat([f"c{i:02}" for i in range(countries)], each),
            "n": n,
            "words": words,
            "docs": (n > 0).astype(int),
            "documents": 1,
        }
    )


def test_percentile_interval_of_the_spatial_test():
    """Efron & Tibshirani (1993), table 14.2: variance of test A, 26 children, 90 % interval.

    Theirs, of 2000 draws, is 100.8 to 233.9, as the tests of bootstrap-stat (rwilson4) reprint
    it, with the data. The fifth percentile of 2000 draws is known to about 2.3.
    """
    a = "48 36 20 29 42 42 20 42 22 41 45 14 6 0 33 28 34 4 32 24 47 41 24 26 30 41"
    score = np.array(a.split(), dtype=float)
    weights = np.concatenate(list(module.resampled_counts(26, draws=20_000, seed=1))) / 26
    variances = weights @ score**2 - (weights @ score) ** 2
    low, high = module.percentile_interval(variances[:, None], 0.9)
    assert (low, high) == (pytest.approx(100.8, abs=4.6), pytest.approx(233.9, abs=4.6))


@pytest.mark.parametrize(("has", "of"), [(6, 20), (30, 80)])
def test_share_of_documents_is_binomial(has, of):
    """Drawing documents that have it or not is drawing from a binomial, so quantiles agree."""
    table = pd.DataFrame({"doc_id": range(of), "docs": [1] * has + [0] * (of - has)})
    result = bootstrap_shares(table.assign(documents=1), draws=40_000).iloc[0]
    expected = stats.binom.ppf([0.025, 0.975], of, has / of) / of
    assert result[LIMITS].tolist() == pytest.approx(expected, abs=1.01 / of)
    assert result["share"] == has / of


def test_whole_clusters_are_drawn():
    """Documents that repeat each other must not count as more than their cluster."""
    one = speeches(each=1)
    four = pd.concat([one.assign(doc_id=one["doc_id"] + str(i)) for i in range(4)])
    single, clustered = bootstrap_rates(one), bootstrap_rates(four, cluster="country")
    assert clustered[LIMITS].values == pytest.approx(single[LIMITS].values)
    naive = bootstrap_rates(four)
    assert np.diff(naive[LIMITS].values) < 0.7 * np.diff(single[LIMITS].values)
    assert clustered["units"].tolist() == [15]
    assert clustered["resampled"].tolist() == ["country"]


def test_groups_do_not_depend_on_each_other():
    a, b = speeches(seed=1).assign(entry="a"), speeches(countries=11, seed=2).assign(entry="b")
    both = bootstrap_rates(pd.concat([b, a]), by=["entry"])
    alone = bootstrap_rates(b)
    assert bootstrap_rates(pd.concat([a, b])).equals(both)
    assert both["entry"].tolist() == ["a", "b"]
    pd.testing.assert_frame_equal(both.iloc[[1]].reset_index(drop=True), alone)


def test_same_seed_same_result_and_memory_is_bounded(monkeypatch):
    table = speeches()
    result = bootstrap_rates(table)
    pd.testing.assert_frame_equal(result, bootstrap_rates(table))
    assert not result[LIMITS].equals(bootstrap_rates(table, seed=1)[LIMITS])
    monkeypatch.setattr(module, "_CELLS", 600)
    pieces = list(module.resampled_counts(60, draws=25, seed=1))
    assert [len(piece) for piece in pieces] == [10, 10, 5]
    pd.testing.assert_frame_equal(result, bootstrap_rates(table))


def test_no_hits_no_words():
    table = speeches().assign(n=0)
    assert bootstrap_rates(table)[["rate", "low", "high"]].values.tolist() == [[0, 0, 0]]
    none = bootstrap_rates(table.assign(words=0))
    assert none[["rate", "low", "high"]].isna().all(axis=None)
