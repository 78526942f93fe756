"""Count the n-grams of a corpus by year and by country, without keeping its words in memory.

If an n-gram is frequent, so are the two (n-1)-grams in it. Therefore an n-gram is counted only if
both of these were frequent enough (the Apriori rule). N-grams are represented by integers.

The words are stored in files, one per batch of documents. For each length of n-grams there are two
rounds. The first counts the n-grams of each batch, and sorts the counts by n-gram number. The
second adds up the counts of all batches, one bucket (a range of n-gram numbers) at a time. A larger
corpus has more buckets, not larger ones, so it needs more memory only for the vocabulary and the
resulting tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.features.workers import in_order, processes
from tifa.text.tokens import Int32s, Int64s, Stream
from tifa.util.errors import TifaError

#: An n-gram is published if it occurs at least this often in the corpus.
THRESHOLD = 40
#: A single word is published if it occurs at least this often in the corpus.
WORD_THRESHOLD = 5
LONGEST = 4
TOP_COUNTRIES = 10
#: Approximate number of occurrences of n-grams in one bucket.
CHUNK = 3_000_000
#: Marks the end of a sentence in arrays of word numbers.
_END = -1


@dataclass(frozen=True)
class BatchWords:
    """The words of one batch.

    ``ids`` has the index of each word in ``vocabulary``, and -1 after each sentence.
    """

    vocabulary: list[str]
    ids: Int32s
    doc_ids: list[str]
    #: Number of items of ``ids`` in each document.
    lengths: Int32s


def batch_words(flow: Stream, row_document: Int32s, doc_ids: list[str]) -> BatchWords:
    """Convert a stream to a batch of numbered words.

    ``row_document`` has, for each sentence, the index of its document in ``doc_ids``.
    """
    last = np.ones(len(flow.words), dtype=bool)
    last[:-1] = flow.word_row[1:] != flow.word_row[:-1]
    document = row_document[flow.word_row]
    lengths = np.bincount(document, minlength=len(doc_ids))
    lengths += np.bincount(document[last], minlength=len(doc_ids))
    ids = np.insert(flow.words, np.flatnonzero(last) + 1, np.int32(_END))
    return BatchWords(flow.vocabulary, ids, doc_ids, lengths.astype(np.int32))


@dataclass
class Words:
    """All words of a corpus as numbers, in one file per batch.

    Memory holds only the vocabulary, with the frequencies of its words, and the ids and lengths of
    the documents.
    """

    folder: Path
    vocabulary: dict[str, int] = field(default_factory=dict)
    doc_ids: list[list[str]] = field(default_factory=list)
    lengths: list[Int32s] = field(default_factory=list)
    seen: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def add(self, batch: BatchWords) -> None:
        """Write the words of a batch to a file, and count them."""
        known = self.vocabulary
        to_global = np.array(
            [*(known.setdefault(w, len(known)) for w in batch.vocabulary), _END], dtype=np.int32
        )
        # the end of a sentence stays -1, because the index -1 selects the last item, which is -1
        ids = to_global[batch.ids]
        if len(known) > len(self.seen):
            # make the array larger by half, so that it need not be copied for every batch
            self.seen = np.pad(
                self.seen, (0, max(len(known), 3 * len(self.seen) // 2) - len(self.seen))
            )
        self.seen[to_global[:-1]] += np.bincount(
            batch.ids[batch.ids >= 0], minlength=len(batch.vocabulary)
        )
        ids.tofile(_file(self.folder, len(self.doc_ids), "ids"))
        self.doc_ids.append(batch.doc_ids)
        self.lengths.append(batch.lengths)


def _file(folder: Path, number: int, what: str) -> Path:
    return folder / f"{number:06d}.{what}"


@dataclass(frozen=True)
class _Work:
    """What a process needs to count n-grams of one length, besides what it reads from files."""

    folder: Path
    size: int
    longest: int
    threshold: int
    #: How many words, years and countries the corpus has. Keys combine two numbers. To count
    #: n-grams by year, for example, a key is the number of the n-gram times ``years``, plus the
    #: number of the year.
    words: int
    years: int
    countries: int
    #: The number of the first n-gram in each bucket, followed by the total number of n-grams.
    bounds: Int64s


@dataclass(frozen=True)
class _Bucket:
    """The number of a bucket, and the rows that belong to it in the files of each batch."""

    number: int
    #: For each kind of file in ``_COUNTS``, a list with one pair per batch: the first row of the
    #: bucket in the file of this batch, and the row after its last one.
    rows: dict[str, list[tuple[int, int]]]


#: The files that are written for each batch, and their columns: ``key`` (see :class:`_Work`), ``n``
#: (frequency), ``docs`` (number of documents).
_COUNTS = {
    "years": np.dtype([("key", "i8"), ("n", "i4"), ("docs", "i4")]),
    "countries": np.dtype([("key", "i8"), ("n", "i4")]),
    "longer": np.dtype([("key", "i8"), ("n", "i4")]),
}


def ngram_tables(
    words: Words,
    documents: pl.DataFrame,
    *,
    threshold: int = THRESHOLD,
    word_threshold: int = WORD_THRESHOLD,
    longest: int = LONGEST,
    jobs: int = 1,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count n-grams by year, and find the countries that use each one most.

    ``words`` has the words of the corpus; intermediate files are written to its folder.
    ``documents`` has the columns ``doc_id``, ``year`` and ``country``. N-grams of up to ``longest``
    words are kept if they occur at least ``threshold`` times, single words also if they occur at
    least ``word_threshold`` times. ``jobs`` is the number of local processes; it does not affect
    the rows.

    Returns two sorted tables: ngrams (with the columns ngram, year, n and docs) and ngram_countries
    (ngram, country and n). Raises TifaError if a document has no year, or a process dies.
    """
    folder = words.folder
    first_year, years, countries = _facts(words, documents)
    names = list(words.vocabulary)
    seen = words.seen[: len(names)]
    kept = np.flatnonzero(seen >= min(threshold, word_threshold))
    # the new number of each kept word, and -1 for other words; the array has one more item, -1, so
    # that the end of a sentence stays -1 (the index -1 selects the last item)
    number = np.full(len(names) + 1, -1, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    np.save(folder / "number.npy", number)
    np.save(folder / "often.npy", np.append(seen >= threshold, False))
    bounds = _bounds(seen[kept])
    work = _Work(folder, 1, longest, threshold, len(names), years, len(countries), bounds)
    labels = [names[i] for i in kept.tolist()]
    every: list[str] = []
    tables: list[tuple[int, int, int]] = []
    # use local processes, because they read local files; end them before the rows are combined,
    # because that step needs the most memory
    with processes(jobs) as workers:
        while True:
            batches = range(len(words.doc_ids))
            begin = list(in_order(partial(_count_batch, work), batches, workers))
            none = np.zeros(0, dtype=np.int64)
            count = len(work.bounds) - 1
            buckets = _buckets(begin, count)
            longer = [(none, none), *in_order(partial(_add_bucket, work), buckets, workers)]
            tables += [(work.size, bucket, len(every)) for bucket in range(count)]
            every += labels
            for batch, what in product(batches, _COUNTS):
                _file(folder, batch, what).unlink(missing_ok=True)
            if work.size == longest:
                break
            keys, counts = (np.concatenate(c) for c in zip(*longer, strict=True))
            np.save(folder / "kept.npy", keys)
            pairs = zip(*(a.tolist() for a in np.divmod(keys, len(names))), strict=True)
            labels = [f"{labels[gram]} {names[word]}" for gram, word in pairs]
            work = replace(work, size=work.size + 1, bounds=_bounds(counts))
    return _named(work, tables, every, first_year, countries)


def _facts(words: Words, documents: pl.DataFrame) -> tuple[int, int, pl.Series]:
    """Write the length, year and country of the documents to files, one per batch.

    Returns the first year, the number of years, and the names of the countries. Raises TifaError if
    a document has no year.
    """
    undated = documents.filter(pl.col("year").is_null())["doc_id"]
    if len(undated):
        raise TifaError(
            f"n-grams are counted by year, and {len(undated):,} documents have no date, first "
            f"{undated[0]!r}; give it one, or set ngrams: false in the overlay"
        )
    country = documents["country"].fill_null("")
    names = country.unique().sort()
    place = pl.DataFrame({"country": names}).with_row_index("place")
    first = int(documents["year"].min() or 0)  # type: ignore[arg-type]
    last = int(documents["year"].max() or 0)  # type: ignore[arg-type]
    facts = documents.select("doc_id", pl.col("year") - first, country).join(
        place, on="country", how="left"
    )
    for batch, (doc_ids, lengths) in enumerate(zip(words.doc_ids, words.lengths, strict=True)):
        own = pl.DataFrame({"doc_id": doc_ids}, schema={"doc_id": pl.String}).join(
            facts, on="doc_id", how="left", maintain_order="left"
        )
        years, places = (own[c].cast(pl.Int32).to_numpy() for c in ("year", "place"))
        np.stack([lengths, years, places]).tofile(_file(words.folder, batch, "facts"))
    return first, last - first + 1, names


def _bounds(counts: Int64s) -> Int64s:
    """Divide n-grams into buckets that have about the same number of occurrences each.

    Returns the bounds of the buckets (see :class:`_Work`).
    """
    total = np.cumsum(counts)
    buckets = 1 + int(counts.sum()) // CHUNK
    inner = np.searchsorted(total, np.arange(1, buckets) * (counts.sum() / buckets))
    return np.unique(np.concatenate([[0], inner, [len(counts)]])).astype(np.int64)


def _buckets(begin: Sequence[dict[str, list[int]]], count: int) -> Iterator[_Bucket]:
    for number in range(count):
        rows = {what: [(b[what][number], b[what][number + 1]) for b in begin] for what in begin[0]}
        yield _Bucket(number, rows)


# --- one batch ----------------------------------------------------------------------------


def _count_batch(work: _Work, batch: int) -> dict[str, list[int]]:
    """Count the n-grams of one length in one batch, and longer ones that may be frequent.

    Writes the files of ``_COUNTS``, without "longer" if this is the greatest length. Returns, for
    each file, the row at which each bucket begins, followed by the number of rows.
    """
    ids = np.fromfile(_file(work.folder, batch, "ids"), dtype=np.int32)
    facts = np.fromfile(_file(work.folder, batch, "facts"), dtype=np.int32)
    lengths, years, countries = facts.reshape(3, -1).astype(np.int64)
    grams = _grams(work, batch, ids)
    at = np.flatnonzero(grams >= 0)
    gram = grams[at].astype(np.int64)
    document = np.repeat(np.arange(len(lengths)), lengths)[at]
    # number the documents in the order of their years, so that keys sorted by document are also
    # sorted by year
    order = np.argsort(years, kind="stable")
    pairs, times = _unique_counts(gram * len(lengths) + np.argsort(order)[document])
    in_year = pairs // len(lengths) * work.years + years[order[pairs % len(lengths)]]
    first = np.flatnonzero(np.diff(in_year, prepend=-1))
    n, docs = _sums(times, first), np.diff(first, append=len(in_year))
    begin = {"years": _write(work, batch, "years", work.years, in_year[first], n, docs)}
    by_country, n = _unique_counts(gram * work.countries + countries[document])
    begin["countries"] = _write(work, batch, "countries", work.countries, by_country, n)
    if work.size < work.longest:
        if work.size == 1:
            # only frequent words can be part of a longer n-gram
            grams = np.where(np.load(work.folder / "often.npy")[ids], grams, np.int32(-1))
        grams.tofile(_file(work.folder, batch, "grams"))
        keys, n = _unique_counts(_longer(work, grams, ids, work.size)[1])
        begin["longer"] = _write(work, batch, "longer", work.words, keys, n)
    return begin


def _unique_counts(keys: Int64s) -> tuple[Int64s, Int64s]:
    """Return the sorted unique keys, and how often each occurs."""
    # polars sorts three times as fast as numpy; np.unique takes longer still
    runs = pl.Series(keys).sort().rle().struct.unnest()
    return runs["value"].to_numpy(), runs["len"].to_numpy()


def _order(keys: Int64s) -> npt.NDArray[np.uint32]:
    """Return the indices that sort the keys; this takes half the time of np.argsort."""
    return pl.Series(keys).arg_sort().to_numpy()


def _sums(values: npt.NDArray[Any], first: npt.NDArray[np.intp]) -> Int64s:
    """Add up the values from each index in ``first`` to the next."""
    # np.add.reduceat fails if there are no indices
    return np.add.reduceat(values, first, dtype=np.int64) if len(first) else first


def _grams(work: _Work, batch: int, ids: Int32s) -> Int32s:
    """Return, for each word, the number of the frequent n-gram that begins with it, or -1."""
    if work.size == 1:
        number: Int32s = np.load(work.folder / "number.npy")
        return number[ids]
    shorter = np.fromfile(_file(work.folder, batch, "grams"), dtype=np.int32)
    kept = np.load(work.folder / "kept.npy", mmap_mode="r")
    grams = np.full(len(ids), -1, dtype=np.int32)
    if len(kept):
        at, keys = _longer(work, shorter, ids, work.size - 1)
        # searching in sorted order is several times faster
        order = _order(keys)
        at, keys = at[order], keys[order]
        place = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
        grams[at] = np.where(kept[place] == keys, place, -1)
    return grams


def _longer(work: _Work, grams: Int32s, ids: Int32s, size: int) -> tuple[Int64s, Int64s]:
    """Find n-grams of ``size`` + 1 words that may be frequent; return their positions and keys.

    The key is the number of the n-gram of the first ``size`` words times the size of the
    vocabulary, plus the number of the last word. Because -1 marks the end of each sentence, no
    n-gram extends over two sentences.
    """
    at = np.flatnonzero((grams[:-1] >= 0) & (grams[1:] >= 0))
    return at, grams[at].astype(np.int64) * work.words + ids[at + size]


def _write(
    work: _Work, batch: int, what: str, factor: int, keys: Int64s, *counts: Int64s
) -> list[int]:
    """Write keys and their counts to a file; return the row at which each bucket begins.

    The last item of the result is the number of rows. In the keys, n-gram numbers are multiplied by
    ``factor`` (see :class:`_Work`).
    """
    rows = np.empty(len(keys), dtype=_COUNTS[what])
    for name, values in zip(_COUNTS[what].names or (), (keys, *counts), strict=True):
        rows[name] = values
    rows.tofile(_file(work.folder, batch, what))
    begin: list[int] = np.searchsorted(keys, work.bounds * factor).tolist()
    return begin


# --- one bucket ---------------------------------------------------------------------------


def _add_bucket(work: _Work, bucket: _Bucket) -> tuple[Int64s, Int64s]:
    """Add up the counts of one bucket over all batches, and write the sums to files.

    Returns the sorted keys of the n-grams that are one word longer and frequent enough, and their
    frequencies. Both are empty if the n-grams of the bucket have the greatest length.
    """
    key, (n, docs) = _sum(work, bucket, "years")
    by_year = np.stack([*np.divmod(key, work.years), n, docs])
    np.save(_table(work, "years", bucket.number), by_year.astype(np.int32))
    key, (n,) = _sum(work, bucket, "countries")
    by_country = np.stack([*np.divmod(key, work.countries), n])
    # sort by n-gram, then by frequency (highest first), then by country; countries are numbered in
    # alphabetical order
    gram, country, _ = by_country
    by_country = by_country[:, np.lexsort([country, -n, gram])]
    first = np.flatnonzero(np.diff(by_country[0], prepend=-1))
    place = np.arange(len(key)) - np.repeat(first, np.diff(first, append=len(key)))
    top = by_country[:, place < TOP_COUNTRIES]
    np.save(_table(work, "countries", bucket.number), top.astype(np.int32))
    if work.size == work.longest:
        return key[:0], n[:0]
    key, (n,) = _sum(work, bucket, "longer")
    kept = n >= work.threshold
    return key[kept], n[kept]


def _sum(work: _Work, bucket: _Bucket, what: str) -> tuple[Int64s, list[Int64s]]:
    """Return the sorted unique keys of a bucket in all batches, and the sums of their counts."""
    kind = _COUNTS[what]
    parts = [np.empty(0, dtype=kind)]
    for batch, (start, stop) in enumerate(bucket.rows[what]):
        file, offset = _file(work.folder, batch, what), start * kind.itemsize
        parts.append(np.fromfile(file, kind, count=stop - start, offset=offset))
    rows = np.concatenate(parts)
    key = rows["key"]
    order = _order(key)
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return key[first], [_sums(rows[name][order], first) for name in (kind.names or ())[1:]]


def _table(work: _Work, what: str, bucket: int, *, size: int | None = None) -> Path:
    return work.folder / f"{what}.{size or work.size}.{bucket}.npy"


# --- names --------------------------------------------------------------------------------


def _named(
    work: _Work,
    tables: Sequence[tuple[int, int, int]],
    labels: list[str],
    first_year: int,
    countries: pl.Series,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the files of all buckets, replace numbers by names, and sort the rows.

    ``tables`` has one item per bucket: the size of its n-grams, its number, and the index in
    ``labels`` of the first n-gram of this size. Returns the tables ngrams and ngram_countries.
    """
    label = pl.Series(labels, dtype=pl.String)
    order = label.arg_sort()
    rank = np.empty(len(labels), dtype=np.int32)
    rank[order.to_numpy()] = np.arange(len(labels), dtype=np.int32)
    label = label.gather(order)
    # pop frees each array as soon as its column is made, because the arrays are large
    rows = _ordered(work, "years", 4, tables, rank)
    years = pl.DataFrame(
        {
            "ngram": label.gather(rows.pop(0)),
            "year": rows.pop(0) + np.int32(first_year),
            "n": rows.pop(0),
            "docs": rows.pop(0),
        }
    )
    rows = _ordered(work, "countries", 3, tables, rank)
    top = pl.DataFrame(
        {
            "ngram": label.gather(rows.pop(0)),
            "country": countries.gather(rows.pop(0)),
            "n": rows.pop(0),
        }
    )
    return years, top


def _ordered(
    work: _Work, what: str, columns: int, tables: Sequence[tuple[int, int, int]], rank: Int32s
) -> list[Int32s]:
    """Return the columns of all tables of one kind, as one array per column.

    The first column is the rank of the n-gram; the rows are sorted by it and by the second column.
    """
    files = [_table(work, what, bucket, size=size) for size, bucket, _ in tables]
    length = sum(np.load(file, mmap_mode="r").shape[1] for file in files)
    # These are the largest arrays. To save memory, one file at a time is read, and one column at a
    # time is sorted.
    rows = [np.empty(length, dtype=np.int32) for _ in range(columns)]
    begin = 0
    for file, (_, _, first) in zip(files, tables, strict=True):
        table = np.load(file)
        stop = begin + table.shape[1]
        for column, values in zip(rows, (rank[table[0] + first], *table[1:]), strict=True):
            column[begin:stop] = values
        begin = stop
    key = rows[0].astype(np.int64)
    key <<= 32
    key |= rows[1]
    order = np.argsort(key)
    del key
    for column in rows:
        column[:] = column[order]
    return rows
