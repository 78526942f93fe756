"""Impossible findings are refused, and all others are passed on unchanged."""

from __future__ import annotations

import hashlib
import html

import pytest
from sphinx_findings import FindingsError, finding, note, record, tables_in, verdict

NUMBERS = {"estimate": 0.25, "low": 0.1, "high": 0.4, "unit": "% of the days", "n": 1200}
WORDS = {"n_of": "days", "method": "bootstrap over weeks", "tables": ["boats.csv"]}


@pytest.fixture
def handed(monkeypatch, tmp_path):
    """The glued content by name; one table exists."""
    (tmp_path / "boats.csv").write_text("boat\nskiff\n")
    monkeypatch.setattr(record, "_find_tables", [lambda: tmp_path])
    glued = {}
    monkeypatch.setattr(record, "glue", glued.__setitem__)
    return glued


def test_a_finding_is_handed_over_with_its_numbers_and_the_hash_of_its_table(handed):
    given = {"limits": "Of weeks {weeks}.", "days": 1200, "share": 0.25, "weeks": 0.5}
    made = finding("F1.2", "Of {days} days {share}.", **NUMBERS, **WORDS, **given)
    assert (made.statement, made.limits) == ("Of 1,200 days 0.25.", "Of weeks 0.5.")
    assert "Of weeks 0.5." in made._repr_html_()
    assert made.interval == (
        "0.25% of the days (95% interval 0.1 to 0.4; bootstrap over weeks; n = 1,200 days)"
    )
    content = handed["finding:F1.2"]
    assert content["tables"] == {"boats.csv": hashlib.sha256(b"boat\nskiff\n").hexdigest()}
    assert content["values"] == {"days": "1,200", "share": "0.25", "weeks": "0.5"}


def test_what_is_shown_is_escaped(handed):
    made = finding("F1.1", "Oars < {oars}.", **NUMBERS | {"unit": "<b>"}, **WORDS, oars="<i>")
    assert "<b>" not in made._repr_html_()
    assert html.escape("Oars < <i>.") in made._repr_html_()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": "1.2"}, "expected an id like F2.1"),
        ({"statement": "Of 12 days {share}."}, "a number is typed in the statement"),
        ({"limits": "Not on 3 days."}, "a number is typed"),
        ({"statement": "Of {days} days."}, "the field 'days' has no value"),
        ({"statement": "Of {} days."}, "has no value"),
        ({"statement": "Of {days days."}, "finding F1.1: expected"),
        ({"estimate": float("nan"), "low": None, "high": None}, "is no number"),
        ({"high": float("inf")}, "is no number"),
        ({"low": None}, "both limits or neither"),
        ({"low": 0.3}, "is not within"),
        ({"tables": ["oars.csv"]}, r"no table oars\.csv"),
    ],
)
def test_a_finding_that_cannot_be_is_refused(handed, changed, said):
    given = {"id": "F1.1", "statement": "It is {share}.", **NUMBERS, **WORDS, "share": 0.25}
    with pytest.raises(FindingsError, match=said):
        finding(**given | changed)
    assert not handed


def test_tables_are_found_in_the_nearest_data_folder_or_where_one_says(
    monkeypatch, tmp_path, handed
):
    (tmp_path / "data").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.setattr(record, "_find_tables", [record.nearest_data])
    assert record.nearest_data() == tmp_path / "data"
    with pytest.raises(FindingsError, match="no table boats"):
        finding("F1.1", "Boats.", **NUMBERS, **WORDS)
    tables_in(lambda: tmp_path)
    assert finding("F1.1", "Boats.", **NUMBERS, **WORDS)


def test_a_value_needs_a_plain_name(handed):
    note("boats", n=10952)
    assert handed == {"values:boats": {"n": "10,952"}}
    with pytest.raises(FindingsError, match="value 'N'"):
        note("boats", N=1)


def test_a_verdict_is_handed_over(handed):
    counts = {"specifications": 6, "turn": 1, "empty": 0}
    said = {"claim": "c", "why": "w", "figure": "boats", "quantity": "oars", "line": 1.0}
    said |= counts | {"published": 3.0}
    verdict("F1.1", **said, tried=[("by lake", 2, False), ("by year", 0, True)])
    tried = [["by lake", 2.0, False], ["by year", 0.0, True]]
    assert handed == {"verdict:F1.1": said | {"tried": tried, "draws": True, "refuted": ""}}


@pytest.mark.parametrize(
    ("id", "ways", "turn", "empty", "why"),
    [
        ("1.1", 6, 0, 0, ""),
        ("F1.1", 0, 0, 0, ""),
        ("F1.1", 6, 7, 0, "w"),
        ("F1.1", 6, -1, 0, "w"),
        ("F1.1", 6, 0, -1, ""),
        ("F1.1", 6, 1, 0, ""),
        ("F1.1", 6, 0, 0, "w"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused(id, ways, turn, empty, why):
    with pytest.raises(FindingsError, match="verdict on"):
        verdict(id, claim="c", specifications=ways, turn=turn, empty=empty, why=why)
