"""Read tables, and write files so that an interruption never leaves half of them."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from tifa.data.schema import TABLES, Table, file_name
from tifa.util.disk import read_bytes
from tifa.util.errors import TifaError, reason

#: Error numbers of file systems that do not support locks.
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


def to_bytes(table: Table, rows: pl.DataFrame) -> tuple[str, bytes]:
    """Return the file name and the content of a table, as CSV or Parquet."""
    name = file_name(table, rows.height)
    buffer = io.BytesIO()
    if name.endswith(".csv"):
        booleans = pl.col(pl.Boolean).cast(pl.String)
        rows.with_columns(booleans).write_csv(buffer)
    else:
        rows.write_parquet(buffer, compression="zstd", compression_level=19, row_group_size=200_000)
    return name, buffer.getvalue()


def table_file(folder: Path, name: str) -> Path | None:
    """Return the path of the file of a table, or None if the folder has no such table."""
    files = (folder / f"{name}.csv", folder / f"{name}.parquet")
    return next((path for path in files if path.is_file()), None)


def read_table(folder: Path, name: str, *, described: bool = True) -> pl.DataFrame:
    """Read a table, CSV or Parquet, from the folder of a corpus.

    Raises TifaError if the table is missing, cannot be read or lacks a column. Unless ``described``
    is false, also raises TifaError if the table differs from its description in datapackage.json
    (see :func:`check_described`).
    """
    table = TABLES[name]
    path = table_file(folder, name)
    if path is not None:
        if described:
            check_described(folder.parent.parent, [path])
        content = read_bytes(path)
        try:
            if path.suffix == ".csv":
                rows = pl.read_csv(content, schema_overrides=table.schema)
            else:
                rows = pl.read_parquet(content)
            return rows.select(pl.col(n).cast(t) for n, t in table.schema.items())
        except pl.exceptions.PolarsError as error:
            raise TifaError(
                f"not the table {name!r} ({error}); extract the corpus again", where=path
            ) from None
    known = ", ".join(sorted(p.stem for p in folder.glob("[!.]*"))) or "nothing"
    raise TifaError(f"has no table {name!r}; there is: {known}", where=folder)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def check_described(data: Path, tables: Iterable[Path]) -> None:
    """Raise TifaError if a table has no description in datapackage.json, or differs from it.

    Also raises TifaError if datapackage.json describes another table of the same folder, and that
    table is missing. Without datapackage.json nothing is checked.
    """
    package = data / "datapackage.json"
    if not package.is_file():
        return
    hashes: dict[str, str] = {}
    with suppress(ValueError, TypeError, AttributeError, KeyError):
        resources = json.loads(read_bytes(package)).get("resources", [])
        hashes = {r["path"]: r.get("hash") or r["fileHash"] for r in resources}
    for path in tables:
        prefix = f"{path.parent.relative_to(data).as_posix()}/"
        missing = [n for n in hashes if n.startswith(prefix) and not (data / n).is_file()]
        if missing:
            raise TifaError(
                f"{missing[0]}, which datapackage.json describes, is gone; extract the corpus "
                "again, or restore data/ from git",
                where=data,
            )
        if hashes.get(path.relative_to(data).as_posix()) != f"sha256:{sha256(path)}":
            raise TifaError(
                "not the table that datapackage.json describes: it was changed by hand, or its "
                "writing was interrupted; extract the corpus again, or restore data/ from git",
                where=path,
            )


# --- complete or not at all ------------------------------------------------------------------


def write_file(path: Path, data: bytes) -> None:
    """Write one file completely or not at all: first a temporary file, which is then renamed.

    The new file has the permissions of the file that it replaces, if any. If ``path`` is a link,
    the file that it points to is replaced. Raises TifaError if the file cannot be written.
    """
    target = _behind_links(path)
    fresh = _new(target)
    with _os_errors_named(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh.write_bytes(data)
            if target.is_file():
                shutil.copymode(target, fresh)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)


def write_corpus(folder: Path, tables: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Replace the tables of a corpus, all or none of them; return the paths of their files."""
    write_folder(folder, dict(to_bytes(TABLES[name], rows) for name, rows in tables.items()))
    return sorted(folder.iterdir())


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace the content of a folder: all files or none.

    ``files`` has contents by file name; a name may contain subfolders. If the folder is a link, the
    folder that it points to is replaced. Raises TifaError if the files cannot be written.
    """

    def fill(fresh: Path) -> None:
        for name, data in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    _replace_folder(folder, fill)


def copy_folder(source: Path, folder: Path) -> None:
    """Replace a folder with a copy of another, completely or not at all.

    A file that ``folder`` already has, with the same size and modification time, is not copied but
    linked.
    Raises TifaError if the copy cannot be written.
    """

    def copy(file: str, target: str) -> object:
        with suppress(OSError):
            earlier, now = folder / Path(file).relative_to(source), Path(file).stat()
            before = earlier.lstat()
            if (before.st_size, before.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
                os.link(earlier, target)
                return target
        return shutil.copy2(file, target)

    _replace_folder(
        folder,
        lambda fresh: shutil.copytree(source, fresh, copy_function=copy, dirs_exist_ok=True),
    )


def _replace_folder(folder: Path, fill: Callable[[Path], object]) -> None:
    folder = _behind_links(folder)
    fresh = _new(folder)
    with _os_errors_named(folder):
        if folder.exists() and not folder.is_dir():
            raise TifaError("is a file; expected a folder", where=folder)
        # remove what a killed process has left
        shutil.rmtree(fresh, ignore_errors=True)
        finish_replacement(folder)
        try:
            fresh.mkdir(parents=True)
            fill(fresh)
            if folder.exists():
                folder.rename(_old(folder))
            fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            finish_replacement(folder)


def finish_replacement(folder: Path) -> None:
    """Finish an interrupted replacement: if there is no new folder yet, restore the old one."""
    old = _old(folder)
    if old.exists():
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)


def _behind_links(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        raise TifaError("a link that leads to itself; remove it", where=path) from None


def _new(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _old(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


@contextmanager
def _os_errors_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=path) from None


# --- one writer at a time -----------------------------------------------------------------


@contextmanager
def locked(path: Path, *, busy: str) -> Iterator[None]:
    """Lock a file during a ``with`` block; the lock also ends if the process is killed.

    If another process has locked the file, raises TifaError with the message ``busy``. On file
    systems that cannot lock files, there is no lock.
    """
    lock = FileLock(path, blocking=False)
    with _os_errors_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise TifaError(busy, where=path.parent) from None
        except (NotImplementedError, OSError) as error:
            # some network drives cannot lock files: go on, as two people seldom work there at once
            if isinstance(error, OSError) and error.errno not in _NO_LOCKS:
                raise
    try:
        yield
    finally:
        lock.release()


@contextmanager
def only_writer(data: Path) -> Iterator[None]:
    """Let only this process change a data folder during a ``with`` block.

    First finishes replacements that a killed process left unfinished. Raises TifaError if another
    process is changing the folder.
    """
    busy = "another tifa command is writing here; run this one again when that is done"
    with locked(data / ".lock", busy=busy):
        for old in (data / "corpora").glob(".*.old"):
            finish_replacement(old.with_name(old.name[1:].removesuffix(".old")))
        yield
