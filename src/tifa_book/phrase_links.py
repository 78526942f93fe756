"""Link the formulas that the chapters name to their entries in the phrasebook.

In prose an entry's label is linked at its first mention in each paragraph, in a table wherever a
cell holds nothing else. Nobody has to remember to do it, and a renamed entry leaves no dead link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

import tifa
from tifa_book.phrasebook_page import PAGE, anchor

_CELL = re.compile(r"<td>([^<]+)</td>")
_BRACKET = re.compile(r" \([^)]*\)$")
#: What a link may not stand in.
_CLOSED = (nodes.reference, nodes.title, nodes.literal, nodes.literal_block, nodes.raw)
#: Labels of a topic ("Geneva (named)") are no formulas.
_TOPIC = "(named)"


def spoken_labels() -> dict[str, str]:
    """Lower-cased label to entry id; a bracket at its end may be left out."""
    entries = tifa.phrasebook().entries
    labels = {e.label.lower(): e.id for e in entries if _TOPIC not in e.label}
    short = {_BRACKET.sub("", e.label).lower(): e.id for e in entries if _TOPIC not in e.label}
    return {**short, **labels}


class LinkPhrases(SphinxPostTransform):
    default_priority = 900  # the ledger has filled in its sentences by then

    def run(self, **_: Any) -> None:
        if not self.env.docname.startswith("notebooks/"):
            return
        self.labels = spoken_labels()
        longest_first = sorted(self.labels, key=len, reverse=True)
        # a hyphen is no boundary: "non-terrorism" does not name terrorism
        words = "|".join(map(re.escape, longest_first))
        self.pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
        uri = self.env.app.builder.get_relative_uri(self.env.docname, PAGE)
        self.uri = "" if uri == "#" else uri
        for paragraph in list(self.document.findall(nodes.paragraph)):
            self._in_prose(paragraph)
        for raw in list(self.document.findall(nodes.raw)):
            if raw.get("format") == "html" and "tifa-table" in raw.astext():
                linked = _CELL.sub(self._cell, raw.astext())
                raw.replace_self(nodes.raw("", linked, format="html"))

    def _in_prose(self, paragraph: nodes.paragraph) -> None:
        linked = {r["refuri"].rpartition("#")[2] for r in paragraph.findall(_phrase_link)}
        for text in list(paragraph.findall(nodes.Text)):
            if any(isinstance(a, _CLOSED) for a in _ancestors(text)):
                continue
            pieces: list[nodes.Node] = []
            done = 0
            said = text.astext()
            for found in self.pattern.finditer(said):
                target = anchor(self.labels[found[0].lower()])
                if target in linked:
                    continue
                linked.add(target)
                link = nodes.reference("", found[0], refuri=f"{self.uri}#{target}", internal=True)
                link["classes"].append("tifa-phrase")
                pieces += [nodes.Text(said[done : found.start()]), link]
                done = found.end()
            if pieces:
                text.parent.replace(text, [*pieces, nodes.Text(said[done:])])

    def _cell(self, found: re.Match[str]) -> str:
        text = unescape(found[1])
        entry = self.labels.get(text.lower())
        if entry is None:
            return found[0]
        href = f"{self.uri}#{anchor(entry)}"
        return f'<td><a class="tifa-phrase" href="{href}">{escape(text)}</a></td>'


def _phrase_link(node: nodes.Node) -> bool:
    return isinstance(node, nodes.reference) and "#phrase-" in node.get("refuri", "")


def _ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node
