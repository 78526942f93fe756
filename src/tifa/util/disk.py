"""Read files and list folders; errors name the file or folder that failed."""

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
    """List what is in a folder, sorted, without hidden files; empty if the folder does not exist.

    Raises TifaError for a folder that cannot be read, where ``Path.glob`` would find nothing.
    """
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TifaError(f"cannot be listed: {reason(error)}", where=folder) from None
