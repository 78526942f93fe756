"""Each number in the text says which cell of which notebook computed it."""

import json
import re
from functools import cache
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest
from browsing import WIDTHS, built, html_of, in_browser, on_screen, sources, until
from conftest import ROOT

from tifa_book.basis import origin as origin_of
from tifa_book.figures import cell_of, parsed


def origin(cells, *value):
    return origin_of([s for cell in cells for s in parsed(cell)], *value)


def test_the_cell_is_the_one_that_notes_the_value(tmp_path):
    path = tmp_path / "boats.ipynb"
    fleet = 'n = 7\nnote("fleet", skiffs=2, barges=f"{n:,}")'
    pond = ['note("pond", **counted)', 'note(\n    "pond",\n    skiffs=3,\n)']
    cells = [{"cell_type": "code", "source": [cell]} for cell in (fleet, *pond)]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    found = [("fleet", "barges"), ("pond", "skiffs"), ("pond", "canoes"), ("lake", "skiffs")]
    assert [cell_of(path, "note", *value).number for value in found] == [1, 3, 2, 0]


def test_a_value_has_its_own_expression_and_the_tables_that_lead_to_it():
    cells = [
        "%matplotlib inline\nimport tifa\nhere, there = (tifa.load(c) for c in ROOMS)",
        'lakes = tifa.load("quay").documents\nlakes["deep"] = read("annotations/depths.csv")',
        'def deep(table):\n    return table[table["deep"] > LINE]',
        'LINE = 3\nboats = tifa.load("pond").hits\nn = len(deep(lakes))',
        'note("lake", deep=n, **{f"{k}_boats": v for k, v in count(boats)})',
    ]
    found = origin(cells, "lake", "deep", ["pond", "quay"])
    assert (found.code, found.corpora, found.tables) == ("n", ("quay",), ("documents",))
    assert found.files == ("annotations/depths.csv",)
    made = origin(cells, "lake", "some_boats", ["pond", "quay"])
    assert made.code == "**{f'{k}_boats': v for (k, v) in count(boats)}".replace("(k, v)", "k, v")
    assert (made.corpora, made.tables, made.files) == (("pond",), ("hits",), ())
    assert origin(cells, "sea", "deep", ["pond"]).code == ""
    again = [*cells, 'n = tifa.load("pond").hits.size\nnote("again", n=n)']
    # not what the earlier n read
    assert origin(again, "again", "n", ["pond", "quay"]).corpora == ("pond",)
    every = ['ALL = ("pond", "quay")\nall = {c: load(c) for c in ALL}']
    every += ['note("one", n=len(all["quay"].hits))']
    assert origin(every, "one", "n", ["pond", "quay"]).corpora == ("quay",)
    every += ['note("both", n=len(all))']
    assert origin(every, "both", "n", ["pond", "quay"]).corpora == ("pond", "quay")


@cache
def code_cells(file):
    """The code cells of a notebook."""
    cells = json.loads((ROOT / file).read_text("utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


@built
def test_every_number_of_the_text_has_an_entry_with_its_cell():
    some = named = 0
    for name, html in sources():
        shown = set(re.findall(r'<span class="findings-value" data-from="([\w-]+)"', html))
        listed = re.findall(r"<li><p>(<strong data-of=.*?)</details></li>", html, re.S)
        keys = [k for entry in listed for k in re.findall(r'<strong data-of="([\w-]+)"', entry)]
        assert keys == list(dict.fromkeys(keys)), name
        assert shown == set(keys), name
        assert "findings-value value-" not in html, name
        for entry in listed:
            number, file = re.search(r"code cell (\d+).*? in ([\w./-]+\.ipynb)", entry).groups()
            there = code_cells(file)[int(number) - 1]
            coded = re.findall(r'<p data-of="([\w -]+)"><code>(.*?)</code>', entry)
            of = [key for keys_of, _ in coded for key in keys_of.split()]
            assert sorted(of) == sorted(re.findall(r'<strong data-of="([\w-]+)"', entry))
            for keys_of, code in coded:
                values = [key.partition("-")[2] for key in keys_of.split()]
                if not unescape(code).startswith("**"):
                    assert all(f"{value}=" in there for value in values), keys_of
            assert "note(" in there, of
            leads = re.search(r'<p>In <a href="(.*?)"', entry)
            page, anchor = urldefrag(urljoin(f"/{name}", leads[1]))
            assert f'id="{anchor}"' in html_of(page.lstrip("/")), of  # the cell is on the page
            some += len(of)
            words, fold = entry.partition("<details")[::2]
            # what was counted comes first; the code is in the fold
            assert "<code>" not in words
            assert "<p>In " in fold
            named += len(of) * (": from code that reads " in words)
    assert some > 100
    assert named > 0.8 * some


@built
def test_prose_has_no_straight_apostrophe_and_no_space_before_a_percent_sign():
    outside = re.compile(r"<(pre|code|script|style|svg|template|kbd)\b.*?</\1>|<[^>]*>", re.S)
    for name, html in sources():
        prose = unescape(outside.sub("", html.partition("<main")[2].partition("</main>")[0]))
        typed = re.findall(r".{20}\w'\w.{9}|.{20}\d[ \xa0]%.{9}", prose)
        assert not typed, (name, typed[:3])


@in_browser
@WIDTHS
def test_a_number_shows_its_cell_and_back_or_a_button_closes_that(open_page, server, width):
    page = open_page("book/index.html", width=width, height=800, has_touch=True)
    page.goto(f"{server}notebooks/where.html")
    number = page.locator('.findings-value[data-from="calendar-close"]')
    panel = page.locator(".tifa-basis:popover-open")
    number.tap()
    words = panel.inner_text().removeprefix("Close").strip()
    assert words.startswith(f"{number.inner_text()}: from code that reads evening news: documents")
    for said in ("hits (a row is a hit, which", "Organization (SCO)", "It names"):
        assert said in words
    assert panel.get_by_role("link", name=re.compile("rows of figure .*CSV")).count() == 1
    assert "percent(close)" not in words
    panel.get_by_text("The code", exact=True).tap()
    assert "percent(close)" in panel.inner_text()
    assert on_screen(panel)
    page.keyboard.press("Escape")
    assert panel.count() == 0
    mark = page.locator("button.findings-link").first
    for opener in (number, mark):
        for close in (page.go_back, panel.get_by_role("button", name="Close").tap):
            opener.tap()
            panel.wait_for()
            box = panel.get_by_role("button", name="Close").bounding_box()
            assert min(box["width"], box["height"]) >= 24
            close()
            until(page, "!document.querySelector('.tifa-basis:popover-open')")
            assert page.url.endswith("notebooks/where.html")
    # a link in a panel leads to where it points
    mark.tap()
    panel.get_by_role("link", name="In Findings").tap()
    page.wait_for_url("**/findings.html#f*")
    page.go_back()
    page.wait_for_url("**/where.html")
    # if no panel is open, Back leaves the page
    page.go_back()
    page.wait_for_url("**/index.html")


@in_browser
@pytest.mark.parametrize(("width", "value"), [(1280, "rooms-un_years"), (390, "short_where-near")])
def test_a_number_of_the_front_page_leads_to_its_cell(open_page, width, value):
    page = open_page("book/index.html", width=width, height=800, has_touch=True)
    page.locator(f'.findings-value[data-from="{value}"]').tap()
    panel = page.locator(".tifa-basis:popover-open")
    panel.get_by_text("The code", exact=True).tap()
    panel.locator("details a").first.tap()
    page.wait_for_url("**/notebooks/where.html#note-*")
    until(page, "scrollY > 800")
    cell = page.locator(f"#note-{value.partition('-')[0]}")
    assert cell.is_visible()
    assert 0 <= cell.bounding_box()["y"] < 400
