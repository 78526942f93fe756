"""Keep the results of each batch of documents on disk until the whole corpus is done."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from tifa.util.disk import read_bytes
from tifa.util.errors import TifaError, reason


@contextmanager
def scratch_folder(near: Path | None, name: str) -> Iterator[Path]:
    """Create a folder for one extraction; remove it with its contents when the context ends.

    The new folder may contain the words of texts in order, so only its owner can read it. It is
    created in ``near``, a folder that must never be published (such as ``data/texts``), and is
    named after the corpus (``name``). A folder that a killed extraction of the same corpus left
    behind is removed first, so a corpus must not be extracted twice at the same time. Without
    ``near``, the new folder is created in the system's temporary folder.

    Raises TifaError if the folder or a file in it cannot be written.
    """
    exists = near is None or near.exists()
    try:
        if near is None:
            folder = Path(tempfile.mkdtemp())
        else:
            folder = near / f".{name}.extract"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=near or "") from None
    try:
        yield folder
    except OSError as error:
        if error.filename and Path(str(error.filename)).is_relative_to(folder):
            raise TifaError(f"cannot be written: {error.strerror}", where=folder) from None
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if near is not None and not exists:
            with suppress(OSError):
                near.rmdir()


class BatchTables:
    """Tables of batches, written to disk one batch at a time.

    >>> with scratch_folder(None, "lake") as folder:
    ...     batches = BatchTables(folder)
    ...     for n in (1, 2):
    ...         batches.add({"hits": pl.DataFrame({"n": [n]})})
    ...     [rows["n"].to_list() for rows in batches.each("hits")]
    [[1], [2]]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.batches = 0
        self.names: dict[str, None] = {}

    def add(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Write the tables of a batch; raise TifaError if that fails."""
        for name, rows in tables.items():
            path = self._path(name, self.batches)
            try:
                path.write_bytes(rows.write_ipc(None, compression="lz4").getvalue())
            except OSError as error:
                raise TifaError(f"cannot be written: {reason(error)}", where=path) from None
            self.names[name] = None
        self.batches += 1

    def each(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield the table with this name of each batch, in the order of the batches."""
        for batch in range(self.batches):
            yield pl.read_ipc(read_bytes(self._path(name, batch)))

    def _path(self, name: str, batch: int) -> Path:
        return self.folder / f"{batch:06d}.{name}.arrow"
