"""Escape titles and names, which the theme prints without escaping.

A separate extension, because the book of a study made by `tifa new` loads it too.
"""

from __future__ import annotations

from typing import Any

from markupsafe import escape
from sphinx.application import Sphinx

#: Values that sphinx-book-theme and its parent print without escaping.
PRINTED = ("author", "docstitle", "pagetitle", "root_title")


def escape_titles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Escape titles and names, unless they are escaped already."""
    context.update({name: escape(context[name]) for name in PRINTED if context.get(name)})


def setup(app: Sphinx) -> dict[str, bool]:
    """Load the extension."""
    # the theme, which sets some of them, is loaded when the builder starts
    app.connect("builder-inited", lambda app: app.connect("html-page-context", escape_titles))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
