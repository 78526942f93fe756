"""Put the findings and values that notebooks record into the pages.

{finding}`F2.1` prints the sentence of a finding, {value}`corpora.xi_words` a noted value, the
directive ``notebook-figure`` shows a figure, ``findings`` lists the whole ledger. findings.json
is written beside the pages. A finding that turns under other choices is marked wherever it is
printed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ext import OUTPUT_FOLDER
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from tifa.publish.citation import Work, csl
from tifa.publish.findings import Finding
from tifa.publish.snapshot import read_snapshot
from tifa.util.data_folder import data_folder
from tifa.version import __version__
from tifa_book.citations import address, citations, cite_finding, control, the_date, the_work
from tifa_book.dependencies import depend, made_again
from tifa_book.linked_data import PROSE_LICENCE
from tifa_book.markup import raw, render

LEDGER_PAGE = "book/findings"
#: Beside the pages: what findings.json is like, and what has changed in the ledger.
SCHEMA = Path(__file__).parent / "templates" / "findings.schema.json"
FEED = "findings.xml"
logger = logging.getLogger(__name__)


class pending_finding(nodes.Inline, nodes.Element):  # noqa: N801 - docutils names nodes so
    """A finding's sentence, to be filled in when all notebooks have run."""


class pending_value(nodes.Inline, nodes.Element):  # noqa: N801
    """A value, to be filled in when all notebooks have run."""


class pending_figure(nodes.General, nodes.Element):  # noqa: N801
    """A figure of a notebook, shown on another page."""


class pending_ledger(nodes.General, nodes.Element):  # noqa: N801
    """The whole ledger."""


class FindingRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [_pending(pending_finding, self, self.text)], []


class ValueRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [_pending(pending_value, self, self.text)], []


class FigureDirective(SphinxDirective):
    """Show a figure of a notebook: its name is the argument."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        depend(self.env, "findings")
        node = pending_figure(key=self.arguments[0], doc=self.env.docname)
        self.set_source_info(node)
        return [node]


class LedgerDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        depend(self.env, "findings")
        # it keeps the place of findings that were withdrawn
        self.env.note_dependency(str(data_folder() / "findings.csv"))
        return [pending_ledger(source=self.env.docname)]


def _pending(kind: type[nodes.Element], role: SphinxRole, key: str) -> nodes.Element:
    depend(role.env, "findings")
    node = kind(key=key.strip(), doc=role.env.docname)
    role.set_source_info(node)
    return node


@dataclass
class Ledger:
    """Findings by id (with the page that records each), values by topic.name, figures by name.

    ``drawn`` has figures and maps by their anchor, in the order of the book. Verdicts stand by the
    id of the finding, with the page that tried it.
    """

    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, dict[str, Any]] = field(default_factory=dict)


def is_notebook(env: BuildEnvironment, page: str) -> bool:
    """Whether a page is a notebook."""
    return Path(env.doc2path(page)).suffix == ".ipynb"


def read_ledger(app: Sphinx) -> Ledger:
    """Read what the notebooks have handed over."""
    ledger = Ledger()
    for doc in (d for d in in_order(app.env) if is_notebook(app.env, d)):
        path = Path(app.outdir).parent / OUTPUT_FOLDER / f"{doc}.glue.json"
        if not path.is_file():
            continue
        for key, output in json.loads(path.read_text(encoding="utf-8")).items():
            kind, _, name = key.partition(":")
            if kind not in ("finding", "values", "figure", "map", "verdict"):
                continue
            content = json.loads(output["data"]["text/plain"])
            if kind == "finding":
                if name in ledger.findings:
                    logger.warning("finding %s is recorded twice", name, location=doc)
                ledger.findings[name] = {**content, "page": doc}
            elif kind == "verdict":
                ledger.verdicts[name] = {**content, "page": doc}
            elif kind in ("figure", "map"):
                anchor = f"{'fig' if kind == 'figure' else 'map'}-{name}"
                if anchor in ledger.drawn:
                    logger.warning("two figures are called %s", anchor, location=doc)
                ledger.drawn[anchor] = {**content, "page": doc}
                if kind == "figure":
                    ledger.figures[name] = content["html"]
            else:
                ledger.values |= {f"{name}.{k}": v for k, v in content.items()}
    ledger.findings = dict(sorted(ledger.findings.items(), key=lambda f: _order(f[0])))
    return ledger


def in_order(env: BuildEnvironment) -> list[str]:
    """Pages in the order of the contents, those that stand in none at the end."""
    found: list[str] = []

    def follow(page: str) -> None:
        if page not in found:
            found.append(page)
            for below in env.toctree_includes.get(page, ()):
                follow(below)

    follow(env.config.root_doc)
    return [d for d in found if d in env.found_docs] + sorted(env.found_docs - {*found})


def _order(finding_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in finding_id[1:].split("."))


class FillIn(SphinxPostTransform):
    """Replace what is pending by what the notebooks have recorded."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        pending = [pending_finding, pending_value, pending_figure, pending_ledger]
        found = [n for kind in pending for n in self.document.findall(kind)]
        if not found:
            return
        ledger = read_ledger(self.app)
        snapshot = read_snapshot(data_folder() / "findings.csv")
        self._history = {row["id"]: row for row in snapshot}
        for node in found:
            if isinstance(node, pending_ledger):
                entries = [self._entry(f, ledger) for f in ledger.findings.values()]
                node.replace_self([*entries, *self._withdrawn(ledger)])
                for stray in ledger.verdicts.keys() - ledger.findings.keys():
                    logger.warning("a verdict on %s, which is no finding", stray, location=node)
            elif isinstance(node, pending_finding):
                node.replace_self(self._sentence(node, ledger))
            elif isinstance(node, pending_figure):
                node.replace_self(self._figure(node, ledger.figures))
            else:
                node.replace_self(self._value(node, ledger.values))

    def _figure(self, node: nodes.Element, figures: dict[str, str]) -> nodes.Node:
        if node["key"] not in figures:
            logger.warning("no figure %r is shown in a notebook", node["key"], location=node)
            return nodes.paragraph("", "?")
        return raw(figures[node["key"]])

    def _value(self, node: nodes.Element, values: dict[str, str]) -> nodes.Node:
        if node["key"] not in values:
            logger.warning("no value %r is noted in a notebook", node["key"], location=node)
            return nodes.Text("?")
        return nodes.Text(values[node["key"]])

    def _sentence(self, node: nodes.Element, ledger: Ledger) -> list[nodes.Node]:
        finding = ledger.findings.get(node["key"])
        if finding is None:
            logger.warning("no finding %r is recorded in a notebook", node["key"], location=node)
            return [nodes.Text("?")]
        link = self._link(finding["id"], node["doc"])
        shown = [nodes.inline("", finding["statement"] + " "), link]
        given = ledger.verdicts.get(finding["id"])
        if given is not None and given["turn"]:
            mark = self._to_verdicts(given, f"fragile: {turns(given)}", node["doc"])
            mark["classes"].append("tifa-fragile")
            shown += [nodes.Text(" "), mark]
        return shown

    def _to_verdicts(self, given: dict[str, Any], text: str, doc: str) -> nodes.reference:
        try:
            uri = self.app.builder.get_relative_uri(doc, given["page"])
        except Exception:  # builders without pages
            uri = ""
        title = f"Tried as: {given['claim']}"
        uri += f"#fig-{given['figure']}"
        return nodes.reference("", text, internal=True, refuri=uri, reftitle=title)

    def _link(self, finding_id: str, doc: str) -> nodes.Node:
        builder = self.app.builder
        link = nodes.reference(
            "", finding_id, internal=True, classes=["tifa-finding-link"], reftitle="In the ledger"
        )
        try:
            uri = builder.get_relative_uri(doc, LEDGER_PAGE)
        except Exception:  # builders without pages
            uri = ""
        link["refuri"] = f"{uri}#{make_anchor(finding_id)}"
        return link

    def _entry(self, finding: dict[str, Any], ledger: Ledger) -> nodes.Node:
        """A finding in the ledger: its anchor, sentence, numbers, verdict, tables."""
        anchor = make_anchor(finding["id"])
        box = nodes.container(classes=["tifa-ledger-entry"], ids=[anchor])
        title = nodes.paragraph(classes=["tifa-ledger-id"])
        title += nodes.reference("", finding["id"], refuri=f"#{anchor}", internal=True)
        box += title
        box += nodes.paragraph("", finding["statement"], classes=["tifa-ledger-statement"])
        earlier = self._history.get(finding["id"], {})
        if earlier.get("earlier"):
            why = f"Reworded on {earlier['date']}: {earlier['reason']} It read: "
            box += nodes.paragraph("", why + earlier["earlier"])
        fields = {k: v for k, v in finding.items() if k != "page"}
        box += nodes.paragraph("", f"Estimate: {Finding(**fields).interval}.")
        given = ledger.verdicts.get(finding["id"])
        if given is not None:
            said = nodes.paragraph("", f"Under other choices, as “{given['claim']}”: ")
            text = f"fragile: {turns(given)}" if given["turn"] else held(given)
            link = self._to_verdicts(given, text, self.env.docname)
            if given["turn"]:
                link["classes"].append("tifa-fragile")
            said += link
            said += nodes.Text(f"; {given['why']}." if given["why"] else ".")
            box += said
        source = nodes.paragraph("", "Computed in ")
        page = finding["page"]
        title_node = self.env.titles.get(page)
        text = title_node.astext() if title_node is not None else page
        source += nodes.reference(
            "",
            text,
            internal=True,
            refuri=self.app.builder.get_relative_uri(self.env.docname, page),
        )
        source += nodes.Text(" from ")
        for place, (table, digest) in enumerate(sorted(finding["tables"].items())):
            if place:
                source += nodes.Text(", ")
            source += nodes.literal("", table)
            source += nodes.Text(f" (SHA-256 {digest[:12]})")
        source += nodes.Text(f". Software: tifa {__version__}.")
        box += source
        item = cite_finding(self.app, finding, LEDGER_PAGE, anchor)
        made = citations(the_work(self.app), item)
        box += raw(control(f"Cite {finding['id']}", made, anchor))
        return box

    def _withdrawn(self, ledger: Ledger) -> list[nodes.Node]:
        """What was a finding once keeps its anchor, and says that it is none any more."""
        boxes: list[nodes.Node] = []
        for row in self._history.values():
            if row["id"] in ledger.findings:
                continue
            box = nodes.container(classes=["tifa-ledger-entry"], ids=[make_anchor(row["id"])])
            box += nodes.paragraph("", f"{row['id']}, withdrawn", classes=["tifa-ledger-id"])
            said = f"Version {row['version']} no longer computes this finding. "
            if row["date"]:
                said = f"Withdrawn on {row['date']}: {row['reason']} "
            said += "It read: "
            box += nodes.paragraph("", said + row["statement"])
            boxes.append(box)
        return boxes


def add_marks(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Mark findings that turn where their notebook shows them: it ran before they were tried."""
    body = context.get("body", "")
    if 'class="tifa-finding-id"' not in body:
        return
    for name, given in read_ledger(app).verdicts.items():
        if given["turn"]:
            uri = app.builder.get_relative_uri(page, given["page"])
            mark = render(
                "fragile.html",
                uri=f"{uri}#fig-{given['figure']}",
                claim=given["claim"],
                says=turns(given),
            )
            shown = f'<span class="tifa-finding-id">{name}</span>'
            body = body.replace(shown, f"{shown} {mark.strip()}")
    context["body"] = body


def turns(given: dict[str, Any]) -> str:
    """In how many specifications a finding turns."""
    return f"turns in {given['turn']:,} of {given['specifications']:,} specifications"


def held(given: dict[str, Any]) -> str:
    """That it turns in none."""
    every = given["specifications"]
    return f"holds in all {every:,} specifications" if every > 1 else "holds in the one tried"


def make_anchor(finding_id: str) -> str:
    """F2.1 becomes f2-1: the anchor never changes, as the id does not."""
    return finding_id.lower().replace(".", "-")


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that show the ledger are written anew whenever anything in it changed."""
    ledger = read_ledger(app)
    for drawn in ledger.drawn.values():  # a figure's number counts those before it
        depend(env, "findings", drawn["page"])
    pages = {f["page"] for f in ledger.findings.values()}
    titles = sorted((page, env.titles[page].astext()) for page in pages if page in env.titles)
    return made_again(env, "findings", hashlib.sha256(repr((ledger, titles)).encode()).hexdigest())


def write_json(app: Sphinx, error: Exception | None) -> None:
    """findings.json and the feed of changes, for machines."""
    if error is not None or app.builder.format != "html":
        return
    ledger, work, out = read_ledger(app), the_work(app), Path(app.outdir)
    findings = ledger.findings
    for finding in findings.values():
        given = ledger.verdicts.get(finding["id"])
        finding["robustness"] = given and {k: v for k, v in given.items() if k != "page"}
        anchor = make_anchor(finding["id"])
        finding["anchor"] = f"{LEDGER_PAGE}.html#{anchor}"
        item = cite_finding(app, finding, LEDGER_PAGE, anchor)
        finding["citation"] = citations(work, item) | {"csl": csl(work, item)}
        finding["version"] = work.version
        finding["software"] = f"tifa {__version__}"
    history = read_snapshot(data_folder() / "findings.csv")
    whole = {
        "$schema": SCHEMA.name,
        "title": f"{work.short_title}: findings",
        "authors": [author.full for author in work.authors],
        "version": work.exact,
        "date": the_date(app),
        "licence": PROSE_LICENCE,
        "url": address(app, LEDGER_PAGE),
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
        changes = render_feed(work, history, address(app, LEDGER_PAGE), app.config.html_baseurl)
        (out / FEED).write_text(changes, encoding="utf-8")


def linked(app: Sphinx) -> list[dict[str, Any]]:
    """Findings in the words of schema.org: claims, each with its estimate and what it rests on."""
    made = []
    for finding in read_ledger(app).findings.values():
        anchor = make_anchor(finding["id"])
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
        url = address(app, LEDGER_PAGE, anchor)
        made.append(claim | ({"@id": url, "url": url} if url else {}))
    return made


def render_feed(work: Work, history: list[dict[str, str]], page: str, base: str) -> str:
    """What changed in the ledger, newest first, as an Atom feed; each change has its day."""
    changed = sorted((r for r in history if r["date"]), key=lambda r: r["date"], reverse=True)
    rows = [row | {"anchor": make_anchor(row["id"])} for row in changed]
    return render("feed.xml", work=work, rows=rows, page=page, address=f"{base}{FEED}")
