"""The bounds within which a protected text may be quoted.

Quotation is counted in words of a document: every word that a reader could read off our
tables, where a hit stands at a known place and its wording is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tifa.features.readable import Readable

#: The longest run of words that may stand together.
LONGEST_RUN = 11
#: Runs from this length count as quotation ...
COUNTED_RUN = 5
#: ... and may make up this share of a document.
LARGEST_SHARE = 0.10
#: Contexts stop earlier: the wordings of the phrasebook are read elsewhere in our files too.
CONTEXT_SHARE = 0.08
#: Words of context on each side of a hit in a concordance.
CONTEXT = 4

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Span:
    """Words ``start`` to ``stop`` (exclusive) of a document."""

    start: int
    stop: int


def runs(covered: Bools) -> list[Span]:
    """Runs of covered words.

    >>> runs(np.array([True, True, False, True]))
    [Span(start=0, stop=2), Span(start=3, stop=4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], covered.astype(np.int8), [0]])))
    return [Span(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def quoted_words(covered: Bools) -> int:
    """Words in runs that count as quotation."""
    return sum(r.stop - r.start for r in runs(covered) if r.stop - r.start >= COUNTED_RUN)


def hide_positions(spans: list[Span], words: int) -> list[bool]:
    """Which hits must lose their position so that no run gets too long or too much is quoted.

    Hits are taken longest last, so the longest wordings keep their place.
    """
    hidden = [False] * len(spans)
    starts, stops = (
        np.array(c, dtype=np.int64) for c in ([s.start for s in spans], [s.stop for s in spans])
    )
    often = np.bincount(starts, minlength=words + 1) - np.bincount(stops, minlength=words + 1)
    often = np.cumsum(often)[:words]
    readable = Readable(often > 0, longest=LONGEST_RUN, counted=COUNTED_RUN)
    for index in sorted(range(len(spans)), key=lambda i: (spans[i].stop - spans[i].start, i)):
        if not readable.too_long and readable.quoted <= LARGEST_SHARE * words:
            break
        span = spans[index]
        if sum(readable.beside(span.start)) + 1 >= COUNTED_RUN:
            hidden[index] = True
            often[span.start : span.stop] -= 1
            for word in range(span.start, span.stop):
                if not often[word]:
                    readable.remove(word)
    return hidden


def cover(spans: Iterable[Span], words: int) -> Bools:
    """A mask of the words that the spans cover."""
    mask = np.zeros(words, dtype=bool)
    for span in spans:
        mask[span.start : span.stop] = True
    return mask


def grow_contexts(
    wanted: list[Span], covered: Bools, sentence: npt.NDArray[np.int32]
) -> list[Span]:
    """Context around hits, word by word to both sides in turn, as far as the bounds allow.

    Parameters
    ----------
    wanted
        The hits that get a context; all of them are covered already.
    covered
        Words already readable; words given as context are added to it.
    sentence
        The sentence of each word: context stays within that of its hit.

    """
    budget = CONTEXT_SHARE * len(covered)
    grown = list(wanted)
    readable = Readable(covered, longest=LONGEST_RUN, counted=COUNTED_RUN)
    for step in range(2 * CONTEXT):
        for index, span in enumerate(grown):
            place = span.start - 1 if step % 2 == 0 else span.stop
            inside = 0 <= place < len(covered)
            if not inside or sentence[place] != sentence[span.start]:
                continue
            new = not readable.flags[place]
            # a word that lengthens no counted run costs nothing
            cost = readable.cost(place) if new else 0
            if cost and readable.quoted + cost > budget:
                continue
            if sum(readable.beside(place)) + 1 > LONGEST_RUN:
                continue
            if new:
                readable.add(place)
            grown[index] = Span(place, span.stop) if step % 2 == 0 else Span(span.start, place + 1)
    covered[:] = np.frombuffer(readable.flags, dtype=bool)
    return grown
