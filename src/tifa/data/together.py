"""Let tables and their description, datapackage.json, change together.

Two files cannot change in one step. So the description of what will be there is written first,
beside the present one, and takes its place after the tables have changed. Whoever comes upon it
ends the change: where the tables are as it says, it takes its place; else it goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tifa.data.files import locked, sha256, write_file


@contextmanager
def changing(data: Path, describe: Callable[[], bytes]) -> Iterator[None]:
    """Change tables of a data folder, and their description with them.

    Parameters
    ----------
    data
        The data folder; nobody else changes its description meanwhile.
    describe
        Gives the description of what will be there.

    Raises
    ------
    TifaError
        Where that cannot be described or written; nothing changes then.

    """
    with locked(data):
        end_change(data)
        write_file(_next(data), describe())
        try:
            yield
        finally:
            end_change(data)


def settle(data: Path) -> None:
    """End a change that was cut off: tables and description are both as before, or both new."""
    # who may only read leaves it as it is
    if _next(data).exists():
        with suppress(OSError), locked(data) as sure:
            # where nothing can be locked it may be somebody's who is at work
            if sure:
                end_change(data)


def end_change(data: Path) -> None:
    """End a change that was cut off; for who has locked the data folder."""
    described, path = _next(data), data / "datapackage.json"
    if not described.exists():
        return
    new, old = _hashes(described), _hashes(path)
    changed = {name for name in new.keys() | old.keys() if new.get(name) != old.get(name)}
    if all(_hash(data / name) == new.get(name) for name in changed):
        described.replace(path)
    else:
        described.unlink()


def _next(data: Path) -> Path:
    return data / ".datapackage.json.next"


def _hashes(path: Path) -> dict[str, str]:
    try:
        return {r["path"]: r["hash"] for r in json.loads(path.read_bytes())["resources"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _hash(path: Path) -> str | None:
    return f"sha256:{sha256(path)}" if path.is_file() else None
