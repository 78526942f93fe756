"""Start notebooks that have changed since the last build while Sphinx is still loading.

Sphinx takes about as long to load as a notebook takes to run. Each notebook runs in its own
process, ``python -m tifa_book.ahead NOTEBOOK TIMEOUT FILE``, which writes the notebook with its
outputs to FILE. :mod:`tifa_book.running` reads the outputs from FILE when Sphinx reads the page.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

#: For each notebook that was started: its process, and the file to which the process writes.
_STARTED: dict[Path, tuple[subprocess.Popen[bytes], Path]] = {}


def words_of(page: Path) -> Path:
    """Return the path of the YAML file with the words of a chapter, which need not exist."""
    return page.with_suffix(".yml")


def start(book: Path) -> None:
    """Start the largest changed notebooks: as many as there are cores, less one for Sphinx.

    At least one is started. Does nothing unless _config.yml sets ``execute_notebooks`` to
    ``cache``.
    """
    options = yaml.safe_load((book / "_config.yml").read_text("utf-8")).get("execute", {})
    if options.get("execute_notebooks") != "cache":
        return
    work = book / "_build" / "next"
    state = work / "_build" / ".doctrees" / "environment.pickle"
    built = state.stat().st_mtime if state.is_file() else 0
    pages = re.findall(r"\b(?:file|root): *([\w./-]+)", (book / "_toc.yml").read_text("utf-8"))
    changed = [
        path
        for path in (book / f"{page}.ipynb" for page in pages)
        if any(f.is_file() and f.stat().st_mtime > built for f in (path, words_of(path)))
    ]
    changed.sort(key=lambda path: path.stat().st_size, reverse=True)
    for number, path in enumerate(changed[: max(1, (os.cpu_count() or 1) - 1)]):
        # the name has the id of this process, because a notebook of an interrupted build may still
        # be running and write to a file too
        file = work / f"ahead-{os.getpid()}-{number}.json"
        run = [sys.executable, "-m", "tifa_book.ahead"]
        todo = [*run, str(path), str(options.get("timeout", 30)), str(file)]
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


def main() -> None:
    """Run one notebook; write it to a file, with its outputs and its run time in seconds."""
    without_grammars()
    import nbclient  # noqa: PLC0415
    import nbformat  # noqa: PLC0415

    path, timeout, file = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    begun = time.perf_counter()
    nbclient.execute(notebook, cwd=str(path.parent), timeout=timeout, record_timing=False)
    done = {"notebook": notebook, "seconds": time.perf_counter() - begun}
    file.write_text(json.dumps(done), "utf-8")


if __name__ == "__main__":
    main()
