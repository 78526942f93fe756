"""Where the texts of a corpus lie, which are aside, and what came from where.

TEXTS/CORPUS/...            in the layout that tifa.sources.open reads
TEXTS/aside/CORPUS/...      texts that differ, until the user accepts or deletes them
TEXTS/.fetch/CORPUS.jsonl   the journal: no text in it
TEXTS/.fetch/CORPUS/...     downloads, whole and half
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tifa.data.files import locked as file_lock
from tifa.data.files import write_file
from tifa.data.metadata import DocumentFields, Overlay
from tifa.fetch.verify import Published
from tifa.sources.places import texts_folder
from tifa.sources.ungdc import UNGDC_NAME
from tifa.util.errors import TifaError
from tifa.util.git import check_place


@dataclass(frozen=True)
class Shelf:
    """The places of one corpus under the folder of the texts."""

    root: Path
    overlay: Overlay

    @property
    def folder(self) -> Path:
        """Where the texts lie."""
        return self.root / self.overlay.corpus

    @property
    def work(self) -> Path:
        """Where downloads lie."""
        return self.root / ".fetch" / self.overlay.corpus

    @property
    def staging(self) -> Path:
        """Where speeches are unpacked before they go to their folder together."""
        return self.work / "unpacked"

    def aside(self, doc_id: str) -> Path:
        """Where a text that differs is kept."""
        return self.root / "aside" / self.overlay.corpus / f"{doc_id}.txt"

    def place(self, doc_id: str) -> Path:
        """Where a text goes."""
        speech = UNGDC_NAME.fullmatch(f"{doc_id}.txt")
        if self.overlay.reader == "ungdc" and speech:
            session = f"Session {speech[2]} - {speech[3]}"
            return self.folder / "TXT" / session / f"{doc_id}.txt"
        return self.folder / f"{doc_id}.txt"

    def prefix(self, doc_id: str) -> str:
        """What the reader expects before the text and takes away."""
        return self.overlay.fields(doc_id)["remove_prefix"]

    def content(self, doc_id: str, text: str) -> bytes:
        """A text as it is kept: with what the reader takes away, one line break at its end."""
        return (self.prefix(doc_id) + text.strip("\n") + "\n").encode()

    def readable(self, doc_id: str, content: bytes) -> bool:
        """Whether a file begins with what the reader expects."""
        prefix = self.prefix(doc_id)
        return not prefix or content.decode("utf-8-sig").lstrip().startswith(prefix)

    def without_prefix(self, doc_id: str, text: str) -> str:
        """A text as it was before a crawler put something before it."""
        prefix = self.prefix(doc_id)
        bare = text.lstrip()
        return bare.removeprefix(prefix) if prefix and bare.startswith(prefix) else text


def shelf(data: Path, overlay: Overlay, doc_ids: list[str]) -> Shelf:
    """Find the places of a corpus.

    Raises
    ------
    TifaError
        Where git would track the texts; for document ids that could not be names of files.

    """
    found = Shelf(texts_folder(data).absolute(), overlay)
    for doc_id in doc_ids:
        if not re.fullmatch(r"\w[\w.-]*", doc_id):
            raise TifaError(f"doc_id {doc_id!r} cannot be the name of a file")
    for folder in (found.folder, found.root / "aside"):
        try:
            check_place(folder / "text.txt", force=True)
        except TifaError:
            raise TifaError(
                "git does not ignore this place, and full texts must not get into a repository; "
                "set TIFA_TEXTS to a folder outside, or to one that .gitignore names",
                where=folder,
            ) from None
    return found


@contextmanager
def locked(shelf: Shelf) -> Iterator[None]:
    """Keep other runs out of the folder; the system lets go when this one ends, however it ends.

    Raises
    ------
    TifaError
        Where another run is at work, or the folder cannot be written.

    """
    busy = "another tifa fetch works here; wait until it is done"
    with file_lock(shelf.root / ".fetch" / "lock", busy=busy):
        yield


# --- texts --------------------------------------------------------------------------------


def put(shelf: Shelf, doc_id: str, content: bytes, *, before: Path | None = None) -> None:
    """Put a text where it belongs; what stood there, and was not it, goes aside.

    Parameters
    ----------
    shelf
        The places.
    doc_id
        The document.
    content
        The file.
    before
        Where a text of this document lies that is not the right one.

    """
    place = before or shelf.place(doc_id)
    keep(shelf, doc_id, place, content)
    write_file(place, content)


def keep(shelf: Shelf, doc_id: str, place: Path, coming: bytes) -> None:
    """Copy aside what lies in a place that will be written; earlier copies stay."""
    if not place.exists():
        return
    content = place.read_bytes()
    if content == coming:
        # another run was here meanwhile
        return
    number = 1
    while (kept := shelf.aside(f"{doc_id}.before" + (f"-{number}" if number > 1 else ""))).exists():
        if kept.read_bytes() == content:
            return
        number += 1
    write_file(kept, content)


def unpack_to_staging(shelf: Shelf, doc_id: str, content: bytes) -> None:
    """Write one speech of many; :func:`land` brings them to their folder together."""
    path = shelf.staging / shelf.place(doc_id).relative_to(shelf.folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=path) from None


def land(shelf: Shelf) -> None:
    """Move what was unpacked to its folder: at one stroke where there is none yet."""
    if not shelf.staging.exists():
        return
    try:
        if not shelf.folder.exists():
            shelf.staging.rename(shelf.folder)
            return
        for path in sorted(p for p in shelf.staging.rglob("*") if p.is_file()):
            target = shelf.folder / path.relative_to(shelf.staging)
            target.parent.mkdir(parents=True, exist_ok=True)
            keep(shelf, path.stem, target, path.read_bytes())
            path.replace(target)
        shutil.rmtree(shelf.staging)
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=shelf.folder) from None


def clear_staging(shelf: Shelf) -> None:
    """Forget what a run that was cut off had unpacked."""
    shutil.rmtree(shelf.staging, ignore_errors=True)


def put_listing(shelf: Shelf, published: Published) -> None:
    """Write the documents.csv that the reader needs for what the overlay does not tell."""
    path = shelf.folder / "documents.csv"
    if shelf.overlay.reader != "folder" or path.exists():
        return
    fields = [f for f in DocumentFields.model_fields if f != "remove_prefix"]
    rows = published.documents.select("doc_id", *fields).fill_null("").to_dicts()
    needed = [f for f in fields if any(r[f] != shelf.overlay.fields(r["doc_id"])[f] for r in rows)]
    if not needed:
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["doc_id", *needed])
    writer.writerows([r["doc_id"], *(r[f] for f in needed)] for r in rows)
    write_file(path, buffer.getvalue().encode())


# --- the journal --------------------------------------------------------------------------


def note(shelf: Shelf, **entry: object) -> None:
    """Add a line to the journal: what, from where, when, with which hash.

    It is added before the text is written: a line that stands twice tells of a run that was cut
    off between the two.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **entry}
    path = shelf.root / ".fetch" / f"{shelf.overlay.corpus}.jsonl"
    data = (json.dumps(line, ensure_ascii=False) + "\n").encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                # the end of a line that was cut off; this one must not be lost with it
                data = data if file.read(1) == b"\n" else b"\n" + data
            if file.write(data) < len(data):
                # a full disk takes a part without a word
                file.truncate(size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=path) from None


def journal(shelf: Shelf) -> list[dict[str, object]]:
    """Lines of the journal; one that was cut off is passed over."""
    path = shelf.root / ".fetch" / f"{shelf.overlay.corpus}.jsonl"
    entries = []
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def accepted(shelf: Shelf) -> set[tuple[str, str]]:
    """Documents and hashes of the texts that the user accepted though they differ."""
    return {
        (str(e.get("doc_id")), str(e.get("sha256")))
        for e in journal(shelf)
        if e.get("status") == "accepted"
    }


def digest(content: bytes) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()
