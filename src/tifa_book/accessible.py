"""Mend what the tools below us leave inaccessible in the pages."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class PlainBibliography(SphinxPostTransform):
    """References as plain blocks: docutils gives them an ARIA role that is deprecated."""

    default_priority = 800
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for citation in list(self.document.findall(nodes.citation)):
            block = nodes.container(ids=citation["ids"], classes=["tifa-reference"])
            block += [n for n in citation.children if not isinstance(n, nodes.label)]
            citation.replace_self(block)


def name_folds(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """A folded cell is named by the words that stand on it, not by a label of its own."""
    if "body" in context:
        context["body"] = context["body"].replace(' aria-label="Toggle hidden content"', "")


def name_sidebar_folds(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """The arrow that opens a part of the sidebar has no words: it gets a name."""
    tree = context.get("generate_toctree_html")
    if tree is None:
        return

    def named(*args: Any, **options: Any) -> str:
        return str(tree(*args, **options)).replace(
            "<summary>", '<summary aria-label="Pages under this one">'
        )

    context["generate_toctree_html"] = named
