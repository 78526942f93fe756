"""Read files and list folders, with errors that name the file or folder."""

from __future__ import annotations

from pathlib import Path

from tifa.util.errors import TifaError, reason


def read_bytes(path: Path) -> bytes:
    """Read a whole file; raise TifaError, naming the file, if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise TifaError(f"cannot be read: {reason(error)}", where=path) from None


def listed(folder: Path) -> list[Path]:
    """Return the sorted paths in a folder, without hidden files; none if the folder is missing.

    Raises TifaError if the folder cannot be listed; ``Path.glob`` would return nothing instead.
    """
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TifaError(f"cannot be listed: {reason(error)}", where=folder) from None
