"""A finding says what it rests on, in a panel that opens beside its mark without a script."""

import csv
import json
import re
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest
import yaml
from browsing import SITE, built, html_of, in_browser, json_of, on_screen, sources
from conftest import ROOT
from sphinx_findings.ledger import make_anchor

from tifa.analysis.registered import outcomes, registration
from tifa_book.basis import NOT_REGISTERED
from tifa_book.theme import typographic


def without_terms(html):
    """HTML without links to the glossary, and with characters instead of their names."""
    return unescape(re.sub(r'<a class="tifa-term"[^>]*>(.*?)</a>', r"\1", html))


@built
def test_every_mark_has_its_panel_and_every_panel_the_cell():
    seen = set()
    for name, html in sources():
        assert "overturned" not in html, name
        asked = set(re.findall(r'popovertarget="basis-(f[\d-]+)" data-entry', html))
        panels = re.findall(r'<div class="tifa-basis" id="basis-(f[\d-]+)"', html)
        assert sorted(panels) == sorted(asked), name
        seen |= asked
        for link in re.findall(r'<summary>The code</summary><p>In <a href="([^"]+)"', html):
            page, anchor = urldefrag(urljoin(f"/{name}", link))
            assert f'id="{anchor}"' in html_of(page.lstrip("/")), link
    assert seen == {f["anchor"].partition("#")[2] for f in json_of("findings.json")["findings"]}


@built
def test_panel_and_ledger_say_what_would_refute_a_finding_or_that_nothing_was_registered():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    asked = {make_anchor(name): claim for name, claim in config["tifa_registered"].items()}
    shown = "".join(without_terms(html) for _, html in sources())
    ledger = without_terms(html_of(f"{config['findings_page']}.html"))
    entries = re.split(r'<div class="findings-entry[^"]*" id="(f[\d-]+)">', ledger)
    in_force = 0
    for anchor, entry in zip(entries[1::2], entries[2::2], strict=True):
        in_force += "Estimate: " in entry
        if anchor not in asked:
            assert (NOT_REGISTERED in entry) == ("Estimate: " in entry), anchor
            continue
        claim = registration().claim(asked.pop(anchor))
        refuted = typographic(claim.refuted_if.strip())
        assert refuted in entry, anchor
        assert ("(exploratory)" in entry) == (claim.kind == "exploratory"), anchor
        panel = shown[shown.index(f'id="basis-{anchor}"') :].partition("</div>")[0]
        assert refuted in panel, anchor
        assert typographic(outcomes()[claim.id]) in panel, anchor
    assert not asked
    quoted = set(re.findall(r'class="findings-link[^>]*>(F[\d.]+)', html_of("book/index.html")))
    assert f"<p>{in_force} findings" in ledger
    assert f"The front page quotes {len(quoted)} of all" in ledger


@built
def test_a_panel_names_the_cell_of_its_finding():
    html = html_of("notebooks/travel.html")
    panel = unescape(html[html.index('id="basis-f5-6"') :])
    number, heading, path = re.search(
        r"code cell (\d+), under “([^”]+)” in (notebooks/\w+\.ipynb)", panel
    ).groups()
    cells = json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]
    code = [n for n, cell in enumerate(cells) if cell["cell_type"] == "code"]
    at = code[int(number) - 1]
    assert re.search(r'finding\(\s*"F5\.6"', "".join(cells[at]["source"]))
    prose = ["".join(c["source"]) for c in cells[:at] if c["cell_type"] == "markdown"]
    headings = re.findall(r"^#+ (.+)$", "\n".join(prose), re.M)
    assert typographic(headings[-1]) == heading


@built
def test_a_mark_says_how_often_a_finding_holds_and_beside_its_sentence_when_not():
    html = html_of("notebooks/travel.html")
    mark = re.compile(r'"findings-sure [^>]*>(.*?)</button>')
    box = html[html.index("tifa-short") :].partition("</ul>")[0]
    short, full = mark.findall(box), mark.findall("".join(html.split("findings-box")[1:]))
    ways = r"(true|undecided, also) in [\d,]+ of [\d,]+ other ways of counting"
    assert all(re.fullmatch(ways + "(; what was registered failed)?", s) for s in short)
    assert all(re.search(r" of [\d,]+ other ways of counting[,;] .*if ", said) for said in full)
    assert len(short) > 1
    assert len(full) > 4


@built
def test_every_choice_that_was_recorded_is_in_a_list_beside_panel_and_ledger():
    shown = "".join(html for _, html in sources())
    ledger = html_of("book/findings.html")
    listed = set()
    for finding in json_of("findings.json")["findings"]:
        anchor, given = make_anchor(finding["id"]), finding["robustness"]
        entry = ledger[ledger.index(f'id="{anchor}"') :].partition("findings-cite")[0]
        panel = shown[shown.index(f'id="basis-{anchor}"') :].partition("Close</button>")[2]
        panel = panel.partition('<div class="tifa-basis"')[0]
        link = f'<a href="../findings/{anchor}-tried.csv">Every choice, as CSV</a>'
        tried = given["tried"] if given else []
        assert (link in entry) == (link in panel) == bool(tried), finding["id"]
        assert ("drawn in" in entry) == bool(given and given["draws"] and given["figure"])
        if tried:
            path = SITE / "findings" / f"{anchor}-tried.csv"
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            assert [r["choice"] for r in rows] == [choice for choice, *_ in tried]
            assert path.with_name(f"{path.name}-metadata.json").is_file()
            listed.add(path.name)
    assert {"f5-6-tried.csv", "f7-1-tried.csv"} <= listed
    assert {p.name for p in (SITE / "findings").glob("*.csv")} == listed


@in_browser
@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, True), (390, False)])
def test_a_panel_opens_beside_its_mark_by_keyboard_and_finger(open_page, width, script):
    size = {"width": width, "height": 800}
    page = open_page("notebooks/travel.html", script=script, has_touch=True, **size)
    mark = page.locator(".findings-box .findings-id[popovertarget=basis-f5-7]")
    panel = page.locator("#basis-f5-7")
    assert panel.is_hidden()
    mark.focus()
    page.keyboard.press("Enter")
    assert on_screen(panel)
    for said in ("95% interval", "No longer true if", "rows of figure"):
        assert said in panel.inner_text()
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    page.locator(".findings-box button.findings-sure[popovertarget=basis-f5-7]").tap()
    assert panel.is_visible()
    panel.get_by_role("button", name="Close").tap()
    assert panel.is_hidden()
    mark.tap()
    panel.get_by_text("The code", exact=True).tap()
    panel.get_by_role("link", name="code cell").tap()
    code = page.locator(".cell:has(#at-f5-7) > details")
    assert code.get_attribute("open") == ("" if script else None)
    assert panel.is_hidden() == script
