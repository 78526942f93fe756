"""The sentence map: annotations by pointer, keyboard, touch and screen reader, without text."""

import json
import re
from html import unescape

import pandas as pd
import pytest
from browsing import SITE, WCAG

import tifa
from tifa.publish.sentence_map import coded_sentences, show_map

PAGE = "notebooks/minister.html"
REPORTS = {"a": "The Lake", "b": "The Shore <b>"}


def make_table(**changed):
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
    return coded_sentences(**tables | changed, reports=REPORTS)


def test_each_sentence_has_its_annotations_once():
    table = make_table()
    assert table[["report", "sentence", "words"]].to_numpy().tolist() == [
        ["The Lake", 1, 14],
        ["The Lake", 2, 9],
        ["The Shore <b>", 1, 11],
    ]
    assert table["frames"].tolist() == [["Air", "Zoo"], [], []]
    # in alphabetical order, which reveals nothing about the text
    assert table["formulas"].tolist() == [["Amity", "win-win"], [], []]
    assert table["partners"].tolist() == [
        [[1, "the same", False]],
        [[1, "in part", True]],
        [[1, "the same", False], [2, "in part", True]],
    ]
    assert table["voice"].tolist()[1:] == ["the mayor's, without a mark", "the mayor's, new-kind"]


def test_a_map_has_two_reports():
    with pytest.raises(tifa.TifaError, match="two reports, not 1"):
        coded_sentences(
            *[pd.DataFrame()],
            **dict.fromkeys(
                ("frames", "dictionary", "formulas", "voices", "pairs"), pd.DataFrame()
            ),
            reports={"a": "x"},
        )


def test_the_table_has_the_drawn_data_and_markup_is_escaped():
    table = make_table()
    shown = show_map(table, name="x", frames=["Air", "Zoo"], caption="<i>", tables=[]).html
    rows = [json.loads(unescape(r)) for r in re.findall(r'data-sentence="([^"]*)"', shown)]
    assert rows == table.to_dict("records")
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "<script" not in shown
    assert not re.search(r"\son[a-z]+=", shown)
    with pytest.raises(tifa.TifaError, match="no colour for frame 'Zoo'"):
        show_map(table, name="x", frames=["Air"], caption="c", tables=[])


built = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(not (SITE / PAGE).is_file(), reason="the site is not built (make book)"),
]


class TestInBrowser:
    pytestmark = built

    @pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide", "phone"])
    def page(self, browser, server, request):
        width, scheme = request.param
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme=scheme,
            reduced_motion="reduce",
            has_touch=width < 600,
        )
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda e: page.problems.append(str(e)))
        page.goto(server + PAGE)
        page.wait_for_selector(".sm-stage")
        yield page
        assert page.problems == []
        context.close()

    def test_every_sentence_is_a_bar_as_long_as_its_words(self, page):
        sentences = tifa.load("briefing").sentences
        assert page.locator(".sm-row").count() == len(sentences)
        lengths = page.evaluate(
            "[...document.querySelectorAll('.sm-bar')]"
            ".map((b) => b.getBoundingClientRect().width / b.parentElement.clientWidth)"
        )
        drawn = page.evaluate(
            "[...document.querySelectorAll('tr[data-sentence]')]"
            ".map((r) => JSON.parse(r.dataset.sentence).words)"
        )
        assert sorted(drawn) == sorted(sentences["words"].tolist())
        for length, words in zip(lengths, drawn, strict=True):
            assert length == pytest.approx(words / max(drawn), abs=0.01)

    def test_letters_fit_their_colours(self, page):
        cut = page.evaluate(
            "[...document.querySelectorAll('.sm-bar .sm-part')]"
            ".filter((p) => p.scrollWidth > p.clientWidth + 2).length"
        )
        assert cut == 0

    def test_keys_walk_through_and_across(self, page):
        first = page.get_by_role("listbox").nth(0)
        first.get_by_role("option", selected=True).focus()
        page.keyboard.press("ArrowDown")
        assert "sentence 2 of 16" in page.locator(".sm-detail").inner_text()
        page.keyboard.press("ArrowRight")
        assert "Belt & Road News, sentence 1 of 9" in page.locator(".sm-detail").inner_text()
        page.keyboard.press("End")
        assert "sentence 9 of 9" in page.locator(".sm-detail").inner_text()
        # each report is one Tab stop
        for box in page.get_by_role("listbox").all():
            assert box.locator('[tabindex="0"]').count() == 1
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.matches('.sm-row')")

    def test_the_chosen_sentence_is_described_and_its_partner_marked(self, page):
        option = page.get_by_role("listbox").nth(0).get_by_role("option").nth(6)
        if page.viewport_size["width"] < 600:
            option.tap()
        else:
            option.hover()
        said = page.locator(".sm-detail").inner_text()
        for part in ("31", "Security", "risks and challenges", "by a reporting verb", "7 the same"):
            assert part in said
            assert part in option.get_attribute("aria-label")
        assert page.locator(".sm-partner").count() == 1
        assert page.locator(".sm-link.sm-on").count() == 1

    def test_it_is_accessible_with_a_sentence_chosen(self, page):
        from axe_playwright_python.sync_playwright import Axe

        page.get_by_role("listbox").nth(1).get_by_role("option").nth(7).click()
        options = {
            "runOnly": WCAG,
            "rules": {"label-content-name-mismatch": {"enabled": True}},
            "preload": False,
        }
        found = Axe().run(page, context="#map-two-reports", options=options)
        assert [v["id"] for v in found.response["violations"]] == []

    def test_without_a_script_the_table_is_open(self, browser, server):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(server + PAGE)
        rows = page.locator("#map-two-reports tbody tr")
        assert rows.count() == len(tifa.load("briefing").sentences)
        assert rows.first.is_visible()
        assert page.locator("#map-two-reports noscript p").is_visible()
        context.close()
