"""Menu, buttons, references and unknown addresses on screens of different sizes."""

from functools import partial

import pytest
from browsing import BROWSER, faults, until

pytestmark = BROWSER
CHAPTER = "notebooks/02-term-frequency.html"


def test_title_and_search_are_in_view_on_every_page(open_page, server):
    page = open_page(None)
    for height in (720, 900):
        page.set_viewport_size({"width": 1280, "height": height})
        for name in ("book/colophon.html", "book/explorer.html", CHAPTER):
            page.goto(server + name, wait_until="load")
            head = page.locator(".tifa-menu-head")
            assert head.locator(".search-button-field").is_visible()
            box = head.bounding_box()
            assert box["y"] >= -40, name
            assert box["y"] + box["height"] < height / 3, name
            here = page.locator(".bd-docs-nav .current.active > a").last.bounding_box()
            assert 0 < here["y"] < height, name


def test_no_button_without_effect_on_a_phone(open_page, server):
    page = open_page("book/explorer.html", width=390)
    assert page.locator(".secondary-toggle").is_hidden()  # the page has no table of contents
    page.goto(server + CHAPTER, wait_until="load")
    page.locator(".secondary-toggle").click()
    assert page.locator("#pst-secondary-sidebar-modal a").first.is_visible()


def test_references_show_their_first_letters(open_page):
    for width in (320, 1280):
        page = open_page("book/references.html", width=width)
        lefts = page.evaluate(
            """() => [...document.querySelectorAll(".tifa-reference p")].map((p) => {
              const range = document.createRange();
              range.selectNodeContents(p);
              return range.getClientRects()[0].left;
            })"""
        )
        assert len(lefts) > 20
        assert min(lefts) >= page.locator(".bd-article h1").bounding_box()["x"] - 1


#: JavaScript that waits for two frames: by then the page has reacted to a scroll.
DRAWN_TWICE = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
)
AT_THE_END = """(way) => way < 0 ? scrollY === 0 :
  scrollY + innerHeight > document.documentElement.scrollHeight - 2"""


@pytest.mark.parametrize("height", [640, 800])
def test_the_contents_follow_the_wheel_through_every_section(open_page, height):
    page = open_page("notebooks/travel.html", height=height)
    page.mouse.move(640, 500)
    links = page.locator("nav.page-toc a").all_inner_texts()
    assert len(links) > 5
    marked = page.locator("nav.page-toc a[aria-current]")
    for way in (1, -1):
        seen = marked.all_inner_texts()
        for _ in range(60):
            page.mouse.wheel(0, way * 300)
            page.evaluate(DRAWN_TWICE)
            seen += marked.all_inner_texts()
            if page.evaluate(AT_THE_END, way):
                break
        assert list(dict.fromkeys(seen)) == links[::way]
    assert marked.count() == 0  # the reader is above the first section


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_figure_opens_as_large_as_the_screen(open_page, width):
    page = open_page("notebooks/travel.html", width=width, has_touch=True)
    figure = page.locator("#fig-founders")
    name = figure.locator(".tifa-number").inner_text().partition(".")[0]
    small = figure.locator("svg").bounding_box()["width"]
    closed_by_enter = partial(page.keyboard.press, "Enter")  # the button has the focus
    tapped, enlarged = figure.locator("svg").tap, page.get_by_label(f"Enlarge {name.lower()}").tap
    for opened, closed in ((tapped, page.go_back), (enlarged, closed_by_enter)):
        opened()
        before = page.evaluate("scrollY")
        large = page.get_by_role("dialog", name=name, exact=True)
        drawing = large.locator("svg")
        assert drawing.bounding_box()["width"] <= width  # at first the whole drawing fits
        drawing.tap()
        assert drawing.bounding_box()["width"] > max(700, 1.3 * small)
        assert not faults(page, root="dialog.tifa-large")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        closed()
        gone = "!document.querySelector('.tifa-large') && !history.state?.enlarged"
        until(page, gone, timeout=5000)
        assert page.url.endswith("notebooks/travel.html")
        assert page.evaluate("scrollY") == before
    page.go_back()  # the enlarged figures have left no entries in the history
    assert page.url == "about:blank"
    plain = open_page("notebooks/travel.html", width=width, script=False)
    plain.get_by_label(f"Enlarge {name.lower()}").click()
    plain.wait_for_url("**/figures/founders.svg")


def test_a_chapter_shows_its_figures_and_folds_its_settings(open_page, server):
    page, folded = open_page(None, script=False), 0
    for name in ("minister", "where", "travel", "frames", "texts", "sure"):
        page.goto(f"{server}notebooks/{name}.html")
        drawn = page.locator("figure:has(.tifa-number)")
        assert drawn.count()
        assert all(figure.is_visible() for figure in drawn.all()), name
        settings = page.locator(".tifa-settings .tag_parameters")
        folded += settings.count()
        assert not any(cell.is_visible() for cell in settings.all())
    assert folded == 2


def test_an_unknown_address_gets_an_answer(open_page):
    page = open_page("404.html")
    assert page.locator("a", has_text="Phrasebook").get_attribute("href") == "/book/phrasebook.html"
    page.locator("input[name=q]").fill("bandung")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    quoted = page.locator("#search-results .context")
    quoted.first.wait_for()
    assert not any("Show the code" in text for text in quoted.all_inner_texts())
