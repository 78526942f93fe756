"""The whole book as one page of HTML, made from the built site for printing.

What only a screen can use goes: folds of code, buttons, forms, citation controls. Links from page
to page become links inside the book; outside links show their address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, NavigableString, Tag

from tifa.util.errors import TifaError

STYLE = Path(__file__).parent / "print.css"
#: What has no use on paper.
SCREEN_ONLY = [
    "script",
    "template",
    "noscript",
    "button",
    "form",
    "[hidden]",
    ".headerlink",
    ".tifa-cite",
    ".tifa-take",
    ".tifa-anchor",
    ".tifa-explore",
    ".tifa-screen",
    ".tx-hear",
    ".sd-container-fluid",
    "details.hide",  # folded code: the title page says where it is
]
#: Millimetres on paper of a point of a figure: its letters come out at some nine points.
SCALE = 0.29
#: What a drawing takes from elsewhere in the page: url(#part), with or without quotes.
_URL = re.compile(r"""(url\(\s*["']?#)""")
_CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]+")


@dataclass(frozen=True)
class Page:
    """A page of the book: its name, how deep it stands, the part that it opens, if any."""

    name: str
    depth: int
    part: str = ""
    numbered: bool = False

    @property
    def anchor(self) -> str:
        """Its id in the one page."""
        return self.name.replace("/", "-")


@dataclass(frozen=True)
class Heading:
    """A line of the contents."""

    anchor: str
    text: str
    level: int


def read_contents(path: Path) -> list[Page]:
    """Pages in the order of _toc.yml, the front page first."""
    toc = yaml.safe_load(path.read_text(encoding="utf-8"))
    pages = [Page(toc["root"], 0)]
    for part in toc["parts"]:
        opens = str(part["caption"])
        for page in _chapters(part["chapters"], 0, bool(part.get("numbered"))):
            pages.append(Page(page.name, page.depth, opens, page.numbered))
            opens = ""
    return pages


def _chapters(entries: list[dict], depth: int, numbered: bool) -> Iterator[Page]:
    for entry in entries:
        yield Page(str(entry["file"]), depth, "", numbered)
        yield from _chapters(entry.get("sections", []), depth + 1, numbered)


class Book:
    """The one page, in the making.

    Parameters
    ----------
    site
        The built site.
    pages
        Its pages in their order.
    title_page
        Markup of the title page.
    base
        Public address of the site; without it links to its files are plain words.

    """

    def __init__(self, site: Path, pages: list[Page], *, title: str, title_page: str, base: str):
        self.site = site
        self.pages = pages
        self.title = title
        self.title_page = title_page
        self.base = base
        self.headings: list[Heading] = []
        self.heads: dict[str, str] = {}
        self.names = {page.name for page in pages}
        self.body = "\n".join(map(self._chapter, pages))

    def html(self, numbers: Mapping[str, int]) -> str:
        """The page, with the number of the sheet that each heading stands on."""
        css = STYLE.read_text(encoding="utf-8") + "\n".join(map(self._running_head, self.pages))
        return (
            f'<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
            f"<title>{escape(self.title)}</title><style>{css}</style></head><body>"
            f'<section class="title-page">{self.title_page}</section>'
            f"{self._contents(numbers)}{self.body}<script>{_FIT}</script></body></html>"
        )

    def _running_head(self, page: Page) -> str:
        """A chapter's own pages, which bear its title."""
        said = self.heads[page.name].replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
        return (
            f'@page {page.anchor} {{ @top-left {{ content: "{said}" }} }}\n'
            f"#{page.anchor} {{ page: {page.anchor} }}"
        )

    def _contents(self, numbers: Mapping[str, int]) -> str:
        lines = "".join(
            f'<li class="level-{h.level}"><a href="#{h.anchor}"><span class="entry">'
            f'{escape(h.text)}</span><span class="leader"></span>'
            f'<span class="number">{numbers.get(h.anchor, 0) or "000"}</span></a></li>'
            for h in self.headings
        )
        return f'<nav class="contents"><h1 id="contents">Contents</h1><ul>{lines}</ul></nav>'

    def _chapter(self, page: Page) -> str:
        html = (self.site / f"{page.name}.html").read_text(encoding="utf-8")
        html = html.partition('<article class="bd-article')[2].partition(">")[2]
        html, end, _ = html.partition("</article>")
        if not end:
            raise TifaError("no <article class=bd-article>", where=self.site / f"{page.name}.html")
        article = BeautifulSoup(html, "html.parser")
        _prefix(article, page.anchor)
        for drawn in article.select(".tifa-map"):
            _without_drawing(drawn)
        for selector in SCREEN_ONLY:
            for tag in article.select(selector):
                tag.decompose()
        for fold in article.select("details"):
            fold["open"] = ""
        for code in article.select("pre, code, dt.sig"):
            # the colours of code, and a thousand tags with them
            code.string = "".join(code.strings)
        for drawing in article.select("figure svg"):
            _natural_size(drawing)
        for image in article.select("img"):
            image["src"] = (self.site / page.name).parent.joinpath(image["src"]).resolve().as_uri()
        for link in article.select("a[href]"):
            self._link(link, page)
        for text in list(article.find_all(string=_CHINESE)):
            _mark_chinese(text)
        self._read_headings(article, page)
        part = f'<p class="part">{escape(page.part)}</p>' if page.part else ""
        return f'<section class="chapter" id="{page.anchor}">{part}{article}</section>'

    def _read_headings(self, article: BeautifulSoup, page: Page) -> None:
        """Note the headings, and set them as deep as the page stands in the book."""
        if page.part:
            self.headings.append(Heading(page.anchor, page.part, 0))
        for heading in article.select("h1, h2, h3, h4, h5"):
            level = int(heading.name[1])
            text = " ".join(heading.get_text().split())
            if level == 1:
                if page.name == self.pages[0].name:
                    # the book's own title stands on the title page
                    text = "In short"
                    heading.string = text
                self.heads[page.name] = text
                self.headings.append(Heading(page.anchor, text, 1 + page.depth))
            elif level == 2 and page.numbered:
                section = heading.find_parent("section")
                if section is not None and section.get("id"):
                    self.headings.append(Heading(section["id"], text, 2))
            heading.name = f"h{min(level + page.depth, 6)}"

    def _link(self, link: Tag, page: Page) -> None:
        href = link["href"]
        if href.startswith("#"):  # prefixed already
            return
        if urlsplit(href).scheme in ("http", "https", "mailto"):
            said = "".join(link.get_text().split())
            bare = re.sub(r"^(https?://(dx\.)?(doi\.org/)?|mailto:)", "", href).rstrip("/")
            if bare not in said:
                shown = href.removeprefix("https://").removeprefix("mailto:")
                address = BeautifulSoup(
                    f'<span class="address"> ({escape(shown)})</span>', "html.parser"
                )
                link.append(address)
            return
        target, anchor = urldefrag(urljoin(f"/{page.name}", href))
        name = target.partition("?")[0].lstrip("/").removesuffix(".html")
        if name in self.names and "?" not in href:
            place = name.replace("/", "-")
            link["href"] = f"#{place}--{anchor}" if anchor else f"#{place}"
        elif self.base:
            link["href"] = urljoin(f"{self.base.rstrip('/')}/{page.name}", href)
        else:
            link.unwrap()


#: Attributes that name ids of the same page, one or several.
_NAMING_IDS = ("aria-controls", "aria-describedby", "aria-labelledby", "for", "headers")


def _prefix(article: BeautifulSoup, anchor: str) -> None:
    """Ids, and what points to them, made unique in the book."""
    for tag in article.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name == "id":
                tag[name] = f"{anchor}--{value}"
            elif name in _NAMING_IDS:
                ids = value if isinstance(value, list) else value.split()
                tag[name] = " ".join(f"{anchor}--{i}" for i in ids)
            elif name in ("href", "xlink:href"):
                # a bare "#" is the top of the page
                if value.startswith("#") and value != "#":
                    tag[name] = f"#{anchor}--{value[1:]}"
            elif isinstance(value, str) and "url(" in value:
                tag[name] = _URL.sub(rf"\1{anchor}--", value)
        if tag.name == "style" and tag.string:  # of a drawing
            tag.string = _URL.sub(rf"\1{anchor}--", tag.string)


def _without_drawing(figure: Tag) -> None:
    """No script runs on paper: a map is its table, and says so."""
    for note in figure.select("noscript"):
        note.unwrap()
    for text in figure.select("figcaption > :not(.tifa-source)"):
        text.decompose()
    for caption in figure.select("figcaption"):
        for text in list(caption.find_all(string=True, recursive=False)):
            text.extract()  # it tells how to read what is not drawn
    for fold in figure.select("details"):
        for summary in fold.select("summary"):
            summary.decompose()
        fold.unwrap()


def _natural_size(drawing: Tag) -> None:
    """A figure as large as its letters want, no wider than the page."""
    box = str(drawing.get("viewbox") or drawing.get("viewBox") or "").split()
    if len(box) == 4:
        drawing["style"] = f"width: {float(box[2]) * SCALE:.1f}mm"


def _mark_chinese(text: NavigableString) -> None:
    """Chinese characters say that they are Chinese, and get the letters of the mainland."""
    if any(parent.get("lang") for parent in text.parents if isinstance(parent, Tag)):
        return
    if text.find_parent("svg"):
        return
    marked = _CHINESE.sub(
        lambda found: f'<span lang="zh-Hans">{found[0]}</span>', escape(str(text), quote=False)
    )
    text.replace_with(BeautifulSoup(marked, "html.parser"))


#: Tables that are wider than the page are set smaller, until they fit.
_FIT = """
for (const table of document.querySelectorAll("table")) {
  const room = table.parentElement.clientWidth;
  if (table.offsetWidth > room) table.style.zoom = Math.max(0.62, room / table.offsetWidth);
  if (table.getBoundingClientRect().width > room + 1) table.classList.add("tight");
}
"""
