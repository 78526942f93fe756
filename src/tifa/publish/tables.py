"""Format tables for the site and for the terminal."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Shown:
    """A table or figure that a page shows as ``html``, and a terminal as ``text``."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def show_table(
    table: pd.DataFrame, *, caption: str, formats: Mapping[str, str] | None = None
) -> Shown:
    """Show a table without its index, and with a caption.

    The caption should explain what a row is, what was counted, and in which unit. ``formats`` maps
    columns to formats such as ``"{:,.1f}"``. In other columns, whole numbers are written with
    thousands separators, unless the name of the column shows that they are years.
    """
    return Shown(table.to_string(index=False), _markup(table, caption, formats or {}))


def plain_table(table: pd.DataFrame, *, formats: Mapping[str, str] | None = None) -> str:
    """Format a table for a terminal; numbers are aligned right, and missing values are a dash.

    >>> table = pd.DataFrame({"code": ["health", "order"], "n": [1200, 7], "alpha": [0.5, None]})
    >>> print(plain_table(table.assign(year=2020), formats={"alpha": "{:.2f}"}))
    code        n  alpha  year
    health  1,200   0.50  2020
    order       7      –  2020
    """
    columns = []
    for name, values in table.items():
        number = pd.api.types.is_numeric_dtype(values)
        form = _form(name, number, formats or {})
        cells = [str(name), *(_cell(v, number, form) for v in values)]
        width = max(map(wide, cells))
        gaps = [" " * (width - wide(c)) for c in cells]
        columns.append([g + c if number else c + g for c, g in zip(cells, gaps, strict=True)])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))


def wide(text: str) -> int:
    """Return the width of a string in a terminal; Chinese characters are two columns wide.

    >>> wide("label"), wide("青花瓷")
    (5, 6)
    """
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def dataframe_html(table: pd.DataFrame) -> str:
    """Return a DataFrame as HTML, with at most :data:`MOST_ROWS` rows.

    The index is not shown if it only numbers the rows, or if there is a column with its name.
    """
    cut = table.head(MOST_ROWS)
    named = cut.index.name is not None and cut.index.name not in cut.columns
    if isinstance(cut.index, pd.MultiIndex) or named:
        cut = cut.reset_index()
    elif not isinstance(cut.index, pd.RangeIndex) and cut.index.name is None:
        cut = cut.reset_index(names="")
    more = f"{len(table):,} rows, the first {MOST_ROWS} shown" if len(table) > MOST_ROWS else ""
    return _markup(cut, more, {})


#: Matches the names of columns that contain years, which have no thousands separator.
_YEARS = re.compile(r"\b(year|since|first seen|last seen|peak)$", re.IGNORECASE)

#: Largest number of rows of a DataFrame that a page shows.
MOST_ROWS = 20


def _markup(table: pd.DataFrame, caption: str, formats: Mapping[str, str]) -> str:
    head, columns = "", []
    for name, values in table.items():  # a name may occur twice
        number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        form, mark = _form(name, number, formats), ' class="tifa-number"' if number else ""
        label = html.escape(str(name))
        head += f'<th scope="col"{mark}>{label}</th>' if label else "<td></td>"
        cells = (html.escape(_cell(value, number, form)) for value in values)
        columns.append([f"<td{mark}>{cell}</td>" for cell in cells])
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True))
    text = html.escape(caption)
    label = f"Table: {text}" if caption else "Table"
    # the caption is outside the element that scrolls, so that a phone shows all of the caption
    below = f'<p class="tifa-caption">{text}</p>' if caption else ""
    return (
        f'<div class="tifa-table" role="region" tabindex="0" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{below}"
    )


def _form(name: Any, numeric: bool, formats: Mapping[str, str]) -> str | None:
    """Return the format of a column, or None; by default, years get no thousands separator."""
    of_years = bool(_YEARS.search(str(name)))
    return formats.get(name, "{:.0f}" if numeric and of_years else None)


def _cell(value: Any, numeric: bool, form: str | None) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if pd.isna(value):
        return "–"
    if numeric and np.isinf(value):
        return "∞" if value > 0 else "−∞"
    if form is not None:
        return form.format(value)
    if numeric:
        return f"{int(value):,}" if float(value).is_integer() else f"{value:,.4g}"
    return str(value)
