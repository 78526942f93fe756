"""The sentence map: annotations by pointer, keyboard, touch and screen reader, without text."""

import json
import re
from html import unescape

import pandas as pd
import pytest
from browsing import faults, in_browser

import tifa
from tifa.publish.sentence_map import coded_sentences, show_map

PAGE = "notebooks/minister.html"
REPORTS = {"a": "The Lake", "b": "The Shore <b>"}


def make_table():
    tables = {
        "sentences": pd.DataFrame(
            {"doc_id": ["a", "a", "b"], "sentence": [2, 1, 1], "words": [9, 14, 11]}
        ),
        "frames": pd.DataFrame({"doc_id": ["a", "a"], "sentence": [1, 1], "frame": ["Zoo", "Air"]}),
        "dictionary": pd.DataFrame({"doc_id": ["b"], "sentence": [1], "frame": ["Air"]}),
        "formulas": pd.DataFrame(
            {"doc_id": ["a"] * 3, "sentence": [1] * 3, "label": ["win-win", "Amity", "win-win"]}
        ),
        "voices": pd.DataFrame(
            {
                "doc_id": ["a", "a", "b"],
                "sentence": [1, 2, 1],
                "voice": "the mayor's",
                "marker": ["reporting-verb", "none", "new-kind"],
            }
        ),
        "pairs": pd.DataFrame(
            {
                "sentence": [1, 2],
                "other_sentence": [1, 1],
                "relation": ["same", "partial"],
                "in doubt": [False, True],
            }
        ),
    }
    return coded_sentences(**tables, reports=REPORTS)


def test_the_table_has_the_drawn_data_and_markup_is_escaped():
    table = make_table()
    shown = show_map(
        table, name="x", frames=["Air", "Zoo"], claim="a < b", caption="<i>", tables=[]
    ).html
    rows = [json.loads(unescape(r)) for r in re.findall(r'data-sentence="([^"]*)"', shown)]
    assert rows == table.to_dict("records")
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "<script" not in shown
    assert not re.search(r"\son[a-z]+=", shown)
    with pytest.raises(tifa.TifaError, match="no colour for frame 'Zoo'"):
        show_map(table, name="x", frames=["Air"], claim="", caption="c", tables=[])


def check_bars(page):
    """Every sentence is a bar as long as its words, and wide enough for its letters."""
    sentences = tifa.load("briefing").sentences
    assert page.locator(".sm-row").count() == len(sentences)
    share = "all => all.map((b) => b.getBoundingClientRect().width / b.parentElement.clientWidth)"
    lengths = page.locator(".sm-bar").evaluate_all(share)
    rows = page.locator("tr[data-sentence]")
    drawn = rows.evaluate_all("rows => rows.map((r) => JSON.parse(r.dataset.sentence).words)")
    assert sorted(drawn) == sorted(sentences["words"].tolist())
    assert lengths == pytest.approx([words / max(drawn) for words in drawn], abs=0.01)
    wide = "parts => parts.every((p) => p.scrollWidth <= p.clientWidth + 2)"
    assert page.locator(".sm-bar .sm-part").evaluate_all(wide)


@in_browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_sentences_are_read_by_pointer_keys_and_touch(open_page, width, scheme):
    options = {"color_scheme": scheme, "reduced_motion": "reduce", "has_touch": width < 600}
    page = open_page(PAGE, width=width, **options)
    problems = []
    page.on("pageerror", lambda e: problems.append(str(e)))
    page.wait_for_selector(".sm-stage")
    check_bars(page)
    # arrow keys move within a report and to the other one
    said, (first, second) = page.locator(".sm-detail"), page.get_by_role("listbox").all()
    first.get_by_role("option", selected=True).focus()
    for key, shown in {
        "ArrowDown": "sentence 2 of 16",
        "ArrowRight": "Belt & Road News, sentence 1 of 9",
        "End": "sentence 9 of 9",
    }.items():
        page.keyboard.press(key)
        assert shown in said.inner_text()
    # each report is one Tab stop
    for box in (first, second):
        assert box.locator('[tabindex="0"]').count() == 1
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.sm-row')")
    # the chosen sentence is described, and its partner marked
    option = first.get_by_role("option").nth(6)
    option.tap() if width < 600 else option.hover()
    for part in ("31", "Security", "risks and challenges", "by a reporting verb", "7 the same"):
        assert part in said.inner_text()
        assert part in option.get_attribute("aria-label")
    assert page.locator(".sm-partner").count() == 1
    assert page.locator(".sm-link.sm-on").count() == 1
    second.get_by_role("option").nth(7).click()
    assert faults(page, root="#map-two-reports") == []
    assert problems == []


@in_browser
def test_without_a_script_the_table_is_open(open_page):
    page = open_page(PAGE, script=False)
    rows = page.locator("#map-two-reports tbody tr")
    assert rows.count() == len(tifa.load("briefing").sentences)
    assert rows.first.is_visible()
    assert page.locator("#map-two-reports noscript p").is_visible()
