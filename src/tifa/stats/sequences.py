"""Find sequences of words that occur together more often than by chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pandas as pd

from tifa.stats.check import as_words

#: Number added to each cell, so that no cell is empty; the R package quanteda adds the same.
ADDED = 0.5


def sequences(
    texts: Sequence[Sequence[str]], *, size: int = 3, least: int = 2, added: float = ADDED
) -> pd.DataFrame:
    """Compute lambda, which measures how strongly all words of a sequence belong together.

    For each sequence, every run of ``size`` words in the texts is put into one of 2^size cells, by
    the positions in which it has the same word as the sequence. Lambda is the highest-order
    interaction in the saturated log-linear model of these cells. For two words this is the log odds
    ratio. For three words it is negative if the sequence is rarer than the frequencies of its pairs
    of words suggest.

    ``texts`` are lists of words, such as sentences; no sequence continues from one list to the
    next. A sequence has ``size`` words (2 to 8) and occurs ``least`` times or more. ``added`` is
    added to each cell; with 0, lambda is infinite or missing where a cell is empty.

    Returns one row per sequence, from the largest z: ``sequence`` (words with a space between
    them), ``n`` (occurrences), ``lambda`` (in nats) and ``lambda_z`` (lambda divided by its
    standard error).

    Raises ValueError for texts that are not lists of words, a size that is not from 2 to 8, or a
    negative ``added``.

    Blaheta & Johnson (2001), Unsupervised learning of multi-word verbs, ACL workshop on
    collocations, 54-60 (lambda of all subtuples). For the example, ``textstat_collocations`` of the
    R package quanteda gives the same result.

    >>> texts = [["we", "row", "old", "slow", "boats"], ["you", "too"]] * 2
    >>> sequences(texts[:3], size=2).round(4).head(1)
       sequence  n  lambda  lambda_z
    0  old slow  2  4.3175    2.0278
    """
    if not 2 <= size <= 8:
        raise ValueError(f"size: {size}; expected 2 to 8 words")
    if added < 0:
        raise ValueError(f"added: {added:g}; expected 0 or more")
    texts = [as_words(text, "a text") for text in texts]
    codes, names = pd.factorize(np.array([*chain(*texts)], dtype=object))
    text = np.repeat(np.arange(len(texts)), [len(t) for t in texts])
    starts = np.arange(max(len(codes) - size + 1, 0))
    starts = starts[text[starts] == text[starts + size - 1]]
    windows = codes[starts[:, None] + np.arange(size)]
    found, first, times = np.unique(windows, axis=0, return_index=True, return_counts=True)
    kept = times >= least
    found, first, times = found[kept], first[kept], times[kept]
    # first count the runs that have at least a given subset of the words, then subtract to get the
    # runs that have this subset and no other word of the sequence
    cells = np.full((2**size, len(found)), float(len(windows)))
    for subset in range(1, 2**size):
        columns = [i for i in range(size) if subset >> i & 1]
        _, which, counts = np.unique(
            windows[:, columns], axis=0, return_inverse=True, return_counts=True
        )
        cells[subset] = counts[which.reshape(-1)][first]
    for i in range(size):
        for subset in range(2**size):
            if not subset >> i & 1:
                cells[subset] -= cells[subset | 1 << i]
    signs = np.array([(-1) ** (size - subset.bit_count()) for subset in range(2**size)])
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = signs @ np.log(cells + added)
        z = strength / np.sqrt((1 / (cells + added)).sum(axis=0))
    table = pd.DataFrame(
        {
            "sequence": [" ".join(names[row]) for row in found],
            "n": times,
            "lambda": strength,
            "lambda_z": z,
        }
    )
    return table.sort_values(["lambda_z", "sequence"], ascending=[False, True], ignore_index=True)
