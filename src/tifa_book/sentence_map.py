"""The script and the style of the sentence map, on pages that have one."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    if '<figure class="tifa-map"' in context.get("body", ""):
        app.add_js_file("sentence-map/main.js", type="module")
        app.add_css_file("sentence-map/sentence-map.css")
