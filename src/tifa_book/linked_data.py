"""Describe a page in the vocabulary of schema.org (JSON-LD)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sphinx.application import Sphinx
from sphinx_findings.citation import Author, Item, Reference, Work, own_doi

import tifa
from tifa.data.rights import CC0, CC_BY, allowed_next_to_pages

LANGUAGE = "en"
TYPES = {
    "work": "CreativeWork",
    "dataset": "Dataset",
    "chapter": "ScholarlyArticle",
    "page": "WebPage",
}
Thing = dict[str, Any]


def of_page(app: Sphinx, work: Work, item: Item, page: str, about: str) -> Thing:
    """Linked data of a page; the page on data is the data set, that of the findings lists them."""
    base, modified = app.config.html_baseurl, app.config.findings_imprint["modified"]
    thing = describe(work, item, about, base, modified)
    if item.kind == "dataset":
        path = tifa.data_folder() / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        thing |= of_data(work, package, base, years())
    return thing


def describe(work: Work, item: Item, about: str, base: str, modified: str = "") -> Thing:
    """Describe a page; fields that need a date or the public address are left out without these."""
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
    if item.date:
        thing["datePublished"] = item.date
    if modified:
        thing["dateModified"] = modified
    if item.url:
        thing |= {"@id": item.url, "url": item.url}
    if doi := own_doi(work, item):
        thing["identifier"] = f"https://doi.org/{doi}"
    if item.kind == "work":
        thing["hasPart"] = {"@type": "Dataset", "name": work.data.title, "description": about}
        thing["isBasedOn"] = based_on(work.sources)
    elif item.kind != "dataset":
        thing["isPartOf"] = whole(work, base)
    return thing


def whole(work: Work, base: str) -> Thing:
    """The compendium, for references from its parts."""
    made: Thing = {"@type": "CreativeWork", "name": work.title, "version": work.exact}
    if work.doi:
        made["identifier"] = f"https://doi.org/{work.doi}"
    return made | ({"url": base} if base else {})


def of_data(work: Work, package: Mapping[str, Any], base: str, covered: str) -> Thing:
    """The data set: every table of the data package, and its sources."""
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
        made["distribution"].insert(
            0,
            {
                "@type": "DataDownload",
                "name": "All tables on this site",
                "encodingFormat": "application/zip",
                "contentUrl": f"{base}data/all.zip",
            },
        )
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
        # together with the pages it would exceed the bounds of quotation
        made["description"] = f"data/{path}, in the repository only"
    elif base:
        made["contentUrl"] = f"{base}data/{path}"
    return made


def based_on(sources: Iterable[Reference]) -> list[Thing]:
    """Sources of the texts."""
    found = []
    for source in sources:
        kind = "Dataset" if source.kind == "data" else "CreativeWork"
        made = {"@type": kind, "name": source.title, "url": source.address}
        found.append(made | ({"identifier": source.address} if source.doi else {}))
    return found


def years() -> str:
    """First and last year of the texts that were counted."""
    found = [tifa.load(name).documents["year"] for name in tifa.corpora()]
    return f"{min(y.min() for y in found)}/{max(y.max() for y in found)}"


def agent(author: Author) -> Thing:
    """A person or an organisation."""
    if author.name:
        return {"@type": "Organization", "name": author.name}
    person = {"@type": "Person", "name": author.full, "familyName": author.family}
    person |= {"givenName": author.given} if author.given else {}
    return person | ({"@id": author.orcid} if author.orcid else {})
