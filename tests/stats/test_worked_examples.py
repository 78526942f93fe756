"""Every statistic gives the numbers that papers, manuals and other programs print.

More such numbers are in the examples of the functions.
"""

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from tifa import stats


def codes(*annotators):
    """A table of codes; a full stop is a unit without a code."""
    rows = [
        (unit, name, None if code == "." else code)
        for name, row in enumerate(annotators)
        for unit, code in enumerate(row.split())
    ]
    return pd.DataFrame(rows, columns=["unit", "annotator", "code"])


def alpha(*annotators, scale="nominal"):
    table = codes(*annotators)
    if scale != "nominal":
        table["code"] = pd.to_numeric(table["code"])
    return stats.krippendorff_alpha(table, scale=scale, draws=2)["alpha"]


def interval(n, of):
    """Wilson's interval."""
    return stats.shares({"n": [n], "documents": [of]})[["low", "high"]].iloc[0]


def ratio(n, words, other, others):
    row = {"n": [n], "words": [words], "reference_n": [other], "reference_words": [others]}
    return stats.rate_ratios(row)[["ratio", "low", "high"]].iloc[0]


def g2(n, words, other, others, cells=4):
    return stats.signed_g2(np.array([n]), words, np.array([other]), others, cells=cells)


def cqpweb(n, collocate):
    """Log ratio and its lower limit at 99 %, after Bonferroni over the 599 terms."""
    rest = np.array([collocate - n]), 19720567 - 168329
    return np.ravel(stats.log_ratio(np.array([n]), 168329, *rest, level=1 - 0.01 / 599)[:2])


def log_odds(other, terms, weights):
    """z of terms in two texts of Fightin' Words, by prior weights that differ from 0.05."""
    one = Counter(DOG.split())
    other = Counter(other.split())
    every = sorted(one | other)
    n, m = (np.array([c[t] for t in every], dtype=float) for c in (one, other))
    prior = np.array([weights.get(t, 0.05) for t in every])
    _, z = stats.weighted_log_odds(n, n.sum(), m, m.sum(), prior)
    return [z[every.index(t)] for t in terms.split()]


def pair(measures, n, node, collocate, total, of=stats.association, **more):
    row = {"n": [n], "node": [node], "collocate": [collocate], "total": [total]}
    return of(row | {k: [v] for k, v in more.items()})[measures.split()].iloc[0]


def ucs(n, collocate):
    """MI to the base of 10, log-likelihood, t and Dice of the UCS toolkit."""
    row = pair("mi log_likelihood t", n, 800, collocate, 191998, window_words=15334)
    # UCS takes the words in the windows for the frequency of the node in Dice as well
    (dice,) = pair("log_dice", n, 15334, collocate, 191998)
    return [row["mi"] * math.log10(2), row["log_likelihood"], row["t"], 2 ** (dice - 14)]


def spread(measures, n, words, of=lambda t: stats.dispersion(t, least=1)):
    table = pd.DataFrame({"entry": "x", "n": n, "words": words})
    return of(table)[measures.split()].iloc[0]


def letter(one):
    parts = ["bamnibeup", "basatbewqn", "bcagabesta", "baghabeaat", "bahaabeaxat"]
    n, words = [p.count(one) for p in parts], [len(p) for p in parts]
    return spread("range juilland_d dp dp_norm", n, words)


def percent_diff(n, words, other, others):
    tables = {"x": n}, {"x": other}
    return stats.keyness(*tables, target_words=words, reference_words=others)["percent_diff"]


FOUR = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
LYNE = [2, 0, 1, 1, 3, 0, 3, 0, 0, 0], [8143, 8058, 8271, 8125, 7959, 7941, 8146, 8001, 8003, 7930]
DOG = "the quick brown fox jumps over the lazy pig"
VERY = "the lazy purple pig jumps over the " + 1000 * "very " + "sleepy donkey"

PRINTED = {
    # the data of part C stand in R's irr (kripp.alpha) and in krippendorff (jucor)
    "Krippendorff (2011), Computing Krippendorff's alpha-reliability": [
        (alpha, FOUR, "0.743"),
        (lambda *a: alpha(*a, scale="ordinal"), FOUR, "0.815"),
        (lambda *a: alpha(*a, scale="interval"), FOUR, "0.849"),
    ],
    # a pump that failed 5 times in 94.32 days, printed in swirl's lesson
    "R's poisson.test": [
        (lambda n: np.ravel(stats.poisson_interval(n)) / 94.32, (5,), "0.01721254 0.12371005")
    ],
    # Statistics in Medicine 17, 857-872: as reprinted in the tests of propagon (Refefer,
    # test_reference_vectors.py) and of devai (ksparavec)
    "Newcombe (1998), table I, methods 3 and 5": [
        (interval, (81, 263), "0.2553 0.3662"),
        (stats.exact_share_interval, (81, 263), "0.2527 0.3676"),
    ],
    # the example of Fay's R package, in the README of its Python port (kad-ecoli/rateratio_test)
    "rateratio.test": [
        (ratio, (2, 17877, 9, 16660), "0.207094155743 0.0217740627591 1.00054910449")
    ],
    # corpora/2002-January/002455 at listserv.linguistlist.org: forms and lemma of KEEP
    "Rayson, Corpora list, 18 January 2002": [
        (g2, (9, 1e6, 32, 1e6, 2), "-14"),
    ],
    # in the tests of Wordless (test_measures_statistical_significance.py)
    "Dunning (1993), p. 72": [(g2, (10, 13, 0, 31764), "167.23")],
    # data/log-ratio-gold.tsv, made there by R code after CQPweb's log ratio (log-ratio-create.R)
    "fau-klue/pandas-association-measures": [
        (cqpweb, (1189, 2157), "7.156575955874566 6.888131619986817"),
    ],
    # a frequency of 0 becomes 0.5; so in log-ratio-create.R
    "Hardie (2014)": [
        (lambda *a: stats.log_ratio(*a)[0], ([0, 4], 100, [4, 0], 100), "-3.00000000 3.00000000")
    ],
    # in the tests of Wordless (test_measures_effect_size.py)
    "Gabrielatos & Marchi (2011), p. 18": [
        (percent_diff, (206523, 959641, 178174, 1562358), "88.7")
    ],
    # after Hessel: a prior of 0.05 a word; then "very" a thousand times, and expected less
    "README of Wigder/fightin_words": [
        (
            log_odds,
            (VERY, "very purple quick lazy the", {"very": 0.001}),
            "-0.43688461719 0.35398019999 1.70874060013 3.46056724659 4.96106622501",
        ),
    ],
    # as printed in the tests of Wordless (test_measures_effect_size.py)
    "Church & Hanks (1990), p. 24": [(pair, ("mi", 8, 44, 1105, 15_000_000), "11.3")],
    # rows 1, 2 and 27 of tests/ucs-gold-100.ds in fau-klue/pandas-association-measures:
    # surface co-occurrence, 15334 words in windows of 191998
    "Evert's UCS toolkit": [
        (ucs, (52, 658), "-0.00458130412024 -0.0063306 -0.076471418941269 0.006503251625813"),
    ],
    # at most 14, whatever the size of the corpus (quoted at perezparedes.es, "The logDice score in
    # word sketches")
    "Rychlý (2008)": [
        (pair, ("log_dice", 100, 100, 100, 10**6), "14.00000000"),
        (pair, ("log_dice", 40, 500, 700, 10**9), "10.09310940"),
    ],
    # Practical Handbook of Corpus Linguistics, as in the tests of scattertext (JasonKessler)
    "Gries, Analyzing dispersion": [
        (letter, "b", "5 0.968 0.020 0.024"),
        (letter, "x", "1 0.000 0.780 0.951"),
    ],
    # as the README of the R package tlda (lsoenning) prints it: D of rates, and DP as Gries scales
    # it, although the output names the divisor of Egbert et al., which would give 0.554
    "Lyne (1985), pp. 85 and 299": [
        (spread, ("juilland_d dp range parts", *LYNE), "0.6038797 0.4990705 5 10")
    ],
    # ETS Research Bulletin Series 1970(2); so in the tests of Wordless
    "Carroll (1970), p. 14": [(spread, ("juilland_d", [0, 4, 3, 2, 1], [10] * 5), "0.6464")],
    "two words that only occur together": [
        (
            pair,
            (
                "npmi delta_p_node delta_p_collocate minimum_sensitivity",
                *(20, 20, 20, 1000),
                stats.more_association,
            ),
            "1.000000000 1.00000000 1.00000000 1.00000000",
        )
    ],
}


@pytest.mark.parametrize(
    ("call", "arguments", "printed"),
    [
        pytest.param(*row, id=f"{source} [{n}]")
        for source, rows in PRINTED.items()
        for n, row in enumerate(rows)
    ],
)
def test_as_printed(call, arguments, printed):
    found = np.ravel(call(*arguments)).astype(float)
    expected = printed.split()
    assert len(found) == len(expected)
    for number, text in zip(found, expected, strict=True):
        half = 0.5 * 10.0 ** -len(text.partition(".")[2])
        assert number == pytest.approx(float(text), abs=half * (1 + 1e-6), rel=1e-10)
