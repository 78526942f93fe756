"""The PDF edition: the whole book in one file, beside the pages and linked from them.

TIFA_PDF=1 asks for it (`make pdf`). Without it no page links to the file, and one that an earlier
build has left is removed: the site never carries the edition of another state of the book.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.publish.citation import Item, Work
from tifa_book.citing import citations, the_date, the_work
from tifa_book.print_html import Book, read_contents
from tifa_book.print_pdf import finish, print_book

NAME = "shanghai-spirit.pdf"
LABEL = "The whole book as PDF"
logger = logging.getLogger(__name__)


class pending_edition(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """The place where a page names the edition."""


class EditionDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [pending_edition()]


class NameEdition(SphinxPostTransform):
    """Link the edition where it is made; elsewhere say how to make it."""

    default_priority = 400

    def run(self, **_: Any) -> None:
        for node in list(self.document.findall(pending_edition)):
            line = nodes.paragraph()
            if self.config.tifa_edition:
                up = "../" * self.env.docname.count("/")
                line += nodes.reference("", LABEL, refuri=f"{up}{NAME}", internal=True)
                line += nodes.Text(": one file, with contents and page numbers, without the code.")
            else:
                line += nodes.Text("The whole book as one PDF, without the code: ")
                line += nodes.literal("", "make pdf")
                line += nodes.Text(".")
            node.replace_self(line)


def set_edition(app: Sphinx, config: Config) -> None:
    config.tifa_edition = os.environ.get("TIFA_PDF", "") not in ("", "0")


def tell_templates(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    if app.config.tifa_edition:
        context["tifa_edition"] = {"name": NAME, "label": LABEL}


def write_edition(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    out = Path(app.outdir) / NAME
    if not app.config.tifa_edition:
        out.unlink(missing_ok=True)
        return
    logger.info("printing %s", NAME)
    made = make_edition(
        Path(app.outdir),
        Path(app.srcdir) / "_toc.yml",
        the_work(app),
        date=the_date(app),
        base=app.config.html_baseurl,
        folder=Path(app.outdir).parent / "print",
    )
    out.write_bytes(made)


def make_edition(site: Path, toc: Path, work: Work, *, date: str, base: str, folder: Path) -> bytes:
    """The PDF of a built site.

    Parameters
    ----------
    site, toc
        The site, and the _toc.yml that it was built by.
    work, date, base
        What the title page says: the work, the date of its source, its public address.
    folder
        For what is made on the way.

    """
    title_page = _title_page(work, date, base)
    book = Book(site, read_contents(toc), title=work.short_title, title_page=title_page, base=base)
    pdf = print_book(book.html, [h.anchor for h in book.headings], folder)
    facts = {
        "Title": work.title,
        "Author": "; ".join(a.inverted for a in work.authors),
        "Subject": " ".join(work.abstract.split()),
        "Keywords": ", ".join(work.keywords),
    }
    return finish(pdf, facts, date)


def _title_page(work: Work, date: str, base: str) -> str:
    title, _, subtitle = work.title.partition(": ")
    zh = tifa.phrasebook().entry("shanghai-spirit").zh
    repository = os.environ.get("TIFA_REPOSITORY_URL", "")
    code = "folded, on the pages of the site" + (f" ({_link(base)})" if base else "")
    code += ", and in the folder notebooks of the repository"
    code += f" ({_link(repository)})" if repository else ""
    cited = citations(work, Item("work", "", url=base, date=date), ("text",))["text"]
    imprint = [
        f"Version {escape(work.version)}{f', source of {escape(date)}' if date else ''}. "
        "PDF edition of the site.",
        f"The code of the chapters is not printed here. It stands {code}. "
        "What answers while you type or point, the phrase explorer above all, is on the site.",
        "Every number was computed when the book was built.",
        f"Cite as: {escape(cited)}",
        "Prose and figures: CC BY 4.0. Code: MIT. Features of the UN corpus: CC0.",
    ]
    return (
        f'<p class="title">{escape(title)}</p><p class="zh" lang="zh-Hans">{escape(zh)}</p>'
        f'<p class="subtitle">{escape(subtitle[:1].upper() + subtitle[1:])}</p>'
        f'<p class="authors">{escape(work.byline)}</p>'
        f'<div class="imprint">{"".join(f"<p>{line}</p>" for line in imprint)}</div>'
    )


def _link(address: str) -> str:
    shown = address.removeprefix("https://").rstrip("/")
    return f'<a href="{escape(address)}">{escape(shown)}</a>'
