"""What the site was built from and with: colophon, tables and their columns, data to take away.

Run times go to _build/run-log.json, outside the site, so that two builds of one source are equal.
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
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.again import depend
from sphinx_findings.imprint import the_date, the_work

import tifa
from tifa.data.files import sha256
from tifa.data.rights import allowed_next_to_pages
from tifa_book.results import table_node


class Colophon(SphinxDirective):
    """The source, the software and the data, with versions and hashes."""

    def run(self) -> list[nodes.Node]:
        env = self.env
        depend(env, "imprint")
        root = Path(env.srcdir)
        env.note_dependency(str(root / "pyproject.toml"))
        lock = root / "requirements.txt"
        commit = env.config.findings_imprint["commit"]
        source = {
            "Version": the_work(env).version,
            "Date of the source": the_date(env) or "not known",
            "Commit": commit or "not known",
            # the identifier in Software Heritage: the commit, if there are no uncommitted changes
            **({"SWHID": f"swh:1:rev:{commit}"} if re.fullmatch("[0-9a-f]{40}", commit) else {}),
            "Lock of the software": f"{lock.name}, SHA-256 {sha256(lock)}",
            "Library": f"tifa {tifa.__version__}",
            "Python": platform.python_version(),
        }
        rows = _definitions(source)
        software = _section("Software", "software")
        software += _hashes(["package", "version"], packages(root / "pyproject.toml"))
        data = _section("Data", "data-hashes")
        data += _hashes(["table", "SHA-256"], tables(tifa.data_folder()))
        return [rows, software, data]


def packages(path: Path) -> list[tuple[str, str]]:
    """Packages that the project requires, and the installed versions."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    asked = {*project["dependencies"], *extras.get("book", ()), *extras.get("fetch", ())}
    found = []
    for requirement in asked:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return sorted(found)


def tables(data: Path) -> list[tuple[str, str]]:
    """Published tables and the current hashes of their files."""
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    names = sorted(r["path"] for r in package["resources"])
    return [(name, sha256(data / name)) for name in names if (data / name).is_file()]


def _definitions(values: dict[str, str]) -> nodes.definition_list:
    items = [
        nodes.definition_list_item(
            "", nodes.term("", term), nodes.definition("", nodes.paragraph("", value))
        )
        for term, value in values.items()
    ]
    return nodes.definition_list("", *items)


def _section(title: str, anchor: str) -> nodes.section:
    return nodes.section("", nodes.title("", title), ids=[anchor], names=[anchor])


def _hashes(head: list[str], rows: list[tuple[str, str]]) -> nodes.container:
    table = table_node(head, rows)
    table["classes"].append("tifa-hashes")
    return nodes.container("", table, classes=["tifa-table"])


def write_log(app: Sphinx, error: Exception | None) -> None:
    """Write when each notebook ran and for how long."""
    if error is not None or app.builder.format != "html":
        return
    runs = {}
    for doc in sorted(app.env.found_docs):
        data = NbMetadataCollector.get_doc_data(app.env).get(doc, {}).get("exec_data")
        if data:
            runs[doc] = {key: data[key] for key in ("mtime", "runtime", "succeeded") if key in data}
    path = Path(app.outdir).parent / "run-log.json"
    path.write_text(json.dumps(runs, indent=1, sort_keys=True) + "\n", encoding="utf-8")


class TablesDirective(SphinxDirective):
    """A list of the tables: path, what a row is, rows, bytes."""

    def run(self) -> list[nodes.Node]:
        path = tifa.data_folder() / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        items = []
        for resource in package["resources"]:
            size = resource.get("bytes") or resource["fileSize"]  # keys for CSV and Parquet
            extent = f"{resource['rows']:,} rows, {max(1, round(size / 1024)):,} KiB"
            name = f"data/{resource['path']}"
            # copy_data writes the file there
            uri = "../" * self.env.docname.count("/") + name
            link = nodes.reference("", "", nodes.literal("", name), refuri=uri, internal=True)
            shown = link if allowed_next_to_pages(resource["path"]) else nodes.literal("", name)
            term = nodes.term("", "", shown)
            about = resource.get("description", "") or resource["title"] + "."
            body = nodes.definition("", nodes.paragraph("", f"{about} {extent}."))
            items.append(nodes.definition_list_item("", term, body))
        return [nodes.definition_list("", *items)]


#: Other published files: descriptions of the tables, and what they were made with.
PACKAGE = "datapackage.json"
ALSO = (PACKAGE, "*.yml", "README.md", "lexicon/*.yml", "metadata/*.yml", "annotations/*.md")


def published(data: Path) -> list[str]:
    """Paths of published files below data/."""
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    names = {r["path"] for r in package["resources"] if allowed_next_to_pages(r["path"], data=data)}
    for pattern in ALSO:
        names |= {p.relative_to(data).as_posix() for p in data.glob(pattern)}
    return sorted(names)


def copy_data(app: Sphinx, error: Exception | None) -> None:
    """Copy the tables to the site, with a description of the published ones, and as archives."""
    if error is not None or app.builder.format != "html":
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
    if not book.is_file():  # takes some seconds
        here = json.loads((out / PACKAGE).read_text(encoding="utf-8"))["resources"]
        book.write_bytes(workbook(out, here))


def site_package(app: Sphinx, data: Path, names: Collection[str]) -> dict[str, Any]:
    """The description of the data set on the site, without files that are not published."""
    work, base = the_work(app), app.config.html_baseurl
    package: dict[str, Any] = json.loads((data / PACKAGE).read_text(encoding="utf-8"))
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
    here = [r for r in package["resources"] if r["path"] in names]
    return package | about | {"resources": here}


def write_archives(out: Path, names: Collection[str]) -> None:
    """Write one archive with all published files, and one for each corpus.

    Archives have no time stamps, so that the same files make the same bytes.
    """
    package = json.loads((out / PACKAGE).read_text(encoding="utf-8"))
    corpora = {n.split("/")[1] for n in names if n.startswith("corpora/")}
    for corpus in sorted(corpora):
        own = {n for n in names if n.startswith(f"corpora/{corpus}/")}
        own |= {n for n in names if n in ("README.md", f"metadata/{corpus}.yml")}
        own |= {n for n in names if n.startswith("lexicon/")}
        there = [r for r in package["resources"] if r["path"] in own]
        named = {"name": f"{package['name']}-{corpus}", "resources": there}
        _archive(out, f"{corpus}.zip", own, package | named)
    _archive(out, "all.zip", {n for n in names if n != PACKAGE}, package)


def _archive(out: Path, name: str, files: Collection[str], package: dict[str, Any]) -> None:
    with zipfile.ZipFile(out / name, "w", zipfile.ZIP_DEFLATED) as archive:
        described = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
        archive.writestr(zipfile.ZipInfo(PACKAGE), described, zipfile.ZIP_DEFLATED)
        for file in sorted(files):
            # Parquet is compressed already
            packed = zipfile.ZIP_STORED if file.endswith(".parquet") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(file), (out / file).read_bytes(), packed)


# --- the data dictionary ------------------------------------------------------------------


Fields = dict[str, dict[str, Any]]


class DictionaryDirective(SphinxDirective):
    """One section per table: what a row is, where the table is, and its columns."""

    def run(self) -> list[nodes.Node]:
        path = tifa.data_folder() / "datapackage.json"
        self.env.note_dependency(str(path))
        package = json.loads(path.read_text(encoding="utf-8"))
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for resource in package["resources"]:
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
    rows = [_column(field) for field in _fields(resources).values()]
    table = table_node(["column", "holds", "what it is"], rows, code=True)
    made += nodes.container("", table, classes=["tifa-table"])
    return made


def _fields(resources: list[Mapping[str, Any]]) -> Fields:
    """Columns of a table, including those that only some corpora have."""
    found: Fields = {}
    for resource in resources:
        for field in resource["schema"]["fields"]:
            found.setdefault(field["name"], field)
    return found


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
#: Longest name of a sheet.
_LONGEST = 31
_CHANGED = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def workbook(folder: Path, resources: Iterable[Mapping[str, Any]]) -> bytes:
    """Put the CSV tables of a data package into a workbook, one sheet each.

    Spreadsheet programs guess the encoding of a CSV file, and may guess wrong; of a workbook they
    need not. Numbers are numbers, everything else is text. The same tables give the same bytes.
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
                sheet.append(
                    [
                        None if not text else float(text) if numeric else _text(sheet, text)
                        for text, numeric in zip(row, number, strict=True)
                    ]
                )
    made = io.BytesIO()
    book.save(made)
    return _without_times(made)


def _text(sheet: Any, text: str) -> Any:
    """A cell that is text even if it begins like a formula."""
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
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
