"""tifa verify reports every change in a data folder with file, row and column."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from conftest import (
    DATA,
    TEXTS,
    Setting,
    build_data,
    extract_setting,
    one_line,
    replace_in,
    snapshot,
    written,
)

from tifa.data.datapackage import write_package
from tifa.data.files import read_table, to_bytes, write_corpus
from tifa.data.schema import TABLES
from tifa.study.verify import verify

LAKE, SEA, SHORE = "corpora/lake", "corpora/sea", "corpora/shore"
UNITS, MEMBERS = "annotations/units.csv", "facts/memberships.csv"
BOOK, WORDS = "lexicon/phrases.yml", "lexicon/intensifiers.csv"
#: Enough repetition for an n-gram to occur 40 times.
WAVES = {
    f"w{n:02d}": "The Lakeside Compact met again. Slow boats carried cargo home. " * 3
    for n in range(16)
}
CHINESE = {"an-2001": "小船慢慢回家。船上有米。", "bo-2001": "雨天小船不走。"}
HAND = {
    UNITS: "unit,corpus,doc_id,sentence\nu001,lake,alder-2001,1\nu002,lake,birch-2002,2\n",
    "annotations/predictions.csv": "unit,model,fold,frame,predicted\nu001,dictionary,,trade,1\n"
    "u002,dictionary,,trade,0\n",
    "findings.csv": "id,status,statement,limits,estimate,low,high,unit,n,n_of,method,page,tables,"
    "version,date,reason,earlier\n"
    "F2.1,current,Boats are slow.,,2,1,3,boats,9,texts,counted,notebooks/02-x,"
    "corpora/lake/hits.csv,0.1.0,,,\n",
    WORDS: "word,kind\nvery,degree\n",
    MEMBERS: "country_code,country,status,decided,memorandum,from,to,source,note\n"
    "AAA,Aland,observer,2000,,2001,2005,x,\nAAA,Aland,member,2005,2004,2005,,x,\n",
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Two extracted corpora with every table, and hand-made lists; made once, then copied."""
    folder = tmp_path_factory.mktemp("verify")
    overlay = {"reader": "folder", "defaults": {"date": "2001"}}
    for setting in (
        build_data(folder, one_event=True, specifications=["lakeside-spirit"], **overlay),
        build_data(folder, "sea", texts=WAVES, rights="public", ngrams=True, **overlay),
        build_data(folder, "shore", texts=CHINESE, language="zh", **overlay),
    ):
        write_corpus(setting.folder, extract_setting(setting))
    write_package(written(folder / "data", HAND))
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
    path.unlink()
    new_name, content = to_bytes(TABLES[name], new)
    (folder / new_name).write_bytes(content)
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
    # a list of documents next to texts is not counted as a table that was checked
    written(whole.data, {"texts/lake/documents.csv": "doc_id\na\n"})
    assert run_cli("verify", "--data", whole.data) == ran
    # the fixture must have every table, or the tests below would not break anything
    tables = {p.stem for p in (whole.data / "corpora").glob("*/*")}
    assert tables == TABLES.keys() - {"variables", "unread", "rules"}


#: Changed cells that do not hide each other: table, row, column, value, and the expected line, if
#: it does not name the changed cell.
ROUNDS = [
    [
        (f"{LAKE}/documents", 1, "words", 9_999),
        (f"{LAKE}/documents", 2, "sentences", 1),
        (f"{LAKE}/documents", 1, "corpus", "pond"),
        (f"{LAKE}/documents", 1, "year", 1999),
        (f"{LAKE}/documents", 1, "rights", "closed"),
        (f"{LAKE}/entries", 1, "patterns", "0" * 64),
        (f"{LAKE}/hits", 1, "sentence", 99),
        (f"{LAKE}/hits", 2, "entry", "pond-spirit"),
        (f"{LAKE}/hits", 3, "variant", "none"),
        (f"{LAKE}/hits", 3, "left", "a b c"),
        (f"{LAKE}/frames", 1, "sentences", 3),
        (f"{LAKE}/frames", 2, "frame", "fish"),
        (f"{LAKE}/sentence_frames", 1, "sentence", 77),
        (f"{LAKE}/similarity", 1, "other_doc_id", "alder-2009"),
        (f"{SEA}/collocates", 1, "entry_n", 1),
    ],
    [
        (f"{LAKE}/terms", 1, "n", 7, "column words: found 38; expected 44, what the table terms"),
        (f"{LAKE}/sentences", 1, "words", 1, "found 38; expected 33, what the table sentences"),
        (f"{LAKE}/hits", 1, "position", 10_000),
        (f"{LAKE}/hits", 2, "doc_id", "aaa"),
    ],
    [
        (f"{LAKE}/documents", 3, "sha256", "0"),
        (f"{LAKE}/documents", 1, "words", None),
        (f"{LAKE}/terms", 1, "n", 0),
        (f"{LAKE}/hits", 2, "position", -1),
        (f"{LAKE}/hits", 1, "words", 0),
        (f"{LAKE}/similarity", 1, "cosine", 1.5),
        (f"{LAKE}/specifications", 1, "n", 0),
        (f"{SEA}/collocates", 1, "window", "50"),
    ],
]


@pytest.mark.parametrize("changes", ROUNDS)
def test_every_changed_cell_is_reported(whole, changes):
    for table, row, column, value, *_ in changes:
        change(whole.data, table, cell(row, column, value))
    found = lines(whole.data)
    assert all(one_line(line) for line in found)
    for table, row, column, _, *said in changes:
        line = said[0] if said else f"{table}.csv: row {row}: column {column}: "
        assert any(line in other for other in found), (line, found)


PARQUET = [
    ("terms", 1, "n", 0, "minimum: 1"),
    ("hits", 2, "doc_id", "aaa", "doc_id of the table lake-documents"),
    ("similarity", 1, "cosine", 1.5, "maximum: 1"),
    ("documents", 3, "sha256", "0", "pattern: "),
]


def test_parquet_tables_are_checked_like_csv(whole, monkeypatch):
    monkeypatch.setattr("tifa.data.schema.CSV_ROWS", 0)
    monkeypatch.setattr("tifa.data.schema.MOST_CSV_ROWS", 0)
    for table, *place, _ in PARQUET:
        change(whole.data, f"{LAKE}/{table}", cell(*place))
    found = lines(whole.data)
    for table, row, column, value, said in PARQUET:
        line = f"{table}.parquet: row {row}: column {column}: found {value}; expected {said}"
        assert any(line in other for other in found), (line, found)


DISORDER = {
    "turned": lambda t: t.reverse(),
    "twice": lambda t: pl.concat([t.head(1), t]),
}


@pytest.mark.parametrize("what", DISORDER)
def test_unsorted_and_duplicate_rows_are_reported(whole, what):
    of = {"ngrams": SEA, "collocates": SEA, "word_years": SHORE}
    without = {"similarity", "ngram_countries", "variables", "unread", "rules"}
    expected = [f"{of.get(table, LAKE)}/{table}" for table in TABLES.keys() - without]
    for table in expected:
        change(whole.data, table, DISORDER[what])
    found = lines(whole.data)
    assert [t for t in expected if not any(line.startswith(f"{t}.") for line in found)] == []


# in other tables, only the hash in the data package shows that a row is missing
@pytest.mark.parametrize("table", ["documents", "entries", "terms", "sentences", "sentence_frames"])
def test_a_missing_row_on_which_another_table_rests_is_reported(whole, table):
    change(whole.data, f"{LAKE}/{table}", lambda t: t.slice(1))
    assert [line for line in lines(whole.data) if line.startswith(LAKE)]


def _append(name, text):
    return lambda d: _write(name, (d / name).read_bytes() + text.encode())(d)


def _write(name, content):
    return lambda d: (d / name).write_bytes(content)


def _remove(name):
    return lambda d: (d / name).unlink()


def _edit(name, old, new):
    return lambda d: replace_in(d / name, old, new)


def _package(edit):
    def change(data):
        content = json.loads((data / "datapackage.json").read_text("utf-8"))
        edit(content)
        (data / "datapackage.json").write_text(json.dumps(content), "utf-8")

    return change


#: Changes that do not hide each other, and for each a part of the expected line.
BROKEN = {
    "no description": [(_remove("datapackage.json"), "datapackage.json")],
    "no JSON": [(_write("datapackage.json", b"{"), "datapackage.json")],
    "no hash": [(_package(lambda p: p["resources"][0].pop("hash")), "hash")],
    "the description": [
        (_package(lambda p: p.update(title="x")), "column title: found 'x'"),
        (
            _package(lambda p: p["resources"][0].update(path="../../x.csv")),
            "../../x.csv: found no file",
        ),
        (_package(lambda p: p["resources"][2].update(rows=7)), "expected 7"),
        (_package(lambda p: p["resources"].pop()), "does not describe"),
    ],
    "files": [
        (_remove(f"{LAKE}/frames.csv"), "frames.csv: found no file"),
        (_append(f"{LAKE}/documents.csv", "\n"), "documents.csv: found sha256:"),
        (_append(f"{LAKE}/similarity.csv", "a,b,1,2\n"), "similarity.csv"),
        (_write(f"{LAKE}/sentence_frames.csv", b"doc_id\n\xff\n"), "sentence_frames.csv"),
        (_write(f"{LAKE}/terms.csv", b"doc_id,te"), "terms.csv"),
        (_write(f"{LAKE}/hits.csv", b""), "hits.csv"),
        (_write(f"{LAKE}/fish.csv", b"a\n1\n"), "fish.csv"),
    ],
    "numbers": [
        (_edit(f"{LAKE}/sentences.csv", ",1,", ",one,"), "row 1: column sentence: found 'one'"),
        (_edit("findings.csv", "F2.1", "finding"), "column id: found 'finding'"),
    ],
    "no phrasebook": [(_remove(BOOK), "phrases.yml")],
    "no overlay, no documents": [
        (_remove("metadata/lake.yml"), "metadata/lake.yml: "),
        (_remove(f"{SEA}/documents.csv"), f"{SEA}: found no table of documents"),
    ],
    "what belongs together": [
        (_edit(BOOK, "id: compact", "id: treaty"), "hits.csv: row 3: column entry"),
        (_edit("lexicon/frames.yml", "id: trade", "id: barter"), "frames.csv: row 2: column frame"),
        (_edit(UNITS, "alder", "elder"), "units.csv: row 1: column doc_id"),
        (_edit(UNITS, "2002,2", "2002,88"), "units.csv: row 2: column sentence: found 88"),
        (_edit(UNITS, "u002", "u001"), "units.csv: row 2: column unit"),
        (lambda d: None, "predictions.csv: row 2: column unit"),
        (
            _edit("annotations/predictions.csv", "trade", "fish"),
            "predictions.csv: row 1: column frame: found fish",
        ),
        (_append("findings.csv", HAND["findings.csv"].split("\n", 1)[1]), "row 2: column id"),
        (_edit("findings.csv", "lake/hits", "lake/fish"), "column tables"),
        (_edit("findings.csv", ",2,1,3,", ",4,1,3,"), "column estimate"),
        (_edit(MEMBERS, "5,2004,2005", "3,2006,2003"), "memberships.csv: row 2: column from"),
        (lambda d: None, "memberships.csv: row 2: column memorandum"),
        (_edit(MEMBERS, "2000,,2001", "2002,,2001"), "memberships.csv: row 1: column decided"),
        (_append(WORDS, "very,worth\n"), "intensifiers.csv: row 2: column word"),
    ],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_folder_is_reported(whole, name, run_cli):
    for breaks, _ in BROKEN[name]:
        breaks(whole.data)
    before = snapshot(whole.data)
    found = lines(whole.data)
    for _, said in BROKEN[name]:
        assert any(said in line for line in found), (said, found)
    assert all(one_line(line) for line in found)
    assert snapshot(whole.data) == before
    if name == "numbers":
        ran = run_cli("verify", "--data", whole.data)
        assert (ran.code, ran.out.splitlines()) == (1, found)


def test_a_public_corpus_has_its_contexts(extracted):
    data, _ = extracted(rights="public")
    assert read_table(data / LAKE, "hits")["left"].is_not_null().any()
    assert lines(data) == []


def test_many_differences_are_named_in_part_and_counted(whole):
    change(whole.data, f"{LAKE}/terms", lambda t: t.with_columns(n=pl.lit(0, pl.Int32)))
    said = [line for line in lines(whole.data) if line.startswith(f"{LAKE}/terms.csv")]
    assert len(said) == 6
    assert "more such rows" in said[-1]


def test_a_fresh_extraction_is_compared(whole, run_cli):
    command = ["verify", "--against-texts", "--data", whole.data]
    at = {"TIFA_TEXTS": str(whole.texts)}
    same = run_cli(*command, **at)
    assert (same.code, same.out) == (0, ""), same.out
    assert "lake: 10 tables extracted again: every table of the same bytes" in same.err
    # other words in a text change the tables that count them
    text = whole.source / "cedar-2003.txt"
    changed = TEXTS["cedar-2003"].replace("ferry", "barge").replace("late", "one two three four")
    text.write_text(f"{changed}We were there too.", "utf-8")
    ran = run_cli(*command, "--corpus", "lake", **at)
    assert ran.code == 1
    assert "lake/documents.csv: row 3: column sha256" in ran.out
    assert "lake/terms.csv: found no row for cedar-2003, barge" in ran.out
    assert "a row for cedar-2003, ferry; expected none" in ran.out
    assert "lake/terms.csv: found 4 more such rows" in ran.out


def test_texts_that_are_not_there_are_named(whole, run_cli):
    command = ["verify", "--against-texts", "--data", whole.data]
    shutil.rmtree(whole.texts / "sea")
    ran = run_cli(*command, TIFA_TEXTS=str(whole.texts))
    assert (ran.code, ran.out) == (0, "")
    assert "sea: its texts are not here" in ran.err
    none = run_cli(*command, TIFA_TEXTS=str(whole.texts / "none"))
    assert none.code == 2 and "set TIFA_TEXTS" in none.err
    assert run_cli("verify", "--corpus", "lake", "--data", whole.data).refusal
    assert run_cli(*command, "--corpus", "pond", TIFA_TEXTS=str(whole.texts)).refusal


def test_the_committed_data_pass_verify():
    assert lines(DATA) == []
