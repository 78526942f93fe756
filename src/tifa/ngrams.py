"""N-grams of a large corpus by year and by country, without holding them all.

An n-gram that is seen often is made of (n-1)-grams that are. So each length is counted only
where both shorter ones were kept (the a-priori rule), on whole numbers instead of strings,
some numbers at a time. Memory grows with the number of words, at about 20 bytes each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.stream import Stream

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

#: An n-gram is published when it is seen this often in all.
THRESHOLD = 40
#: A single word needs less.
WORD_THRESHOLD = 5
LONGEST = 4
TOP_COUNTRIES = 10
#: Words of the corpus that are looked at together.
CHUNK = 1_000_000


@dataclass(frozen=True)
class BatchWords:
    """Words of one batch: numbers in its own vocabulary, with sentence ends and documents."""

    vocabulary: list[str]
    ids: Ints
    sentence_ends: Bools
    doc_ids: list[str]
    doc_words: list[int]


def batch_words(flow: Stream, row_document: Ints, doc_ids: list[str]) -> BatchWords:
    """Words of a stream; ``row_document`` gives each sentence's place in ``doc_ids``."""
    ends = np.ones(len(flow.words), dtype=bool)
    ends[:-1] = flow.word_row[1:] != flow.word_row[:-1]
    per_document = np.bincount(row_document[flow.word_row], minlength=len(doc_ids))
    return BatchWords(flow.vocabulary, flow.words, ends, doc_ids, per_document.tolist())


@dataclass
class Words:
    """All words of a corpus as numbers, gathered batch by batch."""

    vocabulary: dict[str, int] = field(default_factory=dict)
    ids: list[Ints] = field(default_factory=list)
    sentence_ends: list[Bools] = field(default_factory=list)
    doc_ids: list[str] = field(default_factory=list)
    doc_words: list[int] = field(default_factory=list)

    def add(self, batch: BatchWords) -> None:
        """Take in a batch."""
        known = self.vocabulary
        to_global = np.array(
            [known.setdefault(w, len(known)) for w in batch.vocabulary], dtype=np.int32
        )
        if len(to_global):
            self.ids.append(to_global[batch.ids])
            self.sentence_ends.append(batch.sentence_ends)
        self.doc_ids += batch.doc_ids
        self.doc_words += batch.doc_words


@dataclass(frozen=True)
class _Text:
    """The whole corpus as arrays: one item a word, or one a document."""

    ids: Ints
    sentence_ends: Bools
    doc_stops: npt.NDArray[np.int64]
    years: npt.NDArray[np.int16]
    countries: Ints
    country_names: list[str]


def ngram_tables(
    words: Words,
    documents: pl.DataFrame,
    *,
    threshold: int = THRESHOLD,
    word_threshold: int = WORD_THRESHOLD,
    longest: int = LONGEST,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count n-grams by year, and find the countries that use each most.

    Parameters
    ----------
    words
        The words of the corpus; emptied, because there are many.
    documents
        ``doc_id``, ``year``, ``country``.
    threshold, word_threshold
        Occurrences in all from which an n-gram, a single word, is kept.
    longest
        Words in the longest n-gram.

    Returns
    -------
    ngrams (ngram, year, n, docs) and ngram_countries (ngram, country, n), in order.

    """
    text, names = _whole(words, documents)
    seen = _frequencies(text.ids, len(names))
    keep = seen >= min(threshold, word_threshold)
    often = seen >= threshold
    number = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
    # grams[i]: the number of the kept n-gram that begins at word i, or -1
    grams = number[text.ids]
    labels = [w for w, k in zip(names, keep.tolist(), strict=True) if k]
    all_labels: list[str] = []
    by_year, by_country = [], []
    for size in range(1, longest + 1):
        for year, country in _count(grams, text, len(labels)):
            offset = pl.col("gram") + len(all_labels)
            by_year.append(year.with_columns(offset))
            by_country.append(country.with_columns(offset))
        all_labels += labels
        if size == longest:
            break
        if size == 1:
            # only words that are frequent enough can be part of a longer n-gram
            grams = np.where(often[text.ids], grams, np.int32(-1))
        grams, labels = _longer(grams, labels, text, names, often, size, threshold)
    countries = text.country_names
    del text, grams  # several hundred megabytes that the last step needs for itself
    return _named(by_year, by_country, all_labels, countries)


def _whole(words: Words, documents: pl.DataFrame) -> tuple[_Text, list[str]]:
    facts = pl.DataFrame({"doc_id": words.doc_ids}, schema={"doc_id": pl.String}).join(
        documents, on="doc_id", how="left", maintain_order="left"
    )
    names = facts["country"].fill_null("").unique().sort()
    codes = facts["country"].fill_null("").cast(pl.Enum(names)).to_physical().to_numpy()
    none = np.empty(0, dtype=np.int32)
    ids = np.concatenate([none, *words.ids])
    words.ids.clear()
    ends = np.concatenate([none.astype(bool), *words.sentence_ends])
    words.sentence_ends.clear()
    return (
        _Text(
            ids,
            ends,
            np.cumsum(np.array(words.doc_words, dtype=np.int64)),
            facts["year"].to_numpy().astype(np.int16),
            codes.astype(np.int32),
            names.to_list(),
        ),
        list(words.vocabulary),
    )


def _frequencies(numbers: Ints, count: int) -> npt.NDArray[np.int64]:
    """How often each number from 0 occurs; below 0 is none."""
    total = np.zeros(count, dtype=np.int64)
    # piece by piece: bincount makes a copy of eight bytes an item
    for start in range(0, len(numbers), CHUNK):
        piece = numbers[start : start + CHUNK]
        total += np.bincount(piece[piece >= 0], minlength=count)
    return total


def _chunks(grams: Ints, count: int) -> Iterator[tuple[int, int, npt.NDArray[np.int64]]]:
    """Ranges of n-gram numbers, and the places of those n-grams, so many at a time."""
    filled = np.cumsum(_frequencies(grams, count))
    first = 0
    while first < count:
        done = filled[first - 1] if first else 0
        stop = max(int(np.searchsorted(filled, done + CHUNK, side="right")), first + 1)
        yield first, stop, np.flatnonzero((grams >= first) & (grams < stop))
        first = stop


def _longer(
    grams: Ints,
    labels: list[str],
    text: _Text,
    names: list[str],
    often: Bools,
    size: int,
    threshold: int,
) -> tuple[Ints, list[str]]:
    """The n-grams one word longer that are frequent enough."""
    longer = np.full(len(grams), -1, dtype=np.int32)
    new_labels: list[str] = []
    for _, _, places in _chunks(grams, len(labels)):
        at = places[places < len(grams) - size]
        at = at[grams[at + 1] >= 0]
        # no sentence may end before the last word
        for offset in range(size):
            at = at[~text.sentence_ends[at + offset]]
        at = at[often[text.ids[at + size]]]
        keys = grams[at].astype(np.int64) * len(names) + text.ids[at + size]
        unique, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
        kept = counts >= threshold
        number = np.where(kept, np.cumsum(kept) - 1 + len(new_labels), -1).astype(np.int32)
        longer[at] = number[which]
        new_labels += [
            f"{labels[gram]} {names[word]}"
            for gram, word in zip(
                (unique[kept] // len(names)).tolist(),
                (unique[kept] % len(names)).tolist(),
                strict=True,
            )
        ]
    return longer, new_labels


def _count(grams: Ints, text: _Text, count: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Count the n-grams of one length by year and by country (the most frequent ones)."""
    documents = len(text.years)
    for _, _, at in _chunks(grams, count):
        document = np.searchsorted(text.doc_stops, at, side="right")
        # n-gram and document in one number, so that one pass gives both counts
        key, n = np.unique(grams[at].astype(np.int64) * documents + document, return_counts=True)
        table = pl.DataFrame(
            {
                "gram": (key // documents).astype(np.int32),
                "year": text.years[key % documents],
                "country": text.countries[key % documents],
                "n": n.astype(np.int32),
            }
        )
        yield (
            table.group_by("gram", "year").agg(n=pl.col("n").sum(), docs=pl.len().cast(pl.Int32)),
            table.group_by("gram", "country")
            .agg(n=pl.col("n").sum())
            # countries are numbered in the order of their names: ties go by name
            .sort("gram", "n", "country", descending=[False, True, False])
            .group_by("gram", maintain_order=True)
            .head(TOP_COUNTRIES),
        )


def _named(
    by_year: list[pl.DataFrame],
    by_country: list[pl.DataFrame],
    labels: list[str],
    countries: list[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Names for numbers, and rows in order."""
    label = pl.Series("ngram", labels, dtype=pl.String)
    rank = pl.DataFrame(
        {
            "gram": pl.Series(np.arange(len(labels), dtype=np.int32)),
            "rank": label.rank("ordinal").cast(pl.Int32),
        }
    )
    empty_year = pl.DataFrame(
        schema={"gram": pl.Int32, "year": pl.Int16, "n": pl.Int32, "docs": pl.Int32}
    )
    empty_country = pl.DataFrame(schema={"gram": pl.Int32, "country": pl.Int32, "n": pl.Int32})
    years = pl.concat([empty_year, *by_year]).join(rank, on="gram").sort("rank", "year")
    by_year.clear()
    top = pl.concat([empty_country, *by_country]).join(rank, on="gram").sort("rank", "country")
    by_country.clear()
    name = pl.Series("country", countries, dtype=pl.String)
    return (
        years.select(label.gather(years["gram"]), pl.col("year").cast(pl.Int32), "n", "docs"),
        top.select(label.gather(top["gram"]), name.gather(top["country"]), "n"),
    )
