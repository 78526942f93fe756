"""The figures of the page on reliability, out of the tables that the commands write.

{tried}`faults.injected` prints a number; the directive ``tried`` shows a table by its name. What
has not been run yet is said to be so: an empty table is no table of zeros.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

RESULTS = Path(__file__).parents[2] / "reliability" / "results"
FOUND = Path(__file__).parents[2] / "reliability" / "found"
#: A table that is read from the file of another.
FILES = {"commands": "faults"}
NOT_RUN = "not run yet"
logger = logging.getLogger(__name__)


def read(name: str, folder: Path = RESULTS) -> pd.DataFrame:
    """A table of results; no rows where the command was not run."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        return pd.DataFrame()
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def numbers(folder: Path = RESULTS, found: Path = FOUND) -> dict[str, str]:
    """Every number that the page may print, by name."""
    known: dict[str, int] = {}
    faults, fuzz = read("faults", folder), read("fuzz", folder)
    pythons = read("pythons", folder)
    again, licences = read("reproduce", folder), read("licences", folder)
    if len(faults):
        lost = int((faults["survived"] != "yes").sum())
        known |= {"faults.injected": len(faults), "faults.lost": lost}
        known |= {"faults.survived": len(faults) - lost}
        known |= {"faults.between": int((faults["left"] == "new and earlier").sum())}
        known |= {"faults.kinds": faults["fault"].nunique()}
    if len(fuzz):
        known |= {"fuzz.inputs": int(fuzz["inputs"].astype(int).sum()), "fuzz.targets": len(fuzz)}
        known |= {"fuzz.crashes": int((fuzz["crash"] != "").sum())}
    if len(again):
        sums = again[["files", "equal"]].astype(int).sum()
        known |= {"reproduce.compared": int(sums["files"]), "reproduce.equal": int(sums["equal"])}
        known |= {"reproduce.differ": int(sums["files"] - sums["equal"])}
    if len(pythons):
        # a run in which nothing could be built has no number of findings
        sums = pythons[["failed", "differ"]].replace("", "0").astype(int).sum()
        known |= {"pythons.versions": int((pythons["book"] == "built").sum())}
        known |= {"pythons.failed": int(sums["failed"]), "pythons.differ": int(sums["differ"])}
    if len(licences):
        known |= {"licences.packages": len(licences)}
        known |= {"licences.compatible": int((licences["compatible"] == "yes").sum())}
    if found.is_dir():
        known["fuzz.kept"] = sum(p.is_file() for p in found.rglob("*"))
    return {name: f"{value:,}" for name, value in known.items()}


def table(name: str, folder: Path = RESULTS) -> pd.DataFrame:
    """A table as the page shows it."""
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
    """Faults injected and survived, a row a command or a kind of fault."""
    ok = (faults["survived"] == "yes").astype(int)
    groups = faults.assign(survived=ok).groupby(by, sort=False)
    return groups.agg(injected=("point", "size"), survived=("survived", "sum")).reset_index()


class TriedRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.env.__dict__.setdefault("tifa_data_pages", set()).add(self.env.docname)
        known = numbers()
        topic = self.text.partition(".")[0]
        path = RESULTS / f"{topic}.csv"
        if path.is_file():
            self.env.note_dependency(str(path))
        if self.text not in known and any(name.startswith(f"{topic}.") for name in known):
            logger.warning("no number %r in the results", self.text, location=self.get_location())
        return [nodes.Text(known.get(self.text, NOT_RUN))], []


class TriedDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path = RESULTS / f"{FILES.get(name, name)}.csv"
        if path.is_file():
            self.env.note_dependency(str(path))
        rows = table(name)
        if not len(rows):
            return [nodes.paragraph("", f"{NOT_RUN.capitalize()}.")]
        group = nodes.tgroup(cols=len(rows.columns))
        group += [nodes.colspec(colwidth=1) for _ in rows.columns]
        group += nodes.thead("", _row(rows.columns))
        group += nodes.tbody(
            "", *(_row(cells, code=name == "commands") for cells in rows.itertuples(index=False))
        )
        return [nodes.table("", group, classes=["tifa-tried"])]


def _row(cells: Iterable[object], *, code: bool = False) -> nodes.row:
    """A row of a table; the first cell may be code, in which two hyphens stay two."""
    made = []
    for place, cell in enumerate(cells):
        said = str(cell).replace("_", " ")
        inside = nodes.literal("", said) if code and place == 0 else nodes.Text(said)
        made.append(nodes.entry("", nodes.paragraph("", "", inside)))
    return nodes.row("", *made)
