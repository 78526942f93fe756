"""Insert the findings and values that notebooks record into pages.

The role {finding}`F2.1` prints the sentence of a finding, the role {value}`boats.count` a value
that was recorded by ``note``, and the directive ``findings`` the whole ledger. If a finding was
tried under other choices, words after its sentence say in how many ways of counting its claim is
true, and under which choice the claim does worst. The ledger names other choices under which the
claim fails, and links to a list of all choices that were tried alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from sphinx_findings.again import depend, made_again
from sphinx_findings.choices import changes, often, quoted, sureness
from sphinx_findings.imprint import citation_fold, citations, the_work
from sphinx_findings.ledger import (
    Ledger,
    as_finding,
    cite_finding,
    list_of,
    make_anchor,
    read_ledger,
    snapshot_path,
)
from sphinx_findings.markup import inside, raw, render
from sphinx_findings.snapshot import read_snapshot

logger = logging.getLogger(__name__)


class pending_finding(nodes.Inline, nodes.Element):  # noqa: N801 - docutils nodes are lower case
    """Placeholder for the sentence of a finding, until all notebooks have run."""


class pending_value(nodes.Inline, nodes.Element):  # noqa: N801
    """Placeholder for a value, until all notebooks have run."""


class pending_ledger(nodes.General, nodes.Element):  # noqa: N801
    """Placeholder for the whole ledger, until all notebooks have run."""


class PendingRole(SphinxRole):
    """Insert the placeholder of a finding or value.

    With ``mark``, the sentence of the finding is left out. What follows it is shown: the link to
    the ledger and, if the finding was tried, how often its claim is true.
    """

    def __init__(self, kind: type[nodes.Element], *, mark: bool = False) -> None:
        super().__init__()
        self.kind, self.mark = kind, mark

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the placeholder."""
        depend(self.env, "findings")
        node = self.kind(key=self.text.strip(), doc=self.env.docname, mark=self.mark)
        self.set_source_info(node)
        return [node], []


class LedgerDirective(SphinxDirective):
    """Insert the ledger: a table of the findings, and an entry for each, including withdrawn ones.

    The option ``first`` lists the ids of the findings to show in the table; the others then go into
    a second table, in a collapsible box.
    """

    option_spec: ClassVar = {"first": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the placeholder."""
        depend(self.env, "findings")
        # read this page again if the snapshot changes, which has the withdrawn findings
        self.env.note_dependency(str(snapshot_path(self.env)))
        # or if the front page changes: the ledger says how many findings are quoted there
        self.env.note_dependency(str(self.env.doc2path(self.config.root_doc)))
        first = self.options.get("first", "").split()
        return [pending_ledger(source=self.env.docname, first=first)]


class FillIn(SphinxPostTransform):
    """Replace placeholders with the recorded findings and values."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        """Replace the placeholders of a page."""
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
                index = self._index(ledger, node["first"])
                node.replace_self([index, *entries, *self._withdrawn(ledger)])
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
        text = re.sub(r"(?<!\w)-(?=\d)", "−", values[node["key"]])  # a minus, not a hyphen
        return nodes.inline("", text, classes=["findings-value", f"value-{node['key']}"])

    def _sentence(self, node: nodes.Element, ledger: Ledger) -> list[nodes.Node]:
        finding = ledger.findings.get(node["key"])
        if finding is None:
            logger.warning("no finding %r is recorded in a notebook", node["key"], location=node)
            return [nodes.Text("?")]
        anchor = make_anchor(finding["id"])
        try:
            uri = self.app.builder.get_relative_uri(node["doc"], self.app.config.findings_page)
        except Exception:  # some builders write no pages, so there is no address
            uri = ""
        link = {"internal": True, "refuri": f"{uri}#{anchor}"}
        about = {"classes": ["findings-link"], "reftitle": "Among the findings"}
        shown: list[nodes.Node] = [nodes.reference("", finding["id"], **about, **link)]
        if not node["mark"]:
            shown.insert(0, nodes.inline("", finding["statement"] + " "))
        given = ledger.verdicts.get(finding["id"])
        if given is not None:
            grade, says = often(given)
            if not inside(node, nodes.admonition):  # in a box there is no room for so many words
                says = sureness(given, self.words)
                if not node["mark"]:  # quote the claim: the sentence before it may say more
                    says = f"{quoted(given['claim'])}: {says}"
            looks = ["findings-sure", f"findings-{grade}"]
            shown += [nodes.Text(" "), nodes.reference("", says, classes=looks, **link)]
        return shown

    @property
    def words(self) -> dict[str, str]:
        """The setting ``findings_choices``, which says how to put choices in words."""
        return dict(self.app.config.findings_choices)

    def _entry(self, finding: dict[str, Any], ledger: Ledger) -> nodes.Node:
        anchor = make_anchor(finding["id"])
        box = nodes.container(classes=["findings-entry"], ids=[anchor])
        link = nodes.reference("", finding["id"], refuri=f"#{anchor}", internal=True)
        box += nodes.paragraph("", "", link, classes=["findings-entry-id"])
        box += nodes.paragraph("", finding["statement"], classes=["findings-statement"])
        if finding["limits"]:
            box += nodes.paragraph("", finding["limits"])
        box += nodes.paragraph("", f"Estimate: {as_finding(finding).interval}.")
        given = ledger.verdicts.get(finding["id"])
        if given is not None:
            name = list_of(finding["id"], given)
            uri = name and "../" * self.env.docname.count("/") + name
            changed = changes(given, self.words)
            box += raw(render("choices.html", list=uri, legend=False, **changed))
        box += raw('<details class="findings-source"><summary>Code and files</summary>')
        source = nodes.paragraph("", "Computed in ")
        source += self._link(finding["page"], f"at-{anchor}")
        source += nodes.Text(" from ")
        for index, (table, digest) in enumerate(sorted(finding["tables"].items())):
            source += nodes.Text(", " if index else "")
            source += [nodes.literal("", table), nodes.Text(f" (SHA-256 {digest[:12]})")]
        software = self.app.config.findings_software
        source += nodes.Text(f". Software: {software}." if software else ".")
        if given is not None and given["figure"]:
            source += nodes.Text(" The choices are drawn in " if given["draws"] else " See ")
            named = "a figure" if given["draws"] else "the finding’s figure"
            source += self._link(given["page"], f"fig-{given['figure']}", named)
            source += nodes.Text(".")
        box += source
        box += raw("</details>")
        made = citations(the_work(self.app), cite_finding(self.app, finding, given))
        box += raw(citation_fold(f"Cite {finding['id']}", made, anchor, f"cite-{anchor}"))
        earlier = self._history.get(finding["id"], {})
        if earlier.get("earlier"):
            box += raw(render("earlier.html", row=earlier))
        return box

    def _link(self, page: str, anchor: str, text: str = "") -> nodes.reference:
        """Return a link to an anchor on another page; by default its text is the page's title."""
        title = self.env.titles.get(page)
        uri = f"{self.app.builder.get_relative_uri(self.env.docname, page)}#{anchor}"
        label = text or (title.astext() if title is not None else page)
        return nodes.reference("", label, internal=True, refuri=uri)

    def _index(self, ledger: Ledger, first: Sequence[str]) -> nodes.Node:
        """Return a table of the findings in ``first`` and a collapsible one of the others.

        If ``first`` names no finding, there is a single table of all findings.
        """
        rows = {}
        for finding in ledger.findings.values():
            id, given = finding["id"], ledger.verdicts.get(finding["id"])
            rows[id] = {
                "id": id,
                "anchor": make_anchor(id),
                "claim": given["claim"] if given else first_clause(finding["statement"]),
                "estimate": as_finding(finding).short,
                "mark": sureness(given, self.words) if given else "not tried",
            }
        for name in set(first) - set(rows):
            logger.warning("findings: %s, which is not a finding, shall come first", name)
        leading = [rows.pop(name) for name in first if name in rows]
        front = self.env.get_doctree(self.config.root_doc)
        return raw(
            render(
                "index.html",
                first=leading,
                rows=[*rows.values()],
                total=len(ledger.findings),
                withdrawn=len(self._history.keys() - ledger.findings.keys()),
                quoted=len({n["key"] for n in front.findall(pending_finding)}),
            )
        )

    def _withdrawn(self, ledger: Ledger) -> list[nodes.Node]:
        """Return the entries of withdrawn findings, which keep their anchors."""
        boxes: list[nodes.Node] = []
        for row in self._history.values():
            if row["id"] in ledger.findings:
                continue
            box = nodes.container(classes=["findings-entry"], ids=[make_anchor(row["id"])])
            box += nodes.paragraph("", f"{row['id']}, withdrawn", classes=["findings-entry-id"])
            why = f"Version {row['version']} no longer computes this finding. "
            if row["date"]:
                why = f"Withdrawn on {row['date']}: {row['reason']} "
            why += "It read: "
            box += nodes.paragraph("", why + row["statement"])
            boxes.append(box)
        return boxes


def add_marks(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """On the page of a notebook, add to each finding that was tried how often its claim is true.

    The notebook itself cannot show this, because the finding may be tried in a later notebook.
    """
    body = context.get("body", "")
    if 'class="findings-id"' not in body:
        return
    ledger = app.builder.get_relative_uri(page, app.config.findings_page)
    for name, given in read_ledger(app).verdicts.items():
        says = f"{quoted(given['claim'])}: {sureness(given, app.config.findings_choices)}"
        uri = f"{ledger}#{make_anchor(name)}"
        mark = render("sure.html", uri=uri, says=says, often=often(given)[0])
        before, shown, rest = body.partition(f'<span class="findings-id">{name}</span> <span>')
        sentence, end, after = rest.partition("</span>")
        if end:
            body = f"{before}{shown}{sentence}{end} {mark.strip()}{after}"
    context["body"] = body


def first_clause(statement: str) -> str:
    """Return a statement up to its first full stop, colon or semicolon.

    >>> first_clause("Of 9 boats 8 left on time: one was late.")
    'Of 9 boats 8 left on time'
    """
    return re.split(r"[.:;]\s|\.$", statement, maxsplit=1)[0]


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages with findings or values, to be written again, if the ledger has changed."""
    ledger = read_ledger(app)
    home = app.config.findings_page
    if ledger.findings and home not in env.found_docs:
        logger.warning("findings_page: there is no page %r, to which every finding is linked", home)
    pages = {f["page"] for f in ledger.findings.values()}
    titles = sorted((page, env.titles[page].astext()) for page in pages if page in env.titles)
    return made_again(env, "findings", hashlib.sha256(repr((ledger, titles)).encode()).hexdigest())
