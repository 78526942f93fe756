"""What was measured, from benchmarks/results: tables of a page, and what follows by arithmetic.

The directive ``measured`` shows one table: ``peers``, ``growth``, ``billion`` (computed from the
growth table) or the surroundings of a run, ``peers-about`` and ``large-about``. Nothing of it is
typed by hand.
"""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

RESULTS = Path("benchmarks") / "results"
#: Words of the archive that is worked out.
BILLION = 1_000_000_000
Cells = list[list[str]]
logger = logging.getLogger(__name__)


class Measured(SphinxDirective):
    """A table out of the results of a run."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        what = self.arguments[0]
        makers = {"growth": _growth, "billion": _billion}
        file = {"growth": "large", "billion": "large"}.get(what, what)
        path = Path(self.env.srcdir) / RESULTS / f"{file}.csv"
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
        return [_table(*makers[what](rows))]


def _peers(rows: list[dict[str, str]]) -> list[nodes.Node]:
    """One table a task; in each, who took part and how their times compare."""
    most = max(int(row["rounds"]) for row in rows)
    tables: list[nodes.Node] = []
    for task, of_task in groupby(rows, key=lambda row: row["task"]):
        cells = [[_who(r, most), _seconds(r), _times(r), _goal(r)] for r in of_task]
        table = _table(["who", "seconds", "times ours", "goal"], cells)
        table.insert(0, nodes.title("", task))
        tables.append(table)
    return tables


def _who(row: dict[str, str], most: int) -> str:
    """Who, and what must be known about the number."""
    notes = [row["note"]]
    if row["megabytes"]:
        notes.insert(0, f"{float(row['megabytes']):,.1f} MB")
    if row["peak_mib"]:
        notes.append(f"peak {float(row['peak_mib']):,.0f} MiB")
    if int(row["rounds"]) < most:
        notes.append("once" if row["rounds"] == "1" else f"{row['rounds']} rounds")
    said = "; ".join(filter(None, notes))
    return row["who"] + (f" ({said})" if said else "")


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
    for name, said in names.items():
        values = [float(row[name]) for row in rows]
        grows = f"{values[-1] / values[0]:.1f} times" if name != "workers" else ""
        cells.append([said, *(f"{v:,.0f}" for v in values), grows])
    return head, cells


def _billion(rows: list[dict[str, str]]) -> tuple[list[str], Cells]:
    """A billion words from the larger run: time and disk in proportion, memory as it grew."""
    small, large = rows[0], rows[-1]
    words, seconds = float(large["words"]), float(large["seconds"])
    workers = int(large["workers"])
    core_hours = seconds * workers / words * BILLION / 3600
    texts = float(large["megabytes"]) / words * BILLION / 1000
    disk = float(large["disk_mib"]) / words * BILLION / 1024
    # a straight line through both runs: memory per word beyond what any run needs
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
    said = "; ".join(f"{row['what']} {row['is']}" for row in rows)
    return nodes.paragraph("", f"Measured on: {said}.")


def _seconds(row: dict[str, str]) -> str:
    value = float(row["seconds"])
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _table(head: list[str], cells: Cells) -> nodes.Node:
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *(_row(row) for row in cells))
    return nodes.table("", group)


def _row(cells: list[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))
