"""A finding says what it rests on, in a panel that opens beside its mark without a script."""

import json
import re
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest
import yaml
from browsing import BROWSER, SITE, pages
from conftest import ROOT
from sphinx_findings.ledger import make_anchor

from tifa.analysis.registered import registration
from tifa_book import basis


def test_the_line_is_where_the_cell_records_the_finding(tmp_path):
    path = tmp_path / "boats.ipynb"
    cell = ["finding(\n", '    "F1.1",\n', '    "There are boats.",\n', ")"]
    path.write_text(json.dumps({"cells": [{"source": cell}]}, indent=1), encoding="utf-8")
    line = basis.find_line(path, "F1.1")
    assert "finding(" in path.read_text("utf-8").splitlines()[line - 1]
    assert basis.find_line(path, "F1.2") == 0


@pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)")
class TestBuilt:
    def test_every_mark_has_its_panel_and_every_panel_the_cell(self):
        seen = set()
        for name in pages():
            html = (SITE / name).read_text(encoding="utf-8")
            asked = re.findall(r'popovertarget="basis-(f[\d-]+)" data-entry', html)
            assert "overturned" not in html, name
            assert set(asked) == set(re.findall(r'id="basis-(f[\d-]+)"', html)), name
            seen |= set(asked)
            panels = re.findall(r'<div class="tifa-basis" id="basis-(\S+)".*?</div>\s', html, re.S)
            assert len(panels) == len(set(panels)), name
            for link in re.findall(r'<strong>Computed in</strong> <a href="([^"]+)"', html):
                page, anchor = urldefrag(urljoin(f"/{name}", link))
                assert f'id="{anchor}"' in (SITE / page.lstrip("/")).read_text("utf-8"), link
        findings = json.loads((SITE / "findings.json").read_text(encoding="utf-8"))["findings"]
        assert seen == {f["anchor"].partition("#")[2] for f in findings}

    def test_a_panel_names_the_registered_claim_that_its_finding_answers(self):
        config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
        html = "".join(unescape((SITE / name).read_text(encoding="utf-8")) for name in pages())
        claims = registration()
        for finding, claim in config["tifa_registered"].items():
            panel = html[html.index(f'id="basis-{make_anchor(finding)}"') :].partition("</div>")[0]
            assert claims.claim(claim).refuted_if.strip() in panel, finding

    def test_the_line_that_is_named_records_the_finding(self):
        html = (SITE / "notebooks" / "travel.html").read_text(encoding="utf-8")
        panel = html[html.index('id="basis-f5-6"') :]
        line, path = re.search(r"line (\d+) of .*?(notebooks/\w+\.ipynb)", panel).groups()
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        assert "finding(" in lines[int(line) - 1]
        assert "F5.6" in lines[int(line)]


@pytest.mark.browser
@pytest.mark.slow
@BROWSER[-1]
@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_panel_opens_beside_its_mark_by_keyboard_and_finger(browser, server, width, script):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, has_touch=True, java_script_enabled=script
    )
    page = context.new_page()
    page.goto(server + "notebooks/travel.html")
    mark = page.locator(".findings-box .findings-id[popovertarget=basis-f5-6]")
    panel = page.locator("#basis-f5-6")
    assert panel.is_hidden()
    mark.focus()
    page.keyboard.press("Enter")
    assert panel.is_visible()
    assert "95% interval" in panel.inner_text()
    assert "Fails if" in panel.inner_text()
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
    context.close()
