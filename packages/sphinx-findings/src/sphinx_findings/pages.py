"""Put the findings and values that notebooks record into the pages.

{finding}`F2.1` prints the sentence of a finding, {value}`boats.count` a noted value, the directive
``findings`` lists the whole ledger. A finding that turns under other choices is marked wherever
it is printed.
"""

from __future__ import annotations

import hashlib
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from sphinx_findings.again import depend, made_again
from sphinx_findings.imprint import citations, control, the_work
from sphinx_findings.ledger import (
    Ledger,
    cite_finding,
    make_anchor,
    read_ledger,
    snapshot_path,
)
from sphinx_findings.markup import raw, render
from sphinx_findings.record import Finding
from sphinx_findings.snapshot import read_snapshot

logger = logging.getLogger(__name__)


class pending_finding(nodes.Inline, nodes.Element):  # noqa: N801 - docutils names nodes so
    """A finding's sentence, to be filled in when all notebooks have run."""


class pending_value(nodes.Inline, nodes.Element):  # noqa: N801
    """A value, to be filled in when all notebooks have run."""


class pending_ledger(nodes.General, nodes.Element):  # noqa: N801
    """The whole ledger."""


class FindingRole(SphinxRole):
    """The sentence of a finding, with a link to the ledger."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The finding, pending."""
        return [_pending(pending_finding, self, self.text)], []


class MarkRole(SphinxRole):
    """The link to the ledger alone, without the sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The finding, pending."""
        node = _pending(pending_finding, self, self.text)
        node["mark"] = True
        return [node], []


class ValueRole(SphinxRole):
    """A value noted in a notebook."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The value, pending."""
        return [_pending(pending_value, self, self.text)], []


class LedgerDirective(SphinxDirective):
    """All findings, and those that were withdrawn."""

    def run(self) -> list[nodes.Node]:
        """The ledger, pending."""
        depend(self.env, "findings")
        # depends on the snapshot, which has the withdrawn findings
        self.env.note_dependency(str(snapshot_path(self.env)))
        return [pending_ledger(source=self.env.docname)]


def _pending(kind: type[nodes.Element], role: SphinxRole, key: str) -> nodes.Element:
    depend(role.env, "findings")
    node = kind(key=key.strip(), doc=role.env.docname)
    role.set_source_info(node)
    return node


class FillIn(SphinxPostTransform):
    """Replace placeholders with the recorded findings and values."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        """Fill in a page."""
        pending = [pending_finding, pending_value, pending_ledger]
        found = [n for kind in pending for n in self.document.findall(kind)]
        if not found:
            return
        ledger = read_ledger(self.app)
        snapshot = read_snapshot(snapshot_path(self.app))
        self._history = {row["id"]: row for row in snapshot}
        for node in found:
            if isinstance(node, pending_ledger):
                entries = [self._entry(f, ledger) for f in ledger.findings.values()]
                node.replace_self([*entries, *self._withdrawn(ledger)])
                for stray in ledger.verdicts.keys() - ledger.findings.keys():
                    logger.warning("a verdict on %s, which is not a finding", stray, location=node)
            elif isinstance(node, pending_finding):
                node.replace_self(self._sentence(node, ledger))
            else:
                node.replace_self(self._value(node, ledger.values))

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
        shown: list[nodes.Node] = [link]
        if not node.get("mark"):
            shown.insert(0, nodes.inline("", finding["statement"] + " "))
        given = ledger.verdicts.get(finding["id"])
        if given is not None and given["turn"]:
            mark = self._to_verdicts(given, f"fragile: {turns(given)}", node["doc"])
            mark["classes"].append("findings-fragile")
            shown += [nodes.Text(" "), mark]
        return shown

    def _to_verdicts(self, given: dict[str, Any], text: str, doc: str) -> nodes.reference:
        try:
            uri = self.app.builder.get_relative_uri(doc, given["page"])
        except Exception:  # builders without pages
            uri = ""
        title = f"Tried as: {given['claim']}"
        uri += to_figure(given)
        return nodes.reference("", text, internal=True, refuri=uri, reftitle=title)

    def _link(self, finding_id: str, doc: str) -> nodes.Node:
        builder = self.app.builder
        link = nodes.reference(
            "", finding_id, internal=True, classes=["findings-link"], reftitle="In the ledger"
        )
        try:
            uri = builder.get_relative_uri(doc, self.app.config.findings_page)
        except Exception:  # builders without pages
            uri = ""
        link["refuri"] = f"{uri}#{make_anchor(finding_id)}"
        return link

    def _entry(self, finding: dict[str, Any], ledger: Ledger) -> nodes.Node:
        """A finding in the ledger: its anchor, sentence, numbers, verdict, tables."""
        anchor = make_anchor(finding["id"])
        box = nodes.container(classes=["findings-entry"], ids=[anchor])
        title = nodes.paragraph(classes=["findings-entry-id"])
        title += nodes.reference("", finding["id"], refuri=f"#{anchor}", internal=True)
        box += title
        box += nodes.paragraph("", finding["statement"], classes=["findings-statement"])
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
                link["classes"].append("findings-fragile")
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
        software = self.app.config.findings_software
        source += nodes.Text(f". Software: {software}." if software else ".")
        box += source
        made = citations(the_work(self.app), cite_finding(self.app, finding))
        box += raw(control(f"Cite {finding['id']}", made, anchor))
        return box

    def _withdrawn(self, ledger: Ledger) -> list[nodes.Node]:
        """A withdrawn finding, which keeps its anchor and says that it is withdrawn."""
        boxes: list[nodes.Node] = []
        for row in self._history.values():
            if row["id"] in ledger.findings:
                continue
            box = nodes.container(classes=["findings-entry"], ids=[make_anchor(row["id"])])
            box += nodes.paragraph("", f"{row['id']}, withdrawn", classes=["findings-entry-id"])
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
    """Mark findings that turn also in their own notebook, which ran before they were tested."""
    body = context.get("body", "")
    if 'class="findings-id"' not in body:
        return
    for name, given in read_ledger(app).verdicts.items():
        if given["turn"]:
            uri = app.builder.get_relative_uri(page, given["page"])
            mark = render(
                "fragile.html",
                uri=f"{uri}{to_figure(given)}",
                claim=given["claim"],
                says=turns(given),
            )
            shown = f'<span class="findings-id">{name}</span>'
            body = body.replace(shown, f"{shown} {mark.strip()}")
    context["body"] = body


def to_figure(given: dict[str, Any]) -> str:
    """The anchor that a mark links to on the page with the tests; empty for the page itself."""
    return f"#fig-{given['figure']}" if given["figure"] else ""


def turns(given: dict[str, Any]) -> str:
    """Say in how many specifications a finding turns."""
    return f"overturned in {given['turn']:,} of {given['specifications']:,} ways of counting"


def held(given: dict[str, Any]) -> str:
    """Say that it turns in none."""
    every = given["specifications"]
    return f"holds in all {every:,} specifications" if every > 1 else "holds in the one tried"


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Rewrite pages that show the ledger whenever anything in it has changed."""
    ledger = read_ledger(app)
    home = app.config.findings_page
    if ledger.findings and home not in env.found_docs:
        logger.warning("findings_page: there is no page %r, to which every finding is linked", home)
    pages = {f["page"] for f in ledger.findings.values()}
    titles = sorted((page, env.titles[page].astext()) for page in pages if page in env.titles)
    return made_again(env, "findings", hashlib.sha256(repr((ledger, titles)).encode()).hexdigest())
