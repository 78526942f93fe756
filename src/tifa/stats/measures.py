"""Compute further measures of keyness, association, dispersion and lexical diversity.

The measures have the names that other programs use, so that results can be compared. Each
dictionary maps names to formulas; most functions compute the measures of one dictionary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd
import scipy

from tifa.stats.check import Floats, as_counts, as_table, as_words, check_within, counts_in
from tifa.stats.collocates import NAMES, association
from tifa.stats.keyness import signed_g2
from tifa.stats.shares import exact_share_interval


def _chi2(a: Floats, b: Floats, c: Floats, d: Floats, *, yates: bool) -> Floats:
    """Return Pearson's chi-squared of four cells; negative if ``a`` is lower than expected."""
    total = a + b + c + d
    apart = np.abs(a * d - b * c)
    if yates:
        apart = np.maximum(apart - total / 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = total * apart**2 / ((a + b) * (c + d) * (a + c) * (b + d))
    signed: Floats = np.sign(a * d - b * c) * found
    return signed


def _fisher(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    tables = np.stack([a, b, c, d], axis=-1).astype(int)
    return np.array([scipy.stats.fisher_exact(t.reshape(2, 2)).pvalue for t in tables])


def _log_odds(o: Floats, r: Floats, c: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the log odds ratio of two words and its standard error; 0.5 is added to each cell.

    The comment on :data:`ASSOCIATION` explains the arguments.
    """
    cells = np.array([o, r - o, c - o, n - r - c + o]) + 0.5
    return np.array([1, -1, -1, 1]) @ np.log(cells), np.sqrt((1 / cells).sum(axis=0))


def _lrc(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Return Evert's conservative log ratio: the limit of the exact 95 % interval nearer to 0.

    It is 0 if the interval includes 0.
    """
    limits = [exact_share_interval(x, x + y) for x, y in zip(a, b, strict=True)]
    low, high = np.array(limits).reshape(-1, 2).T
    with np.errstate(divide="ignore"):
        sizes = np.log2((b + d) / (a + c))
        low, high = np.log2(low / (1 - low)) + sizes, np.log2(high / (1 - high)) + sizes
    return np.where(low > 0, low, np.where(high < 0, high, 0.0))


Cells = Callable[[Floats, Floats, Floats, Floats], Floats]
#: Measures of keyness. a, b: occurrences of a term in target and reference; c, d: occurrences of
#: all other words in target and reference.
KEYNESS: Mapping[str, Cells] = {
    "chi2": lambda a, b, c, d: _chi2(a, b, c, d, yates=False),
    "chi2_yates": lambda a, b, c, d: _chi2(a, b, c, d, yates=True),
    "fisher_p": _fisher,
    "odds_ratio": lambda a, b, c, d: a * d / (b * c),
    "difference_coefficient": lambda a, b, c, d: (
        (a / (a + c) - b / (b + d)) / (a / (a + c) + b / (b + d))
    ),
    "simple_maths": lambda a, b, c, d: (
        (a / (a + c) * 1e6 + SMOOTHING) / (b / (b + d) * 1e6 + SMOOTHING)
    ),
    "bic": lambda a, b, c, d: np.abs(signed_g2(a, a + c, b, b + d)) - np.log(a + b + c + d),
    "lrc": _lrc,
}
#: The measure "simple maths" adds this number to both frequencies per million words, and then
#: divides one by the other.
SMOOTHING = 100.0

#: Measures of association between a phrase (the node) and a word near it (the collocate).
#: o: co-occurrences; e: co-occurrences expected by chance; r: all positions near the node;
#: c: occurrences of the collocate; n: words of the corpus.
ASSOCIATION: Mapping[str, Callable[[Floats, Floats, Floats, Floats, Floats], Floats]] = {
    "mi2": lambda o, e, r, c, n: np.log2(o**2 / e),
    "mi3": lambda o, e, r, c, n: np.log2(o**3 / e),
    "npmi": lambda o, e, r, c, n: np.log2(o / e) / -np.log2(o / n),
    "z": lambda o, e, r, c, n: (o - e) / np.sqrt(e),
    "dice": lambda o, e, r, c, n: 2 * o / (r + c),
    "chi2": lambda o, e, r, c, n: _chi2(o, r - o, c - o, n - r - c + o, yates=False),
    "delta_p_collocate": lambda o, e, r, c, n: o / r - (c - o) / (n - r),
    "delta_p_node": lambda o, e, r, c, n: o / c - (r - o) / (n - c),
    "lambda": lambda o, e, r, c, n: _log_odds(o, r, c, n)[0],
    "lambda_z": lambda o, e, r, c, n: np.divide(*_log_odds(o, r, c, n)),
    "minimum_sensitivity": lambda o, e, r, c, n: np.minimum(o / r, o / c),
}

#: Measures of dispersion. For each part of the corpus, f has its number of hits, s its share of
#: the corpus's words.
DISPERSION: Mapping[str, Callable[[Floats, Floats], float]] = {
    "carroll_d2": lambda f, s: float(scipy.stats.entropy(f / s) / np.log(len(f))),
    "rosengren_s": lambda f, s: float(np.sqrt(f * s).sum() ** 2 / f.sum()),
    "kl": lambda f, s: float(scipy.stats.entropy(f, s, base=2)),
}

#: Measures of lexical diversity. n: how often each distinct word occurs.
DIVERSITY: Mapping[str, Callable[[Floats], float]] = {
    "ttr": lambda n: len(n) / n.sum(),
    "guiraud_r": lambda n: len(n) / np.sqrt(n.sum()),
    "herdan_c": lambda n: np.log(len(n)) / np.log(n.sum()),
    "yule_k": lambda n: 1e4 * ((n**2).sum() - n.sum()) / n.sum() ** 2,
    "simpson_d": lambda n: (n * (n - 1)).sum() / (n.sum() * (n.sum() - 1)),
}


def _chosen(wanted: Sequence[str] | None, known: Mapping[str, Any]) -> list[str]:
    for name in wanted or ():
        if name not in known:
            raise ValueError(f"no measure {name!r}; there is: {', '.join(known)}")
    return list(known if wanted is None else wanted)


def more_keyness(table: Any, measures: Sequence[str] | None = None) -> pd.DataFrame:
    """Add measures of keyness to a table of :func:`tifa.stats.keyness`.

    ``table`` has ``n``, ``words``, ``reference_n`` and ``reference_words``, one row per term.
    Returns the same rows with a column for each of the ``measures``, by default all: chi2 and
    chi2_yates (signed), fisher_p (two-sided), odds_ratio (infinite where the reference lacks the
    term), difference_coefficient (-1 to 1), simple_maths (100 per million added), bic (G2 without
    its sign, minus the logarithm of the number of all words: above 10 is very strong evidence) and
    lrc (bits; 0 where the 95 % interval of the log ratio includes 0, not adjusted for the number of
    terms).

    Raises ValueError for an unknown measure, a missing column, or an impossible count.

    Yates (1934), Supplement to the JRSS 1(2), 217-235; Hofland & Johansson (1982), Word Frequencies
    in British and American English; Kilgarriff (2009), Simple maths for keywords, Corpus
    Linguistics conference, Liverpool; Wilson (2013), Embracing Bayes factors for key item analysis,
    in Bieswanger & Koll-Stobbe (eds.); Evert (2022), Measuring keyness, DH2022, Tokyo.

    >>> words = {"words": [10**6] * 3, "reference_words": [10**6] * 3}
    >>> table = {"n": [10, 200, 12_000], "reference_n": [0, 100, 10_000]} | words
    >>> more_keyness(table, ["simple_maths"])["simple_maths"].round(2).tolist()
    [1.1, 1.5, 1.2]
    """
    names = ("n", "words", "reference_n", "reference_words")
    rows = as_table(table, names)
    n, words, other, others = (counts_in(rows, name) for name in names)
    check_within(n, words, "n", "words")
    check_within(other, others, "reference_n", "reference_words")
    cells = (n, other, words - n, others - other)
    with np.errstate(divide="ignore", invalid="ignore"):
        return rows.assign(**{m: KEYNESS[m](*cells) for m in _chosen(measures, KEYNESS)})


def more_association(
    table: Any, measures: Sequence[str] | None = None, *, span: int = 1
) -> pd.DataFrame:
    """Add measures of association to a table of collocates.

    ``table``, ``span`` and errors are as for :func:`tifa.stats.collocates.association`; an unknown
    measure raises ValueError too. Returns the same rows with the columns of that function and one
    for each of the ``measures``, by default all: mi2, mi3, npmi (-1 to 1), z, dice, chi2 (signed),
    delta_p_collocate (how much more likely the collocate is near the node than elsewhere),
    delta_p_node (how much more likely a position is near the node if it has the collocate), lambda
    (the log odds ratio of two words, with 0.5 added to each cell), lambda_z (lambda divided by its
    standard error) and minimum_sensitivity.

    Evert (2008), Corpora and collocations (MI2, MI3, z, chi-squared, Dice); Bouma (2009),
    Proceedings of GSCL, 31-40 (NPMI); Gries (2013), International Journal of Corpus Linguistics
    18(1), 137-166 (Delta P); Blaheta & Johnson (2001), Unsupervised learning of multi-word verbs,
    ACL workshop on collocations, 54-60 (lambda); Pedersen & Bruce (1996), What to infer from a
    description (minimum sensitivity).

    >>> counts = {"n": [8], "node": [15828], "collocate": [4675], "total": [14307668]}
    >>> more_association(counts, ["chi2"])["chi2"].round(2).tolist()
    [1.55]
    """
    wanted = _chosen(measures, ASSOCIATION)
    rows = association(as_table(table, ["n"]), span=span)
    named = rows.rename(columns=NAMES)
    o, node, c, n = (counts_in(named, name) for name in ("n", "node", "collocate", "total"))
    r = counts_in(named, "window_words") if "window_words" in named else node * span
    e = named["expected"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return rows.assign(**{m: ASSOCIATION[m](o, e, r, c, n) for m in wanted})


def more_dispersion(table: Any, measures: Sequence[str] | None = None) -> pd.DataFrame:
    """Compute further measures of the dispersion of entries over the parts of a corpus.

    ``table`` is as for :func:`tifa.stats.dispersion`. Returns one row per entry: ``n`` (hits),
    ``parts`` (how many) and the ``measures``, by default all: carroll_d2 (1: even), rosengren_s (1:
    even) and kl (in bits, how much the shares of hits diverge from the shares of words; 0: even).
    They are missing for an entry without hits, and for a single part.

    Raises ValueError for an unknown measure, a missing column, an impossible count, or a part
    without words.

    Carroll (1970), ETS Research Bulletin Series 1970(2), i-15; Rosengren (1971), Études de
    linguistique appliquée 1, 103-127; Gries (2020), Analyzing dispersion, in Paquot & Gries (eds.),
    A Practical Handbook of Corpus Linguistics, with this example.

    >>> rows = {"entry": ["a"] * 5, "n": [1, 2, 3, 4, 5], "words": [9, 10, 10, 10, 11]}
    >>> more_dispersion(rows, ["rosengren_s", "kl"]).round(3).values.tolist()
    [['a', 15, 5, 0.95, 0.137]]
    """
    rows = as_table(table, ["entry", "n", "words"])
    wanted = _chosen(measures, DISPERSION)
    counts_in(rows, "n")
    if not (counts_in(rows, "words") > 0).all():
        raise ValueError("words: a part has no words; leave it out")
    found = []
    for entry, part in rows.groupby("entry", observed=True):
        f = part["n"].to_numpy(dtype=float)
        s = part["words"].to_numpy(dtype=float) / part["words"].sum()
        enough = f.sum() > 0 and len(f) > 1
        measured = {m: DISPERSION[m](f, s) if enough else np.nan for m in wanted}
        found.append({"entry": entry, "n": int(f.sum()), "parts": len(f), **measured})
    return pd.DataFrame(found, columns=["entry", "n", "parts", *wanted])


def diversity_of_counts(words: Any, measures: Sequence[str] | None = None) -> dict[str, float]:
    """Compute measures of lexical diversity from the counts of words.

    Only yule_k and simpson_d do not depend on the length of the text. ``words`` are counts by word
    (a Series, dict or Counter), or a list of the words. Returns a dictionary of the ``measures``,
    by default all: ttr, guiraud_r, herdan_c, yule_k and simpson_d.

    Raises ValueError for an unknown measure, a repeated word among counts, an impossible count, or
    fewer than two words.

    Guiraud (1954), Les caractères statistiques du vocabulaire; Herdan (1960), Type-token
    Mathematics; Yule (1944), The Statistical Study of Literary Vocabulary; Simpson (1949), Nature
    163, 688.

    >>> found = diversity_of_counts({"lake": 3, "oar": 2, "reed": 1}, ["ttr", "yule_k"])
    >>> {name: round(value, 1) for name, value in found.items()}
    {'ttr': 0.5, 'yule_k': 2222.2}
    """
    counts = as_counts(words, "words").to_numpy(dtype=float)
    counts = counts[counts > 0]
    if counts.sum() < 2:
        raise ValueError("words: diversity needs two words or more")
    return {m: float(DIVERSITY[m](counts)) for m in _chosen(measures, DIVERSITY)}


def reuse(words: Sequence[str], other: Sequence[str]) -> dict[str, float]:
    """Measure how much of their wording two texts have in common.

    ``words`` and ``other`` are lists of the words of each text. Returns a dictionary of ``jaccard``
    (of the word types, 0 to 1), ``jaccard_bag`` (of the words, each counted as often as it occurs;
    at most 0.5) and ``longest_run`` (length of the longest run of words that occurs in both texts).

    Raises ValueError if both texts are empty, or if one is not a list of words.

    Jaccard (1912), New Phytologist 11(2), 37-50; Leskovec et al. (2014), Mining of Massive
    Datasets, chapter 3 (bags).

    >>> found = reuse("a slow boat on the lake".split(), "on the lake a boat".split())
    >>> [round(value, 3) for value in found.values()]
    [0.833, 0.455, 3]
    """
    words, other = as_words(words, "words"), as_words(other, "other")
    if not words and not other:
        raise ValueError("both texts are empty")
    bag, other_bag = Counter(words), Counter(other)
    match = SequenceMatcher(None, words, other, autojunk=False).find_longest_match()
    return {
        "jaccard": len(bag & other_bag) / len(bag | other_bag),
        "jaccard_bag": (bag & other_bag).total() / (bag + other_bag).total(),
        "longest_run": match.size,
    }
