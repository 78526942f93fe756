"""Read the ledger (all findings that the notebooks have recorded), and write files from it.

The files are next to the pages. findings.json has all findings, and its schema is next to it. If
choices were tried alone for a finding, a CSV file lists them, with a description of its columns
(CSV on the Web). If the site has a public address, and findings were reworded or withdrawn, a feed
lists these findings.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from myst_nb.sphinx_ext import OUTPUT_FOLDER
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sphinx_findings.choices import in_words, often, quoted, sureness, way_of
from sphinx_findings.citation import Item, Work, csl
from sphinx_findings.imprint import address, citations, the_date, the_work
from sphinx_findings.markup import render
from sphinx_findings.record import Finding
from sphinx_findings.snapshot import Row, order, read_snapshot

#: The schema of findings.json, and the name of the feed of changes.
SCHEMA = Path(__file__).parent / "templates" / "findings.schema.json"
FEED = "findings.xml"
#: The folder, next to the pages, with the lists of choices that were tried.
FOLDER = "findings"
COLUMNS = {
    "choice": "the choice that was changed, and no other, as the notebook names it",
    "in_words": "the same in words: the claim was tried if ...",
    "way": "way of counting to which the choice belongs; choices of one way are counted as one way",
    "value": "the quantity with this choice",
    "fails": "whether the claim fails with this choice",
    "published": "the quantity as published",
    "line": "the value that the quantity must not cross; empty if it is not a single value",
}
logger = logging.getLogger(__name__)


@dataclass
class Ledger:
    """All that the notebooks have recorded."""

    #: findings in the order of their ids, each with the page that records it
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: verdicts by the id of their finding, each with the page that records it
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: values that were recorded by ``note``, as text, by topic.name
    values: dict[str, str] = field(default_factory=dict)
    #: maps a topic to the page that records its values
    pages: dict[str, str] = field(default_factory=dict)


def glued(app: Sphinx, *kinds: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield what notebooks have stored by ``glue``: page, kind, name and content.

    Only content of the given ``kinds`` is yielded, in the order of the book.
    """
    folder = Path(app.outdir).parent / OUTPUT_FOLDER
    for page in in_order(app.env):
        path = folder / f"{page}.glue.json"
        if not path.is_file():
            continue
        for key, output in json.loads(path.read_text(encoding="utf-8")).items():
            kind, _, name = key.partition(":")
            if kind in kinds:
                yield page, kind, name, json.loads(output["data"]["text/plain"])


def read_ledger(app: Sphinx) -> Ledger:
    """Read the findings, verdicts and values that the notebooks have recorded."""
    ledger = Ledger()
    for page, kind, name, content in glued(app, "finding", "verdict", "values"):
        if kind == "values":
            ledger.values |= {f"{name}.{k}": v for k, v in content.items()}
            ledger.pages[name] = page
        elif kind == "verdict":
            ledger.verdicts[name] = {**content, "page": page}
        else:
            if name in ledger.findings:
                logger.warning("finding %s is recorded twice", name, location=page)
            ledger.findings[name] = {**content, "page": page}
    ledger.findings = dict(sorted(ledger.findings.items(), key=lambda f: order(f[0])))
    return ledger


def in_order(env: BuildEnvironment) -> list[str]:
    """Return all pages in the order of the table of contents, then pages that are not in it."""
    found: list[str] = []

    def follow(page: str) -> None:
        if page not in found:
            found.append(page)
            for below in env.toctree_includes.get(page, ()):
                follow(below)

    follow(env.config.root_doc)
    return [d for d in found if d in env.found_docs] + sorted(env.found_docs - {*found})


def snapshot_path(app: Sphinx | BuildEnvironment) -> Path:
    """Return the path of the snapshot (see :mod:`sphinx_findings.snapshot`)."""
    return Path(app.srcdir, str(app.config.findings_snapshot))


def make_anchor(finding_id: str) -> str:
    """Return the anchor for an id: f2-1 for F2.1. It must never change, because it is cited."""
    return finding_id.lower().replace(".", "-")


def as_finding(content: Mapping[str, Any]) -> Finding:
    """Turn an entry of the ledger into a Finding; further fields, such as the page, are dropped."""
    return Finding(**{k: v for k, v in content.items() if k in Finding.__dataclass_fields__})


def cite_finding(app: Sphinx, finding: dict[str, Any], given: dict[str, Any] | None = None) -> Item:
    """Return a finding as an item that can be cited.

    If a verdict is ``given``, the citation also says in how many ways of counting the finding is
    true.
    """
    estimate = f"Estimate: {as_finding(finding).interval}."
    sentences = [finding["statement"], finding["limits"], estimate]
    mark = ""
    if given:
        mark = often(given)[1]
        sure = sureness(given, app.config.findings_choices)
        sentences.append(f"The claim that was tried, {quoted(given['claim'])}: {sure}.")
    return Item(
        "finding",
        finding["statement"],
        key=finding["id"],
        number=finding["id"],
        mark=mark,
        abstract=" ".join(filter(None, sentences)),
        url=address(app, app.config.findings_page, make_anchor(finding["id"])),
        date=the_date(app),
    )


def licence(app: Sphinx) -> str:
    """Return the address of the findings' licence, from the settings or from CITATION.cff."""
    return str(app.config.findings_licence) or f"https://spdx.org/licenses/{the_work(app).licence}"


def write_json(app: Sphinx, error: Exception | None) -> None:
    """Write findings.json and its schema; with a public address, also the feed of any changes."""
    if error is not None or app.builder.format != "html":
        return
    ledger, work, out = read_ledger(app), the_work(app), Path(app.outdir)
    page, findings = app.config.findings_page, ledger.findings
    for finding in findings.values():
        given = ledger.verdicts.get(finding["id"])
        finding["robustness"] = given and {k: v for k, v in given.items() if k != "page"}
        finding["anchor"] = f"{page}.html#{make_anchor(finding['id'])}"
        item = cite_finding(app, finding, given)
        finding["citation"] = citations(work, item) | {"csl": csl(work, item)}
        finding["version"] = work.version
        finding["software"] = app.config.findings_software
    history = read_snapshot(snapshot_path(app))
    whole = {
        "$schema": SCHEMA.name,
        "title": f"{work.short_title}: findings",
        "authors": [author.full for author in work.authors],
        "version": work.exact,
        "date": the_date(app),
        "licence": licence(app),
        "url": address(app, page),
        "findings": list(findings.values()),
        "withdrawn": [
            {name: row[name] for name in ("id", "statement", "date", "reason")}
            for row in history
            if row["id"] not in findings
        ],
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "findings.json").write_text(text + "\n", encoding="utf-8")
    shutil.copyfile(SCHEMA, out / SCHEMA.name)
    if app.config.html_baseurl and any(row["date"] for row in history):
        changes = render_feed(work, history, address(app, page), app.config.html_baseurl)
        (out / FEED).write_text(changes, encoding="utf-8")


def claims(app: Sphinx) -> list[dict[str, Any]]:
    """Describe all findings as claims with estimates and tables, in the terms of schema.org."""
    made = []
    for finding in read_ledger(app).findings.values():
        estimate = {"@type": "QuantitativeValue", "value": finding["estimate"]}
        estimate["unitText"] = finding["unit"]
        if finding["low"] is not None:
            estimate |= {"minValue": finding["low"], "maxValue": finding["high"]}
        claim = {
            "@type": "Claim",
            "identifier": finding["id"],
            "text": finding["statement"],
            "about": estimate,
            "isBasedOn": [f"data/{table}" for table in sorted(finding["tables"])],
        }
        url = cite_finding(app, finding).url
        made.append(claim | ({"@id": url, "url": url} if url else {}))
    return made


def render_feed(work: Work, history: list[Row], page: str, base: str) -> str:
    """Return an Atom feed of the findings that were reworded or withdrawn, the newest first.

    ``history`` has a row for each finding, as in data/findings.csv. Rows without a date have not
    changed and are left out.
    """
    changed = sorted((r for r in history if r["date"]), key=lambda r: r["date"], reverse=True)
    rows = [row | {"anchor": make_anchor(row["id"])} for row in changed]
    return render("feed.xml", work=work, rows=rows, page=page, address=f"{base}{FEED}")


def list_of(finding: str, given: Mapping[str, Any] | None) -> str:
    """Return the path on the site of the CSV file with the choices that were tried for a finding.

    The path is empty if no choice was tried alone.
    """
    if given is None or not given["tried"]:
        return ""
    return f"{FOLDER}/{make_anchor(finding)}-tried.csv"


def to_csv(given: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return the choices of a verdict as CSV, one row for each choice that was changed alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    same = ["" if n is None else f"{n:.6g}" for n in (given["published"], given["line"])]
    for choice, value, fails in given["tried"]:
        cells = [choice, in_words(choice, words), way_of(choice)]
        writer.writerow([*cells, f"{value:.6g}", str(fails).lower(), *same])
    return text.getvalue()


def describe_csv(
    path: Path,
    work: Work,
    *,
    title: str,
    description: str,
    licence: str,
    columns: list[dict[str, str]],
    **more: Any,
) -> None:
    """Write a description of a CSV file (CSV on the Web) next to it, as JSON.

    ``columns`` has a dictionary for each column, with at least its ``name``; ``more`` are further
    fields of the description.
    """
    about = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "dc:title": title,
        "dc:description": description,
        "dc:creator": work.byline,
        "dc:license": {"@id": licence},
        "dc:hasVersion": work.exact,
        **more,
        "tableSchema": {"columns": [{"name": "", "titles": c["name"]} | c for c in columns]},
    }
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    path.with_name(f"{path.name}-metadata.json").write_text(text, encoding="utf-8")


def described(finding: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments for :func:`describe_csv` that describe the list of choices of a finding."""
    ways, empty = given["specifications"], given["empty"]
    note = f"{len(given['tried']):,} choices were changed alone"
    if ways > len(given["tried"]):
        note += f"; with their combinations {ways:,} ways were tried, {given['turn']:,} fail"
    if empty:
        note += f"; in {empty:,} more nothing was left to count"
    kinds = {"value": "number", "published": "number", "line": "number", "fails": "boolean"}
    return {
        "title": f"What was tried of finding {finding}",
        "description": f"{given['claim']}. Quantity: {given['quantity'] or 'not named'}.",
        "dc:relation": finding,
        "notes": [f"{note}."],
        "columns": [
            {"name": name, "datatype": kinds.get(name, "string"), "dc:description": about}
            for name, about in COLUMNS.items()
        ],
    }


def write_lists(app: Sphinx, error: Exception | None) -> None:
    """Write a CSV file with the choices tried for each finding, and a description of the file."""
    if error is not None or app.builder.format != "html":
        return
    out, work = Path(app.outdir), the_work(app)
    shutil.rmtree(out / FOLDER, ignore_errors=True)
    for finding, given in read_ledger(app).verdicts.items():
        if name := list_of(finding, given):
            path = out / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(to_csv(given, app.config.findings_choices), encoding="utf-8")
            describe_csv(path, work, licence=licence(app), **described(finding, given))
