"""The colophon: what this site was built from and with.

True times of running go to _build/run-log.json, beside the site and not in it: two builds of
one source compare equal.
"""

from __future__ import annotations

import json
import platform
import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.data.files import sha256
from tifa_book.citing import prints_imprint, the_date, the_work


class Colophon(SphinxDirective):
    """The source, the software and the data, with versions and hashes."""

    def run(self) -> list[nodes.Node]:
        app, env = self.env.app, self.env
        prints_imprint(env)
        env.__dict__.setdefault("tifa_data_pages", set()).add(env.docname)
        root = Path(app.srcdir)
        for name in ("requirements.txt", "pyproject.toml"):
            env.note_dependency(str(root / name))
        lock = root / "requirements.txt"
        source = {
            "Version": the_work(app).version,
            "Date of the source": the_date(app) or "not known",
            "Commit": app.config.tifa_imprint["commit"] or "not known",
            "Lock of the software": f"{lock.name}, SHA-256 {sha256(lock)}",
            "Library": f"tifa {tifa.__version__}",
            "Python": platform.python_version(),
        }
        rows = _definitions(source)
        software = _section("Software", "software")
        software += _table(["package", "version"], packages(root / "pyproject.toml"))
        data = _section("Data", "data-hashes")
        data += _table(["table", "SHA-256"], tables(tifa.data_folder()))
        return [rows, software, data]


def packages(path: Path) -> list[tuple[str, str]]:
    """Packages that the project asks for, and the versions that are here."""
    asked = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["dependencies"]
    found = []
    for requirement in asked:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return sorted(found)


def tables(data: Path) -> list[tuple[str, str]]:
    """Published tables and the hashes of the files as they are."""
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    names = sorted(r["path"] for r in package["resources"])
    return [(name, sha256(data / name)) for name in names if (data / name).is_file()]


def _definitions(said: dict[str, str]) -> nodes.definition_list:
    items = [
        nodes.definition_list_item(
            "", nodes.term("", term), nodes.definition("", nodes.paragraph("", value))
        )
        for term, value in said.items()
    ]
    return nodes.definition_list("", *items)


def _section(title: str, anchor: str) -> nodes.section:
    return nodes.section("", nodes.title("", title), ids=[anchor], names=[anchor])


def _table(head: list[str], rows: list[tuple[str, str]]) -> nodes.container:
    table = nodes.table(classes=["tifa-hashes"])
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *[_row(row) for row in rows])
    table += group
    return nodes.container("", table, classes=["tifa-table"])


def _row(cells: Any) -> nodes.row:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", cell)) for cell in cells])


def write_log(app: Sphinx, error: Exception | None) -> None:
    """When each notebook ran, and for how long: for people, not for comparison."""
    if error is not None or app.builder.format != "html":
        return
    runs = {}
    for doc in sorted(app.env.found_docs):
        # myst-nb keeps it with the page
        data = getattr(app.env, "nb_metadata", {}).get(doc, {}).get("exec_data")
        if data:
            runs[doc] = {key: data[key] for key in ("mtime", "runtime", "succeeded") if key in data}
    path = Path(app.outdir).parent / "run-log.json"
    path.write_text(json.dumps(runs, indent=1, sort_keys=True) + "\n", encoding="utf-8")
