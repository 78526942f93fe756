"""The committed features: complete, within their size limits, and those of the texts."""

import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import frictionless
import polars as pl
import pytest
from conftest import CORPORA, DATA, ROOT, Setting, extract_setting, refusal, written
from quotation import tracked

import tifa
from tifa.data.datapackage import package
from tifa.data.files import read_table, to_bytes
from tifa.data.metadata import States
from tifa.data.rights import allowed_next_to_pages
from tifa.data.schema import TABLES
from tifa.sources.open import read_corpus

MB = 1_000_000
PACKAGE = DATA / "datapackage.json"


def resources():
    return list(json.loads(PACKAGE.read_text("utf-8"))["resources"])


@cache
def table(corpus, name):
    return read_table(DATA / "corpora" / corpus, name)


# --- the data package ---------------------------------------------------------------------


def test_the_description_has_keys_to_check():
    schemas = {r["name"]: r["schema"] for r in resources()}
    assert schemas["briefing-terms"]["primaryKey"] == ["doc_id", "term"]
    (unit,) = schemas["codes"]["foreignKeys"]
    assert unit["reference"] == {"resource": "units", "fields": ["unit"]}


def test_keys_to_tables_that_are_not_there_are_left_out(extracted):
    data, _ = extracted()
    written(data, {"annotations/codes.csv": "unit,annotator,health,trade\n"})
    schemas = {r["name"]: r["schema"] for r in package(data)["resources"]}
    assert "foreignKeys" not in schemas["codes"]
    assert "foreignKeys" in schemas["lake-hits"]


def test_positions_in_protected_texts_are_not_offered_next_to_pages():
    tables = ("corpora/xi/hits.csv", "corpora/ungdc/hits.parquet", "corpora/xi/documents.csv")
    assert [allowed_next_to_pages(table, data=DATA) for table in tables] == [False, True, True]


def test_descriptions_of_columns_are_whole():
    """In YAML, a comma in a description without quotation marks would cut it off."""
    known = {"required", "unique", "minimum", "maximum", "enum", "pattern"}
    for resource in resources():
        for field in resource["schema"]["fields"]:
            where = f"{resource['path']}, {field['name']}"
            assert field["description"], where
            assert {*field.get("constraints", {})} <= known, where


@pytest.mark.slow
def test_frictionless_as_usual_accepts_parquet_tables_too():
    """The shortest of each kind; another test checks all without it, by ``tifa verify``."""
    described = json.loads(PACKAGE.read_text("utf-8"))
    whole = frictionless.Package.from_descriptor(described, basepath=str(DATA))
    long = sorted((r for r in resources() if r["format"] == "parquet"), key=lambda r: -r["rows"])
    for name in {Path(r["path"]).stem: r["name"] for r in long}.values():
        report = whole.get_resource(name).validate(limit_rows=5_001)
        found = report.flatten(["rowNumber", "fieldName", "type", "note"])
        assert not found, (name, found[:5])


# --- budgets ------------------------------------------------------------------------------


def test_the_tables_of_the_un_corpus_and_the_committed_tree_are_within_budget():
    for name, budget in [("hits", 8 * MB), ("ngrams", 14 * MB), ("ngram_countries", 6 * MB)]:
        (path,) = (DATA / "corpora" / "ungdc").glob(f"{name}.*")
        assert path.stat().st_size <= budget
    assert sum(p.stat().st_size for p in tracked(ROOT)) <= 40 * MB


# --- the tables agree with each other -----------------------------------------------------


def test_states_cover_every_speech():
    states = States(DATA / "metadata" / "states.csv")
    documents = table("ungdc", "documents")
    for doc_id, country, session in documents.select("doc_id", "country", "session").rows():
        named = states.government(country, session) and states.country(country) != country
        assert named, doc_id
    assert documents["government"].null_count() == 0


def test_the_numbers_that_the_project_starts_from():
    def hits(corpus, entry):
        return table(corpus, "hits").filter(pl.col("entry") == entry)

    spirit = Counter(hits("briefing", "shanghai-spirit")["doc_id"])
    assert spirit == {"ecns-2020-11-05": 3, "beltandroad-news-2020-11-06": 1}
    quoted = hits("briefing", "shanghai-spirit").filter(pl.col("quoted"))
    assert "beltandroad-news-2020-11-06" in quoted["doc_id"].to_list()
    xi = hits("xi", "shanghai-spirit")
    assert (xi.height, xi["doc_id"].n_unique()) == (6, 2)
    assert hits("ungdc", "shanghai-spirit").is_empty()
    # by its name or acronym; two more speeches use another name
    named = hits("ungdc", "sco").filter(pl.col("variant").is_in(["name", "acronym"]))
    assert named["doc_id"].n_unique() == 57
    assert table("ungdc", "documents").height == 10_952
    assert table("xi", "documents").height == 42


def test_a_corpus_or_table_that_is_not_there_is_named():
    with refusal("there is: ", *CORPORA):
        tifa.load("pond", data=DATA)
    with refusal():
        tifa.load("../corpora/xi", data=DATA)
    with refusal("no table"):
        tifa.load("ungdc", data=DATA).terms  # noqa: B018


# --- extracted again from the texts -------------------------------------------------------


def same_files(corpus, tables):
    fresh = dict(to_bytes(TABLES[name], rows) for name, rows in tables.items())
    before = {p.name: p.read_bytes() for p in (DATA / "corpora" / corpus).iterdir()}
    assert sorted(fresh) == sorted(before)
    # compare names only: a diff of megabytes would be unreadable
    assert [name for name in fresh if fresh[name] != before[name]] == []


@pytest.mark.texts
@pytest.mark.parametrize("corpus", ["briefing", "xi", "reports-zh"])
def test_the_small_corpora_reproduce_the_committed_bytes(texts, corpus):
    # in small batches, so that both processes have work
    setting = Setting(DATA, texts, corpus)
    same_files(corpus, extract_setting(setting, jobs=2, characters=200_000))


@pytest.mark.slow
@pytest.mark.texts
def test_the_whole_un_corpus_reproduces_the_committed_bytes(texts):
    jobs = os.cpu_count() or 1
    same_files("ungdc", extract_setting(Setting(DATA, texts, "ungdc"), jobs=jobs, robustness=True))


# --- counted independently ----------------------------------------------------------------

#: What may stand between two words of a phrase, and entries that one regular expression can find.
BETWEEN = "[\\s\"'‘’“”`´«»*\u2010\u2011-]+"
PLAIN = {
    "shanghai-spirit": "shanghai spirit|spirit of shanghai",
    "mutual-trust": "mutual trust",
    "mutual-benefit": "mutual benefits?",
    "equality": "equality",
    "consultation": "consultations?",
    "multilateralism": "multilateralism",
}


@pytest.mark.slow
@pytest.mark.texts
@pytest.mark.parametrize("corpus", CORPORA)
def test_hits_agree_with_regular_expressions_over_the_raw_texts(texts, corpus):
    found = {}
    for entry, words in PLAIN.items():
        whole = rf"(?<![^\W_])(?<![^\W_]['’])(?:{words.replace(' ', BETWEEN)})(?![^\W_])"
        found[entry] = re.compile(whole)
    counted = Counter()
    for document in read_corpus(corpus, DATA, texts / corpus)[1]:
        text = document.text.replace("\u00ad", "").lower()
        counted.update({entry: len(each.findall(text)) for entry, each in found.items()})
    hits = Counter(table(corpus, "hits")["entry"].to_list())
    for entry in PLAIN:
        # a few matches cross the end of a sentence, or precede an apostrophe and letters
        assert abs(counted[entry] - hits[entry]) <= 0.005 * hits[entry], entry
    assert counted.total() >= 4


SPIRIT = "上海精神"
FILES = {
    "xwlb": ("xwlb.parquet", 189),
    "xi-zh": ("xi_zh.parquet", 22),
    "mfa-zh": ("mfa_zh.parquet", 13),
    "reports-zh": ("reports.parquet", 0),
}


@pytest.mark.texts
@pytest.mark.parametrize("corpus", FILES)
def test_hits_are_those_of_a_plain_count(texts, corpus):
    file, expected = FILES[corpus]
    rows = pl.read_parquet(texts / corpus / file)
    assert rows["text"].str.count_matches(SPIRIT, literal=True).sum() == expected
    assert len(tifa.load(corpus).hits_of(["shanghai-spirit"])) == expected


@pytest.mark.texts
def test_titles_are_not_counted_as_quotation(texts):
    rows = pl.read_parquet(texts / "xwlb" / "xwlb.parquet")
    said = rows.filter(pl.col("title").str.contains(SPIRIT, literal=True)).height
    documents = tifa.load("xwlb").documents
    assert documents["title"].str.contains(SPIRIT, na=False).sum() == said > 0


def test_a_column_that_a_list_calls_otherwise_is_named(study, tmp_path):
    (tmp_path / "speeches").mkdir()
    (tmp_path / "speeches" / "a.txt").write_text("The boats came home.")
    (tmp_path / "list.csv").write_text("file,speaker,date\na.txt,Reed,2020\n")
    told = study.add(
        "speeches", tmp_path / "speeches", "--documents", tmp_path / "list.csv", "--rights=public"
    )
    assert "author: column 'speaker'" in told
    assert study.extract("speeches").code == 0
    refused = study.run("count", "boats", "--corpus", "speeches", "--by", "speaker").refusal
    assert "'speaker' of your list became 'author'" in refused
    assert refused.rstrip().endswith("doc_id, corpus, date, year, author, words, sentences, sha256")
