"""Give every glossary term in the pages its definition, to be read where it stands.

A page writes {term}`rate`. Sphinx makes a link to the glossary of it, and so it stays where no
script runs. Here each such link is described by the definition, which stands hidden at the end
of the page; glossary.js shows it beside the word.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

_TERM = re.compile(
    r'<a class="reference internal" href="(?P<href>[^"#]*#(?P<id>term-[^"]+))"(?: title="[^"]*")?>'
    r'<span class="xref std std-term">(?P<said>.*?)</span></a>'
)
#: Anchor of a term to the term and its definition.
Glossary = dict[str, tuple[str, str]]


def read_glossary(document: nodes.document) -> Glossary:
    """The terms that a page defines."""
    found: Glossary = {}
    for glossary in document.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            about = " ".join(
                " ".join(part.astext().split())
                for part in item.children
                if isinstance(part, nodes.definition)
            )
            for term in item.children:
                if isinstance(term, nodes.term):
                    found |= {anchor: (term.astext(), about) for anchor in term["ids"]}
    return found


def describe_terms(body: str, glossary: Glossary) -> tuple[str, list[str]]:
    """The page with its terms described, and the anchors of those that it uses."""
    used: dict[str, None] = {}

    def described(found: re.Match[str]) -> str:
        anchor = found["id"]
        if anchor not in glossary:
            return found[0]
        used[anchor] = None
        return (
            f'<a class="tifa-term" href="{found["href"]}" aria-describedby="define-{anchor}">'
            f"{found['said']}</a>"
        )

    body = _TERM.sub(described, body)
    if used:
        lines = "".join(
            f'<p id="define-{anchor}"><strong>{escape(glossary[anchor][0])}</strong>: '
            f"{escape(glossary[anchor][1])}</p>"
            for anchor in used
        )
        body += f'<div class="tifa-definitions" hidden>{lines}</div>'
    return body, list(used)


def add_definitions(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    if "std-term" not in context.get("body", ""):
        return
    glossary: Glossary = {}
    for place in sorted({v[0] for v in app.env.domains["std"]._terms.values()}):
        glossary |= read_glossary(app.env.get_doctree(place))
    context["body"], used = describe_terms(context["body"], glossary)
    if used:
        app.add_js_file("glossary.js", type="module")
        app.add_css_file("glossary.css")


def outdated(app: Sphinx, env: Any) -> list[str]:
    """Pages with terms are written anew when a definition has changed."""
    terms = sorted(env.domains["std"]._terms.items())
    said = [read_glossary(env.get_doctree(place)) for place in sorted({v[0] for _, v in terms})]
    now = repr((terms, said))
    before = getattr(env, "tifa_glossary_seen", None)
    env.tifa_glossary_seen = now
    if before == now:
        return []
    return [doc for doc in sorted(env.found_docs) if _has_terms(env, doc)]


def _has_terms(env: Any, doc: str) -> bool:
    document = env.get_doctree(doc)
    return any(x.get("reftype") == "term" for x in document.findall(addnodes.pending_xref))
