"""The real texts, if available, are verified, from a folder and from pages."""

import shutil

import pytest
from conftest import DATA

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
