"""How to cite the source of each corpus: from its overlay and references.bib."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from pybtex.database import BibliographyData, parse_file
from pybtex.plugin import find_plugin
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa_book.citing import control

logger = logging.getLogger(__name__)


class CorpusCitations(SphinxDirective):
    """A paragraph and a fold of citations for each corpus."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "book" / "references.bib"
        self.env.note_dependency(str(path))
        pages = self.env.__dict__.setdefault("tifa_data_pages", set())
        pages.add(self.env.docname)
        library = parse_file(str(path), "bibtex")
        made: list[nodes.Node] = []
        for name in tifa.corpora():
            overlay = tifa.load(name).about
            keys = [key.strip() for key in overlay.citation.split(",")]
            missing = [key for key in keys if key not in library.entries]
            if missing:
                logger.warning(
                    "corpus %s: no %s in %s", name, missing, path, location=self.env.docname
                )
                continue
            entries = BibliographyData({key: library.entries[key] for key in keys})
            made.append(nodes.paragraph("", "", nodes.strong("", overlay.title + ".")))
            texts = {"text": as_text(entries), "bibtex": entries.to_string("bibtex").strip()}
            made.append(
                nodes.raw("", control(f"Cite the source: {name}", texts, name), format="html")
            )
        return made


def as_text(entries: BibliographyData) -> str:
    """Entries in plain text, one a paragraph."""
    style = find_plugin("pybtex.style.formatting", "plain")()
    formatted = style.format_entries(entries.entries.values())
    return "\n\n".join(entry.text.render_as("text") for entry in formatted)
