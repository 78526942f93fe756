"""What has changed since the last build, and which pages must be rebuilt.

Sphinx notices when a page itself has changed. This module rereads all pages, and reruns all
notebooks, when anything in data/, in the code or in the locked requirements has changed, and a
notebook when the YAML file with its words has. Content that is only known when all pages are read
is handled by :mod:`sphinx_findings.again`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_findings.again import seen

WATCHED = ("src", "packages", "data", "requirements.txt")
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


def read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """All pages if data or code changed."""
    state = digest(Path(app.srcdir))
    if seen(env).get("data") == state:
        return []
    seen(env)["data"] = state
    return sorted(env.found_docs)


def words_of(page: Path) -> Path:
    """The file with the words of a chapter, whether or not it has one."""
    return page.with_suffix(".yml")


def note_words(app: Sphinx, doctree: nodes.document) -> None:
    """Let Sphinx read a chapter again when its words have changed."""
    words = words_of(Path(app.env.doc2path(app.env.docname)))
    if words.is_file():
        app.env.note_dependency(str(words))


def drop_state_after_warnings(app: Sphinx, error: Exception | None) -> None:
    """Make the next build start from scratch, so that it warns again."""
    if error is not None or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
