"""Where patterns match in a stream of parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from tifa.lexicon.patterns import COMMA, Pattern, Slot, fitting
from tifa.text.tokens import Ints, Stream

#: "key": matches of different entries may overlap, as in quanteda's nested_scope; those of
#: one entry may not. "dictionary": no two matches overlap, whatever their entry.
Scope = Literal["key", "dictionary"]

_POSSESSIVE = "'s"


@dataclass(frozen=True)
class Hit:
    """One match: parts ``start`` to ``stop`` (exclusive) of a stream, and what matched."""

    entry: str
    variant: str
    start: int
    stop: int


@dataclass(frozen=True)
class _Fit:
    """What of a vocabulary fits a slot: for each word whether; the words; how often they occur."""

    mask: npt.NDArray[np.bool_]
    words: npt.NDArray[np.int64]
    often: int


class Matcher:
    """Finds patterns in one stream; each slot is looked up once."""

    def __init__(self, stream: Stream, *, blocked: npt.NDArray[np.bool_] | None = None) -> None:
        self.stream = stream
        self.parts: Ints = stream.parts
        if blocked is not None:
            self.parts = np.where(blocked, np.int32(0), stream.parts)
        # of numbers that fit 16 bits numpy sorts by radix, several times as fast
        few = len(stream.part_vocabulary) <= np.iinfo(np.uint16).max
        self._order = np.argsort(self.parts.astype(np.uint16) if few else self.parts, kind="stable")
        counts = np.bincount(self.parts, minlength=len(stream.part_vocabulary))
        self._ends = np.cumsum(counts)
        self._starts = self._ends - counts
        self._fits: dict[tuple[Slot, bool], _Fit] = {}

    def _fit(self, slot: Slot, *, last: bool) -> _Fit:
        """Find what fits a slot; the last word may be possessive."""
        key = (slot, last)
        if key not in self._fits:
            vocabulary = self.stream.part_vocabulary
            fits = np.zeros(len(vocabulary), dtype=bool)
            fits[fitting(slot, vocabulary)] = True
            if last:
                # "spirit's" fits where "spirit" does
                stems, places = self._possessives
                fits[[places[i] for i in fitting(slot, stems)]] = True
            # a wildcard stands for a word, not for a mark
            fits[self._marks if slot != COMMA else [0]] = False
            words = np.flatnonzero(fits)
            often = int((self._ends[words] - self._starts[words]).sum())
            self._fits[key] = _Fit(fits, words, often)
        return self._fits[key]

    @cached_property
    def _marks(self) -> list[int]:
        """Places in the vocabulary of what is no word."""
        return [0, *fitting(COMMA, self.stream.part_vocabulary)]

    @cached_property
    def _possessives(self) -> tuple[list[str], list[int]]:
        """Stems of the possessives, sorted, and the places of the possessives."""
        pairs = sorted(
            (word.removesuffix(_POSSESSIVE), place)
            for place, word in enumerate(self.stream.part_vocabulary)
            if word.endswith(_POSSESSIVE)
        )
        return [stem for stem, _ in pairs], [place for _, place in pairs]

    def starts(self, pattern: Pattern) -> Ints:
        """Parts at which the pattern begins, ascending."""
        slots = pattern.slots
        size = len(slots)
        fits = [self._fit(s, last=i == size - 1) for i, s in enumerate(slots)]
        rarest = min(range(size), key=lambda i: fits[i].often)
        if fits[rarest].often == 0:
            return np.empty(0, dtype=np.int32)
        found = np.concatenate(
            [self._order[self._starts[v] : self._ends[v]] for v in fits[rarest].words]
        )
        begin = found - rarest
        begin = begin[(begin >= 0) & (begin + size <= len(self.parts))]
        for offset, fit in enumerate(fits):
            if offset != rarest:
                begin = begin[fit.mask[self.parts[begin + offset]]]
        return np.sort(begin).astype(np.int32)

    def covered(self, patterns: Sequence[Pattern]) -> npt.NDArray[np.bool_]:
        """For each part, whether any of the patterns covers it."""
        mask = np.zeros(len(self.parts), dtype=bool)
        for pattern in patterns:
            begin = self.starts(pattern)
            for offset in range(len(pattern.slots)):
                mask[begin + offset] = True
        return mask


def find(
    matcher: Matcher,
    variants: Mapping[tuple[str, str], Sequence[Pattern]],
    *,
    scope: Scope = "key",
) -> list[Hit]:
    """Match every variant; where matches overlap, the longest wins, then the first.

    Parameters
    ----------
    matcher
        Over the stream to search.
    variants
        ``(entry, variant)`` to patterns. Where two variants of an entry match the same
        parts, the one named first wins.
    scope
        Whether overlap is judged within an entry or over all of them.

    Returns
    -------
    Hits in the order of their start, then entry.

    """
    pools: dict[str, list[Hit]] = {}
    for (entry, variant), patterns in variants.items():
        pool = pools.setdefault(entry if scope == "key" else "", [])
        for pattern in patterns:
            size = len(pattern.slots)
            pool += [Hit(entry, variant, b, b + size) for b in matcher.starts(pattern).tolist()]
    kept = [hit for pool in pools.values() for hit in _longest(pool)]
    return sorted(kept, key=lambda h: (h.start, h.stop, h.entry))


def _longest(hits: list[Hit]) -> list[Hit]:
    """Longest matches first, none that touches one already kept (ties: first, then as given)."""
    kept: list[Hit] = []
    taken: set[int] = set()
    for hit in sorted(hits, key=lambda h: (h.start - h.stop, h.start)):
        span = range(hit.start, hit.stop)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(hit)
    return kept
