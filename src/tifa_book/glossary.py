"""Show the definition of glossary terms in the pages, in place.

A page writes {term}`rate`. Sphinx turns it into a link to the glossary, which works without
scripts. This module adds the definition, hidden at the end of the page, and marks it as the
description of the link; glossary.js shows it next to the word.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_findings.again import depend, made_again

from tifa_book.markup import render

_TERM = re.compile(
    r'<a class="reference internal" href="(?P<href>[^"#]*#(?P<id>term-[^"]+))"(?: title="[^"]*")?>'
    r'<span class="xref std std-term">(?P<said>.*?)</span></a>'
)
#: Terms and definitions by the anchor of the term.
Glossary = dict[str, tuple[str, str]]


def read_glossary(document: nodes.document) -> Glossary:
    """Read the terms that a page defines."""
    found: Glossary = {}
    for glossary in document.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            about = " ".join(
                _words(part) for part in item.children if isinstance(part, nodes.definition)
            )
            for term in item.children:
                if isinstance(term, nodes.term):
                    found |= {anchor: (term.astext(), about) for anchor in term["ids"]}
    return found


def _words(part: nodes.Element) -> str:
    """The text of a definition without its citations, to save space."""
    bare = part.deepcopy()
    for citation in list(bare.findall(addnodes.pending_xref)):
        if citation.get("refdomain") == "cite":
            citation.parent.remove(citation)
    return re.sub(r"\s+(?=[.,;:])", "", " ".join(bare.astext().split()))


def describe_terms(body: str, glossary: Glossary) -> tuple[str, list[str]]:
    """Add descriptions to the terms of a page; also returns the anchors of the terms used."""
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
        terms = [(anchor, *glossary[anchor]) for anchor in used]
        body += render("definitions.html", terms=terms)
    return body, list(used)


def note_terms(app: Sphinx, document: nodes.document) -> None:
    """Record that a page uses terms, so that it depends on their definitions."""
    if any(x.get("reftype") == "term" for x in document.findall(addnodes.pending_xref)):
        depend(app.env, "glossary")


def whole_glossary(env: BuildEnvironment) -> Glossary:
    """The terms of all pages."""
    terms = (t for t in env.get_domain("std").get_objects() if t[2] == "term")
    glossary: Glossary = {}
    for page in sorted({term[3] for term in terms}):
        glossary |= read_glossary(env.get_doctree(page))
    return glossary


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Rewrite pages with terms when a definition has changed."""
    return made_again(env, "glossary", repr(whole_glossary(env)))


def add_definitions(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add definitions to a page that uses terms."""
    if "std-term" not in context.get("body", ""):
        return
    context["body"], used = describe_terms(context["body"], whole_glossary(app.env))
    if used:
        app.add_js_file("glossary.js", type="module")
        app.add_css_file("glossary.css")
