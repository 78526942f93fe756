"""Keep pages light: no script that a page does not use, and icons instead of an icon library."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.util import logging

#: Never used here: live code, and folds of a kind that no page has.
UNUSED = ("thebe", "togglebutton")
#: What must stand in a page for a script or style of this name to be worth loading.
NEEDS = {
    "clipboard": "highlight",
    "copybutton": "highlight",
    "design-tabs": "sd-tab-set",
    "sphinx-design": " sd-",
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
#: A rule that puts in one icon; one of several names.
_RULE = re.compile(r"((?:\.fa-[a-z0-9-]+:before,?)+)\{content:[^{}]*\}")
#: The theme has nearly two thousand of them; far fewer, and they are written in another way.
LEAST_RULES = 500
logger = logging.getLogger(__name__)


def drop_unused(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [f for f in context.get(kind, []) if _used(f, body)]
    for script in context["script_files"]:
        # in their order, after the page is there: no script holds up the first view
        script.attributes.setdefault("defer", "defer")


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
    if fonts.exists():  # it is copied afresh by each build
        sheets = {p: p.read_text(encoding="utf-8") for p in (static / "styles").glob("*.css")}
        try:
            cut = cut_sheets(sheets, named_icons(Path(app.outdir)))
            write_icons(fonts, static / ICONS, icon_numbers(cut.values()))
        except UnexpectedStyleError as doubt:
            logger.warning("the icons of the theme are left as they are: %s", doubt)
            cut = sheets
            shutil.copyfile(fonts, static / ICONS)  # browsers tell its kind by its content
        for path, style in cut.items():
            path.write_text(style, encoding="utf-8")
    for pattern in LEFT_OVER:
        for path in sorted(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def named_icons(site: Path) -> set[str]:
    """Classes of icons that pages name."""
    named: set[str] = set()
    for page in site.rglob("*.html"):
        named |= set(re.findall(r"\bfa-[a-z0-9-]+", page.read_text(encoding="utf-8")))
    return named


class UnexpectedStyleError(Exception):
    """The theme's style sheets are not such that rules could be taken out of them."""


def cut_sheets(sheets: dict[Path, str], named: set[str]) -> dict[Path, str]:
    """Take the rules of icons that no page names out of style sheets.

    Raises
    ------
    UnexpectedStyleError
        Where too few rules look like those of icons, none was taken out, or one that a page
        needs is gone: another version of the theme may write them in another way.

    """
    found = sum(len(_RULE.findall(style)) for style in sheets.values())
    if found < LEAST_RULES:
        raise UnexpectedStyleError(f"{found} rules of icons found, expected {LEAST_RULES} or more")
    cut = {path: cut_icons(style, named) for path, style in sheets.items()}
    if cut == sheets:
        raise UnexpectedStyleError("every icon is named by a page")
    for path, style in cut.items():
        lost = sorted(named & (_classes(sheets[path]) - _classes(style)))
        if lost:
            raise UnexpectedStyleError(f"{path.name}: {lost[0]} is named by a page, and lost")
        if style.count("{") != style.count("}"):
            raise UnexpectedStyleError(f"{path.name}: a rule was cut in two")
    return cut


def cut_icons(style: str, named: set[str]) -> str:
    """Take the rules of icons that no page names out of a style sheet."""

    def keep(rule: re.Match[str]) -> str:
        return rule[0] if named & _classes(rule[1]) else ""

    return _RULE.sub(keep, style)


def _classes(style: str) -> set[str]:
    return set(re.findall(r"\.(fa-[a-z0-9-]+)", style))


def icon_numbers(sheets: Iterable[str]) -> set[int]:
    """Numbers of all icons that style sheets put in: letters of the private use area."""
    numbers: set[int] = set()
    for style in sheets:
        numbers |= {ord(letter) for letter in re.findall("[\ue000-\uf8ff]", style)}
        numbers |= {int(n, 16) for n in re.findall(r"\\([ef][0-9a-f]{3})\b", style)}
    return numbers


def write_icons(source: Path, target: Path, numbers: set[int]) -> None:
    """Cut a font down to some of its glyphs.

    Raises
    ------
    UnexpectedStyleError
        Where it has none of them.

    """
    options = subset.Options(flavor="woff", recalc_timestamp=False, layout_features=[])
    with TTFont(source, recalcTimestamp=False) as font:
        if not numbers & set(font.getBestCmap()):
            raise UnexpectedStyleError(f"{source.name} has none of the icons on the pages")
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=numbers)
        cutter.subset(font)
        font.flavor = "woff"
        font.save(target)
