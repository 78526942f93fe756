"""The whole book as one page of HTML, made from the pages of the site, for printing.

Folded code, buttons, forms and citation controls are left out, because they only work on a screen.
Links from page to page become links inside the book; outside links show their address. The articles
come from the pages of the site, not from Sphinx's singlehtml, which gives sections of the same name
in two chapters the same id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from tifa.util.errors import TifaError

#: Elements that are useless on paper.
SCREEN_ONLY = [
    "script",
    "template",
    "button",
    "form",
    "[hidden]",
    "[popover]",
    ".headerlink",
    ".findings-cite",
    ".tifa-byline a",
    ".tifa-take",
    ".tifa-anchor",
    ".tifa-explore",
    ".tifa-map summary",
    ".tx-hear",
    ".sd-container-fluid",
    ".tifa-values",
    "details.hide",  # folded code; the title page says where to find it
]
#: Millimetres on paper per point of a figure, so that its letters have about nine points.
SCALE = 0.29
#: A colour variable of the theme, with its fallback value.
_THEME_COLOUR = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")
#: References of a drawing to other parts of the page: url(#part), with or without quotes.
_URL = re.compile(r"""(url\(\s*["']?#)""")


@dataclass(frozen=True)
class Page:
    """A page of the book: its name, its level, and the part that it begins, if any."""

    name: str
    depth: int
    part: str = ""
    numbered: bool = False

    @property
    def anchor(self) -> str:
        """Its id in the printed page."""
        return self.name.replace("/", "-")


@dataclass(frozen=True)
class Heading:
    """A line of the table of contents."""

    anchor: str
    text: str
    level: int


def read_contents(path: Path) -> list[Page]:
    """Pages in the order of _toc.yml, starting with the front page."""
    toc = yaml.safe_load(path.read_text(encoding="utf-8"))
    pages = [Page(toc["root"], 0)]
    for part in toc.get("parts", [toc]):
        opens = str(part.get("caption", ""))
        for page in _chapters(part["chapters"], 0, bool(part.get("numbered"))):
            pages.append(Page(page.name, page.depth, opens, page.numbered))
            opens = ""
    return pages


def _chapters(entries: list[dict[str, Any]], depth: int, numbered: bool) -> Iterator[Page]:
    for entry in entries:
        yield Page(str(entry["file"]), depth, "", numbered)
        yield from _chapters(entry.get("sections", []), depth + 1, numbered)


@dataclass(frozen=True)
class Chapter:
    """A page of the book, ready for print."""

    anchor: str
    part: str
    html: str
    headings: list[Heading] = field(default_factory=list)


def read_chapter(site: Path, page: Page, pages: list[Page], base: str) -> Chapter:
    """Prepare a page of the site for print; the first of all ``pages`` is the front page.

    Without ``base``, the public address of the site, links to its files become plain text.
    """
    html = (site / f"{page.name}.html").read_text(encoding="utf-8")
    html = html.partition('<article class="bd-article')[2].partition(">")[2]
    html, end, _ = html.partition("</article>")
    if not end:
        raise TifaError("no <article class=bd-article>", where=site / f"{page.name}.html")
    article = BeautifulSoup(_THEME_COLOUR.sub(r"\1", html), "html.parser")
    for mark in article.select("button[data-entry]"):  # on paper a panel does not open
        mark.name, mark["href"] = "a", mark["data-entry"]
    _prefix(article, page.anchor)
    for fold in article.select("details.hide:has(figure, table)"):  # what is folded is printed
        fold.replace_with(*fold.select(".cell_output"))
    for selector in SCREEN_ONLY:
        for tag in article.select(selector):
            tag.decompose()
    for caption in article.select(".tifa-map > figcaption"):
        for part in list(caption.children):  # it explains something that only a script draws
            if not (isinstance(part, Tag) and "tifa-source" in (part.get("class") or [])):
                part.extract()
    for drawing in article.select("svg"):
        _name(drawing)
    for link in article.select("a:has(> img)"):  # to the picture alone
        link.unwrap()
    for image in article.select("img"):
        source = (site / page.name).parent / str(image["src"])
        image["src"] = source.resolve().as_uri()
    for link in article.select("a[href]"):
        _lead_inside(link, page, {p.name for p in pages}, base)
    headings = _headings(article, page, front=page is pages[0])
    return Chapter(page.anchor, page.part, str(article), headings)


def _headings(article: BeautifulSoup, page: Page, *, front: bool) -> list[Heading]:
    """Collect the headings, and adjust their level to the level of the page."""
    found = [Heading(page.anchor, page.part, 0)] if page.part else []
    for heading in article.select("h1, h2, h3, h4, h5"):
        level = int(heading.name[1])
        if level == 1:
            if front:  # the book's own title is on the title page
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
    """Turn a link into one inside the book, or show the address of an outside link."""
    href = str(link["href"])
    if href.startswith("#"):  # prefixed already
        return
    if urlsplit(href).scheme in ("http", "https", "mailto"):
        shown = href.removeprefix("https://").removeprefix("mailto:")
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


#: Attributes that refer to one or several ids of the same page.
_NAMING_IDS = ("aria-controls", "aria-describedby", "aria-labelledby", "for", "headers")


def _prefix(article: BeautifulSoup, anchor: str) -> None:
    """Make ids, and references to them, unique in the book."""
    for tag in article.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name == "id":
                tag[name] = f"{anchor}--{value}"
            elif name in _NAMING_IDS:
                ids = value if isinstance(value, list) else str(value).split()
                tag[name] = " ".join(f"{anchor}--{i}" for i in ids)
            elif name in ("href", "xlink:href"):
                # "#" alone is the top of the page
                if str(value).startswith("#") and value != "#":
                    tag[name] = f"#{anchor}--{str(value)[1:]}"
            elif isinstance(value, str) and "url(" in value:
                tag[name] = _URL.sub(rf"\1{anchor}--", value)
        if tag.name == "style" and tag.string:  # of a drawing
            tag.string = _URL.sub(rf"\1{anchor}--", tag.string)


def _name(drawing: Tag) -> None:
    """Move the description of a drawing to where PDF needs it, and set its size."""
    if drawing.get("aria-label"):
        drawing.insert(0, _tag("title", str(drawing["aria-label"])))
    box = str(drawing.get("viewbox") or drawing.get("viewBox") or "").split()
    for line in drawing.select("polyline"):  # WeasyPrint does not apply the style sheet to drawings
        line.attrs |= {"fill": "none", "stroke": "#b3372b", "stroke-width": "1.3"}
    if len(box) == 4 and drawing.find_parent("figure"):
        # the style sheet limits it to the width of the page
        drawing["style"] = f"width: {float(box[2]) * SCALE:.1f}mm"
