"""Build a book next to the current site, then replace the site: ``make book``.

A build that fails, is killed or fills the disk leaves the site unchanged, and the next build starts
from scratch, not from half-written pages.

Sphinx takes about as long to load as a notebook takes to run. In the meantime, some of the
notebooks that have changed since the last build run, each in its own process. If data or code has
changed, :mod:`tifa_book.running` makes Sphinx read all pages and run all notebooks again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tifa.util.errors import TifaError, reason

#: Name of a file that marks a folder whose build is not finished.
_MARK = "unfinished"
#: Code for the process that builds: start changed notebooks, then run Jupyter Book.
_BUILDER = (
    "import pathlib, sys; from tifa_book.build import start, without_grammars; "
    "start(pathlib.Path()); without_grammars(); sys.argv[0] = 'jupyter-book'; "
    "from jupyter_book.cli.main import main; main()"
)
_OPTIONS = ("build", ".", "-W", "-n", "--keep-going", "--path-output", "_build/next")
#: Code for the process that runs one notebook.
_RUNNER = "from tifa_book.build import run; run()"
#: For each notebook that was started: its process, and the file to which the process writes.
_STARTED: dict[Path, tuple[subprocess.Popen[bytes], Path]] = {}


def build(book: Path, *, command: Sequence[str] = (), afresh: bool = False) -> Path:
    """Build the book in a folder; the site appears in _build/html only when it is complete.

    By default Jupyter Book is run, with warnings as errors; if ``command`` is given, that is run
    instead. With ``afresh``, the folder _build/next, which has the files of earlier builds, is
    emptied first, so that every notebook runs.

    Returns the folder of the site. Raises TifaError if another build is running, if the build
    fails, if files cannot be written, if a table differs from its description in datapackage.json,
    or if TIFA_PDF asks for a PDF and WeasyPrint is missing.
    """
    # imported here, because the processes that only run notebooks do not need these modules
    from tifa.data.files import (  # noqa: PLC0415
        check_described,
        copy_folder,
        finish_replacement,
        locked,
    )
    from tifa.util.disk import listed  # noqa: PLC0415

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
                remains = "; the site is the one built before" if site.exists() else ""
                raise TifaError(f"the build failed (exit status {code}){remains}", where=book)
            copy_folder(work / "_build" / "html", site)
            for log in (work / "_build").glob("*.json"):
                shutil.copyfile(log, site.parent / log.name)
            (work / _MARK).unlink()
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=work.parent) from None
    return site


def start(book: Path) -> None:
    """Start the largest changed notebooks, one per core; one core is left to Sphinx.

    If there is only one core, one notebook is started. Does nothing unless _config.yml sets
    ``execute_notebooks`` to ``cache``.
    """
    options = yaml.safe_load((book / "_config.yml").read_text("utf-8")).get("execute", {})
    if options.get("execute_notebooks") != "cache":
        return
    work = book / "_build" / "next"
    state = work / "_build" / ".doctrees" / "environment.pickle"
    built = state.stat().st_mtime if state.is_file() else 0
    pages = re.findall(r"\b(?:file|root): *([\w./-]+)", (book / "_toc.yml").read_text("utf-8"))
    notebooks = [book / f"{page}.ipynb" for page in pages]
    changed = [
        path
        for path in notebooks
        if any(f.is_file() and f.stat().st_mtime > built for f in (path, path.with_suffix(".yml")))
    ]
    changed.sort(key=lambda path: path.stat().st_size, reverse=True)
    for number, path in enumerate(changed[: max(1, (os.cpu_count() or 1) - 1)]):
        # the name contains the id of this process, because a notebook that an interrupted build
        # started may still be running, and must not write to the same file
        file = work / f"ahead-{os.getpid()}-{number}.json"
        given = str(path), str(options.get("timeout", 30)), str(file)
        todo = [sys.executable, "-c", _RUNNER, *given]
        process = subprocess.Popen(todo, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _STARTED[path.resolve()] = process, file


def result(path: Path) -> tuple[Any, float] | None:
    """Wait until a notebook has run; return it with its outputs, and its run time in seconds.

    Returns None if the notebook was not started, or if it failed.
    """
    process, file = _STARTED.pop(path.resolve(), (None, path))
    if process is None or process.wait():
        return None
    import nbformat  # noqa: PLC0415 - imported late, so that notebooks start sooner

    done = json.loads(file.read_text("utf-8"))
    file.unlink()
    return nbformat.from_dict(done["notebook"]), done["seconds"]  # type: ignore[no-untyped-call]


def without_grammars() -> None:
    """Prevent the import of rfc3987_syntax, which is optional and not needed here.

    It contains grammars of international addresses, which take a second to load. jsonschema would
    import it, and every library that reads notebooks imports jsonschema.
    """
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]


def run() -> None:
    """Run the notebook ``sys.argv[1]``, with the timeout ``sys.argv[2]`` in seconds.

    The notebook with its outputs, and its run time in seconds, are written to ``sys.argv[3]``.
    """
    without_grammars()
    import nbclient  # noqa: PLC0415
    import nbformat  # noqa: PLC0415

    path, timeout, file = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    begun = time.perf_counter()
    nbclient.execute(notebook, cwd=str(path.parent), timeout=timeout, record_timing=False)
    done = {"notebook": notebook, "seconds": time.perf_counter() - begun}
    file.write_text(json.dumps(done), "utf-8")


def main() -> None:
    """Build the book in a folder (by default the current one); ``--afresh`` runs all notebooks."""
    folders = [a for a in sys.argv[1:] if a != "--afresh"]
    site = build(Path(folders[0] if folders else "."), afresh="--afresh" in sys.argv)
    print(f"the site: {site}/index.html")


if __name__ == "__main__":
    from tifa.cli import one_error

    one_error(main)
