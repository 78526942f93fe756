"""Read the rows of CSV, Excel, Parquet and JSON Lines files one at a time."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase, TextIOWrapper
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, AnyStr

import pyarrow as pa
import pyarrow.parquet as pq

from tifa.sources.archive import MAX_RATIO
from tifa.sources.document import MAX_TEXT_BYTES, Reading, guessed, size_of
from tifa.sources.workbook import sheet_rows
from tifa.util.errors import TifaError

JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
#: How many rows, and how many bytes, of a Parquet file to read at once. The numbers are small,
#: because texts may be long.
_ROWS, _BUFFER = 8, 1 << 20


@dataclass(frozen=True)
class Row:
    """A row: its position, its cells by column, and the reason why it cannot be used, if any."""

    #: Number of the row, counted from 1; the header is not counted.
    number: int
    #: Its line in the file; None in Parquet, which has no lines.
    line: int | None
    cells: dict[str, Any]
    problem: str = ""


def source_rows(
    path: Path, *, encoding: str = "", reading: Reading | None = None
) -> tuple[list[str], Iterator[Row]]:
    """Return the column names and the rows of a CSV, Excel, Parquet or JSON Lines file.

    If ``encoding`` is given, a CSV file is read in this encoding. But if the file is UTF-8 and has
    characters beyond ASCII, it is read as UTF-8, and this is noted in ``reading``. Raises TifaError
    if the file cannot be read.
    """
    size_of(path, where=path)
    name = path.name.lower()
    if name.endswith(".parquet"):
        return _parquet_rows(path)
    if name.endswith(".xlsx"):
        return _xlsx_rows(path)
    if name.endswith(JSON_LINES):
        return _json_rows(path)
    if encoding and _is_utf8(path):
        if reading is not None:
            reading.note(f"read as UTF-8, which it is, and not as {encoding}", path.name)
        encoding = ""
    return _csv_rows(path, encoding)


def _is_utf8(path: Path) -> bool:
    """Return whether a file is UTF-8 and has a character beyond ASCII.

    Reading such a file in another encoding would often succeed, but give wrong letters.
    """
    with _opened(path) as raw:
        text = TextIOWrapper(raw, "utf-8")
        try:
            ascii_only = [chunk.isascii() for chunk in iter(lambda: text.read(1 << 20), "")]
        except UnicodeDecodeError:
            return False
    return not all(ascii_only)


def _named(header: list[Any]) -> list[str]:
    """Return the names of columns; a column without a name is called "column 3", for example."""
    return [str(c or "").strip() or f"column {n}" for n, c in enumerate(header, 1)]


def _csv_rows(path: Path, encoding: str) -> tuple[list[str], Iterator[Row]]:
    rows = csv_cells(path, encoding)
    _, header = next(rows, (1, []))
    if not any(c.strip() for c in header):
        raise TifaError("empty; expected a line with the names of the columns", where=path)
    columns = _named(header)

    def named() -> Iterator[Row]:
        for number, (line, cells) in enumerate(rows, 1):
            if not any(c.strip() for c in cells):
                continue
            if len(cells) != len(columns):
                raise TifaError(
                    f"{len(cells)} cells; expected {len(columns)} as in the first line (a quote "
                    "that is not doubled, or another separator?)",
                    where=path,
                    line=line,
                )
            yield Row(number, line, dict(zip(columns, cells, strict=True)))

    return columns, named()


def _xlsx_rows(path: Path) -> tuple[list[str], Iterator[Row]]:
    rows = sheet_rows(path)
    head, header = next(rows)
    columns = _named(header)

    def named() -> Iterator[Row]:
        for line, cells in rows:
            if len(cells) > len(columns):
                raise TifaError(
                    f"{len(cells)} cells; expected {len(columns)} as in the row of names",
                    where=path,
                    line=line,
                )
            # a row may have fewer cells than columns, because empty cells at its end are left out
            yield Row(line - head, line, dict(zip_longest(columns, cells)))

    return columns, named()


class _Unpacked(RawIOBase):
    """A gzip file; raises TifaError if it unpacks to over 1 MB and ``MAX_RATIO`` times its size."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, gzip.GzipFile(path)
        self._limit = max(MAX_RATIO * path.stat().st_size, 1_000_000)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read1(len(buffer))
        if self._file.tell() > self._limit:
            raise TifaError(
                f"unpacks to more than {self._limit:,} bytes; unpack it first", where=self._path
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader[Any]]:
    """Open a file, which may be compressed with gzip; raise TifaError if it cannot be read."""
    packed = path.name.lower().endswith(".gz")
    try:
        with BufferedReader(_Unpacked(path), 1 << 16) if packed else path.open("rb") as file:
            yield file
    except (EOFError, zlib.error, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise TifaError(f"cannot be read: {why}", where=path) from None


def csv_cells(path: Path, encoding: str = "") -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the cells of each row of a CSV file, including the header.

    The file may be compressed with gzip. The separator is the comma, semicolon or tab, whichever is
    most frequent in the first line. Raises TifaError if the text is not in ``encoding`` (by default
    UTF-8), contains NUL bytes or is broken CSV.
    """
    # this limit on the length of a cell applies to the whole program. It stops the reader if a
    # quotation mark in a large file is never closed. A text that is only somewhat too long stays
    # below the limit, and is skipped later
    csv.field_size_limit(max(csv.field_size_limit(), 4 * MAX_TEXT_BYTES))
    with _opened(path) as raw:
        first = raw.peek().partition(b"\n")[0]
        if first.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in first:
            raise TifaError("not UTF-8 (UTF-16?); save it as CSV UTF-8", where=path)
        separator = max(",;\t", key=lambda mark: first.count(mark.encode()))
        file = TextIOWrapper(raw, encoding or "utf-8-sig", newline="")
        lines = _lines(file, path, 2 * MAX_TEXT_BYTES)
        reader = csv.reader(lines, delimiter=separator, strict=True)
        line = 1
        try:
            for cells in reader:
                if any("\0" in cell for cell in cells):
                    raise TifaError(
                        "contains NUL bytes; save it as CSV UTF-8", where=path, line=line
                    )
                yield line, cells
                line = reader.line_num + 1
        except UnicodeDecodeError as error:
            likely = "" if encoding else guessed(error.object)
            advice = f", or say --encoding {likely} if it is that" if likely else ""
            reason = f"not {encoding or 'UTF-8'}; save it as CSV UTF-8{advice}"
            # text is decoded in chunks: add the lines before this chunk and those inside it
            line = reader.line_num + 1 + error.object[: error.start].count(b"\n")
            raise TifaError(reason, where=path, line=line) from None
        except csv.Error as error:
            raise TifaError(f"broken CSV: {error}", where=path, line=line) from None


def _lines(file: IO[AnyStr], path: Path, most: int) -> Iterator[AnyStr]:
    """Yield the lines of a file; raise TifaError for a line that is too long to keep in memory."""
    number = 0
    while line := file.readline(most + 1):
        number += 1
        if len(line) > most:
            raise TifaError(f"more than {most:,} bytes in a line", where=path, line=number)
        yield line


def _parquet_rows(path: Path) -> tuple[list[str], Iterator[Row]]:
    """Return the columns and rows of a Parquet file; binary cells are decoded as UTF-8."""
    try:
        file = pq.ParquetFile(path, buffer_size=_BUFFER)
    except (pa.ArrowException, OSError) as error:
        raise TifaError(f"not a Parquet file ({error})", where=path) from None
    schema = file.schema_arrow
    binary = [f.name for f in schema if f.type in (pa.binary(), pa.large_binary())]

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in file.iter_batches(batch_size=_ROWS):
                for cells in batch.to_pylist():
                    number += 1
                    for name in binary:
                        cells[name] = cells[name] and cells[name].decode()
                    yield Row(number, None, cells)
        except (pa.ArrowException, OSError, LookupError, ValueError, OverflowError) as error:
            # LookupError, ValueError, OverflowError: for invalid time zones, UTF-8 and times
            raise TifaError(f"not a complete Parquet file ({error})", where=path) from None

    return list(schema.names), rows()


def _json_rows(path: Path) -> tuple[list[str], Iterator[Row]]:
    columns = dict.fromkeys(name for row in _json(path) for name in row.cells)
    if not columns:
        raise TifaError("no JSON object; expected one a line", where=path)
    return list(columns), _json(path)


def _json(path: Path) -> Iterator[Row]:
    with _opened(path) as file:
        for number, line in enumerate(_lines(file, path, MAX_TEXT_BYTES), 1):
            if number == 1 and line.lstrip(b"\xef\xbb\xbf \t").startswith(b"["):
                raise TifaError(
                    "a JSON array, no JSON object; expected one a line", where=path, line=1
                )
            if line.strip():
                yield _object(line, number, path)


def _object(line: bytes, number: int, path: Path) -> Row:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise TifaError("not UTF-8; save it as UTF-8", where=path, line=number) from None
    except (ValueError, RecursionError):
        return Row(number, number, {}, "not JSON")
    if not isinstance(value, dict):
        return Row(number, number, {}, "no JSON object")
    return Row(number, number, value)
