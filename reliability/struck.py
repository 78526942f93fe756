"""Run a command that is struck at the n-th change it makes to a folder.

Arguments: kind of fault, n, folder, report, then the command: ``tifa ...``, ``explorer DATA OUT``
or ``site BOOK``. Python tells of every change of the file system before it happens (audit
events), so the same command is struck at the same place every time.
"""

from __future__ import annotations

import os

# one thread each: the processes that are struck are children of one that has this loaded
os.environ["POLARS_MAX_THREADS"] = "1"

import errno
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tifa.cli import features, one_error
from tifa.cli import main as tifa
from tifa.data.files import read_table, write_folder
from tifa.features.extract import extract
from tifa.lexicon.model import read_phrasebook
from tifa.publish.explorer import Debates, explorer_files
from tifa_book.build import build

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link"}
#: Faults of workers; these strike at the n-th text that is read, as counting changes no file.
_WORKERS = ("worker killed", "all workers killed")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Blow:
    """Counts changes below a folder, and strikes at one of them."""

    def __init__(self, kind: str, n: int, folder: str, command: list[str]) -> None:
        self.kind, self.n, self.folder, self.command = kind, n, folder, command
        self.count, self.other = 0, None
        self.busy = False
        self.killed: list[int] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.busy or not self._changes(event, arguments):
            return
        self.count += 1
        if self.count == self.n:
            self.busy = True
            try:
                self._strike()
            finally:
                self.busy = False

    def _changes(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, _, flags = arguments
            if self.kind in _WORKERS:
                return self._below(path) and "/data/texts/" in os.fspath(path)
            writes = isinstance(flags, int) and flags & _WRITES
            return bool(writes) and self._below(path)
        return event in _CHANGES and self.kind not in _WORKERS and self._below(arguments[0])

    def _below(self, path: object) -> bool:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self.folder)

    def _strike(self) -> None:
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "disk full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.kind == "input/output error":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self.kind == "out of memory":
            raise MemoryError
        if self.kind == "stopped":
            raise KeyboardInterrupt
        if self.kind in _WORKERS:
            found = workers()
            for worker in found if self.kind == "all workers killed" else found[:1]:
                os.kill(worker, signal.SIGKILL)
                self.killed.append(worker)
        if self.kind == "second run":
            # it may have to wait for this one, so this one does not wait for ever
            other = [sys.executable, __file__, "none", "0", self.folder, os.devnull, *self.command]
            self.other = subprocess.Popen(other, stdout=subprocess.DEVNULL)
            try:
                self.other.wait(timeout=4)
            except subprocess.TimeoutExpired:
                return


def workers() -> list[int]:
    """Processes below this one that count, not those that only look after others."""
    seen = [os.getpid()]
    for process in seen:
        for task in Path(f"/proc/{process}/task").iterdir():
            seen += map(int, (task / "children").read_text("ascii").split())
    commands = {p: Path(f"/proc/{p}/cmdline").read_bytes() for p in seen[1:]}
    return [p for p, command in commands.items() if b"resource_tracker" not in command]


def explorer(data: Path, out: Path) -> None:
    """Write the explorer's files of a small corpus, as the site's extension does."""
    folder = data / "corpora" / "sea"
    names = ("documents", "ngrams", "ngram_countries", "hits")
    tables = [read_table(folder, n) for n in names]
    # the columns that come from pandas hold text only
    documents = tables[0].with_columns(pl.col("country").fill_null("AAA"))
    phrasebook = read_phrasebook(data / "lexicon" / "phrases.yml")
    debates = Debates(documents, *tables[1:])
    write_folder(out, explorer_files(debates, [], phrasebook, {}), durable=False)


def site(book: Path) -> None:
    """Build a site with a builder that only writes two pages."""
    # says in a line what stopped it, as a builder should
    code = (
        "import sys; from pathlib import Path; p = Path('_build/next/_build/html')\n"
        "try:\n"
        "    p.mkdir(parents=True, exist_ok=True); t = Path('text').read_text()\n"
        "    for n in ('index.html', 'a.html'): (p / n).write_text(t)\n"
        "except OSError as error: sys.exit(str(error))"
    )
    build(book, command=[sys.executable, "-c", code])


def main() -> None:
    """Strike the command named by the arguments."""
    kind, n, folder, report, *command = sys.argv[1:]
    blow = Blow(kind, int(n), folder, command)
    if kind == "file too large":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(n), int(n)))
    elif kind == "little memory":
        used = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limit = used * resource.getpagesize() + (int(n) << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    else:
        sys.addaudithook(blow)
    try:
        if command[0] == "tifa":
            if "dask" in command:
                # a text each, so that there is work for every worker; the result is the same
                features.extract = partial(extract, characters=1)
            sys.argv = command
            tifa()
        else:
            work = {"explorer": explorer, "site": site}[command[0]]
            one_error(lambda: work(*map(Path, command[1:])))
    finally:
        blow.busy = True
        if blow.other is not None:
            blow.other.wait(timeout=60)
        if kind in _WORKERS and not blow.killed:
            raise SystemExit(f"no worker was there to be killed at text {n} of {blow.count}")
        if kind == "count":
            Path(report).write_text(str(blow.count), "ascii")


if __name__ == "__main__":
    main()
