"""Never show a stale number: run a notebook again when what it stands on has changed.

Sphinx reads a notebook again when the notebook changes. Here it also does when anything in
data/, in the library or in the locked requirements changed since, and when the notebook
failed last time. When an extension of the site changed, every page is read again. After a
build with warnings the saved state is dropped: the next build starts afresh and warns again,
instead of passing in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

WATCHED = ("src/tifa", "data", "requirements.txt")
EXTENSIONS = ("src/tifa_book",)
# files that come and go without meaning for a result
# (findings.csv is what came out of the notebooks: they do not read it)
_IGNORED = {"__pycache__", "texts", ".DS_Store", "findings.csv"}


def watched_files(root: Path, watched: Sequence[str] = WATCHED) -> Iterator[Path]:
    for name in watched:
        path = root / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            parts = file.relative_to(root).parts
            hidden = any(p in _IGNORED or p.startswith(".") for p in parts)
            if file.is_file() and not hidden:
                yield file


def digest(root: Path, watched: Sequence[str] = WATCHED) -> str:
    """One hash over names and contents of some folders: all that the notebooks stand on."""
    total = hashlib.sha256()
    for file in watched_files(root, watched):
        total.update(file.relative_to(root).as_posix().encode() + b"\0")
        with file.open("rb") as handle:
            total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    again: set[str] = set()
    site = digest(Path(app.srcdir), EXTENSIONS)
    if site != getattr(env, "tifa_site_digest", None):
        again = set(env.found_docs)
    env.tifa_site_digest = site
    now = digest(Path(app.srcdir))
    before = getattr(env, "tifa_digest", None)
    env.tifa_digest = now
    depend = {d for d in env.found_docs if env.doc2path(d).endswith(".ipynb")}
    depend |= getattr(env, "tifa_data_pages", set())
    if before != now:
        again |= depend & env.found_docs
    return sorted(again)


def drop_state_after_warnings(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
