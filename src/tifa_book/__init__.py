"""Build and release the site of the compendium; most of this package is a Sphinx extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sphinx_findings.markup import raw, renderer

if TYPE_CHECKING:  # only for type checkers, because tifa_book.build must start without Sphinx
    from sphinx.application import Sphinx

__all__ = ["at_end", "on_page", "raw", "render"]
#: Renders a template of this package, given its file name and, as keywords, its values.
render = renderer("tifa_book")
PageHook = Callable[["Sphinx", str, dict[str, Any], Any], None]


def on_page(app: Sphinx, hook: PageHook, **options: Any) -> None:
    """Call ``hook`` for each page before it is written; the hook can change the template's values.

    ``options`` are passed to ``app.connect``.
    """

    def change(app: Sphinx, page: str, _: str, context: dict[str, Any], doctree: Any) -> None:
        hook(app, page, context, doctree)

    app.connect("html-page-context", change, **options)


def at_end(app: Sphinx, hook: Callable[[Sphinx], None]) -> None:
    """Call ``hook`` when an HTML build has ended without an error."""

    def finish(app: Sphinx, error: Exception | None) -> None:
        if error is None and app.builder.format == "html":
            hook(app)

    app.connect("build-finished", finish)
