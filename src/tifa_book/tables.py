"""Show tables of data, results and software on pages, and copy published data to the site.

The directive ``benchmark`` shows results from the folder benchmarks/results. Its argument is
``peers``, ``goals`` for the rows of ``peers`` that have a goal, ``growth``, or ``billion`` for an
estimate from ``growth``. An argument such as ``peers-about`` shows the machine and the software
with which ``peers`` was measured. The directive ``reliability`` shows a table from
reliability/results, given its name; the role {reliability}`faults.injected` prints a single number.
If the command that writes a table has not been run yet, the page says so.
"""

from __future__ import annotations

import csv
import filecmp
import io
import json
import platform
import re
import shutil
import tomllib
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
from docutils import nodes
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx_findings.again import depend
from sphinx_findings.imprint import the_date, the_work

import tifa
from tifa.data.datapackage import read_package
from tifa.data.files import sha256
from tifa.data.rights import allowed_next_to_pages
from tifa_book.theme import Fold

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "results"
#: Folder to which `make faults`, `make fuzz` and similar commands write their results.
RESULTS = Path(__file__).parents[2] / "reliability" / "results"
#: Maps the name of a table to the name of its file, if these differ.
FILES = {"commands": "faults", "growth": "large", "billion": "large", "goals": "peers"}
#: Number of words in the hypothetical archive of the table ``billion``.
BILLION = 1_000_000_000
NOT_RUN = "not run yet"
Row = dict[str, str]
Cells = list[list[str]]
logger = logging.getLogger(__name__)


def read(name: str, folder: Path = RESULTS) -> pd.DataFrame:
    path = folder / f"{FILES.get(name, name)}.csv"
    if not path.is_file():
        return pd.DataFrame()
    return pd.read_csv(path, dtype="str", keep_default_na=False)


class ResultsDirective(SphinxDirective):
    required_arguments = 1
    folder = RESULTS

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        self.env.note_dependency(str(self.folder / f"{FILES.get(name, name)}.csv"))
        rows = read(name, self.folder)
        if not len(rows):
            return [nodes.paragraph("", f"{NOT_RUN.capitalize()}.")]
        return self.shown(name, rows)

    def shown(self, name: str, rows: pd.DataFrame) -> list[nodes.Node]:
        rows = table(name, rows)
        head = [column.replace("_", " ") for column in rows.columns]
        cells = [[str(cell).replace("_", " ") for cell in row] for row in rows.to_numpy()]
        return [table_node(head, cells, code=name == "commands")]


class BenchmarkDirective(ResultsDirective):
    """Show a table of benchmarks, or the machine on which it was measured, given a name."""

    folder = BENCHMARKS

    def shown(self, name: str, rows: pd.DataFrame) -> list[nodes.Node]:
        if name.endswith("-about"):  # the rows have machine, versions and date
            about = "; ".join(f"{what} {value}" for what, value in rows.to_numpy())
            return [nodes.paragraph("", f"Measured on: {about}.")]
        known: list[Row] = rows.to_dict("records")  # type: ignore[assignment]
        if name == "peers":
            return _peers(known)
        makers = {"growth": _growth, "billion": _billion, "goals": _goals}
        return [table_node(*makers[name](known))]


def _peers(rows: list[Row]) -> list[nodes.Node]:
    """Return a table for each task, with the programs that were compared and their times."""
    most = max(int(row["rounds"]) for row in rows)
    tables: list[nodes.Node] = []
    for task, of_task in groupby(rows, key=lambda row: row["task"]):
        cells = []
        for row in of_task:
            reached = row["reached"].replace("no:", "missed,").replace("yes", "reached")
            goal = f"{row['goal']}: {reached}" if row["goal"] else ""
            cells.append([_who(row, most), _seconds(row), _times(row), goal])
        tables += [nodes.paragraph("", "", nodes.strong("", task))]
        tables += [table_node(["who", "seconds", "times ours", "goal"], cells)]
    return tables


def _who(row: Row, most: int) -> str:
    """Return the name of a program, with notes on how it was measured.

    ``most`` is the largest number of rounds of measurement; only smaller numbers are noted.
    """
    rounds = int(row["rounds"])
    notes = [
        f"{float(row['megabytes']):,.1f} MB" if row["megabytes"] else "",
        row["note"],
        f"peak {float(row['peak_mib']):,.0f} MiB" if row["peak_mib"] else "",
        "" if rounds == most else "once" if rounds == 1 else f"{rounds} rounds",
    ]
    note = "; ".join(filter(None, notes))
    return row["who"] + (f" ({note})" if note else "")


def _times(row: Row) -> str:
    times = float(row["times_ours"] or "nan")
    return f"{times:,.{1 if times >= 3 else 2}f}" if row["times_ours"] else ""


def _seconds(row: Row) -> str:
    value = float(row["seconds"])
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _goals(rows: list[Row]) -> tuple[list[str], Cells]:
    """Return column names and cells of a table that compares goals with old and new results."""
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


#: Columns of the table ``growth``, and their labels on the page.
GROWTH = {
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


def _growth(rows: list[Row]) -> tuple[list[str], Cells]:
    first, *_, last = _same_corpus(rows)
    cells = [["texts", *(row["corpus"].rpartition(", ")[0] for row in rows), ""]]
    for name, label in GROWTH.items():
        grows = "" if name == "workers" else f"{float(last[name]) / float(first[name]):.1f} times"
        cells.append([label, *(f"{float(row[name]):,.0f}" for row in rows), grows])
    return ["", *(f"{row['times']} times" for row in rows), "grows"], cells


def _same_corpus(rows: list[Row]) -> list[Row]:
    """Return the rows of the same corpus as the first row, each with another number of copies."""
    name = rows[0]["corpus"].rpartition(", ")[0]
    return [row for row in rows if row["corpus"].rpartition(", ")[0] == name]


def _billion(rows: list[Row]) -> tuple[list[str], Cells]:
    """Estimate the time, disk space and memory that a billion words need.

    Time and disk space are assumed to grow in proportion to the number of words, the memory of the
    parent process to grow linearly, and the memory of a worker process to stay the same.
    """
    small, *_, large = ({k: float(row[k]) for k in GROWTH} for row in _same_corpus(rows))
    more = BILLION / large["words"]
    core_hours = more * large["seconds"] * large["workers"] / 3600
    # extrapolate the parent's memory on a straight line through the first and the last run
    slope = (large["parent_mib"] - small["parent_mib"]) / (large["words"] - small["words"])
    parent = (large["parent_mib"] + slope * (BILLION - large["words"])) / 1024
    cells = [
        ["texts, plain", f"{more * large['megabytes'] / 1000:,.1f} GB"],
        ["work of one core", _hours(core_hours)],
        *([f"time with {n} cores, if all are busy", _hours(core_hours / n)] for n in (2, 16, 64)),
        ["memory for each worker", f"{large['worker_mib']:,.0f} MiB"],
        ["memory of the parent, at most, on the line through both runs", f"{parent:,.1f} GiB"],
        ["disk in between", f"{more * large['disk_mib'] / 1024:,.1f} GiB"],
    ]
    return ["a billion words need", ""], cells


def _hours(hours: float) -> str:
    return f"{hours:,.1f} hours" if hours >= 1 else f"{60 * hours:,.0f} minutes"


def numbers(folder: Path = RESULTS) -> dict[str, str]:
    known: dict[str, int] = {}
    faults, fuzz, reproduced = (read(name, folder) for name in ("faults", "fuzz", "reproduce"))
    if len(faults):
        lost = int((faults["survived"] != "yes").sum())
        known |= {"faults.injected": len(faults), "faults.lost": lost}
        known |= {"faults.survived": len(faults) - lost}
    if len(fuzz):
        known |= {"fuzz.inputs": int(fuzz["inputs"].astype(int).sum()), "fuzz.targets": len(fuzz)}
        known |= {"fuzz.crashes": int((fuzz["crash"] != "").sum())}
    if len(reproduced):
        files, equal = reproduced[["files", "equal"]].astype(int).sum()
        known |= {"reproduce.compared": files, "reproduce.equal": equal}
        known |= {"reproduce.differ": files - equal}
    return {name: f"{value:,}" for name, value in known.items()}


def table(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table of the reliability runs as the page shows it, given the rows of its file."""
    if name in ("faults", "commands"):
        # count the injected faults, and the survived ones, by kind of fault or by command
        by = "fault" if name == "faults" else "target"
        survived = rows.assign(survived=(rows["survived"] == "yes").astype(int))
        groups = survived.groupby(by, sort=False)
        rows = groups.agg(injected=("point", "size"), survived=("survived", "sum")).reset_index()
        return rows.rename(columns={"target": "command"})
    if name == "fuzz":
        rows = rows[["target", "inputs", "seed", "seconds", "crash"]]
        rows = rows.assign(inputs=[f"{int(n):,}" for n in rows["inputs"]])
    return rows.replace({column: {"": "none"} for column in {"crash", "differ"} & {*rows.columns}})


class ReliabilityRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known, topic = numbers(), self.text.partition(".")[0]
        self.env.note_dependency(str(RESULTS / f"{topic}.csv"))
        if self.text not in known and any(name.startswith(f"{topic}.") for name in known):
            logger.warning("no number %r in the results", self.text, location=self.get_location())
        return [nodes.Text(known.get(self.text, NOT_RUN))], []


def table_node(
    head: Sequence[str], cells: Iterable[Sequence[str]], *, code: bool = False
) -> nodes.table:
    """Return a table node; with ``code``, the first column is code, in which -- stays as it is."""

    def row(first: nodes.Node, *others: str) -> nodes.row:
        inside = [first, *map(nodes.Text, others)]
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", n)) for n in inside))

    columns = [nodes.colspec(colwidth=1) for _ in head]
    heading = nodes.thead("", row(nodes.Text(head[0]), *head[1:]))
    kind = (lambda text: nodes.literal("", text)) if code else nodes.Text
    body = nodes.tbody("", *(row(kind(first), *others) for first, *others in cells))
    return nodes.table("", nodes.tgroup("", *columns, heading, body, cols=len(head)))


class Colophon(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        env, root = self.env, Path(self.env.srcdir)
        depend(env, "imprint")
        env.note_dependency(str(root / "pyproject.toml"))
        lock = root / "requirements.txt"
        commit = env.config.findings_imprint["commit"]
        source = {
            "Version": the_work(env).version,
            "Date of the source": the_date(env) or "not known",
            "Commit": commit or "not known",
            # the identifier of this source in Software Heritage, if it is an unchanged commit
            **({"SWHID": f"swh:1:rev:{commit}"} if re.fullmatch("[0-9a-f]{40}", commit) else {}),
            "Lock of the software": f"{lock.name}, SHA-256 {sha256(lock)}",
            "Library": f"tifa {tifa.__version__}",
            "Python": platform.python_version(),
        }
        about = nodes.definition_list()
        for name, value in source.items():
            definition = nodes.definition("", nodes.paragraph("", value))
            about += nodes.definition_list_item("", nodes.term("", name), definition)
        versions = packages(root / "pyproject.toml")
        software = _hashes("Software", "software", ["package", "version"], versions)
        digests = tables(tifa.data_folder())
        return [about, software, _hashes("Data", "data-hashes", ["table", "SHA-256"], digests)]


def _hashes(title: str, anchor: str, head: list[str], rows: list[tuple[str, str]]) -> nodes.section:
    table = table_node(head, rows)
    table["classes"].append("tifa-hashes")
    box = nodes.container("", table, classes=["tifa-table"])
    return nodes.section("", nodes.title("", title), box, ids=[anchor], names=[anchor])


def packages(path: Path) -> list[tuple[str, str]]:
    """Return the name and the version of each package that the project needs.

    The packages for the extras ``book`` and ``fetch`` are included.
    """
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    requirements = {*project["dependencies"], *extras.get("book", ()), *extras.get("fetch", ())}
    found = []
    for requirement in requirements:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return sorted(found)


def tables(data: Path) -> list[tuple[str, str]]:
    names = sorted(r["path"] for r in read_package(data)["resources"])
    return [(name, sha256(data / name)) for name in names if (data / name).is_file()]


class TablesDirective(SphinxDirective):
    """List all tables in one box per folder, with path, meaning of a row, and size."""

    def run(self) -> list[nodes.Node]:
        lists: dict[str, nodes.definition_list] = {}
        for resource in read_package(tifa.data_folder())["resources"]:
            # the size of a CSV table is in "bytes", that of a Parquet table in "fileSize"
            size = resource.get("bytes") or resource["fileSize"]
            extent = f"{resource['rows']:,} rows, {max(1, round(size / 1024)):,} KiB"
            name = f"data/{resource['path']}"
            uri = "../" * self.env.docname.count("/") + name
            link = nodes.reference("", "", nodes.literal("", name), refuri=uri, internal=True)
            shown = link if allowed_next_to_pages(resource["path"]) else nodes.literal("", name)
            term = nodes.term("", "", shown)
            about = resource.get("description", "") or resource["title"] + "."
            body = nodes.definition("", nodes.paragraph("", f"{about} {extent}."))
            tables = lists.setdefault(name.rpartition("/")[0], nodes.definition_list())
            tables += nodes.definition_list_item("", term, body)
        folds: list[nodes.Node] = []
        for folder, tables in lists.items():
            name = f"{folder}: {len(tables)} {'tables' if len(tables) > 1 else 'table'}"
            folds.append(Fold("", tables, name=name, classes=["tifa-box"]))
        return folds


#: Patterns of other published files, which describe the tables or were used to make them.
PACKAGE = "datapackage.json"
ALSO = (PACKAGE, "*.yml", "README.md", "lexicon/*.yml", "metadata/*.yml", "annotations/*.md")


def published(data: Path) -> list[str]:
    package = read_package(data)
    names = {r["path"] for r in package["resources"] if allowed_next_to_pages(r["path"], data=data)}
    for pattern in ALSO:
        names |= {p.relative_to(data).as_posix() for p in data.glob(pattern)}
    return sorted(names)


def copy_data(app: Sphinx) -> None:
    """Copy the published files to the folder data/ of the site, and delete other files there.

    The folder also gets a description of the tables (datapackage.json), archives and a workbook.
    The workbook of an earlier build is kept if no file had to be copied.
    """
    if app.builder.format != "html":
        return
    data, out = tifa.data_folder(), Path(app.outdir) / "data"
    names = published(data)
    book = out / WORKBOOK
    for path in out.rglob("*"):
        if path.is_file() and path != book and path.relative_to(out).as_posix() not in names:
            path.unlink()
    for name in names:
        source, target = data / name, out / name
        if name == PACKAGE:
            described = site_package(app, data, names)
            target.write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", "utf-8")
        elif not target.is_file() or not filecmp.cmp(source, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            book.unlink(missing_ok=True)
    write_archives(out, names)
    if not book.is_file():  # missing if a file has changed (see above); it takes seconds to make
        book.write_bytes(workbook(out, read_package(out)["resources"]))


def site_package(app: Sphinx, data: Path, names: Collection[str]) -> dict[str, Any]:
    """Return the data package for the site: published tables, with authors, sources and date."""
    work, base = the_work(app), app.config.html_baseurl
    package = read_package(data)
    about = {
        "title": work.data.title,
        "keywords": list(work.keywords),
        "contributors": [{"title": a.full, "role": "author"} for a in work.authors],
        "sources": [{"title": s.title, "path": s.address} for s in work.sources],
    }
    if the_date(app):
        about["created"] = f"{the_date(app)}T00:00:00Z"
    if base:
        about["homepage"] = f"{base}book/data.html"
    if work.data.doi:
        about["id"] = f"https://doi.org/{work.data.doi}"
    copied = [r for r in package["resources"] if r["path"] in names]
    return package | about | {"resources": copied}


def write_archives(out: Path, names: Collection[str]) -> None:
    """Write one archive with all published files, and one for each corpus.

    Files in an archive have a fixed time stamp, so the same files always make the same archive.
    """
    package = read_package(out)
    corpora = {n.split("/")[1] for n in names if n.startswith("corpora/")}
    for corpus in sorted(corpora):
        own = {n for n in names if n.startswith(f"corpora/{corpus}/")}
        own |= {n for n in names if n in ("README.md", f"metadata/{corpus}.yml")}
        own |= {n for n in names if n.startswith("lexicon/")}
        in_folder = [r for r in package["resources"] if r["path"] in own]
        named = {"name": f"{package['name']}-{corpus}", "resources": in_folder}
        _archive(out, f"{corpus}.zip", own, package | named)
    _archive(out, "all.zip", {n for n in names if n != PACKAGE}, package)


def _archive(out: Path, name: str, files: Collection[str], package: dict[str, Any]) -> None:
    with zipfile.ZipFile(out / name, "w", zipfile.ZIP_DEFLATED) as archive:
        described = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
        archive.writestr(zipfile.ZipInfo(PACKAGE), described, zipfile.ZIP_DEFLATED)
        for file in sorted(files):
            packed = zipfile.ZIP_STORED if file.endswith(".parquet") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(file), (out / file).read_bytes(), packed)


# --- the data dictionary ------------------------------------------------------------------


class DictionaryDirective(SphinxDirective):
    """Insert a section for each name of tables: what a row means, their paths and columns."""

    def run(self) -> list[nodes.Node]:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for resource in read_package(tifa.data_folder())["resources"]:
            groups.setdefault(Path(resource["path"]).stem, []).append(resource)
        return [_table_section(name, resources) for name, resources in groups.items()]


def _table_section(name: str, resources: list[Mapping[str, Any]]) -> nodes.section:
    made = nodes.section("", nodes.title("", name), ids=[f"table-{name.replace('_', '-')}"])
    first = resources[0]
    about = first.get("description") or f"{first['title']}."
    places = ", ".join(f"data/{r['path']}" for r in resources)
    made += nodes.paragraph("", f"{about} In {places}.")
    key = first["schema"].get("primaryKey")
    keyed = f"A row is identified by {', '.join(key)}. " if key else ""
    pointing = "".join(
        f"{', '.join(k['fields'])} points at "
        f"{k['reference']['resource'].rpartition('-')[2] or 'the table itself'}. "
        for k in first["schema"].get("foreignKeys", ())
    )
    if keyed or pointing:
        made += nodes.paragraph("", (keyed + pointing).strip())
    columns: dict[str, tuple[str, str, str]] = {}  # some columns are only in some corpora
    for resource in resources:
        for field in resource["schema"]["fields"]:
            columns.setdefault(field["name"], _column(field))
    table = table_node(["column", "holds", "what it is"], columns.values(), code=True)
    made += nodes.container("", table, classes=["tifa-table"])
    return made


def _column(field: Mapping[str, Any]) -> tuple[str, str, str]:
    limits = dict(field.get("constraints", {}))
    holds = [field["type"]]
    if limits.pop("required", False):
        holds.append("never empty")
    if values := limits.pop("enum", None):
        holds.append("one of " + ", ".join(map(str, values)))
    bounds = {"minimum": "from", "maximum": "to", "pattern": "like"}
    holds += [f"{bounds.get(name, name)} {value}" for name, value in limits.items()]
    return field["name"], ", ".join(holds), field["description"]


# --- the workbook -------------------------------------------------------------------------


WORKBOOK = "tables.xlsx"
_LONGEST = 31
_CHANGED = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def workbook(folder: Path, resources: Iterable[Mapping[str, Any]]) -> bytes:
    """Put the CSV tables of a data package into a workbook, one sheet each.

    This is for spreadsheet programs, which may guess the wrong encoding for a CSV file. Values in
    columns of numbers are numbers; all others are text. The same tables give the same bytes.
    """
    book = Workbook(write_only=True)
    for resource in resources:
        if not resource["path"].endswith(".csv"):
            continue
        sheet = book.create_sheet(resource["name"][:_LONGEST])
        number = [f["type"] in ("integer", "number") for f in resource["schema"]["fields"]]
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            sheet.append(next(rows))
            for row in rows:
                cells = zip(row, number, strict=True)
                sheet.append([_cell(sheet, text, numeric) for text, numeric in cells])
    made = io.BytesIO()
    book.save(made)
    return _without_times(made)


def _cell(sheet: Any, text: str, numeric: bool) -> Any:
    if not text:
        return None
    if not text.startswith("="):
        return float(text) if numeric else text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a string, not a formula
    return cell


def _without_times(made: io.BytesIO) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _CHANGED.sub(b"", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
