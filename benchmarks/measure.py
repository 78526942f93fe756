"""Measure the times of tasks, and the time and memory of commands; describe the machine."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROUNDS = 5
PACKAGES = (
    "polars", "numpy", "scikit-learn", "scattertext", "textacy", "ahocorasick-rs", "spacy",
    "jieba", "rjieba", "lindera-python-cc-cedict", "sentencex", "joblib",
    "distributed", "jupyter-book",
)  # fmt: skip
RESULTS = Path(__file__).parent / "results"


@dataclass
class Row:
    """One row of the table of results."""

    task: str
    who: str
    seconds: float
    megabytes: float | None = None
    rounds: int = 1
    #: time of this participant divided by ours, for the same work
    times_ours: float | None = None
    peak_mib: float | None = None
    #: processor seconds of all processes of a command, which, unlike ``seconds``, exclude waiting
    cpu: float | None = None
    #: the result when the goal was set, at commit d91e663
    before: str = ""
    goal: str = ""
    reached: str = ""
    note: str = ""

    def aim(self, before: str, *, most: float | None = None, mib: float | None = None) -> Row:
        """Set a goal, and record whether it is reached.

        ``most`` is the largest number of seconds that is wanted, ``mib`` the largest memory in MiB;
        ``before`` is the result when the goal was set, as text.
        """
        both = ((self.seconds, most, "s"), (self.peak_mib, mib, "MiB"))
        wanted = [(taken or 0.0, goal, unit) for taken, goal, unit in both if goal is not None]
        over = [
            f"{taken:.3g} {unit}" if taken < 100 else f"{taken:,.0f} {unit}"
            for taken, goal, unit in wanted
            if taken > goal
        ]
        self.before = before
        self.goal = "at most " + " and ".join(f"{goal:g} {unit}" for _, goal, unit in wanted)
        self.reached = f"no: {', '.join(over)}" if over else "yes"
        return self


def in_turn(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each task.

    Each task runs once in every round, so that other work on the machine affects all tasks.
    """
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        for who, task in tasks.items():
            start = time.perf_counter()
            task()
            seconds.setdefault(who, []).append(time.perf_counter() - start)
    return {who: statistics.median(taken) for who, taken in seconds.items()}


def compared(
    task: str,
    tasks: dict[str, Callable[[], object]],
    rounds: int,
    megabytes: float,
    *,
    goals: dict[str, tuple[str, float]] | None = None,
    notes: dict[str, str],
) -> list[Row]:
    """Time the participants of a task, the first of which is ours.

    ``megabytes`` is the size of the texts. ``goals`` maps a participant to two values: the ratio of
    its time to ours when the goal was set, as text, and the smallest ratio that is wanted.
    """
    taken = in_turn(tasks, rounds)
    ours = next(iter(taken.values()))
    rows = []
    for who, seconds in taken.items():
        row = Row(task, who, seconds, megabytes, rounds, seconds / ours)
        row.note = notes.get(who, "")
        if goals and who in goals:
            row.before, least = goals[who]
            row.goal = f"at least {least:g}x"
            row.reached = "yes" if seconds / ours >= least else f"no: {seconds / ours:.2g}x"
        rows.append(row)
    return rows


# --- memory -------------------------------------------------------------------------------


@dataclass
class Peak:
    """The most memory and disk space that a command used, in MiB, and its processor seconds.

    Memory is the proportional set size: a page shared by n processes counts 1/n for each.
    """

    cpu: float = 0.0
    #: memory of all processes together, of the first process, and of the largest other process
    tree: float = 0.0
    parent: float = 0.0
    worker: float = 0.0
    disk: float = 0.0


def watched(
    command: Sequence[str],
    *,
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
    scratch: Path | None = None,
    every: float = 0.2,
) -> tuple[float, Peak, str]:
    """Run a command; return its seconds, the resources that it used, and its output.

    ``folder`` is the working directory; ``scratch`` is a folder whose size is measured too;
    ``every`` is the number of seconds between two measurements of memory and size. Raises
    RuntimeError if the command fails.
    """
    start, before = time.perf_counter(), os.times()
    process = subprocess.Popen(
        command,
        # if this is empty, compiled modules are saved and reused, as for an installed package
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | (environment or {}),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = Peak()

    def look() -> None:
        while process.poll() is None:
            sizes = {p: pss(p) for p in tree(process.pid)}
            own = sizes.pop(process.pid, 0.0)
            peak.tree = max(peak.tree, own + sum(sizes.values()))
            peak.parent = max(peak.parent, own)
            peak.worker = max(peak.worker, *sizes.values(), 0.0)
            if scratch is not None:
                peak.disk = max(peak.disk, size_of(scratch))
            time.sleep(every)

    watcher = threading.Thread(target=look)
    watcher.start()
    said, _ = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    after = os.times()
    peak.cpu = sum(after[2:4]) - sum(before[2:4])
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{said}")
    return seconds, peak, said


def size_of(folder: Path) -> float:
    """Return the size of all files below a folder in MiB; files may disappear meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size
    return size / 2**20


def tree(process: int) -> list[int]:
    """Return the ids of a process and of all its descendants."""
    found = [process]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def pss(process: int) -> float:
    """Return the proportional set size of one process in MiB; 0 if it has ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


# --- the machine --------------------------------------------------------------------------


def machine() -> dict[str, str]:
    """Return date, processor, memory, load and versions, without host name or paths."""
    about = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }
    return about | {name: version(name) for name in PACKAGES}


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown"
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else "unknown"
