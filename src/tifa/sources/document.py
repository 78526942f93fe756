"""A text with what is known of it, and what a reader of texts reports."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tifa.util.errors import TifaError, one_line

#: A text beyond this is taken for a mistake.
MAX_TEXT_BYTES = 50_000_000


@dataclass(frozen=True)
class Document:
    """One text with what is known of it (columns of the documents table)."""

    doc_id: str
    text: str
    fields: dict[str, str]


def batches(documents: Iterable[Document], *, characters: int) -> Iterator[list[Document]]:
    """Group documents into batches of about so many characters."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if size >= characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@dataclass
class Tally:
    """How often something was met, and where first."""

    n: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more."""
        self.n += 1
        if len(self.names) < 3:
            self.names.append(one_line(name))

    def __str__(self) -> str:
        return ", ".join(self.names) + (", ..." if self.n > len(self.names) else "")


@dataclass
class Reading:
    """What a reader meets on its way: filled while the documents are taken."""

    skipped: list[str] = field(default_factory=list)
    #: Documents read, by the readers of one's own sources.
    taken: int = 0
    #: Why documents were skipped.
    reasons: dict[str, Tally] = field(default_factory=dict)
    #: What is missing of documents that were taken.
    notes: dict[str, Tally] = field(default_factory=dict)
    #: Field to the column it was read from, and columns that were not read.
    columns: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    #: Identifiers made of several columns, and how often each was made.
    made: Counter[str] = field(default_factory=Counter)

    def skip(self, reason: str, name: str) -> None:
        """Count a document that was not taken."""
        self.reasons.setdefault(reason, Tally()).add(name)

    def note(self, reason: str, name: str) -> None:
        """Count something missing in a document that was taken."""
        self.notes.setdefault(reason, Tally()).add(name)

    def report(self) -> list[str]:
        """Say in lines what was read, skipped and left empty, and why."""
        left = sum(t.n for t in self.reasons.values())
        lines = [f"read {self.taken:,} of {self.taken + left:,} documents"]
        lines += [f"skipped {t.n:,}: {reason} ({t})" for reason, t in self.reasons.items()]
        lines += [f"noted {t.n:,}: {reason} ({t})" for reason, t in self.notes.items()]
        if self.left_out:
            lines.append(f"columns not read: {', '.join(map(one_line, self.left_out))}")
        return lines


def decode(data: bytes, *, where: str | Path) -> str:
    """Bytes of one file as text.

    Raises
    ------
    TifaError
        Where they are too many, binary, not UTF-8, or hold no word.

    """
    if len(data) > MAX_TEXT_BYTES:
        raise TifaError(f"{len(data)} bytes; expected at most {MAX_TEXT_BYTES}", where=where)
    if b"\x00" in data:
        raise TifaError("holds NUL bytes; expected plain UTF-8 text", where=where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TifaError(
            f"not UTF-8 at byte {error.start}; save the file as UTF-8", where=where, line=line
        ) from None
    check_text(text, where=where)
    return text


def utf8(name: str) -> str:
    """Read a file name as UTF-8, whatever the language of the machine; broken bytes are replaced.

    >>> utf8("café"), utf8("caf\\udce9")
    ('café', 'caf�')
    """
    return os.fsencode(name).decode("utf-8", "replace")


def check_text(text: str, *, where: str | Path = "") -> None:
    """Refuse what is no text.

    Raises
    ------
    TifaError
        Where it is too long, holds NUL characters, or no word.

    """
    # a character has at most four bytes; short ones need no measuring
    if 4 * len(text) > MAX_TEXT_BYTES and len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise TifaError(f"more than {MAX_TEXT_BYTES:,} bytes", where=where)
    if "\0" in text:
        raise TifaError("holds NUL bytes; expected plain UTF-8 text", where=where)
    if not any(c.isalnum() for c in text):
        raise TifaError("holds no word; expected a text (or remove the file)", where=where)


def read_bytes(path: Path, *, where: str | Path) -> bytes:
    """Read one file whole.

    Raises
    ------
    TifaError
        Where it is empty, too long, or cannot be read.

    """
    try:
        size = path.stat().st_size
        if size > MAX_TEXT_BYTES:
            raise TifaError(f"{size} bytes; expected at most {MAX_TEXT_BYTES}", where=where)
        data = path.read_bytes()
    except OSError as error:
        raise TifaError(f"cannot be read: {error.strerror}", where=where) from None
    if not data:
        raise TifaError("empty: holds no word; expected a text (or remove the file)", where=where)
    return data


def usable(candidates: Iterator[Document], source: Path, reading: Reading) -> Iterator[Document]:
    """Take the documents whose id is new and whose text has words; the others are told.

    Raises
    ------
    TifaError
        Where none is left.

    """
    seen: set[str] = set()
    for document in candidates:
        if document.doc_id in seen:
            reading.skip("the doc_id stands twice", document.doc_id)
            continue
        seen.add(document.doc_id)
        try:
            check_text(document.text)
        except TifaError as error:
            reading.skip(str(error), document.doc_id)
            continue
        reading.taken += 1
        yield document
    if not reading.taken:
        why = "; ".join(f"{t.n:,}: {reason}" for reason, t in reading.reasons.items())
        raise TifaError(f"no document could be read ({why or 'it is empty'})", where=source)
