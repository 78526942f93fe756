"""How to cite the sources of the texts, in every format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from docutils import nodes
from pybtex.database import parse_string
from pybtex.plugin import find_plugin
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.imprint import control
from sphinx_findings.markup import raw
from sphinx_findings.ris import ris

import tifa
from tifa_book.bibliography import read_csl, verbatim

logger = logging.getLogger(__name__)


class CorpusCitations(SphinxDirective):
    """A paragraph and a fold of citations for each corpus."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "book" / "references.bib"
        self.env.note_dependency(str(path))
        library = verbatim(path)
        made: list[nodes.Node] = []
        for name in tifa.corpora():
            overlay = tifa.load(name).about
            title = nodes.strong("", overlay.title + ".")
            if overlay.citation == "none":
                source = f" Source: {overlay.source.strip()}; no publication to cite."
                made.append(nodes.paragraph("", "", title, nodes.Text(source)))
                continue
            keys = [key.strip() for key in overlay.citation.split(",")]
            missing = [key for key in keys if key not in library]
            if missing:
                logger.warning(
                    "corpus %s: no %s in %s", name, missing, path, location=self.env.docname
                )
                continue
            made.append(nodes.paragraph("", "", title))
            cited = cite_entries([library[key] for key in keys])
            made.append(raw(control(f"Cite the source: {name}", cited, name)))
        return made


def cite_entries(entries: Sequence[str]) -> dict[str, str]:
    """BibTeX entries in each format; BibTeX itself is unchanged."""
    items = read_csl(entries)
    return {
        "text": as_text(entries),
        "bibtex": "\n\n".join(entries),
        "ris": "\n".join(ris(item) for item in items),
        "csl": json.dumps(items, ensure_ascii=False, indent=2),
    }


def as_text(entries: Sequence[str]) -> str:
    """Entries in plain text, one a paragraph."""
    library = parse_string("\n".join(entries), "bibtex")
    style = find_plugin("pybtex.style.formatting", "plain")()
    formatted = style.format_entries(library.entries.values())
    return "\n\n".join(entry.text.render_as("text") for entry in formatted)
