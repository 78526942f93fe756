"""Options and output shared by several commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Option

from tifa.util.errors import TifaError

if TYPE_CHECKING:
    import pandas as pd

Data = Annotated[
    Path | None,
    Option(help="The data folder; found by itself inside a clone.", metavar="DIR"),
]
Texts = Annotated[
    Path | None,
    Option(help="Folder or archive of the texts; else TIFA_TEXTS/CORPUS.", metavar="PATH"),
]
By = Annotated[
    list[str] | None,
    Option(
        "--by",
        help="A column of the documents: year, country, source, doc_id ...",
        metavar="COLUMN",
    ),
]


def one_column(columns: list[str] | None) -> str:
    """Return the column given with ``--by``, or an empty string if the option is not used.

    Raises TifaError if several columns, or an empty name, are given.
    """
    if columns and len(columns) > 1:
        raise TifaError(f"--by takes one column, not {' and '.join(columns)}")
    if columns == [""]:
        raise TifaError("--by needs the name of a column")
    return columns[0] if columns else ""


Format = Literal["text", "csv", "json"]
Form = Annotated[Format, Option("--format", help="What to print.")]


def remark(message: str) -> None:
    """Print a message to standard error, so that it does not get into a file with the results."""
    typer.echo(message, err=True)


def print_table(
    table: pd.DataFrame,
    form: Format,
    *,
    formats: Mapping[str, str] | None = None,
    legend: str = "",
) -> None:
    """Print a table as text, as JSON, or as CSV that is safe to open in a spreadsheet.

    ``formats`` (a format string for each column) and ``legend`` are used only for text.
    """
    # imported here, so that commands that print no table do not load pandas
    from tifa.publish.tables import plain_table  # noqa: PLC0415
    from tifa.util.spreadsheet import safe_table  # noqa: PLC0415

    match form:
        case "json":
            text = table.to_json(orient="records", indent=1, double_precision=15, force_ascii=False)
        case "csv":
            text = safe_table(table).to_csv(index=False, lineterminator="\n").removesuffix("\n")
        case "text":
            # control characters in a cell could change the terminal
            table = table.map(lambda cell: printable(cell) if isinstance(cell, str) else cell)
            text = plain_table(table, formats=formats)
    typer.echo(text)
    if form == "text" and legend:
        remark(f"\n{legend}")


def printable(text: str) -> str:
    """Replace all characters that could control a terminal by spaces."""
    return "".join(c if c.isprintable() else " " for c in text)
