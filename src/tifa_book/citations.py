"""What every citation on the site shares: the work, its date, the addresses, the look.

The work is CITATION.cff. The date is SOURCE_DATE_EPOCH, else the day of the last commit, else
that of the release; where none is known there is none. All of it is a setting of the builder,
so that a change of it has every page written anew.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docutils import nodes
from pybtex.database import BibliographyData, parse_file
from pybtex.plugin import find_plugin
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.publish.citation import Item, Work, bibtex, csl, plain, read_work, ris
from tifa_book.dependencies import depend
from tifa_book.markup import raw, render

#: Format to its label and the ending of its file; plain text is only copied.
FORMATS = {"text": "Text", "bibtex": "BibTeX", "ris": "RIS", "csl": "CSL-JSON"}
ENDINGS = {"bibtex": "bib", "ris": "ris", "csl": "json"}

logger = logging.getLogger(__name__)


def the_work(app: Sphinx) -> Work:
    return read_work(Path(app.srcdir) / "CITATION.cff")


def the_date(app: Sphinx) -> str:
    """ISO date of the source; empty where it is not known."""
    return str(app.config.tifa_imprint["date"])


def source_date(root: Path, released: str) -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    epoch = epoch or git(root, "log", "-1", "--format=%ct")
    # 0 is what the Makefile says where there is no history
    return (
        datetime.fromtimestamp(int(epoch), UTC).date().isoformat() if int(epoch or 0) else released
    )


def git(root: Path, *asked: str) -> str:
    """What git says of the source; empty where it is not a checkout."""
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), *asked]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def the_commit(root: Path) -> str:
    """The commit that is built; said where files differ from it."""
    commit = git(root, "rev-parse", "HEAD")
    changed = commit and git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}, with changes" if changed else commit


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
        "ris": ris(work, item),
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
    work = the_work(app)
    config.tifa_imprint = {
        "work": repr(work),
        "date": source_date(Path(app.srcdir), work.released),
        "address": os.environ.get("TIFA_SITE_URL", ""),
        "commit": the_commit(Path(app.srcdir)),
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
        library = parse_file(str(path), "bibtex")
        made: list[nodes.Node] = []
        for name in tifa.corpora():
            overlay = tifa.load(name).about
            title = nodes.strong("", overlay.title + ".")
            if overlay.citation == "none":
                source = f" Source: {overlay.source.strip()}; no publication to cite."
                made.append(nodes.paragraph("", "", title, nodes.Text(source)))
                continue
            keys = [key.strip() for key in overlay.citation.split(",")]
            missing = [key for key in keys if key not in library.entries]
            if missing:
                logger.warning(
                    "corpus %s: no %s in %s", name, missing, path, location=self.env.docname
                )
                continue
            entries = BibliographyData({key: library.entries[key] for key in keys})
            made.append(nodes.paragraph("", "", title))
            texts = {"text": as_text(entries), "bibtex": entries.to_string("bibtex").strip()}
            made.append(raw(control(f"Cite the source: {name}", texts, name)))
        return made


def as_text(entries: BibliographyData) -> str:
    """Entries in plain text, one a paragraph."""
    style = find_plugin("pybtex.style.formatting", "plain")()
    formatted = style.format_entries(entries.entries.values())
    return "\n\n".join(entry.text.render_as("text") for entry in formatted)
