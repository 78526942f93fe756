"""A finding says what it rests on, in a panel that opens beside its mark without a script."""

import json
import re
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest
import yaml
from browsing import BROWSER, SITE, WIDTHS, built, html_of, sources
from conftest import ROOT
from sphinx_findings.ledger import make_anchor

from tifa.analysis.registered import outcomes, registration
from tifa_book.basis import NOT_REGISTERED
from tifa_book.theme import typographic


@built
def test_every_mark_has_its_panel_and_every_panel_the_cell():
    seen = set()
    for name, html in sources():
        assert "overturned" not in html, name
        asked = re.findall(r'popovertarget="basis-(f[\d-]+)" data-entry', html)
        assert set(asked) == set(re.findall(r'id="basis-(f[\d-]+)"', html)), name
        seen |= set(asked)
        panels = re.findall(r'<div class="tifa-basis" id="basis-(\S+)".*?</div>\s', html, re.S)
        assert len(panels) == len(set(panels)), name
        for link in re.findall(r'<strong>Computed in</strong> <a href="([^"]+)"', html):
            page, anchor = urldefrag(urljoin(f"/{name}", link))
            assert f'id="{anchor}"' in html_of(page.lstrip("/")), link
    findings = json.loads((SITE / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert seen == {f["anchor"].partition("#")[2] for f in findings}


@built
def test_a_panel_names_the_registered_claim_and_the_line_of_its_finding():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    shown = "".join(unescape(html) for _, html in sources())
    for finding, claim in config["tifa_registered"].items():
        panel = shown[shown.index(f'id="basis-{make_anchor(finding)}"') :].partition("</div>")[0]
        refuted = registration().claim(claim).refuted_if.strip()
        assert typographic(refuted) in panel, finding
        assert typographic(outcomes()[claim]) in panel, finding
    html = html_of("notebooks/travel.html")
    panel = html[html.index('id="basis-f5-6"') :]
    line, path = re.search(r"line (\d+) of .*?(notebooks/\w+\.ipynb)", panel).groups()
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    assert "finding(" in lines[int(line) - 1]
    assert "F5.6" in lines[int(line)]


@built
def test_every_entry_of_the_ledger_says_what_would_refute_it_or_that_nothing_was_registered():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    html = unescape(html_of(f"{config['findings_page']}.html"))
    entries = re.split(r'<div class="findings-entry[^"]*" id="(f[\d-]+)">', html)
    asked = {make_anchor(name): claim for name, claim in config["tifa_registered"].items()}
    in_force = 0
    for anchor, entry in zip(entries[1::2], entries[2::2], strict=True):
        if anchor in asked:
            claim = registration().claim(asked[anchor])
            assert typographic(claim.refuted_if.strip()) in entry, anchor
            assert ("(exploratory)" in entry) == (claim.kind == "exploratory"), anchor
        else:
            assert (NOT_REGISTERED in entry) == ("Estimate: " in entry), anchor
        in_force += "Estimate: " in entry
    assert in_force >= len(asked)
    quoted = set(re.findall(r'class="findings-link[^>]*>(F[\d.]+)', html_of("book/index.html")))
    assert f"<p>{in_force} findings" in html
    assert f"The front page quotes {len(quoted)} of them" in html


@BROWSER[0]
@BROWSER[1]
@built
@pytest.mark.parametrize("script", [True, False])
@WIDTHS
def test_a_panel_opens_beside_its_mark_by_keyboard_and_finger(open_page, width, script):
    page = open_page(
        "notebooks/travel.html", width=width, height=800, script=script, has_touch=True
    )
    mark = page.locator(".findings-box .findings-id[popovertarget=basis-f5-6]")
    panel = page.locator("#basis-f5-6")
    assert panel.is_hidden()
    mark.focus()
    page.keyboard.press("Enter")
    assert panel.is_visible()
    assert "95% interval" in panel.inner_text()
    assert "No longer true if" in panel.inner_text()
    box = panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width + 1
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 801
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    page.locator(".findings-box button.findings-fragile[popovertarget=basis-f5-6]").tap()
    assert panel.is_visible()
    panel.get_by_role("button", name="Close").tap()
    assert panel.is_hidden()
    mark.tap()
    panel.get_by_role("link", name="line").tap()
    code = page.locator(".cell:has(#at-f5-6) > details")
    assert code.get_attribute("open") == ("" if script else None)
    assert panel.is_hidden() == script
