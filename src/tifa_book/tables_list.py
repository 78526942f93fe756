"""The list of tables on the page about the data, made from the data package."""

from __future__ import annotations

import json

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.data.rights import beside_pages


class TablesDirective(SphinxDirective):
    """A row a table: where it is, what a row is, rows, bytes."""

    def run(self) -> list[nodes.Node]:
        pages = self.env.__dict__.setdefault("tifa_data_pages", set())
        pages.add(self.env.docname)
        path = tifa.data_folder() / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        items = []
        for resource in package["resources"]:
            size = f"{resource['rows']:,} rows, {resource['bytes'] / 1024:,.0f} KiB"
            path = f"data/{resource['path']}"
            # data_files.py puts the file there
            uri = "../" * self.env.docname.count("/") + path
            link = nodes.reference("", "", nodes.literal("", path), refuri=uri, internal=True)
            shown = link if beside_pages(resource["path"]) else nodes.literal("", path)
            term = nodes.term("", "", shown)
            about = resource.get("description", "") or resource["title"] + "."
            body = nodes.definition("", nodes.paragraph("", f"{about} {size}."))
            items.append(nodes.definition_list_item("", term, body))
        return [nodes.definition_list("", *items)]
