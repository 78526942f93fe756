"""Tell whether a book would come out as it is: a stamp over all that its build could read.

The stamp holds the contents of every file of the book, of the library and of the data, the
packages installed, the settings of the environment and the commit. It rather sees a change where
there is none than the reverse: what cannot be read through, such as a link to another folder,
gives no stamp, and the book is built.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Variables that a build reads; the others are of no account to it.
_SETTINGS = ("TIFA_", "SOURCE_DATE_EPOCH", "CHROMIUM", "PYTHON", "LANG", "LC_", "TZ", "MPL")
#: What is made, not read; hidden folders neither.
_MADE = {"_build", "__pycache__", "node_modules"}
_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".pth")


class _NotKnownError(Exception):
    """Something that this module cannot vouch for."""


def inputs(book: Path, command: Sequence[str]) -> str:
    """One hash over all that a build of a book could read.

    Parameters
    ----------
    book
        The folder with _config.yml and _toc.yml.
    command
        What builds.

    Returns
    -------
    The hash in hexadecimal; empty where there is something that cannot be vouched for.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder) / "page.md"
    ...     page.touch()
    ...     before = inputs(Path(folder), ["build"])
    ...     assert before == inputs(Path(folder), ["build"])
    ...     _ = page.write_text("changed")
    ...     before == inputs(Path(folder), ["build"])
    False

    """
    total = hashlib.sha256()
    folders = [book, Path(__file__).parent]
    if os.environ.get("TIFA_DATA"):
        folders.append(Path(os.environ["TIFA_DATA"]))
    try:
        said = [*command, platform.python_version(), sys.executable, *_settings(), *_packages()]
        for word in (*said, *_commit(book)):
            total.update(word.encode("utf-8", "surrogateescape") + b"\0")
        for folder in folders:
            total.update(str(folder.resolve()).encode("utf-8", "surrogateescape") + b"\0")
            for path in _files(folder):
                name = path.relative_to(folder).as_posix()
                total.update(name.encode("utf-8", "surrogateescape") + b"\0")
                with path.open("rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
    except (OSError, _NotKnownError):
        return ""
    return total.hexdigest()


def listing(site: Path) -> str:
    """One hash over names, sizes and times of the files of a site: whether it is as it was made."""
    total = hashlib.sha256()
    for path in sorted(site.rglob("*")):
        about = path.lstat()
        size = about.st_size if path.is_file() else -1
        when = about.st_mtime_ns if path.is_file() else 0
        name = path.relative_to(site).as_posix()
        total.update(f"{name}\0{size}\0{when}\0".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """What a build may read of a folder, in one order."""
    if not folder.is_dir():
        raise _NotKnownError
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in _MADE:
            continue
        if entry.name == "texts" and folder.name == "data":  # private, and read by no page
            continue
        if entry.is_dir():
            if entry.is_symlink():
                raise _NotKnownError
            if not (entry / "pyvenv.cfg").exists() and entry.suffix not in _PACKAGES:
                yield from _files(entry)
        elif entry.is_file():
            yield entry
        else:  # a link to nowhere, a pipe
            raise _NotKnownError


def _settings() -> list[str]:
    return sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith(_SETTINGS))


def _packages() -> Iterator[str]:
    """What is installed, with versions, and when it was."""
    for folder in sys.path:
        if folder and Path(folder).is_dir():
            for path in sorted(Path(folder).iterdir()):
                if path.suffix in _PACKAGES:
                    yield f"{path} {path.stat().st_mtime_ns}"


def _commit(book: Path) -> Iterator[str]:
    """The commit, and what of it has changed: pages tell."""
    for asked in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]):
        command = ["git", "-C", str(book), *asked]
        # outside a repository, and without git, there is none to tell
        try:
            yield subprocess.run(command, capture_output=True, text=True, check=False).stdout
        except FileNotFoundError:
            yield ""
