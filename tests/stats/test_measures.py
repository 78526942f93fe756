"""Measures of other programs, checked with published examples and scipy."""

import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

from tifa.stats import (
    association,
    diversity_of_counts,
    keyness,
    more_association,
    more_dispersion,
    more_keyness,
    signed_g2,
)
from tifa.stats.measures import KEYNESS

_n = st.integers(1, 50)


@settings(max_examples=25)
@given(_n, _n, st.integers(60, 500), st.integers(60, 500))
def test_cells_are_those_of_scipy(n, other, words, others):
    cells = [[n, other], [words - n, others - other]]
    table = {"n": [n], "words": [words], "reference_n": [other], "reference_words": [others]}
    found = more_keyness(table).iloc[0]
    for name, yates in (("chi2", False), ("chi2_yates", True)):
        expected = scipy.stats.chi2_contingency(cells, correction=yates).statistic
        assert abs(found[name]) == pytest.approx(expected, abs=1e-9)
        assert np.sign(found[name]) in (0, np.sign(n / words - other / others))
    g2 = scipy.stats.chi2_contingency(cells, correction=False, lambda_="log-likelihood").statistic
    assert abs(signed_g2([n], words, [other], others)[0]) == pytest.approx(g2, abs=1e-9)
    assert found["fisher_p"] == pytest.approx(scipy.stats.fisher_exact(cells).pvalue)
    odds = scipy.stats.contingency.odds_ratio(cells, kind="sample").statistic
    assert found["odds_ratio"] == pytest.approx(odds)
    ratio = np.log2((n / words) / (other / others))
    assert -1 <= found["difference_coefficient"] <= 1
    # the conservative ratio is closer to 0, with the same sign
    assert abs(found["lrc"]) <= abs(ratio) + 1e-9
    assert found["lrc"] * ratio >= 0


def test_other_measures_of_keyness_by_hand():
    table = {"n": [30, 9], "words": [1000] * 2, "reference_n": [10, 10]}
    found = more_keyness(table | {"reference_words": [1000] * 2})
    assert found["difference_coefficient"].tolist() == pytest.approx([0.5, -1 / 19])
    likelihood = 30 * np.log(1.5) + 10 * np.log(0.5) + 970 * np.log(97 / 98) + 990 * np.log(99 / 98)
    assert found["bic"][0] == pytest.approx(2 * likelihood - np.log(2000))
    # exact limit of 30 in 40, as odds: the corpora are of the same size
    low = scipy.stats.beta.ppf(0.025, 30, 11)
    assert found["lrc"].tolist() == pytest.approx([np.log2(low / (1 - low)), 0])


def test_diversity_by_hand():
    # two words twice, one once: 2 + 2 of the 20 ordered pairs are the same word
    found = diversity_of_counts({"lake": 2, "oar": 2, "reed": 1})
    assert found["simpson_d"] == pytest.approx(4 / 20)
    assert found["yule_k"] == pytest.approx(10_000 * (9 - 5) / 25)
    assert found["ttr"] == pytest.approx(3 / 5)


def test_the_tables_of_keyness_and_association_can_be_given():
    table = keyness({"lake": 8, "the": 92}, {"lake": 2, "the": 98})
    assert set(KEYNESS) <= set(more_keyness(table).columns)
    published = pd.DataFrame({"n": [8], "entry_n": [20], "term_n": [15], "corpus_words": [10_000]})
    found = more_association(association(published.assign(window_words=180)))
    assert found["window_words"].tolist() == [180]
    assert found["mi2"][0] == pytest.approx(np.log2(64 / (180 * 15 / 10_000)))
    assert found["dice"][0] == pytest.approx(16 / 195)
    assert found["delta_p_collocate"][0] == pytest.approx(8 / 180 - 7 / 9_820)
    peer = Table2x2(np.array([[8, 172], [7, 9813]]) + 0.5)
    assert found["lambda"][0] == pytest.approx(peer.log_oddsratio)
    assert found["lambda_z"][0] == pytest.approx(peer.log_oddsratio / peer.log_oddsratio_se)


def test_dispersion_of_even_and_uneven_parts():
    even = more_dispersion({"entry": ["a"] * 4, "n": [3] * 4, "words": [9] * 4}).iloc[0]
    assert even[["carroll_d2", "rosengren_s", "kl"]].tolist() == pytest.approx([1, 1, 0])
    one = more_dispersion({"entry": ["a"] * 4, "n": [3, 0, 0, 0], "words": [9] * 4}).iloc[0]
    assert one[["carroll_d2", "rosengren_s", "kl"]].tolist() == pytest.approx([0, 0.25, 2])
