"""Keep pages light: only scripts that a page uses, and only the icons that the site uses.

``python -m tifa_book.page_weight`` writes the icon font again, which is needed when the theme or
:data:`ICONS` has changed; a test of the site reports this. It needs fontTools.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util import logging

from tifa.text.han import HAN

#: Scripts of features that this site does not use: live code, and another kind of fold.
UNUSED = ("thebe", "togglebutton")
#: Text that a page must contain for a script or style of this name to be loaded.
NEEDS = {
    "clipboard": "highlight",
    "copybutton": "highlight",
    "design-tabs": "sd-tab-set",
    "sphinx-design": " sd-",
    "mystnb": "cell_",
    "tables.js": "<table",
    "code.js": "tag_hide-input",
    "filter.js": '-entry docutils container"',
}
#: Files of the theme's static folder that no page uses.
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
#: Icons that the site uses, all in book/_assets/icons.woff.
ICONS = {
    "fa-angle-left",
    "fa-angle-right",
    "fa-arrow-up",
    "fa-bars",
    "fa-chevron-down",
    "fa-circle-half-stroke",
    "fa-list",
    "fa-magnifying-glass",
    "fa-moon",
    "fa-rocket",
    "fa-sun",
}
#: A rule that inserts an icon, possibly under several names.
_RULE = re.compile(r"((?:\.fa-[a-z0-9-]+:before,?)+)\{content:[^{}]*\}")
logger = logging.getLogger(__name__)


def drop_unused(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [f for f in context.get(kind, []) if _used(f, body)]
    for script in context["script_files"]:
        # deferred: run in order after the page is parsed, so that they do not delay the first view
        if script.attributes.get("type") != "module":  # modules are always deferred
            script.attributes.setdefault("defer", "defer")


def _used(file: Any, body: str) -> bool:
    name = str(getattr(file, "filename", None) or "")
    if not name:  # a script without a file would be inline, and our policy blocks those
        return False
    if any(unused in name for unused in UNUSED):
        return False
    return all(sign in body for part, sign in NEEDS.items() if part in name)


#: Code, and marks in it of tokens in the colour of plain code: names, operators, brackets, spaces.
_CODE = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_PLAIN = re.compile(r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
#: Two neighbouring marks of one kind.
_TWICE = re.compile(r'(<span class="(\w+)">[^<]*)</span><span class="\2">')


def thin_code(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave out what highlighting marks as plain, most of the elements of a chapter."""
    if "body" in context:
        context["body"] = _CODE.sub(lambda code: thinned(code[0]), context["body"])


def thinned(code: str) -> str:
    """Highlighted code with a mark only where it has another colour.

    >>> thinned('<pre><span class="n">a</span><span class="o">.</span><span class="mi">1</span>')
    '<pre>a.<span class="mi">1</span>'
    >>> thinned('<span class="s2">a</span><span class="s2">b</span><span class="s2">c</span>')
    '<span class="s2">abc</span>'
    """
    code, more = _PLAIN.sub(r"\1", code), 1
    while more:
        code, more = _TWICE.subn(r"\1", code)
    return code


def drop_live_code(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Remove the settings of live code, which are on all pages even if it is off."""
    for node in list(doctree.findall(nodes.raw)):
        if re.search(r"x-thebe-config|kernelName", node.astext()):
            node.parent.remove(node)


def search_prose(app: Sphinx) -> None:
    """Restrict the search to prose: a match in folded code would not be useful."""
    builder = app.builder
    index_page = getattr(builder, "index_page", None)
    if index_page is None:
        return

    def without_code(page: str, doctree: nodes.document, title: str) -> None:
        prose = doctree.deepcopy()
        for code in list(prose.findall(nodes.literal_block)):
            code.parent.remove(code)
        index_page(page, prose, title)

    builder.index_page = without_code  # type: ignore[attr-defined]


class Search(SearchEnglish):
    """The search of Sphinx, which also finds one or two Chinese characters within a run of them.

    Sphinx treats a run as one word, and finds only longer queries inside words.
    """

    def split(self, input: str) -> list[str]:
        runs = re.findall(f"[{HAN}]{{2,}}", input)
        pairs = [run[i : i + 2] for run in runs for i in range(len(run) - 1)]
        return [*super().split(input), *"".join(runs), *pairs]


def tidy_up(app: Sphinx, error: Exception | None) -> None:
    """Remove unused icons from the style sheets, and unused files."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    named = named_icons(Path(app.outdir))
    for sheet in (static / "styles").glob("*.css"):
        style = sheet.read_text(encoding="utf-8")
        for icon in sorted(named & icons_in(style) - ICONS):
            logger.warning("a page shows %s, which icons.woff lacks: see page_weight.py", icon)
        sheet.write_text(cut_icons(style), encoding="utf-8")
    for pattern in LEFT_OVER:
        for path in sorted(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def named_icons(site: Path) -> set[str]:
    """Icon classes that pages use."""
    named: set[str] = set()
    for page in site.rglob("*.html"):
        named |= set(re.findall(r"\bfa-[a-z0-9-]+", page.read_text(encoding="utf-8")))
    return named


def icons_in(style: str) -> set[str]:
    """Icon classes that a style sheet defines."""
    return {icon for rule in _RULE.finditer(style) for icon in _classes(rule[1])}


def cut_icons(style: str) -> str:
    """Remove the rules of unused icons from a style sheet."""
    return _RULE.sub(lambda rule: rule[0] if ICONS & _classes(rule[1]) else "", style)


def _classes(style: str) -> set[str]:
    return set(re.findall(r"\.(fa-[a-z0-9-]+)", style))


# --- the icon font ------------------------------------------------------------------------


FONT = Path("book/_assets/icons.woff")
_THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def icon_numbers() -> set[int]:
    """Code points of the icons in the reduced style sheet."""
    numbers: set[int] = set()
    sheet = _THEME / "styles" / "pydata-sphinx-theme.css"
    style = cut_icons(sheet.read_text(encoding="utf-8"))
    numbers |= {ord(letter) for letter in re.findall("[\ue000-\uf8ff]", style)}
    return numbers | {int(n, 16) for n in re.findall(r"\\([ef][0-9a-f]{3})\b", style)}


def write_icons(target: Path) -> None:
    """Write the font."""
    from fontTools import subset  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    options = subset.Options(flavor="woff", recalc_timestamp=False, layout_features=[])
    (source,) = _THEME.rglob("fa-solid-900.ttf")
    with TTFont(source, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=icon_numbers())
        cutter.subset(font)
        font.flavor = "woff"
        font.save(target)


if __name__ == "__main__":
    write_icons(FONT)
