"""Read pages and run notebooks again when something on which they depend has changed.

By itself, Sphinx notices only that a page has changed. If the code, the locked requirements or a
file in data/ that affects results has changed, this module makes Sphinx read all pages again, and
so run all notebooks. If the YAML file with the captions of a chapter has changed, Sphinx reads that
chapter again. :mod:`sphinx_findings.again` deals with pages that show content from other pages.

MyST-NB runs notebooks one after another. So :func:`run_notebooks` runs them first, one per core,
and stores their outputs in Jupyter Cache, where MyST-NB finds them. This needs the setting
``execute_notebooks: cache``. Some notebooks may already be running, because
:func:`tifa_book.build.start` has started them. The cache is emptied at each build, because Jupyter
Cache does not check whether the tables and the code that a notebook uses have changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from jinja2 import FileSystemBytecodeCache
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.sphinx_ import NbMetadataCollector
from myst_nb.sphinx_ext import add_global_html_resources
from pybtex import plugin
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_findings.again import seen

from tifa.lexicon.load import phrasebook
from tifa_book.build import result

WATCHED = ("src", "packages", "data", "requirements.txt")
# files and folders that do not affect results; notebooks do not read texts, and findings.csv is
# written from the outputs of notebooks
_IGNORED = {"__pycache__", "texts", ".DS_Store", "findings.csv"}


def digest(root: Path, watched: Sequence[str] = WATCHED) -> str:
    """Return a hash of the paths and contents of the ``watched`` files and folders in ``root``.

    Hidden files, and files that do not affect results, are skipped.
    """
    total = hashlib.sha256()
    for path in (root / name for name in watched):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            parts = file.relative_to(root).parts
            hidden = any(p in _IGNORED or p.startswith(".") for p in parts)
            if file.is_file() and not hidden:
                total.update(file.relative_to(root).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages that Sphinx must read again: all if data or code has changed, else none."""
    return _all_if_changed(env, "data", digest(Path(app.srcdir)))


def _all_if_changed(env: BuildEnvironment, kind: str, state: str) -> list[str]:
    if seen(env).get(kind) == state:
        return []
    seen(env)[kind] = state
    return sorted(env.found_docs)


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages that Sphinx must write again: all if styles, scripts or templates changed.

    Pages change with styles and scripts, because links to these files contain their checksums.
    """
    own = [*app.config.html_static_path, *app.config.templates_path]
    state = digest(Path(app.srcdir), [name for name in own if not Path(name).is_absolute()])
    return _all_if_changed(env, "assets", state)


def note_words(app: Sphinx, doctree: nodes.document) -> None:
    """Make Sphinx read a chapter again if the YAML file with its captions has changed."""
    words = Path(app.env.doc2path(app.env.docname)).with_suffix(".yml")
    if words.is_file():
        app.env.note_dependency(str(words))


def drop_state_after_warnings(app: Sphinx, error: Exception | None) -> None:
    """After an error or a warning, make the next build read all pages, so that it warns again."""
    if error is not None or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)


def run_notebooks(app: Sphinx, env: BuildEnvironment, pages: Sequence[str]) -> None:
    """Run the notebooks among the pages, and store their outputs in Jupyter Cache for MyST-NB.

    If a notebook fails, its outputs are not stored, so that MyST-NB runs it again and reports the
    error. Does nothing unless ``execute_notebooks`` is ``cache``.
    """
    options = env.mystnb_config  # type: ignore[attr-defined]
    if options.execution_mode != "cache":
        return
    shutil.rmtree(options.execution_cache_path, ignore_errors=True)
    kept = get_cache(options.execution_cache_path)
    paths = [path for page in pages if (path := Path(env.doc2path(page))).suffix == ".ipynb"]
    paths.sort(key=lambda path: path.stat().st_size, reverse=True)  # largest files first

    def run(path: Path) -> tuple[Any, float] | None:
        if done := result(path):
            return done
        made = single_nb_execution(
            nbformat.read(path, as_version=4),  # type: ignore[no-untyped-call]
            cwd=str(path.parent),
            timeout=options.execution_timeout,
            allow_errors=options.execution_allow_errors,
        )
        return None if made.err else (made.nb, made.time)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(run, paths)
        phrasebook()  # pages need it later: load it now, while the notebooks run
        for path, done in zip(paths, results, strict=True):
            if done:
                bundle = CacheBundleIn(done[0], str(path), data={"execution_seconds": done[1]})
                kept.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def copy_style(app: Sphinx) -> None:
    """Copy MyST-NB's style sheet early, because links to it on pages contain its checksum."""
    (Path(app.outdir) / "_static").mkdir(parents=True, exist_ok=True)
    add_global_html_resources(app, None)


def load_once(app: Sphinx) -> None:
    """Save time: cache compiled templates on disk, and the list of pybtex's plugins in memory.

    Without the list, pybtex would search all installed packages at each citation.
    """
    if app.builder.format == "html":
        compiled = FileSystemBytecodeCache(str(app.doctreedir))
        app.builder.templates.environment.bytecode_cache = compiled
    plugin.entry_points = cache(plugin.entry_points)


def keep_index(app: Sphinx) -> Sequence[Any]:
    """Keep the index entries of pages that are not written again; the search would lose them.

    The entries of all pages are stored in index.json from build to build. Sphinx expects a list of
    additional pages; the result is empty, because there are none.
    """
    entries, kept = app.env._search_index_index_entries, Path(app.doctreedir) / "index.json"
    earlier = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    both = sorted((earlier | entries).items())
    entries.clear()
    entries.update((page, found) for page, found in both if page in app.env.found_docs)
    kept.write_text(json.dumps(entries), encoding="utf-8")
    return ()


def write_log(app: Sphinx) -> None:
    """Write run-log.json: when each notebook ran, for how long, and whether it succeeded."""
    runs = {}
    for page, about in NbMetadataCollector.get_doc_data(app.env).items():
        if data := about.get("exec_data"):
            runs[page] = {k: data[k] for k in ("mtime", "runtime", "succeeded") if k in data}
    path = Path(app.outdir).parent / "run-log.json"
    path.write_text(json.dumps(runs, indent=1, sort_keys=True) + "\n", encoding="utf-8")
