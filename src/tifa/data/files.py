"""Write and read tables as files: completely or not at all, and the same bytes every time."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from tifa.data.schema import TABLES, Table, file_name
from tifa.util.errors import TifaError, reason

#: Errors of a file system that does not support locks.
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}

#: A context manager around the replacement; it receives the path of the new content.
Around = Callable[[Path], AbstractContextManager[object]]


def to_bytes(table: Table, rows: pl.DataFrame) -> tuple[str, bytes]:
    """File name and content of a table."""
    name = file_name(table, rows.height)
    buffer = io.BytesIO()
    if name.endswith(".csv"):
        booleans = pl.col(pl.Boolean).cast(pl.String)
        rows.with_columns(booleans).write_csv(buffer)
    else:
        rows.write_parquet(buffer, compression="zstd", compression_level=19, row_group_size=200_000)
    return name, buffer.getvalue()


def table_file(folder: Path, name: str) -> Path | None:
    """Find the file of a table, or None."""
    files = (folder / f"{name}.csv", folder / f"{name}.parquet")
    return next((path for path in files if path.is_file()), None)


def read_table(folder: Path, name: str) -> pl.DataFrame:
    """Read a table, CSV or Parquet.

    Raises
    ------
    TifaError
        Where it is missing, or its columns differ from the schema.

    """
    table = TABLES[name]
    path = table_file(folder, name)
    if path is not None:
        try:
            if path.suffix == ".csv":
                rows = pl.read_csv(path, schema_overrides=table.schema)
            else:
                rows = pl.read_parquet(path)
            return rows.select(pl.col(n).cast(t) for n, t in table.schema.items())
        except (pl.exceptions.PolarsError, OSError) as error:
            raise TifaError(
                f"not the table {name!r} ({error}); extract the corpus again", where=path
            ) from None
    there = ", ".join(sorted(p.stem for p in folder.glob("[!.]*"))) or "nothing"
    raise TifaError(f"has no table {name!r}; there is: {there}", where=folder)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- whole or not at all ------------------------------------------------------------------


def write_file(path: Path, data: bytes, *, around: Around | None = None) -> None:
    """Replace one file: the new one is written next to it, then renamed.

    A new file gets the default permissions of the user (umask); a replaced one keeps its own.
    """
    fresh = _new(path)
    with _os_errors_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_through(fresh, data)
            if path.is_file():
                shutil.copymode(path, fresh)
            with (around or nullcontext)(fresh):
                fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def write_corpus(
    folder: Path, tables: Mapping[str, pl.DataFrame], *, around: Around | None = None
) -> list[Path]:
    """Replace the tables of a corpus: all of them or none."""
    files = dict(to_bytes(TABLES[name], rows) for name, rows in tables.items())
    write_folder(folder, files, around=around)
    return sorted(folder.iterdir())


def write_folder(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    durable: bool = True,
    around: Around | None = None,
) -> None:
    """Replace the content of a folder: all files or none. Names may contain subfolders.

    Parameters
    ----------
    folder
        Where the files go. If it is a link, the folder that it points to is replaced.
    files
        Name to content.
    durable
        Whether the files must survive a power failure; slow for many files.
    around
        Wraps the moment of change.

    """

    def fill(fresh: Path) -> None:
        for name, data in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(path, data) if durable else path.write_bytes(data)

    _replace_folder(folder, fill, around or nullcontext)


def copy_folder(source: Path, folder: Path) -> None:
    """Replace a folder with a copy of another: completely or not at all."""
    _replace_folder(folder, lambda fresh: shutil.copytree(source, fresh, dirs_exist_ok=True))


def _replace_folder(
    folder: Path, fill: Callable[[Path], object], around: Around = nullcontext
) -> None:
    folder = folder.resolve()
    fresh, old = _new(folder), _old(folder)
    with _os_errors_named(folder):
        if folder.exists() and not folder.is_dir():
            raise TifaError("is a file; expected a folder", where=folder)
        # left over from a run that was killed
        shutil.rmtree(fresh, ignore_errors=True)
        finish_replacement(folder)
        try:
            fresh.mkdir(parents=True)
            fill(fresh)
            with around(fresh):
                try:
                    if folder.exists():
                        folder.rename(old)
                    fresh.rename(folder)
                finally:
                    finish_replacement(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def finish_replacement(folder: Path) -> None:
    """Finish an interrupted replacement of a folder: keep the new folder, else restore the old."""
    old = _old(folder)
    if old.exists():
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)


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


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


# --- one writer at a time -----------------------------------------------------------------


@contextmanager
def locked(path: Path, *, busy: str) -> Iterator[None]:
    """Hold a lock file; the operating system releases it when the process ends.

    Parameters
    ----------
    path
        The lock file. It stays behind, empty, when the lock is released.
    busy
        The error if another process holds the lock.

    Raises
    ------
    TifaError
        Where another process holds it, or the folder cannot be written.

    """
    lock = FileLock(path, blocking=False)
    with _os_errors_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise TifaError(busy, where=path.parent) from None
        except NotImplementedError:
            pass
        except OSError as error:
            # a network drive without locks; usually only one person works there at a time
            if error.errno not in _NO_LOCKS:
                raise
    try:
        yield
    finally:
        lock.release()


@contextmanager
def only_writer(data: Path) -> Iterator[None]:
    """Let one process at a time change the tables of a data folder.

    First tidies up what a killed writer left behind.

    Raises
    ------
    TifaError
        Where another process is writing.

    """
    busy = "another tifa command is writing here; run this one again when that is done"
    with locked(data / ".lock", busy=busy):
        for old in (data / "corpora").glob(".*.old"):
            finish_replacement(old.with_name(old.name[1:].removesuffix(".old")))
        yield


@contextmanager
def changing(data: Path, path: Path, staged: Path, description: bytes) -> Iterator[None]:
    """Change a table and datapackage.json together.

    Two files cannot change in one step. A marker file exists while they differ, so that the next
    command notices an interrupted change (:func:`check_uninterrupted`).

    Parameters
    ----------
    data
        The data folder.
    path
        The table or folder that changes.
    staged
        What will be renamed to it.
    description
        The new content of datapackage.json.

    """
    package = data / "datapackage.json"
    fresh, marker = _new(package), _marker(data)
    try:
        _write_through(fresh, description)
        marker.write_text(path.relative_to(data).as_posix(), encoding="utf-8")
        yield
    finally:
        # an error may come before the change or, if the user presses Ctrl-C, after it
        if not staged.exists():
            fresh.replace(package)
        fresh.unlink(missing_ok=True)
        if path.exists() or not _old(path).exists():
            marker.unlink(missing_ok=True)


def check_uninterrupted(data: Path) -> None:
    """Raise an error if a change to the data folder was interrupted.

    Raises
    ------
    TifaError
        Naming what was being written.

    """
    marker = _marker(data)
    if marker.exists():
        what = marker.read_text(encoding="utf-8", errors="replace").strip() or "a table"
        raise TifaError(
            f"writing {what} was interrupted, and datapackage.json may not describe it; run that "
            "command again, or restore data/ from git and delete this file",
            where=marker,
        )


def clear_marker(data: Path) -> None:
    """Remove the marker of an interrupted change, once datapackage.json describes every table."""
    _marker(data).unlink(missing_ok=True)


def _marker(data: Path) -> Path:
    return data / ".unfinished"
