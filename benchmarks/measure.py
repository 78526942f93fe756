"""Measure times in turn and the memory of a process tree; describe the machine."""

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
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

ROUNDS = 5
PACKAGES = (
    "polars", "numpy", "scipy", "pandas", "scikit-learn", "nltk", "flashtext", "ahocorasick-rs",
    "sentencex", "joblib", "distributed", "jupyter-book",
)  # fmt: skip


@dataclass
class Row:
    """One row of the table; the ratio is the time of this peer over ours for the same work."""

    task: str
    who: str
    megabytes: float
    seconds: float
    rounds: int
    times_ours: float | None = None
    peak_mib: float | None = None
    worker_mib: float | None = None
    goal: str = ""
    reached: str = ""
    note: str = ""


@dataclass
class Timed:
    """Seconds of each participant, measured in turn."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def median(self, who: str) -> float:
        return statistics.median(self.seconds[who])


def in_turn(tasks: dict[str, Callable[[], object]], *, rounds: int = ROUNDS) -> Timed:
    """Run each once per round, so that other work on the machine affects all of them."""
    timed = Timed()
    for _ in range(rounds):
        for who, task in tasks.items():
            start = time.perf_counter()
            task()
            timed.seconds.setdefault(who, []).append(time.perf_counter() - start)
    return timed


def rows_of(
    task: str,
    timed: Timed,
    megabytes: dict[str, float] | float,
    *,
    goals: dict[str, float] | None = None,
    notes: dict[str, str] | None = None,
) -> list[Row]:
    """Rows of a task; the first participant is ours, ratios are per megabyte."""
    ours = next(iter(timed.seconds))

    def size(who: str) -> float:
        return megabytes[who] if isinstance(megabytes, dict) else megabytes

    unit = timed.median(ours) / size(ours)
    rows = []
    for who, taken in timed.seconds.items():
        times = timed.median(who) / size(who) / unit
        row = Row(task, who, size(who), timed.median(who), len(taken), times)
        least = (goals or {}).get(who)
        if least is not None:
            row.goal = f"at least {least:g}x"
            row.reached = "yes" if times >= least else f"no: {times:.1f}x"
        row.note = (notes or {}).get(who, "")
        rows.append(row)
    return rows


# --- memory -------------------------------------------------------------------------------


@dataclass
class Peak:
    """Peak memory as sum of proportional set sizes (a page shared by n processes counts 1/n)."""

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
    """Run a command; return its seconds, the peak memory (MiB) of its tree, and its output.

    ``scratch`` is a folder whose size is measured too, ``folder`` the working directory.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=os.environ | (environment or {}),
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
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{said}")
    return seconds, peak, said


def size_of(folder: Path) -> float:
    """Size of all files below a folder in MiB; files may disappear meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size
    return size / 2**20


def tree(process: int) -> list[int]:
    """A process and all its descendants."""
    found = [process]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def pss(process: int) -> float:
    """Proportional set size of one process in MiB; 0 if it has ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


# --- what was measured on -----------------------------------------------------------------


def machine() -> dict[str, str]:
    """Cores, memory and versions, without host name or paths."""
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
