"""Add descriptions of the pages and the site for machines, and citations of pages for people.

Every page gets a description, authors and a date, in HTML tags and as linked data (JSON-LD in the
vocabulary of schema.org). It also gets a line under its title with authors and date, and a box
"Cite this page" at its end. Chapters are described as articles, the front page as the whole work,
and the page about the data as the data set. If the site has no public address (``base``), tags that
need it are left out.

ro-crate-metadata.json at the root follows RO-Crate 1.1 and Process Run Crate 0.5. It lists pages,
data and other files with their hashes, and each run of a notebook as an action with instrument,
inputs and outputs. The end time of an action is the date of the source, so that two builds of the
same source are equal; the real times are in _build/run-log.json.
"""

from __future__ import annotations

import datetime
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from markupsafe import Markup
from pybtex.backends.plaintext import Backend
from pybtex.database import parse_string
from pybtex.plugin import find_plugin
from rocrate.rocrate import ROCrate
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.citation import WHOLES, Author, Item, Kind, Reference, Work, own_doi, plain
from sphinx_findings.imprint import address, citation_fold, citations, the_date, the_work
from sphinx_findings.ledger import FEED, claims, make_anchor, read_ledger
from sphinx_findings.markup import inside, raw

import tifa
from tifa.data.datapackage import read_package
from tifa.data.files import sha256
from tifa.data.rights import CC0, CC_BY, allowed_next_to_pages
from tifa.util.errors import TifaError
from tifa_book import figures, render
from tifa_book.edition import LABEL as EDITION_TITLE
from tifa_book.edition import NAME as EDITION
from tifa_book.theme import is_notebook

LANGUAGE = "en"
HOME = "book/index"
DATA = "book/data"
#: Longest description of a page, in characters; search engines show no more.
LONGEST = 200
logger = logging.getLogger(__name__)


def the_item(app: Sphinx, work: Work, page: str) -> Item:
    kinds: dict[str, Kind] = {HOME: "work", DATA: "dataset"}
    titles = {HOME: work.title, DATA: work.data.title}
    return Item(
        kinds.get(page, "chapter" if page.startswith("notebooks/") else "page"),
        titles.get(page) or app.env.titles[page].astext(),
        key="" if page == HOME else page.rpartition("/")[2],
        url=address(app, page),
        date=the_date(app),
    )


def describe(doctree: nodes.document, given: str = "") -> str:
    """Return the description of a page, shortened to about :data:`LONGEST` characters.

    This is ``given`` (from the front matter of the page). If ``given`` is empty, it is the question
    at the beginning of a chapter or, on a page without a question, the first paragraph.
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

    ``pdf`` is the address of the PDF. It is "" if there is no PDF, and for all pages but the front
    page, because the PDF contains the whole work.
    """
    day = item.date.replace("-", "/")
    tags = [
        ("citation_title", item.title),
        # a comma after an organisation: otherwise Zotero takes its last word for a family name
        *(("citation_author", f"{a.name}," if a.name else a.inverted) for a in work.authors),
        ("citation_publication_date", day),
        ("citation_date", day),
        ("citation_language", LANGUAGE),
        ("citation_inbook_title", work.title if item.kind == "chapter" else ""),
        ("citation_public_url", item.url),
        ("citation_fulltext_html_url", item.url),
        ("citation_pdf_url", pdf),
        ("citation_doi", own_doi(work, item)),
        *(("citation_keywords", keyword) for keyword in work.keywords),
    ]
    return [(name, content) for name, content in tags if content]


def dublin_core(work: Work, item: Item, about: str) -> list[tuple[str, str]]:
    """Return the Dublin Core tags (DC.*) of a page, and a tag with the version.

    The types are words that Zotero recognises. An ordinary page has no type, because Zotero would
    print it in every citation, as "[Text]".
    """
    kinds = {"work": "computerProgram", "dataset": "Dataset", "chapter": "Text"}
    tags = [
        ("DC.title", item.title),
        ("prism.edition", work.exact),
        ("DC.type", kinds.get(item.kind, "")),
        *(("DC.creator", a.inverted) for a in work.authors),
        ("DC.description", about),
        ("DC.language", LANGUAGE),
        ("DC.rights", CC_BY),
        ("DC.date", item.date),
        ("DC.identifier", item.url),
        ("DC.relation.isPartOf", "" if item.kind in WHOLES else work.title),
    ]
    return [(name, content) for name, content in tags if content]


def signposts(work: Work, item: Item, page: str, pdf: bool) -> list[tuple[str, str]]:
    """Return links for crawlers as signposting.org defines them: pairs of relation and address."""
    up = "../" * page.count("/")
    types = {"chapter": "ScholarlyArticle", "dataset": "Dataset", "work": "AboutPage"}
    links = [
        ("type", f"https://schema.org/{types.get(item.kind, 'WebPage')}"),
        *(("author", a.orcid) for a in work.authors),
        ("license", CC_BY),
        ("cite-as", _resolved(own_doi(work, item)) or item.url),
        ("describedby", f"{up}ro-crate-metadata.json"),
    ]
    if item.kind == "dataset":
        links += [("describedby", f"{up}data/datapackage.json"), ("item", f"{up}data/all.zip")]
    elif item.kind == "work":
        links += [("item", f"{up}findings.json"), ("item", f"{up}{EDITION}" if pdf else "")]
    else:
        links.append(("collection", f"{up}{HOME}.html"))
    return [(relation, target) for relation, target in links if target]


def byline(work: Work, date: str) -> str:
    day = ""
    if date:
        known = datetime.date.fromisoformat(date)
        day = f"{known.day} {known:%B} {known.year}"
    return render("byline.html", authors=work.byline, imprint=work.imprint, date=date, day=day)


def script(thing: dict[str, Any]) -> Markup:
    """Return JSON-LD for a script element; characters that could end the element are escaped."""
    text = json.dumps(thing, ensure_ascii=False, sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def add_metadata(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    if page not in app.env.titles or doctree is None:
        return
    work = the_work(app)
    item = the_item(app, work, page)
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
    # not "website" for chapters, because Zotero treats everything of that type as a web page
    meta |= {"og:description": about, "og:type": "website" if kind == "page" else "article"}
    meta["og:image:alt"] = f"{item.title}: {about}"  # describes the picture that opengraph draws
    made = render(
        "metadata.html",
        tags=tags,
        links=signposts(work, item, page, edition),
        feed=f"{base}{FEED}" if base and page in (HOME, app.config.findings_page) else "",
        thing=script(of_page(app, work, item, page, about)),
    )
    context["metatags"] += f"\n{made}"
    context["body"] = context["body"].replace("</h1>", f"</h1>{byline(work, item.date)}", 1)
    if page == HOME:
        # the title of the home page is the name of the site, which must not be printed twice
        context["docstitle"] = ""
    summary = f"Cite this {'compendium' if kind == 'work' else 'page'}"
    name, cited = item.key or "the-work", citations(work, item)
    context["body"] += citation_fold(summary, cited, name, id="cite-this-page")


# --- linked data --------------------------------------------------------------------------


TYPES = {
    "work": "CreativeWork",
    "dataset": "Dataset",
    "chapter": "ScholarlyArticle",
    "page": "WebPage",
}
Thing = dict[str, Any]


def of_page(app: Sphinx, work: Work, item: Item, page: str, about: str) -> Thing:
    """Describe a page with its figures or, if it is the page of the ledger, with the findings."""
    base, modified = app.config.html_baseurl, app.config.findings_imprint["modified"]
    thing = of_item(work, item, about, base, modified)
    if item.kind == "dataset":
        thing |= of_data(work, read_package(tifa.data_folder()), base, years())
    if page == app.config.findings_page:
        thing["hasPart"] = claims(app)
    elif drawn := of_figures(app, work, page):
        thing["hasPart"] = drawn
    return thing


def of_figures(app: Sphinx, work: Work, page: str) -> list[Thing]:
    base, made = app.config.html_baseurl, []
    for figure in figures.all_figures(app).values():
        if figure.content["page"] != page:
            continue
        thing = {
            "@type": "ImageObject",
            "name": f"Figure {figure.number}: {figure.title}",
            "caption": figure.content["caption"],
            "description": figure.content["alt"],
            "license": CC_BY,
            "creditText": plain(work, figure.item(app)),
            "creator": [agent(a) for a in work.authors],
            "isBasedOn": [f"data/{table}" for table in figure.content["tables"]],
        }
        if base:
            url = address(app, page, figure.anchor)
            thing |= {"@id": url, "url": url, "acquireLicensePage": f"{base}book/cite.html"}
            if not figure.is_map:
                thing["contentUrl"] = f"{base}{figures.FOLDER}/{figure.name}.svg"
        made.append(thing)
    return made


def of_item(work: Work, item: Item, about: str, base: str, modified: str = "") -> Thing:
    """Describe a page, given its description in words (``about``).

    Dates, addresses and the DOI are left out if they are not known.
    """
    thing: Thing = {
        "@context": "https://schema.org",
        "@type": TYPES[item.kind],
        "name": item.title,
        "description": about,
        "author": [agent(a) for a in work.authors],
        "publisher": agent(work.authors[-1]),
        "inLanguage": LANGUAGE,
        "version": work.exact,
        "license": CC_BY,
        "keywords": list(work.keywords),
        "isAccessibleForFree": True,
    }
    if item.kind == "chapter":
        thing["headline"] = item.title
    if item.kind == "work":
        thing["hasPart"] = {"@type": "Dataset", "name": work.data.title, "description": about}
        thing["isBasedOn"] = based_on(work.sources)
    elif item.kind != "dataset":
        whole = {"@type": "CreativeWork", "name": work.title, "version": work.exact}
        thing["isPartOf"] = whole | _known(identifier=_resolved(work.doi), url=base)
    return thing | _known(
        **{"@id": item.url},
        url=item.url,
        identifier=_resolved(own_doi(work, item)),
        datePublished=item.date,
        dateModified=modified,
    )


def _known(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _resolved(doi: str) -> str:
    return doi and f"https://doi.org/{doi}"


def of_data(work: Work, package: Mapping[str, Any], base: str, covered: str) -> Thing:
    """Describe the data set: every table of the data package, the columns, and the sources.

    ``covered`` is the period of the texts, as :func:`years` returns it.
    """
    columns = {
        f["name"]: f["description"] for r in package["resources"] for f in r["schema"]["fields"]
    }
    made: Thing = {
        "description": package["description"],
        "creator": [agent(a) for a in work.authors],
        "license": [CC_BY, CC0],
        "temporalCoverage": covered,
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": about}
            for name, about in columns.items()
        ],
        "isBasedOn": based_on(work.sources),
        "citation": [r.address for r in work.references if r.kind == "article"],
        "distribution": [_table(resource, base) for resource in package["resources"]],
    }
    if base:
        archive = {
            "@type": "DataDownload",
            "name": "All tables on this site",
            "encodingFormat": "application/zip",
            "contentUrl": f"{base}data/all.zip",
        }
        made["distribution"].insert(0, archive)
    return made


def _table(resource: Mapping[str, Any], base: str) -> Thing:
    path = resource["path"]
    made: Thing = {
        "@type": "DataDownload",
        "name": resource["title"],
        "encodingFormat": resource["mediatype"],
        "contentSize": f"{resource.get('bytes') or resource['fileSize']} B",
        "sha256": (resource.get("hash") or resource["fileHash"]).partition(":")[2],
        "license": resource["licenses"][0]["path"],
    }
    if not allowed_next_to_pages(path):
        # the site lacks this table: together with the pages, it would quote too much of the texts
        made["description"] = f"data/{path}, in the repository only"
    elif base:
        made["contentUrl"] = f"{base}data/{path}"
    return made


def based_on(sources: Iterable[Reference]) -> list[Thing]:
    return [
        {
            "@type": "Dataset" if source.kind == "data" else "CreativeWork",
            "name": source.title,
            "url": source.address,
            **_known(identifier=_resolved(source.doi)),
        }
        for source in sources
    ]


def years() -> str:
    """Return the first and the last year of all texts, joined by a slash."""
    found = [tifa.load(name).documents["year"] for name in tifa.corpora()]
    return f"{min(y.min() for y in found)}/{max(y.max() for y in found)}"


def agent(author: Author) -> Thing:
    """Return an author, who may be a person or an organisation, as linked data."""
    if author.name:
        return {"@type": "Organization", "name": author.name}
    person = {"@type": "Person", "name": author.full, "familyName": author.family}
    return person | _known(givenName=author.given, **{"@id": author.orcid})


# --- the crate ----------------------------------------------------------------------------


NAME = "ro-crate-metadata.json"
TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
MIT = "https://opensource.org/license/mit"
LICENCES = {
    CC_BY: "Creative Commons Attribution 4.0 International licence",
    CC0: "CC0 1.0 Universal public domain dedication",
    MIT: "MIT licence",
}
LIBRARY = "#tifa"
#: Files of the repository that are copied to the root of the site.
ROOT = ("LICENSE", "CITATION.cff")
MEDIA = {
    ".csv": "text/csv",
    ".css": "text/css",
    ".cff": "application/yaml",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/atom+xml",
    ".yml": "application/yaml",
    ".zip": "application/zip",
}
_LINKED = re.compile(r'href="\.\./data/([^"]+)"')


def described(site: Path) -> list[str]:
    """Return the paths of the files to list in the crate: pages, data, figures and others.

    Notebooks are left out, because :func:`run` describes them.
    """
    patterns = ["book/**/*.html", "notebooks/**/*.html"]
    patterns += [f"{folder}/**/*" for folder in ("data", "figures", "findings", "explorer")]
    patterns += ["notebooks/*.yml"]  # the captions of the chapters
    patterns += ["findings.json", "findings.schema.json", FEED, EDITION, *ROOT]
    found = [p for pattern in patterns for p in site.glob(pattern) if p.is_file()]
    return sorted(p.relative_to(site).as_posix() for p in found)


def crate(
    site: Path, work: Work, date: str, runs: list[Thing], titles: dict[str, str], base: str = ""
) -> Thing:
    """Return the crate as JSON-LD, with a hash of each file of the built site that it lists.

    ``runs`` are the entities that :func:`run` returns, and other entities to which these refer;
    ``titles`` maps names of pages to titles; ``base`` is the public address of the site, or "".
    """
    resources = {f"data/{r['path']}": r for r in read_package(site / "data")["resources"]}
    made = ROCrate(version="1.1")
    made.metadata.extra_terms = TERMS
    for name in dict.fromkeys(a.affiliation for a in work.authors if a.affiliation):
        made.add_jsonld({"@id": _house(name), "@type": "Organization", "name": name})
    authors = [made.add_jsonld(_author(n, a, base)) for n, a in enumerate(work.authors)]
    made.add_jsonld(
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    )
    files = []
    for name in described(site):
        about = _about(site, name, resources.get(name), titles)
        files.append(made.add_file(site / name, name, properties=about))
    for uri, name in LICENCES.items():
        made.add_jsonld(
            {"@id": uri, "@type": "CreativeWork", "name": name, "description": f"The {name}"}
        )
    for source in work.sources:
        # not of the type Dataset or File, which only parts of the crate may have
        made.add_jsonld({"@id": source.address, "@type": "CreativeWork", "name": source.title})
    for entity in runs:
        if "File" in entity["@type"]:
            made.add_file(site / entity["@id"], entity["@id"], properties=dict(entity))
        else:
            by = {"agent": authors[0]} if entity["@type"] == "CreateAction" else {}
            made.add_jsonld(entity | by)
    root: Thing = {
        "name": work.title,
        "description": work.abstract,
        "version": work.exact,
        "license": {"@id": CC_BY},
        "author": _single(authors),
        "publisher": authors[-1],
        "isBasedOn": _single([{"@id": source.address} for source in work.sources]),
        "keywords": _single(list(work.keywords)),
        "conformsTo": {"@id": PROFILE},
        "mentions": _single([{"@id": r["@id"]} for r in runs if r["@type"] == "CreateAction"]),
    }
    for name, value in (root | _known(identifier=_resolved(work.doi))).items():
        made.root_dataset[name] = value
    # rocrate has set the current time: replace it by the date of the source, or remove it
    if date:
        made.root_dataset["datePublished"] = date
    else:
        made.root_dataset.pop("datePublished")
    graph: Thing = made.metadata.generate()
    return graph


def run(
    page: str,
    title: str,
    notebook: Path,
    inputs: set[str],
    findings: list[str],
    date: str,
    base: str = "",
) -> list[Thing]:
    """Describe one run of a notebook: the action, its instrument, and the file.

    The notebook is both instrument and file. These are two entities, because the instrument must
    have an absolute address (Process Run Crate), which a file in the crate may not have. If the
    site has no public address, one entity stands for both. ``inputs`` and ``findings`` are ids of
    other entities in the crate.
    """
    path = f"{page}.ipynb"
    file: Thing = {
        "@id": path,
        "@type": "File",
        "name": path,
        "encodingFormat": "application/x-ipynb+json",
        "license": [{"@id": MIT}, {"@id": CC_BY}],
        "contentSize": str(notebook.stat().st_size),
        "sha256": sha256(notebook),
    }
    instrument: Thing = {
        "@id": f"{base}{path}",
        "@type": "SoftwareSourceCode",
        "name": path,
        "description": f"The notebook of the chapter {title}",
        "url": f"{base}{path}",
        "programmingLanguage": "Python",
        "softwareRequirements": {"@id": f"{base}{LIBRARY}"},
        "version": tifa.__version__,
    }
    action = {
        "@id": f"#run-{page.rpartition('/')[2]}",
        "@type": "CreateAction",
        "name": f"Run of {path}: {title}",
        "description": "The notebook was run from top to bottom when the site was built.",
        "instrument": {"@id": instrument["@id"]},
        "object": _single([{"@id": name} for name in sorted(inputs)]),
        "result": _single([{"@id": f"{page}.html"}, *({"@id": f} for f in findings)]),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        **_known(endTime=date),
    }
    if base:
        return [action, instrument, file | {"sameAs": {"@id": instrument["@id"]}}]
    return [action, file | instrument | {"@type": ["File", "SoftwareSourceCode"]}]


def _single(values: list[Any]) -> Any:
    """Return a list, or the value itself if there is only one, as RO-Crate requires."""
    return values[0] if len(values) == 1 else values


def _about(site: Path, name: str, resource: Thing | None, titles: dict[str, str]) -> Thing:
    path = site / name
    made: Thing = {
        "name": titles.get(name.removesuffix(".html"), name),
        "encodingFormat": MEDIA.get(path.suffix, "application/octet-stream"),
        "contentSize": str(path.stat().st_size),
        "sha256": sha256(path),
        "license": _licences(name),
    }
    if name == EDITION:
        made["name"] = EDITION_TITLE
    if resource:
        made["name"] = resource["title"]
        made["license"] = {"@id": resource["licenses"][0]["path"]}
        made |= _known(description=resource.get("description", ""))
    return made


def _licences(name: str) -> Thing | list[Thing]:
    """Return the licence of a file that is not a table, according to the file LICENSE."""
    if name.startswith("explorer/") or name.endswith((".zip", ".xlsx")):  # tables of both licences
        return [{"@id": CC_BY}, {"@id": CC0}]
    return {"@id": MIT} if name == "LICENSE" else {"@id": CC_BY}


def _author(index: int, author: Author, base: str) -> Thing:
    kind = "Organization" if author.name else "Person"
    made: Thing = {"@id": author.orcid or f"#author-{index + 1}", "@type": kind}
    made["name"] = author.full
    if author.affiliation:
        made["affiliation"] = {"@id": _house(author.affiliation)}
    return made | _known(url=base)


def _house(affiliation: str) -> str:
    return f"#organisation-{quote(affiliation)}"


def write_crate(app: Sphinx) -> None:
    """Write ro-crate-metadata.json, with a run of each notebook, into the built site.

    The files in :data:`ROOT` are copied into the site first, because the crate lists them.
    """
    site, work, date = Path(app.outdir), the_work(app), the_date(app)
    base = app.config.html_baseurl
    titles = {doc: node.astext() for doc, node in app.env.titles.items()}
    ledger = read_ledger(app)
    inputs: dict[str, set[str]] = {}
    findings: dict[str, list[Thing]] = {}
    for finding in ledger.findings.values():
        page = finding["page"]
        inputs.setdefault(page, set()).update(finding["tables"])
        findings.setdefault(page, []).append(
            {
                "@id": f"book/findings.html#{make_anchor(finding['id'])}",
                "@type": "CreativeWork",
                "name": finding["id"],
                "text": finding["statement"],
            }
        )
    for name in ROOT:
        shutil.copyfile(Path(app.srcdir) / name, site / name)
    library = {
        "@id": f"{base}{LIBRARY}",
        "@type": "SoftwareApplication",
        "name": "tifa",
        "description": "The library of the compendium",
        "url": work.repository or base or LIBRARY,
        "version": tifa.__version__,
    }
    runs: list[Thing] = [library]
    kept: set[str] = set()
    for page in sorted(d for d in titles if is_notebook(app.env, d)):
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        used = inputs.get(page, set()) | set(_LINKED.findall(html))
        absent = {name for name in used if not (site / "data" / name).is_file()}
        kept |= absent
        ids = {f"#data/{name}" if name in absent else f"data/{name}" for name in used}
        own = findings.get(page, [])
        notebook = Path(app.env.doc2path(page))
        runs += run(page, titles[page], notebook, ids, [f["@id"] for f in own], date, base)
        runs += own
    # also list, with their hashes, the used tables that are only in the repository
    runs += [
        {
            "@id": f"#data/{name}",
            "@type": "CreativeWork",
            "name": f"data/{name} of the repository",
            "sha256": sha256(tifa.data_folder() / name),
        }
        for name in sorted(kept)
    ]
    text = json.dumps(crate(site, work, date, runs, titles, base), ensure_ascii=False, indent=1)
    (site / NAME).write_text(f"{text}\n", encoding="utf-8")


# --- sources of the texts -------------------------------------------------------------------


class CorpusCitations(SphinxDirective):
    """Insert for each corpus citations of its publications or, if there are none, its source."""

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
            if missing := [key for key in keys if key not in library]:
                page = self.env.docname
                logger.warning("corpus %s: no %s in %s", name, missing, path, location=page)
                continue
            made.append(nodes.paragraph("", "", title))
            cited = cite_entries([library[key] for key in keys])
            made.append(raw(citation_fold(f"Cite the source: {name}", cited, name)))
        return made


def cite_entries(entries: Sequence[str]) -> dict[str, str]:
    """Return BibTeX entries in two formats: as plain text, and unchanged as BibTeX."""
    library = parse_string("\n".join(entries), "bibtex")
    style, backend = find_plugin("pybtex.style.formatting", "plain")(), Backend()
    formatted = style.format_entries(library.entries.values())
    text = "\n\n".join(entry.text.render(backend) for entry in formatted)
    return {"text": text, "bibtex": "\n\n".join(entries)}


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
    if lost := [key for key in starts if key not in found]:
        raise TifaError(f"{', '.join(lost)}: no brace at the start of a line ends it", where=path)
    return found
