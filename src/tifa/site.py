"""Build a book beside the one that stands; then the new one takes its place.

A build that fails, is killed or runs out of room leaves the site as it was, and the next one
starts from nothing instead of from half-written pages. Run by ``make book``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tifa.errors import TifaError, reason
from tifa.store import copy_folder, locked, recover
from tifa.together import settle

#: While a build is under way, and behind one that did not end well.
_MARK = "unfinished"


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
    tool = str(Path(sys.executable).with_name("jupyter-book"))
    usual = [tool, "build", ".", "-W", "-n", "--keep-going", "--path-output", "_build/next"]
    try:
        work.mkdir(parents=True, exist_ok=True)
        with locked(book, busy="another build of this book is under way; wait for it"):
            recover(site)
            settle(book / "data")
            if afresh or (work / _MARK).exists():
                shutil.rmtree(work)
                work.mkdir()
            (work / _MARK).touch()
            code = run([*(command or usual)], cwd=book, check=False).returncode
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
