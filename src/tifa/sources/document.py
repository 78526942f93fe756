"""Documents (texts with their metadata), and a report on what was read and what was skipped."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import polars as pl

from tifa.util.errors import TifaError, one_line

#: Largest size of a text. A larger file is refused, because it is unlikely to be a single text.
MAX_TEXT_BYTES = 50_000_000


@dataclass(frozen=True)
class Document:
    """One text with its metadata (columns of the documents table)."""

    doc_id: str
    text: str
    fields: dict[str, str]
    #: Values of further columns of the source, or of further parts of file names. The overlay (the
    #: metadata file of the corpus) lists their names under ``own``.
    own: dict[str, str] = field(default_factory=dict)
    #: The name of the document in the source, such as a file name; empty if it is the doc_id.
    name: str = ""


class UnreadableError(TifaError):
    """A file whose text cannot be read: it is missing, protected, damaged or empty, for example."""


class NotUtf8Error(TifaError):
    """A text that is not UTF-8; ``data`` has its bytes, from which an encoding can be guessed."""

    data: bytes = b""


def batches(documents: Iterable[Document], *, characters: int) -> Iterator[list[Document]]:
    """Group documents into batches; each but the last has at least this number of characters."""
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


def text_table(documents: Sequence[Document]) -> pl.DataFrame:
    """Return documents as a table with the columns doc_id and text."""
    columns = {"doc_id": pl.String, "text": pl.String}
    return pl.DataFrame([(d.doc_id, d.text) for d in documents], columns, orient="row")


@dataclass
class Reading:
    """What was read and what was skipped; readers fill this in while they read."""

    #: Names of files in a UN archive that are not speeches.
    skipped: list[str] = field(default_factory=list)
    #: Number of documents that were read.
    taken: int = 0
    #: For each reason to skip something, the names of the documents or files that were skipped.
    reasons: dict[str, list[str]] = field(default_factory=dict)
    #: For each problem that did not prevent reading, such as an invalid date, the names of the
    #: documents, files or rows that have it.
    notes: dict[str, list[str]] = field(default_factory=dict)
    #: For each field of the documents table, the column of the source from which it is read.
    columns: dict[str, str] = field(default_factory=dict)
    #: Names of columns of the source that were not read.
    left_out: list[str] = field(default_factory=list)
    #: For each doc_id that was composed of several columns, how often it occurred.
    made: Counter[str] = field(default_factory=Counter)
    #: The name of each text that could not be read, with the reason. These texts are also in
    #: ``reasons``.
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    #: Number of files for each guessed encoding, among the first twenty that are not UTF-8.
    encodings: Counter[str] = field(default_factory=Counter)
    #: Number of matches of each rule in data/words.yml, such as "hashtags".
    by_rule: Counter[str] = field(default_factory=Counter)
    #: For each column that was not read, the number of words in its longest cell; filled in only if
    #: the caller sets it to a dictionary.
    longest: dict[str, int] | None = None

    def leave_out(self, columns: Iterable[str]) -> None:
        """Add columns to ``left_out``, without duplicates."""
        self.left_out = list(dict.fromkeys([*self.left_out, *columns]))

    def skip(self, reason: str, name: str) -> None:
        """Add the name of a document or file to ``reasons``."""
        self.reasons.setdefault(reason, []).append(one_line(name))

    def could_not_read(self, reason: str, name: str) -> None:
        """Add a text to ``unreadable`` and ``reasons``."""
        self.unreadable.append((one_line(name), one_line(reason)))
        self.skip(reason, name)

    def refuse_unreadable(
        self, where: str | Path, *, instead: str, but: Container[str] = ()
    ) -> None:
        """Raise TifaError if any texts could not be read, except those named in ``but``.

        ``instead`` is the end of the message; it says what the failure means or what to do.
        """
        missing = [f"{name}: {reason}" for name, reason in self.unreadable if name not in but]
        if missing:
            shown = _first_three(missing, "; ")
            texts = f"{len(missing):,} {'texts' if missing[1:] else 'text'}"
            raise TifaError(f"{texts} could not be read ({shown}); {instead}", where=where)

    def measure(self, cells: Mapping[str, object]) -> None:
        """Update ``longest`` with the cells of one row, unless it is None."""
        if self.longest is not None:
            for name in self.left_out:
                words = len(str(cells.get(name) or "").split())
                self.longest[name] = max(words, self.longest.get(name, 0))

    def note(self, reason: str, name: str) -> None:
        """Add the name of a document, file or row to ``notes``."""
        self.notes.setdefault(reason, []).append(one_line(name))

    def report(self) -> list[str]:
        """Return lines that tell the user what was read, what was skipped, and why."""
        left = sum(map(len, self.reasons.values()))
        lines = [f"read {self.taken:,} of {self.taken + left:,} documents"]
        for what, documents in (("skipped", self.reasons), ("noted", self.notes)):
            for reason, names in documents.items():
                lines.append(f"{what} {len(names):,}: {reason} ({_first_three(names)})")
        [(name, n)] = self.encodings.most_common(1) or [("", 0)]
        if name:
            lines.append(
                f"encoding: of {self.encodings.total()} files that are not UTF-8, {n} look like "
                f"{name}; if they are, say --encoding {name} (encoding: {name} in the overlay)"
            )
        if self.left_out:
            lines.append(f"columns not read: {', '.join(map(one_line, self.left_out))}")
        return lines


_NUL = "contains NUL bytes; expected plain UTF-8 text"


def _first_three(names: list[str], mark: str = ", ") -> str:
    return mark.join([*names[:3], *(["..."] if names[3:] else [])])


def decode(data: bytes, *, where: str | Path, encoding: str = "") -> str:
    """Decode the bytes of a file as UTF-8 or, if that fails, in ``encoding``.

    Text with NUL bytes is treated as if it were not UTF-8. ``where`` is the file, for messages.

    Raises :class:`NotUtf8Error` if the text is not UTF-8 and no ``encoding`` is given, and
    TifaError if the text is in neither encoding or if :func:`check_text` refuses it.
    """
    line = None
    try:
        text = data.decode("utf-8-sig")
        wrong = _NUL if "\0" in text else ""  # a sign of UTF-16, or of a binary file
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        wrong = f"not UTF-8 at byte {error.start}; save the file as UTF-8"
    if wrong and not encoding:
        found = NotUtf8Error(wrong, where=where, line=line)
        found.data = data
        raise found
    if wrong:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            raise TifaError(f"neither UTF-8 nor {encoding}", where=where) from None
    check_text(text, where=where)
    return text


#: Encodings to choose from when guessing, the most common first.
_GUESSED = (
    *("cp1252", "gb18030", "cp1251", "cp1250", "big5", "shift_jis", "euc_kr"),
    *("cp1253", "cp1254", "cp1255", "cp1256", "utf_16"),
)


def guessed(data: bytes) -> str:
    """Guess the encoding of bytes that are not UTF-8; return an empty string if it is unclear.

    >>> guessed("Die Bäume grünen, und die Vögel hören nicht auf.".encode("cp1252") * 9)
    'cp1252'
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415 - rarely needed

    found = list(from_bytes(data[:20_000], cp_isolation=list(_GUESSED)))
    best = min((m.chaos for m in found), default=0)
    # if there are few accented letters, several encodings fit equally well; take the most common
    fitting = {n for m in found if m.chaos <= best for n in m.could_be_from_charset}
    return next((name for name in _GUESSED if name in fitting), "")


def utf8(name: str) -> str:
    """Return a file name decoded as UTF-8, whatever encoding Python uses for file names here.

    Invalid bytes are replaced.

    >>> utf8("café"), utf8("caf\\udce9")
    ('café', 'caf�')
    """
    return os.fsencode(name).decode("utf-8", "replace")


def check_text(text: str, *, where: str | Path = "") -> None:
    """Raise TifaError if a text is too long, contains NUL characters or contains no word."""
    # a character has at most four bytes in UTF-8, so only long texts are encoded to measure them
    if 4 * len(text) > MAX_TEXT_BYTES and len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise TifaError(f"more than {MAX_TEXT_BYTES:,} bytes", where=where)
    if "\0" in text:
        raise TifaError(_NUL, where=where)
    if not any(c.isalnum() for c in text):
        raise TifaError("contains no word; expected a text (or remove the file)", where=where)


def size_of(path: Path, *, where: str | Path) -> int:
    """Return the size of a file in bytes.

    Raises UnreadableError if the file is missing or cannot be accessed, or if it is not a plain
    file: reading a pipe or a device might never end.
    """
    try:
        about = path.stat()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", where=where) from None
    if not stat.S_ISREG(about.st_mode):
        raise UnreadableError("cannot be read: not a plain file", where=where)
    return about.st_size


def read_text_bytes(path: Path, *, where: str | Path) -> bytes:
    """Read a whole file.

    Raises UnreadableError if the file is empty or cannot be read, TifaError if it is too large.
    """
    size = size_of(path, where=where)
    if size > MAX_TEXT_BYTES:
        raise TifaError(f"{size} bytes; expected at most {MAX_TEXT_BYTES}", where=where)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", where=where) from None
    if not data:
        raise UnreadableError(
            "empty: contains no word; expected a text (or remove the file)", where=where
        )
    return data


#: First characters in the names of hidden files, and of lock files of Microsoft Office.
_HIDDEN = (".", "~$")


def files_below(
    folder: Path, reading: Reading, *, endings: tuple[str, ...] = (), strict: bool = False
) -> list[Path]:
    """List the files in a folder and its subfolders, sorted by path.

    Hidden files and folders, and lock files of Office, are left out. Links to folders are not
    followed; they are recorded in ``reading`` as skipped. A folder that cannot be listed is
    recorded as unreadable; if ``strict`` is set, UnreadableError is raised instead. A folder whose
    name has one of the file extensions ``endings`` is listed like a file: the caller then fails to
    read it, and reports this.
    """
    found: list[Path] = []

    def relative(path: Path) -> str:
        return utf8(path.relative_to(folder).as_posix())

    def unlisted(error: OSError) -> None:
        reason = f"a folder that cannot be listed: {error.strerror}"
        if strict:
            raise UnreadableError(reason, where=error.filename) from None
        reading.could_not_read(reason, relative(Path(error.filename)))

    for here, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        for path in (Path(here, name) for name in folders):
            if path.is_symlink():
                reading.skip("a link to a folder, which is not followed", relative(path))
            elif path.suffix.lower() in endings:
                found.append(path)
        found += [Path(here, name) for name in names if not name.startswith(_HIDDEN)]
    return sorted(found)


def usable(
    candidates: Iterator[Document], source: Path, reading: Reading, *, cells: bool = False
) -> Iterator[Document]:
    """Yield the documents that have a usable text, each with a unique doc_id.

    The others are recorded in ``reading``. A document with the same doc_id and name as an earlier
    one is skipped; if only the doc_id is the same, a number is appended to the doc_id. A text that
    :func:`check_text` refuses is recorded as unreadable. But if ``cells`` is set (the texts are
    cells of a table), a text without a word is recorded as skipped. Raises TifaError if no document
    is left.
    """
    seen: dict[str, set[str]] = {}
    for document in candidates:
        doc_id, name = document.doc_id, document.name or document.doc_id
        try:
            check_text(document.text)
        except TifaError as error:
            empty = cells and not any(map(str.isalnum, document.text))
            (reading.skip if empty else reading.could_not_read)(str(error), name)
            continue
        names = seen.setdefault(doc_id, set())
        if name in names:
            reading.skip("the doc_id appears twice", name)
            continue
        names.add(name)
        if len(names) > 1:
            doc_id = next(i for n in count(2) if (i := f"{doc_id}-{n}") not in seen)
            reading.note(f"another document has the same doc_id; counted as {doc_id}", name)
            seen[doc_id] = {name}
        reading.taken += 1
        yield replace(document, doc_id=doc_id)
    if not reading.taken:
        if reading.unreadable:
            reading.refuse_unreadable(source, instead="no document could be read")
        why = "; ".join(f"{len(names):,}: {reason}" for reason, names in reading.reasons.items())
        raise TifaError(f"no document could be read ({why or 'it is empty'})", where=source)
