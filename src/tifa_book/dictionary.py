"""The data dictionary: every column of every table, from datapackage.json, for people.

A table that several corpora have is described once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa_book.results import table_node

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
        return [_section(name, resources) for name, resources in groups.items()]


def _section(name: str, resources: list[Mapping[str, Any]]) -> nodes.section:
    made = nodes.section("", nodes.title("", name), ids=[f"table-{name.replace('_', '-')}"])
    first = resources[0]
    about = first.get("description") or f"{first['title']}."
    places = ", ".join(f"data/{r['path']}" for r in resources)
    made += nodes.paragraph("", f"{about} In {places}.")
    key = first["schema"].get("primaryKey")
    keyed = f"A row is told by {', '.join(key)}. " if key else ""
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
