"""Find where patterns match in a batch of sentences (a :class:`tifa.text.tokens.Stream`).

A stream is a sequence of parts, which are words, pieces of words or punctuation marks. One slot of
a pattern matches one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, product
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.lexicon.patterns import LAST, MARKS, Glob, Pattern, Slot
from tifa.text.tokens import Int32s, Int64s, Stream, expand_runs
from tifa.util.errors import TifaError

#: Which matches may overlap: those of different entries ("key"), or none ("dictionary"). The R
#: package quanteda has the same options for nested_scope.
Scope = Literal["key", "dictionary"]

_POSSESSIVE = "'s"
#: Largest number of patterns to search for together; more would need too much memory.
_TOGETHER = 500


@dataclass(frozen=True)
class Hit:
    """A match of a variant, in the parts from ``start`` to ``stop`` (exclusive) of a stream."""

    entry: str
    variant: str
    start: int
    stop: int


@dataclass(frozen=True)
class _Slots:
    """The distinct slots of some patterns, with their globs."""

    #: For each slot, whether it is the last of its pattern, and whether it is a punctuation mark.
    last: npt.NDArray[np.bool_]
    mark: npt.NDArray[np.bool_]
    #: For each glob: the index of its slot, its letters before the first wildcard, and an upper
    #: bound, in alphabetical order, of the words that fit the glob.
    slot: Int64s
    prefix: pl.Series
    beyond: pl.Series
    #: Regular expressions by index of glob, for globs with ``?``, or with a star before the end.
    rare: dict[int, str]

    def within(self, vocabulary: pl.Series) -> tuple[Int64s, Int64s]:
        """Find the words of a sorted vocabulary that fit each glob.

        Returns two arrays of the same length: indices of globs, and of words that fit them.
        """
        first = vocabulary.search_sorted(self.prefix, "left").to_numpy().astype(np.int64)
        behind = vocabulary.search_sorted(self.beyond, "right").to_numpy().astype(np.int64)
        glob, word = expand_runs(first, behind - first)
        fits = np.ones(len(glob), dtype=bool)
        for number, regex in self.rare.items():
            start, stop = np.searchsorted(glob, [number, number + 1])
            fitting = vocabulary.slice(first[number], stop - start)
            fits[start:stop] = fitting.str.contains(regex).to_numpy()
        return glob[fits], word[fits]


@lru_cache(maxsize=100)
def _slots_of(patterns: tuple[Pattern, ...]) -> tuple[Int64s, Int64s, _Slots]:
    """Return the lengths of patterns, a matrix of their slots (as indices), and the slots."""
    numbers: dict[tuple[Slot, bool], int] = {}
    sizes = np.array([len(p.slots) for p in patterns])
    slot = np.zeros((len(patterns), sizes.max()), dtype=np.int64)
    for row, pattern in enumerate(patterns):
        last = len(pattern.slots) - 1
        for place, member in enumerate(pattern.slots):
            slot[row, place] = numbers.setdefault((member, place == last), len(numbers))
    globs = [(number, glob) for (member, _), number in numbers.items() for glob in member]
    return (
        sizes,
        slot,
        _Slots(
            last=np.array([last for _, last in numbers]),
            mark=np.array([member in MARKS for member, _ in numbers]),
            slot=np.array([number for number, _ in globs]),
            prefix=pl.Series([g.prefix for _, g in globs], dtype=pl.String),
            beyond=pl.Series(
                [g.prefix if g.literal else g.prefix + LAST for _, g in globs], dtype=pl.String
            ),
            rare={
                i: _regex(g)
                for i, (_, g) in enumerate(globs)
                if not g.literal and g.text != f"{g.prefix}*"
            },
        ),
    )


def _regex(glob: Glob) -> str:
    wild = {"*": ".*", "?": "."}
    return f"(?s)^{''.join(wild.get(c) or pl.escape_regex(c) for c in glob.text)}$"


class Matcher:
    """Finds where patterns match in one stream.

    The rarest slot of a pattern is the one that the fewest parts fit. Each of these parts gives a
    candidate for a match; then the candidates are compared with the pattern, slot by slot. Results
    are cached. To save time, many patterns can be searched for together (:meth:`look_for`).
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.parts: Int32s = stream.parts
        # numpy sorts 16-bit numbers several times as fast as larger ones
        few = len(stream.part_vocabulary) <= np.iinfo(np.uint16).max
        order = np.argsort(self.parts.astype(np.uint16) if few else self.parts, kind="stable")
        self._order: Int32s = order.astype(np.int32)
        self._counts = np.bincount(self.parts, minlength=len(stream.part_vocabulary))
        self._starts = np.cumsum(self._counts) - self._counts
        self._found: dict[Pattern, Int32s] = {}

    def look_for(self, patterns: Iterable[Pattern]) -> None:
        """Search for many patterns together, and cache the results for :meth:`starts`."""
        wanted = [p for p in dict.fromkeys(patterns) if p not in self._found]
        for first in range(0, len(wanted), _TOGETHER):
            chunk = tuple(wanted[first : first + _TOGETHER])
            which, begin = self._all_starts(chunk)
            key = np.sort(which * len(self.parts) + begin)
            which, begin = np.divmod(key, max(len(self.parts), 1))
            ends = np.searchsorted(which, np.arange(1, len(chunk)))
            for pattern, found in zip(chunk, np.split(begin.astype(np.int32), ends), strict=True):
                cased = pattern.capitals and len(found)
                self._found[pattern] = self._with_capitals(pattern, found) if cased else found

    def starts(self, pattern: Pattern) -> Int32s:
        """Return the indices of the parts at which a pattern matches, ascending."""
        if pattern not in self._found:
            self.look_for([pattern])
        return self._found[pattern]

    def _all_starts(self, patterns: tuple[Pattern, ...]) -> tuple[Int64s, Int64s]:
        """Find all matches of the patterns, unsorted.

        Returns two arrays with one item per match: the indices of its pattern and its first part.
        """
        sizes, slot, slots = _slots_of(patterns)
        of_slot, flat = self._fitting(slots)
        n_words = np.bincount(of_slot, minlength=len(slots.last))
        fits = np.zeros((len(n_words), len(self._counts)), dtype=bool)
        fits[of_slot, flat] = True
        often = np.bincount(of_slot, weights=self._counts[flat], minlength=len(n_words))
        beyond = np.arange(slot.shape[1]) >= sizes[:, None]
        rarest = np.where(beyond, np.inf, often[slot]).argmin(axis=1)
        sought = slot[np.arange(len(patterns)), rarest]
        # find all words that fit the rarest slot of each pattern, and all their positions
        pattern_of, at = expand_runs((np.cumsum(n_words) - n_words)[sought], n_words[sought])
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

    def _with_capitals(self, pattern: Pattern, begin: Int32s) -> Int32s:
        """Return only the matches with the capitals that the pattern requires.

        Raises TifaError for a stream without capitals, such as that of a Chinese text.
        """
        if self.stream.cased is None:
            raise TifaError("capitals only matter in languages with spaces between words")
        vocabulary, parts = self.stream.cased
        for place, slot in enumerate(pattern.slots):
            if not any(g.cased for g in slot):
                continue
            forms = [vocabulary]
            if place == len(pattern.slots) - 1:
                forms.append([w.removesuffix(_POSSESSIVE) for w in vocabulary])
            fits = np.zeros(len(vocabulary), dtype=bool)
            for glob, words in product(slot, forms):
                if glob.cased:
                    fits |= [Glob(glob.cased).matches(w) for w in words]
                else:
                    fits |= [glob.matches(w.lower()) for w in words]
            begin = begin[fits[parts[begin + place]]]
        return begin

    def _fitting(self, slots: _Slots) -> tuple[Int64s, Int64s]:
        """Find the words that fit each slot; in the last slot of a pattern possessives fit too.

        Returns two arrays of the same length: indices of slots, and of words that fit them.
        """
        vocabulary, (stems, possessives) = self._vocabulary, self._possessives
        glob, word = slots.within(vocabulary)
        # in a last slot, "spirit's" fits wherever "spirit" does
        other, stem = slots.within(stems)
        ends = slots.last[slots.slot[other]]
        glob = np.concatenate([glob, other[ends]])
        word = np.concatenate([word, possessives[stem[ends]]])
        slot = slots.slot[glob]
        # a wildcard matches a word, not a punctuation mark
        kept = (word > 0) & (~self._marks[word] | slots.mark[slot])
        size = max(len(vocabulary), 1)
        key = np.sort(slot[kept] * size + word[kept])
        slot, word = np.divmod(key[np.diff(key, prepend=-1) > 0], size)
        return slot, word

    @cached_property
    def _vocabulary(self) -> pl.Series:
        return pl.Series(self.stream.part_vocabulary, dtype=pl.String)

    @cached_property
    def _marks(self) -> npt.NDArray[np.bool_]:
        return self._vocabulary.is_in([mark.text for (mark,) in MARKS]).to_numpy()

    @cached_property
    def _possessives(self) -> tuple[pl.Series, Int64s]:
        """All possessives: their stems (sorted), and their indices in the vocabulary."""
        ends = self._vocabulary.str.ends_with(_POSSESSIVE)
        stems = self._vocabulary.filter(ends).str.strip_suffix(_POSSESSIVE)
        order = stems.arg_sort()
        return stems.gather(order), ends.arg_true().gather(order).to_numpy().astype(np.int64)

    def covered(self, patterns: Sequence[Pattern]) -> npt.NDArray[np.bool_]:
        """Return for each part whether it is inside a match of any of the patterns."""
        mask = np.zeros(len(self.parts), dtype=bool)
        self.look_for(patterns)
        for pattern in patterns:
            begin = self.starts(pattern)
            for offset in range(len(pattern.slots)):
                mask[begin + offset] = True
        return mask


def find_hits(
    matcher: Matcher,
    variants: Mapping[tuple[str, str], Sequence[Pattern]],
    *,
    scope: Scope = "key",
    not_within: Mapping[str, Sequence[Pattern]] | None = None,
) -> list[Hit]:
    """Find the hits of all variants.

    If matches of an entry overlap, only the longest is a hit; if they are equally long, only the
    first in the text. With the ``scope`` "dictionary", this is also true of matches of different
    entries; with "key", hits of different entries may overlap. ``variants`` are patterns by
    ``(entry, variant)``; if two variants of an entry match the same parts, the hit belongs to the
    variant that is given first. ``not_within`` has longer patterns by entry; a match of the entry
    inside a match of such a pattern is not a hit. Returns the hits sorted by start, then stop, then
    entry.
    """
    not_within = not_within or {}
    matcher.look_for(chain.from_iterable([*variants.values(), *not_within.values()]))
    pools: dict[str, list[Hit]] = {}
    for (entry, variant), patterns in variants.items():
        pool = pools.setdefault(entry if scope == "key" else "", [])
        for pattern in patterns:
            size = len(pattern.slots)
            begin = matcher.starts(pattern)
            for longer in not_within.get(entry, ()):
                begin = begin[~_inside(begin, size, matcher.starts(longer), len(longer.slots))]
            pool += [Hit(entry, variant, b, b + size) for b in begin.tolist()]
    kept = [hit for pool in pools.values() for hit in _longest(pool)]
    return sorted(kept, key=lambda h: (h.start, h.stop, h.entry))


def _inside(begin: Int32s, size: int, start: Int32s, longer: int) -> npt.NDArray[np.bool_]:
    """Return for each match that begins at ``begin`` whether it is inside a longer match.

    The matches have ``size`` parts. The longer matches begin at ``start``, and have ``longer``
    parts.
    """
    if not len(start):
        return np.zeros(len(begin), dtype=bool)
    # it is enough to look at the last longer match that does not begin after the match
    last = np.searchsorted(start, begin, side="right") - 1
    return (last >= 0) & (begin + size <= start[last] + longer)


def _longest(hits: list[Hit]) -> list[Hit]:
    """Return the hits that remain if only the longest of overlapping hits is kept.

    If overlapping hits are equally long, the first in the text is kept; if they also begin at the
    same part, the first in the list.
    """
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
