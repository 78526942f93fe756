"""Read a folder with one text per file, optionally with a list of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tifa.data.metadata import Overlay
from tifa.sources import fields
from tifa.sources.document import (
    Document,
    NotUtf8Error,
    Reading,
    check_text,
    decode,
    files_below,
    guessed,
    read_text_bytes,
    usable,
    utf8,
)
from tifa.sources.filenames import NamePattern
from tifa.sources.html import decode_page, read_page
from tifa.sources.office import READ_BY, read_docx, read_markdown, read_pdf, refuse_missing
from tifa.sources.rows import source_rows
from tifa.util.errors import TifaError

#: File extensions of texts.
TEXTS = (".txt", ".html", ".htm", *READ_BY)
#: The same file types, as messages name them.
KINDS = ".txt, .html, .md, .docx or .pdf"


def read_folder(
    folder: Path, overlay: Overlay, *, listing: Path | None = None, reading: Reading
) -> Iterator[Document]:
    """Read a folder of texts, one per file, with its list of documents if there is one.

    ``listing`` is a table with one row per file; by default it is documents.csv in the folder.
    Files that cannot be used are recorded in ``reading``.

    Raises TifaError if the list cannot be used, if no document is left, if a file needs a library
    that is not installed, or if a text lacks the prefix that the overlay says to remove. If the
    overlay is strict, also raises TifaError if a file cannot be used, or if the files do not match
    the list or the documents in the overlay.
    """
    if not folder.is_dir():
        raise TifaError(f"expected a folder of {KINDS} files", where=folder)
    own = folder / "documents.csv"
    path = listing or (own if own.is_file() else None)
    listed = _read_listing(path, overlay, reading) if path else None
    files = _files(folder, path, overlay, reading)
    refuse_missing((file.suffix.lower() for _, _, file in files), where=folder)
    if overlay.strict:
        _check_complete(files, folder, overlay, listed)
    # _documents is a generator, but the checks above run at once
    return usable(_documents(files, overlay, listed, reading), folder, reading)


@dataclass
class _Listed:
    """A row of a list of documents."""

    name: str
    line: int
    cells: dict[str, str]
    own: dict[str, str]
    used: bool = False


def _ending(name: str) -> str:
    """Return the extension of a name in lower case, or "" if it is not that of a text."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix in TEXTS else ""


@dataclass
class _Listing:
    """The rows of a list of documents, by doc_id."""

    path: Path
    rows: dict[str, list[_Listed]] = field(default_factory=dict)

    def take_row(self, *names: str) -> _Listed | None:
        """Find the row that describes a file, and mark it as used; no row is returned twice.

        ``names`` are the path of the file and its name, which are tried in this order. A row for
        a.txt does not describe a.docx. If several rows have the doc_id of the file, the first one
        with its name is preferred; the file extension may be missing.
        """
        for name in names:
            free = [r for r in self.rows.get(fields.identifier(name), ()) if not r.used]
            if rows := [r for r in free if _ending(r.name) in ("", _ending(name))]:
                row = next((r for r in rows if fields.bare(r.name) == fields.bare(name)), rows[0])
                row.used = True
                return row
        return None

    def note_unused(self, reading: Reading) -> None:
        """Record the rows for which there was no file."""
        for row in chain(*self.rows.values()):
            if not row.used:
                reading.note(f"a row of {self.path.name} without a file", row.name)


def _read_listing(path: Path, overlay: Overlay, reading: Reading) -> _Listing:
    if not path.name.lower().endswith((".csv", ".tsv", ".xlsx", ".parquet")):
        raise TifaError("expected a list of documents as .csv, .tsv, .xlsx or .parquet", where=path)
    columns, rows = source_rows(path, encoding=overlay.encoding, reading=reading)
    found = fields.find_columns(columns, overlay.columns, where=path, needs="doc_id")
    found.pop("text", None)
    reading.columns = found
    named = NamePattern(overlay.names).own if overlay.names else []
    own = fields.own_columns(columns, [c for c in overlay.own if c not in named], where=path)
    reading.left_out = [c for c in columns if c not in {*found.values(), *own}]
    if overlay.strict and reading.left_out:
        raise TifaError(f"unknown column {reading.left_out[0]!r}", where=path, line=1)
    listing = _Listing(path)
    for row in rows:
        cells = {f: fields.as_cell(row.cells.get(c)) for f, c in found.items()}
        for cell in cells.values():
            fields.refuse_formula(cell, where=path, line=row.line)
        name = cells["doc_id"].strip()
        doc_id = fields.identifier(name)
        problem = "" if doc_id else "the name of the document is missing"
        if overlay.strict and doc_id != name:
            problem = problem or f"doc_id {name!r}: expected letters, digits, - _ and ."
        same = listing.rows.setdefault(doc_id, [])
        alike = [r for r in same if fields.bare(r.name) == fields.bare(name)]
        if any(len({_ending(name), _ending(r.name)} - {""}) < 2 for r in alike):
            problem = problem or f"the document {name!r} appears twice"
        if problem:
            raise TifaError(problem, where=path, line=row.line)
        reading.measure(row.cells)
        same.append(_Listed(name, row.line or row.number, cells, fields.own_cells(row.cells, own)))
    if not listing.rows:
        raise TifaError("lists no document", where=path)
    return listing


def _files(
    folder: Path, listing: Path | None, overlay: Overlay, reading: Reading
) -> list[tuple[str, str, Path]]:
    """Return the doc_id, the name and the path of each file that may be a text.

    The list of documents is left out. Other files are recorded in ``reading``; if the overlay is
    strict, they are errors, and TifaError is raised.
    """
    found = []
    for path in files_below(folder, reading, endings=TEXTS, strict=overlay.strict):
        name = utf8(path.relative_to(folder).as_posix())
        if listing is not None and path.resolve() == listing.resolve():
            continue
        if path.suffix.lower() not in TEXTS:
            problem = f"not {KINDS}"
        elif path.stem.lower() == "readme":
            problem = "a README"
        elif doc_id := fields.identifier(name):
            found.append((doc_id, name, path))
            continue
        else:
            problem = "a name without a letter or digit"
        if overlay.strict:
            raise TifaError(problem, where=path)
        reading.skip(problem, name)
    return found


def _check_complete(
    files: list[tuple[str, str, Path]], folder: Path, overlay: Overlay, listed: _Listing | None
) -> None:
    """Raise TifaError if there is no file, if two have the same doc_id, or if any is not listed.

    ``listed`` is the list of documents: each of its rows must have a file, and each document in the
    overlay must have a row. Without a list, the files are compared with the documents in the
    overlay, if there are any.
    """
    if not files:
        raise TifaError(f"no {KINDS} file in this folder", where=folder)
    paths: dict[str, Path] = {}
    for doc_id, _, path in files:
        if paths.setdefault(doc_id, path) != path:
            raise TifaError(f"the same doc_id as {paths[doc_id].name}: {doc_id!r}", where=path)
    expected = listed.rows if listed else overlay.documents
    place = listed.path if listed else f"the overlay of {overlay.corpus}"
    for doc_id in overlay.documents:
        if doc_id not in expected:
            raise TifaError(f"the overlay names {doc_id!r}, which is not listed", where=place)
    for doc_id in expected:
        if doc_id not in paths:
            raise TifaError(f"unknown doc_id {doc_id!r}: no file {doc_id}.txt", where=place)
    for doc_id, path in paths.items():
        if expected and doc_id not in expected:
            raise TifaError(f"not listed in {place}; add a row with this doc_id", where=path)


def _documents(
    files: list[tuple[str, str, Path]], overlay: Overlay, listed: _Listing | None, reading: Reading
) -> Iterator[Document]:
    names = NamePattern(overlay.names) if overlay.names else None
    if names:
        reading.leave_out(c for c in names.own if c not in overlay.own)
    for doc_id, name, path in files:
        row = listed.take_row(name, utf8(path.name)) if listed else None
        line = row.line if row else None
        if listed and row is None:
            reading.note(f"no row in {listed.path.name}", name)
        try:
            where = path if overlay.strict else ""
            text, known, missing = _read_file(path, where=where, encoding=overlay.encoding)
            check_text(text, where=where)
        except TifaError as error:
            if overlay.strict:
                raise
            # remove the position, so that files with the same problem are counted together
            reading.could_not_read(re.sub(r" at byte \d+", "", str(error)), name)
            # guess for a few files only, because it takes time
            if isinstance(error, NotUtf8Error) and reading.encodings.total() < 20:
                reading.encodings[guessed(error.data)] += 1
            continue
        if missing:
            reading.note(missing, name)
        in_list = {k: v for k, v in row.cells.items() if v.strip()} if row else {}
        by_name = (names.read(name) or {}) if names else {}
        if names and not by_name:
            reading.note(f"the name does not fit {names.pattern}", name)
        reading.measure(by_name)
        own = fields.own_cells(by_name, overlay.own) | (row.own if row else {})
        known |= {f: cell for f, cell in by_name.items() if f in fields.NAMES}
        cells = {**known, **in_list, "doc_id": doc_id}
        place = listed.path if listed and line is not None else path
        about, problems = fields.check_fields(cells, overlay, where=place, line=line)
        for problem in problems:
            if overlay.strict:
                found = cells[problem.partition(":")[0]]
                raise TifaError(f"{problem} (found {found!r})", where=place, line=line)
            reading.note(problem, name)
        prefix = overlay.fields(doc_id)["remove_prefix"]
        if prefix and not text.lstrip().startswith(prefix):
            raise TifaError(
                f"does not begin with {prefix!r}, which the overlay says to remove", where=path
            )
        text = text.lstrip().removeprefix(prefix) if prefix else text
        yield Document(doc_id, text, about, own, name)
    if listed:
        listed.note_unused(reading)


def _read_file(path: Path, *, where: str | Path, encoding: str) -> tuple[str, dict[str, str], str]:
    """Return the text of a file, its metadata by field, and a message about any problem."""
    data = read_text_bytes(path, where=where)
    kind = path.suffix.lower()
    if kind in (".txt", ".md"):
        text = decode(data, where=where, encoding=encoding)
        return (text, {}, "") if kind == ".txt" else read_markdown(text)
    try:
        if kind in (".docx", ".pdf"):
            text, missing = read_docx(data) if kind == ".docx" else read_pdf(data)
            return text, {}, missing
        page = read_page(decode_page(data, other=encoding))
    except TifaError as error:
        raise type(error)(str(error), where=where) from None
    return page.text, {"title": page.title, "date": page.date}, ""
