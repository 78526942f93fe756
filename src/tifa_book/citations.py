"""What every citation on the site shares: the work, its date, the addresses, the look.

The work is CITATION.cff in one state of the source: a release has the date of the release,
another state names its commit and has the date of that (:mod:`tifa_book.source`). All of it is a
setting of the builder, so that a change of it has every page written anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from docutils import nodes
from pybtex.database import parse_string
from pybtex.plugin import find_plugin
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.publish.citation import Item, Work, bibtex, csl, plain, read_work
from tifa.publish.ris import ris
from tifa_book.bibliography import read_csl, verbatim
from tifa_book.dependencies import depend
from tifa_book.markup import raw, render
from tifa_book.source import read_source

#: Format to its label and the ending of its file; plain text is only copied.
FORMATS = {"text": "Text", "bibtex": "BibTeX", "ris": "RIS", "csl": "CSL-JSON"}
ENDINGS = {"bibtex": "bib", "ris": "ris", "csl": "json"}

logger = logging.getLogger(__name__)


def the_work(app: Sphinx) -> Work:
    """The work in the state that is built."""
    work = read_work(Path(app.srcdir) / "CITATION.cff")
    return replace(work, state=app.config.tifa_imprint["state"])


def the_date(app: Sphinx) -> str:
    """ISO date of the release, else of the source; empty where it is not known."""
    return str(app.config.tifa_imprint["date"])


def address(app: Sphinx, page: str, anchor: str = "") -> str:
    """Public address of a page; empty where the site's is not set."""
    base = app.config.html_baseurl
    if not base:
        return ""
    return f"{base.rstrip('/')}/{page}.html{'#' + anchor if anchor else ''}"


def cite_finding(app: Sphinx, finding: dict[str, Any], page: str, anchor: str) -> Item:
    return Item(
        "finding",
        finding["statement"],
        key=finding["id"],
        number=finding["id"],
        url=address(app, page, anchor),
        date=the_date(app),
    )


def citations(work: Work, item: Item, formats: tuple[str, ...] = tuple(FORMATS)) -> dict[str, str]:
    """Format to the citation in it."""
    made = {
        "text": plain(work, item),
        "bibtex": bibtex(work, item),
        "ris": ris(csl(work, item)),
        "csl": json.dumps([csl(work, item)], ensure_ascii=False, indent=2),
    }
    return {name: made[name] for name in formats}


def control(summary: str, made: dict[str, str], file: str, id: str = "") -> str:
    """A fold that opens on citations, each to be copied or kept as a file.

    It opens and closes, and every citation can be selected, without any script.
    """
    rows = [(FORMATS[name], ENDINGS.get(name, ""), text) for name, text in made.items()]
    return render("citations.html", summary=summary, made=rows, file=file, id=id)


def set_imprint(app: Sphinx, config: Config) -> None:
    root = Path(app.srcdir)
    work, source = read_work(root / "CITATION.cff"), read_source(root)
    about = work.version, work.released
    config.tifa_imprint = {
        "work": repr(work),
        "state": source.state(*about),
        "date": source.date(*about),
        "modified": source.day or source.date(*about),
        "address": os.environ.get("TIFA_SITE_URL", ""),
        "commit": source.commit + (", with changes" if source.changed else ""),
    }


class CitationDirective(SphinxDirective):
    """The citation of the whole work, in text and BibTeX."""

    def run(self) -> list[nodes.Node]:
        app = self.env.app
        depend(self.env, "imprint")
        item = Item("work", "", url=address(app, "book/index"), date=the_date(app))
        made = citations(the_work(app), item)
        return [raw(control("", made, "shanghai-spirit"))]


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
    """Format to what BibTeX entries say in it; BibTeX itself stays as it is."""
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
