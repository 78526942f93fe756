"""Our own HTML comes from the templates in this folder."""

from __future__ import annotations

from sphinx_findings.markup import raw, renderer

__all__ = ["raw", "render"]
render = renderer("tifa_book")
