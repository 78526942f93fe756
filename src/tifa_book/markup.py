"""Our own HTML comes from the templates in this folder, which escape all values."""

from __future__ import annotations

from typing import Any

import jinja2
from docutils import nodes

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("tifa_book"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: Any) -> str:
    """Fill in a template; values are escaped."""
    return _TEMPLATES.get_template(template).render(values)


def raw(html: str) -> nodes.raw:
    """Insert HTML into a page."""
    return nodes.raw("", html, format="html")
