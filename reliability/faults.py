"""Make system calls fail while commands read and write, and check what is left: ``make faults``.

In each run, strace injects one fault (``-e inject=CALL:error=ENOSPC:when=N``, or ``signal=KILL``).
It does so at every call with which a command, in any of its threads and processes, opens, reads,
lists, makes, writes, renames or deletes a file or folder of a study (a folder that `tifa new` has
made). A run passes if

- each file or folder that the command replaces is then wholly old or wholly new,
- a one-line message says what happened, unless all are new or the command was killed,
- and running the command again gives the result of an undisturbed run and leaves no other files.

The texts are invented; `tifa fetch` gets them from a server in this process. Writes
reliability/results/faults.csv; with names of commands as arguments, it only prints their results.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tifa.data.files import finish_replacement

RESULTS = Path(__file__).resolve().parent / "results" / "faults.csv"
READS = ("read", "pread64", "getdents64")
WRITES = ("write", "pwrite64", "sendfile", "copy_file_range")
MOVES = ("rename", "unlink", "unlinkat", "rmdir")
#: Calls that change files; "create" stands for an openat that may make a file.
CHANGES = ("create", "mkdir", *MOVES, *WRITES)
#: The faults, and the kinds of system calls to inject them into.
FAULTS = {
    "disk full": ("error=ENOSPC", ("create", "mkdir", *WRITES)),
    "disk broken": ("error=EIO", ("openat", *READS, *MOVES, *WRITES)),
    "not allowed": ("error=EACCES", ("openat", "create", "mkdir", "rename")),
    "kill": ("signal=KILL", CHANGES),
}
REASONS = ("No space left on device", "Input/output error", "Permission denied")
CALLS = ("openat", *READS, *CHANGES[1:])
# -P: import nothing from the current folder, like the installed command
PYTHON = [sys.executable, "-P"]
TIFA = [*PYTHON, "-m", "tifa.cli"]
TEXT = "The harbour office met about climate change. Slow boats carried cargo home. "
OVERLAY = """corpus: lake
title: Lake
description: Invented.
reader: folder
rights: quotable
rights_statement: None.
licence_features: CC0-1.0
source: here
citation: none
defaults: {date: "2001"}
"""
TEXTS = [f"data/texts/lake/d{n}.txt" for n in range(3)]
FINDINGS = (
    '{"findings": [{"id": "F1.1", "statement": "Boats are %s.", "limits": "", "estimate": 1, '
    '"low": null, "high": null, "unit": "x", "n": 2, "n_of": "y", "method": "counted", '
    '"page": "notebooks/01-corpus", '
    '"tables": {"corpora/lake/hits.csv": ""}}]}'
)
#: Builds a site of one page without Jupyter Book, to test only whether a site changes as a whole.
BUILDER = (
    "from pathlib import Path; from tifa.cli import one_error; from tifa_book.build import build; "
    "one_error(lambda: build(Path(), command=['sh', '-c', "
    "'mkdir -p _build/next/_build/html; cp page _build/next/_build/html/page']))"
)


class Command(NamedTuple):
    """A command: its arguments, the files that it replaces, and a change made before it runs."""

    arguments: list[str]
    units: list[str]
    change: Callable[[Path], object]


COMMANDS = {
    "extract": Command(
        [*TIFA, "extract", "lake", "-j", "1"],
        ["data/corpora/lake", "data/datapackage.json"],
        lambda study: (study / TEXTS[1]).write_text(TEXT + "A new lamp.", "utf-8"),
    ),
    "add": Command(
        [*TIFA, "add", "pond", "--rights=public", "--texts", "pond"],
        ["data/metadata/pond.yml"],
        lambda study: None,
    ),
    "fetch": Command(
        [*TIFA, "fetch", "lake", "--pause=0"],
        TEXTS,
        lambda study: shutil.rmtree(study / "data/texts/lake"),
    ),
    "findings": Command(
        [*TIFA, "snapshot", "built.json"],
        ["data/findings.csv", "data/datapackage.json"],
        lambda study: (study / "built.json").write_text(FINDINGS % "fast", "utf-8"),
    ),
    "book": Command(
        [*PYTHON, "-c", BUILDER],
        ["_build/html"],
        lambda study: (study / "page").write_text("later " * 5_000, "utf-8"),
    ),
}


def run(study: Path, arguments: list[str], *strace: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a study, under strace if options for it are given."""
    kept = {k: v for k, v in os.environ.items() if k not in ("TIFA_DATA", "TIFA_TEXTS")}
    log = str(study.parent / "calls")
    traced = ["strace", "-f", "-q", "-y", "-s0", "-o", log, *strace] if strace else []
    return subprocess.run(
        [*traced, *arguments],
        cwd=study,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


class Host(SimpleHTTPRequestHandler):
    """Serves the pages of a folder, without a log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(folder: Path) -> str:
    """Serve a folder on a port of this machine, and return the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def make_study(folder: Path) -> None:
    """Make a study of invented texts in which extract, findings and book have run once."""
    done = run(folder.parent, [*TIFA, "new", str(folder), "--title", "Faults"])
    assert done.returncode == 0, done.stderr
    host = folder.parent / "host"
    for place in (folder / "data/texts/lake", folder / "pond", host):
        place.mkdir(parents=True)
    address, urls = serve(host), "documents:\n"
    for n, path in enumerate(TEXTS):
        (folder / path).write_text(TEXT * (n + 1), "utf-8")
        (folder / "pond" / f"d{n}.txt").write_text(TEXT * (n + 1), "utf-8")
        (host / f"{n}.html").write_text(f"<p>{TEXT * (n + 1)}</p>", "utf-8")
        urls += f"  d{n}: {{url: {address}/{n}.html}}\n"
    (folder / "data" / "metadata" / "lake.yml").write_text(OVERLAY + urls, "utf-8")
    (folder / "built.json").write_text(FINDINGS % "slow", "utf-8")
    (folder / "page").write_text("earlier " * 5_000, "utf-8")
    for name in ("extract", "findings", "book"):
        done = run(folder, COMMANDS[name].arguments)
        assert done.returncode == 0, done.stderr


def content(study: Path, units: list[str]) -> dict[str, bytes]:
    """Return the content of the files in ``units``, by path; hidden files are left out."""
    files = [
        f for u in units for f in ([study / u] if (study / u).is_file() else (study / u).rglob("*"))
    ]
    return {
        str(f.relative_to(study)): f.read_bytes()
        for f in files
        if f.is_file() and not any(p.startswith(".") for p in f.relative_to(study).parts)
    }


def names(study: Path) -> set[str]:
    """Return all paths in a study, including hidden ones."""
    return {str(p.relative_to(study)) for p in study.rglob("*")}


class Point(NamedTuple):
    """A call to make fail: its kind, its name, the path of its file, and its number.

    The kind is the name of the call, or "create". The number counts the calls of this name that one
    thread makes on this file.
    """

    kind: str
    call: str
    path: str
    n: int


def points(study: Path) -> list[Point]:
    """Return the successful calls of the last command on files of a study, from strace's log."""
    # absolute paths, in angle brackets if the file is open, or relative ones in quotes
    named = re.compile(rf'[<"]{re.escape(str(study))}/([^>"]+)[>"]|"([^/"][^"]*)"')
    seen: Counter[tuple[str, ...]] = Counter()
    found: dict[Point, None] = {}
    for line in (study.parent / "calls").read_text("utf-8", "replace").splitlines():
        thread, _, what = line.partition(" ")
        call, _, rest = what.strip().partition("(")
        paths = list(dict.fromkeys(a or b for a, b in named.findall(rest)))
        if call not in CALLS or not paths:
            continue
        # strace counts the calls of each thread separately
        seen.update((thread, call, path) for path in paths)
        if " = -1 " not in line:
            kind = "create" if "O_CREAT" in rest else call
            found[Point(kind, call, paths[0], seen[thread, call, paths[0]])] = None
    return list(found)


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines that a command printed, errors first, without messages of strace."""
    said = (done.stderr + done.stdout).splitlines()
    return [line for line in said if line.strip() and not line.startswith("strace: ")]


def judge(
    study: Path, command: Command, code: int, said: list[str], whole: Path, old: Path
) -> dict[str, str]:
    """Check the files after a fault, the message, and whether the next run repairs them.

    ``code`` is the exit status; ``said`` has the lines that an undisturbed run does not print;
    ``old`` and ``whole`` are the study before and after an undisturbed run. Returns the columns of
    the table that show the result.
    """
    for unit in command.units:
        # every command that replaces this unit does this first
        finish_replacement(study / unit)
    found = content(study, command.units)
    before, after = content(old, command.units), content(whole, command.units)
    states = set()
    for unit in command.units:
        here, earlier, new = (
            {k: v for k, v in c.items() if k == unit or k.startswith(f"{unit}/")}
            for c in (found, before, after)
        )
        if earlier != new:
            states.add("earlier" if here == earlier else "new" if here == new else "mixed")
    left = "mixed" if "mixed" in states else " and ".join(sorted(states, reverse=True))
    if (names(study), content(study, ["."])) == (names(old), content(old, ["."])):
        next_run = "starts as before"
    else:
        again = run(study, command.arguments)
        same = content(study, command.units) == after
        # tifa add may fail if the fault came after its work: it refuses to add a corpus twice
        through = again.returncode == 0 or (left == "new" and not before)
        rest = sorted(names(study) ^ names(whole))
        next_run = "succeeds" if through and same and not rest else f"fails: {again.stderr} {rest}"
    killed = code < 0 or code == 137
    message = next((line for line in said if any(why in line for why in REASONS)), "")
    if code:
        errors = [line for line in said if line.startswith("tifa: ")]
        message = errors[0] if len(errors) == 1 and not any("Traceback" in s for s in said) else ""
    # if there is no message, the result must be that of an undisturbed run
    clear = killed or message or (not code and not said and left == "new")
    survived = clear and left != "mixed" and not next_run.startswith("fails")
    return {
        "exit": "killed" if killed else str(code),
        "message": message.replace(str(study), "STUDY"),
        "left": left,
        "next_run": " ".join(next_run.replace(str(study), "STUDY").split()),
        "survived": "yes" if survived else "no",
    }


def inject(name: str, made: Path) -> list[dict[str, str]]:
    """Inject every fault into a command, each in a fresh copy of the study ``made``."""
    command, results = COMMANDS[name], []
    with tempfile.TemporaryDirectory(prefix="tifa-faults-") as temporary:
        folder = Path(temporary).resolve()
        old, whole, study = folder / "old", folder / "whole", folder / "study"
        shutil.copytree(made, old)
        command.change(old)
        shutil.copytree(old, study)
        undisturbed = run(study, command.arguments, "-e", f"trace={','.join(CALLS)}")
        assert undisturbed.returncode == 0, undisturbed.stderr
        usual, chosen = lines(undisturbed), points(study)
        study.rename(whole)
        for kind, call, path, n in chosen:
            for fault, (how, kinds) in FAULTS.items():
                if kind not in kinds:
                    continue
                shutil.copytree(old, study)
                # --seccomp-bpf is faster, but does not deliver signals
                done = run(
                    study, command.arguments, *(["--seccomp-bpf"] if "error" in how else []),
                    "-P", str(study / path), "-P", path,
                    "-e", f"trace={call}", "-e", f"inject={call}:{how}:when={n}",
                )  # fmt: skip
                log = (folder / "calls").read_text("utf-8", "replace")
                assert "(INJECTED)" in log or "killed by SIGKILL" in log, (kind, path, n)
                said = [line for line in lines(done) if line not in usual]
                row = judge(study, command, done.returncode, said, whole, old)
                point = f"{kind} {n} of {path}"
                results.append({"target": name, "fault": fault, "point": point, **row})
                print(*results[-1].values(), sep=" | ", flush=True)
                shutil.rmtree(study)
    return results


def main() -> None:
    """Inject every fault, and write the table if all commands are tested.

    The exit status is 1 if a command does not survive a fault.
    """
    if shutil.which("strace") is None:
        sys.exit("needs strace (apt-get install strace); nothing was tried")
    chosen = sys.argv[1:] or list(COMMANDS)
    with tempfile.TemporaryDirectory(prefix="tifa-faults-") as folder:
        study = Path(folder).resolve() / "study"
        make_study(study)
        results = [row for name in chosen for row in inject(name, study)]
    if chosen == list(COMMANDS):
        pd.DataFrame(results).to_csv(RESULTS, index=False, lineterminator="\n")
    survived = sum(row["survived"] == "yes" for row in results)
    print(f"{len(results)} tried, {survived} survived, {len(results) - survived} failed")
    sys.exit(0 if results and survived == len(results) else 1)


if __name__ == "__main__":
    main()
