"""tifa verify reports every change in a data folder with file, row and column."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from conftest import DATA, TEXTS, Setting, build_data, one_line, snapshot

from tifa.data.datapackage import write_package
from tifa.data.files import read_table, to_bytes, write_corpus
from tifa.data.schema import TABLES
from tifa.features.extract import extract
from tifa.lexicon.model import Lexicon, read_frames, read_phrasebook
from tifa.sources.open import read_corpus
from tifa.study.difference import Difference, row_differences
from tifa.study.verify import verify

LAKE, SEA, SHORE = "corpora/lake", "corpora/sea", "corpora/shore"
#: Enough repetition for an n-gram to occur 40 times.
WAVES = {
    f"w{n:02d}": "The Lakeside Compact met again. Slow boats carried cargo home. " * 3
    for n in range(16)
}
CHINESE = {"an-2001": "小船慢慢回家。船上有米。", "bo-2001": "雨天小船不走。"}
HAND = {
    "annotations/units.csv": "unit,corpus,doc_id,sentence\nu001,lake,alder-2001,1\n"
    "u002,lake,birch-2002,2\n",
    "annotations/predictions.csv": "unit,model,fold,frame,predicted\nu001,dictionary,,trade,1\n"
    "u002,dictionary,,trade,0\n",
    "findings.csv": "id,status,statement,estimate,low,high,unit,n,n_of,method,page,tables,version,"
    "date,reason,earlier\n"
    "F2.1,current,Boats are slow.,2,1,3,boats,9,texts,counted,notebooks/02-x,"
    "corpora/lake/hits.csv,0.1.0,,,\n",
    "lexicon/intensifiers.csv": "word,kind\nvery,degree\n",
    "facts/memberships.csv": "country_code,country,status,decided,memorandum,from,to,source,note\n"
    "AAA,Aland,observer,2000,,2001,2005,x,\nAAA,Aland,member,2005,2004,2005,,x,\n",
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Two extracted corpora with every table, and hand-made lists; made once, then copied."""
    folder = tmp_path_factory.mktemp("verify")
    overlay = {"reader": "folder", "defaults": {"date": "2001"}}
    build_data(folder, one_event=True, specifications=["lakeside-spirit"], **overlay)
    build_data(folder, "sea", texts=WAVES, rights="public", ngrams=True, **overlay)
    build_data(folder, "shore", texts=CHINESE, language="zh", **overlay)
    data = folder / "data"
    lexicon = Lexicon(
        read_phrasebook(data / "lexicon" / "phrases.yml"),
        read_frames(data / "lexicon" / "frames.yml"),
    )
    for corpus in ("lake", "sea", "shore"):
        about, documents = read_corpus(corpus, data, folder / "texts" / corpus)
        tables = extract(documents, about, lexicon, robustness=bool(about.specifications))
        write_corpus(data / "corpora" / corpus, tables)
    for name, text in HAND.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    write_package(data)
    return folder


@pytest.fixture
def whole(counted, tmp_path):
    shutil.copytree(counted, tmp_path / "copy")
    return Setting(tmp_path / "copy" / "data", tmp_path / "copy" / "texts", "lake")


def lines(data):
    return [str(d) for d in verify(data)]


def change(data, table, rows):
    """Change a table and describe it again, so that only its content can reveal the change."""
    folder, name = (data / table).parent, Path(table).name
    old = read_table(folder, name)
    new = rows(old)
    assert not new.equals(old)
    (path,) = folder.glob(f"{name}.*")
    path.write_bytes(to_bytes(TABLES[name], new)[1])
    write_package(data)


def cell(row, column, value):
    """Put a value into a cell; rows from 1."""

    def put(rows):
        place = pl.int_range(1, pl.len() + 1) == row
        kind = rows.schema[column]
        new = pl.when(place).then(pl.lit(value, dtype=kind)).otherwise(pl.col(column))
        return rows.with_columns(new.alias(column))

    return put


def test_an_unchanged_folder_has_no_difference(whole, run_cli):
    before = snapshot(whole.data)
    assert lines(whole.data) == []
    ran = run_cli("verify", "--data", whole.data)
    assert (ran.code, ran.out) == (0, "")
    assert "0 differences" in ran.err
    assert snapshot(whole.data) == before
    # the fixture must have every table, or the tests below would not break anything
    tables = {p.stem for p in (whole.data / "corpora").glob("*/*")}
    assert tables == TABLES.keys() - {"variables", "unread", "rules"}


CELLS = [
    (LAKE, "documents", 1, "words", 9_999),
    (LAKE, "documents", 2, "sentences", 1),
    (LAKE, "documents", 1, "corpus", "pond"),
    (LAKE, "documents", 1, "year", 1999),
    (LAKE, "documents", 1, "rights", "closed"),
    (LAKE, "documents", 3, "sha256", "0"),
    (LAKE, "documents", 1, "words", None),
    (LAKE, "entries", 1, "patterns", "0" * 64),
    (LAKE, "terms", 1, "n", 7),
    (LAKE, "terms", 1, "n", 0),
    (LAKE, "sentences", 1, "words", 1),
    (LAKE, "hits", 1, "doc_id", "aaa"),
    (LAKE, "hits", 1, "sentence", 99),
    (LAKE, "hits", 1, "position", 10_000),
    (LAKE, "hits", 2, "position", -1),
    (LAKE, "hits", 1, "entry", "pond-spirit"),
    (LAKE, "hits", 1, "variant", "none"),
    (LAKE, "hits", 1, "words", 0),
    (LAKE, "hits", 1, "left", "a b c"),
    (LAKE, "frames", 1, "sentences", 3),
    (LAKE, "frames", 1, "frame", "fish"),
    (LAKE, "sentence_frames", 1, "sentence", 77),
    (LAKE, "similarity", 1, "cosine", 1.5),
    (LAKE, "similarity", 1, "other_doc_id", "alder-2009"),
    (LAKE, "specifications", 1, "n", 0),
    (SEA, "collocates", 1, "entry_n", 1),
    (SEA, "collocates", 1, "window", "50"),
]


@pytest.mark.parametrize(
    ("corpus", "table", "row", "column", "value"), CELLS, ids=lambda v: str(v).split("/")[-1]
)
def test_a_changed_cell_is_reported(whole, corpus, table, row, column, value):
    if table == "ngram_countries":  # the texts of the fixture have no country
        give_countries(whole.data)
    change(whole.data, f"{corpus}/{table}", cell(row, column, value))
    found = lines(whole.data)
    assert found
    assert all(one_line(line) for line in found)
    assert any(line.startswith(corpus) and " row " in line for line in found), found
    # either the cell, or the total that no longer matches
    assert any(f"column {column}" in line or "sum" in line or "adds up" in line for line in found)


def give_countries(data):
    change(data, f"{SEA}/documents", lambda t: t.with_columns(country=pl.lit("AAA")))
    ngrams = read_table(data / SEA, "ngrams").group_by("ngram").agg(pl.col("n").sum())
    rows = TABLES["ngram_countries"].tidy(ngrams.with_columns(country=pl.lit("AAA")))
    for path in (data / SEA).glob("ngram_countries.*"):
        path.unlink()
    name, content = to_bytes(TABLES["ngram_countries"], rows)
    (data / SEA / name).write_bytes(content)
    write_package(data)
    assert lines(data) == []


@pytest.mark.parametrize(
    "table",
    [
        n
        for n in TABLES
        if n not in ("similarity", "ngram_countries", "variables", "unread", "rules")
    ],
)
@pytest.mark.parametrize("what", ["turned", "twice", "without"])
def test_unsorted_duplicate_and_missing_rows_are_reported(whole, table, what):
    summed = ("documents", "entries", "terms", "sentences", "sentence_frames")
    if what == "without" and table not in summed:
        pytest.skip("no other table knows what is gone; the hash in the data package does")
    corpus = {"ngrams": SEA, "collocates": SEA, "word_years": SHORE}.get(table, LAKE)
    changes = {
        "turned": lambda t: t.reverse(),
        "twice": lambda t: pl.concat([t.head(1), t]),
        "without": lambda t: t.slice(1),
    }
    change(whole.data, f"{corpus}/{table}", changes[what])
    assert [line for line in lines(whole.data) if line.startswith(corpus)]


def _package(data, edit):
    path = data / "datapackage.json"
    content = json.loads(path.read_text("utf-8"))
    edit(content)
    path.write_text(json.dumps(content), "utf-8")


def test_a_table_that_is_not_described_is_reported_once(whole):
    _package(whole.data, lambda p: p["resources"].pop(0))
    (whole.data / LAKE / "fish.csv").write_text("a\n1\n", "utf-8")
    told = [line.partition(": ")[0] for line in lines(whole.data) if "does not describe" in line]
    assert len(told) == 2
    assert f"{LAKE}/fish.csv" in told


def test_a_listing_next_to_the_texts_is_not_reported_as_checked(whole, run_cli):
    before = run_cli("verify", "--data", whole.data)
    (whole.data / "texts" / "lake").mkdir(parents=True)
    (whole.data / "texts" / "lake" / "documents.csv").write_text("doc_id\na\n", "utf-8")
    after = run_cli("verify", "--data", whole.data)
    assert (after.code, after.err) == (before.code, before.err)
    assert after.code == 0


def _append(path, text):
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def _replace(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


BROKEN = {
    "no description": (lambda d: (d / "datapackage.json").unlink(), ["datapackage.json"]),
    "no JSON": (lambda d: (d / "datapackage.json").write_text("{", "utf-8"), ["datapackage.json"]),
    "another title": (
        lambda d: _package(d, lambda p: p.update(title="x")), ["column title: found 'x'"],
    ),
    "a path that leaves the folder": (
        lambda d: _package(d, lambda p: p["resources"][0].update(path="../../x.csv")),
        ["../../x.csv: found no file"],
    ),
    "a resource without hash": (
        lambda d: _package(d, lambda p: p["resources"][0].pop("hash")), ["hash"],
    ),
    "a table not described": (
        lambda d: _package(d, lambda p: p["resources"].pop(0)), ["does not describe"],
    ),
    "other rows": (
        lambda d: _package(d, lambda p: p["resources"][0].update(rows=7)), ["expected 7"],
    ),
    "a table gone": (lambda d: (d / LAKE / "frames.csv").unlink(), ["frames.csv: found no file"]),
    "a byte more": (
        lambda d: _append(d / LAKE / "frames.csv", "\n"), ["frames.csv", "sha256:", "bytes"],
    ),
    "a word for a number": (
        lambda d: _replace(d / LAKE / "sentences.csv", ",1,", ",one,"),
        ["sentences.csv: row 1: column sentence: found 'one'"],
    ),
    "a field more": (lambda d: _append(d / LAKE / "frames.csv", "a,b,1,2\n"), ["frames.csv"]),
    "no UTF-8": (
        lambda d: (d / LAKE / "frames.csv").write_bytes(b"doc_id,frame,sentences\n\xff,a,1\n"),
        ["frames.csv"],
    ),
    "cut off": (
        lambda d: (d / LAKE / "terms.csv").write_bytes((d / LAKE / "terms.csv").read_bytes()[:50]),
        ["terms.csv"],
    ),
    "empty": (lambda d: (d / LAKE / "hits.csv").write_bytes(b""), ["hits.csv"]),
    "a foreign table": (
        lambda d: (d / LAKE / "fish.csv").write_text("a\n1\n", "utf-8"), ["fish.csv"],
    ),
    "no overlay": (lambda d: (d / "metadata" / "lake.yml").unlink(), ["lake.yml"]),
    "an entry renamed": (
        lambda d: _replace(d / "lexicon" / "phrases.yml", "id: compact", "id: treaty"),
        ["hits.csv", "column entry"],
    ),
    "a frame renamed": (
        lambda d: _replace(d / "lexicon" / "frames.yml", "id: trade", "id: barter"),
        ["frames.csv", "column frame"],
    ),
    "no phrasebook": (lambda d: (d / "lexicon" / "phrases.yml").unlink(), ["phrases.yml"]),
    "a unit of no document": (
        lambda d: _replace(d / "annotations/units.csv", "alder", "elder"),
        ["units.csv: row 1: column doc_id"],
    ),
    "a unit of no sentence": (
        lambda d: _replace(d / "annotations/units.csv", "birch-2002,2", "birch-2002,88"),
        ["units.csv: row 2: column sentence: found 88"],
    ),
    "a unit twice": (
        lambda d: _replace(d / "annotations/units.csv", "u002", "u001"),
        ["units.csv: row 2: column unit", "predictions.csv: row 2: column unit"],
    ),
    "a prediction of no frame": (
        lambda d: _replace(d / "annotations/predictions.csv", "trade", "fish"),
        ["predictions.csv: row 1: column frame: found fish"],
    ),
    "a finding twice": (
        lambda d: _append(d / "findings.csv", HAND["findings.csv"].split("\n", 1)[1]),
        ["findings.csv: row 2: column id"],
    ),
    "a finding of no table": (
        lambda d: _replace(d / "findings.csv", "lake/hits", "lake/fish"), ["column tables"],
    ),
    "an estimate outside its limits": (
        lambda d: _replace(d / "findings.csv", ",2,1,3,", ",4,1,3,"), ["column estimate"],
    ),
    "a malformed finding": (
        lambda d: _replace(d / "findings.csv", "F2.1", "finding"), ["column id: found 'finding'"],
    ),
    "spells that overlap": (
        lambda d: _replace(d / "facts/memberships.csv", "2005,2004,2005,,", "2003,2003,2003,,"),
        ["memberships.csv: row 2: column from"],
    ),
    "a standing before its decision": (
        lambda d: _replace(d / "facts/memberships.csv", "2000,,2001,2005", "2002,,2001,2005"),
        ["memberships.csv: row 1: column decided"],
    ),
    "a memorandum after the standing": (
        lambda d: _replace(d / "facts/memberships.csv", "2005,2004,2005", "2005,2006,2005"),
        ["memberships.csv: row 2: column memorandum"],
    ),
    "a word twice": (
        lambda d: _append(d / "lexicon/intensifiers.csv", "very,worth\n"),
        ["intensifiers.csv: row 2: column word"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_folder_is_reported(whole, name, run_cli):
    breaks, said = BROKEN[name]
    breaks(whole.data)
    before = snapshot(whole.data)
    found = lines(whole.data)
    for part in said:
        assert any(part in line for line in found), found
    assert all(one_line(line) for line in found)
    assert snapshot(whole.data) == before
    if name == "a word for a number":
        ran = run_cli("verify", "--data", whole.data)
        assert (ran.code, ran.out.splitlines()) == (1, found)


def test_a_public_corpus_has_its_contexts(make_data, run_cli):
    setting = make_data(rights="public")
    texts = ["--texts", setting.source, "--data", setting.data]
    assert run_cli("extract", setting.corpus, *texts).code == 0
    assert read_table(setting.folder, "hits")["left"].is_not_null().any()
    assert lines(setting.data) == []


def test_many_differences_are_named_in_part_and_counted(whole):
    change(whole.data, f"{LAKE}/terms", lambda t: t.with_columns(n=pl.lit(0, pl.Int32)))
    said = [line for line in lines(whole.data) if line.startswith(f"{LAKE}/terms.csv")]
    assert len(said) == 6
    assert "more such rows" in said[-1]


# --- against the texts --------------------------------------------------------------------


def test_a_fresh_extraction_is_compared(whole, run_cli):
    command = ["verify", "--against-texts", "--data", whole.data]
    at = {"TIFA_TEXTS": str(whole.texts)}
    same = run_cli(*command, **at)
    assert (same.code, same.out) == (0, ""), same.out
    assert "lake: 10 tables extracted again: every table of the same bytes" in same.err
    # moving a word changes no other table
    text = whole.source / "cedar-2003.txt"
    text.write_text(TEXTS["cedar-2003"].replace("ferry", "barge"), "utf-8")
    ran = run_cli(*command, "--corpus", "lake", **at)
    assert ran.code == 1
    assert "lake/documents.csv: row 3: column sha256" in ran.out
    assert "lake/terms.csv: found no row for cedar-2003, barge" in ran.out
    assert "a row for cedar-2003, ferry; expected none" in ran.out


def test_texts_that_are_not_there_are_named(whole, run_cli):
    command = ["verify", "--against-texts", "--data", whole.data]
    shutil.rmtree(whole.texts / "sea")
    ran = run_cli(*command, TIFA_TEXTS=str(whole.texts))
    assert (ran.code, ran.out) == (0, "")
    assert "sea: its texts are not here" in ran.err
    none = run_cli(*command, TIFA_TEXTS=str(whole.texts / "none"))
    assert none.code == 2
    assert "set TIFA_TEXTS" in none.err
    assert run_cli("verify", "--corpus", "lake", "--data", whole.data).code == 2
    assert run_cli(*command, "--corpus", "pond", TIFA_TEXTS=str(whole.texts)).code == 2


def test_rows_with_the_same_key_are_distinguished():
    old = pl.DataFrame({"doc_id": ["a", "a"], "position": [None, None], "n": [1, 2]})
    new = old.with_columns(n=pl.Series([1, 3]))
    (only,) = row_differences("hits.csv", old, new, ("doc_id", "position"))
    assert only == Difference("hits.csv", "2", "3", 2, "n")


# --- what is committed --------------------------------------------------------------------


def test_the_committed_data_pass_verify():
    assert lines(DATA) == []
