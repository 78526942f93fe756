"""The names by which people look for entries of the phrasebook."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tifa.text.words import normalise, words_of

if TYPE_CHECKING:
    from tifa.lexicon.model import Entry


@dataclass(frozen=True)
class Named:
    """Name to the place of its entry in the phrasebook.

    Attributes
    ----------
    exact
        Ids, and labels as they are written (in lower case).
    names
        All names, folded (see :func:`fold_names`).
    wordings
        Wordings without a wildcard that are no entry's name, folded.

    """

    exact: dict[str, int]
    names: dict[str, int]
    wordings: dict[str, int]


def fold_names(phrases: Sequence[str]) -> list[str]:
    """Fold phrases as names of entries are compared: words, hyphens as spaces.

    >>> fold_names(["“Win-Win”  Cooperation"])
    ['win win cooperation']
    """
    texts = pl.lit(pl.Series(phrases, dtype=pl.String))
    folded = words_of(normalise(texts)).list.join(" ").str.replace_all("-", " ", literal=True)
    return pl.select(folded).to_series().to_list()


def entry_names(entry: Entry) -> list[str]:
    """Names under which a reader finds an entry: id, label (whole and without brackets), Chinese.

    >>> import tifa
    >>> entry_names(tifa.phrasebook().entry("win-win-cooperation"))[:3]
    ['win-win-cooperation', 'win-win (cooperation)', 'win-win ']
    """
    bare = entry.label.partition("(")[0] + entry.label.partition(")")[2]
    inside = entry.label.partition("(")[2].partition(")")[0]
    # an acronym in brackets is a name; "(for mankind)" is not
    acronym = inside if inside.isupper() else ""
    return [entry.id, entry.label, bare, acronym, entry.zh, strip_marks(entry.pinyin)]


def strip_marks(text: str) -> str:
    """Take accents off.

    >>> strip_marks("Shànghǎi")
    'Shanghai'
    """
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if not unicodedata.combining(c))


def named_entries(entries: Sequence[Entry]) -> Named:
    """Find the entry of every name.

    Where two entries share a name (Chinese that was translated in two ways), the first has it;
    but an id belongs to its entry.
    """
    ids = [(e.id, place) for place, e in enumerate(entries)]
    labels = pl.lit(pl.Series([e.label for e in entries], dtype=pl.String))
    folded = pl.select(normalise(labels).str.to_lowercase()).to_series()
    listed = [*ids, *((n, place) for place, e in enumerate(entries) for n in entry_names(e))]
    patterns = [
        (p, place)
        for place, e in enumerate(entries)
        for v in e.variants
        for p in (*v.patterns, *v.zh_patterns)
        if not set(p) & set("*?()|")
    ]
    names = _first(fold_names([n for n, _ in listed]), [place for _, place in listed])
    wordings = _first(fold_names([p for p, _ in patterns]), [place for _, place in patterns])
    return Named(
        exact={n: place for place, n in reversed(list(enumerate(folded)))} | dict(ids),
        names=names,
        wordings={w: place for w, place in wordings.items() if w not in names},
    )


def _first(names: Sequence[str], places: Sequence[int]) -> dict[str, int]:
    """The first place of each name."""
    return {n: p for n, p in reversed(list(zip(names, places, strict=True))) if n}
