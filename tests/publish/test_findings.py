"""The findings of the book: none loses its number or anchor, none changes without a word."""

import json
import re

import nbformat
import pytest
import rispy
from conftest import ROOT
from jsonschema import validate
from pybtex.database import parse_string
from sphinx_findings.snapshot import differences, read_built, read_snapshot
from test_snapshot import row

SITE = ROOT / "_build" / "html"
SNAPSHOT = ROOT / "data" / "findings.csv"
built = pytest.mark.skipif(
    not (SITE / "findings.json").is_file(), reason="the site is not built (make book)"
)


def test_a_withdrawn_finding_needs_a_reason():
    for finding in read_snapshot(SNAPSHOT):
        told = bool(finding["date"]) and bool(finding["reason"])
        assert told or not (finding["status"] == "withdrawn" or finding["earlier"]), finding["id"]


def test_the_command_writes_shows_and_checks(run_cli, make_data, tmp_path):
    data = make_data().data
    ledger = tmp_path / "findings.json"
    numbers = {"estimate": 3.0, "low": None, "high": None, "n": 9}

    def record(**changed):
        finding = {**row(), **numbers, "tables": {"a.csv": "0" * 64}, **changed}
        ledger.write_text(json.dumps({"findings": [finding]}))

    record()
    asked = ("snapshot", str(ledger), "--data", str(data))
    assert run_cli(*asked, "--check").code == 1
    assert not (data / "findings.csv").exists()
    assert "F1.1: new" in run_cli(*asked).out
    assert run_cli(*asked, "--check").code == 0
    # a new hash of the same table does not change the finding
    record(tables={"a.csv": "1" * 64})
    assert run_cli(*asked, "--check").code == 0
    described = json.loads((data / "datapackage.json").read_text())
    assert "findings.csv" in [r["path"] for r in described["resources"]]


@built
@pytest.mark.slow
def test_the_snapshot_is_what_the_notebooks_compute():
    found = differences(read_snapshot(SNAPSHOT), read_built(SITE / "findings.json"))
    assert not found, "\n".join([*map(str, found), "if so it should be: make findings"])


@built
@pytest.mark.slow
def test_every_finding_keeps_its_anchor_and_can_be_cited():
    page = (SITE / "book" / "findings.html").read_text(encoding="utf-8")
    for finding in read_snapshot(SNAPSHOT):
        anchor = finding["id"].lower().replace(".", "-")
        assert page.count(f'id="{anchor}"') == 1, finding["id"]
    ledger = json.loads((SITE / "findings.json").read_text(encoding="utf-8"))
    validate(ledger, json.loads((SITE / ledger["$schema"]).read_text(encoding="utf-8")))
    assert len(ledger["findings"]) > 8
    for finding in ledger["findings"]:
        cited = finding["citation"]
        assert f"Finding {finding['id']} of " in cited["text"]
        # the note has the version, because styles print no version of a part of a work
        assert finding["version"] in cited["text"]
        assert finding["version"] in cited["csl"]["note"]
        assert len(parse_string(cited["bibtex"], "bibtex").entries) == 1
        (record,) = rispy.loads(cited["ris"])
        assert finding["id"] in record["title"]
        assert f"<summary>Cite {finding['id']}</summary>" in page


def prose():
    """Text of pages and notebooks, without code."""
    for path in sorted((ROOT / "book").glob("*.md")):
        yield path.name, re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.S | re.M)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                yield path.name, cell.source


_NUMBER = re.compile(r"(?<![\w.,/-])\d[\d,]*(?:\.\d+)?%?")


def telling(number):
    """Whether a number is distinctive, unlike a year or a small count."""
    if re.fullmatch(r"(1[5-9]|20)\d\d", number):
        return False
    return bool(re.search(r"[,.%]", number)) or len(number) >= 3


def test_no_number_of_a_finding_is_typed_in_prose():
    of = {}
    for finding in read_snapshot(SNAPSHOT):
        # a key such as F2.1 is not a number of the finding
        for number in _NUMBER.findall(f"{finding['statement']} {finding['limits']}"):
            if telling(number.rstrip(",.")):
                of[number.rstrip(",.")] = finding["id"]
    assert len(of) > 10
    typed = [
        f"{name}: {number} is a number of {of[number]}; write {{finding}}`{of[number]}` instead"
        for name, text in prose()
        for number in (n.rstrip(",.") for n in _NUMBER.findall(text))
        if number in of
    ]
    assert not typed, "\n".join(typed)
