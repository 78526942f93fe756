"""A difference between the actual and the expected content of a data folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from tifa.util.errors import one_line

#: Most rows that one check lists; the others are only counted.
SHOWN = 5


@dataclass(frozen=True)
class Difference:
    """One difference from the expected content."""

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

    ``bad`` has their number in the column ``row``; ``column`` is wrong in them, and ``expected`` is
    what should be in it: words, or an expression over the rows.
    """
    wanted = pl.lit(expected) if isinstance(expected, str) else expected.cast(pl.String)
    first = bad.sort("row").head(SHOWN)
    for row, found, want in first.select("row", pl.col(column).alias("found"), wanted).rows():
        yield Difference(file, value(found), str(want), row, column)
    if bad.height > SHOWN:
        yield more(file, bad.height - SHOWN)


def more(file: str, n: int) -> Difference:
    """The number of other rows that fail the same check."""
    return Difference(file, f"{n:,} more such rows", "none")


def value(cell: object) -> str:
    """Print a cell."""
    return "nothing" if cell is None or cell == "" else str(cell)


def values(cells: Iterable[object]) -> str:
    """Print several cells.

    >>> values(["a", 1, None])
    'a, 1, nothing'
    """
    return ", ".join(value(c) for c in cells)
