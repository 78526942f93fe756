"""Find matches of patterns in a stream of parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from tifa.lexicon.patterns import MARKS, Glob, Pattern, Slot, fitting
from tifa.text.tokens import Ints, Stream, expand_runs
from tifa.util.errors import TifaError

#: "key": matches of different entries may overlap, as in quanteda's nested_scope; those of
#: one entry may not. "dictionary": no two matches overlap, whatever their entry.
Scope = Literal["key", "dictionary"]

Longs = npt.NDArray[np.int64]

_POSSESSIVE = "'s"
#: Number of patterns to search together: enough for speed, few enough for memory.
_TOGETHER = 500


@dataclass(frozen=True)
class Hit:
    """One match: parts ``start`` to ``stop`` (exclusive) of a stream, and what matched."""

    entry: str
    variant: str
    start: int
    stop: int


class Matcher:
    """Finds patterns in one stream.

    Many patterns are searched together (:meth:`look_for`): for each pattern, every occurrence of
    its rarest word is a candidate, and the candidates of all patterns are compared at once, slot by
    slot. Results are cached.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.parts: Ints = stream.parts
        # numpy sorts 16-bit numbers by radix, which is several times as fast
        few = len(stream.part_vocabulary) <= np.iinfo(np.uint16).max
        order = np.argsort(self.parts.astype(np.uint16) if few else self.parts, kind="stable")
        self._order: Ints = order.astype(np.int32)
        self._counts = np.bincount(self.parts, minlength=len(stream.part_vocabulary))
        self._starts = np.cumsum(self._counts) - self._counts
        self._found: dict[Pattern, Ints] = {}

    def look_for(self, patterns: Iterable[Pattern]) -> None:
        """Search many patterns together, so that :meth:`starts` can return them."""
        wanted = [p for p in dict.fromkeys(patterns) if p not in self._found]
        for first in range(0, len(wanted), _TOGETHER):
            some = wanted[first : first + _TOGETHER]
            which, begin = self._all_starts(some)
            # sorted by pattern, then by position
            key = np.sort(which * len(self.parts) + begin)
            which, begin = np.divmod(key, max(len(self.parts), 1))
            ends = np.searchsorted(which, np.arange(1, len(some)))
            parts = np.split(begin.astype(np.int32), ends)
            parts = [self._with_capitals(p, at) for p, at in zip(some, parts, strict=True)]
            self._found.update(zip(some, parts, strict=True))

    def starts(self, pattern: Pattern) -> Ints:
        """Parts where the pattern begins, ascending."""
        if pattern not in self._found:
            self.look_for([pattern])
        return self._found[pattern]

    def _all_starts(self, patterns: Sequence[Pattern]) -> tuple[Longs, Longs]:
        """Find which patterns begin at which parts, unsorted."""
        numbers: dict[tuple[Slot, bool], int] = {}
        sizes = np.array([len(p.slots) for p in patterns])
        # the number of the slot at each position of each pattern; the last word may be possessive
        slot = np.zeros((len(patterns), sizes.max()), dtype=np.int64)
        for row, pattern in enumerate(patterns):
            last = len(pattern.slots) - 1
            for place, member in enumerate(pattern.slots):
                slot[row, place] = numbers.setdefault((member, place == last), len(numbers))
        words = [self._fitting(member, last=last) for member, last in numbers]
        many = np.array([len(w) for w in words])
        flat = np.array([w for some in words for w in some], dtype=np.int64)
        of_slot = np.repeat(np.arange(len(words)), many)
        fits = np.zeros((len(words), len(self._counts)), dtype=bool)
        fits[of_slot, flat] = True
        often = np.bincount(of_slot, weights=self._counts[flat], minlength=len(words))
        beyond = np.arange(slot.shape[1]) >= sizes[:, None]
        rarest = np.where(beyond, np.inf, often[slot]).argmin(axis=1)
        sought = slot[np.arange(len(patterns)), rarest]
        # all words that fit the rarest slot, and all their positions
        pattern_of, at = expand_runs((np.cumsum(many) - many)[sought], many[sought])
        word_of, at = expand_runs(self._starts[flat[at]], self._counts[flat[at]])
        which = pattern_of[word_of]
        begin = self._order[at] - rarest[which]
        kept = (begin >= 0) & (begin + sizes[which] <= len(self.parts))
        which, begin = which[kept], begin[kept]
        for offset in range(slot.shape[1]):
            longer = sizes[which] > offset
            kept = ~longer
            kept[longer] = fits[slot[which[longer], offset], self.parts[begin[longer] + offset]]
            which, begin = which[kept], begin[kept]
        return which, begin

    def _with_capitals(self, pattern: Pattern, begin: Ints) -> Ints:
        """Keep the matches that have the capitals the pattern requires."""
        for place, slot in enumerate(pattern.slots):
            globs = [Glob(g.cased) for g in slot if g.cased]
            if not globs:
                continue
            if self.stream.cased is None:
                raise TifaError("capitals only matter in languages with spaces between words")
            vocabulary, parts = self.stream.cased
            fits = np.zeros(len(vocabulary), dtype=bool)
            fits[fitting(globs, vocabulary)] = True
            forms = [vocabulary]
            if place == len(pattern.slots) - 1:
                forms.append([w.removesuffix(_POSSESSIVE) for w in vocabulary])
                fits |= [any(g.matches(w) for g in globs) for w in forms[-1]]
            # the other alternatives of the slot, in upper or lower case
            if others := [g for g in slot if not g.cased]:
                for words in forms:
                    fits |= [any(g.matches(w.lower()) for g in others) for w in words]
            begin = begin[fits[parts[begin + place]]]
        return begin

    def _fitting(self, slot: Slot, *, last: bool) -> list[int]:
        """Indices of the words that fit a slot; the last word may be possessive."""
        found = set(fitting(slot, self.stream.part_vocabulary))
        if last:
            # "spirit's" fits wherever "spirit" does
            stems, places = self._possessives
            found.update(places[i] for i in fitting(slot, stems))
        # a wildcard matches a word, not a punctuation mark
        return sorted(found.difference(self._marks if slot not in MARKS else [0]))

    @cached_property
    def _marks(self) -> list[int]:
        """Indices in the vocabulary of punctuation marks."""
        marks = (fitting(mark, self.stream.part_vocabulary) for mark in MARKS)
        return [0, *chain.from_iterable(marks)]

    @cached_property
    def _possessives(self) -> tuple[list[str], list[int]]:
        """Stems of the possessives, sorted, and the indices of the possessives."""
        pairs = sorted(
            (word.removesuffix(_POSSESSIVE), place)
            for place, word in enumerate(self.stream.part_vocabulary)
            if word.endswith(_POSSESSIVE)
        )
        return [stem for stem, _ in pairs], [place for _, place in pairs]

    def covered(self, patterns: Sequence[Pattern]) -> npt.NDArray[np.bool_]:
        """For each part, whether a match of any of the patterns covers it."""
        mask = np.zeros(len(self.parts), dtype=bool)
        self.look_for(patterns)
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
    not_within: Mapping[str, Sequence[Pattern]] | None = None,
) -> list[Hit]:
    """Match every variant; where matches overlap, the longest wins, then the first.

    ``variants`` are patterns by ``(entry, variant)``; where two of an entry match the same parts,
    the one named first wins. ``scope`` says whether hits of different entries may overlap ("key")
    or not ("dictionary"). Hits inside a match of ``not_within``, longer patterns by entry, do not
    count. Hits are sorted by start, then entry.
    """
    not_within = not_within or {}
    matcher.look_for(chain.from_iterable([*variants.values(), *not_within.values()]))
    pools: dict[str, list[Hit]] = {}
    longer = {entry: _spans(matcher, patterns) for entry, patterns in not_within.items()}
    for (entry, variant), patterns in variants.items():
        pool = pools.setdefault(entry if scope == "key" else "", [])
        for pattern in patterns:
            size = len(pattern.slots)
            begin = matcher.starts(pattern)
            for start, stop in longer.get(entry, ()):
                begin = begin[~_inside(begin, size, start, stop)]
            pool += [Hit(entry, variant, b, b + size) for b in begin.tolist()]
    kept = [hit for pool in pools.values() for hit in _longest(pool)]
    return sorted(kept, key=lambda h: (h.start, h.stop, h.entry))


def _spans(matcher: Matcher, patterns: Sequence[Pattern]) -> list[tuple[Ints, Ints]]:
    """Where each pattern begins and ends."""
    found = [(matcher.starts(p), len(p.slots)) for p in patterns]
    return [(begin, begin + size) for begin, size in found if len(begin)]


def _inside(begin: Ints, size: int, start: Ints, stop: Ints) -> npt.NDArray[np.bool_]:
    """Which matches of one length are inside spans of one greater length."""
    # spans have equal length, so the last one to begin is the last one to end
    last = np.searchsorted(start, begin, side="right") - 1
    return (last >= 0) & (begin + size <= stop[last])


def _longest(hits: list[Hit]) -> list[Hit]:
    """Keep the longest matches that do not overlap a kept one (ties: the first, then as given)."""
    if len(hits) < 2:
        return hits
    kept: list[Hit] = []
    taken: set[int] = set()
    for hit in sorted(hits, key=lambda h: (h.start - h.stop, h.start)):
        span = range(hit.start, hit.stop)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(hit)
    return kept
