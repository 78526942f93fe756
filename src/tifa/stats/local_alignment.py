"""Find the passage that two texts share, even if words were changed, left out or inserted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tifa.stats.check import as_words

#: Largest number of cells (of one byte each) in the table of moves: words of one text times words
#: of the other.
MOST = 1_000_000_000
#: The last move of the best alignment that ends in a cell: a pair of words, a gap in the first
#: text, or a gap in the second text.
_PAIR, _LEFT, _UP = 1, 2, 3
#: Added to a move if the best gap (in the first or in the second text) that ends in this cell is
#: longer than one word.
_LONGER_LEFT, _LONGER_UP = 4, 8


class Alignment(NamedTuple):
    """The most similar passages of two texts, aligned word by word."""

    #: Sum of the scores of matches, mismatches and gaps; 0 if no word is in both texts.
    score: float
    #: Index of the first word of the passage in each text.
    start: int
    other_start: int
    #: Pairs of aligned words, one word of each text; None marks a gap.
    pairs: list[tuple[str | None, str | None]]


def local_alignment(
    words: Sequence[str],
    other: Sequence[str],
    *,
    match: float = 2,
    mismatch: float = -1,
    gap: float = -1,
    opening: float = 0,
) -> Alignment:
    """Align the most similar passages of two texts (Smith and Waterman).

    ``words`` and ``other`` are lists of words. Two equal words score ``match`` (above 0), and two
    different words ``mismatch`` (0 or below). A gap of k words scores ``opening`` (0 or below) plus
    k times ``gap`` (below 0). If several passages have the highest score, the one that ends first
    in the first text is returned. The defaults are those of the R package textreuse.

    Raises ValueError for a string instead of a list of words, scores of the wrong sign, or texts
    that are too long (the product of their lengths may be a thousand million at most).

    Smith & Waterman (1981), Journal of Molecular Biology 147(1), 195-197, with this example (here
    all scores are three times as large); Gotoh (1982), the same journal 162(3), 705-708.

    >>> first, second = list("AAUGCCAUUGACGG"), list("CAGCCUCGCUUAG")
    >>> found = local_alignment(first, second, match=3, mismatch=-1, gap=-1, opening=-3)
    >>> found.score / 3
    3.3333333333333335
    >>> ["".join(word or "-" for word in row) for row in zip(*found.pairs)]
    ['GCCAUUG', 'GCC-UCG']
    """
    words, other = as_words(words, "words"), as_words(other, "other")
    if not (match > 0 >= mismatch and gap < 0 and opening <= 0):
        raise ValueError(
            "expected match above 0, mismatch and opening not above 0, and gap below 0"
        )
    rows, columns = len(words), len(other)
    if rows * columns > MOST:
        raise ValueError(f"{rows:,} by {columns:,} words are too many to align; align passages")
    codes, _ = pd.factorize(np.array([*words, *other], dtype=object))
    first, second = codes[:rows], codes[rows:]
    moves = np.zeros((rows + 1, columns + 1), dtype=np.uint8)
    penalty = np.arange(columns + 1) * gap
    above = np.zeros(columns + 1)
    up = np.full(columns + 1, -np.inf)
    best, end = 0.0, (0, 0)
    for i in range(1, rows + 1):
        longer_up = up > above + opening
        up = np.maximum(up, above + opening) + gap
        here = np.zeros(columns + 1)
        here[1:] = above[:-1] + np.where(second == first[i - 1], match, mismatch)
        move = np.where(here > 0, _PAIR, 0)
        move[up > here] = _UP
        here = np.maximum(np.maximum(here, up), 0)
        move[here == 0] = 0
        # find the best beginning of a gap for all columns at once; this is possible because a gap
        # that begins where another gap in the same text ends never scores better than one long gap
        begun = np.maximum.accumulate(here - penalty)
        left = np.full(columns + 1, -np.inf)
        left[1:] = begun[:-1] + penalty[1:] + opening
        longer_left = np.zeros(columns + 1, dtype=bool)
        longer_left[2:] = left[1:-1] > here[1:-1] + opening
        move[left > here] = _LEFT
        above = np.maximum(here, left)
        moves[i] = move + _LONGER_LEFT * longer_left + _LONGER_UP * longer_up
        if above.max() > best:
            best, end = float(above.max()), (i, int(above.argmax()))
    pairs, start, other_start = _path(moves, *end, words, other)
    return Alignment(best, start, other_start, pairs)


def _path(
    moves: npt.NDArray[np.uint8], i: int, j: int, words: Sequence[str], other: Sequence[str]
) -> tuple[list[tuple[str | None, str | None]], int, int]:
    """Follow the moves back from cell (i, j); return word pairs, and where both passages begin."""
    pairs: list[tuple[str | None, str | None]] = []
    while move := moves[i, j] & 3:
        longer = True
        if move == _PAIR:
            i, j = i - 1, j - 1
            pairs.append((words[i], other[j]))
        while move == _LEFT and longer:
            longer = bool(moves[i, j] & _LONGER_LEFT)
            j -= 1
            pairs.append((None, other[j]))
        while move == _UP and longer:
            longer = bool(moves[i, j] & _LONGER_UP)
            i -= 1
            pairs.append((words[i], None))
    return pairs[::-1], i, j
