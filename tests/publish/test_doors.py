"""One name, one number: library, command and explorer give the same count for a phrase."""

import re

import polars as pl
import pytest
from conftest import DATA, refusal
from test_explorer import ask, needs_node, small

import tifa
from tifa.cli import query
from tifa.data.files import write_folder
from tifa.lexicon.find import find, find_entry


def names():
    """Every name of every entry, with the id of an entry that has it."""
    found = {}
    for entry in tifa.phrasebook().entries:
        wordings = [p for v in entry.variants for p in (*v.patterns, *v.zh_patterns)]
        said = [text for w in wordings for text in typed(w)]
        for name in filter(None, [entry.id, entry.label, entry.zh, entry.pinyin, *said]):
            found.setdefault(name, entry.id)
    return found


def typed(pattern):
    """Some texts that a pattern stands for, of those that a reader may type."""
    for place, letter, ending in ((0, "z", "s"), (-1, "s", "")):
        text = re.sub(r"\(([^()]*)\)", lambda m, at=place: m[1].split("|")[at], pattern)
        text = re.sub(r"(?<![^ ])\*(?![^ ])", "their", text)
        yield text.replace("?", letter).replace("*", ending)


@pytest.fixture(scope="module")
def xi():
    return tifa.load("xi")


@pytest.fixture(scope="module")
def numbers(xi):
    """The number of hits of every entry."""
    hits = xi.hits["entry"].value_counts()
    return {e.id: int(hits.get(e.id, 0)) for e in tifa.phrasebook().entries}


def test_the_library_and_the_command_count_a_name_alike(xi, numbers, run_cli):
    book = tifa.phrasebook()
    chinese = {e.id for e in book.entries if not any(v.patterns for v in e.variants)}
    for name, own in [*names().items()][::29]:
        ran = run_cli("count", name, "--corpus", "xi", "--format", "csv", "--data", DATA)
        if own in chinese:
            assert "wordings for texts that are not Chinese" in ran.refusal
            continue
        entry = find(book, name).entry.id
        assert f"counted: entry {entry} with all its wordings" in ran.err
        counted = tifa.count(xi, name, by="corpus")["n"].tolist()
        assert [int(row["n"]) for row in ran.rows] == counted == [numbers[entry]], name


def test_an_id_a_label_and_a_variant_lead_to_their_entry():
    book = tifa.phrasebook()
    for entry in book.entries:
        assert find_entry(book, entry.id) == entry
        assert find_entry(book, entry.id.replace("-", " ").upper()) == entry
    assert find_entry(book, "弘揚上海精神") == find_entry(book, "弘扬上海精神")
    for name, own in (
        ("Shanghai Cooperation Organisation", "sco"),
        ("multipolarisation", "multipolarity"),
        ("people-to-people exchange", "people-to-people"),
        ("inject strong impetus", "strong-impetus"),
        ("政治互信", "mutual-trust"),
    ):
        assert find_entry(book, name).id == own
    assert find_entry(book, "multipolarissation") is None
    assert find_entry(book, "strong impetus injected") is None
    shared = {n for n, e in names().items() if find_entry(book, n).id != e}
    # two entries translate one Chinese formulation: the first gets the name
    assert all(re.search("[^ -~]", name) for name in shared), shared


@needs_node
def test_the_explorer_counts_every_name(xi, numbers, tmp_path):
    texts = xi.documents.assign(country="AAA", government="A")
    texts = pl.from_pandas(texts[["doc_id", "year", "country", "government", "words"]])
    files = small(book=tifa.phrasebook(), documents=texts, hits=pl.from_pandas(xi.hits))
    write_folder(tmp_path / "data", files)
    asked = list(names())
    answers = ask(folder=str(tmp_path / "data"), queries=asked)["results"]
    for name, answer in zip(asked, answers, strict=True):
        entry = find_entry(tifa.phrasebook(), name)
        assert (answer["kind"], answer["id"]) == ("entry", entry.id), name
        assert answer["n"] == numbers[entry.id], name


@pytest.mark.parametrize(
    ("phrase", "patterns"),
    [
        ('"Shanghai Spirit"', ["shanghai spirit"]),
        ("“win-win”", ["win-win"]),
        ("econom*", ["econom*"]),
        ("shared future for (mankind|humanity)", ["shared future for (mankind|humanity)"]),
        ("no such formula", ["no such formula"]),
    ],
)
def test_quotation_marks_and_wildcards_ask_for_the_words(phrase, patterns):
    sought = find(tifa.phrasebook(), phrase)
    assert sought.entry is None
    assert [p.text for p in sought.patterns] == patterns
    assert not sought.widened


@pytest.mark.parametrize("phrase", ["#solidarity", "solidarity@home", "#Shanghai Spirit", "100%"])
def test_a_sign_that_no_word_has_is_refused_in_the_same_words(phrase, tmp_path):
    told = set()
    for command in (query.count_command, query.kwic_command):
        with refusal("is not a word; expected letters, digits") as error:
            command(phrase, "xi", data=DATA, texts=tmp_path)
        told.add(str(error.value))
    assert len(told) == 1
