"""Find the column of a source that contains each field, and convert its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import isnan
from pathlib import Path
from typing import Any, get_args
from unicodedata import category

from pydantic import ValidationError

from tifa.data.metadata import DocumentFields, Overlay, Rights
from tifa.util.dates import read_date
from tifa.util.errors import TifaError

#: Common column names for each field, including those of Constellate and JSTOR. They are written in
#: lower case, without spaces, hyphens and underscores.
NAMES: dict[str, tuple[str, ...]] = {
    "doc_id": (
        *("docid", "id", "identifier", "documentid", "filename", "file", "document", "doc"),
        *("articleid", "speechid", "tweetid", "sourceid", "uuid"),
    ),
    "text": ("text", "fulltext", "content", "body", "articletext", "transcript", "statement"),
    "date": (
        *("date", "datepublished", "publicationdate", "publishdate", "published", "publishedat"),
        *("pubdate", "createdat", "dateissued", "publicationyear", "year"),
    ),
    "title": ("title", "headline"),
    "author": ("author", "creator", "authors", "speaker", "president"),
    "source": ("source", "publisher", "ispartof", "outlet", "newspaper", "journal"),
    "url": ("url", "link", "articlesourcelink", "sourceurl", "permalink"),
    "genre": ("genre", "doctype"),
    **{name: (name,) for name in ("country", "post", "rights", "translator", "voice", "audience")},
    # remarks may be private, so they are read only if the user names the column
    "note": (),
}

#: Error values of spreadsheet formulas.
_FAILED = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", re.IGNORECASE)
_FORMULA = re.compile(r"=\s*[\w+\-(@'\"\[{]")
#: Control characters, and marks that change the direction of the text after them.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile(r"[\ud800-\udfff]")
_SUFFIX = re.compile(r"\.(txt|html?|md|docx|pdf)$", re.IGNORECASE)


def find_columns(
    columns: Iterable[str], chosen: Mapping[str, str], *, where: Path, needs: str = ""
) -> dict[str, str]:
    """Find the column of each field; return column names by field.

    ``chosen`` is the setting ``columns`` of the overlay: a column name for each field listed there.
    An empty name leaves the field out. The columns of other fields are found by their common names.
    A doc_id may be composed of several columns: see :func:`id_columns`.

    Raises TifaError if a chosen column does not exist, if two columns have the same name, or if the
    field ``needs`` has no column. The message names the file ``where``.

    >>> find_columns(["ID", "full_text", "Year"], {}, where=Path("a.csv"))
    {'doc_id': 'ID', 'text': 'full_text', 'date': 'Year'}
    """
    header = list(columns)
    shown = ", ".join(map(repr, header[:12])) + (" ..." if len(header) > 12 else "")
    name, times = next(iter(Counter(header).most_common(1)), ("", 0))
    if times > 1:
        raise TifaError(f"the column {name!r} appears twice; keep one", where=where, line=1)
    found: dict[str, str] = {}
    by_name = {re.sub(r"[\s_-]", "", name).lower(): name for name in reversed(header)}
    for field, names in NAMES.items():
        if field not in chosen:
            known = next((by_name[n] for n in names if n in by_name), None)
            if known is not None and known not in chosen.values():
                found[field] = known
        elif column := chosen[field]:
            parts = id_columns(column) if field == "doc_id" else [column]
            for name in parts:
                if name and name not in header and not (len(parts) > 1 and name == ROW):
                    raise TifaError(f"no column {name!r} for {field}; found {shown}", where=where)
            found[field] = column
    if needs and needs not in found:
        raise TifaError(
            f"no column for {needs}; found {shown}; name it with --column {needs}=COLUMN, or under "
            "columns in the overlay",
            where=where,
        )
    return found


#: In a doc_id that is composed of several columns, this name stands for the number of the row in
#: the whole table, counted from 0. If the table has a column of this name, it stands for the
#: column.
ROW = "row"


def id_columns(column: str) -> list[str]:
    """Split ``column`` at each + into the names of the columns that a doc_id is composed of.

    >>> id_columns("date+num")
    ['date', 'num']
    """
    return column.split("+") if len(column) > 1 else [column]


def made_id(cells: Iterable[Any]) -> str:
    """Join several cells to a doc_id.

    An integer from 0 to 9 gets a leading zero, so that 2 sorts before 10. Strings stay as they are,
    and empty cells are left out.

    >>> made_id(["2018-06-10", 3]), made_id(["report", None, 20])
    ('2018-06-10-03', 'report-20')
    """
    parts = (f"{c:02d}" if isinstance(c, int) else as_text(c) for c in cells)
    return "-".join(filter(None, parts))


def bare(name: str) -> str:
    """Remove http:// or https://, and the file extension of a text, from a name."""
    return _SUFFIX.sub("", re.sub(r"^https?://", "", name.strip()))


def identifier(name: str) -> str:
    """Make a doc_id from any name.

    First http:// or https:// and the file extension of a text are removed. Then each run of
    characters other than letters, digits, _ and . becomes one hyphen. Hyphens and full stops at the
    ends are removed.

    >>> identifier("My file's (2).TXT"), identifier("https://www.jstor.org/stable/7")
    ('My-file-s-2', 'www.jstor.org-stable-7')
    >>> identifier("नीति आयोग.txt")
    'नीति-आयोग'
    """
    # keep combining marks (category M) and zero-width joiners too, because they are parts of words
    kept = (
        c if c in "_.\u200c\u200d" or c.isalnum() or category(c)[0] == "M" else "-"
        for c in bare(name)
    )
    return re.sub("-+", "-", "".join(kept)).strip("-.\u200c\u200d")


def refuse_formula(cell: str, *, where: Path, line: int | None) -> None:
    """Raise TifaError if a cell contains a formula, or the error value of a failed formula."""
    if _FORMULA.match(cell) or _FAILED.match(cell):
        raise TifaError(
            f"a formula, not a value: {cell[:40]!r}; in the spreadsheet, paste values and save "
            "it as CSV again",
            where=where,
            line=line,
        )


def check_fields(
    found: Mapping[str, str], overlay: Overlay, *, where: Path, line: int | None = None
) -> tuple[dict[str, str], list[str]]:
    """Convert the cells of a document, given by field, to its values in the documents table.

    For empty cells, the default values of the overlay are used. Values that the overlay gives for
    this document replace those of the cells. Also returns a message for each cell that cannot be
    used, or only in part. Raises TifaError for unknown rights, because rights decide what is
    published.
    """
    problems = []
    seen = {k: _on_one_line(v) for k, v in found.items() if k != "text"}
    fields = {k: v for k, v in seen.items() if v}
    doc_id = fields.pop("doc_id", "")
    if "rights" in fields and fields["rights"] not in get_args(Rights):
        raise TifaError(
            f"rights: {fields['rights']!r}; expected {', '.join(get_args(Rights))} "
            "(or leave the column out: --column rights=)",
            where=where,
            line=line,
        )
    if "date" in fields:
        date = read_date(fields["date"], order=overlay.date_order)
        if date.problem:
            problems.append(f"date: {date.problem}")
        fields["date"] = date.iso
    try:
        DocumentFields.model_validate(fields)
    except ValidationError as error:
        for name in {str(e["loc"][0]): None for e in error.errors()}:
            kind = "web address" if name == "url" else "such value"
            problems.append(f"{name}: no {kind}, left empty")
            del fields[name]
    filled = {k: v for k, v in fields.items() if v}
    merged = {**overlay.default_values, **filled, **overlay.own_values(doc_id)}
    merged.pop("remove_prefix", None)
    return merged, problems


def as_cell(value: Any) -> str:
    """Convert a value from JSON or Parquet to a cell; the items of lists are joined by semicolons.

    >>> as_cell(["Ada Byron", "Carl Dane"]), as_cell(3)
    ('Ada Byron; Carl Dane', '3')
    """
    return as_text(value, between="; ")


def own_columns(columns: Iterable[str], wanted: Iterable[str], *, where: Path) -> list[str]:
    """Return the names ``wanted``, which the overlay lists under ``own``, as a list.

    Raises TifaError if one of them is not among the ``columns`` of the source.
    """
    header, own = set(columns), list(wanted)
    for name in own:
        if name not in header:
            raise TifaError(f"no column {name!r}, which the overlay keeps under own", where=where)
    return own


def own_cells(cells: Mapping[str, Any], columns: Iterable[str]) -> dict[str, str]:
    """Return the cells of a row in these columns, each as one line; leave out empty cells."""
    cleaned = {c: _on_one_line(as_cell(cells.get(c))) for c in columns}
    return {c: cell for c, cell in cleaned.items() if cell}


def _on_one_line(cell: str) -> str:
    return " ".join(_UNSEEN.sub(" ", cell).split())


def as_text(value: Any, *, between: str = "\n\n") -> str:
    """Convert a value from JSON or Parquet to text; the items of lists become paragraphs.

    >>> as_text(["One.", None, 2]), as_text(None), as_text({"a": 1})
    ('One.\\n\\n2', '', '')
    """
    if isinstance(value, str):
        # JSON may contain half of a surrogate pair, which cannot be encoded
        return value.encode("utf-8", "replace").decode() if _HALF.search(value) else value
    if isinstance(value, list | tuple):
        return between.join(filter(None, (as_text(item, between=between) for item in value)))
    if value is None or isinstance(value, dict) or (isinstance(value, float) and isnan(value)):
        return ""
    return str(value)
