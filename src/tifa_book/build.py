"""Build a book next to the current site, then replace the site: ``make book``.

A build that fails, is killed or fills the disk leaves the site unchanged, and the next one starts
from scratch instead of from half-written pages.

Sphinx notices when a page itself has changed. All pages are read again, and all notebooks run, when
anything in data/, in the code or in the locked requirements has changed, and a notebook when the
YAML file with its words has. Content that is only known when all pages are read is handled by
:mod:`sphinx_findings.again`.

MyST-NB runs notebooks one after another. With ``execute_notebooks: cache`` it takes the outputs of
a notebook from Jupyter Cache if they are there; so the notebooks that are read are run first, side
by side, as many at a time as there are cores, and their outputs put there. Outputs of an earlier
build are never taken: notebooks also read tables and code, which Jupyter Cache does not compare.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_findings.again import seen

from tifa.cli import one_error
from tifa.data.files import check_described, copy_folder, finish_replacement, locked
from tifa.util.disk import listed
from tifa.util.errors import TifaError, reason

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


def run_notebooks(app: Sphinx, env: BuildEnvironment, pages: Sequence[str]) -> None:
    """Run those of the pages that are notebooks, and keep their outputs for MyST-NB.

    A notebook that fails is not kept; MyST-NB runs it again and reports the error.
    """
    options = env.mystnb_config  # type: ignore[attr-defined]
    if options.execution_mode != "cache":
        return
    shutil.rmtree(options.execution_cache_path, ignore_errors=True)
    cache = get_cache(options.execution_cache_path)
    paths = [path for page in pages if (path := Path(env.doc2path(page))).suffix == ".ipynb"]
    paths.sort(key=lambda path: path.stat().st_size, reverse=True)  # long ones first

    def run(path: Path) -> ExecutionResult:
        return single_nb_execution(
            nbformat.read(path, as_version=4),  # type: ignore[no-untyped-call]
            cwd=str(path.parent),
            timeout=options.execution_timeout,
            allow_errors=options.execution_allow_errors,
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, result in zip(paths, pool.map(run, paths), strict=True):
            if result.err is None:
                data = {"execution_seconds": result.time}
                bundle = CacheBundleIn(result.nb, str(path), data=data)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def write_log(app: Sphinx) -> None:
    """Write when each notebook ran and for how long."""
    runs = {}
    for doc in sorted(app.env.found_docs):
        data = NbMetadataCollector.get_doc_data(app.env).get(doc, {}).get("exec_data")
        if data:
            runs[doc] = {key: data[key] for key in ("mtime", "runtime", "succeeded") if key in data}
    path = Path(app.outdir).parent / "run-log.json"
    path.write_text(json.dumps(runs, indent=1, sort_keys=True) + "\n", encoding="utf-8")


#: A file that exists during a build, and after a failed one.
_MARK = "unfinished"
#: Starts Jupyter Book without a package of grammars for international addresses, which is optional,
#: not needed here, and takes a second to load.
_BUILDER = (
    "import sys; sys.modules['rfc3987_syntax'] = None; sys.argv[0] = 'jupyter-book'; "
    "from jupyter_book.cli.main import main; main()"
)
_OPTIONS = ("build", ".", "-W", "-n", "--keep-going", "--path-output", "_build/next")


def build(book: Path, *, command: Sequence[str] = (), afresh: bool = False) -> Path:
    """Build the book in a folder; the site appears in _build/html only when it is complete.

    ``command`` replaces Jupyter Book, with warnings as errors; ``afresh`` ignores earlier builds,
    so that every notebook runs. A second build at the same time is an error, and so are a build
    that fails or cannot be written, and a table that datapackage.json does not describe. Returns
    the folder of the site.
    """
    if os.environ.get("TIFA_PDF", "") not in ("", "0"):
        from tifa_book.edition import check_printer  # noqa: PLC0415 - slow to load

        check_printer()
    work, site = book / "_build" / "next", book / "_build" / "html"
    todo = [*(command or (sys.executable, "-c", _BUILDER, *_OPTIONS))]
    try:
        work.mkdir(parents=True, exist_ok=True)
        busy = "another build of this book is under way; wait for it"
        with locked(book / "_build" / ".lock", busy=busy):
            corpora = [f for f in listed(book / "data" / "corpora") if f.is_dir()]
            check_described(book / "data", [path for f in corpora for path in listed(f)])
            finish_replacement(site)
            if afresh or (work / _MARK).exists():
                shutil.rmtree(work)
                work.mkdir()
            (work / _MARK).touch()
            code = subprocess.run(todo, cwd=book, check=False).returncode
            if code:
                there = "; the site is the one built before" if site.exists() else ""
                raise TifaError(f"the build failed (exit status {code}){there}", where=book)
            copy_folder(work / "_build" / "html", site)
            for log in (work / "_build").glob("*.json"):
                shutil.copyfile(log, site.parent / log.name)
            (work / _MARK).unlink()
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=work.parent) from None
    return site


def main() -> None:
    """Build the book in the given or the current folder; ``--afresh`` ignores earlier builds."""
    folders = [a for a in sys.argv[1:] if a != "--afresh"]
    site = build(Path(folders[0] if folders else "."), afresh="--afresh" in sys.argv)
    print(f"the site: {site}/index.html")


if __name__ == "__main__":
    one_error(main)
