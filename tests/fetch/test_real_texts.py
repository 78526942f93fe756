"""The real texts, if available, are verified, from a folder and from pages."""

import re
import shutil

import pytest
from conftest import DATA
from hosts import Answer, Host, page

from tifa.data.metadata import read_overlay
from tifa.fetch import Client, fetch_corpus
from tifa.sources.open import read

pytestmark = pytest.mark.texts


def test_a_copy_of_the_reports_is_verified(texts, run_cli, tmp_path):
    shutil.copytree(texts / "briefing", tmp_path / "copy" / "briefing")
    held = {"TIFA_TEXTS": str(tmp_path / "held"), "TIFA_DATA": str(DATA)}
    ran = run_cli("fetch", "briefing", "--from", tmp_path / "copy", **held)
    assert ran.code == 0, ran.err
    assert "briefing: all 2 of 2 verified" in ran.out
    assert "same text: 2" in ran.out
    for path in (texts / "briefing").glob("*.txt"):
        held_text = (tmp_path / "held" / "briefing" / path.name).read_text("utf-8")
        assert held_text.strip() == path.read_text("utf-8").strip()


def reports(texts):
    overlay = read_overlay(DATA / "metadata" / "briefing.yml")
    return {d.doc_id: d.text for d in read(texts / "briefing", overlay)}


def fetched(bodies, tmp_path, monkeypatch):
    """Fetch the reports from generated pages, in a data folder with their addresses."""
    data, host = tmp_path / "data", Host()
    for part in ("lexicon", "metadata", "corpora/briefing"):
        shutil.copytree(DATA / part, data / part)
    table = data / "corpora" / "briefing" / "documents.csv"
    listed = table.read_text("utf-8")
    for doc_id, text in bodies.items():
        url = host.on(f"/{doc_id}.html", Answer(page(text)))
        listed = re.sub(rf"^({doc_id},.*?),https?://[^,]+", rf"\1,{url}", listed, flags=re.M)
    assert listed.count(host.url) == len(bodies)
    table.write_text(listed, "utf-8")
    monkeypatch.setenv("TIFA_TEXTS", str(tmp_path / "held"))
    try:
        return fetch_corpus("briefing", data=data, client=Client(pause=0))
    finally:
        host.close()


def test_pages_around_the_reports_are_verified_by_hash(texts, tmp_path, monkeypatch):
    report = fetched(reports(texts), tmp_path, monkeypatch)
    assert {d: s.status for d, s in report.states.items()} == dict.fromkeys(reports(texts), "text")
    assert [s.verdict.tables for s in report.states.values() if s.verdict] == [(), ()]
    assert report.complete
