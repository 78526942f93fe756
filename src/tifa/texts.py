"""The one door through which full text enters: readers of folders and of the UN archive.

Other sources (HTML, CSV, Parquet, JSON Lines) have their readers in ``tifa.readers``.

Nothing is unpacked to disk, and nothing of what is read here is ever written by this module.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from tifa.errors import TifaError, one_line
from tifa.metadata import DocumentFields, Overlay, States
from tifa.yamlfile import read_yaml

#: A text beyond this is taken for a mistake.
MAX_TEXT_BYTES = 50_000_000
#: Name of a speech in the UN archive: code, session, year.
UNGDC_NAME = re.compile(r"([A-Z]{2,3})_(\d{1,3})_(\d{4})\.txt")


@dataclass(frozen=True)
class Document:
    """One text with what is known of it (columns of the documents table)."""

    doc_id: str
    text: str
    fields: dict[str, str]


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


def texts_folder(data: Path) -> Path:
    """Where the full texts lie: ``TIFA_TEXTS`` if set, else texts/ in the data folder."""
    named = os.environ.get("TIFA_TEXTS", "")
    return Path(named) if named else data / "texts"


class Place(BaseModel):
    """Where the texts of a corpus lie, and the list of its documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: Path
    documents: Path | None = None


def place_file(data: Path, corpus: str) -> Path:
    """The private file that says where the texts of a corpus lie; git ignores its folder."""
    return data / "texts" / f"{corpus}.place.yml"


def find_texts(data: Path, corpus: str) -> Place:
    """Find the texts of a corpus.

    By this rule: ``TIFA_TEXTS``/corpus if it is there; else where ``tifa add`` was told; else
    texts/corpus in the data folder.
    """
    usual = texts_folder(data) / corpus
    told = place_file(data, corpus)
    if not usual.exists() and told.is_file():
        return read_yaml(told, Place)[0]
    return Place(texts=usual)


def read(
    source: Path,
    overlay: Overlay,
    *,
    states: States | None = None,
    reading: Reading | None = None,
    listing: Path | None = None,
) -> Iterator[Document]:
    """Read the documents of a corpus, in the order of their ids (or of the archive or file).

    Raises
    ------
    TifaError
        Naming the file: nothing there, not UTF-8, binary, empty, too long; a documents.csv
        with a missing, duplicate or unknown doc_id; an archive with unsafe paths.

    """
    if not source.exists():
        raise TifaError(
            "no texts here; put them there, or set TIFA_TEXTS to the folder that holds "
            f"{overlay.corpus}/",
            where=source,
        )
    reading = reading if reading is not None else Reading()
    if overlay.reader == "ungdc":
        return _read_ungdc(source, overlay, states, reading)
    if overlay.reader == "folder":
        return _read_folder(source, overlay)
    from tifa.readers import read_source  # noqa: PLC0415 - the readers build on this module

    return read_source(source, overlay, listing=listing, reading=reading)


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


def _read_file(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_TEXT_BYTES:
            raise TifaError(f"{size} bytes; expected at most {MAX_TEXT_BYTES}", where=path)
        return decode(path.read_bytes(), where=path)
    except OSError as error:
        raise TifaError(f"cannot be read: {error.strerror}", where=path) from None


# --- a folder of .txt ---------------------------------------------------------------------


def _read_folder(folder: Path, overlay: Overlay) -> Iterator[Document]:
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
        text = _read_file(files[doc_id])
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
    text = _read_file(path)
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


# --- the UN General Debate Corpus ---------------------------------------------------------


def _read_ungdc(
    source: Path, overlay: Overlay, states: States | None, reading: Reading
) -> Iterator[Document]:
    archive, sheet = _ungdc_parts(source)
    speakers = read_speakers(sheet) if sheet else {}
    files = _folder_files(archive) if archive.is_dir() else _tar_files(archive)
    seen: set[str] = set()
    for name, data in files:
        found = UNGDC_NAME.fullmatch(PurePosixPath(name).name)
        if not found:
            reading.skipped.append(name)
            continue
        code, session, year = found[1], int(found[2]), found[3]
        doc_id = f"{code}_{session:02d}_{year}"
        if doc_id in seen:
            raise TifaError(f"the speech {doc_id} stands twice in the archive", where=archive)
        seen.add(doc_id)
        author, post = speakers.get((code, session), ("", ""))
        fields = overlay.fields(doc_id)
        fields.pop("remove_prefix")
        fields |= {
            "year": year,
            "session": str(session),
            "country": code,
            "government": states.government(code, session) if states else "",
            "author": author,
            "post": post,
        }
        yield Document(doc_id, decode(data, where=f"{archive.name}:{name}"), fields)
    if not seen:
        raise TifaError("no speech here; expected files named like CHN_75_2020.txt", where=archive)


def _ungdc_parts(source: Path) -> tuple[Path, Path | None]:
    """The archive (or unpacked folder) and the list of speakers, wherever they lie."""
    if source.is_file():
        folder, archive = source.parent, source
    else:
        folder = source
        tars = sorted(p for p in folder.iterdir() if re.search(r"\.(tar(\.\w+)?|tgz|txz)$", p.name))
        if len(tars) > 1:
            raise TifaError(f"{len(tars)} archives here; expected one", where=folder)
        archive = tars[0] if tars else folder
    sheets = sorted(folder.glob("Speakers*.xlsx"))
    return archive, (sheets[0] if sheets else None)


def _folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.txt"), key=lambda p: p.relative_to(folder).parts):
        try:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
        except OSError as error:
            raise TifaError(f"cannot be read: {error.strerror}", where=path) from None


class _Member(tarfile.TarInfo):
    """A member of a whole archive: tarfile takes damage and a missing end for the end."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise  # the two empty blocks that end an archive
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"cut off or damaged: {error}") from None


def _tar_files(archive: Path) -> Iterator[tuple[str, bytes]]:
    try:
        # "r|*": any compression, read once from front to back
        with tarfile.open(archive, mode="r|*", tarinfo=_Member) as tar:
            for member in tar:
                _refuse_unsafe(member, archive)
                if not member.isfile():
                    continue
                if member.size > MAX_TEXT_BYTES:
                    raise TifaError(
                        f"{member.name!r} has {member.size} bytes; expected at most "
                        f"{MAX_TEXT_BYTES}",
                        where=archive,
                    )
                file = tar.extractfile(member)
                yield member.name, file.read() if file else b""
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise TifaError(
            f"not a whole tar archive ({error}); fetch it again", where=archive
        ) from None


def _refuse_unsafe(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise TifaError(f"unsafe path {member.name!r} in the archive", where=archive)
    if not (member.isfile() or member.isdir()):
        raise TifaError(
            f"{member.name!r} is a link or a device; expected plain files", where=archive
        )


def read_speakers(path: Path) -> dict[tuple[str, int], tuple[str, str]]:
    """(code, session) to (speaker, post) from Speakers_by_session.xlsx."""
    import openpyxl  # noqa: PLC0415 - slow to load

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows: Iterable[tuple[object, ...]] = book.worksheets[0].iter_rows(values_only=True)
        header = [str(c or "").strip() for c in next(iter(rows))]
        wanted = ["Session", "ISO Code", "Name of Person Speaking", "Post"]
        missing = [c for c in wanted if c not in header]
        if missing:
            raise TifaError(f"no column {missing[0]!r}; found {', '.join(header)}", where=path)
        session, code, name, post = (header.index(c) for c in wanted)
        speakers: dict[tuple[str, int], tuple[str, str]] = {}
        for row in book.worksheets[0].iter_rows(min_row=2, values_only=True):
            if row[code] is None or not str(row[session]).isdigit():
                continue
            key = (str(row[code]).strip(), int(str(row[session])))
            speakers.setdefault(key, (_cell(row[name]), _cell(row[post])))
        return speakers
    except TifaError:
        raise
    except Exception as error:  # openpyxl raises whatever its zip and XML parsers raise
        raise TifaError(f"not a readable workbook ({error})", where=path) from None


def _cell(value: object) -> str:
    return " ".join(str(value).split()) if value is not None else ""
