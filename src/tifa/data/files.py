"""Write and read tables as files: whole or not at all, and the same bytes every time."""

from __future__ import annotations

import errno
import glob
import hashlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path

import polars as pl

from tifa.data.schema import TABLES, Table, file_name
from tifa.util.errors import TifaError, reason

if sys.platform != "win32":
    import fcntl

#: Answers of a file system that knows no locks.
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}

#: What is to happen around the moment of change; it is given what will be put in place.
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


def read_table(folder: Path, name: str) -> pl.DataFrame:
    """Read a table from whichever file holds it.

    Raises
    ------
    TifaError
        Where it is missing, or its columns are not those described.

    """
    table = TABLES[name]
    for path in (folder / f"{name}.csv", folder / f"{name}.parquet"):
        if not path.is_file():
            continue
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


def write_corpus(
    folder: Path, tables: Mapping[str, pl.DataFrame], *, around: Around | None = None
) -> list[Path]:
    """Put the tables of a corpus in place of what was there.

    All files are written beside the folder first; then the folders change places. Whoever
    looks in at any moment finds the old tables or the new ones, never some of each.
    """
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
    """Put files (names may hold folders) in place of a folder: all of them, or none.

    Durable means that they outlive a loss of power, which takes time where there are many; what
    can be built again need not be.
    """
    with _beside(folder) as fresh:
        for name, data in files.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            if durable:
                _write_through(fresh / name, data)
            else:
                (fresh / name).write_bytes(data)
        with (around or nullcontext)(fresh):
            _put_in_place(fresh, folder)


def copy_folder(source: Path, folder: Path) -> None:
    """Put a copy of a folder in place of another: all of it, or nothing."""
    with _beside(folder) as fresh:
        shutil.copytree(source, fresh, dirs_exist_ok=True)
        _put_in_place(fresh, folder)


def _put_in_place(fresh: Path, folder: Path) -> None:
    old = _old(folder)
    with locked(folder.parent):
        _undo(folder)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            _undo(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


def recover(folder: Path) -> None:
    """Undo a change of folders that was cut off in the middle."""
    if _old(folder).exists():
        with locked(folder.parent):
            _undo(folder)


def _undo(folder: Path) -> None:
    old = _old(folder)
    if old.exists():
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)


def lock(handle: int, *, wait: bool = True) -> bool:
    """Lock an open file or folder until it is closed.

    Returns
    -------
    Whether there are locks here: some file systems know none, and work goes on without.

    Raises
    ------
    BlockingIOError
        Where another process holds it and this one does not wait.

    """
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


@contextmanager
def locked(folder: Path, *, busy: str = "") -> Iterator[bool]:
    """Be the only process that changes what is in a folder; gone with the process, however it ends.

    A process that is started meanwhile with ``close_fds=False`` holds on to it as well.
    Waits for its turn; given a message, it raises that instead where somebody else is at work.
    Says whether there are locks here.
    """
    if sys.platform == "win32":  # no folder can be opened there
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    os.set_inheritable(handle, True)
    try:
        try:
            sure = lock(handle, wait=not busy)
        except BlockingIOError:
            raise TifaError(busy, where=folder) from None
        yield sure
    finally:
        os.close(handle)


def sweep(pattern: str, parent: Path) -> None:
    """Remove what a process left that was killed; what a living one writes is locked."""
    for path in parent.glob(pattern):
        with suppress(OSError, TifaError), locked(path, busy="in use") as sure:
            if not sure:  # it may be somebody's who is at work
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def write_file(path: Path, data: bytes, *, around: Around | None = None) -> None:
    """Replace one file, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(f".{glob.escape(path.name)}.????????", path.parent)
        with _temporary(path) as temporary:
            _write_through(temporary, data)
            temporary.chmod(0o644)
            with (around or nullcontext)(temporary):
                temporary.replace(path)
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=path) from None


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A new file beside another, locked and gone again in the end."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        held = True
        try:
            held = lock(handle)
            if not held:  # not every system replaces what is open
                os.close(handle)
            elif not os.fstat(handle).st_nlink:  # swept before it was locked
                continue
            yield temporary
            return
        finally:
            if held:
                os.close(handle)
            temporary.unlink(missing_ok=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A new folder on the same file system, gone again if anything fails."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            # nobody sweeps here meanwhile: none can take what is not locked yet
            with locked(folder.parent):
                sweep(f".{glob.escape(folder.name)}.new.*", folder.parent)
                fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.new."))
                held.callback(shutil.rmtree, fresh, ignore_errors=True)
                held.enter_context(locked(fresh))
            fresh.chmod(0o755)
            yield fresh
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=folder) from None


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
