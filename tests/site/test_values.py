"""Each number in the text says which line of which notebook computed it."""

import json
import re
from html import unescape

import pytest
from browsing import BROWSER, SITE, pages
from conftest import ROOT

from tifa_book.basis import find_note


def test_the_line_is_where_the_cell_notes_the_value(tmp_path):
    path = tmp_path / "boats.ipynb"
    fleet = ["n = 7\n", 'note("fleet", skiffs=2, barges=f"{n:,}")']
    pond = ["note(\n", '    "pond",\n', "    **counted,\n", "    skiffs=3,\n", ")\n"]
    cells = [{"cell_type": "code", "source": cell} for cell in (fleet, pond)]
    path.write_text(json.dumps({"cells": cells}, indent=1), encoding="utf-8")
    lines = path.read_text("utf-8").splitlines()
    number, code = find_note(path, "fleet", "barges")
    assert code == 'note("fleet", skiffs=2, barges=f"{n:,}")'
    assert "barges" in lines[number - 1]
    assert find_note(path, "pond", "skiffs")[1] == "skiffs=3,"
    number, code = find_note(path, "pond", "barges")  # by a name that code makes
    assert (code, "note(" in lines[number - 1]) == ('note("pond", …)', True)
    assert "note(" in lines[find_note(path, "fleet", "canoes")[0] - 1]
    assert find_note(path, "lake", "skiffs") == (0, "")


@pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)")
def test_every_number_of_the_text_has_an_entry_with_its_line():
    some = 0
    for name in pages():
        html = (SITE / name).read_text(encoding="utf-8")
        shown = set(re.findall(r'<span class="findings-value" data-from="([\w-]+)"', html))
        listed = re.findall(r'<li id="from-([\w-]+)">(.*?)</li>', html, re.S)
        assert [key for key, _ in listed] == list(dict.fromkeys(k for k, _ in listed)), name
        assert shown == {key for key, _ in listed}, name
        assert "findings-value value-" not in html, name
        for key, entry in listed:
            line, file = re.search(r"line (\d+) of ([\w./-]+\.ipynb)", entry).groups()
            code = unescape(re.search(r"<code>(.*?)</code>", entry)[1])
            there = (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]
            topic, _, value = key.partition("-")
            assert "note(" in there if f'note("{topic}", …)' == code else f"{value}=" in there, key
            some += 1
    assert some > 100


@pytest.mark.browser
@pytest.mark.slow
@BROWSER[-1]
@pytest.mark.parametrize("width", [1280, 390])
def test_a_tap_on_a_number_shows_its_line(browser, server, width):
    context = browser.new_context(viewport={"width": width, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(server + "notebooks/where.html")
    number = page.locator('.findings-value[data-from="calendar-close"]')
    number.tap()
    panel = page.locator(".tifa-basis:popover-open")
    assert "close=percent(close)" in panel.inner_text()
    assert number.inner_text() in panel.inner_text()
    box = panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width + 1
    page.keyboard.press("Escape")
    assert panel.count() == 0
    context.close()
