"""Strike the commands while they write, and see what is left: ``make faults``.

Each fault is put into a study made anew, whose earlier result is known. Afterwards the earlier
result (or the new one, whole) must be there, a message in one line must say what happened, and
the next run must succeed and leave nothing else behind. Texts are invented here.

Writes reliability/results/faults.csv.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import invented
import struck
import yaml

from tifa.data.files import recover
from tifa.data.together import settle
from tifa.study.template import new_study

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "faults.csv"
STRUCK = HERE / "struck.py"
COLUMNS = ["target", "fault", "point", "exit", "message", "left", "next_run", "survived"]

_TEXT = "The harbour office met about climate change. Slow boats carried cargo home. "


@dataclass(frozen=True)
class Target:
    """A command, what it writes, and how to make a place in which it has been run before."""

    name: str
    command: Callable[[Path], list[str]]
    #: Folders and files, each of which is to be whole: as before, or as a finished run leaves it.
    units: list[str]
    #: Change the inputs, so that a new result differs from the earlier one.
    move: Callable[[Path], None]
    #: Whether a second run is refused where the first one was already through.
    once: bool = False
    #: Adds to the study what only this target needs.
    made: Callable[[Path, invented.Host, Callable[[str], None]], None] | None = None
    #: Whether its units come one by one, each whole by itself.
    one_by_one: bool = False
    #: Lines that a run adds to a journal: all must be there in the end, some may stand twice.
    told: Callable[[Path], set[str]] = lambda _: set()
    #: Faults of its own, with the points at which they strike.
    own: tuple[tuple[str, int], ...] = ()
    #: Points of each kind, where a run is slow.
    most: int = 0


@dataclass
class Ground:
    """Where a target stands: copied for each fault."""

    target: Target
    before: Path
    after: dict[str, bytes | None] = field(default_factory=dict)
    earlier: dict[str, bytes | None] = field(default_factory=dict)
    changes: int = 0
    #: Names of all that lies there after an undisturbed run, and what it tells.
    names: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


def _study(folder: Path) -> None:
    """A study with two corpora, one of them counted."""
    new_study(folder, title="Faults")
    for corpus, rights in (("sea", "public"), ("lake", "quotable")):
        texts = folder / "data" / "texts" / corpus
        texts.mkdir(parents=True)
        for n in range(30):
            (texts / f"d{n:02d}.txt").write_text(_TEXT * 3 + f"Year {2000 + n}.", "utf-8")
        about = {
            "corpus": corpus,
            "title": corpus,
            "description": "Invented.",
            "reader": "files",
            "rights": rights,
            "rights_statement": "None.",
            "licence_features": "CC0-1.0",
            "source": "here",
            "citation": "none",
            "ngrams": rights == "public",
            "defaults": {"date": "2001", "country": "AAA"},
        }
        path = folder / "data" / "metadata" / f"{corpus}.yml"
        path.write_text(yaml.safe_dump(about), "utf-8")
    (folder / "pond").mkdir()
    (folder / "pond" / "a.txt").write_text(_TEXT, "utf-8")
    (folder / "text").write_text("earlier " * 4_000, "utf-8")
    _findings(folder, "Boats are slow.")
    _run("count", 0, folder, ["tifa", "extract", "sea", "-j", "1"])


def _findings(folder: Path, statement: str) -> None:
    built = (
        '[{"id": "F1.1", "statement": "%s", "estimate": 1, "low": null, "high": null, "unit": "x",'
        '"n": 2, "n_of": "y", "method": "counted", "page": "notebooks/01-corpus",'
        '"tables": {"corpora/sea/hits.csv": ""}}]'
    )
    (folder / "built.json").write_text(built % statement, "utf-8")


def _new_text(folder: Path) -> None:
    path = folder / "data" / "texts" / "lake" / "d00.txt"
    path.write_text(_TEXT + "A new lamp. " * 200, "utf-8")


def _new_ngrams(folder: Path) -> None:
    path = folder / "data" / "texts" / "sea" / "d00.txt"
    path.write_text("A new lamp stands here. " * 60, "utf-8")
    _extracted(folder, "sea")


def _extracted(folder: Path, corpus: str) -> None:
    done = _run("count", 0, folder, ["tifa", "extract", corpus, "-j", "1"])
    assert done.returncode == 0, done.stderr


def _nothing(folder: Path) -> None:
    pass


PACKAGE = "data/datapackage.json"
TARGETS = [
    Target(
        "extract",
        lambda f: ["tifa", "extract", "lake", "-j", "1", "--data", str(f / "data")],
        ["data/corpora/lake", "data/corpora/sea", PACKAGE],
        _new_text,
    ),
    Target(
        "findings",
        lambda f: ["tifa", "snapshot", str(f / "built.json"), "--data", str(f / "data")],
        ["data/findings.csv", "data/corpora/sea", PACKAGE],
        lambda f: _findings(f, "Boats are fast."),
    ),
    Target(
        "explorer",
        lambda f: ["explorer", str(f / "data"), str(f / "explorer")],
        ["explorer"],
        _new_ngrams,
    ),
    Target(
        "add",
        lambda f: [
            *("tifa", "add", "pond", "--rights=public", "--texts", str(f / "pond")),
            *("--data", str(f / "data")),
        ],
        ["data/metadata", "data/corpora/sea"],
        _nothing,
        once=True,
    ),
    Target(
        "book",
        lambda f: ["site", str(f)],
        ["_build/html"],
        lambda f: (f / "text").write_text("later " * 5_000, "utf-8") and None,
    ),
]
TARGETS += [
    Target(
        "fetch",
        lambda f: [
            *("tifa", "fetch", "strand", "--pause", "0", "--wayback", (f / "host").read_text()),
            *("--data", str(f / "data")),
        ],
        [*invented.STRAND, invented.ASIDE, "data/corpora", PACKAGE],
        invented.fewer_pages,
        made=invented.pages,
        one_by_one=True,
        told=lambda f: invented.journal(f, "strand"),
    ),
    Target(
        "fetch --from",
        lambda f: [
            *("tifa", "fetch", "shore", "--from", str(f / "brought" / "SHORE.tar.gz")),
            *("--data", str(f / "data")),
        ],
        [
            *(*invented.SHORE, invented.ASIDE, "data/corpora", PACKAGE),
            "data/texts/shore/Speakers_by_session.xlsx",
        ],
        invented.fewer_speeches,
        made=invented.speeches,
        one_by_one=True,
        told=lambda f: invented.journal(f, "shore"),
    ),
    Target(
        "extract --engine dask",
        lambda f: [
            *("tifa", "extract", "lake", "-j", "2", "--engine", "dask"),
            *("--data", str(f / "data")),
        ],
        ["data/corpora/lake", "data/corpora/sea", PACKAGE],
        _new_text,
        own=tuple(
            (kind, n) for kind in ("worker killed", "all workers killed") for n in (1, 15, 30)
        ),
        most=6,
    ),
]


def forget_surroundings() -> None:
    """The study is found by its own folder, not by a setting of whoever runs this."""
    for name in ("TIFA_DATA", "TIFA_TEXTS"):
        os.environ.pop(name, None)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stderr: str


def _run(
    kind: str, n: int, folder: Path, command: list[str], report: Path = Path(os.devnull)
) -> Done:
    """Run a command in a child of this process, which has loaded the library already."""
    # a pipe: a file for what is said would itself meet a limit on files
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        # a run that waits for ever is killed, and shows as one
        signal.alarm(90)
        os.close(read_end)
        os.dup2(write_end, 2)
        os.close(write_end)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.chdir(folder)
        sys.argv = [str(STRUCK), kind, str(n), str(folder), str(report), *command]
        code = 1
        try:
            struck.main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as said:
        heard = said.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return Done(os.waitstatus_to_exitcode(status), heard)


def _content(folder: Path, units: list[str]) -> dict[str, bytes | None]:
    """What a reader finds: every visible file below the units, with its content."""
    found: dict[str, bytes | None] = {}
    for unit in units:
        path = folder / unit
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        names = {f: f.relative_to(folder).as_posix() for f in files if f.is_file()}
        visible = {
            name: file.read_bytes()
            for file, name in names.items()
            if not any(p.startswith(".") for p in name.split("/"))
        }
        # an empty folder is as good as none: what lies in others tells them apart
        found |= visible or {unit: None}
    return found


def _names(folder: Path) -> set[str]:
    """All that lies there, hidden or not: nothing else may be left of a run that was cut off."""
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*")}


def prepare(target: Target, folder: Path, study: Path, host: invented.Host) -> Ground:
    """Make the place of a target: its earlier result, and what a whole run makes of it."""
    ground = Ground(target, folder / target.name / "before")
    shutil.copytree(study, ground.before)
    if target.made is not None:
        target.made(ground.before, host, lambda corpus: _extracted(ground.before, corpus))
    if not target.once:
        done = _run("none", 0, ground.before, target.command(ground.before))
        assert done.returncode == 0, done.stderr
    target.move(ground.before)
    ground.earlier = _content(ground.before, target.units)
    whole = folder / target.name / "whole"
    shutil.copytree(ground.before, whole)
    report = folder / target.name / "changes"
    done = _run("count", 0, whole, target.command(whole), report)
    assert done.returncode == 0, done.stderr
    ground.after = _content(whole, target.units)
    assert ground.after != ground.earlier, f"{target.name}: nothing to tell old from new"
    ground.changes = int(report.read_text("ascii"))
    ground.names, ground.told = _names(whole), target.told(whole)
    shutil.rmtree(whole)
    return ground


def inject(ground: Ground, kind: str, n: int, *, place: Path | None = None) -> dict[str, str]:
    """Put one fault into a copy of a place, and say what became of it."""
    with tempfile.TemporaryDirectory(prefix="tifa-fault-") as made:
        folder = place or Path(made) / "study"
        shutil.copytree(ground.before, folder, dirs_exist_ok=True)
        command = ground.target.command(folder)
        with _made(kind, folder):
            done = _run("none" if kind in _MADE else kind, n, folder, command)
        return _judge(ground, folder, kind, n, done)


def _judge(ground: Ground, folder: Path, kind: str, n: int, done: Done) -> dict[str, str]:
    target = ground.target
    said = [line for line in done.stderr.splitlines() if line.strip()]
    message = (said[-1] if said else "").replace(str(folder), "STUDY")
    # folders for what is being made are named at random
    message = re.sub(r"\.new\.\w{8}\b", ".new.*", message)
    # a folder for what lies between is named after machine and process
    message = re.sub(r"\.extract\.[^/:]+", ".extract.x", message)
    for unit in target.units:
        # as every reader does it
        settle(folder / "data")
        recover(folder / unit)
    left = _units(ground, _content(folder, target.units))
    again = _run("none", 0, folder, target.command(folder))
    through = again.returncode == 0 or (target.once and left == "new" and again.returncode == 2)
    whole = _content(folder, target.units) == ground.after
    rest = sorted(_names(folder) ^ ground.names)
    told = again.returncode != 0 or ground.told <= target.told(folder)
    well = through and whole and told and not rest
    next_run = "succeeds" if well else f"fails: {again.stderr} {rest}"
    if through and not rest:
        next_run += "" if whole else " another result"
        next_run += "" if told else " no line in the journal"
    killed = done.returncode < 0
    # who is killed says nothing; who is through has nothing to say
    waited = done.returncode == -signal.SIGALRM
    clear = (
        (killed and not waited)
        or done.returncode == 0
        or (len(said) >= 1 and "Traceback" not in done.stderr)
    )
    survived = "mixed" not in left and next_run == "succeeds" and clear
    return {
        "target": target.name,
        "fault": kind,
        "point": str(n),
        "exit": f"signal {-done.returncode}" if killed else str(done.returncode),
        "message": message if not killed and done.returncode else "",
        "left": left,
        "next_run": " ".join(next_run.split()),
        "survived": "yes" if survived else "no",
    }


def _units(ground: Ground, found: dict[str, bytes | None]) -> str:
    """Whether each folder and file is the earlier one or the new one."""
    states = []
    for unit in ground.target.units:
        of = [
            {k: v for k, v in c.items() if k == unit or k.startswith(f"{unit}/")}
            for c in (found, ground.earlier, ground.after)
        ]
        if of[1] == of[2] == of[0]:
            continue
        states.append("earlier" if of[0] == of[1] else "new" if of[0] == of[2] else "mixed")
    if "mixed" in states:
        return "mixed"
    if ground.target.one_by_one and len(set(states)) > 1:
        return "some new"
    return " and ".join(dict.fromkeys(states)) or "earlier"


# --- faults that the machine makes --------------------------------------------------------

_MADE = {"read-only", "no room"}


@contextlib.contextmanager
def _made(kind: str, folder: Path) -> Iterator[None]:
    """Make the disk read-only, or full; nothing for a fault that the command itself makes."""
    if kind == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(folder.parent)], check=True)
        try:
            yield
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(folder.parent)], check=True)
    elif kind == "no room":
        filler = folder.parent / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * 4096):
                pass
        # room for some of it, not for all
        with filler.open("r+b") as file:
            file.truncate(max(0, filler.stat().st_size - 8 * 1024))
        try:
            yield
        finally:
            filler.unlink()
    else:
        yield


@contextlib.contextmanager
def small_disk(megabytes: int = 8) -> Iterator[Path | None]:
    """A small file system of its own, where the user may mount one; else nothing."""
    with tempfile.TemporaryDirectory(prefix="tifa-disk-") as made:
        options = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", made]
        try:
            can = subprocess.run(options, capture_output=True, check=False).returncode == 0
        except OSError:
            can = False
        if not can:
            yield None
            return
        try:
            yield Path(made)
        finally:
            subprocess.run(["umount", made], check=False)


def plan(ground: Ground, *, most: int) -> Iterator[tuple[str, int]]:
    """Faults for a target: each kind at places spread over all its changes."""
    last, most = ground.changes, ground.target.most or most
    places = sorted({1 + round(i * (last - 1) / (most - 1)) for i in range(most)})
    for kind in ("kill", "disk full", "out of memory", "stopped", "second run"):
        for n in places if kind == "kill" else places[:: max(1, len(places) // 3)]:
            yield kind, n
    for size in (0, 100):
        yield "file too large", size
    yield from ground.target.own
    if ground.target.name == "extract":
        for megabytes in (1, 30):
            yield "little memory", megabytes


def run_all(*, most: int = 8, only: Collection[str] = ()) -> list[dict[str, str]]:
    """Every fault of every target, or of those named."""
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="tifa-faults-") as made,
        invented.serving(Path(made) / "pages") as host,
    ):
        folder = Path(made)
        study = folder / "study"
        _study(study)
        for target in TARGETS:
            if only and target.name not in only:
                continue
            ground = prepare(target, folder, study, host)
            for kind, n in plan(ground, most=most):
                rows.append(inject(ground, kind, n))
            for kind in sorted(_MADE):
                with small_disk() as disk:
                    if disk is not None:
                        rows.append(inject(ground, kind, 0, place=disk / "study"))
            print(f"{target.name}: {sum(r['target'] == target.name for r in rows)} faults")
    return rows


def main() -> None:
    """Inject, write the table, print it; exit status 1 where something was lost.

    Names of targets inject their faults alone, and replace their rows.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    forget_surroundings()
    only = sys.argv[1:]
    order = [t.name for t in TARGETS]
    if unknown := set(only) - set(order):
        sys.exit(f"no target {', '.join(sorted(unknown))}; there are: {', '.join(order)}")
    rows = run_all(only=only)
    if only and RESULTS.is_file():
        with RESULTS.open(encoding="utf-8", newline="") as file:
            others = [r for r in csv.DictReader(file) if r["target"] not in only]
        rows = sorted([*others, *rows], key=lambda r: order.index(r["target"]))
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print("  ".join(row[c] for c in COLUMNS))
    lost = sum(r["survived"] != "yes" for r in rows)
    print(f"{len(rows)} faults injected, {len(rows) - lost} survived, {lost} lost")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
