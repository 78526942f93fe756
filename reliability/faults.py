"""Make system calls fail while commands write, and check what is left: ``make faults``.

strace injects the faults (``-e inject=CALL:error=ENOSPC:when=N``, or ``signal=KILL``): at the first
and the last call of each kind with which a command changes the study. Afterwards the files must be
either the old or the new ones, a one-line message must say what happened, and running the command
again must give the result of an undisturbed run and leave nothing else behind. The texts are
invented.

Writes reliability/results/faults.csv; with names of commands as arguments, only these run and
nothing is written.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tifa.data.files import finish_replacement

RESULTS = Path(__file__).resolve().parent / "results" / "faults.csv"
COLUMNS = ["target", "fault", "point", "exit", "message", "left", "next_run", "survived"]
CALLS = ("openat", "mkdir", "write", "rename")
#: The faults, and the system calls to inject them into.
FAULTS = {
    "disk full": ("error=ENOSPC", ("openat", "mkdir", "write")),
    "disk broken": ("error=EIO", ("write", "rename")),
    "not allowed": ("error=EACCES", ("openat", "mkdir", "rename")),
    "kill": ("signal=KILL", CALLS),
}
TIFA = [sys.executable, "-m", "tifa.cli"]
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
FINDINGS = (
    '{"findings": [{"id": "F1.1", "statement": "Boats are %s.", "estimate": 1, "low": null, '
    '"high": null,'
    '"unit": "x", "n": 2, "n_of": "y", "method": "counted", "page": "notebooks/01-corpus",'
    '"tables": {"corpora/lake/hits.csv": ""}}]}'
)
#: Replaces Jupyter Book: the test is only whether the site changes as a whole.
BUILDER = (
    "from pathlib import Path; from tifa.cli import one_error; from tifa_book.build import build; "
    "one_error(lambda: build(Path(), command=['sh', '-c', "
    "'mkdir -p _build/next/_build/html; cp page _build/next/_build/html/page']))"
)


class Command(NamedTuple):
    """A command: its arguments, the files it changes, and what to change before it runs again."""

    arguments: list[str]
    units: list[str]
    change: Callable[[Path], object]


COMMANDS = {
    "extract": Command(
        [*TIFA, "extract", "lake", "-j", "1"],
        ["data/corpora/lake", "data/datapackage.json"],
        lambda study: (study / "data/texts/lake/d1.txt").write_text(TEXT + "A new lamp.", "utf-8"),
    ),
    "add": Command(
        [*TIFA, "add", "pond", "--rights=public", "--texts", "pond"],
        ["data/metadata/pond.yml"],
        lambda study: None,
    ),
    "findings": Command(
        [*TIFA, "snapshot", "built.json"],
        ["data/findings.csv", "data/datapackage.json"],
        lambda study: (study / "built.json").write_text(FINDINGS % "fast", "utf-8"),
    ),
    "book": Command(
        [sys.executable, "-c", BUILDER],
        ["_build/html"],
        lambda study: (study / "page").write_text("later " * 5_000, "utf-8"),
    ),
}


def run(study: Path, arguments: list[str], *strace: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a study, under strace if options for it are given."""
    kept = {k: v for k, v in os.environ.items() if k not in ("TIFA_DATA", "TIFA_TEXTS")}
    # trace only the main thread, which makes all changes, always in the same order
    command = ["strace", "-qq", "-y", *strace, *arguments] if strace else arguments
    return subprocess.run(
        command,
        cwd=study,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def make_study(folder: Path) -> None:
    """Make a study of invented texts in which each command has run once."""
    done = run(folder.parent, [*TIFA, "new", str(folder), "--title", "Faults"])
    assert done.returncode == 0, done.stderr
    for corpus in ("data/texts/lake", "pond"):
        (folder / corpus).mkdir(parents=True)
        for n in range(3):
            (folder / corpus / f"d{n}.txt").write_text(TEXT * (n + 1), "utf-8")
    (folder / "data" / "metadata" / "lake.yml").write_text(OVERLAY, "utf-8")
    (folder / "built.json").write_text(FINDINGS % "slow", "utf-8")
    (folder / "page").write_text("earlier " * 5_000, "utf-8")
    for name in ("extract", "findings", "book"):
        done = run(folder, COMMANDS[name].arguments)
        assert done.returncode == 0, done.stderr


def content(study: Path, units: list[str]) -> dict[str, bytes]:
    """The files of a command with their content, without hidden files."""
    files = [
        f for u in units for f in ([study / u] if (study / u).is_file() else (study / u).rglob("*"))
    ]
    return {
        str(f.relative_to(study)): f.read_bytes()
        for f in files
        if f.is_file() and not any(p.startswith(".") for p in f.relative_to(study).parts)
    }


def names(study: Path) -> set[str]:
    """All paths in a study, including hidden ones."""
    return {str(p.relative_to(study)) for p in study.rglob("*")}


def points(study: Path, command: Command) -> list[tuple[str, int]]:
    """The system calls with which a command changes a study: name and number of the call."""
    log = study.parent / "calls"
    done = run(study, command.arguments, "-e", f"trace={','.join(CALLS)}", "-o", str(log))
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    found: dict[str, list[int]] = {}
    for line in log.read_text("utf-8", "replace").splitlines():
        call = line.partition("(")[0]
        if call not in CALLS:
            continue
        seen[call] += 1
        reads = call == "openat" and "O_CREAT" not in line
        # relative paths are below the study
        here = str(study) in line or (call in ("mkdir", "rename") and f'{call}("/' not in line)
        if here and not reads and " = -1 " not in line:
            found.setdefault(call, []).append(seen[call])
    return [(call, n) for call, all_ in found.items() for n in sorted({all_[0], all_[-1]})]


def judge(
    study: Path, command: Command, done: subprocess.CompletedProcess[str], whole: Path, old: Path
) -> dict[str, str]:
    """Check what a fault has left, and whether the next run repairs it."""
    said = [line for line in done.stderr.splitlines() if line.strip()]
    for unit in command.units:
        # every command that writes here does this first
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
    again = run(study, command.arguments)
    same = content(study, command.units) == after
    # ``tifa add`` refuses to add a corpus twice
    through = again.returncode == 0 or (left == "new" and not before)
    rest = sorted(names(study) ^ names(whole))
    next_run = "succeeds" if through and same and not rest else f"fails: {again.stderr} {rest}"
    killed = done.returncode < 0 or done.returncode == 137
    clear = killed or done.returncode == 0 or (said and "Traceback" not in done.stderr)
    survived = clear and left != "mixed" and next_run == "succeeds"
    message = "" if killed or not done.returncode else said[-1] if said else ""
    return {
        "exit": "killed" if killed else str(done.returncode),
        "message": message.replace(str(study), "STUDY"),
        "left": left,
        "next_run": " ".join(next_run.replace(str(study), "STUDY").split()),
        "survived": "yes" if survived else "no",
    }


def inject(name: str, made: Path) -> list[dict[str, str]]:
    """Inject every fault into a command."""
    command, results = COMMANDS[name], []
    with tempfile.TemporaryDirectory(prefix="tifa-faults-") as temporary:
        folder = Path(temporary).resolve()
        old, whole, study = folder / "old", folder / "whole", folder / "study"
        shutil.copytree(made, old)
        command.change(old)
        shutil.copytree(old, study)
        chosen = points(study, command)
        study.rename(whole)
        for call, n in chosen:
            for fault, (how, calls) in FAULTS.items():
                if call not in calls:
                    continue
                shutil.copytree(old, study)
                option = f"inject={call}:{how}:when={n}"
                done = run(study, command.arguments, "-e", f"trace={call}", "-e", option,
                           "-o", os.devnull)  # fmt: skip
                row = judge(study, command, done, whole, old)
                results.append({"target": name, "fault": fault, "point": f"{call} {n}", **row})
                print(*results[-1].values(), sep=" | ", flush=True)
                shutil.rmtree(study)
    return results


def main() -> None:
    """Inject every fault and write the table; exit status 1 if a command does not survive one."""
    if shutil.which("strace") is None:
        sys.exit("needs strace (apt-get install strace); nothing was tried")
    chosen = sys.argv[1:] or list(COMMANDS)
    with tempfile.TemporaryDirectory(prefix="tifa-faults-") as folder:
        study = Path(folder).resolve() / "study"
        make_study(study)
        results = [row for name in chosen for row in inject(name, study)]
    if chosen == list(COMMANDS):
        with RESULTS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(results)
    survived = sum(row["survived"] == "yes" for row in results)
    print(f"{len(results)} tried, {survived} survived, {len(results) - survived} failed")
    sys.exit(0 if results and survived == len(results) else 1)


if __name__ == "__main__":
    main()
