"""Menu, buttons, references and unknown addresses on screens of different sizes."""

import pytest
from browsing import BROWSER

pytestmark = BROWSER


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("height", [720, 900])
def test_title_and_search_are_in_view_on_every_page(page, server, height):
    page.set_viewport_size({"width": 1280, "height": height})
    for name in ("book/colophon.html", "book/explorer.html", "notebooks/02-term-frequency.html"):
        page.goto(server + name, wait_until="load")
        head = page.locator(".tifa-menu-head")
        assert head.locator(".search-button-field").is_visible()
        box = head.bounding_box()
        assert box["y"] >= -40, name
        assert box["y"] + box["height"] < height / 3, name
        here = page.locator(".bd-docs-nav .current.active > a").last.bounding_box()
        assert 0 < here["y"] < height, name


def test_no_button_without_effect_on_a_phone(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server + "book/explorer.html", wait_until="load")
    assert page.locator(".secondary-toggle").is_hidden()  # the page has no table of contents
    page.goto(server + "notebooks/02-term-frequency.html", wait_until="load")
    page.locator(".secondary-toggle").click()
    assert page.locator("#pst-secondary-sidebar-modal a").first.is_visible()


def test_references_show_their_first_letters(page, server):
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(server + "book/references.html", wait_until="load")
        lefts = page.evaluate(
            """() => [...document.querySelectorAll(".tifa-reference p")].map((p) => {
              const range = document.createRange();
              range.selectNodeContents(p);
              return range.getClientRects()[0].left;
            })"""
        )
        edge = page.locator(".bd-article h1").bounding_box()["x"]
        assert len(lefts) > 20
        assert min(lefts) >= edge - 1


def test_an_unknown_address_gets_an_answer(page, server):
    page.goto(server + "404.html")
    assert page.locator("a", has_text="Phrasebook").get_attribute("href") == "/book/phrasebook.html"
    page.locator("input[name=q]").fill("bandung")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    quoted = page.locator("#search-results .context")
    quoted.first.wait_for()
    assert not any("Show the code" in text for text in quoted.all_inner_texts())
