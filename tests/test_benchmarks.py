"""The benchmarks run, compare counts before measuring, and write the table for the page."""

import csv
import re
import sys

import pytest
from conftest import ROOT, run_apart

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
    command = [sys.executable, "-W", "error", "-c", TRY, tmp_path, "words", "yearly"]
    done = run_apart(*command, folder=ROOT / "benchmarks", timeout=300)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "peers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    peers = ["CountVectorizer", "textacy's Vectorizer", "scattertext"]
    assert [r["who"] for r in rows] == ["tifa", *peers, "tifa", "CountVectorizer"]
    assert all(float(r["seconds"]) > 0 and r["rounds"] == "2" for r in rows)
    assert [r["times_ours"] for r in rows if r["who"] == "tifa"] == ["1.0", "1.0"]
    for row in (r for r in rows if r["goal"]):
        goal = re.fullmatch(r"at least (\d+)x", row["goal"])
        reached = goal is not None and float(row["times_ours"]) >= int(goal[1])
        assert (row["reached"] == "yes") == reached
    about = (tmp_path / "peers-about.csv").read_text("utf-8")
    assert "generated text" in about
    assert "polars" in about
    # the goals are printed, and whether they were reached
    assert done.stdout.count("at least 4x") == 4


def test_counts_that_differ_are_not_measured(monkeypatch):
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
