"""Read documents from a folder of texts, or from tables with one text per row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tifa.data.metadata import Overlay
from tifa.sources import fields
from tifa.sources.document import Document, Reading, files_below, size_of, usable
from tifa.sources.folder import KINDS, TEXTS, read_folder
from tifa.sources.rows import JSON_LINES, Row, source_rows
from tifa.util.errors import TifaError

_CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
#: For each reader, the file extensions that it can read.
READERS = {"table": (*_CSV, ".xlsx", ".parquet"), "jsonl": JSON_LINES}
#: Advice for files that cannot be read, by file extension.
_OTHER = {
    **dict.fromkeys((".xls", ".ods"), "save it as .xlsx or CSV UTF-8"),
    **dict.fromkeys(TEXTS, "put it into a folder, and name the folder"),
    ".json": "write one object a line (JSON Lines, .jsonl)",
    ".zip": "unpack it first",
}
#: Values that R, pandas and spreadsheets write for a missing text.
_MISSING = {"NA", "N/A", "NaN", "nan", "#N/A", "NULL", "null", "None"}


def guess_reader(source: Path) -> str:
    """Return the reader for a file or folder, by file extensions.

    Raises TifaError if ``source`` is missing, or is a file that no reader can read.
    """
    if source.is_dir():
        # discard this Reading, because problems will be reported when the source is read
        names = [path.name.lower() for path in _visible(source, Reading())]
        kinds = (r for r, ends in READERS.items() if any(n.endswith(ends) for n in names))
        # if there are text files, read those: a table next to them may only describe them
        return "folder" if any(n.endswith(TEXTS) for n in names) else next(kinds, "folder")
    if not source.is_file():
        raise TifaError("no such file or folder", where=source)
    name = source.name.lower()
    if found := next((r for r, endings in READERS.items() if name.endswith(endings)), None):
        return found
    advice = next((f"{a}; " for end, a in _OTHER.items() if name.endswith(end)), "")
    raise TifaError(
        f"cannot be read; {advice}expected a folder of {KINDS}, or a file .csv, .tsv, .xlsx, "
        ".parquet or .jsonl",
        where=source,
    )


def read_source(
    source: Path, overlay: Overlay, *, listing: Path | None, reading: Reading
) -> Iterator[Document]:
    """Return an iterator over the documents in a folder of texts, or in the rows of tables.

    Raises TifaError if the source as a whole cannot be used, or has no document. For ``listing``,
    see :func:`tifa.sources.folder.read_folder`.
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
    """Yield the files in a folder and its subfolders, except those that Spark adds.

    Names of files or folders that Spark adds begin with an underscore, such as _SUCCESS.
    """
    for path in files_below(folder, reading):
        if not any(part.startswith("_") for part in path.relative_to(folder).parts):
            yield path


def _parts(folder: Path, reader: str, reading: Reading) -> list[Path]:
    """Return the files in a folder that ``reader`` can read, sorted by path.

    Together they are one table. Raises TifaError if there is no such file or, for the reader
    "table", if their file formats differ.
    """
    found = [p for p in _visible(folder, reading) if p.name.lower().endswith(READERS[reader])]
    if not found:
        raise TifaError(f"no file {' or '.join(READERS[reader])} here", where=folder)
    kinds = sorted({p.suffix.lower().replace(".gz", "") for p in found} - {""})
    if len(kinds) > 1 and reader == "table":
        raise TifaError(f"files of several kinds ({', '.join(kinds)}); expected one", where=folder)
    return found


# --- tables ------------------------------------------------------------------------------


def _rows(parts: list[Path], overlay: Overlay, reading: Reading) -> Iterator[Document]:
    """Yield the documents in the rows of one file, or of several files that are one table."""
    before = 0
    json_columns: list[str] = []
    full = []
    for path in parts:
        if len(parts) > 1 and not size_of(path, where=path):
            reading.could_not_read("an empty part", path.name)
        else:
            full.append(path)
    if overlay.reader == "jsonl":
        # objects may lack a field that others have, so columns are collected from all files first
        json_columns = list(dict.fromkeys(c for path in full for c in source_rows(path)[0]))
    for path in full:
        columns, rows = source_rows(path, encoding=overlay.encoding, reading=reading)
        columns = json_columns or columns
        if not (reading.columns and json_columns):
            found = fields.find_columns(columns, overlay.columns, where=path, needs="text")
            if reading.columns and found != reading.columns:
                here, earlier = (
                    ", ".join(f"{column} ({field})" for field, column in sorted(each.items()))
                    for each in (found, reading.columns)
                )
                raise TifaError(
                    f"its fields are read from {here}, those of the parts before from {earlier}; "
                    "name the columns with --column FIELD=COLUMN",
                    where=path,
                )
            reading.columns = found
        for name in overlay.only:
            if name not in columns:
                raise TifaError(f"no column {name!r}, which the overlay asks for", where=path)
        own = fields.own_columns(columns, overlay.own, where=path)
        of_id = fields.id_columns(reading.columns.get("doc_id", ""))
        used = {*reading.columns.values(), *of_id, *own}
        reading.leave_out(c for c in columns if c not in used)
        number = 0
        for row in rows:
            number = row.number
            where = f"line {row.line}" if row.line else f"row {number}"
            if len(parts) > 1:
                where = f"{path.name}, {where}"
            try:
                yield from _row(row, before + number, path, where, overlay, reading)
            except RecursionError:
                reading.could_not_read("nested too deep", where)
        before += number


def _row(
    row: Row, number: int, path: Path, where: str, overlay: Overlay, reading: Reading
) -> Iterator[Document]:
    """Yield the document in a row, or nothing if the row cannot be used.

    ``number`` is the number of the row in the whole table, which may consist of several files.
    ``where`` describes the position of the row in messages.
    """
    if row.problem:
        reading.could_not_read(row.problem, where)
        return
    for name, wanted in overlay.only.items():
        if (value := fields.as_text(row.cells.get(name))) not in wanted:
            reading.skip(f"{name} is {value!r}", where)
            return
    found = reading.columns
    cells = {f: fields.as_cell(row.cells.get(c)) for f, c in found.items() if f != "text"}
    text = fields.as_text(row.cells.get(found["text"]))
    own = fields.own_cells(row.cells, overlay.own)
    reading.measure(row.cells)
    parts = fields.id_columns(found.get("doc_id", ""))
    if composed := len(parts) > 1:
        numbered = {fields.ROW: number - 1, **row.cells}
        cells["doc_id"] = fields.made_id(numbered.get(column) for column in parts)
    if path.name.lower().endswith(_CSV):
        for cell in (*cells.values(), *own.values()):
            fields.refuse_formula(cell, where=path, line=row.line)
    doc_id = fields.identifier(cells["doc_id"]) if "doc_id" in found else f"row-{number:06d}"
    if not doc_id:
        reading.skip("the doc_id is missing", where)
        return
    if composed:
        # an id that is composed of several columns may occur again: append a number then
        reading.made[doc_id] += 1
        doc_id += f"-{reading.made[doc_id]}" if reading.made[doc_id] > 1 else ""
    name = doc_id if composed else cells.get("doc_id", doc_id)
    if text.strip() in _MISSING:
        reading.skip(f"the text is {text.strip()!r}, as programs write a missing one", name)
        return
    cells["doc_id"] = doc_id
    about, problems = fields.check_fields(cells, overlay, where=path, line=row.line)
    for problem in problems:
        reading.note(problem, doc_id)
    yield Document(doc_id, text, about, own, name)
