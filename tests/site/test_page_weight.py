"""Pages are light, and keep all icons that they show."""

import re
from types import SimpleNamespace

import pytest
from browsing import built, html_of
from conftest import ROOT
from fontTools.ttLib import TTFont

from tifa_book import page_weight

SHEET = (
    "i{color:red}.fa-lg{font-size:2em}"
    '.fa-sun:before{content:"\\f185"}.fa-anchor:before{content:"\\f13d"}'
)


@pytest.fixture
def tidied(tmp_path, monkeypatch):
    """Tidy up a site of one page; return the style sheet and the warnings."""

    def tidy(page):
        static = tmp_path / "_static"
        (static / "styles").mkdir(parents=True)
        (static / "vendor").mkdir()
        sheet = static / "styles" / "pier.css"
        sheet.write_text(SHEET, "utf-8")
        (tmp_path / "page.html").write_text(page, "utf-8")
        said = []
        warn = SimpleNamespace(warning=lambda text, *parts: said.append(text % parts))
        monkeypatch.setattr(page_weight, "logger", warn)
        app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html"))
        page_weight.tidy_up(app, None)
        assert not (static / "vendor").exists()
        return sheet.read_text("utf-8"), said

    return tidy


def test_only_icons_of_the_font_are_kept(tidied):
    style, said = tidied('<i class="fa-solid fa-lg fa-sun"></i>')
    assert style == SHEET.partition(".fa-anchor")[0]
    assert not said


def test_the_font_is_that_of_the_theme_and_of_the_list(tmp_path):
    """If this fails, run python -m tifa_book.page_weight."""
    fresh = tmp_path / "icons.woff"
    page_weight.write_icons(fresh)
    committed = ROOT / page_weight.FONT
    assert len(page_weight.icon_numbers()) >= len(page_weight.ICONS)
    with TTFont(fresh) as new, TTFont(committed) as old:
        assert set(new.getBestCmap()) == set(old.getBestCmap())
        for glyph in new.getGlyphOrder():
            assert new["glyf"][glyph] == old["glyf"][glyph]


@built
def test_code_has_marks_only_for_colours_of_their_own():
    html = html_of("notebooks/travel.html")
    assert '<span class="k">' in html
    assert not re.search(r'<span class="(n|nn|o|p|w)">', html)
