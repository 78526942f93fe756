"""Make small static files with the published counts, in which the explorer page looks up phrases.

The page needs no server program: a reader's browser fetches ``index.json`` once and then, for each
phrase, the small file (shard) that contains the phrase. N-grams of one length are sorted before
they are divided into shards. Therefore all n-grams with the same beginning are in successive
shards, and the page can look up a phrase with a wildcard at its end, or suggest how a phrase may
continue. If the n-grams with a beginning are in three or more shards, ``suggest.json`` lists the
most frequent of them. The counts of an n-gram are encoded as one string
(:mod:`tifa.publish.explorer_codec`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile
from types import MappingProxyType
from typing import Any

import polars as pl

from tifa.analysis.counts import APART
from tifa.features.ngrams import LONGEST, THRESHOLD, TOP_COUNTRIES, WORD_THRESHOLD
from tifa.lexicon.model import Phrasebook
from tifa.lexicon.names import fold_names, strip_marks
from tifa.publish.explorer_codec import (
    ALPHABET,
    bases,
    encode_number,
    encode_years,
    frequent_cells,
    years_of,
)
from tifa.publish.explorer_rooms import (
    Room,
    Writer,
    chinese_words,
    country_files,
    entries_by_year,
    listed,
    related_entries,
)
from tifa.text.chinese import fold, fold_table
from tifa.util.errors import TifaError

#: Version of the file format; the page refuses files of any other version.
FORMAT = 7
#: Approximate size of a shard in bytes. A phrase with a wildcard often needs two shards.
SHARD = 9_000
#: Largest number of n-grams that a phrase with a wildcard at its end may match.
WILDCARD = 200
#: Largest number of suggestions for one prefix.
SUGGESTIONS = 8

#: Largest number of shared characters that :func:`_wordings` can encode: the next character of the
#: alphabet is |, which separates wordings.
_SAME = ALPHABET.index("|") - 1


@dataclass(frozen=True)
class Debates:
    """The tables of the UN debates, the only corpus with n-grams.

    ``documents`` has one more column, ``speaker``: the group to which the speaker belongs.
    """

    documents: pl.DataFrame
    ngrams: pl.DataFrame
    ngram_countries: pl.DataFrame
    hits: pl.DataFrame


@dataclass(frozen=True)
class SmallCorpus:
    """The tables of a small corpus, for which the explorer shows totals, not counts by year."""

    label: str
    documents: pl.DataFrame
    terms: pl.DataFrame
    hits: pl.DataFrame


def explorer_files(
    debates: Debates,
    places: Sequence[SmallCorpus],
    book: Phrasebook,
    countries: Mapping[str, str],
    *,
    rooms: Sequence[Room] = (),
    speakers: Sequence[str] = (),
    notes: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> dict[str, bytes]:
    """Return the content of all files of the explorer, by file name.

    The same tables give the same bytes. ``places`` are the small corpora. ``countries`` maps codes
    to names. ``rooms`` are the other corpora that are counted by year. ``speakers`` are the groups
    of speakers for which the page can draw lines, in order. ``notes`` maps ids of entries to texts
    that the page shows with the entry (``doubt``, ``mind`` and ``naming``). Raises TifaError for an
    n-gram that browsers would sort differently, and for a count that is too large to encode.
    """
    by_country = (
        debates.documents.group_by("country")
        .agg(pl.len(), pl.col("words").sum())
        # the countries that occur most often in ngram_countries get the shortest numbers
        .join(debates.ngram_countries["country"].value_counts(), on="country", how="left")
        .sort(pl.col("count").fill_null(0), "country", descending=[True, False])
    )
    number = {c: n for n, c in enumerate(by_country["country"])}
    cells = frequent_cells(debates.ngrams)
    first, last = years_of(debates.documents)
    rows = debates.ngrams.rename({"ngram": "key"}).sort("key", "year")
    table = encode_years(rows, cells, first)
    table = table.join(rows.group_by("key").agg(pl.col("n").sum()), on="key")
    top = debates.ngram_countries.rename({"ngram": "key"})
    table = table.join(_encode_countries(top, number), on="key", how="left")
    table = table.join(_encode_terms(places), on="key", how="full", coalesce=True)

    def write(rows: pl.DataFrame, start: int) -> pl.DataFrame:
        return encode_years(rows, cells, start)

    chinese, han = chinese_words(rooms, write), pl.col("key").str.contains(r"\p{Han}")
    # Latin words and numbers of Chinese texts are in the same files as the words of English texts
    latin, chinese = chinese.filter(~han), chinese.filter(han)
    table = table.join(latin.rename({"value": "rooms"}), on="key", how="full", coalesce=True)
    table = table.with_columns(
        pl.col("years", "countries", "places", "rooms").fill_null(""),
        pl.col("n").fill_null(0),
        size=pl.col("key").str.count_matches(" ") + 1,
    ).sort("size", "key")
    _check_order(table["key"])
    value = pl.concat_str("years", "countries", "places", "rooms", separator=" ")
    table = table.with_columns(value=value.str.strip_chars_end(" "))

    files: dict[str, Any] = {}
    sizes = [table.filter(pl.col("size") == size) for size in range(1, LONGEST + 1)]
    for place, rows in enumerate([*sizes, chinese], start=1):
        name = "zh" if place > LONGEST else str(place)
        shards, starts, cut = _shards(rows, name)
        # One character for each shard encodes its number of keys, modulo the length of ALPHABET.
        # With it, the browser notices if a key is missing.
        keys = "".join(ALPHABET[len(shard) % len(ALPHABET)] for shard in shards.values())
        # no word contains the separator |
        section = {"of": name, "starts": "|".join(starts) if starts else None, "sizes": keys}
        files |= shards | {f"sections/{name}.json": section}
        if place <= LONGEST:
            sizes[place - 1] = cut

    for entry_id, counts in _entries(book, debates, places, number, rooms, speakers, write):
        files[f"entry/{entry_id}.json"] = {**counts, **notes.get(entry_id, {})}
    files |= country_files(
        debates.documents, debates.hits, countries, (first, last), speakers, write
    )
    files["suggest.json"] = {"ends": _suggestions(sizes)}
    files["phrasebook.json"] = phrasebook_file(book)
    files["simplified.json"] = _simplified(book, chinese["key"])
    files["index.json"] = {
        "format": FORMAT,
        "first": first,
        "last": last,
        "years": bases(debates.documents, first, last),
        "cells": cells,
        "countries": "|".join(f"{c} {countries.get(c, c)}" for c in by_country["country"]),
        "spoken": _pairs(by_country.select("len", "words").rows()),
        "places": [[p.label, p.documents.height, int(p.documents["words"].sum())] for p in places],
        "rooms": listed(rooms),
        "speakers": [
            [group, bases(debates.documents.filter(speaker=group), first, last)]
            for group in speakers
        ],
        "least": {"word": WORD_THRESHOLD, "ngram": THRESHOLD, "top": TOP_COUNTRIES},
        "wildcard": WILDCARD,
        "entries": _listed(book, book.named.names),
        "wordings": _wordings(book),
    }
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return {n: c if isinstance(c, bytes) else dump(c).encode() for n, c in files.items()}


def _check_order(keys: pl.Series) -> None:
    """Raise TifaError for an n-gram that browsers sort differently, because they compare UTF-16."""
    strange = keys.filter(keys.str.contains(r"[\x{10000}-\x{10FFFF}]"))
    if strange.len():
        raise TifaError(
            f"the n-gram {strange[0]!r} has a character beyond U+FFFF, which browsers sort "
            "differently; leave it out of the table ngrams"
        )


def _encode_countries(top: pl.DataFrame, number: Mapping[str, int]) -> pl.DataFrame:
    """Encode for each key its counts by country, the largest first.

    ``number`` maps codes of countries to their index in index.json. Returns ``key`` and
    ``countries``.
    """
    short = {n: encode_number(n) for n in top["n"].unique()}
    coded = {c: encode_number(n) for c, n in number.items()}
    return (
        top.sort("key", "n", "country", descending=[False, True, False])
        .select(
            "key",
            cell=pl.concat_str(
                pl.col("country").replace_strict(coded, return_dtype=pl.String),
                pl.col("n").replace_strict(short, return_dtype=pl.String),
            ),
        )
        .group_by("key", maintain_order=True)
        .agg(countries=pl.col("cell").str.join(""))
    )


def _encode_terms(places: Sequence[SmallCorpus]) -> pl.DataFrame:
    """Encode how often each word (``key``) occurs, and in how many documents, in each corpus."""
    found: dict[str, list[tuple[int, int]]] = {}
    for at, place in enumerate(places):
        counted = place.terms.group_by("term").agg(pl.col("n").sum(), docs=pl.len())
        for term, n, docs in counted.iter_rows():
            found.setdefault(term, [(0, 0)] * len(places))[at] = (n, docs)
    return pl.DataFrame(
        {"key": list(found), "places": [_pairs(counts) for counts in found.values()]},
        schema={"key": pl.String, "places": pl.String},
    )


def _pairs(pairs: Sequence[tuple[int, int]]) -> str:
    return "".join(encode_number(n) for pair in pairs for n in pair)


def _shards(rows: pl.DataFrame, name: str) -> tuple[dict[str, Any], list[str], pl.DataFrame]:
    """Divide sorted rows of key and value into shards.

    Returns three values: the shards by file name; for each shard, the shortest prefix of its first
    key that sorts after all keys of the previous shard; and the rows, with the number of their
    shard. With the prefixes, a browser can tell which shard has a key.
    """
    size = pl.col("key").str.len_bytes() + pl.col("value").str.len_bytes() + 6
    rows = rows.with_columns(shard=(size.cum_sum() - 1) // SHARD)
    rows = rows.with_columns(shard=pl.col("shard").rank("dense").cast(pl.Int32) - 1)
    files, starts, before = {}, [], ""
    for (shard,), part in rows.group_by("shard", maintain_order=True):
        files[f"{name}/{shard}.json"] = dict(part.select("key", "value").iter_rows())
        key = part["key"][0]
        starts.append(next(key[:n] for n in range(len(key) + 1) if not shard or key[:n] > before))
        before = part["key"][-1]
    return files, starts, rows


def _suggestions(sizes: Sequence[pl.DataFrame]) -> dict[str, list[str]]:
    """Return how the most frequent n-grams with a prefix continue, by prefix.

    Only n-grams with as many words as the prefix are suggested, and only for prefixes whose n-grams
    are in three or more shards; for all other prefixes the browser fetches the shards.
    """
    found: dict[str, list[str]] = {}
    for spaces, every in enumerate(sizes):
        rows, length = every, 0
        while rows.height:
            length += 1
            rows = rows.filter(pl.col("key").str.len_chars() >= length)
            rows = rows.with_columns(start=pl.col("key").str.slice(0, length))
            spread = (pl.col("shard").max() - pl.col("shard").min()).over("start") > 1
            rows = rows.filter(spread)
            ready = rows.filter(pl.col("start").str.count_matches(" ") == spaces)
            best = ready.sort("start", "n", "key", descending=[False, True, False])
            for (start,), top in best.group_by("start", maintain_order=True):
                found[str(start)] = [key[length:] for key in top["key"].head(SUGGESTIONS)]
    return dict(sorted(found.items()))


def _listed(book: Phrasebook, names: Mapping[str, int]) -> list[list[str]]:
    """Return for each entry its id, label, Chinese name, pinyin without accents, and a query.

    The query is the id of the entry; to save space, it is left out if the label itself finds the
    entry. The id at the beginning is empty if it can be made from the label (by lower case and
    hyphens).
    """
    listed = []
    for index, entry in enumerate(book.entries):
        label = entry.label.lower()
        plain = not set(label) & set(',;"*') and names[fold_names([label])[0]] == index
        hyphens = re.sub("[^a-z0-9]+", "-", label).strip("-")
        names_of = [entry.label, entry.zh, strip_marks(entry.pinyin)]
        own = "" if hyphens == entry.id else entry.id
        listed.append([own, *names_of] + ([] if plain else [entry.id]))
    return listed


def _wordings(book: Phrasebook) -> list[str]:
    """Return the patterns of each entry in one compressed string; names of entries are left out.

    Chinese patterns with ? are left out, too. The patterns are sorted and separated by |, and /
    stands for | between alternatives. Each pattern is written with the help of a similar string.
    Three characters encode the number of this string, and how many characters the pattern shares
    with its beginning and with its end; then the rest of the pattern follows. The strings are
    numbered from 0: the label up to a parenthesis, the Chinese name, and the earlier patterns.
    """
    found = []
    for entry in book.entries:
        chinese = [p for v in entry.variants for p in v.zh_patterns if "?" not in p]
        patterns = [*chain.from_iterable(v.patterns for v in entry.variants), *chinese]
        folded = zip(patterns, fold_names(patterns), strict=True)
        known = {p for p, name in folded if name in book.named.names and not set(p) & set("*?(")}
        written, seen = [], [entry.label.lower().partition(" (")[0], entry.zh]
        for pattern in sorted(p.replace("|", "/") for p in patterns if p not in known):
            ways = (_like(pattern, model, n) for n, model in enumerate(seen[:_SAME]))
            written.append(min(ways, key=lambda way: len(way.encode())))
            seen.append(pattern)
        found.append("|".join(written))
    return found


def _like(pattern: str, model: str, number: int) -> str:
    """Write a pattern by what it has in common with a model, as :func:`_wordings` explains."""
    same = _same(pattern, model)
    rest = pattern[same:]
    end = _same(rest[::-1], model[same:][::-1])
    signs = "".join(ALPHABET[n] for n in (number, same, end))
    return signs + rest[: len(rest) - end]


def _same(one: str, other: str) -> int:
    """Return how many characters two strings have in common at the beginning."""
    pairs = zip(one, other, strict=False)
    return min(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)), _SAME)


def phrasebook_file(book: Phrasebook) -> dict[str, Any]:
    """Return the content of the file with the entries and their patterns.

    ``entries`` has for each entry the English and Chinese patterns of its variants, and the longer
    Chinese expressions inside which a match is not counted. ``controls`` has the indices of entries
    that are not formulations but are counted for comparison. ``simplified`` maps traditional
    characters to the simplified characters in these patterns and expressions.
    """
    entries, wanted = [], set[str]()
    for entry in book.entries:
        variants = [(v.patterns, [*map(fold, v.zh_patterns)]) for v in entry.variants]
        within = [*map(fold, entry.zh_not_within)]
        entries.append((variants, within))
        wanted.update(*within, *(pattern for _, zh in variants for pattern in zh))
    families = [book.families[entry.family] for entry in book.entries]
    controls = [index for index, family in enumerate(families) if family.role == "control"]
    return {"entries": entries, "controls": controls, "simplified": fold_table(wanted)}


def _simplified(book: Phrasebook, words: pl.Series) -> dict[str, str]:
    """Map traditional characters to the simplified ones that occur in Chinese words and patterns.

    ``from`` has the traditional characters, and ``to`` has the simplified ones in the same order.
    """
    patterns = [p for e in book.entries for v in e.variants for p in v.zh_patterns]
    table = fold_table({*chain.from_iterable(patterns), *chain.from_iterable(words)})
    return {"from": "".join(table), "to": "".join(table.values())}


def _entries(
    book: Phrasebook,
    debates: Debates,
    places: Sequence[SmallCorpus],
    number: Mapping[str, int],
    rooms: Sequence[Room],
    speakers: Sequence[str],
    write: Writer,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield for each entry its id and the content of its file.

    The file has the counts of the entry by year and country, encoded like the counts of n-grams,
    and its counts by small corpus, by variant, by room (see :mod:`tifa.publish.explorer_rooms`) and
    by group of speakers. It also has related entries, if the entry never occurs in the debates.
    """
    first, _ = years_of(debates.documents)
    years = entries_by_year(debates.documents, debates.hits, first, write)
    countries_of = debates.documents.select("doc_id", "country")
    hits = debates.hits.select("doc_id", key="entry").join(countries_of, on="doc_id")
    by_country = hits.group_by("key", "country").agg(n=pl.len().cast(pl.Int32))
    top = (
        by_country.sort("key", "n", "country", descending=[False, True, False])
        .group_by("key", maintain_order=True)
        .head(TOP_COUNTRIES)
    )
    countries = dict(_encode_countries(top, number).iter_rows())
    in_places = [_per_entry(place.hits) for place in places]
    by_variant = [_per_variant(hits) for hits in (debates.hits, *(p.hits for p in places))]
    in_rooms = [entries_by_year(r.documents, r.hits, r.span[0], write) for r in rooms]
    by_speaker = [
        entries_by_year(debates.documents.filter(speaker=group), debates.hits, first, write)
        for group in speakers
    ]
    # a variant may have patterns in both languages, so count its hits in Chinese texts separately
    in_chinese = [_per_variant(room.hits) for room in rooms if room.language == "zh"]
    speeches = {entry: docs for entry, (_, docs) in _per_entry(debates.hits).items()}
    named = _per_entry(debates.hits.filter(~pl.col("variant").is_in(APART)))
    others = related_entries(book.entries, speeches)
    for entry in book.entries:
        file = {
            "of": entry.id,
            "years": years.get(entry.id, ""),
            "countries": countries.get(entry.id, ""),
            "places": _pairs([counts.get(entry.id, (0, 0)) for counts in in_places]),
            "variants": [
                [v.patterns, *(counts.get((entry.id, v.id), 0) for counts in by_variant)]
                for v in entry.variants
                if v.patterns
            ],
            "rooms": [counts.get(entry.id, "") for counts in in_rooms],
            "speakers": [counts.get(entry.id, "") for counts in by_speaker],
            "chinese": [
                [v.zh_patterns, *(counts.get((entry.id, v.id), 0) for counts in in_chinese)]
                for v in entry.variants
                if v.zh_patterns
            ],
        }
        if others.get(entry.id):
            file["kin"] = others[entry.id]
        _, left = named.get(entry.id, (0, 0))
        if left < speeches.get(entry.id, 0):
            apart = [p for v in entry.variants if v.id in APART for p in v.patterns]
            file["apart"] = [left, apart]
        yield entry.id, file


def _per_variant(hits: pl.DataFrame) -> dict[tuple[str, str], int]:
    counted = hits.group_by("entry", "variant").len()
    return {(entry, variant): n for entry, variant, n in counted.iter_rows()}


def _per_entry(hits: pl.DataFrame) -> dict[str, tuple[int, int]]:
    counted = hits.group_by("entry").agg(pl.len(), docs=pl.col("doc_id").n_unique())
    return {entry: (n, docs) for entry, n, docs in counted.iter_rows()}
