"""Measure the association between a phrase (the node) and words near it (the collocates)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tifa.stats.check import as_table, counts_in

#: Maps columns of the published table of collocates to the names that are used here.
NAMES = {"entry_n": "node", "term_n": "collocate", "corpus_words": "total"}


def association(table: pd.DataFrame, *, span: int = 1) -> pd.DataFrame:
    """Measure the association of collocates with their node: log-likelihood, MI, t and logDice.

    The number of co-occurrences expected by chance is the number of positions near the node, times
    the occurrences of the collocate, divided by the number of all words (Evert 2008: surface
    co-occurrence). There are ``node`` times ``span`` positions, or fewer if windows overlap or are
    cut off at the end of a sentence; if the positions were counted, their number in the column
    ``window_words`` is used. (Church & Hanks 1990 leave out the span, which makes MI larger by the
    binary logarithm of the span.) LogDice depends neither on the span nor on the size of the
    corpus.

    ``table`` has one row per collocate: ``n`` (co-occurrences), ``node``, ``collocate``
    (occurrences of each) and ``total`` (words of the corpus), or the published names ``entry_n``,
    ``term_n``, ``corpus_words``; optionally ``window_words``. ``span`` is the number of positions
    in a window, both sides together: 10 for five words to the left and right.

    Returns the same rows with ``expected`` (a count), ``log_likelihood`` (from all four cells;
    negative where there are fewer co-occurrences than expected), ``mi`` (bits), ``t`` and
    ``log_dice`` (a value higher by 1 means twice as strong; at most 14, unless a collocate occurs
    several times in one window). Without co-occurrences MI, t and logDice are missing.

    Raises ValueError for a missing column, or impossible counts: negative or missing ones, a node
    or collocate without occurrences, more co-occurrences than occurrences of the collocate or
    positions in the windows, or a corpus that is too small for the windows and the collocate.

    Dunning (1993), Computational Linguistics 19(1), 61-74; Church & Hanks (1990), the same journal
    16(1), 22-29; Manning & Schütze (1999), Foundations of Statistical Natural Language Processing,
    164-165 (t); Rychlý (2008), Proceedings of RASLAN, 6-9; Evert (2008), Corpora and collocations,
    in Lüdeling & Kytö (eds.), Corpus Linguistics.

    >>> counts = {"n": [8], "node": [15828], "collocate": [4675], "total": [14307668]}
    >>> association(pd.DataFrame(counts))["t"].round(4).tolist()
    [0.9999]
    """
    given = as_table(table, ["n"])
    names = ("n", "node", "collocate", "total")
    table = as_table(given.rename(columns=NAMES), names)
    n, node, collocate, total = (counts_in(table, name) for name in names)
    inside = counts_in(table, "window_words") if "window_words" in table else node * span
    wrong = (
        (n > np.minimum(inside, collocate))
        | (inside <= 0)
        | (collocate <= 0)
        | (inside + collocate - n > total)
    )
    if wrong.any():
        first = table.iloc[int(np.flatnonzero(wrong)[0])].to_dict()
        raise ValueError(
            f"{int(wrong.sum())} rows have impossible counts, with a span of {span}: {first}"
        )
    from nltk.metrics.association import BigramAssocMeasures as Nltk  # noqa: PLC0415 - slow to load

    expected = inside * collocate / total
    likelihood, mi, t, dice = (np.full(len(table), np.nan) for _ in range(4))
    counts = zip(*(c.tolist() for c in (n, inside, collocate, total, node)), strict=True)
    for i, (seen, row, column, words, nodes) in enumerate(counts):
        margins = (seen, (row, column), words)
        likelihood[i] = np.sign(seen - expected[i]) * max(Nltk.likelihood_ratio(*margins), 0.0)
        if seen > 0:
            mi[i] = Nltk.pmi(*margins)
            t[i] = Nltk.student_t(*margins)
            dice[i] = Nltk.dice(seen, (nodes, column), words)
    return given.assign(
        expected=expected, log_likelihood=likelihood, mi=mi, t=t, log_dice=14 + np.log2(dice)
    )
