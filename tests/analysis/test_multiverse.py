"""Claims under every combination of choices, and the committed counts behind them."""

import math
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import CORPORA, DATA, ROOT, refusal

import tifa
from tifa.analysis import debate_choices, report_choices
from tifa.analysis.multiverse import (
    Claim,
    Counts,
    changed_alone,
    choices_made,
    grid,
    reasons,
    run,
    summary,
    without_idle,
)
from tifa.util.errors import TifaError

CLAIM = Claim("F1.1", "More oars than reeds.", "difference", 0)
#: Numbers of nine specifications: "lake" makes the claim fail, "dawn" leaves nothing to count.
NUMBERS = {
    ("shore", "noon"): 5.0, ("shore", "dusk"): 2.0, ("shore", "dawn"): math.nan,
    ("river", "noon"): 4.0, ("river", "dusk"): -1.0, ("river", "dawn"): math.nan,
    ("lake", "noon"): -2.0, ("lake", "dusk"): -3.0, ("lake", "dawn"): math.nan,
}  # fmt: skip


def made(claim=CLAIM):
    choices = grid(place=["shore", "river", "lake"], hour=["noon", "dusk", "dawn"])
    return run(claim, choices, lambda s: NUMBERS[s["place"], s["hour"]])


def test_a_summary_counts_only_specifications_with_data():
    (row,) = summary(made()).to_dict("records")
    assert row == {
        "finding": "F1.1", "specifications": 6, "hold": 3, "turn": 3, "empty": 3, "numbers": 6,
        "own": 5.0, "lowest": -3.0, "highest": 5.0,
        "why": "place: lake (2 of 2); place: river (1 of 2)",
    }  # fmt: skip


def test_choices_made_and_changed_alone():
    table = choices_made(made()).set_index("choice")
    assert table.loc["lake", ["specifications", "turns", "empty"]].tolist() == [3, 2, 1]
    alone = changed_alone(made()).set_index("choice")
    verdicts = {"river": "holds", "lake": "turns", "dusk": "holds", "dawn": "empty"}
    assert alone["verdict"].to_dict() == verdicts
    assert set(alone["own"]) == {5.0}


def test_kinds_that_only_some_specifications_have():
    specs = [*grid(coder=["A", "B"], unit=["x", "y"]), *grid(coder=["machine"], rule=["r", "s"])]
    rows = run(CLAIM, specs, lambda s: -1.0 if s.get("rule") == "s" else 1.0)
    assert reasons(rows) == "rule: s (1 of 1)"
    # the published specification has no rule, so a rule never changes alone
    assert changed_alone(rows)["choice"].tolist() == ["y", "B"]
    other = run(Claim("F1.2", "x", "x", 0), grid(hour=["noon"]), lambda _: 1.0)
    both = summary(pd.concat([rows, other], ignore_index=True))
    assert both["finding"].tolist() == ["F1.1", "F1.2"]
    assert both["why"].tolist() == ["rule: s (1 of 1)", ""]


def test_a_claim_that_fails_in_its_own_chapter_is_refused():
    for value in (0.0, -1.0, math.nan):
        with pytest.raises(TifaError, match=r"F1\.1.*does not hold"):
            run(CLAIM, grid(hour=["noon"]), lambda _, v=value: v)
    with refusal("F1.1"):
        run(CLAIM, [], lambda _: 1.0)


def test_choices_that_change_nothing_are_left_out():
    specs = grid(place=["shore", "cove", "lake"], ink=["blue", "black"])
    number = {"shore": 5.0, "cove": 5.0, "lake": -2.0}
    rows = without_idle(run(CLAIM, specs, lambda s: number[s["place"]]))
    assert rows[["place", "ink"]].to_numpy().tolist() == [["shore", "blue"], ["lake", "blue"]]
    assert without_idle(made()).equals(made())


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_compendiums_own_way_reproduces_the_hits_of_the_corpus(corpus):
    loaded = tifa.load(corpus, data=DATA)
    counts = Counts(loaded)
    for entry in loaded.about.specifications:
        hits = loaded.hits[loaded.hits["entry"] == entry]
        expected = hits.groupby("doc_id").size().reindex(loaded.documents["doc_id"], fill_value=0)
        assert counts.hits(entry).tolist() == expected.tolist(), entry
        for variant, rows in hits.groupby("variant"):
            less = expected - rows.groupby("doc_id").size().reindex(expected.index, fill_value=0)
            assert counts.hits(entry, without=[str(variant)]).tolist() == less.tolist()
    with refusal("is not counted by other rules"):
        counts.hits("win-win-cooperation")


@pytest.mark.parametrize("corpus", ["briefing", "xi"])
def test_words_sentences_and_frames_of_the_small_corpora(corpus):
    loaded = tifa.load(corpus, data=DATA)
    counts = Counts(loaded)
    assert counts.words().tolist() == loaded.documents["words"].tolist()
    assert counts.sentences().tolist() == loaded.documents["sentences"].tolist()
    # a mark of punctuation is a word to one tokeniser only
    assert (counts.words("wordpunct") > 1.05 * counts.words("letters")).all()
    own = loaded.frames.pivot(index="doc_id", columns="frame", values="sentences")
    full = counts.frames()
    assert own[full.columns].equals(full.astype(own.dtypes.iloc[0]))
    assert own.drop(columns=full.columns).to_numpy().sum() == 0
    masked = counts.frames("masked").reindex(columns=full.columns, fill_value=0)
    assert (masked <= full).all(axis=None)
    # in the reports one sentence gets its frame from the phrase itself, in Xi's texts none
    less = full["solidarity"].sum() - masked["solidarity"].sum()
    assert (less > 0) == (corpus == "briefing")
    with refusal("no frames by rule"):
        counts.frames("every-other")


def test_the_chapter_on_robustness_names_every_finding_of_the_others():
    folder = ROOT / "notebooks"
    names = ("minister", "where", "travel", "frames")
    recorded = {f for name in names for f in _ids(folder / f"{name}.ipynb", "finding(")}
    # two chapters try their own findings
    own = set(_ids(folder / "frames.ipynb", "verdict("))
    assert own == {"F3.3", "F3.7", "F3.8"}
    recorded = {f for f in recorded if not f.startswith("F7.")} - own
    tried = []
    for module in (debate_choices, report_choices):
        tried += re.findall(r'Claim\(\s*"(F\d+\.\d+)"', Path(module.__file__).read_text("utf-8"))
    assert len(tried) == len(set(tried))
    # findings that were not tried are listed as such, and only those
    (listed,) = re.findall(r"UNTRIED = \[([^\]]*)\]", _code(folder / "sure.ipynb"))
    untried = re.findall(r"F\d+\.\d+", listed)
    assert not set(untried) & set(tried)
    assert set(tried) | set(untried) == recorded


def _code(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def _ids(path, call):
    """First arguments of a call in a notebook's code."""
    return re.findall(re.escape(call) + r'\s*"(F\d+\.\d+)"', _code(path))
