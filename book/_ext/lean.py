"""Keep pages light: no script that a page does not use, and icons instead of an icon library."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

#: Never used here: live code, and folds of a kind that no page has.
UNUSED = ("thebe", "togglebutton")
#: What must stand in a page for a script or style of this name to be worth loading.
NEEDS = {
    "clipboard": "highlight",
    "copybutton": "highlight",
    "design-tabs": "sd-tab-set",
    "mystnb": "cell_",
    "tables.js": "<table",
    "code.js": "tag_hide-input",
}
#: Of the theme's static folder, what no page asks for.
LEFT_OVER = (
    "**/*.map",
    "**/webpack-macros.html",
    "sbt-webpack-macros.html",
    "locales",
    "scripts/fontawesome.js*",
    "styles/theme.css",
    "sphinx-thebe.*",
    "togglebutton.*",
    "vendor",
)
ICONS = "icons.woff"


def drop_unused(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [f for f in context.get(kind, []) if _used(f, body)]


def _used(file: Any, body: str) -> bool:
    name = str(getattr(file, "filename", None) or "")
    if not name:  # a script without a file stands in the page: our policy would refuse it
        return False
    if any(unused in name for unused in UNUSED):
        return False
    return all(sign in body for part, sign in NEEDS.items() if part in name)


def drop_live_code(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Take away the settings of live code, which stand on pages whether it is on or off."""
    for node in list(doctree.findall(nodes.raw)):
        if re.search(r"x-thebe-config|kernelName", node.astext()):
            node.parent.remove(node)


def tidy_up(app: Sphinx, error: Exception | None) -> None:
    """Write the icons that pages show as a small font; remove what nothing asks for."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    fonts = static / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.ttf"
    if fonts.exists():
        write_icons(fonts, static / ICONS, _icons(Path(app.outdir)))
    for pattern in LEFT_OVER:
        for path in sorted(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _icons(site: Path) -> set[int]:
    """The icons' numbers: those named in pages, and those that the theme's styles put in."""
    named = set()
    for page in site.rglob("*.html"):
        named |= set(re.findall(r"\bfa-[a-z0-9-]+", page.read_text(encoding="utf-8")))
    numbers = set()
    for sheet in sorted((site / "_static" / "styles").glob("*.css")):
        for selectors, rules in re.findall(
            r"([^{}]*)\{([^{}]*)\}", sheet.read_text(encoding="utf-8")
        ):
            names = set(re.findall(r"\.(fa-[a-z0-9-]+):{1,2}before", selectors))
            if names and not names & named:
                continue
            numbers |= {ord(letter) for letter in re.findall("[\ue000-\uf8ff]", rules)}
            numbers |= {int(n, 16) for n in re.findall(r"\\([ef][0-9a-f]{3})\b", rules)}
    return numbers


def write_icons(source: Path, target: Path, numbers: set[int]) -> None:
    """Cut a font down to some of its glyphs."""
    options = subset.Options(flavor="woff", recalc_timestamp=False, layout_features=[])
    with TTFont(source, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=numbers)
        cutter.subset(font)
        font.flavor = "woff"
        font.save(target)


def setup(app: Sphinx) -> dict[str, bool]:
    # after every extension has added its files, and before they are listed and hashed
    app.connect("html-page-context", drop_unused, priority=10_000)
    app.connect("doctree-resolved", drop_live_code, priority=10_000)
    app.connect("build-finished", tidy_up, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
