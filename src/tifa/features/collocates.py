"""Count the words near hits of phrasebook entries (collocates)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.features.tokenised import Tokenised
from tifa.lexicon.match import Hit
from tifa.text.tokens import Int32s, expand_runs

#: The windows by name, with the number of words on each side of a hit. Windows never go beyond the
#: sentence, so the window "sentence" is the whole sentence.
WINDOWS = {"sentence": 10**6, "5": 5, "10": 10}
#: Largest number of collocates per entry and window. If there are more, those with the highest
#: log-likelihood ratios are kept.
KEPT = 150
#: Smallest number of co-occurrences that is published. LEAST_OPEN is for public corpora with
#: n-grams, which are large; it leaves out chance results. LEAST_PROTECTED is for all other corpora;
#: it prevents the reconstruction of the sentences of protected texts.
LEAST_PROTECTED = 3
LEAST_OPEN = 10
#: To save time, the tables of new batches are added to the sums only when these tables together
#: have more rows than this. If the sums are large, the limit is higher.
_COMPACT = 250_000
#: Approximate number of positions that are processed at once. The limit saves memory.
_SPREAD = 5_000_000

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BatchWindows:
    """Counts of the words near the hits of one batch of documents."""

    entries: list[str]
    terms: list[str]
    total: Places
    #: For each window, a table with the columns entry (index in ``entries``), term (index in
    #: ``terms``) and n (co-occurrences).
    near: dict[str, pl.DataFrame]
    #: One row per entry and window: entry (its id), window, n (hits of the entry) and words (the
    #: number of words in the windows around these hits).
    hits: pl.DataFrame


def count_near_hits(batch: Tokenised, found: list[Hit]) -> BatchWindows:
    """Count the words near the hits of each entry.

    An occurrence of a word that is near two hits of the same entry is counted once.
    """
    flow = batch.words
    ends = np.array([(h.start, h.stop - 1) for h in found], dtype=np.int64).reshape(-1, 2)
    first, last = batch.word_of(batch.flow.part_word[ends].astype(np.int64)).T
    row = flow.word_row[first]
    starts, stops = (np.searchsorted(flow.word_row, row, side) for side in ("left", "right"))
    near, hits = {}, []
    names = pl.Series("entry", [h.entry for h in found], dtype=pl.String)
    entries = names.unique(maintain_order=True)
    number = names.cast(pl.Enum(entries)).to_physical().to_numpy().astype(np.int64)
    node = pl.Series("n", np.bincount(number, minlength=len(entries)).astype(np.int64))
    size = max(len(flow.words), 1)
    for window, reach in WINDOWS.items():
        before = np.maximum(starts, first - reach)
        after = np.minimum(stops, last + 1 + reach)
        # combine entry and position in one number, and merge the windows of an entry, so that no
        # word is counted twice
        runs = _union(
            np.concatenate([number * size + before, number * size + last + 1]),
            np.concatenate([number * size + first, number * size + after]),
        )
        words = np.zeros(len(entries), dtype=np.int64)
        parts = []
        for chunk in _chunks(*runs):
            of_entry, at = np.divmod(expand_runs(*chunk)[1], size)
            words += np.bincount(of_entry, minlength=len(entries))
            pairs = pl.DataFrame({"entry": of_entry, "term": flow.words[at]})
            parts.append(pairs.group_by("entry", "term").agg(n=pl.len().cast(pl.Int64)))
        near[window] = _sum(parts)
        counted = pl.DataFrame({"entry": entries, "n": node, "words": words})
        hits.append(counted.with_columns(window=pl.lit(window)))
    total = np.bincount(flow.words, minlength=len(flow.vocabulary)).astype(np.int64)
    return BatchWindows(entries.to_list(), flow.vocabulary, total, near, pl.concat(hits))


def _union(start: Places, stop: Places) -> tuple[Places, Places]:
    """Merge runs of positions that overlap or touch; return starts and lengths of the merged runs.

    >>> start, count = _union(np.array([7, 1, 2, 9]), np.array([8, 4, 6, 9]))
    >>> start.tolist(), count.tolist()
    ([1, 7], [5, 1])
    """
    nonempty = start < stop
    start, stop = start[nonempty], stop[nonempty]
    order = np.argsort(start)
    start, stop = start[order], np.maximum.accumulate(stop[order])
    first = np.flatnonzero(start > np.append(np.int64(-1), stop[:-1]))
    last = np.append(first[1:], len(start)) - 1
    return start[first], (stop[last] - start[first]) if len(first) else start[first]


def _chunks(start: Places, count: Places) -> Iterator[tuple[Places, Places]]:
    total = np.cumsum(count)
    bounds = np.searchsorted(total, np.arange(_SPREAD, total[-1] if len(total) else 0, _SPREAD))
    return zip(np.split(start, bounds), np.split(count, bounds), strict=True)


@dataclass
class WindowTotals:
    """Counts of the words near hits in a corpus, added up batch by batch.

    Entries and terms are stored as numbers, because the millions of pairs of entry and term in a
    large corpus would take several hundred megabytes as strings.
    """

    terms: dict[str, int] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    #: For each window, tables of entry, term and n (co-occurrences).
    near: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: {w: [] for w in WINDOWS})
    hits: list[pl.DataFrame] = field(default_factory=list)
    total: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def add(self, batch: BatchWindows) -> None:
        """Add the counts of a batch."""
        term, entry = _numbers(batch.terms, self.terms), _numbers(batch.entries, self.entries)
        self.total = np.pad(self.total, (0, len(self.terms) - len(self.total)))
        self.total[term] += batch.total
        self.hits.append(batch.hits)
        for window, rows in batch.near.items():
            tables = self.near[window]
            tables.append(
                rows.with_columns(
                    entry=pl.Series(entry[rows["entry"]]), term=pl.Series(term[rows["term"]])
                )
            )
            # the limit grows with the first table (the sums so far); otherwise large sums would be
            # computed again and again
            waiting = sum(t.height for t in tables[1:])
            if waiting > max(_COMPACT, tables[0].height // 4):
                self.near[window] = [_sum(tables)]

    def table(self, *, least: int) -> pl.DataFrame:
        """Return the words that occur near hits of an entry more often than expected by chance.

        The columns are entry, window, term, n (co-occurrences, at least ``least``), entry_n (hits
        of the entry), window_words (words in the windows around these hits), term_n (occurrences of
        the term in the corpus) and corpus_words (words of the corpus). There are at most
        :data:`KEPT` rows per entry and window.
        """
        hits = pl.concat(self.hits).group_by("entry", "window").sum()
        terms = pl.Series("term", list(self.terms), dtype=pl.String)
        entries = pl.Series("entry", list(self.entries), dtype=pl.String)
        parts = []
        for window, rows in self.near.items():
            pairs = _sum(rows).filter(pl.col("n") >= least)
            parts.append(
                pairs.with_columns(
                    entry=entries.gather(pairs["entry"]),
                    term=terms.gather(pairs["term"]),
                    term_n=pl.Series(self.total[pairs["term"]]),
                    window=pl.lit(window),
                )
            )
        expected = pl.col("window_words") * pl.col("term_n") / pl.col("corpus_words")
        return (
            pl.concat(parts)
            .join(hits.rename({"n": "entry_n", "words": "window_words"}), on=["entry", "window"])
            .with_columns(corpus_words=pl.lit(int(self.total.sum()), dtype=pl.Int64))
            .filter(pl.col("n") > expected)
            # rank the words by the log-likelihood ratio of a Poisson model, without the factor 2
            .with_columns(
                rank=pl.col("n") * (pl.col("n") / expected).log() - pl.col("n") + expected
            )
            .sort("entry", "window", "rank", "term", descending=[False, False, True, False])
            .group_by("entry", "window", maintain_order=True)
            .head(KEPT)
            .drop("rank")
        )


def _numbers(strings: list[str], known: dict[str, int]) -> Int32s:
    """Return the number of each string in ``known``, after adding strings that are missing."""
    return np.array([known.setdefault(s, len(known)) for s in strings], dtype=np.int32)


def _sum(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Add up the counts of equal pairs of entry and term.

    This uses numpy, because polars would need far more memory.
    """
    rows = pl.concat(tables)
    pair = rows["entry"].to_numpy().astype(np.int64) << 32 | rows["term"].to_numpy()
    order = np.argsort(pair)
    pair = pair[order]
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    n = np.add.reduceat(rows["n"].to_numpy()[order], first) if len(first) else pair
    entry, term = (pair[first] >> 32).astype(np.int32), pair[first].astype(np.int32)
    return pl.DataFrame({"entry": entry, "term": term, "n": n})
