"""Build a book next to the current site, then replace the site: ``make book``.

A build that fails, is killed or fills the disk leaves the site unchanged, and the next build starts
from scratch, not from half-written pages. :mod:`tifa_book.running` decides which pages are read
again and which notebooks are run again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tifa.cli import one_error
from tifa.data.files import check_described, copy_folder, finish_replacement, locked
from tifa.util.disk import listed
from tifa.util.errors import TifaError, reason

#: Name of a file that marks a folder whose build is not finished.
_MARK = "unfinished"
#: Code for the process that builds: start changed notebooks, then run Jupyter Book.
_BUILDER = (
    "import pathlib, sys; from tifa_book import ahead; ahead.start(pathlib.Path()); "
    "ahead.without_grammars(); sys.argv[0] = 'jupyter-book'; "
    "from jupyter_book.cli.main import main; main()"
)
_OPTIONS = ("build", ".", "-W", "-n", "--keep-going", "--path-output", "_build/next")


def build(book: Path, *, command: Sequence[str] = (), afresh: bool = False) -> Path:
    """Build the book in a folder; the site appears in _build/html only when it is complete.

    By default Jupyter Book is run, with warnings as errors; if ``command`` is given, that is run
    instead. With ``afresh``, the files of earlier builds are deleted, so that every notebook runs.

    Returns the folder of the site. Raises TifaError if another build is running, if the build
    fails, if files cannot be written, if a table differs from its description in datapackage.json,
    or if TIFA_PDF asks for a PDF and WeasyPrint is missing.
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
                remains = "; the site is the one built before" if site.exists() else ""
                raise TifaError(f"the build failed (exit status {code}){remains}", where=book)
            copy_folder(work / "_build" / "html", site)
            for log in (work / "_build").glob("*.json"):
                shutil.copyfile(log, site.parent / log.name)
            (work / _MARK).unlink()
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=work.parent) from None
    return site


def main() -> None:
    """Build the book in a folder (by default the current one); ``--afresh`` runs all notebooks."""
    folders = [a for a in sys.argv[1:] if a != "--afresh"]
    site = build(Path(folders[0] if folders else "."), afresh="--afresh" in sys.argv)
    print(f"the site: {site}/index.html")


if __name__ == "__main__":
    one_error(main)
