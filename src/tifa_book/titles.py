"""Escape the titles and names that the theme prints as they are: they are text, not markup.

An extension of its own, because the book of a study made by `tifa new` loads it too.
"""

from __future__ import annotations

from typing import Any

from markupsafe import escape
from sphinx.application import Sphinx

#: What sphinx-book-theme and its parent put into pages without escaping it.
PRINTED = ("author", "docstitle", "pagetitle", "root_title")


def escape_titles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Make titles and names safe to print; those that were made safe already stay as they are."""
    context.update({name: escape(context[name]) for name in PRINTED if context.get(name)})


def setup(app: Sphinx) -> dict[str, bool]:
    """Load the extension."""
    # the theme, which puts some of them there, is loaded when the builder starts
    app.connect("builder-inited", lambda app: app.connect("html-page-context", escape_titles))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
