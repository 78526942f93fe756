"""Technical terms are explained in place: by pointer, keyboard, touch and screen reader."""

import re
from html import unescape

import pytest
from browsing import WIDTHS, built, faults, in_browser, sources, until
from conftest import ROOT

PAGE = "notebooks/frames.html"


@built
@pytest.mark.slow
def test_every_chapter_explains_its_words_and_other_pages_load_no_glossary():
    # the notebooks 01 to 03 are also read in editors, so they explain terms in their own sentences
    chapters = [f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("[a-z]*.yml")]
    for name, html in sources("notebooks/") + sources("book/"):
        described = re.findall(r'class="tifa-term"[^>]*aria-describedby="([^"]+)"', html)
        assert described or name not in chapters, name
        assert ("glossary.js" in html) == bool(described), name
        # a term is explained at its first mention in the chapter, and in each panel of a finding
        for part in re.split('<div class="(?:tifa-basis|findings-entry)', html):
            found = re.findall(r'class="tifa-term"[^>]*aria-describedby="([^"]+)"', part)
            assert len(set(found)) == len(found), name
        # an everyday word is linked only where a page asks for it
        assert described.count("define-term-interval") < 2, name
        for anchor in described:
            said = re.search(rf'<p id="{anchor}"><strong>.+?</strong>: (.+?)</p>', html)
            assert len(unescape(said[1]).split()) > 4, anchor
        assert "std-term" not in html or name not in chapters  # every term has a definition


def term(page):
    return page.locator("a.tifa-term", has_text="alpha").first


@in_browser
class TestInBrowser:
    @WIDTHS
    def test_pointer_and_focus_show_the_definition_accessibly(self, open_page, width):
        page = open_page(PAGE, width=width, reduced_motion="reduce")
        tip = page.locator(".tifa-tip")
        term(page).hover()
        assert "set against chance" in tip.inner_text()
        box = tip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        tip.hover()  # the pointer on the definition keeps it open
        page.wait_for_timeout(400)
        assert tip.is_visible()
        page.mouse.move(2, 400)
        page.wait_for_timeout(400)
        assert not tip.is_visible()
        term(page).focus()
        assert tip.is_visible()
        assert faults(page) == []
        page.emulate_media(color_scheme="dark")
        until(page, "document.documentElement.dataset.theme === 'dark'")
        assert faults(page, tags=None) == []
        # Escape closes it, and the focus stays where it is
        page.keyboard.press("Escape")
        assert not tip.is_visible()
        assert page.evaluate("document.activeElement.textContent") == "alpha"
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        assert tip.is_visible()
        page.keyboard.press("Enter")
        page.wait_for_url("**/how-to-read.html#term-alpha")

    def test_the_first_tap_shows_the_definition_and_a_link_to_the_glossary(self, open_page):
        page = open_page(PAGE, width=390, has_touch=True, is_mobile=True)
        tip = page.locator(".tifa-tip")
        term(page).tap()
        assert "set against chance" in tip.inner_text()
        assert page.url.endswith(PAGE)
        page.touchscreen.tap(195, 90)
        assert not tip.is_visible()
        for close in (page.go_back, tip.get_by_role("button", name="Close").tap):
            term(page).tap()
            box = tip.get_by_role("button", name="Close").bounding_box()
            assert min(box["width"], box["height"]) >= 24
            close()
            until(page, "!document.querySelector('.tifa-tip:popover-open')")
            assert page.url.endswith(PAGE)
        term(page).tap()
        tip.get_by_role("link").tap()
        page.wait_for_url("**/how-to-read.html#term-alpha")

    def test_without_a_script_the_word_leads_to_the_glossary(self, open_page):
        page = open_page(PAGE, script=False)
        term(page).click()
        page.wait_for_url("**/how-to-read.html#term-alpha")
        assert page.locator("#term-alpha").is_visible()
