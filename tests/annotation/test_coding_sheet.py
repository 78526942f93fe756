"""Coding sheets: the sample, and where full text must not be written."""

import csv
import io
import subprocess
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from conftest import extract_setting, refusal, snapshot, written

from tifa.annotation.codes import read_codes
from tifa.annotation.coding_sheet import (
    coding_sheet,
    sample_sentences,
    sample_units,
    unit_sentences,
)
from tifa.data.files import write_corpus
from tifa.data.hand_made import FUNCTIONS
from tifa.sources.document import Document
from tifa.text.language import sentence_table
from tifa.text.words import text_hashes
from tifa.util.git import check_place


def documents(*lengths):
    """Documents with a given number of numbered sentences."""
    for number, length in enumerate(lengths):
        text = " ".join(f"Boat {i} of pier {number} left." for i in range(1, length + 1))
        yield Document(f"pier-{number}", text, {})


def test_the_sample_depends_only_on_the_seed():
    first = sample_sentences(documents(40, 5, 12), 20, seed=3)
    again = sample_sentences(reversed([*documents(40, 5, 12)]), 20, seed=3)
    pd.testing.assert_frame_equal(first, again)
    # the random numbers are hashes, so no new version of a library changes the sample
    every = [(f"pier-{d}", n) for d, most in enumerate((40, 5, 12)) for n in range(1, most + 1)]
    lots = sorted(every, key=lambda p: sha256(f"3\0{p[0]}\0{p[1]}".encode()).digest())
    assert first["unit"].tolist() == [f"{d}#{n}" for d, n in lots[:20]]


@pytest.mark.parametrize("per_document", [False, True])
def test_a_longer_sample_begins_with_the_shorter(per_document):
    short, long = (
        sample_sentences(documents(40, 5, 12), n, per_document=per_document) for n in (9, 30)
    )
    pd.testing.assert_frame_equal(long.head(9), short)


def test_chinese_sentences_are_those_of_the_tables():
    text = "渡船开了。“没人挥手！”他说。\n\n雨停了"
    table = sentence_table(pl.DataFrame({"doc_id": ["pond"], "text": [text]}), "zh")
    pond = [Document("pond", text, {})]
    drawn = sample_sentences(pond, 9, language="zh").sort_values("sentence")
    assert drawn["sentence"].tolist() == table["sentence"].to_list()
    assert drawn["text"].tolist() == table["text"].to_list()
    assert unit_sentences(pond, drawn, language="zh")["text"].tolist() == drawn["text"].tolist()


def test_by_document_draws_from_every_document():
    drawn = sample_sentences(documents(40, 2, 12), 14, per_document=True)
    assert Counter(drawn["doc_id"]) == {"pier-0": 6, "pier-1": 2, "pier-2": 6}
    assert drawn["unit"].is_unique
    # otherwise a sentence counts as much as any other
    plain = sample_sentences(documents(400, 2, 12), 40)
    assert Counter(plain["doc_id"])["pier-0"] > 30
    # a sentence without a word is not drawn
    rule = Document("pier", "It left.\n\n* * *\n\nNobody waved.", {})
    assert sorted(sample_sentences([rule], 9)["sentence"]) == [1, 3]


UNITS = pd.DataFrame(
    {"unit": ["u1", "u2", "u3"], "doc_id": ["pier-0", "pier-1", "pier-1"], "sentence": [4, 1, 2]}
)


def test_known_units_are_found_in_the_texts():
    found = unit_sentences(documents(9, 3), UNITS.iloc[[2, 0]])
    assert found["unit"].tolist() == ["u3", "u1"]
    assert found["text"].tolist() == ["Boat 2 of pier 1 left.", "Boat 4 of pier 0 left."]
    assert sorted(sample_units(UNITS, 9)["unit"]) == ["u1", "u2", "u3"]
    drawn = sample_units(UNITS, 2, per_document=True)
    assert drawn["doc_id"].is_unique


def test_other_texts_than_those_coded_are_refused():
    with refusal("'pier-1' has 1 sentences, no sentence 2"):
        unit_sentences(documents(9, 1), UNITS)
    with refusal("no text of the coded document 'pier-1'"):
        unit_sentences(documents(9), UNITS)
    texts = pl.Series([d.text for d in documents(9, 3)])
    hashes = dict(zip(["pier-0", "pier-1"], text_hashes(texts), strict=True))
    assert len(unit_sentences(documents(9, 3), UNITS, hashes=hashes)) == 3
    with refusal("'pier-0' is not the one that was coded"):
        unit_sentences(documents(8, 3), UNITS, hashes=hashes)


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", 'He said: "=1", twice;', "Plain, with a comma."]


def test_a_sheet_is_safe_to_open_and_reads_back(tmp_path):
    sample = pd.DataFrame(
        {"unit": ["=u#1", *map(str, range(5))], "doc_id": "-d", "sentence": 1, "text": HOSTILE}
    )
    content = coding_sheet(sample, ["health", "order"], annotator="@Li")
    assert content.startswith(b"\xef\xbb\xbf")
    head, *records = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert ",".join(head) == "unit,annotator,doc_id,sentence,text,health,order,notes"
    assert not any(c.startswith(("=", "+", "-", "@")) for r in records for c in r)
    assert [r[4].removeprefix("'") for r in records] == HOSTILE
    codes = read_codes(written(tmp_path, {"sheet.csv": content}) / "sheet.csv")
    assert codes["unit"].tolist() == sample["unit"].tolist()
    assert set(codes["annotator"]) == {"@Li"}
    assert codes[["health", "order"]].isna().all(axis=None)


def git(folder, *command):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *command], check=True)


@pytest.fixture
def tree(tmp_path):
    """A git work tree that ignores private/ and one file."""
    root = written(tmp_path / "tree", {".gitignore": "private/\nmine.csv\n"})
    git(root, "init", "-q")
    for name in ("private", "open"):
        (root / name).mkdir()
    return root


def forbidden(path, **options):
    with refusal("git does not ignore this place", "data/texts"):
        check_place(path, **options)


def test_full_text_is_written_only_where_git_ignores_it(tree, tmp_path, monkeypatch):
    for name in ("private/sheet.csv", "private/deep/er/sheet.csv", "open/mine.csv", "../out.csv"):
        check_place(tree / name)
    forbidden(tree / "new/folder/sheet.csv", force=True)
    # in a linked work tree and in a broken one
    git(tree, "commit", "-q", "--allow-empty", "-m", "x")
    git(tree, "worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    for name in ("linked", "broken"):
        forbidden(tmp_path / name / "sheet.csv")
    # without git
    monkeypatch.setenv("PATH", str(tmp_path))
    forbidden(tree / "private" / "sheet.csv")


def test_links_and_relative_paths_do_not_hide_a_tracked_folder(tree, tmp_path, monkeypatch):
    # a link outside that points into the tree, and one inside that points out
    (tmp_path / "link").symlink_to(tree / "open")
    forbidden(tmp_path / "link" / "sheet.csv")
    (tree / "private" / "back").symlink_to(tree / "open")
    forbidden(tree / "private" / "back" / "sheet.csv")
    # from inside the tree, by a relative path
    monkeypatch.chdir(tree / "private")
    forbidden(Path("../open/sheet.csv"))
    check_place(Path("sheet.csv"))
    # a tracked file, although a rule would ignore it
    (tree / "mine.csv").write_text("x", "utf-8")
    git(tree, "add", "-f", "mine.csv")
    forbidden(tree / "mine.csv", force=True)
    # a variable that git sets in a hook of another repository, which ignores everything
    git(tmp_path, "init", "-q", "other")
    written(tmp_path / "other", {".git/info/exclude": "*\n"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    forbidden(tree / "open" / "sheet.csv")


def test_an_existing_sheet_is_kept(tmp_path):
    (tmp_path / "sheet.csv").touch()
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere")
    for name in ("sheet.csv", "dangling.csv"):
        with refusal("is there already", "--force"):
            check_place(tmp_path / name)
        check_place(tmp_path / name, force=True)


def annotate(run_cli, setting, out, *options):
    return run_cli(
        *("annotate", setting.corpus, "--out", out, "--data", setting.data),
        *("--texts", setting.source, *options),
    )


def test_annotate_writes_a_sheet_but_not_into_a_work_tree(make_data, run_cli, tree, tmp_path):
    setting = make_data()
    assert annotate(run_cli, setting, tree / "open" / "li.csv").refusal
    assert snapshot(tree / "open") == {}
    out = tmp_path / "sheets" / "li.csv"
    ran = annotate(run_cli, setting, out, "--sentences", "4", "--annotator", "Li")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("lake: 4 sentences of ")
    codes = read_codes(out)
    assert list(codes.columns) == ["unit", "annotator", "health", "trade", *FUNCTIONS]
    assert len(codes) == 4
    assert [p.name for p in out.parent.iterdir()] == ["li.csv"]
    # a second coder gets the same sentences
    other = tmp_path / "sheets" / "okoye.csv"
    assert annotate(run_cli, setting, other, "--sentences", "4", "--annotator", "Okoye").code == 0
    assert other.read_bytes() == out.read_bytes().replace(b",Li,", b",Okoye,")
    # no other file was written
    assert not (setting.data / "corpora").exists()


def test_annotate_draws_from_units_that_were_coded(make_data, run_cli, tmp_path):
    setting = make_data()
    units = "unit,corpus,doc_id,sentence\nu1,lake,alder-2001,3\nu2,pond,x,1\nu3,lake,cedar-2003,2\n"
    written(setting.data, {"annotations/units.csv": units})
    out = tmp_path / "li.csv"
    ran = annotate(run_cli, setting, out, "--coded", "--annotator", "Li")
    assert ran.code == 0, ran.err
    table = pd.read_csv(out, encoding="utf-8-sig").set_index("unit")
    assert sorted(table.index) == ["u1", "u3"]
    assert table.loc["u3", "text"] == "People went home early; the ferry was late."
    # after extraction, the texts must not change
    write_corpus(setting.folder, extract_setting(setting))
    assert annotate(run_cli, setting, out, "--coded", "--force").code == 0
    written(setting.source, {"cedar-2003.txt": "Another day. The ferry was early."})
    changed = annotate(run_cli, setting, out, "--coded", "--force")
    assert "not the one that was coded" in changed.refusal
