"""Make the explorer's counts by country, and its counts of entries and Chinese words by room.

A *room* is a corpus other than the UN debates that is counted by year, such as the evening news.
Counts by group of speakers are in the file of each entry. Counts by country are in one file per
country, which the page fetches when needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tifa.lexicon.model import Entry
from tifa.publish.explorer_codec import bases, counts_by_year, encode_number, years_of
from tifa.text.language import Language

#: The type of a function that calls ``encode_years`` with the same cells each time. Its arguments
#: are a table with the columns key, year, n and docs, and the first year.
Writer = Callable[[pl.DataFrame, int], pl.DataFrame]


@dataclass(frozen=True)
class Room:
    """A corpus that is counted by year.

    Only Chinese corpora have ``word_years``, a table of the words that occur ``least`` times or
    more. Its columns are word, year, n and docs.
    """

    id: str
    label: str
    language: Language
    documents: pl.DataFrame
    hits: pl.DataFrame
    word_years: pl.DataFrame | None = None
    least: int = 1

    @property
    def span(self) -> tuple[int, int]:
        """The years of the earliest and the latest document."""
        return years_of(self.documents)


def listed(rooms: Sequence[Room]) -> list[dict[str, Any]]:
    """Return the description of each room for index.json."""
    return [
        {
            "id": room.id,
            "label": room.label,
            "language": room.language,
            "first": room.span[0],
            "last": room.span[1],
            "years": bases(room.documents, *room.span),
            "words": room.word_years is not None,
            "least": room.least,
        }
        for room in rooms
    ]


def entries_by_year(
    documents: pl.DataFrame, hits: pl.DataFrame, first: int, write: Writer
) -> dict[str, str]:
    """Return the encoded counts of each entry by year in these documents."""
    rows = hits.select("doc_id", key="entry")
    rows = rows.join(documents.select("doc_id", "year"), on="doc_id")
    return dict(write(counts_by_year(rows), first).iter_rows())


def chinese_words(rooms: Sequence[Room], write: Writer) -> pl.DataFrame:
    """Return the encoded counts by year of the words in Chinese texts.

    The columns are ``key`` (the word) and ``value``. A value has one string for each room with
    ``word_years``; the strings are separated by spaces. Words with a character beyond U+FFFF are
    left out.
    """
    table = pl.DataFrame(schema={"key": pl.String})
    for room in rooms:
        if room.word_years is not None:
            rows = room.word_years.rename({"word": "key"}).sort("key", "year")
            rows = rows.filter(~pl.col("key").str.contains(r"[\x{10000}-\x{10FFFF}]"))
            written = write(rows.select("key", "year", "n", "docs"), room.span[0])
            written = written.rename({"years": room.id})
            table = table.join(written, on="key", how="full", coalesce=True)
    value = pl.concat_str(pl.lit(""), pl.exclude("key").fill_null(""), separator=" ")
    return table.select("key", value=value.str.strip_prefix(" ")).sort("key")


def country_files(
    documents: pl.DataFrame, hits: pl.DataFrame, names: Mapping[str, str], span: tuple[int, int],
    groups: Sequence[str], write: Writer,
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """Yield the name and content of one file per country, with counts of entries in its speeches.

    In each file, ``years`` has the numbers of speeches and words by year, ``entries`` the counts of
    each entry by year, and ``before`` the governments that spoke for the country under another
    name, each with its first and last year. The file's ``groups`` has one encoded number per year:
    the position, counted from 1, of the speaker's group in the argument ``groups``, or 0 if there
    is no speech that year. ``names`` maps codes of countries to names. ``span`` has the first and
    the last year.
    """
    for (country,), own in documents.group_by("country", maintain_order=True):
        other = ~pl.col("government").str.contains(names.get(str(country), ""), literal=True)
        before = (
            own.filter(other)
            .group_by("government")
            .agg(first=pl.col("year").min(), last=pl.col("year").max())
        )
        spoke = own.select("year", "speaker").iter_rows() if groups else ()
        among = {year: 1 + groups.index(group) for year, group in spoke}
        years = range(span[0], span[1] + 1)
        content = {
            "of": country,
            "years": bases(own, *span),
            "groups": "".join(encode_number(among.get(year, 0)) for year in years),
            "before": [list(row) for row in before.sort("first").iter_rows()],
            "entries": entries_by_year(own, hits, span[0], write),
        }
        yield f"country/{country}.json", json.dumps(content, separators=(",", ":")).encode()


#: Id of the entry that is suggested before other spirits, because the chapter on the UN debates
#: compares it with the Shanghai Spirit.
NEAREST_SPIRIT = "spirit-of-bandung"


def related_entries(entries: Sequence[Entry], counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Return up to four related entries for each entry that never occurs in the debates.

    The related entries do occur there. For most entries they are the most frequent entries of the
    same family, without the components of the entry. For a spirit (an entry such as "Spirit of
    Geneva") they are one entry of its family, the spirit of Bandung, and the most frequent other
    spirits. The entry of its family is the one with the same id as the family, or else the most
    frequent one. ``counts`` has the number of speeches by entry.
    """

    def first(candidates: Iterator[Entry]) -> list[str]:
        return sorted((e.id for e in candidates if counts.get(e.id)), key=lambda e: (-counts[e], e))

    found = {}
    for entry in entries:
        if counts.get(entry.id):
            continue
        own = first(e for e in entries if e.family == entry.family and e.id not in entry.components)
        if "spirit" in entry.label.lower():
            own = [e for e in own if e == entry.family] or own[:1]
            spirits = first(e for e in entries if "spirit of" in e.label.lower())
            own += sorted(spirits, key=lambda e: e != NEAREST_SPIRIT)
        found[entry.id] = list(dict.fromkeys(own))[:4]
    return found
