"""The phrasebook in a browser: search by any name, folded on a phone, complete without scripts."""

import pytest
from browsing import BROWSER, until

import tifa

PAGE = "book/phrasebook.html"
pytestmark = BROWSER


@pytest.fixture(params=[1280, 390])
def page(browser, server, request):
    context = browser.new_context(viewport={"width": request.param, "height": 844})
    page = context.new_page()
    page.goto(server + PAGE)
    yield page
    context.close()


def shown(page):
    return page.locator(".tifa-entry:visible strong").all_inner_texts()


@pytest.mark.parametrize(
    "typed", ["上海精神", "Shànghǎi jīngshén", "SHANGHAI-SPIRIT", "ｓｈａｎｇｈａｉ　ｓｐｉｒｉｔ"]
)
def test_an_entry_is_found_by_any_name(page, typed):
    every = len(tifa.phrasebook().entries)
    assert len(shown(page)) == every
    page.locator("#tifa-filter").fill(typed)
    assert "Shanghai Spirit" in shown(page)
    assert len(shown(page)) < every / 4
    said = page.locator(".tifa-filter [role=status]").inner_text()
    assert said == f"{len(shown(page))} of {every} entries"
    # families without any match are hidden too
    assert page.locator(".bd-article h2:visible").count() <= len(shown(page))


def test_pinyin_needs_no_spaces_and_what_is_found_is_in_view(page):
    page.mouse.wheel(0, 5000)
    page.locator("#tifa-filter").fill("sangu")
    assert shown(page) == ["three evil forces"]
    until(
        page, "document.querySelector('.tifa-entry:not([hidden])').getBoundingClientRect().top > 0"
    )
    assert page.locator(".tifa-entry:visible").bounding_box()["y"] < 600


def test_a_finding_is_found_by_a_word(page, server):
    page.goto(server + "book/findings.html")
    page.locator("#tifa-filter").fill("Geneva")
    assert page.locator(".findings-entry:visible").count() == 1
    assert page.locator(".findings-index").is_hidden()
    page.locator("#tifa-filter").fill("")
    page.get_by_role("link", name="F5.6", exact=True).first.click()
    assert page.url.endswith("#f5-6")


def test_a_search_without_an_entry_offers_the_explorer(page):
    page.locator("#tifa-filter").fill("wombat & co")
    assert shown(page) == []
    page.locator(".tifa-filter a").click()
    page.wait_for_url("**/explorer.html?q=wombat**")


def test_a_link_shows_its_entry_even_when_filtered_out(page):
    page.locator("#tifa-filter").fill("wombat")
    page.evaluate("location.hash = '#phrase-win-win-cooperation'")
    entry = page.locator("#phrase-win-win-cooperation")
    until(page, "document.querySelectorAll('.tifa-entry[hidden]').length === 0")
    box = entry.bounding_box()
    assert -5 < box["y"] < 844


def test_a_phone_shows_names_and_meanings_and_opens_the_rest(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(server + PAGE + "#phrase-sco")
    assert page.evaluate("document.documentElement.scrollHeight") < 45_000
    first = page.locator(".tifa-entry").first
    button = first.locator(".tifa-entry-more")
    assert first.locator(".tifa-entry-counts").is_hidden()
    button.click()
    assert first.locator(".tifa-entry-counts").is_visible()
    assert button.get_attribute("aria-expanded") == "true"
    # the entry in the address is open
    assert page.locator("#phrase-sco .tifa-entry-counts").is_visible()
    context.close()


def test_without_a_script_all_is_there(browser, server):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(server + PAGE)
    assert page.locator(".tifa-entry-counts:visible").count() == len(tifa.phrasebook().entries)
    context.close()
