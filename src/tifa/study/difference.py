"""Describe differences between the actual and the expected content of a data folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tifa.data.files import read_table, sha256, to_bytes
from tifa.data.schema import TABLES
from tifa.util.disk import listed
from tifa.util.errors import TifaError, one_line

#: Largest number of rows that one check lists; the others are only counted.
SHOWN = 5


@dataclass(frozen=True)
class Difference:
    """One difference between the actual and the expected content of a file."""

    file: str
    found: str
    expected: str
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        parts = [self.file]
        parts += [f"row {self.row:,}"] if self.row is not None else []
        parts += [f"column {self.column}"] if self.column else []
        return one_line(f"{': '.join(parts)}: found {self.found}; expected {self.expected}")


def rows_differ(
    file: str, bad: pl.DataFrame, column: str, expected: str | pl.Expr
) -> Iterator[Difference]:
    """List the first rows that fail a check, and count the others.

    ``bad`` has the rows that fail, with their numbers in the column ``row``. ``expected`` describes
    what ``column`` should contain; it is a string, or an expression evaluated for each row.
    """
    wanted = pl.lit(expected) if isinstance(expected, str) else expected.cast(pl.String)
    first = bad.sort("row").head(SHOWN)
    for row, found, want in first.select("row", pl.col(column).alias("found"), wanted).rows():
        yield Difference(file, value(found), str(want), row, column)
    if bad.height > SHOWN:
        yield more(file, bad.height - SHOWN)


def more(file: str, n: int) -> Difference:
    """Return a difference that says how many more rows fail the same check."""
    return Difference(file, f"{n:,} more such rows", "none")


def value(cell: object) -> str:
    """Convert a cell to a string; an empty cell becomes "nothing"."""
    return "nothing" if cell is None or cell == "" else str(cell)


def values(cells: Iterable[object]) -> str:
    """Convert several cells to one string.

    >>> values(["a", 1, None])
    'a, 1, nothing'
    """
    return ", ".join(value(c) for c in cells)


# --- published and newly extracted tables -------------------------------------------------


def fresh_differences(
    data: Path, corpus: str, fresh: Mapping[str, pl.DataFrame]
) -> Iterator[Difference]:
    """Compare the published tables of a corpus with newly extracted ones.

    ``fresh`` has the new tables by name. Rows are compared only if the bytes of a file differ.
    """
    folder = data / "corpora" / corpus
    published = {p.stem for p in listed(folder)}
    for name in sorted(published - fresh.keys()):
        yield Difference(f"corpora/{corpus}/{name}", "a table", "none: the texts do not give it")
    for name, rows in fresh.items():
        file_name, content = to_bytes(TABLES[name], rows)
        path = folder / file_name
        shown = f"corpora/{corpus}/{file_name}"
        if not path.is_file():
            yield Difference(shown, "no file", f"{rows.height:,} rows that the texts give")
            continue
        digest = hashlib.sha256(content).hexdigest()
        if sha256(path) == digest:
            continue
        try:
            committed = read_table(folder, name, described=False)
        except TifaError as error:
            yield Difference(shown, str(error), f"the table {name}")
            continue
        found = f"equal rows in other bytes (sha256 {sha256(path)})"
        expected = f"sha256 {digest}; is the environment that of the lock?"
        differing = [*row_differences(shown, committed, rows, TABLES[name].key)]
        yield from differing or [Difference(shown, found, expected)]


def row_differences(
    file: str, found: pl.DataFrame, expected: pl.DataFrame, key: tuple[str, ...]
) -> Iterator[Difference]:
    """Find the rows and cells in which two tables with the same columns differ.

    Rows are matched by the columns ``key``; the order of the rows does not matter.
    """
    # several rows may have the same key (hits whose positions are hidden), so number these rows
    twins = pl.int_range(pl.len()).over(key).alias("twin")
    keys = [*key, "twin"]
    old = found.with_row_index("row", offset=1).with_columns(twins)
    new = expected.with_columns(twins)
    extra = old.join(new, on=keys, how="anti", nulls_equal=True).sort("row")
    for row in extra.head(SHOWN).iter_rows(named=True):
        which = values(row[k] for k in key)
        yield Difference(file, f"a row for {which}", "none: the texts do not give it", row["row"])
    gone = new.join(old, on=keys, how="anti", nulls_equal=True)
    for row in gone.head(SHOWN).iter_rows(named=True):
        which = values(row[k] for k in key)
        yield Difference(file, f"no row for {which}", "the row that the texts give")
    both = old.join(new, on=keys, how="inner", nulls_equal=True, suffix="_fresh").sort("row")
    heights = [extra.height, gone.height]
    for column in (c for c in found.columns if c not in key):
        was, now = pl.col(column), pl.col(f"{column}_fresh")
        bad = both.filter(was.ne_missing(now)).select("row", was, now)
        heights.append(bad.height)
        for row_number, old_cell, new_cell in bad.head(SHOWN).rows():
            yield Difference(file, value(old_cell), value(new_cell), row_number, column)
    if rest := sum(max(0, height - SHOWN) for height in heights):
        yield more(file, rest)
