"""Every page on screens of every width: nothing overflows, tables and menu are readable."""

import pytest
from browsing import BROWSER, pages

pytestmark = BROWSER
WIDTHS = [320, 390, 768, 1024, 1199, 1280]
# elements wider than the page that are not in a scrolling box
OUTSIDE = """() => {
  const wide = document.documentElement.clientWidth;
  const kept = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (getComputedStyle(p).overflowX !== "visible") return true;
    }
    return false;
  };
  return document.documentElement.scrollWidth <= wide ? [] :
    [...document.querySelectorAll("body *")].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width && box.right > wide + 1 && !kept(e);
    }).slice(0, 2).map((e) => e.outerHTML.slice(0, 90)).concat("wider than the screen").slice(0, 3);
}"""
# tables that need sideways scrolling; those of the explorer scroll in their own box
PUSHED = """() => [...document.querySelectorAll(".bd-article table")].filter((t) => {
  if (!t.offsetParent || t.closest(".tx")) return false;
  let box = t.parentElement;
  while (box && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
  return box && box !== document.body && box.scrollWidth > box.clientWidth + 1;
}).length"""


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_no_page_scrolls_sideways_and_no_table_on_a_phone(page, server):
    problems = []
    for name in pages():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if width in (
                320,
                1280,
            ):  # load the page once on a phone and once on a desktop; then only resize
                page.goto(server + name, wait_until="load")
            problems += [f"{name} {width}: {what}" for what in page.evaluate(OUTSIDE)]
            if width == 390 and (pushed := page.evaluate(PUSHED)):
                problems.append(f"{name} {width}: {pushed} tables scroll sideways")
    assert not problems, "\n".join(problems)


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
