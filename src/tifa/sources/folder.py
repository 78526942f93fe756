"""A folder of .txt files that a documents.csv may describe."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from tifa.data.metadata import DocumentFields, Overlay
from tifa.sources.document import Document, read_file, utf8
from tifa.util.errors import TifaError


def read_folder(folder: Path, overlay: Overlay) -> Iterator[Document]:
    """Read a folder of .txt files, with its documents.csv where there is one.

    Raises
    ------
    TifaError
        Naming the file: not UTF-8, empty, not listed, or listed and not there.

    """
    if not folder.is_dir():
        raise TifaError("expected a folder of .txt files", where=folder)
    found = sorted(folder.glob("*.txt"))
    files = {utf8(p.stem): p for p in found}
    if len(files) < len(found):
        raise TifaError("two names that are not UTF-8 cannot be told apart", where=folder)
    if not files:
        raise TifaError("no .txt file in this folder", where=folder)
    listing = folder / "documents.csv"
    rows = _read_listing(listing) if listing.exists() else {}
    expected, by = (rows, listing) if rows else (dict.fromkeys(overlay.documents), None)
    place = by if by else f"the overlay of {overlay.corpus}"
    for doc_id in overlay.documents:
        if rows and doc_id not in rows:
            raise TifaError(f"the overlay names {doc_id!r}, which is not listed", where=listing)
    for doc_id in expected:
        if doc_id not in files:
            raise TifaError(f"unknown doc_id {doc_id!r}: no file {doc_id}.txt", where=place)
    for doc_id, path in files.items():
        if expected and doc_id not in expected:
            raise TifaError(f"not listed in {place}; add a row with this doc_id", where=path)
    # a generator of its own, so that the checks above run before the first text is taken
    return _documents(files, rows, overlay)


def _documents(
    files: dict[str, Path], rows: dict[str, dict[str, str]], overlay: Overlay
) -> Iterator[Document]:
    for doc_id in sorted(files):
        fields = overlay.fields(doc_id)
        listed = {k: v for k, v in rows.get(doc_id, {}).items() if v}
        own = overlay.documents.get(doc_id, DocumentFields()).model_dump(exclude_defaults=True)
        fields = {**fields, **listed, **own}
        text = read_file(files[doc_id])
        prefix = fields.pop("remove_prefix", "")
        if prefix and not text.lstrip().startswith(prefix):
            raise TifaError(
                f"does not begin with {prefix!r}, which the overlay says to remove",
                where=files[doc_id],
            )
        yield Document(doc_id, text.lstrip().removeprefix(prefix) if prefix else text, fields)


def _read_listing(path: Path) -> dict[str, dict[str, str]]:
    """documents.csv by doc_id; columns that the documents table does not have are an error."""
    known = set(DocumentFields.model_fields) - {"remove_prefix"}
    text = read_file(path)
    rows: dict[str, dict[str, str]] = {}
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = list(reader.fieldnames or [])
        if "doc_id" not in columns:
            raise TifaError(
                f"no column doc_id; found {', '.join(columns) or 'nothing'}", where=path, line=1
            )
        for column in columns:
            if column not in known | {"doc_id"}:
                raise TifaError(
                    f"unknown column {column!r}; expected some of {', '.join(sorted(known))}",
                    where=path,
                    line=1,
                )
        for column in columns:
            if columns.count(column) > 1:
                raise TifaError(f"the column {column!r} stands twice", where=path, line=1)
        for row in reader:
            line = reader.line_num
            doc_id = (row["doc_id"] or "").strip()
            if None in row or None in row.values():
                raise TifaError(f"expected {len(columns)} fields", where=path, line=line)
            if not doc_id:
                raise TifaError("the doc_id is missing", where=path, line=line)
            if not re.fullmatch(r"[\w.-]+", doc_id):
                raise TifaError(
                    f"doc_id {doc_id!r}: expected letters, digits, - _ and .", where=path, line=line
                )
            if doc_id in rows:
                raise TifaError(f"the doc_id {doc_id!r} stands twice", where=path, line=line)
            rows[doc_id] = {k: v.strip() for k, v in row.items() if k != "doc_id"}
            _check_fields(rows[doc_id], path, line)
    except csv.Error as error:
        raise TifaError(f"broken CSV: {error}", where=path, line=reader.line_num) from None
    if not rows:
        raise TifaError("lists no document", where=path)
    return rows


def _check_fields(fields: dict[str, str], path: Path, line: int) -> None:
    try:
        DocumentFields.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        message = first["msg"].removeprefix("Value error, ")
        raise TifaError(
            f"{name}: {message} (found {fields[name]!r})", where=path, line=line
        ) from None
