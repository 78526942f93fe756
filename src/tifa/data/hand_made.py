"""Describe the tables that are not made by an extraction, as hand_made.yml lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sphinx_findings.snapshot import COLUMNS

from tifa.data.schema import Column, read_columns, read_tables

#: The functions that a sentence can have in framing, according to Entman (1993).
FUNCTIONS = ["problem", "cause", "evaluation", "remedy"]


@dataclass(frozen=True)
class HandTable:
    """A table of hand_made.yml: its path in the data folder, its columns and its keys."""

    path: str
    title: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    #: Foreign keys: columns of this table, the table that they refer to, and the columns there.
    references: tuple[tuple[list[str], str, list[str]], ...] = ()


def code_columns(frames: Iterable[str]) -> dict[str, Column]:
    """Return the columns of a table of codes: one per frame, then one per function."""
    limits = {"minimum": 0, "maximum": 1}
    return {
        name: Column("integer", f"1 where the sentence {has}", limits)
        for names, has in ((frames, "has the frame"), (FUNCTIONS, "has the function"))
        for name in names
    }


def _columns(path: str, described: dict[str, dict[str, object]]) -> dict[str, Column]:
    columns = read_columns(described)
    if path == "findings.csv":  # sphinx_findings writes this table, and describes its columns
        text = Column("string", "")
        return {n: replace(columns.get(n, text), about=about) for n, about in COLUMNS.items()}
    return columns


HAND_MADE: list[HandTable] = [
    HandTable(
        path,
        table["title"],
        _columns(path, table["columns"]),
        tuple(table["key"]),
        tuple(map(tuple, table.get("references", ()))),
    )
    for path, table in read_tables("hand_made.yml").items()
]
