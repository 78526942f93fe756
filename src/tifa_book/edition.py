"""The PDF edition: the whole book in one file, linked from the pages.

TIFA_PDF=1 switches it on (`make pdf`). Otherwise no page links to the file, and the file of an
earlier build is removed, so that the site never offers an outdated edition.
"""

from __future__ import annotations

import logging as python_logging
import os
import subprocess
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.citation import Item, Work, plain
from sphinx_findings.imprint import the_date, the_work

import tifa
from tifa.util.errors import TifaError
from tifa_book.edition_page import read_chapter, read_contents
from tifa_book.markup import render

NAME = "shanghai-spirit.pdf"
LABEL = "The whole book as PDF"
#: File name, which the site also gives as the address of the whole book.
FRONT = "book/index.html"
#: The style sheet.
STYLE = Path(__file__).parent / "templates" / "edition.css"
PRINTER = python_logging.getLogger("weasyprint")
logger = logging.getLogger(__name__)


class pending_edition(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Where a page mentions the edition."""


class EditionDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [pending_edition()]


class NameEdition(SphinxPostTransform):
    """Link the edition if it is made, otherwise say how to make it."""

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
    base = app.config.html_baseurl
    front = title_page(the_work(app), the_date(app), base)
    out.write_bytes(make_edition(Path(app.outdir), Path(app.srcdir) / "_toc.yml", front, base=base))


def check_printer() -> None:
    """Refuse to print where WeasyPrint or its libraries are missing, saying what to install."""
    try:
        import weasyprint  # noqa: F401, PLC0415
    except ImportError:
        raise TifaError("the PDF is printed by WeasyPrint: pip install weasyprint") from None
    except OSError as error:
        raise TifaError(
            f"WeasyPrint, which prints the PDF, needs Pango ({error}): install libpangoft2-1.0-0"
        ) from None


def make_edition(site: Path, toc: Path, front: dict[str, Any], *, base: str) -> bytes:
    """Make the PDF of a built site, tagged for screen readers (PDF/UA-1).

    ``toc`` is the _toc.yml that it was built by; work, date of the source and public address are
    for the title page.
    """
    # imported here, because it loads font libraries that other builds do not need
    from weasyprint import CSS, HTML  # noqa: PLC0415

    for name in ("", ".progress"):  # it logs each step, and each style that it ignores
        python_logging.getLogger(f"weasyprint{name}").setLevel(python_logging.ERROR)
    if not any(isinstance(handler, _Warn) for handler in PRINTER.handlers):
        PRINTER.addHandler(_Warn())
    if not has_chinese():
        logger.warning("no font with Chinese characters on this machine: install fonts-noto-cjk")
    pages = read_contents(toc)
    chapters = [read_chapter(site, page, pages, base) for page in pages]
    html = render("edition.html", chapters=chapters, **front)
    style = CSS(string=STYLE.read_text(encoding="utf-8"))
    made: bytes = HTML(string=html).write_pdf(
        stylesheets=[style], pdf_variant="pdf/ua-1", finisher=finish
    )
    return made


def finish(document: Any, pdf: Any) -> None:
    """Do what PDF/UA asks and WeasyPrint leaves out.

    A header cell says whether it is that of a column or of a row. A link is one link: WeasyPrint
    makes another of each element inside it, and each would be read out. And it is there in print.
    """

    def get(reference: bytes) -> Any:
        return pdf.objects[int(reference.split()[0])]

    def above(element: Any) -> list[str]:
        """The tags around an element, from the inside out."""
        found = []
        while parent := element.get("P"):
            element = get(parent)
            found.append(element.get("S"))
        return found

    doubled: set[bytes] = set()
    elements = [e for e in pdf.objects if isinstance(e, dict)]
    for element in (e for e in elements if e.get("Type") == "/StructElem"):
        if element["S"] == "/TH":
            column = above(element)[1] == "/THead"
            element["A"]["Scope"] = "/Column" if column else "/Row"
        if "/Link" in above(element):
            inside = [k for k in element["K"] if isinstance(k, bytes) and "Obj" in get(k)]
            doubled.update(get(kid)["Obj"] for kid in inside)
            element["K"] = type(element["K"])(k for k in element["K"] if k not in inside)
    for page in (e for e in elements if "Annots" in e):
        page["Annots"] = type(page["Annots"])(a for a in page["Annots"] if a not in doubled)
        for annotation in page["Annots"]:
            get(annotation)["F"] = 4


class _Warn(python_logging.Handler):
    """Turns errors of WeasyPrint, such as a broken link or missing alt text, into warnings."""

    def emit(self, record: python_logging.LogRecord) -> None:
        logger.warning("%s: %s", NAME, record.getMessage())


def has_chinese() -> bool:
    """Whether an installed font has Chinese characters; True if fontconfig is missing."""
    try:
        command = ["fc-list", ":lang=zh", "family"]
        return bool(subprocess.run(command, capture_output=True, check=True).stdout.strip())
    except (OSError, subprocess.CalledProcessError):
        return True


def title_page(work: Work, date: str, base: str) -> dict[str, Any]:
    """Values for the title page and the properties of the file."""
    title, _, subtitle = work.title.partition(": ")
    return {
        "work": work,
        "authors": "; ".join(a.inverted for a in work.authors),
        "about": " ".join(work.abstract.split()),
        "date": date,
        "base": base,
        "repository": os.environ.get("TIFA_REPOSITORY_URL", ""),
        "title": title,
        "subtitle": subtitle[:1].upper() + subtitle[1:],
        "zh": tifa.phrasebook().entry("shanghai-spirit").zh,
        "cited": plain(work, Item("work", "", url=base and f"{base}{FRONT}", date=date)),
    }
