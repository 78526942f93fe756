"""Describe each page to machines, and tell people how to cite it.

Every page gets a description, authors and a date, in HTML tags and as linked data. It also gets a
line under its title with authors and date, and a fold "Cite this page" at its end. Chapters are
described as articles, the front page as the whole work, and the page about the data as the data
set. If the site has no public address, tags that need it are left out.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from markupsafe import Markup
from pybtex.backends.plaintext import Backend
from pybtex.database import parse_string
from pybtex.plugin import find_plugin
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.citation import WHOLES, Item, Kind, Work, own_doi
from sphinx_findings.imprint import address, citation_fold, citations, the_date, the_work
from sphinx_findings.ledger import FEED, claims
from sphinx_findings.markup import inside, raw

import tifa
from tifa.data.rights import CC_BY
from tifa.util.errors import TifaError
from tifa_book import figures, linked_data, render
from tifa_book.edition import NAME as EDITION
from tifa_book.linked_data import LANGUAGE

HOME = "book/index"
DATA = "book/data"
#: Longest description of a page, in characters; search engines show no more.
LONGEST = 200
logger = logging.getLogger(__name__)


def kind_of(page: str) -> Kind:
    if page == HOME:
        return "work"
    if page == DATA:
        return "dataset"
    return "chapter" if page.startswith("notebooks/") else "page"


def the_item(app: Sphinx, page: str) -> Item:
    work = the_work(app)
    wholes = {HOME: work.title, DATA: work.data.title}
    return Item(
        kind_of(page),
        wholes.get(page) or app.env.titles[page].astext(),
        key="" if page == HOME else page.rpartition("/")[2],
        url=address(app, page),
        date=the_date(app),
    )


def describe(doctree: nodes.document, given: str = "") -> str:
    """Return the description of a page, shortened to about :data:`LONGEST` characters.

    This is ``given`` (from the front matter of the page) or, if that is empty, the question of a
    chapter or, if there is none, the first paragraph.
    """
    text = given or _question(doctree) or _first_words(doctree)
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST]
    end = max(head.rfind(stop) for stop in (". ", "? ", "! "))
    return head[: end + 1] if end > LONGEST // 3 else head.rpartition(" ")[0] + " …"


def _question(doctree: nodes.document) -> str:
    """Return the question in the box at the beginning of a chapter; empty if there is none."""
    for box in doctree.findall(nodes.admonition):
        if "tifa-box" in box["classes"]:
            for item in box.findall(nodes.definition_list_item):
                if item.children[0].astext().strip() == "Question":
                    return str(item.children[-1].astext())
    return ""


def _first_words(doctree: nodes.document) -> str:
    for paragraph in doctree.findall(nodes.paragraph):
        if not inside(paragraph, nodes.admonition, nodes.list_item, nodes.table):
            return str(paragraph.astext())
    return ""


def highwire(work: Work, item: Item, pdf: str = "") -> list[tuple[str, str]]:
    """Return the citation_* tags of a page, which Google Scholar and Zotero read.

    ``pdf`` is the address of the PDF, or "" for all pages but the front page, because the PDF
    contains the whole work.
    """
    tags = [("citation_title", item.title)]
    # a comma after an organisation: otherwise Zotero takes its last word for a family name
    tags += [("citation_author", f"{a.name}," if a.name else a.inverted) for a in work.authors]
    if item.date:
        day = item.date.replace("-", "/")
        tags += [("citation_publication_date", day), ("citation_date", day)]
    tags.append(("citation_language", LANGUAGE))
    if item.kind == "chapter":
        tags.append(("citation_inbook_title", work.title))
    if item.url:
        tags += [("citation_public_url", item.url), ("citation_fulltext_html_url", item.url)]
    if pdf:
        tags.append(("citation_pdf_url", pdf))
    if doi := own_doi(work, item):
        tags.append(("citation_doi", doi))
    return tags + [("citation_keywords", k) for k in work.keywords]


def dublin_core(work: Work, item: Item, about: str) -> list[tuple[str, str]]:
    """Return the Dublin Core tags (DC.*) of a page, and a tag with the version.

    The types are words that Zotero also knows. An ordinary page has no type, because Zotero would
    print it in every citation, as "[Text]".
    """
    kinds = {"work": "computerProgram", "dataset": "Dataset", "chapter": "Text"}
    tags = [("DC.title", item.title), ("prism.edition", work.exact)]
    tags += [("DC.type", kinds[item.kind])] if item.kind in kinds else []
    tags += [("DC.creator", a.inverted) for a in work.authors]
    tags += [("DC.description", about), ("DC.language", LANGUAGE), ("DC.rights", CC_BY)]
    if item.date:
        tags.append(("DC.date", item.date))
    if item.url:
        tags.append(("DC.identifier", item.url))
    if item.kind not in WHOLES:
        tags.append(("DC.relation.isPartOf", work.title))
    return tags


def signposts(work: Work, item: Item, page: str, pdf: bool) -> list[tuple[str, str]]:
    """Return links for crawlers as signposting.org defines them: pairs of relation and address."""
    up = "../" * page.count("/")
    types = {"chapter": "ScholarlyArticle", "dataset": "Dataset", "work": "AboutPage"}
    links = [("type", f"https://schema.org/{types.get(item.kind, 'WebPage')}")]
    links += [("author", a.orcid) for a in work.authors if a.orcid]
    links.append(("license", CC_BY))
    doi = own_doi(work, item)
    if cite := f"https://doi.org/{doi}" if doi else item.url:
        links.append(("cite-as", cite))
    links.append(("describedby", f"{up}ro-crate-metadata.json"))
    if item.kind == "dataset":
        links.append(("describedby", f"{up}data/datapackage.json"))
        links.append(("item", f"{up}data/all.zip"))
    elif item.kind == "work":
        links += [("item", f"{up}findings.json"), *([("item", f"{up}{EDITION}")] if pdf else [])]
    else:
        links.append(("collection", f"{up}{HOME}.html"))
    return links


def byline(work: Work, date: str) -> str:
    day = ""
    if date:
        known = datetime.date.fromisoformat(date)
        day = f"{known.day} {known:%B} {known.year}"
    return render("byline.html", authors=work.byline, imprint=work.imprint, date=date, day=day)


def script(thing: dict[str, Any]) -> Markup:
    """Return JSON-LD for a script element, with signs escaped that could end the element."""
    text = json.dumps(thing, ensure_ascii=False, sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def add_metadata(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    if page not in app.env.titles or doctree is None:
        return
    work, item = the_work(app), the_item(app, page)
    kind = item.kind
    about = describe(doctree, str((context.get("meta") or {}).get("description", "")))
    if not about:
        logger.warning("no description: give the page a first paragraph", location=page)
    tags = [] if 'name="description"' in context["metatags"] else [("description", about)]
    base, edition = app.config.html_baseurl, bool(app.config.tifa_edition)
    pdf = f"{base}{EDITION}" if base and edition and kind == "work" else ""
    tags += [*highwire(work, item, pdf), *dublin_core(work, item, about)]
    # for sphinxext.opengraph, which is loaded if the site has a public address
    meta = context["meta"] = dict(context.get("meta") or {})
    # chapters are "article", because Zotero takes all of the type "website" for web pages
    meta |= {"og:description": about, "og:type": "website" if kind == "page" else "article"}
    meta["og:image:alt"] = f"{item.title}: {about}"  # describes the picture that opengraph draws
    thing = linked_data.of_page(app, work, item, page, about)
    if drawn := figures.linked(app, page):
        thing["hasPart"] = drawn
    ledger = app.config.findings_page
    if page == ledger:
        thing["hasPart"] = claims(app)
    made = render(
        "metadata.html",
        tags=tags,
        links=signposts(work, item, page, edition),
        feed=f"{base}{FEED}" if base and page in (HOME, ledger) else "",
        thing=script(thing),
    )
    context["metatags"] += f"\n{made}"
    context["body"] = context["body"].replace("</h1>", f"</h1>{byline(work, item.date)}", 1)
    if page == HOME:
        # the title of the home page is the name of the site, which must not be printed twice
        context["docstitle"] = ""
    name = item.key or "the-work"
    whole = kind == "work"
    made_citations = citations(work, item)
    summary = "Cite this compendium" if whole else "Cite this page"
    context["body"] += citation_fold(summary, made_citations, name, id="cite-this-page")


# --- sources of the texts -------------------------------------------------------------------


class CorpusCitations(SphinxDirective):
    """Insert a paragraph about the source of each corpus, and citations of its publications."""

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
            made.append(raw(citation_fold(f"Cite the source: {name}", cited, name)))
        return made


def cite_entries(entries: Sequence[str]) -> dict[str, str]:
    """Return BibTeX entries in two formats: as plain text, and unchanged as BibTeX."""
    return {
        "text": as_text(entries),
        "bibtex": "\n\n".join(entries),
    }


def as_text(entries: Sequence[str]) -> str:
    library = parse_string("\n".join(entries), "bibtex")
    style = find_plugin("pybtex.style.formatting", "plain")()
    formatted = style.format_entries(library.entries.values())
    return "\n\n".join(entry.text.render(_TEXT) for entry in formatted)


# --- BibTeX -------------------------------------------------------------------------------


# made once: if render() gets only the name of a backend, pybtex searches all packages each time
_TEXT = Backend()


def verbatim(path: Path) -> dict[str, str]:
    """Return the entries of a BibTeX file by key, unchanged.

    They are not parsed and written again, because libraries escape special characters twice. Raises
    TifaError if the file cannot be read, or if an entry does not end with a brace at the start of a
    line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TifaError(f"cannot be read: {error.strerror}", where=path) from None
    found = {m[1]: m[0] for m in re.finditer(r"^@\w+\{([^,\s]+),.*?^\}", text, re.S | re.M)}
    starts = re.findall(r"^@\w+\{([^,\s]+),", text, re.M)
    lost = [key for key in starts if key not in found]
    if lost:
        raise TifaError(f"{', '.join(lost)}: no brace at the start of a line ends it", where=path)
    return found
