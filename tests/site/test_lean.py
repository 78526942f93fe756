"""Pages are light, and never at the price of a rule that they need."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pydata_sphinx_theme
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from tifa_book import lean

NAMES = ["boat", "reed", *(f"wave-{n}" for n in range(lean.LEAST_RULES))]
SHEET = "i{color:red}.fa-lg{font-size:2em}" + "".join(
    f'.fa-{name}:before{{content:"\\{0xF000 + n:04x}"}}' for n, name in enumerate(NAMES)
)
PAGE = '<p>A pier</p><i class="fa-solid fa-lg fa-boat"></i>'


def write_font(path: Path) -> None:
    """A font with a square for each icon."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 9), (9, 9), (9, 0)):
        pen.lineTo(corner)
    pen.closePath()
    glyphs = [".notdef", *NAMES]
    font = FontBuilder(10)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap({0xF000 + n: name for n, name in enumerate(NAMES)})
    font.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (10, 0)))
    font.setupHorizontalHeader()
    font.setupOS2()
    font.setupPost()
    path.parent.mkdir(parents=True)
    font.save(path)


@pytest.fixture
def tidied(tmp_path, monkeypatch):
    """Tidy up a site with a style sheet; give the sheet, the icons of the font, the warnings."""

    def tidy(style, page=PAGE):
        static = tmp_path / "_static"
        write_font(static / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.ttf")
        (static / "styles").mkdir()
        sheet = static / "styles" / "pier.css"
        sheet.write_text(style, "utf-8")
        (tmp_path / "page.html").write_text(page, "utf-8")
        said = []
        warn = SimpleNamespace(warning=lambda text, *parts: said.append(text % parts))
        monkeypatch.setattr(lean, "logger", warn)
        lean.tidy_up(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
        assert not (static / "vendor").exists()
        with TTFont(static / lean.ICONS) as font:
            icons = set(font.getBestCmap())
        return sheet.read_text("utf-8"), icons, said

    return tidy


def test_only_icons_that_a_page_names_are_kept(tidied):
    style, icons, said = tidied(SHEET)
    assert style == 'i{color:red}.fa-lg{font-size:2em}.fa-boat:before{content:"\\f000"}'
    assert icons == {0xF000}
    assert not said


@pytest.mark.parametrize(
    ("style", "page", "why"),
    {
        "written otherwise": (SHEET.replace("content:", "--fa:"), PAGE, "0 rules of icons found"),
        "two colons": (SHEET.replace(":before", "::before"), PAGE, "0 rules of icons found"),
        "with spaces": (SHEET.replace("{", " { "), PAGE, "0 rules of icons found"),
        "no icons": ("i{color:red}", PAGE, "0 rules of icons found"),
        "nothing to cut": (SHEET, " ".join(f"fa-{name}" for name in NAMES), "every icon"),
        "not in the font": (SHEET.replace("\\f", "\\e"), PAGE, "has none of the icons"),
        "a page without": (SHEET, "<p>A pier</p>", "has none of the icons"),
        "half a rule": (SHEET + ".fa-reed:before{content", PAGE, "cut in two"),
    }.values(),
)
def test_a_sheet_that_is_not_as_expected_stays_whole_and_is_told(tidied, style, page, why):
    kept, icons, said = tidied(style, page)
    assert kept == style
    assert len(icons) == len(NAMES)
    assert len(said) == 1
    assert why in said[0]


def test_a_rule_that_a_page_needs_is_not_lost(monkeypatch):
    monkeypatch.setattr(lean, "cut_icons", lambda style, named: style.replace(".fa-boat:", ".x:"))
    with pytest.raises(lean.UnexpectedStyleError, match="fa-boat is named by a page, and lost"):
        lean.cut_sheets({Path("pier.css"): SHEET}, {"fa-boat"})


def test_the_theme_is_as_expected():
    sheets = Path(pydata_sphinx_theme.__file__).parent.rglob("pydata-sphinx-theme.css")
    styles = {path: path.read_text("utf-8") for path in sheets}
    named = {"fa-bars", "fa-magnifying-glass", "fa-solid"}
    (cut,) = lean.cut_sheets(styles, named).values()
    assert ".fa-bars:before" in cut
    assert ".fa-magnifying-glass:before" in cut
    assert ".fa-anchor:before" not in cut
    assert len(cut) < 0.9 * sum(map(len, styles.values()))
