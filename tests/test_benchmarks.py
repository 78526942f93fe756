"""The benchmarks run, compare counts before measuring, and write the table for the page."""

import csv
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from tifa_book import results

RESULTS = ROOT / "benchmarks" / "results"
TRY = """
import sys
from pathlib import Path
import run, sample

def few():
    return "generated text of the shape of the UN General Debates", sample.debates_generated(30)

sample.debates = few
run.RESULTS = Path(sys.argv[1])
sys.argv = ["run.py", "--rounds", "2", "--megabytes", "1", *sys.argv[2:]]
run.main()
"""


def test_a_task_on_generated_texts_writes_a_table_that_says_what_it_is(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRY, str(tmp_path), "words", "yearly"],
        cwd=ROOT / "benchmarks",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "peers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["who"] for r in rows] == ["tifa", "CountVectorizer"] * 2
    assert all(float(r["seconds"]) > 0 and r["rounds"] == "2" for r in rows)
    assert [r["times_ours"] for r in rows if r["who"] == "tifa"] == ["1.0", "1.0"]
    for row in rows:
        goal = re.fullmatch(r"at least (\d+)x", row["goal"])
        reached = goal is not None and float(row["times_ours"]) >= int(goal[1])
        assert (row["reached"] == "yes") == reached
    about = (tmp_path / "peers-about.csv").read_text("utf-8")
    assert "generated text" in about
    assert "polars" in about
    # what is printed is what the goals were, and which were reached
    assert done.stdout.count("at least 4x") == 4


def test_a_task_that_is_measured_again_replaces_its_rows_alone(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import run
    from measure import Row

    monkeypatch.setattr(run, "RESULTS", tmp_path)
    seconds = iter([9.0, 1.0, 3.0])

    def slow(*_):
        return [Row("rowing", "crew", next(seconds), peak_mib=80).aim("9 s", most=2, mib=70)]

    monkeypatch.setattr(run, "COMMANDS", {"book": slow, "own": slow})
    for tasks in (["book"], ["own"], ["book"]):
        monkeypatch.setattr(sys, "argv", ["run.py", *tasks])
        run.main()
    assert run.goals().select("seconds", "before", "goal", "reached").rows() == [
        ("1.0", "9 s", "at most 2 s and 70 MiB", "no: 80 MiB"),
        ("3.0", "9 s", "at most 2 s and 70 MiB", "no: 3 s, 80 MiB"),
    ]


def test_counts_that_differ_are_not_measured(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import peers

    monkeypatch.setattr(peers, "PEER_WORD", r"[a-z]+")
    with pytest.raises(AssertionError, match="document 0 differ"):
        peers.check_words(["Nine oars, 9 oars."])


@pytest.mark.parametrize("name", ["peers", "large"])
def test_the_results_name_no_machine_and_no_path(name):
    written = "".join(p.read_text("utf-8") for p in RESULTS.glob(f"{name}*"))
    assert "date" in written
    assert "polars" in written
    assert not re.search(r"/(work|tmp|home|root|usr|Users)/|localhost", written)


def test_the_page_shows_a_table_for_each_task_and_says_which_goals_were_missed():
    row = dict.fromkeys(["megabytes", "peak_mib", "note", "goal", "reached"], "")
    row |= {"rounds": "5", "times_ours": "1.0", "seconds": "2.5", "who": "tifa"}
    rows = [
        row | {"task": "rowing", "megabytes": "30"},
        row
        | {"task": "rowing", "who": "crew", "times_ours": "7.25", "rounds": "1"}
        | {"goal": "at least 8x", "reached": "no: 7.2x", "note": "tired"},
        row | {"task": "sailing", "times_ours": "", "peak_mib": "1200.4"},
    ]
    shown = results._peers(rows)  # a line with the task, then its table
    said = [
        list(filter(None, f"{task.astext()}\n\n{table.astext()}".split("\n\n")))
        for task, table in zip(shown[::2], shown[1::2], strict=True)
    ]
    head = ["who", "seconds", "times ours", "goal"]
    crew = ["crew (tired; once)", "2.5", "7.2", "at least 8x: missed, 7.2x"]
    assert said == [
        ["rowing", *head, "tifa (30.0 MB)", "2.5", "1.00", *crew],
        ["sailing", *head, "tifa (peak 1,200 MiB)", "2.5"],
    ]
