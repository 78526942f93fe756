"""The committed features: complete, within their size limits, and those of the texts."""

import json
import os
import re
import shutil
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import frictionless
import polars as pl
import pytest
from conftest import CORPORA, DATA, ROOT, Setting, extract_setting, refusal, replace_in
from quotation import tracked

import tifa
from tifa.data.datapackage import package
from tifa.data.files import read_table, to_bytes
from tifa.data.metadata import States
from tifa.data.schema import TABLES
from tifa.lexicon.model import read_phrasebook
from tifa.sources.open import read_corpus

MB = 1_000_000
PACKAGE = DATA / "datapackage.json"


def resources():
    return list(json.loads(PACKAGE.read_text("utf-8"))["resources"])


@cache
def table(corpus, name):
    return read_table(DATA / "corpora" / corpus, name)


# --- the data package ---------------------------------------------------------------------


def faults(folder, resource, rows=None):
    """Errors that frictionless, run as usual, finds in the first rows of a table."""
    described = json.loads((folder / "datapackage.json").read_text("utf-8"))
    whole = frictionless.Package.from_descriptor(described, basepath=str(folder))
    report = whole.get_resource(resource["name"]).validate(limit_rows=rows)
    return list(report.flatten(["name", "rowNumber", "fieldName", "type", "note"]))


def test_the_package_is_valid():
    described = json.loads(PACKAGE.read_text("utf-8"))
    assert list(frictionless.Package.metadata_validate(described)) == []
    small = [r for r in of_each_kind() if r["rows"] <= 5_000]
    assert len(small) > 10
    assert {r["name"]: found for r in small if (found := faults(DATA, r, 5_001)[:5])} == {}
    # the description has primary and foreign keys to check
    schemas = {r["name"]: r["schema"] for r in described["resources"]}
    assert schemas["briefing-terms"]["primaryKey"] == ["doc_id", "term"]
    (unit,) = schemas["codes"]["foreignKeys"]
    assert unit["reference"] == {"resource": "units", "fields": ["unit"]}


def of_each_kind():
    """Of each kind of table the shortest: ``tifa verify`` checks every row of all of them."""
    kinds = {}
    for r in sorted(resources(), key=lambda r: -int(r["rows"])):
        kinds[Path(r["path"]).stem, r["format"]] = r
    return list(kinds.values())


@pytest.mark.slow
def test_long_tables_are_valid():
    long = [r for r in of_each_kind() if r["rows"] > 5_000]
    assert {r["name"]: found for r in long if (found := faults(DATA, r, 5_001)[:5])} == {}


def test_the_package_notices_a_wrong_value(tmp_path):
    # make sure that the test above can fail
    data = tmp_path / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("ungdc", "xwlb"))
    named = {r["name"]: r for r in resources()}

    def found(name):
        return {fault[3] for fault in faults(data, named[name])}

    for name, old, new, wrong in (
        ("briefing-frames", "development,", "development,x", {"type-error", "hash-count"}),
        ("codes", "u001,A", "u999,A", {"foreign-key"}),
        ("intensifiers", "vigour", "strength", {"constraint-error"}),
    ):
        replace_in(data / named[name]["path"], old, new)
        assert wrong <= found(name)
    path = data / named["xi-collocates"]["path"]
    rows = pl.read_parquet(path)
    pl.concat([rows.head(1).with_columns(n=pl.lit(0, pl.Int32)), rows.head(9)]).write_parquet(path)
    assert found("xi-collocates") == {"constraint-error", "primary-key", "row-count"}


def test_the_package_describes_every_file_and_is_up_to_date():
    described = {r["path"] for r in resources()}
    there = {
        p.relative_to(DATA).as_posix()
        for p in (DATA / "corpora").rglob("*")
        if p.is_file() and not any(part.startswith(".") for part in p.parts[-3:])
    }
    assert there <= described
    assert json.loads(PACKAGE.read_text("utf-8")) == package(DATA)


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
#
# Ten entries of each corpus for which one regular expression over the raw text is a fair
# count of its own. It treats white space, hyphens and quotation marks only as defined here. An
# empty line may end a sentence or belong to the page layout: the count must be between the one that
# lets no phrase cross an empty line and the one that lets all, ignoring a footnote's star; a hyphen
# after a space is a dash, one before "and" replaces a word.

S = r"(?:[^\S\n]|\n(?!\n)|(?<!\s)[-\u2010\u2011](?!\s+and\b)\s*|[\"'‘’“”`´«»])+"
ACROSS = r"(?:[\s*\"'‘’“”`´«»]|(?<!\s)[-\u2010\u2011])+"
PLAIN = {
    "shanghai-spirit": rf"shanghai{S}spirit|spirit{S}of{S}shanghai",
    "mutual-trust": rf"mutual{S}trust",
    "mutual-benefit": rf"mutual{S}benefits?",
    "equality": r"equality",
    "consultation": r"consultations?",
    "multilateralism": r"multilateralism",
}
_LEFT = re.compile(r"[^\W_]['’]?\Z")
_RIGHT = re.compile(r"(?:['’]s)?(?!['’]?[^\W_])")


def count(expression, text):
    """Matches of whole words, possibly with a possessive 's."""
    return sum(
        1
        for m in expression.finditer(text)
        if not _LEFT.search(text, max(0, m.start() - 2), m.start()) and _RIGHT.match(text, m.end())
    )


def test_the_plain_count_counts():
    expression = re.compile(PLAIN["mutual-trust"])
    text = (
        "mutual trust, “mutual” trust’s mutual-\ntrust mutual\ntrust, mutual \n\ntrust, "
        "mutual, trust, mutual trusts, immutual trust of\nmutual trust"
    )
    assert count(expression, text) == 5


@pytest.mark.slow
@pytest.mark.texts
@pytest.mark.parametrize("corpus", CORPORA)
def test_counts_agree_with_plain_regular_expressions(texts, corpus):
    book = read_phrasebook(DATA / "lexicon" / "phrases.yml")
    frequent = Counter(table(corpus, "hits")["entry"].to_list())
    chosen = {e: re.compile(p) for e, p in PLAIN.items()}
    for entry, _ in frequent.most_common():
        patterns = [p for v in book.entry(entry).variants for p in v.patterns]
        # more entries, whose patterns consist of words only
        if len(chosen) < 12 and all(re.fullmatch(r"[a-z ]+", p) for p in patterns):
            longest = sorted(patterns, key=len, reverse=True)
            chosen.setdefault(entry, re.compile("|".join(p.replace(" ", S) for p in longest)))
    assert len(chosen) >= 10
    across = {e: re.compile(p.pattern.replace(S, ACROSS)) for e, p in chosen.items()}
    # most texts lack the first words of a phrase, which is quickly seen
    first = {
        e: {re.match("[a-z]+", re.sub(r"\w\?", "", way))[0] for way in ways.split("|")}
        for e, ways in ((e, p.pattern.replace(S, " ")) for e, p in chosen.items())
    }
    counted = Counter()
    most = Counter()
    # of the debates every fourth speech, because this takes long
    every = 4 if corpus == "ungdc" else 1
    checked = set()
    for document in islice(read_corpus(corpus, DATA, texts / corpus)[1], 0, None, every):
        checked.add(document.doc_id)
        text = document.text.replace("\u00ad", "").replace("&", " and ").lower()
        for entry, expression in chosen.items():
            there = any(word in text for word in first[entry])
            counted[entry, document.doc_id] = count(expression, text) if there else 0
            most[entry, document.doc_id] = count(across[entry], text) if there else 0
    hits = Counter(
        (e, d)
        for e, d in table(corpus, "hits").select("entry", "doc_id").rows()
        if e in chosen and d in checked
    )
    different = {
        k: (counted[k], hits[k], most[k])
        for k in counted | hits
        if not counted[k] <= hits[k] <= most[k]
    }
    assert different == {}, list(different.items())[:30]
    # this hardly ever makes a difference
    assert sum(hits[k] != counted[k] for k in counted | hits) <= 0.001 * len(counted)


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
