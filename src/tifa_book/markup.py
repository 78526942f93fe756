"""HTML of our own comes from the templates beside this file, which escape what is put in."""

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
    """HTML of a template with values in it; they are escaped."""
    return _TEMPLATES.get_template(template).render(values)


def raw(html: str) -> nodes.raw:
    """HTML as a part of a page."""
    return nodes.raw("", html, format="html")
