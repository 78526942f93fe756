"""The definitions of the compendium's tables: columns, order and file format, from tables.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal

import polars as pl
import yaml

from tifa.util.yamlfile import LOADER

Kind = Literal["string", "integer", "number", "boolean"]
_DTYPES: dict[Kind, type[pl.DataType]] = {
    "string": pl.String,
    "integer": pl.Int32,
    "number": pl.Float64,
    "boolean": pl.Boolean,
}


@dataclass(frozen=True)
class Column:
    """A column: its type, its meaning, and the values allowed.

    The constraints are those of Table Schema (``required``, ``minimum``, ``enum``, ``pattern``), so
    anybody who has the data package can check them with the tool frictionless.
    """

    kind: Kind
    about: str
    constraints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table: what a row is, its columns, and its key, which sorts and identifies the rows."""

    name: str
    row: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    form: Literal["csv", "by size"] = "by size"

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """The polars type of each column."""
        return {name: _DTYPES[c.kind] for name, c in self.columns.items()}

    def tidy(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows with the columns and types of this table, sorted by its key."""
        return rows.select(pl.col(n).cast(t) for n, t in self.schema.items()).sort(
            *self.key, nulls_last=True
        )


def read_columns(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Column]:
    """Build columns from their descriptions in a YAML file: meaning, type and constraints."""
    return {
        name: Column(
            about.get("type", "string"),
            about.get("about", ""),
            {k: v for k, v in about.items() if k not in ("type", "about")},
        )
        for name, about in described.items()
    }


def read_tables(name: str) -> dict[str, Any]:
    """Read the descriptions of tables from a YAML file of this package."""
    found: dict[str, Any] = yaml.load((files("tifa.data") / name).read_text("utf-8"), Loader=LOADER)
    return found


TABLES: dict[str, Table] = {
    name: Table(
        name,
        table["row"],
        read_columns(table["columns"]),
        tuple(table["key"]),
        table.get("form", "by size"),
    )
    for name, table in read_tables("tables.yml").items()
}

#: Tables with more rows than this are written as Parquet, others as CSV, which people can read.
CSV_ROWS = 5_000
#: A higher limit, for tables of the form "csv", which people should be able to read.
MOST_CSV_ROWS = 20_000


def file_name(table: Table, rows: int) -> str:
    """Return the file name of a table with this many rows."""
    most = {"csv": MOST_CSV_ROWS, "by size": CSV_ROWS}[table.form]
    return table.name + (".csv" if rows <= most else ".parquet")
