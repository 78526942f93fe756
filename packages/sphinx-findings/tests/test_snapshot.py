"""The snapshot of the findings never loses a number and never hides a change."""

from __future__ import annotations

import pytest
from sphinx_findings.__main__ import main
from sphinx_findings.errors import FindingsError
from sphinx_findings.snapshot import (
    COLUMNS,
    differences,
    read_built,
    read_snapshot,
    to_csv,
    update,
)


def row(id="F1.1", **changed):
    given = {"id": id, "status": "current", "statement": "Boats were 3.", "estimate": "3", "n": "9"}
    return dict.fromkeys(COLUMNS, "") | given | changed


def test_what_is_the_same_keeps_its_version():
    first = update([], [row()], version="1")
    assert first == [row(version="1")]
    assert update(first, [row()], version="2") == first


def test_a_change_is_shown_and_dated():
    before = update([], [row(), row("F1.2")], version="1")
    now = [row(estimate="4"), row("F1.2")]
    assert [str(d) for d in differences(before, now)] == ["F1.1: estimate: 3 -> 4"]
    after = update(before, now, version="2")
    assert [r["version"] for r in after] == ["2", "1"]
    assert differences(after, now) == []


def test_a_finding_that_is_gone_stays_as_withdrawn():
    before = update([], [row(), row("F1.10"), row("F1.9")], version="1")
    assert [r["id"] for r in before] == ["F1.1", "F1.9", "F1.10"]
    now = [row(), row("F1.10")]
    assert [str(d) for d in differences(before, now)] == ["F1.9: gone"]
    after = update(before, now, version="2")
    assert [(r["id"], r["status"]) for r in after][1] == ("F1.9", "withdrawn")
    assert differences(after, now) == []
    # once withdrawn it does not change again, but it may come back
    assert update(after, now, version="3") == after
    assert [d.column for d in differences(after, [*now, row("F1.9")])] == ["status"]


def test_what_is_kept_by_hand_is_kept():
    before = update([], [row(), row("F1.2")], version="1")
    history = {"date": "2026-11-27", "reason": "Counted twice.", "earlier": "Boats were 6."}
    before = [r | history for r in before]
    after = update(before, [row(estimate="4")], version="2")
    assert [{c: r[c] for c in history} for r in after] == [history, history]
    # the columns of the history are not compared
    assert not differences(before, [row(), row("F1.2")])


def test_it_reads_what_it_writes(tmp_path):
    path = tmp_path / "findings.csv"
    rows = update([], [row(statement='“Boat”, she said: "3",\nand more')], version="1")
    path.write_text(to_csv(rows), encoding="utf-8", newline="")
    assert read_snapshot(path) == rows
    assert read_snapshot(tmp_path / "none.csv") == []


def test_a_broken_snapshot_is_named(tmp_path):
    path = tmp_path / "findings.csv"
    more = to_csv([row()]).replace("id,", "more,id,", 1).replace("F1.1,", "1,F1.1,")
    for content, said in {
        b"id,statement\nF1.1,x\n": "expected the columns",
        more.encode(): "expected the columns",
        to_csv([row(statement="Bötchen.")]).encode(
            "cp1252"
        ): r"findings\.csv: not UTF-8 at byte \d",
        to_csv([row(), row()]).encode(): r"F1\.1 appears twice",
    }.items():
        path.write_bytes(content)
        with pytest.raises(FindingsError, match=said):
            read_snapshot(path)


def test_a_snapshot_that_is_cut_off_is_refused_at_every_character(tmp_path):
    path = tmp_path / "findings.csv"
    quoted = row(statement='She said: "3",\nand more', reason="Counted, twice.")
    whole = to_csv([quoted, row("F1.2", earlier="Boats were 6.")])
    first = to_csv([quoted])
    # what ends within the last cell, or after a whole row, looks complete
    complete = {first, first[:-1], *(whole[:n] for n in range(whole.rindex(",") + 1, len(whole)))}
    for n in range(len(whole)):
        if whole[:n] not in complete:
            path.write_text(whole[:n], encoding="utf-8", newline="")
            with pytest.raises(FindingsError):
                read_snapshot(path)
    path.write_text(to_csv([]))
    with pytest.raises(FindingsError, match="no finding below the names of the columns"):
        read_snapshot(path)


def test_without_a_finding_no_snapshot_is_written(tmp_path, monkeypatch):
    built, path = tmp_path / "findings.json", tmp_path / "findings.csv"
    built.write_text('{"findings": []}')
    monkeypatch.setattr("sys.argv", ["sphinx_findings", str(built), str(path)])
    assert main() == 0
    assert not path.exists()
    assert read_snapshot(path) == []


@pytest.mark.parametrize("content", ["", "{}]", '{"findings": [{"id": "F1.1"}]}', "[3]", "{}"])
def test_a_broken_ledger_is_named(tmp_path, content):
    path = tmp_path / "findings.json"
    path.write_text(content)
    with pytest.raises(FindingsError, match="build anew"):
        read_built(path)
    with pytest.raises(FindingsError, match="build the site"):
        read_built(tmp_path / "none.json")
