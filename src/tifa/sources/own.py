"""Read documents from a folder of texts, or from tables with one text per row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tifa.data.metadata import Overlay
from tifa.sources.document import Document, Reading, files_below, size_of, usable
from tifa.sources.fields import (
    ROW,
    as_cell,
    as_text,
    check_fields,
    find_columns,
    id_columns,
    identifier,
    made_id,
    own_cells,
    own_columns,
    refuse_formula,
)
from tifa.sources.folder import KINDS, TEXTS, read_folder
from tifa.sources.rows import JSON_LINES, Row, source_rows
from tifa.util.errors import TifaError

#: File extensions that each reader can read.
READERS = {
    "table": (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".xlsx", ".parquet"),
    "jsonl": JSON_LINES,
}
_OTHER = {
    ".xls": "save it as .xlsx or CSV UTF-8",
    ".ods": "save it as .xlsx or CSV UTF-8",
    **dict.fromkeys(TEXTS, "put it into a folder, and name the folder"),
    ".json": "write one object a line (JSON Lines, .jsonl)",
    ".zip": "unpack it first",
}


#: Values that R, pandas and spreadsheets write for a missing text.
_MISSING = {"NA", "N/A", "NaN", "nan", "#N/A", "NULL", "null", "None"}


def guess_reader(source: Path) -> str:
    """Return the reader for a folder or a file, judging by file extensions.

    Raises TifaError if there is no such file or folder, or no reader for the file.
    """
    if source.is_dir():
        # a new Reading, which is not kept: problems will be reported when the source is read
        names = [path.name.lower() for path in _visible(source, Reading())]
        kinds = (r for r, ends in READERS.items() if any(n.endswith(ends) for n in names))
        # if there are text files, read those: a table next to them may only describe them
        return "folder" if any(n.endswith(TEXTS) for n in names) else next(kinds, "folder")
    if not source.is_file():
        raise TifaError("no such file or folder", where=source)
    name = source.name.lower()
    for reader, endings in READERS.items():
        if name.endswith(endings):
            return reader
    advice = next((f"{a}; " for end, a in _OTHER.items() if name.endswith(end)), "")
    raise TifaError(
        f"cannot be read; {advice}expected a folder of {KINDS}, or a file .csv, .tsv, .xlsx, "
        ".parquet or .jsonl",
        where=source,
    )


def read_source(
    source: Path, overlay: Overlay, *, listing: Path | None, reading: Reading
) -> Iterator[Document]:
    """Return an iterator over the documents in a folder of texts, or in files of rows.

    ``listing`` is a table with one row per file of a folder of texts; by default it is
    documents.csv in the folder. ``reading`` is filled in while documents are read. Raises TifaError
    if the source as a whole cannot be used, or has no document.
    """
    if overlay.file and source.is_dir():
        source = source / overlay.file
    if overlay.reader == "folder":
        return read_folder(source, overlay, listing=listing, reading=reading)
    if listing is not None:
        raise TifaError("a list of documents goes with a folder of texts only", where=listing)
    parts = _parts(source, overlay.reader, reading) if source.is_dir() else [source]
    return usable(_rows(parts, overlay, reading), source, reading, cells=True)


def _visible(folder: Path, reading: Reading) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders, except those that Spark adds (_SUCCESS)."""
    for path in files_below(folder, reading):
        inner = path.relative_to(folder).parts
        if not any(part.startswith("_") for part in inner):
            yield path


def _parts(folder: Path, reader: str, reading: Reading) -> list[Path]:
    """Return the files in a folder that are the parts of one table, sorted by path.

    Raises TifaError if there are none, or if tables of several file types are mixed.
    """
    found = [p for p in _visible(folder, reading) if p.name.lower().endswith(READERS[reader])]
    if not found:
        raise TifaError(f"no file {' or '.join(READERS[reader])} here", where=folder)
    kinds = sorted({p.suffix.lower().replace(".gz", "") for p in found} - {""})
    if len(kinds) > 1 and reader == "table":
        raise TifaError(f"files of several kinds ({', '.join(kinds)}); expected one", where=folder)
    return found


# --- files of rows -----------------------------------------------------------------------


def _rows(parts: list[Path], overlay: Overlay, reading: Reading) -> Iterator[Document]:
    """Yield the documents in the rows of one file, or of several that are parts of one table."""
    before = 0
    all_columns: list[str] = []
    full = []
    for path in parts:
        if len(parts) > 1 and not size_of(path, where=path):
            reading.could_not_read("an empty part", path.name)
        else:
            full.append(path)
    if overlay.reader == "jsonl":
        # objects may lack a field that others have, so columns are collected from all files first
        all_columns = list(dict.fromkeys(c for path in full for c in source_rows(path)[0]))
    for path in full:
        columns, rows = source_rows(path, encoding=overlay.encoding, reading=reading)
        columns = all_columns or columns
        if not (reading.columns and overlay.reader == "jsonl"):
            found = find_columns(columns, overlay.columns, where=path, needs=["text"])
            if reading.columns and found != reading.columns:
                raise TifaError(
                    f"its fields are read from {_in_words(found)}, those of the parts before from "
                    f"{_in_words(reading.columns)}; name the columns with --column FIELD=COLUMN",
                    where=path,
                )
            reading.columns = found
        for name in overlay.only:
            if name not in columns:
                raise TifaError(f"no column {name!r}, which the overlay asks for", where=path)
        own = own_columns(columns, overlay.own, where=path)
        used = {*reading.columns.values(), *id_columns(reading.columns.get("doc_id", "")), *own}
        reading.leave_out(c for c in columns if c not in used)
        number = 0
        for row in rows:
            number = row.number
            yield from _row(row, before + number, path, len(parts) > 1, overlay, reading)
        before += number


def _in_words(found: dict[str, str]) -> str:
    return ", ".join(f"{column} ({field})" for field, column in sorted(found.items()))


def _row(
    row: Row, number: int, path: Path, one_of_many: bool, overlay: Overlay, reading: Reading
) -> Iterator[Document]:
    """Yield the document of a row, or nothing if the row has none that can be used.

    ``number`` is the number of the row in the whole table, which may consist of several files.
    """
    where = f"line {row.line}" if row.line else f"row {row.number}"
    if one_of_many:
        where = f"{path.name}, {where}"
    if row.problem:
        reading.could_not_read(row.problem, where)
        return
    for name, wanted in overlay.only.items():
        if (value := as_text(row.cells.get(name))) not in wanted:
            reading.skip(f"{name} is {value!r}", where)
            return
    try:
        yield from _document(row, number, path, where, overlay, reading)
    except RecursionError:
        reading.could_not_read("nested too deep", where)


def _document(
    row: Row, number: int, path: Path, where: str, overlay: Overlay, reading: Reading
) -> Iterator[Document]:
    found = reading.columns
    cells = {f: (as_text if f == "text" else as_cell)(row.cells.get(c)) for f, c in found.items()}
    own = own_cells(row.cells, overlay.own)
    reading.measure(row.cells)
    if len(parts := id_columns(found.get("doc_id", ""))) > 1:
        cells["doc_id"] = made_id(row.cells.get(c, number - 1 if c == ROW else None) for c in parts)
    for name, cell in {**cells, **own}.items():
        if name != "text" and row.line and path.suffix.lower() in (".csv", ".tsv"):
            refuse_formula(cell, where=path, line=row.line)
    doc_id = identifier(cells["doc_id"]) if "doc_id" in found else f"row-{number:06d}"
    if not doc_id:
        reading.skip("the doc_id is missing", where)
        return
    if len(parts) > 1:
        # an id that is composed of other columns may occur twice, so a number is appended
        reading.made[doc_id] += 1
        doc_id += f"-{reading.made[doc_id]}" if reading.made[doc_id] > 1 else ""
    name = cells.get("doc_id", doc_id) if len(parts) == 1 else doc_id
    if cells["text"].strip() in _MISSING:
        reading.skip(
            f"the text is {cells['text'].strip()!r}, as programs write a missing one", name
        )
        return
    cells["doc_id"] = doc_id
    fields, problems = check_fields(cells, overlay, where=path, line=row.line)
    for problem in problems:
        reading.note(problem, doc_id)
    yield Document(doc_id, cells["text"], fields, own, name)
