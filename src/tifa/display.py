"""Tables as the site shows them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class ShownTable:
    """A table as it stands on the page; in a terminal, as pandas prints it."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def show_table(
    table: pd.DataFrame, *, caption: str, formats: Mapping[str, str] | None = None
) -> ShownTable:
    """Show a table with its caption, numbers to the right.

    Parameters
    ----------
    table
        Columns are shown under their own names, the index is not shown.
    caption
        What the table is: its rows, its base, its unit.
    formats
        Column to a format such as ``"{:,.1f}"``; whole numbers get thousands by themselves.

    """
    numeric = {
        c: pd.api.types.is_numeric_dtype(table[c]) and not pd.api.types.is_bool_dtype(table[c])
        for c in table.columns
    }
    formats = formats or {}

    def cell(column: str, value: Any) -> str:
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        if pd.isna(value):
            return "–"
        if column in formats:
            return formats[column].format(value)
        if numeric[column]:
            return f"{int(value):,}" if float(value).is_integer() else f"{value:.3g}"
        return str(value)

    head = "".join(
        f'<th scope="col"{_number(numeric[c])}>{html.escape(str(c))}</th>' for c in table.columns
    )
    rows = [
        "".join(
            f"<td{_number(numeric[c])}>{html.escape(cell(c, v))}</td>"
            for c, v in zip(table.columns, row, strict=True)
        )
        for row in table.itertuples(index=False, name=None)
    ]
    body = "".join(f"<tr>{r}</tr>" for r in rows)
    said = html.escape(caption)
    markup = (
        f'<div class="tifa-table" role="region" tabindex="0" aria-label="Table: {said}">'
        f"<table><caption>{said}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )
    return ShownTable(table.to_string(index=False), markup)


def _number(numeric: bool) -> str:
    return ' class="tifa-number"' if numeric else ""
