"""Read the files of the explorer like the page, to compare them with the tables."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from tifa.features.ngrams import LONGEST, THRESHOLD, WORD_THRESHOLD
from tifa.publish.explorer import _BASE, _GAPS, _OTHER, _SMALL, ALPHABET
from tifa.text.words import words
from tifa.util.errors import TifaError


def decode_numbers(written):
    """Read numbers as :func:`encode_number` writes them.

    >>> from tifa.publish.explorer import encode_number
    >>> list(decode_numbers(encode_number(7) + encode_number(1946)))
    [7, 1946]
    """
    values = iter(map(ALPHABET.index, written))
    for value in values:
        if value < _SMALL:
            yield value
            continue
        total = 0
        for _ in range(value - _SMALL + 2):
            total = total * _BASE + next(values)
        yield total


def decode_pairs(written):
    """Read pairs of numbers: country and count, or count and documents.

    >>> decode_pairs("%'!$")
    [(3, 5), (0, 2)]
    """
    numbers = list(decode_numbers(written))
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def decode_years(written, cells, first):
    """Read a row of years.

    Parameters
    ----------
    written
        For each year from ``first`` a cell, or one character for a run of empty years.
    cells
        (n, documents) of the cells that are one character.
    first
        The first year of the corpus.

    Returns
    -------
    (year, n, documents) of the years with a hit.

    """
    found = []
    year, place = first, 0
    while place < len(written):
        value = ALPHABET.index(written[place])
        place += 1
        if value < _GAPS:
            year += value + 1
            continue
        if written[place - 1] == _OTHER:
            docs, place = _number_at(written, place)
            more, place = _number_at(written, place)
            found.append((year, docs + more, docs))
        else:
            n, docs = cells[value - _GAPS]
            found.append((year, n, docs))
        year += 1
    return found


def _number_at(written, place):
    value = ALPHABET.index(written[place])
    size = 1 if value < _SMALL else value - _SMALL + 3
    return next(decode_numbers(written[place : place + size])), place + size


@dataclass(frozen=True)
class Explorer:
    """The built files, read like the page reads them."""

    folder: Path

    @cached_property
    def index(self):
        """The first file that the page fetches."""
        return self._read("index.json")

    def _read(self, name):
        try:
            return json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError) as error:
            raise TifaError(
                f"not a file of the explorer ({error}); build the site again",
                where=self.folder / name,
            ) from None

    def row(self, phrase):
        """Encoded years, countries and places of an n-gram, or None."""
        sought = words(phrase)
        if not 1 <= len(sought) <= LONGEST:
            return None
        key, starts = " ".join(sought), self.starts(len(sought))
        shard = bisect_right(starts, key) - 1
        if shard < 0:
            return None
        written = self._read(f"{len(sought)}/{shard}.json").get(key)
        return None if written is None else _split(written)

    def starts(self, kind):
        """Where the shards of a kind begin."""
        found = self._read(f"sections/{kind}.json")["starts"].split("|")
        return found

    def chinese(self, word):
        """Encoded years of a Chinese word in each room with words."""
        shard = bisect_right(self.starts("zh"), word) - 1
        written = self._read(f"zh/{shard}.json").get(word)
        return None if written is None else written.split(" ")

    def entry_file(self, entry_id):
        """The file of an entry."""
        return self._read(f"entry/{entry_id}.json")

    def country(self, code):
        """A country's bases and entries."""
        return self._read(f"country/{code}.json")

    def entry(self, entry_id):
        """Encoded years, countries and places of an entry."""
        found = self._read(f"entry/{entry_id}.json")
        return found["years"], found["countries"], found["places"]

    def by_year(self, years):
        """Counts by year, in the format of :func:`tifa.count`, zeros included."""
        found = {y: (n, d) for y, n, d in decode_years(years, self.index["cells"], self.first)}
        rows = [
            (year, *found.get(year, (0, 0)), documents, total)
            for year, (documents, total) in enumerate(
                decode_pairs(self.index["years"]), start=self.first
            )
            if documents
        ]
        return pd.DataFrame(rows, columns=["year", "n", "docs", "documents", "words"])

    @property
    def first(self):
        """The first year."""
        return int(self.index["first"])

    def by_country(self, countries):
        """Counts of the countries that use a phrase most: country, n."""
        rows = [(self.index["countries"][c][0], n) for c, n in decode_pairs(countries)]
        return pd.DataFrame(rows, columns=["country", "n"])


def _split(written):
    years, countries, places = [*written.split(" "), "", ""][:3]
    return years, countries, places


def look_up(folder, phrase):
    """Count a phrase by year from the built files, like the page.

    Parameters
    ----------
    folder
        Where the files of the explorer are.
    phrase
        The id of a phrasebook entry, or an n-gram of one to four words.

    Returns
    -------
    One row a year: year, n, docs (documents with the phrase), documents and words (all of the
    year). The same as ``tifa.count(tifa.load("ungdc"), phrase, by="year")``.

    Raises
    ------
    TifaError
        If the files do not have the phrase.

    """
    files = Explorer(folder)
    if phrase in {e[0] for e in files.index["entries"]}:
        return files.by_year(files.entry(phrase)[0])
    row = files.row(phrase)
    if row is None or not row[0]:
        raise TifaError(
            f"{phrase!r} is not in the published n-grams (seen {THRESHOLD} times or more, single "
            f"words {WORD_THRESHOLD} times), and no entry has this id"
        )
    return files.by_year(row[0])
