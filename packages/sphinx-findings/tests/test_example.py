"""The example book: two pages, one finding that fails, one that was withdrawn."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import validate
from pybtex.database import parse_string
from sphinx_findings.snapshot import differences, read_built, read_snapshot

EXAMPLE = Path(__file__).resolve().parents[1] / "example"
SOURCE = Path(__file__).resolve().parents[1] / "src"
ADDRESS = "https://example.org/ferry/"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The example, built; a warning would be an error."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("_build"))
    # the address may lack its final slash
    sphinx(
        "-D", f"html_baseurl={ADDRESS.rstrip('/')}", str(folder), str(folder / "_build" / "html")
    )
    return folder


def python(*words):
    paths = os.pathsep.join(filter(None, (str(SOURCE), os.environ.get("PYTHONPATH"))))
    environment = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
    return subprocess.run(
        [sys.executable, "-m", *words],
        env=environment | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def sphinx(*words):
    done = python("sphinx", "-q", "-W", "-n", *words)
    assert done.returncode == 0, done.stderr


def page(book, name):
    return (book / "_build" / "html" / name).read_text(encoding="utf-8")


def test_a_page_quotes_the_finding_and_says_how_sure_it_is(book):
    text = page(book, "index.html")
    assert "Of 84 boats 90% left on time." in text
    assert 'href="findings.html#f1-1"' in text
    assert "not if some of the good days are left out" in text
    assert "We counted 7 days." in re.sub("<[^>]+>", "", text)


def test_the_ledger_has_an_anchor_for_every_finding_and_says_what_became_of_it(book):
    text = page(book, "findings.html")
    assert text.count('id="f1-1"') == text.count('id="f1-2"') == 1
    assert "<summary>Reworded on 2026-06-01</summary>" in text
    assert "Boats are counted instead of days. It read: On 3 of 7" in text
    assert '<td><a href="#f1-1">F1.1</a></td><td>More than nine boats in ten leave' in text
    assert "F1.2, withdrawn" in text
    assert "The clock at the pier was slow." in text
    assert "No longer true if some of the good days are left out." in text
    fold = text.partition('<details class="findings-source">')[2].partition("</details>")[0]
    assert 'Computed in <a class="reference internal" href="index.html#at-f1-1">' in fold
    assert "SHA-256" not in text.replace(fold, "").partition("Cite F1.1")[0]
    assert 'id="at-f1-1"' in page(book, "index.html")
    assert "Cite F1.1" in text


def test_the_work_is_cited_in_words_first_and_for_programs_in_a_fold(book):
    text = page(book, "index.html")
    cited = text[text.index("Cite this book") :]
    words, fold = cited.partition("<details")[::2]
    assert words.count("<pre>") == 1
    assert "Version 1.1.0" in words
    assert "<summary>For reference managers: BibTeX, RIS, CSL-JSON</summary>" in fold
    assert fold.partition("</details>")[0].count("<pre>") == 3


def test_machines_read_what_people_read(book):
    site = book / "_build" / "html"
    ledger = json.loads((site / "findings.json").read_text(encoding="utf-8"))
    validate(ledger, json.loads((site / ledger["$schema"]).read_text(encoding="utf-8")))
    (finding,) = ledger["findings"]
    assert finding["statement"] in page(book, "findings.html")
    assert finding["robustness"]["turn"] == 4
    # the notebook gives no published number, so there is none
    assert finding["robustness"]["published"] is None
    assert ledger["licence"] == "https://spdx.org/licenses/MIT"
    assert [row["id"] for row in ledger["withdrawn"]] == ["F1.2"]
    (entry,) = parse_string(finding["citation"]["bibtex"], "bibtex").entries.values()
    assert entry.fields["url"] == f"{ADDRESS}findings.html#f1-1"
    assert entry.fields["year"] == "2026"
    often = "true in 3 of 7 ways of counting"
    assert entry.fields["title"] == f"{{Finding F1.1 of The ferry, counted [{often}]}}"
    estimate = r"Estimate: 90.5\% of the boats"
    assert entry.fields["abstract"].startswith(f"Of 84 boats 90\\% left on time. {estimate}")
    assert "not if some of the good days" in entry.fields["abstract"]
    feed = page(book, "findings.xml")
    assert feed.count("<entry>") == 2
    assert f'href="{ADDRESS}findings.html#f1-2"' in feed
    assert f'href="{ADDRESS}findings.xml"' in feed


def test_the_snapshot_is_what_the_book_computes(book):
    built = read_built(book / "_build" / "html" / "findings.json")
    assert not differences(read_snapshot(EXAMPLE / "data" / "findings.csv"), built)


def test_the_command_shows_a_change_and_keeps_what_was_written_by_hand(book, tmp_path):
    built, kept = book / "_build" / "html" / "findings.json", tmp_path / "findings.csv"
    text = (EXAMPLE / "data" / "findings.csv").read_text(encoding="utf-8")
    kept.write_text(text.replace(',84,boats,"all', ',83,boats,"all'), "utf-8")
    asked = ("sphinx_findings", str(built), str(kept), "--version", "1.2.0")
    shown = python(*asked, "--check")
    assert shown.returncode == 1
    assert "F1.1: n: 83 -> 84" in shown.stdout
    assert python(*asked).returncode == 0
    first, second = read_snapshot(kept)
    assert (first["version"], first["reason"]) == ("1.2.0", "Boats are counted instead of days.")
    assert second["status"] == "withdrawn"
    assert python(*asked, "--check").returncode == 0


@pytest.fixture
def broken(tmp_path):
    """A copy of the example, to break it."""
    return shutil.copytree(
        EXAMPLE, tmp_path / "book", ignore=shutil.ignore_patterns("_build", "index.md")
    )


def test_what_a_page_asks_for_in_vain_is_a_warning(broken):
    page = (EXAMPLE / "index.md").read_text(encoding="utf-8")
    (broken / "index.md").write_text(f"{page}\n\n{{finding}}`F9.9` and {{value}}`a.b`\n", "utf-8")
    (broken / "findings.md").unlink()
    done = python("sphinx", "-q", "-n", str(broken), str(broken / "_build"))
    assert "no finding 'F9.9' is recorded in a notebook" in done.stderr
    assert "no value 'a.b' is noted in a notebook" in done.stderr
    assert "there is no page 'findings', to which every finding is linked" in done.stderr


@pytest.mark.parametrize("name", ["CITATION.cff", "data/findings.csv"])
def test_a_broken_file_is_told_in_one_line(broken, name):
    (broken / name).write_text("a,b\n")
    without_running = ("-q", "-D", "nb_execution_mode=off")
    done = python("sphinx", *without_running, str(broken), str(broken / "_build"))
    assert done.returncode
    assert name in done.stderr
    assert "traceback" not in done.stderr
