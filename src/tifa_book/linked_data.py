"""Describe the site to machines: each page in JSON-LD (schema.org), the site as an RO-Crate.

ro-crate-metadata.json at the root follows RO-Crate 1.1 and Process Run Crate 0.5. It lists the
pages, the data with their hashes, and each run of a notebook as an action with instrument, inputs
and outputs. As end time an action has the date of the source, because two builds of the same source
should be equal; the real times are in _build/run-log.json.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.rocrate import ROCrate
from sphinx.application import Sphinx
from sphinx_findings.citation import Author, Item, Reference, Work, own_doi
from sphinx_findings.imprint import the_date, the_work
from sphinx_findings.ledger import FEED, make_anchor, read_ledger

import tifa
from tifa.data.datapackage import read_package
from tifa.data.files import sha256
from tifa.data.rights import CC0, CC_BY, allowed_next_to_pages
from tifa_book.edition import LABEL as EDITION_TITLE
from tifa_book.edition import NAME as EDITION
from tifa_book.theme import is_notebook

LANGUAGE = "en"
TYPES = {
    "work": "CreativeWork",
    "dataset": "Dataset",
    "chapter": "ScholarlyArticle",
    "page": "WebPage",
}
Thing = dict[str, Any]


def of_page(app: Sphinx, work: Work, item: Item, page: str, about: str) -> Thing:
    """Describe a page as linked data; the page about the data is described as the data set."""
    base, modified = app.config.html_baseurl, app.config.findings_imprint["modified"]
    thing = describe(work, item, about, base, modified)
    if item.kind == "dataset":
        thing |= of_data(work, read_package(tifa.data_folder()), base, years())
    return thing


def describe(work: Work, item: Item, about: str, base: str, modified: str = "") -> Thing:
    """Describe a page in the vocabulary of schema.org.

    ``about`` is the description of the page, ``base`` the public address of the site. Fields for
    dates, addresses and the DOI are left out if they are not known.
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
    """Return a short description of the compendium, for the descriptions of its parts."""
    made: Thing = {"@type": "CreativeWork", "name": work.title, "version": work.exact}
    if work.doi:
        made["identifier"] = f"https://doi.org/{work.doi}"
    return made | ({"url": base} if base else {})


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
        # this table is not on the site: with the pages it would quote too much of its texts
        made["description"] = f"data/{path}, in the repository only"
    elif base:
        made["contentUrl"] = f"{base}data/{path}"
    return made


def based_on(sources: Iterable[Reference]) -> list[Thing]:
    found = []
    for source in sources:
        kind = "Dataset" if source.kind == "data" else "CreativeWork"
        made = {"@type": kind, "name": source.title, "url": source.address}
        found.append(made | ({"identifier": source.address} if source.doi else {}))
    return found


def years() -> str:
    """Return the first and the last year of all texts, joined by a slash."""
    found = [tifa.load(name).documents["year"] for name in tifa.corpora()]
    return f"{min(y.min() for y in found)}/{max(y.max() for y in found)}"


def agent(author: Author) -> Thing:
    """Return an author, who may be a person or an organisation, as linked data."""
    if author.name:
        return {"@type": "Organization", "name": author.name}
    person = {"@type": "Person", "name": author.full, "familyName": author.family}
    person |= {"givenName": author.given} if author.given else {}
    return person | ({"@id": author.orcid} if author.orcid else {})


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
_TABLE = re.compile(r'href="\.\./data/([^"]+)"')

Entity = dict[str, Any]


def described(site: Path) -> list[str]:
    """Return the paths of the files to list in the crate: pages, data, figures and others.

    Notebooks are left out, because :func:`run` describes them.
    """
    pages = [p for folder in ("book", "notebooks") for p in (site / folder).rglob("*.html")]
    folders = ("data", "figures", "findings", "explorer")
    files = [p for folder in folders for p in (site / folder).rglob("*") if p.is_file()]
    files += (site / "notebooks").glob("*.yml")  # the words of the chapters
    single = [site / n for n in ("findings.json", "findings.schema.json", FEED, EDITION, *ROOT)]
    found = [*pages, *files, *(p for p in single if p.is_file())]
    return sorted(p.relative_to(site).as_posix() for p in found)


def crate(
    site: Path,
    work: Work,
    date: str,
    runs: list[Entity],
    titles: dict[str, str],
    base: str = "",
) -> Entity:
    """Return the crate as JSON-LD, with a hash of each file of the built site.

    ``runs`` are the entities that :func:`run` returns, and other entities to which these refer;
    ``titles`` maps names of pages to titles; ``base`` is the public address of the site, or "".
    """
    resources = {f"data/{r['path']}": r for r in read_package(site / "data")["resources"]}
    made = ROCrate(version="1.1")
    made.metadata.extra_terms = TERMS
    houses = [a.affiliation for a in work.authors if a.affiliation]
    for name in dict.fromkeys(houses):
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
            agent = {"agent": authors[0]} if entity["@type"] == "CreateAction" else {}
            made.add_jsonld(entity | agent)
    root: Entity = {
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
    if work.doi:
        root["identifier"] = f"https://doi.org/{work.doi}"
    for name, value in root.items():
        made.root_dataset[name] = value
    # rocrate has set the current time: replace it by the date of the source, if that is known
    if date:
        made.root_dataset["datePublished"] = date
    else:
        made.root_dataset.pop("datePublished")
    graph: Entity = made.metadata.generate()
    return graph


def run(
    page: str,
    title: str,
    notebook: Path,
    inputs: set[str],
    findings: list[str],
    date: str,
    base: str = "",
) -> list[Entity]:
    """Describe one run of a notebook: the action, its instrument, and the file.

    The notebook is both instrument and file. These are two entities, because the instrument must
    have an absolute address (Process Run Crate), which a file in the crate may not have. If the
    site has no public address, there is a single entity. ``inputs`` and ``findings`` are ids of
    other entities in the crate.
    """
    path = f"{page}.ipynb"
    file: Entity = {
        "@id": path,
        "@type": "File",
        "name": path,
        "encodingFormat": "application/x-ipynb+json",
        "license": [{"@id": MIT}, {"@id": CC_BY}],
        "contentSize": str(notebook.stat().st_size),
        "sha256": sha256(notebook),
    }
    instrument: Entity = {
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
    }
    if date:
        action["endTime"] = date
    if base:
        return [action, instrument, file | {"sameAs": {"@id": instrument["@id"]}}]
    return [action, file | instrument | {"@type": ["File", "SoftwareSourceCode"]}]


def _single(values: list[Any]) -> Any:
    """Return a list, or the value itself if there is only one, as RO-Crate requires."""
    return values[0] if len(values) == 1 else values


def _about(site: Path, name: str, resource: Entity | None, titles: dict[str, str]) -> Entity:
    path = site / name
    made: Entity = {
        "name": titles.get(name.removesuffix(".html"), name),
        "encodingFormat": MEDIA.get(path.suffix, "application/octet-stream"),
        "contentSize": str(path.stat().st_size),
        "sha256": sha256(path),
    }
    made["license"] = _licences(name)
    if name == EDITION:
        made["name"] = EDITION_TITLE
    if resource:
        made["name"] = resource["title"]
        made["license"] = {"@id": resource["licenses"][0]["path"]}
        if resource.get("description"):
            made["description"] = resource["description"]
    return made


def _licences(name: str) -> Entity | list[Entity]:
    """Return the licence of a file that is not a table, according to the file LICENSE."""
    if name.startswith("explorer/") or name.endswith((".zip", ".xlsx")):  # tables of both licences
        return [{"@id": CC_BY}, {"@id": CC0}]
    return {"@id": MIT} if name == "LICENSE" else {"@id": CC_BY}


def _author(index: int, author: Author, base: str) -> Entity:
    kind = "Organization" if author.name else "Person"
    made: Entity = {"@id": author.orcid or f"#author-{index + 1}", "@type": kind}
    made["name"] = author.full
    if author.affiliation:
        made["affiliation"] = {"@id": _house(author.affiliation)}
    return made | ({"url": base} if base else {})


def _house(affiliation: str) -> str:
    return f"#organisation-{quote(affiliation)}"


def input_id(site: Path, table: str) -> str:
    """Return the id of a table in the crate: its path, with a # before it if not on the site."""
    return f"data/{table}" if (site / "data" / table).is_file() else f"#data/{table}"


def write_crate(app: Sphinx) -> None:
    """Write ro-crate-metadata.json, with a run of each notebook, into the built site.

    The files of :data:`ROOT` are copied there first, because the crate lists them.
    """
    site, work, date = Path(app.outdir), the_work(app), the_date(app)
    base = app.config.html_baseurl
    titles = {doc: node.astext() for doc, node in app.env.titles.items()}
    ledger = read_ledger(app)
    inputs: dict[str, set[str]] = {}
    findings: dict[str, list[Entity]] = {}
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
    runs: list[Entity] = [
        {
            "@id": f"{base}{LIBRARY}",
            "@type": "SoftwareApplication",
            "name": "tifa",
            "description": "The library of the compendium",
            "url": work.repository or base or LIBRARY,
            "version": tifa.__version__,
        }
    ]
    kept: set[str] = set()
    for page in sorted(d for d in titles if is_notebook(app.env, d)):
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        used = inputs.get(page, set()) | set(_TABLE.findall(html))
        notebook = Path(app.env.doc2path(page))
        own = findings.get(page, [])
        ids = {input_id(site, name) for name in used}
        kept |= {name for name in used if input_id(site, name).startswith("#")}
        runs += run(page, titles[page], notebook, ids, [f["@id"] for f in own], date, base)
        runs += own
    # tables that are only in the repository are listed with their hashes
    runs += [
        {
            "@id": f"#data/{name}",
            "@type": "CreativeWork",
            "name": f"data/{name} of the repository",
            "sha256": sha256(tifa.data_folder() / name),
        }
        for name in sorted(kept)
    ]
    made = crate(site, work, date, runs, titles, base)
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    (site / NAME).write_text(text, encoding="utf-8")
