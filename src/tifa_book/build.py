"""Build a book next to the present site, then put the new one in its place: ``make book``.

A build that fails, is killed or fills the disk leaves the site as it was, and the next one starts
from nothing instead of from half-written pages.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tifa.data.files import check_whole, copy_folder, locked, put_back
from tifa.util.errors import TifaError, reason

#: While a build is under way, and behind one that did not end well.
_MARK = "unfinished"
#: Jupyter Book. A package that it loads would spend a second on grammars for international
#: addresses, which nothing here checks; it does without where they are not there.
_BUILDER = (
    "import sys; sys.modules['rfc3987_syntax'] = None; sys.argv[0] = 'jupyter-book'; "
    "from jupyter_book.cli.main import main; main()"
)
_OPTIONS = ("build", ".", "-W", "-n", "--keep-going", "--path-output", "_build/next")


def build(
    book: Path,
    *,
    command: Sequence[str] = (),
    afresh: bool = False,
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run,
) -> Path:
    """Build the book in a folder; its site is in _build/html when that is done, and not before.

    Parameters
    ----------
    book
        The folder with _config.yml and _toc.yml.
    command
        What builds; Jupyter Book, with warnings as errors, if none is given.
    afresh
        Whether nothing of an earlier build is used, so that every notebook is run.
    run
        Runs the command.

    Returns
    -------
    The folder of the site.

    Raises
    ------
    TifaError
        Where another build is under way, the build fails, or the disk is full or read-only.

    """
    work, site = book / "_build" / "next", book / "_build" / "html"
    todo = [*(command or (sys.executable, "-c", _BUILDER, *_OPTIONS))]
    try:
        work.mkdir(parents=True, exist_ok=True)
        busy = "another build of this book is under way; wait for it"
        with locked(book / "_build" / ".lock", busy=busy):
            check_whole(book / "data")
            put_back(site)
            if afresh or (work / _MARK).exists():
                shutil.rmtree(work)
                work.mkdir()
            (work / _MARK).touch()
            code = run(todo, cwd=book, check=False).returncode
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
    """Build the book of the folder named, or of this one; ``--afresh`` uses no earlier build."""
    folders = [a for a in sys.argv[1:] if a != "--afresh"]
    try:
        site = build(Path(folders[0] if folders else "."), afresh="--afresh" in sys.argv)
    except TifaError as error:
        print(f"tifa: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print("tifa: stopped; the site is the one built before", file=sys.stderr)
        raise SystemExit(130) from None
    print(f"the site: {site}/index.html")


if __name__ == "__main__":
    main()
