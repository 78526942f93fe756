"""Render HTML from templates, which escape all values, and insert it into pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jinja2
from docutils import nodes


def renderer(package: str) -> Callable[..., str]:
    """Return a function that renders a template of a package.

    Its arguments are the file name of the template and, as keywords, the values in the template.
    """
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def render(template: str, **values: Any) -> str:
        return templates.get_template(template).render(values)

    return render


render = renderer("sphinx_findings")


def inside(node: nodes.Node, *kinds: type[nodes.Node]) -> bool:
    """Return whether a node has an ancestor of one of these types."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def raw(html: str) -> nodes.raw:
    """Return a node that inserts HTML into a page unchanged."""
    return nodes.raw("", html, format="html")
