"""Collect the names by which people look for entries of the phrasebook."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from tifa.lexicon.patterns import MARKS, Slot, parse
from tifa.text.words import normalise, words_of

if TYPE_CHECKING:
    from tifa.lexicon.model import Entry

#: Signs in a pattern that stand for any letters.
WILD = frozenset("*?")


@dataclass(frozen=True)
class Named:
    """Names and wordings, each with the index of its entry in the phrasebook.

    ``exact`` has ids, and complete labels in lower case. ``names`` has all names, folded by
    :func:`fold_names`. ``wordings`` has the folded strings that patterns without a wildcard match,
    except those in ``names``. ``wild`` lists the English patterns with a wildcard, as slots without
    punctuation marks.
    """

    exact: dict[str, int]
    names: dict[str, int]
    wordings: dict[str, int]
    wild: list[tuple[list[Slot], int]]

    def find(self, name: str) -> int | None:
        """Return the index of the entry with this folded name or wording, or None."""
        for table in (self.names, self.wordings):
            if name in table:
                return table[name]
        words = name.split(" ")
        for slots, index in self.wild:
            if len(slots) == len(words) and all(
                any(glob.matches(word) for glob in slot)
                for slot, word in zip(slots, words, strict=True)
            ):
                return index
        return None


def fold_names(phrases: Sequence[str]) -> list[str]:
    """Fold phrases for comparison: keep only the words, in lower case, with spaces for hyphens.

    >>> fold_names(["“Win-Win”  Cooperation"])
    ['win win cooperation']
    """
    texts = pl.lit(pl.Series(phrases, dtype=pl.String))
    folded = words_of(normalise(texts)).list.join(" ").str.replace_all("-", " ", literal=True)
    return pl.select(folded).to_series().to_list()


def entry_names(entry: Entry) -> list[str]:
    """Return the names of an entry: id, label, label without parentheses, acronym, zh and pinyin.

    A name that the entry does not have is an empty string.
    """
    bare = entry.label.partition("(")[0] + entry.label.partition(")")[2]
    inside = entry.label.partition("(")[2].partition(")")[0]
    # an acronym in parentheses is a name; "(for mankind)" is not
    acronym = inside if inside.isupper() else ""
    return [entry.id, entry.label, bare, acronym, entry.zh, strip_marks(entry.pinyin)]


def strip_marks(text: str) -> str:
    """Remove accents."""
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if not unicodedata.combining(c))


def named_entries(entries: Sequence[Entry]) -> Named:
    """Map every name to its entry.

    If two entries share a name (such as a Chinese phrase with two translations), the name means the
    first entry; but an id always means its own entry.
    """
    ids = [(e.id, index) for index, e in enumerate(entries)]
    labels = pl.lit(pl.Series([e.label for e in entries], dtype=pl.String))
    folded = pl.select(normalise(labels).str.to_lowercase()).to_series()
    listed = [*ids, *((n, index) for index, e in enumerate(entries) for n in entry_names(e))]
    variants = [(v, index) for index, e in enumerate(entries) for v in e.variants]
    literal = [
        (each, index)
        for v, index in variants
        for pattern in (*v.patterns, *v.zh_patterns)
        if not set(pattern) & WILD
        for each in _each(pattern)
    ]
    names = _first(listed)
    return Named(
        exact={n: index for index, n in reversed(list(enumerate(folded)))} | dict(ids),
        names=names,
        wordings={w: index for w, index in _first(literal).items() if w not in names},
        wild=[
            ([slot for slot in parse(pattern).slots if slot not in MARKS], index)
            for v, index in variants
            for pattern in v.patterns
            if set(pattern) & WILD
        ],
    )


def _each(pattern: str) -> Iterator[str]:
    """Yield one string without parentheses for each combination of alternatives in a pattern."""
    parts = re.split(r"\(([^()]*)\)", pattern)
    return map("".join, product(*(part.split("|") for part in parts)))


def _first(named: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Map each folded name to the first index that is paired with it, and leave out empty names."""
    folded = fold_names([name for name, _ in named])
    pairs = zip(reversed(folded), [index for _, index in reversed(named)], strict=True)
    return {name: index for name, index in pairs if name}
