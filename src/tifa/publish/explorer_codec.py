"""Encode counts as short strings, to save space; the explorer's ``codec.js`` decodes them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tifa.util.errors import TifaError

#: Digits of encoded numbers: printable ASCII without space, quotation mark and backslash.
ALPHABET = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"\\')
_BASE = len(ALPHABET)
#: Numbers below this are one character; others begin with a character that encodes their length.
_SMALL = _BASE - 3
#: In encoded years, a cell is two numbers: the hits, and the documents with a hit, in one year. The
#: first _GAPS characters of the alphabet mean gaps (years without a hit), and the next _CELLS mean
#: the most frequent cells. The last character means that a rarer cell follows, as two numbers.
_GAPS = 28
_CELLS = _BASE - _GAPS - 1
_OTHER = ALPHABET[-1]


def encode_number(value: int) -> str:
    """Encode a non-negative number in one character or, if it is larger, in three to five.

    Raises TifaError if five characters are too few.

    >>> [encode_number(n) for n in (0, 5, 88, 89)]
    ['!', "'", '{', '|!|']
    """
    if value < _SMALL:
        return ALPHABET[value]
    digits = 2 if value < _BASE**2 else 3 if value < _BASE**3 else 4
    written = ""
    for _ in range(digits):
        value, digit = divmod(value, _BASE)
        written = ALPHABET[digit] + written
    if value:
        raise TifaError("a count is too large for the explorer's files; expected under 71 million")
    return ALPHABET[_SMALL + digits - 2] + written


def encode_years(rows: pl.DataFrame, cells: Sequence[tuple[int, int]], first: int) -> pl.DataFrame:
    """Encode counts by year as one string per key.

    ``rows`` has ``key``, ``year``, ``n``, ``docs``, sorted by key and year; ``cells`` are the pairs
    of ``n`` and ``docs`` that get one character (:func:`frequent_cells`); ``first`` is the first
    year of the corpus. Returns a table with ``key`` and ``years``, in the order of ``rows``.
    """
    short = {cell: ALPHABET[_GAPS + i] for i, cell in enumerate(cells)}
    pairs = rows.select("n", "docs").unique(maintain_order=True)
    written = [
        short.get((n, docs)) or _OTHER + encode_number(docs) + encode_number(n - docs)
        for n, docs in pairs.iter_rows()
    ]
    pairs = pairs.with_columns(cell=pl.Series(written, dtype=pl.String))
    before = pl.when(pl.col("key") == pl.col("key").shift(1)).then(pl.col("year").shift(1))
    gap = pl.col("year") - before.otherwise(first - 1).fill_null(first - 1) - 1
    longest = rows.select(gap.max()).item() or 0
    runs = pl.Series([_gap(years) for years in range(longest + 1)])
    return (
        rows.with_columns(gap=pl.lit(runs).gather(gap))
        .join(pairs, on=["n", "docs"], maintain_order="left")
        .select("key", cell=pl.concat_str("gap", "cell"))
        .group_by("key", maintain_order=True)
        .agg(years=pl.col("cell").str.join(""))
    )


def _gap(years: int) -> str:
    """Encode a number of years without a hit."""
    whole, rest = divmod(years, _GAPS)
    return ALPHABET[_GAPS - 1] * whole + (ALPHABET[rest - 1] if rest else "")


def frequent_cells(rows: pl.DataFrame) -> list[tuple[int, int]]:
    """Return the most frequent cells (pairs of ``n`` and ``docs``), the most frequent first."""
    top = rows.group_by("n", "docs").agg(times=pl.len())
    top = top.sort("times", "n", "docs", descending=[True, False, False]).head(_CELLS)
    return top.select("n", "docs").rows()


def years_of(documents: pl.DataFrame) -> tuple[int, int]:
    """Return the first and the last year of documents."""
    return documents.select(pl.col("year").min(), last=pl.col("year").max()).row(0)


def bases(documents: pl.DataFrame, first: int, last: int) -> str:
    """Encode the numbers of documents and of words in each year.

    >>> table = pl.DataFrame({"year": [2001, 2003, 2003], "words": [5, 1, 2]})
    >>> bases(table, 2001, 2003)
    "#'!!$%"
    """
    by_year = documents.group_by("year").agg(pl.len(), pl.col("words").sum())
    found = {year: (n, total) for year, n, total in by_year.iter_rows()}
    return "".join(encode_number(n) for y in range(first, last + 1) for n in found.get(y, (0, 0)))


def counts_by_year(hits: pl.DataFrame) -> pl.DataFrame:
    """Count hits by key and year.

    ``hits`` has ``key``, ``year`` and ``doc_id``. Returns ``key``, ``year``, ``n`` (hits) and
    ``docs`` (documents with a hit), sorted by key and year.
    """
    return (
        hits.group_by("key", "year")
        .agg(n=pl.len().cast(pl.Int32), docs=pl.col("doc_id").n_unique().cast(pl.Int32))
        .sort("key", "year")
    )
