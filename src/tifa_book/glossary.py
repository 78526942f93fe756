"""Give every glossary term in the pages its definition, to be read where it stands.

A page writes {term}`rate`. Sphinx makes a link to the glossary of it, and so it stays where no
script runs. Here each such link is described by the definition, which stands hidden at the end
of the page; glossary.js shows it beside the word.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from tifa_book.dependencies import depend, made_again
from tifa_book.markup import render

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
                _words(part) for part in item.children if isinstance(part, nodes.definition)
            )
            for term in item.children:
                if isinstance(term, nodes.term):
                    found |= {anchor: (term.astext(), about) for anchor in term["ids"]}
    return found


def _words(part: nodes.Element) -> str:
    """The words of a definition, without its citations: where it is quoted there is no room."""
    bare = part.deepcopy()
    for citation in list(bare.findall(addnodes.pending_xref)):
        if citation.get("refdomain") == "cite":
            citation.parent.remove(citation)
    return re.sub(r"\s+(?=[.,;:])", "", " ".join(bare.astext().split()))


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
        terms = [(anchor, *glossary[anchor]) for anchor in used]
        body += render("definitions.html", terms=terms)
    return body, list(used)


def note_terms(app: Sphinx, document: nodes.document) -> None:
    """Note that a page uses terms: it depends on their definitions."""
    if any(x.get("reftype") == "term" for x in document.findall(addnodes.pending_xref)):
        depend(app.env, "glossary")


def whole_glossary(env: BuildEnvironment) -> Glossary:
    """The terms that any page defines."""
    terms = (t for t in env.get_domain("std").get_objects() if t[2] == "term")
    glossary: Glossary = {}
    for page in sorted({term[3] for term in terms}):
        glossary |= read_glossary(env.get_doctree(page))
    return glossary


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages with terms are written anew when a definition has changed."""
    return made_again(env, "glossary", repr(whole_glossary(env)))


def add_definitions(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Describe the terms of a page, where it has any."""
    if "std-term" not in context.get("body", ""):
        return
    context["body"], used = describe_terms(context["body"], whole_glossary(app.env))
    if used:
        app.add_js_file("glossary.js", type="module")
        app.add_css_file("glossary.css")
