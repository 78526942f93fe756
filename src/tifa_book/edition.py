"""The PDF edition: the whole book in one file, linked from the pages.

The PDF is made only if TIFA_PDF=1 (`make pdf`). Otherwise no page links to it, and the PDF of an
earlier build is removed, because it would be outdated.

What works only on a screen (folded code, buttons, forms, citation controls) is left out. Links from
page to page become links inside the book; outside links show their address. The text is taken from
the pages of the site. Sphinx's builder singlehtml is not used, because with it, sections of the
same name in two chapters get the same id.
"""

from __future__ import annotations

import logging as python_logging
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx_findings.citation import Item, Work, plain
from sphinx_findings.imprint import the_date, the_work

import tifa
from tifa.util.errors import TifaError
from tifa_book import render

NAME = "shanghai-spirit.pdf"
LABEL = "The whole book as PDF"
STYLE = Path(__file__).parent / "templates" / "edition.css"
PRINTER = python_logging.getLogger("weasyprint")
logger = logging.getLogger(__name__)


def set_edition(app: Sphinx, config: Config) -> None:
    config.tifa_edition = os.environ.get("TIFA_PDF", "") not in ("", "0")
    if config.tifa_edition:
        app.tags.add("edition")  # pages mention the PDF only with this tag


def tell_templates(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Pass file name and label of the PDF to the templates of pages, if a PDF is made."""
    if app.config.tifa_edition:
        context["tifa_edition"] = {"name": NAME, "label": LABEL}


def write_edition(app: Sphinx) -> None:
    """Write the PDF next to the pages if it is wanted; otherwise remove an earlier build's PDF."""
    out = Path(app.outdir) / NAME
    if not app.config.tifa_edition:
        out.unlink(missing_ok=True)
        return
    logger.info("printing %s", NAME)
    base = app.config.html_baseurl
    front = title_page(the_work(app), the_date(app), base)
    out.write_bytes(make_edition(Path(app.outdir), Path(app.srcdir) / "_toc.yml", front, base=base))


def check_printer() -> None:
    """Raise TifaError if WeasyPrint or a library that it needs is missing."""
    try:
        import weasyprint  # noqa: F401, PLC0415
    except ImportError:
        raise TifaError("the PDF is printed by WeasyPrint: pip install weasyprint") from None
    except OSError as error:
        raise TifaError(
            f"WeasyPrint, which prints the PDF, needs Pango ({error}): install libpangoft2-1.0-0"
        ) from None


def make_edition(site: Path, toc: Path, front: dict[str, Any], *, base: str) -> bytes:
    """Make the PDF of a built site, accessible to screen readers (PDF/UA-1).

    ``toc`` is the site's _toc.yml; ``front`` has the values for the title page; ``base`` is the
    public address of the site, or "" if it has none.
    """
    # imported here, because WeasyPrint loads font libraries that other builds do not need
    from weasyprint import CSS, HTML  # noqa: PLC0415

    for name in ("", ".progress"):  # WeasyPrint would log each step and each ignored style
        python_logging.getLogger(f"weasyprint{name}").setLevel(python_logging.ERROR)
    if not any(isinstance(handler, _Warn) for handler in PRINTER.handlers):
        PRINTER.addHandler(_Warn())
    if not has_chinese():
        logger.warning("no font with Chinese characters on this machine: install fonts-noto-cjk")
    pages = read_contents(toc)
    chapters = [read_printed(site, page, pages, base) for page in pages]
    book = HTML(string=render("edition.html", chapters=chapters, **front))
    styles = [CSS(string=STYLE.read_text(encoding="utf-8"))]
    made: bytes = book.write_pdf(stylesheets=styles, pdf_variant="pdf/ua-1", finisher=finish)
    return made


def finish(document: Any, pdf: Any) -> None:
    """Correct the PDF that WeasyPrint has made, so that it meets PDF/UA.

    Header cells of tables get a scope: column or row. If a link contains elements, WeasyPrint makes
    a further link for each of these elements; the further links are removed, because screen readers
    would read all of them out. All annotations are marked as printable.
    """

    def get(reference: bytes) -> Any:
        return pdf.objects[int(reference.split()[0])]

    def above(element: Any) -> list[str]:
        """Return the tags of the elements around an element, starting with the innermost."""
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
    """Turns WeasyPrint errors, such as a missing alt text, into Sphinx warnings."""

    def emit(self, record: python_logging.LogRecord) -> None:
        logger.warning("%s: %s", NAME, record.getMessage())


def has_chinese() -> bool:
    """Return whether a font with Chinese characters is installed; True if fc-list cannot tell."""
    try:
        command = ["fc-list", ":lang=zh", "family"]
        return bool(subprocess.run(command, capture_output=True, check=True).stdout.strip())
    except (OSError, subprocess.CalledProcessError):
        return True


def title_page(work: Work, date: str, base: str) -> dict[str, Any]:
    """Return the values for the title page and for the properties of the PDF file."""
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
        "cited": plain(work, Item("work", "", url=base and f"{base}book/index.html", date=date)),
    }


# --- the book as one page of HTML ---------------------------------------------------------


#: CSS selectors of elements that have no use on paper.
SCREEN_ONLY = [
    *("script", "template", "button", "form", "[hidden]", "[popover]", ".headerlink"),
    *(".findings-cite", ".tifa-byline a", ".tifa-take", ".tifa-anchor", ".tifa-explore"),
    *(".tifa-map summary", ".tx-hear", ".sd-container-fluid", ".tifa-values", ".tifa-settings"),
    "details.hide",  # folded code; the title page says where to find it
    "figure:has(.only-dark)",  # a picture for the dark theme; paper has the light one
]
#: Millimetres on paper per point of a figure. Letters in figures are then about nine points high.
SCALE = 0.29
#: Matches a colour variable of the theme in CSS; the group is its fallback value.
THEME_COLOUR = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")
#: Matches the beginning of url(#part), which refers to a part of the same page.
_URL = re.compile(r"""(url\(\s*["']?#)""")


@dataclass(frozen=True)
class Page:
    """A page of the book.

    ``depth`` is its level in the table of contents, from 0. ``part`` is the title of the part of
    the book that begins with this page; it is empty if no part begins here.
    """

    name: str
    depth: int
    part: str = ""
    numbered: bool = False

    @property
    def anchor(self) -> str:
        """The id of this page in the whole book."""
        return self.name.replace("/", "-")


def read_contents(path: Path) -> list[Page]:
    toc = yaml.safe_load(path.read_text(encoding="utf-8"))
    pages = [Page(toc["root"], 0)]
    for part in toc.get("parts", [toc]):
        opens = str(part.get("caption", ""))
        for name, depth in _chapters(part["chapters"], 0):
            pages.append(Page(name, depth, opens, bool(part.get("numbered"))))
            opens = ""
    return pages


def _chapters(entries: list[dict[str, Any]], depth: int) -> Iterator[tuple[str, int]]:
    for entry in entries:
        yield str(entry["file"]), depth
        yield from _chapters(entry.get("sections", []), depth + 1)


class Heading(NamedTuple):
    anchor: str
    text: str
    level: int


class PrintedPage(NamedTuple):
    """A page of the book, prepared for print."""

    anchor: str
    part: str
    html: str
    headings: list[Heading]


def read_printed(site: Path, page: Page, pages: list[Page], base: str) -> PrintedPage:
    """Prepare a page of the site for print.

    ``pages`` are all pages of the book, the front page first; ``base`` is the public address of the
    site. Without ``base``, links to files of the site that are not pages of the book become plain
    text. Raises TifaError if the HTML of the page has no article.
    """
    html = (site / f"{page.name}.html").read_text(encoding="utf-8")
    html = html.partition('<article class="bd-article')[2].partition(">")[2]
    html, end, _ = html.partition("</article>")
    if not end:
        raise TifaError("no <article class=bd-article>", where=site / f"{page.name}.html")
    article = BeautifulSoup(THEME_COLOUR.sub(r"\1", html), "html.parser")
    # panels cannot open on paper, so link to the entry in the ledger instead
    for mark in article.select("button[data-entry]"):
        mark.name, mark["href"] = "a", mark["data-entry"]
    _prefix(article, page.anchor)
    # collapsed cells cannot be opened on paper: print their figures and tables, without the code
    for fold in article.select("details.hide:has(figure, table)"):
        fold.replace_with(*fold.select(".cell_output"))
    for selector in SCREEN_ONLY:
        for tag in article.select(selector):
            tag.decompose()
    for caption in article.select(".tifa-map > figcaption"):
        for part in list(caption.children):  # other parts explain a map that only a script draws
            if not (isinstance(part, Tag) and "tifa-source" in (part.get("class") or [])):
                part.extract()
    for drawing in article.select("svg"):
        _name(drawing)
    for link in article.select("a:has(> img)"):  # such a link opens only the same picture
        link.unwrap()
    for image in article.select("img"):
        image["src"] = (site / page.name).parent.joinpath(str(image["src"])).resolve().as_uri()
    for link in article.select("a[href]"):
        _lead_inside(link, page, {p.name for p in pages}, base)
    headings = _headings(article, page, front=page is pages[0])
    return PrintedPage(page.anchor, page.part, str(article), headings)


def _headings(article: BeautifulSoup, page: Page, *, front: bool) -> list[Heading]:
    """Fit the levels of headings into the whole book; return those for its table of contents."""
    found = [Heading(page.anchor, page.part, 0)] if page.part else []
    for heading in article.select("h1, h2, h3, h4, h5"):
        level = int(heading.name[1])
        if level == 1:
            if front:  # its heading is the title of the book, which the title page already has
                heading.string = "In short"
            heading["class"] = "page-title"
            found.append(Heading(page.anchor, _words(heading), 1 + page.depth))
        elif level == 2 and page.numbered:
            section = heading.find_parent("section")
            if section is not None and section.get("id"):
                found.append(Heading(str(section["id"]), _words(heading), 2))
        heading.name = f"h{min(level + page.depth, 6)}"
    return found


def _tag(name: str, text: str, attributes: dict[str, str] | None = None) -> Tag:
    tag = BeautifulSoup("", "html.parser").new_tag(name, attrs=attributes or {})
    tag.string = text
    return tag


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _lead_inside(link: Tag, page: Page, names: set[str], base: str) -> None:
    """Adapt a link to print.

    A link to a page of the book becomes a link inside the book. A link to another site is followed
    by its address, unless its text contains the address. A link to another file of this site, or to
    a page with a query (``?q=``), gets the public address; if the site has none, the link becomes
    plain text.
    """
    href = str(link["href"])
    if href.startswith("#"):  # a link within the page, which _prefix has already changed
        return
    if urlsplit(href).scheme in ("http", "https", "mailto"):
        shown = re.sub("^(https://|mailto:)", "", href)
        bare = re.sub(r"^(https?://(dx\.)?(doi\.org/)?|mailto:)", "", href).rstrip("/")
        if bare not in "".join(link.get_text().split()):
            link.append(_tag("span", f" ({shown})", {"class": "address"}))
        return
    target, anchor = urldefrag(urljoin(f"/{page.name}", href))
    name = target.partition("?")[0].lstrip("/").removesuffix(".html")
    if name in names and "?" not in href:
        place = name.replace("/", "-")
        link["href"] = f"#{place}--{anchor}" if anchor else f"#{place}"
    elif base:
        link["href"] = urljoin(f"{base.rstrip('/')}/{page.name}", href)
    else:
        link.unwrap()


#: HTML attributes that refer to one or several ids of the same page.
_NAMING_IDS = ("aria-controls", "aria-describedby", "aria-labelledby", "for", "headers")


def _prefix(article: BeautifulSoup, anchor: str) -> None:
    """Put a prefix before the ids of a page and before references to them, to make them unique."""
    for tag in article.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name == "id" or name in _NAMING_IDS:
                ids = value if isinstance(value, list) else str(value).split()
                tag[name] = " ".join(f"{anchor}--{i}" for i in ids)
            elif name in ("href", "xlink:href"):
                # "#" alone is the top of the page
                tag[name] = re.sub("^#(?=.)", f"#{anchor}--", str(value))
            elif isinstance(value, str):
                tag[name] = _URL.sub(rf"\1{anchor}--", value)
        if tag.name == "style" and tag.string:  # styles in drawings refer to ids too
            tag.string = _URL.sub(rf"\1{anchor}--", tag.string)


def _name(drawing: Tag) -> None:
    """Copy the label of a drawing into a <title> for WeasyPrint.

    Lines also get their style, and drawings in figures their size.
    """
    if drawing.get("aria-label"):
        drawing.insert(0, _tag("title", str(drawing["aria-label"])))
    box = str(drawing.get("viewbox") or drawing.get("viewBox") or "").split()
    for line in drawing.select("polyline"):  # WeasyPrint does not apply the style sheet to drawings
        line.attrs |= {"fill": "none", "stroke": "#b3372b", "stroke-width": "1.3"}
    if len(box) == 4 and drawing.find_parent("figure"):
        # the style sheet limits this to the width of the page
        drawing["style"] = f"width: {float(box[2]) * SCALE:.1f}mm"
