"""Limit how much of a protected text can be read in the published tables.

The published tables contain the positions and variants of hits, and some context. A word of a
document is called readable if somebody could reconstruct it from these tables. A run of readable
words counts as a quotation if it is not very short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tifa.text.language import Language

#: The largest share of a document that may be quoted.
LARGEST_SHARE = 0.10
#: Context is added to hits only while at most this share of a document is quoted. It is lower than
#: the largest share, because other files also reveal which variants a document contains.
CONTEXT_SHARE = 0.08

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """How many words of a text may be quoted, for texts in one language.

    ``longest`` is the length of the longest run of words that is allowed. Runs of ``counted`` words
    or more count as quotations. ``context`` is the largest number of words on each side of a hit in
    a concordance.
    """

    longest: int
    counted: int
    context: int


#: Bounds by language. Twenty Chinese characters correspond to about eleven English words.
BOUNDS: dict[Language, Bounds] = {"en": Bounds(11, 5, 4), "zh": Bounds(20, 9, 8)}


@dataclass(frozen=True)
class Span:
    """Words ``start`` to ``stop`` (exclusive) of a document."""

    start: int
    stop: int


def runs(covered: Bools) -> list[Span]:
    """Find the runs of readable words in a document.

    ``covered`` has one item per word of the document: True if the word is readable.

    >>> runs(np.array([True, True, False, True]))
    [Span(start=0, stop=2), Span(start=3, stop=4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], covered.astype(np.int8), [0]])))
    return [Span(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def quoted_words(covered: Bools, bounds: Bounds) -> int:
    """Return the number of words in runs that count as quotations."""
    return sum(r.stop - r.start for r in runs(covered) if r.stop - r.start >= bounds.counted)


def hide_positions(spans: list[Span], words: int, bounds: Bounds) -> list[bool]:
    """Choose the hits whose positions must be hidden, so that not too much of a text is quoted.

    ``spans`` are all hits of a document, which has ``words`` words. The positions of the shortest
    hits are hidden first, until no run is too long and the share of quotations is small enough.
    Hits in runs that are too short to be quotations are skipped. Returns True for each hit whose
    position is hidden.
    """
    hidden = [False] * len(spans)
    often = np.zeros(words, dtype=np.int64)
    for span in spans:
        often[span.start : span.stop] += 1
    readable = Readable(often > 0, longest=bounds.longest, counted=bounds.counted)
    for index in sorted(range(len(spans)), key=lambda i: (spans[i].stop - spans[i].start, i)):
        if not readable.too_long and readable.quoted <= LARGEST_SHARE * words:
            break
        span = spans[index]
        if sum(readable.neighbours(span.start)) + 1 >= bounds.counted:
            hidden[index] = True
            often[span.start : span.stop] -= 1
            for word in range(span.start, span.stop):
                if not often[word]:
                    readable.remove(word)
    return hidden


def hide_wordings(spans: list[Span], hidden: list[bool], words: int, bounds: Bounds) -> list[bool]:
    """Choose the hits whose variant must be hidden too, not only the position.

    A long variant is a quotation even if its position is unknown; in a short document such
    quotations may be too large a share. The longest variants are hidden first. ``spans`` and
    ``words`` are the arguments of :func:`hide_positions`, and ``hidden`` is its result. Returns
    True for each hit whose variant is hidden.
    """
    sizes = [s.stop - s.start for s in spans]
    covered = cover((s for s, h in zip(spans, hidden, strict=True) if not h), words)
    left = LARGEST_SHARE * words - quoted_words(covered, bounds)
    unsaid = [False] * len(spans)
    placeless = [i for i, h in enumerate(hidden) if h and sizes[i] >= bounds.counted]
    for index in sorted(placeless, key=lambda i: (sizes[i], i)):
        left -= sizes[index]
        unsaid[index] = left < 0
    return unsaid


def cover(spans: Iterable[Span], words: int) -> Bools:
    """Return an array with one item per word of a document: True if the word is in a span.

    ``words`` is the number of words.
    """
    mask = np.zeros(words, dtype=bool)
    for span in spans:
        mask[span.start : span.stop] = True
    return mask


def grow_contexts(
    wanted: list[Span], covered: Bools, sentence: npt.NDArray[np.int32], bounds: Bounds
) -> list[Span]:
    """Add context to hits, one word at a time on alternate sides, within the bounds.

    ``wanted`` are the hits that get context. ``covered`` marks the words that are already readable,
    including those of the hits; it is changed in place to mark the words of the contexts too.
    ``sentence`` has the number of the sentence of each word, because context must be in the same
    sentence as its hit. Returns, for each hit, the span of the hit with its context.
    """
    budget = CONTEXT_SHARE * len(covered)
    grown = list(wanted)
    readable = Readable(covered, longest=bounds.longest, counted=bounds.counted)
    for step in range(2 * bounds.context):
        for index, span in enumerate(grown):
            word = span.start - 1 if step % 2 == 0 else span.stop
            inside = 0 <= word < len(covered)
            if not inside or sentence[word] != sentence[span.start]:
                continue
            new = not readable.flags[word]
            cost = readable.cost(word) if new else 0
            if cost and readable.quoted + cost > budget:
                continue
            if sum(readable.neighbours(word)) + 1 > bounds.longest:
                continue
            if new:
                readable.add(word)
            grown[index] = Span(word, span.stop) if step % 2 == 0 else Span(span.start, word + 1)
    covered[:] = np.frombuffer(readable.flags, dtype=bool)
    return grown


class Readable:
    """The readable words of a document; words can be added and removed.

    ``covered`` has True for each word that is initially readable. ``longest`` is the length of the
    longest run that is allowed. Runs of ``counted`` words or more are quotations (``counted`` is at
    most ``longest``). To add or remove a word, only its neighbours are examined, so this is as fast
    in a long document as in a short one.

    >>> readable = Readable(np.array([1, 1, 0, 1, 1], dtype=bool), longest=4, counted=3)
    >>> readable.quoted, readable.too_long
    (0, 0)
    >>> readable.add(2)
    >>> readable.quoted, readable.too_long
    (5, 1)
    """

    def __init__(self, covered: npt.NDArray[np.bool_], *, longest: int, counted: int) -> None:
        self.longest, self.counted = longest, counted
        self.flags = bytearray(covered.tobytes())
        edges = np.flatnonzero(np.diff(covered.astype(np.int8), prepend=0, append=0))
        lengths = edges[1::2] - edges[::2]
        #: Number of words in runs that count as quotations.
        self.quoted = int(lengths[lengths >= counted].sum())
        #: Sum over all runs of the number of words by which the run is too long.
        self.too_long = int(np.maximum(lengths - longest, 0).sum())

    def neighbours(self, word: int) -> tuple[int, int]:
        """Count the readable words right before and right after a word, each up to ``longest``."""
        low, high = max(0, word - self.longest), min(len(self.flags), word + 1 + self.longest)
        before = self.flags.rfind(0, low, word)
        after = self.flags.find(0, word + 1, high)
        # for a hit without words at the end of a document, word and high are the document's length
        return word - max(before + 1, low), max((after if after >= 0 else high) - word - 1, 0)

    def cost(self, word: int) -> int:
        """Return how many more words count as quotations if this word is readable.

        The number is 0 if the run that contains the word would still be too short to count.
        """
        sides = self.neighbours(word)
        if sum(sides) + 1 < self.counted:
            return 0
        return 1 + sum(side for side in sides if side < self.counted)

    def add(self, word: int) -> None:
        """Make a word readable that was not."""
        self._change(word, 1)

    def remove(self, word: int) -> None:
        """Make a readable word unreadable."""
        self._change(word, -1)

    def _change(self, word: int, sign: int) -> None:
        self.flags[word] = sign > 0
        self.quoted += sign * self.cost(word)
        self.too_long += sign * max(sum(self.neighbours(word)) + 1 - self.longest, 0)
