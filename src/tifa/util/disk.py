"""Read files and folders, with errors that name the one that failed."""

from __future__ import annotations

from pathlib import Path

from tifa.util.errors import TifaError, reason


def read_bytes(path: Path) -> bytes:
    """Read a whole file; one that cannot be read is an error that names it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise TifaError(f"cannot be read: {reason(error)}", where=path) from None


def listed(folder: Path) -> list[Path]:
    """Files and folders in a folder, sorted, without hidden ones; none if it does not exist.

    A folder that cannot be listed is an error; ``Path.glob`` would find nothing in it.
    """
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TifaError(f"cannot be listed: {reason(error)}", where=folder) from None
