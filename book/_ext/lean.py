"""Load no script that no page uses: the live-code client of the book builder, for one."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

UNUSED = ("thebe",)


def drop_unused(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [f for f in context.get(kind, []) if not _unused(f)]


def _unused(file: Any) -> bool:
    said = f"{getattr(file, 'filename', '')} {getattr(file, 'attributes', '')}".lower()
    return any(name in said for name in UNUSED)


def setup(app: Sphinx) -> dict[str, bool]:
    # last of all: after every extension has added its files
    app.connect("html-page-context", drop_unused, priority=10_000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
