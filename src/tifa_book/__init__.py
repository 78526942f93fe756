"""The site of the compendium: one Sphinx extension, tools to build it, and to release it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sphinx_findings.markup import raw, renderer

if TYPE_CHECKING:  # slow to load; the command that builds a book runs Sphinx in another process
    from sphinx.application import Sphinx

__all__ = ["at_end", "on_page", "raw", "render"]
#: Fills in a template of this package.
render = renderer("tifa_book")
PageHook = Callable[["Sphinx", str, dict[str, Any], Any], None]


def on_page(app: Sphinx, hook: PageHook, **options: Any) -> None:
    """Let a hook change the context of each page before it is written."""

    def change(app: Sphinx, page: str, _: str, context: dict[str, Any], doctree: Any) -> None:
        hook(app, page, context, doctree)

    app.connect("html-page-context", change, **options)


def at_end(app: Sphinx, hook: Callable[[Sphinx], None]) -> None:
    """Call a hook when an HTML build has ended without an error."""

    def finish(app: Sphinx, error: Exception | None) -> None:
        if error is None and app.builder.format == "html":
            hook(app)

    app.connect("build-finished", finish)
