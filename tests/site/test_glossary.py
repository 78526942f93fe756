"""Technical terms are explained in place: by pointer, keyboard, touch and screen reader."""

import re
from html import unescape

import pytest
from browsing import SITE, WCAG
from conftest import ROOT
from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from tifa_book import glossary

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGE = "notebooks/02-term-frequency.html"
LINK = (
    '<a class="reference internal" href="../book/how-to-read.html#term-{id}">'
    '<span class="xref std std-term">{said}</span></a>'
)


def document():
    made = new_document("test")
    glossary = addnodes.glossary()
    items = nodes.definition_list()
    for names, about in ((["oar", "paddle"], "What\nmoves <a boat>."), (["reed"], "A plant.")):
        item = nodes.definition_list_item()
        item += [nodes.term("", name, ids=[f"term-{name}"]) for name in names]
        item += nodes.definition("", nodes.paragraph("", about))
        items += item
    glossary += items
    made += glossary
    return made


def test_a_definition_is_found_under_each_of_its_names():
    assert glossary.read_glossary(document()) == {
        "term-oar": ("oar", "What moves <a boat>."),
        "term-paddle": ("paddle", "What moves <a boat>."),
        "term-reed": ("reed", "A plant."),
    }


def test_each_term_is_defined_once_on_a_page_and_stays_a_link():
    body = f"<p>{LINK.format(id='oar', said='Oars')}, {LINK.format(id='oar', said='oar')}</p>"
    made, used = glossary.describe_terms(body, glossary.read_glossary(document()))
    assert used == ["term-oar"]
    assert made.count('aria-describedby="define-term-oar"') == 2
    assert made.count('id="define-term-oar"') == 1
    assert 'href="../book/how-to-read.html#term-oar"' in made
    assert "&lt;a boat&gt;" in made
    plain = "<p>No term.</p>"
    assert glossary.describe_terms(plain, {}) == (plain, [])
    stray = LINK.format(id="none", said="none")
    assert glossary.describe_terms(stray, {}) == (stray, [])


built = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SITE / PAGE).is_file(), reason="the site is not built (make book)"),
]


class TestBuilt:
    pytestmark = built

    def test_every_chapter_explains_its_words(self):
        for chapter in CHAPTERS:
            html = (SITE / "notebooks" / f"{chapter.stem}.html").read_text(encoding="utf-8")
            described = re.findall(r'class="tifa-term"[^>]*aria-describedby="([^"]+)"', html)
            assert described, chapter.stem
            # a term is explained only at its first mention in the chapter
            assert len(set(described)) == len(described), chapter.stem
            for anchor in described:
                said = re.search(rf'<p id="{anchor}"><strong>.+?</strong>: (.+?)</p>', html)
                assert len(unescape(said[1]).split()) > 4, anchor
            assert "std-term" not in html  # every term has a definition

    def test_pages_without_a_term_load_no_glossary_script(self):
        with_terms = 0
        for page in sorted((SITE / "book").rglob("*.html")):
            html = page.read_text(encoding="utf-8")
            used = 'class="tifa-term"' in html
            with_terms += used
            assert ("glossary.js" in html) == used, page.name
        assert with_terms


@pytest.mark.browser
class TestInBrowser:
    pytestmark = built

    @pytest.fixture(params=[1280, 390])
    def page(self, browser, server, request):
        context = browser.new_context(viewport={"width": request.param, "height": 844})
        page = context.new_page()
        page.goto(server + PAGE)
        page.wait_for_load_state("networkidle")
        yield page
        context.close()

    def term(self, page, said="log ratio"):
        return page.locator("a.tifa-term", has_text=said).first

    def test_pointing_shows_the_definition_and_keeps_it_open(self, page):
        tip = page.locator(".tifa-tip")
        self.term(page).hover()
        assert "doublings" in tip.inner_text()
        box = tip.bounding_box()
        width = page.viewport_size["width"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        tip.hover()
        page.wait_for_timeout(400)
        assert tip.is_visible()
        page.mouse.move(2, 400)
        page.wait_for_timeout(400)
        assert not tip.is_visible()

    def test_the_focus_shows_it_and_escape_closes_it_where_the_focus_is(self, page):
        tip = page.locator(".tifa-tip")
        self.term(page).focus()
        assert tip.is_visible()
        page.keyboard.press("Escape")
        assert not tip.is_visible()
        assert page.evaluate("document.activeElement.textContent") == "log ratio"
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        assert tip.is_visible()
        page.keyboard.press("Enter")
        page.wait_for_url("**/how-to-read.html#term-log-ratio")

    def test_results_are_accessible_in_both_themes(self, browser, server):
        from axe_playwright_python.sync_playwright import Axe

        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.goto(server + PAGE)
            page.wait_for_load_state("networkidle")
            self.term(page).focus()
            found = Axe().run(page, options={"runOnly": WCAG, "preload": False})
            assert [v["id"] for v in found.response["violations"]] == []
            context.close()

    def test_the_first_tap_shows_the_definition_and_a_link_to_the_glossary(self, browser, server):
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        )
        page = context.new_page()
        page.goto(server + PAGE)
        page.wait_for_load_state("networkidle")
        tip = page.locator(".tifa-tip")
        self.term(page).tap()
        assert "doublings" in tip.inner_text()
        assert page.url.endswith(PAGE)
        page.touchscreen.tap(195, 90)
        assert not tip.is_visible()
        self.term(page).tap()
        tip.get_by_role("link").tap()
        page.wait_for_url("**/how-to-read.html#term-log-ratio")
        context.close()

    def test_without_a_script_the_word_leads_to_the_glossary(self, browser, server):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(server + PAGE)
        self.term(page).click()
        page.wait_for_url("**/how-to-read.html#term-log-ratio")
        assert page.locator("#term-log-ratio").is_visible()
        context.close()
