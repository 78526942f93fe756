"""The phrasebook in a browser: search by any name, folded on a phone, complete without scripts."""

import re

from browsing import BROWSER, WIDTHS, html_of, until

import tifa

PAGE = "book/phrasebook.html"
pytestmark = BROWSER
NAMES = ["上海精神", "Shànghǎi jīngshén", "SHANGHAI-SPIRIT", "ｓｈａｎｇｈａｉ　ｓｐｉｒｉｔ"]


def shown(page):
    return page.locator(".tifa-entry:visible strong").all_inner_texts()


@WIDTHS
def test_an_entry_is_found_by_any_name_and_is_in_view(open_page, width):
    page, every = open_page(PAGE, width=width), len(tifa.phrasebook().entries)
    field = page.locator("#tifa-filter")
    assert len(shown(page)) == every
    assert field.get_attribute("placeholder") == "Find an entry"
    for typed in NAMES:
        field.fill(typed)
        assert "Shanghai Spirit" in shown(page)
        assert len(shown(page)) < every / 4
        said = page.locator(".tifa-filter [role=status]").inner_text()
        assert said == f"{len(shown(page))} of {every} entries"
        # families without any match are hidden too
        assert page.locator(".bd-article h2:visible").count() <= len(shown(page))
    field.fill("")
    order = shown(page)
    field.fill("win-win")  # its own entry first, then others that say it
    assert shown(page)[0] == "win-win (cooperation)"
    assert "new type of international relations" in shown(page)[1:]
    field.fill("")
    assert shown(page) == order
    page.mouse.wheel(0, 5000)
    field.fill("sangu")  # pinyin needs no spaces
    assert shown(page) == ["three evil forces"]
    until(
        page, "document.querySelector('.tifa-entry:not([hidden])').getBoundingClientRect().top > 0"
    )
    assert page.locator(".tifa-entry:visible").bounding_box()["y"] < 600
    # a link shows its entry although it is filtered out
    field.fill("wombat & co")
    assert shown(page) == []
    page.evaluate("location.hash = '#phrase-win-win-cooperation'")
    until(page, "document.querySelectorAll('.tifa-entry[hidden]').length === 0")
    assert -5 < page.locator("#phrase-win-win-cooperation").bounding_box()["y"] < 844
    # if no entry is found, a link to the explorer is offered
    field.fill("wombat & co")
    page.locator(".tifa-filter a").click()
    page.wait_for_url("**/explorer.html?q=wombat**")


def test_counts_are_in_plain_words():
    entries = re.split(r'<div class="tifa-entry\b', html_of(PAGE))[1:]
    assert len(entries) == len(tifa.phrasebook().entries)
    for entry in entries:
        counts = re.search(r'<p class="tifa-entry-counts">(.*?)</p>', entry, re.S)[1]
        assert counts.startswith(("Hits: ", "No English wording"))
        assert counts.count("In code: ") == 1
        assert not re.search(r"first in the record \d{4} \([A-Z]{3}\)", entry)
        assert all(int(read) >= 5 for read in re.findall(r"\d+ of (\d+) right", counts))
    assert "first in the record 1946 (Venezuela)" in html_of(PAGE)  # the entry on hegemony


@WIDTHS
def test_a_finding_is_found_by_a_word(open_page, width):
    page = open_page("book/findings.html", width=width)
    page.locator("#tifa-filter").fill("Geneva")
    assert page.locator(".findings-entry:visible").count() == 1
    assert page.locator(".findings-index:visible").count() == 0
    ids = page.locator(".findings-entry:visible .findings-entry-id")

    def found(typed):
        page.locator("#tifa-filter").fill(typed)
        return ids.all_inner_texts()

    every = found("")
    debates = found("UN")
    assert 0 < len(debates) < len(every)  # "un" is not found within "until" or "sun"
    assert found("United Nations") == found("general debate") == found("un debates")
    assert set(debates) == set(found("nations united"))
    assert "F7.1" in found("parliament")
    assert "F5.6" in found("joined") == found("enter")
    assert "F7.2" in found("cctv") == found("CCTV") == found("evening news")
    assert found("ntry") == []  # a word is found by its beginning
    withdrawn = [name.endswith("withdrawn") for name in found("of")]
    assert withdrawn == sorted(withdrawn)
    assert any(withdrawn)
    page.locator("#tifa-filter").fill("")
    page.get_by_role("link", name="F5.6", exact=True).first.click()
    assert page.url.endswith("#f5-6")


def test_a_phone_shows_names_and_meanings_and_opens_the_rest(open_page):
    page = open_page(f"{PAGE}#phrase-sco", width=390)
    assert page.evaluate("document.documentElement.scrollHeight") < 45_000
    first = page.locator(".tifa-entry").first
    button = first.locator(".tifa-entry-more")
    assert first.locator(".tifa-entry-counts").is_hidden()
    button.click()
    assert first.locator(".tifa-entry-counts").is_visible()
    assert button.get_attribute("aria-expanded") == "true"
    # the entry in the address is open
    assert page.locator("#phrase-sco .tifa-entry-counts").is_visible()


def test_without_a_script_all_is_there(open_page):
    page = open_page(PAGE, width=390, script=False)
    assert page.locator(".tifa-entry-counts:visible").count() == len(tifa.phrasebook().entries)
