"""Tell machines what each page is, and people how to cite it.

Every page gets a description and, at its end, a fold "Cite this page". Chapters are articles:
they alone carry citation_* tags, so that indexers register nothing twice. The front page
stands for the whole work, the page about the data for the data. Tags that need the public
address are left out where it is not set.
"""

from __future__ import annotations

import json
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util import logging

from tifa.publish.citation import Item, Kind, Work
from tifa_book.citations import address, citations, control, the_date, the_work
from tifa_book.markup import render

HOME = "book/index"
DATA = "book/data"
LANGUAGE = "en"
PROSE_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
#: Letters of a description that result pages show.
LONGEST = 200
logger = logging.getLogger(__name__)


def kind_of(page: str) -> Kind:
    """What a page is as a thing to cite."""
    if page == HOME:
        return "work"
    if page == DATA:
        return "dataset"
    return "chapter" if page.startswith("notebooks/") else "page"


def the_item(app: Sphinx, page: str) -> Item:
    """A page as a thing to cite."""
    title = app.env.titles[page].astext()
    return Item(
        kind_of(page),
        the_work(app).title if page == HOME else title,
        key="" if page == HOME else page.rpartition("/")[2],
        url=address(app, page),
        date=the_date(app),
    )


def describe(doctree: nodes.document, given: str = "") -> str:
    """What a page is about: its front matter, its question, or its first sentences."""
    text = given or _question(doctree) or _first_words(doctree)
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST]
    end = max(head.rfind(stop) for stop in (". ", "? ", "! "))
    return head[: end + 1] if end > LONGEST // 3 else head.rpartition(" ")[0] + " …"


def _question(doctree: nodes.document) -> str:
    """The question in the box at the head of a chapter."""
    for box in doctree.findall(nodes.admonition):
        if "tifa-box" in box["classes"]:
            for item in box.findall(nodes.definition_list_item):
                if item.children[0].astext().strip() == "Question":
                    return str(item.children[-1].astext())
    return ""


def _first_words(doctree: nodes.document) -> str:
    for paragraph in doctree.findall(nodes.paragraph):
        if not _inside(paragraph, (nodes.admonition, nodes.list_item, nodes.table)):
            return str(paragraph.astext())
    return ""


def _inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def highwire(work: Work, item: Item) -> list[tuple[str, str]]:
    """citation_* tags of a chapter, as Google Scholar and Zotero read them."""
    tags = [("citation_title", item.title)]
    tags += [("citation_author", a.inverted) for a in work.authors]
    if item.date:
        day = item.date.replace("-", "/")
        tags += [("citation_publication_date", day), ("citation_online_date", day)]
    tags += [("citation_inbook_title", work.title), ("citation_language", LANGUAGE)]
    if item.url:
        tags += [("citation_public_url", item.url), ("citation_fulltext_html_url", item.url)]
    if work.doi:
        tags.append(("citation_doi", work.doi))
    return tags + [("citation_keywords", k) for k in work.keywords]


def dublin_core(work: Work, item: Item, about: str) -> list[tuple[str, str]]:
    kinds = {"chapter": "Text", "dataset": "Dataset", "work": "Collection"}
    tags = [("DC.title", item.title), ("DC.type", kinds[item.kind])]
    tags += [("DC.creator", a.inverted) for a in work.authors]
    tags += [("DC.description", about), ("DC.language", LANGUAGE), ("DC.rights", PROSE_LICENCE)]
    if item.date:
        tags.append(("DC.date", item.date))
    if item.url:
        tags.append(("DC.identifier", item.url))
    if item.kind != "work":
        tags.append(("DC.relation.isPartOf", work.title))
    return tags


def json_ld(work: Work, item: Item, about: str, base: str) -> dict[str, Any] | None:
    """The page in the words of schema.org; None where it is nothing of its own."""
    types = {"chapter": "ScholarlyArticle", "dataset": "Dataset", "work": "CreativeWork"}
    if item.kind not in types:
        return None
    title = "headline" if item.kind == "chapter" else "name"
    thing: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": types[item.kind],
        title: item.title,
        "description": about,
        "author": [_person(a) for a in work.authors],
        "inLanguage": LANGUAGE,
        "version": work.version,
        "license": PROSE_LICENCE,
        "keywords": list(work.keywords),
        "isAccessibleForFree": True,
    }
    if item.date:
        thing["datePublished"] = item.date
    if item.url:
        thing |= {"@id": item.url, "url": item.url}
    if work.doi:
        thing["identifier"] = f"https://doi.org/{work.doi}"
    if item.kind == "dataset":
        thing["name"] = f"{work.short_title}: features"
        thing["license"] = [PROSE_LICENCE, "https://creativecommons.org/publicdomain/zero/1.0/"]
        if base:
            thing["distribution"] = [
                {
                    "@type": "DataDownload",
                    "name": name,
                    "encodingFormat": media,
                    "contentUrl": f"{base.rstrip('/')}/{path}",
                }
                for name, media, path in DISTRIBUTION
            ]
    if item.kind != "work":
        whole = {"@type": "CreativeWork", "name": work.title, "version": work.version}
        thing["isPartOf"] = whole | ({"url": f"{base.rstrip('/')}/"} if base else {})
    if work.references and item.kind != "chapter":
        thing["citation"] = [f"https://doi.org/{doi}" for doi in work.references]
    return thing


#: What of the data stands on the site: name, media type, path.
DISTRIBUTION = [
    ("Description of every table", "application/json", "data/datapackage.json"),
    ("The ledger of findings", "application/json", "findings.json"),
]


def _person(author: Any) -> dict[str, str]:
    if author.name:
        return {"@type": "Organization", "name": author.name}
    person = {"@type": "Person", "familyName": author.family, "givenName": author.given}
    return person | ({"@id": author.orcid} if author.orcid else {})


def script(thing: dict[str, Any]) -> Markup:
    """JSON-LD that no title can break out of."""
    text = json.dumps(thing, ensure_ascii=False, sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def add_metadata(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    if page not in app.env.titles or doctree is None:
        return
    work, item = the_work(app), the_item(app, page)
    kind = item.kind
    about = describe(doctree, str((context.get("meta") or {}).get("description", "")))
    if not about:
        logger.warning("no description: give the page a first paragraph", location=page)
    tags = [] if 'name="description"' in context["metatags"] else [("description", about)]
    if kind == "chapter":
        tags += highwire(work, item)
    if kind != "page":
        tags += dublin_core(work, item, about)
    # sphinxext.opengraph, loaded where there is an address, takes these up
    meta = context["meta"] = dict(context.get("meta") or {})
    meta |= {"og:description": about, "og:type": "article" if kind == "chapter" else "website"}
    meta["og:image:alt"] = f"{item.title}: {about}"  # of the picture that it draws
    thing = json_ld(work, item, about, app.config.html_baseurl)
    made = render("metadata.html", tags=tags, thing=script(thing) if thing else "")
    context["metatags"] += f"\n{made}"
    if page == HOME:
        # the site's name is the title, and need not follow itself
        context["docstitle"] = ""
    name = item.key or "the-work"
    whole = kind == "work"
    made_citations = citations(work, item)
    summary = "Cite this compendium" if whole else "Cite this page"
    context["body"] += control(summary, made_citations, name, id="cite-this-page")
