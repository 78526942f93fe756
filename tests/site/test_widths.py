"""Menu, buttons, references and unknown addresses on screens of different sizes."""

from browsing import BROWSER

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


def test_an_unknown_address_gets_an_answer(open_page):
    page = open_page("404.html")
    assert page.locator("a", has_text="Phrasebook").get_attribute("href") == "/book/phrasebook.html"
    page.locator("input[name=q]").fill("bandung")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    quoted = page.locator("#search-results .context")
    quoted.first.wait_for()
    assert not any("Show the code" in text for text in quoted.all_inner_texts())
