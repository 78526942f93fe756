"""Show the tables of benchmarks/results and reliability/results on pages.

The directive ``benchmark`` shows a table of the benchmarks: ``peers``, ``growth``, ``billion``
(computed from the growth table), ``goals`` (of the peers' table, those with a goal), or what a run
ran on, ``peers-about`` and the like. The directive ``reliability`` shows a table of the reliability
runs by its name, {reliability}`faults.injected` prints one of their numbers. No number is typed by
hand. If a command has not been run yet, the page says so instead of showing zeros.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import pandas as pd
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

BENCHMARKS = Path("benchmarks") / "results"
#: Words of the hypothetical archive.
BILLION = 1_000_000_000
#: Written by `make faults`, `make fuzz` and the like.
RESULTS = Path(__file__).parents[2] / "reliability" / "results"
#: Tables that are read from the file of another one.
FILES = {"commands": "faults"}
NOT_RUN = "not run yet"
Cells = list[list[str]]
logger = logging.getLogger(__name__)


class BenchmarkDirective(SphinxDirective):
    """A table of the results of a benchmark."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        what = self.arguments[0]
        makers = {"growth": _growth, "billion": _billion, "goals": _goals}
        file = {"growth": "large", "billion": "large", "goals": "peers"}.get(what, what)
        path = Path(self.env.srcdir) / BENCHMARKS / f"{file}.csv"
        self.env.note_dependency(str(path))
        if not path.is_file():
            logger.warning("no %s: run make bench", path.name, location=self.env.docname)
            return []
        with path.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        if what.endswith("-about"):
            return [_about(rows)]
        if what == "peers":
            return _peers(rows)
        return [table_node(*makers[what](rows))]


def _peers(rows: list[dict[str, str]]) -> list[nodes.Node]:
    """One table per task, with the participants and their relative times."""
    most = max(int(row["rounds"]) for row in rows)
    tables: list[nodes.Node] = []
    for task, of_task in groupby(rows, key=lambda row: row["task"]):
        cells = [[_who(r, most), _seconds(r), _times(r), _goal(r)] for r in of_task]
        table = table_node(["who", "seconds", "times ours", "goal"], cells)
        tables += [nodes.paragraph("", "", nodes.strong("", task)), table]
    return tables


def _who(row: dict[str, str], most: int) -> str:
    """A participant, and a note on its number."""
    notes = [row["note"]]
    if row["megabytes"]:
        notes.insert(0, f"{float(row['megabytes']):,.1f} MB")
    if row["peak_mib"]:
        notes.append(f"peak {float(row['peak_mib']):,.0f} MiB")
    if int(row["rounds"]) < most:
        notes.append("once" if row["rounds"] == "1" else f"{row['rounds']} rounds")
    note = "; ".join(filter(None, notes))
    return row["who"] + (f" ({note})" if note else "")


def _times(row: dict[str, str]) -> str:
    times = float(row["times_ours"]) if row["times_ours"] else None
    return "" if times is None else f"{times:,.{1 if times >= 3 else 2}f}"


def _goal(row: dict[str, str]) -> str:
    if not row["goal"]:
        return ""
    reached = row["reached"].replace("no:", "missed,").replace("yes", "reached")
    return f"{row['goal']}: {reached}"


def _growth(rows: list[dict[str, str]]) -> tuple[list[str], Cells]:
    names = {
        "documents": "documents",
        "words": "words",
        "megabytes": "texts, MB",
        "workers": "worker processes",
        "seconds": "seconds",
        "words_per_second": "words a second",
        "worker_mib": "largest worker, MiB",
        "parent_mib": "parent process, MiB",
        "peak_mib": "all processes together, MiB",
        "disk_mib": "disk in between, MiB",
        "features_mib": "features written, MiB",
    }
    head = ["", *(f"{row['times']} times" for row in rows), "grows"]
    cells = [["texts", *(row["corpus"].rpartition(", ")[0] for row in rows), ""]]
    same = _same_corpus(rows)
    for name, label in names.items():
        values = [float(row[name]) for row in rows]
        grows = float(same[-1][name]) / float(same[0][name])
        cells.append(
            [
                label,
                *(f"{v:,.0f}" for v in values),
                f"{grows:.1f} times" if name != "workers" else "",
            ]
        )
    return head, cells


def _same_corpus(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of the corpus that was counted once and several times over."""
    return [
        r for r in rows if r["corpus"].rpartition(", ")[0] == rows[0]["corpus"].rpartition(", ")[0]
    ]


def _goals(rows: list[dict[str, str]]) -> tuple[list[str], Cells]:
    """Every goal: what was measured when it was set, and what is measured now."""
    cells = [
        [
            f"{row['task']}: {row['who']}",
            row["before"],
            row["goal"],
            f"{_times(row)}x" if row["times_ours"] else f"{_seconds(row)} s",
            row["cpu"] and f"{float(row['cpu']):.3g} s",
            row["reached"].partition(":")[0],
            row["load"],
        ]
        for row in rows
        if row["goal"]
    ]
    return ["", "before", "goal", "now", "of processors", "reached", "load"], cells


def _billion(rows: list[dict[str, str]]) -> tuple[list[str], Cells]:
    """Extrapolate to a billion words: time and disk proportionally, memory by its growth."""
    small, *_, large = _same_corpus(rows)
    words, seconds = float(large["words"]), float(large["seconds"])
    workers = int(large["workers"])
    core_hours = seconds * workers / words * BILLION / 3600
    texts = float(large["megabytes"]) / words * BILLION / 1000
    disk = float(large["disk_mib"]) / words * BILLION / 1024
    # a straight line through both runs: a fixed amount, plus memory per word
    slope = (float(large["parent_mib"]) - float(small["parent_mib"])) / (
        words - float(small["words"])
    )
    parent = (float(large["parent_mib"]) + slope * (BILLION - words)) / 1024
    cells = [
        ["texts, plain", f"{texts:,.1f} GB"],
        ["work of one core", _hours(core_hours)],
        *(
            [f"time with {cores} cores, if all are busy", _hours(core_hours / cores)]
            for cores in (2, 16, 64)
        ),
        ["memory for each worker", f"{float(large['worker_mib']):,.0f} MiB"],
        ["memory of the parent, at most, on the line through both runs", f"{parent:,.1f} GiB"],
        ["disk in between", f"{disk:,.1f} GiB"],
    ]
    return ["a billion words need", ""], cells


def _hours(hours: float) -> str:
    return f"{hours:,.1f} hours" if hours >= 1 else f"{60 * hours:,.0f} minutes"


def _about(rows: list[dict[str, str]]) -> nodes.Node:
    """Machine, versions and date in a paragraph."""
    about = "; ".join(f"{row['what']} {row['is']}" for row in rows)
    return nodes.paragraph("", f"Measured on: {about}.")


def _seconds(row: dict[str, str]) -> str:
    value = float(row["seconds"])
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def read(name: str, folder: Path = RESULTS) -> pd.DataFrame:
    """Read a table of results; without rows if the command was not run."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        return pd.DataFrame()
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def numbers(folder: Path = RESULTS) -> dict[str, str]:
    """All numbers that the page may print, by name."""
    known: dict[str, int] = {}
    faults, fuzz = read("faults", folder), read("fuzz", folder)
    again = read("reproduce", folder)
    if len(faults):
        lost = int((faults["survived"] != "yes").sum())
        known |= {"faults.injected": len(faults), "faults.lost": lost}
        known |= {"faults.survived": len(faults) - lost}
    if len(fuzz):
        known |= {"fuzz.inputs": int(fuzz["inputs"].astype(int).sum()), "fuzz.targets": len(fuzz)}
        known |= {"fuzz.crashes": int((fuzz["crash"] != "").sum())}
    if len(again):
        sums = again[["files", "equal"]].astype(int).sum()
        known |= {"reproduce.compared": int(sums["files"]), "reproduce.equal": int(sums["equal"])}
        known |= {"reproduce.differ": int(sums["files"] - sums["equal"])}
    return {name: f"{value:,}" for name, value in known.items()}


def table(name: str, folder: Path = RESULTS) -> pd.DataFrame:
    """A table for the page."""
    rows = read(FILES.get(name, name), folder)
    if name == "faults" and len(rows):
        return _survived(rows, "fault")
    if name == "commands" and len(rows):
        rows = _survived(rows, "target").rename(columns={"target": "command"})
    if name == "fuzz" and len(rows):
        rows = rows[["target", "inputs", "seed", "seconds", "crash"]]
        rows = rows.assign(inputs=[f"{int(n):,}" for n in rows["inputs"]])
        rows = rows.assign(crash=rows["crash"].replace("", "none"))
    if name == "reproduce" and len(rows):
        rows = rows.assign(differ=rows["differ"].replace("", "none"))
    return rows


def _survived(faults: pd.DataFrame, by: str) -> pd.DataFrame:
    """Faults injected and survived, by command or kind of fault."""
    ok = (faults["survived"] == "yes").astype(int)
    groups = faults.assign(survived=ok).groupby(by, sort=False)
    return groups.agg(injected=("point", "size"), survived=("survived", "sum")).reset_index()


class ReliabilityRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known = numbers()
        topic = self.text.partition(".")[0]
        path = RESULTS / f"{topic}.csv"
        if path.is_file():
            self.env.note_dependency(str(path))
        if self.text not in known and any(name.startswith(f"{topic}.") for name in known):
            logger.warning("no number %r in the results", self.text, location=self.get_location())
        return [nodes.Text(known.get(self.text, NOT_RUN))], []


class ReliabilityDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path = RESULTS / f"{FILES.get(name, name)}.csv"
        if path.is_file():
            self.env.note_dependency(str(path))
        rows = table(name)
        if not len(rows):
            return [nodes.paragraph("", f"{NOT_RUN.capitalize()}.")]
        head, *cells = [
            [str(cell).replace("_", " ") for cell in row]
            for row in [list(rows.columns), *rows.to_numpy().tolist()]
        ]
        return [table_node(head, cells, code=name == "commands")]


def table_node(
    head: Sequence[str], cells: Iterable[Sequence[object]], *, code: bool = False
) -> nodes.table:
    """Make a table; the first cell of a row may be code, which keeps double hyphens."""
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head, code=False))
    group += nodes.tbody("", *(_row(row, code=code) for row in cells))
    return nodes.table("", group)


def _row(cells: Sequence[object], *, code: bool) -> nodes.row:
    row = nodes.row()
    for index, cell in enumerate(cells):
        text = str(cell)
        inside = nodes.literal("", text) if code and index == 0 else nodes.Text(text)
        row += nodes.entry("", nodes.paragraph("", "", inside))
    return row
