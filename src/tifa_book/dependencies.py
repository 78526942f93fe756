"""What has changed since the last build, and which pages must be rebuilt.

Sphinx notices when a page itself has changed. This module rereads all pages, and reruns all
notebooks, when anything in data/, in the code or in the locked requirements has changed. Some pages
also show content that is only known when all pages are read (findings, definitions of terms), or
that changes without any file (date and commit of the source): they declare this with
:func:`depend`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

WATCHED = ("src", "data", "requirements.txt")
# files that do not affect results (findings.csv is written from the notebooks, not read by them)
_IGNORED = {"__pycache__", "texts", ".DS_Store", "findings.csv"}


def watched_files(root: Path, watched: Sequence[str] = WATCHED) -> Iterator[Path]:
    """Files below a folder that can change a number."""
    for name in watched:
        path = root / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            parts = file.relative_to(root).parts
            hidden = any(p in _IGNORED or p.startswith(".") for p in parts)
            if file.is_file() and not hidden:
                yield file


def digest(root: Path, watched: Sequence[str] = WATCHED) -> str:
    """A hash over the names and contents of these files."""
    total = hashlib.sha256()
    for file in watched_files(root, watched):
        total.update(file.relative_to(root).as_posix().encode() + b"\0")
        with file.open("rb") as handle:
            total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()


def pages_by_kind(env: BuildEnvironment) -> dict[str, set[str]]:
    """Pages by kind of dependency; stored in Sphinx's environment."""
    pages: dict[str, set[str]] = env.__dict__.setdefault("tifa_pages", {})
    return pages


def seen(env: BuildEnvironment) -> dict[str, str]:
    """The last known state by kind of dependency."""
    states: dict[str, str] = env.__dict__.setdefault("tifa_seen", {})
    return states


def depend(env: BuildEnvironment, kind: str, page: str = "") -> None:
    """Record that a page, by default the current one, depends on something."""
    pages_by_kind(env).setdefault(kind, set()).add(page or env.docname)


def made_again(env: BuildEnvironment, kind: str, state: str) -> list[str]:
    """Pages that depend on something, if its state has changed."""
    if seen(env).get(kind) == state:
        return []
    seen(env)[kind] = state
    return sorted(pages_by_kind(env).get(kind, set()) & env.found_docs)


def read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """All pages if data or code changed, else those that show a changed commit or date."""
    again = made_again(env, "imprint", repr(app.config.tifa_imprint))
    state = digest(Path(app.srcdir))
    if seen(env).get("data") != state:
        seen(env)["data"] = state
        again = sorted(env.found_docs)
    return again


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget a page that will be read again or has been removed."""
    for pages in pages_by_kind(env).values():
        pages.discard(page)


def merge(app: Sphinx, env: BuildEnvironment, read: list[str], other: BuildEnvironment) -> None:
    """Merge the records of another process for the pages that it read."""
    for kind, pages in pages_by_kind(other).items():
        for page in pages & set(read):
            depend(env, kind, page)


def drop_state_after_warnings(app: Sphinx, error: Exception | None) -> None:
    """Make the next build start from scratch, so that it warns again."""
    if error is not None or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
