"""The commands that compare, checked against the library and counts by hand."""

import pytest
from conftest import DATA, refusal

import tifa
from tifa.stats import keyness


def test_keyness_of_some_documents_against_the_others(run_cli):
    corpus = tifa.load("xi")
    domestic = corpus.documents["audience"].eq("domestic").fillna(False).astype(bool)
    words = [c.terms.groupby("term")["n"].sum() for c in map(corpus.where, (domestic, ~domestic))]
    expected = keyness(*words)
    options = ["--where", "audience=domestic", "--top", "4", "--format", "csv", "--data", DATA]
    got = run_cli("keyness", "--corpus", "xi", *options).rows
    assert [r["term"] for r in got] == [*expected["term"][:4], *expected["term"][::-1][:4]]
    assert float(got[0]["g2"]) == pytest.approx(expected["g2"][0])


def test_documents_without_a_value_are_on_neither_side(extracted):
    texts = {"a": "A slow boat.", "b": "A fast train.", "c": "A slow boat and a slow train."}
    genres = {"a": {"genre": "x"}, "b": {"genre": "y"}, "c": {}}
    _, run = extracted(texts=texts, documents=genres)
    ran = run("keyness", "--corpus", "lake", "--where", "genre=x", "--format", "csv")
    assert "1 documents without genre are left out" in ran.err
    assert {r["term"]: int(r["reference_n"]) for r in ran.rows}["slow"] == 0


def test_collocates_of_chinese_texts_in_memory():
    texts = ["我们加强合作。", "他们加强合作。", "今天下雨。"]
    with refusal("language='zh'"):
        tifa.collocates(texts, "合作")
    found = tifa.collocates(texts, "合作", window=5, language="zh")
    assert found.set_index("term").loc["加强", ["n", "node"]].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "say what to compare with"),
        (["--against", "xi", "--where", "a=b"], "say what to compare with"),
        (["--where", "party=x"], "no column 'party'"),
        (["--where", "audience=nobody"], "all documents or none; there is: domestic"),
        (["--against", "ungdc"], "of ungdc no words are published"),
        (["--against", "xwlb"], "different languages"),
    ],
)
def test_corpora_that_cannot_be_compared_are_reported(run_cli, options, said):
    assert said in run_cli("keyness", "--corpus", "xi", *options, "--data", DATA).refusal


def test_collocates_of_an_entry_and_of_any_words(extracted):
    texts = {"a": "The slow boat left. A slow boat came. " * 3, "b": "It rained on Reedham."}
    _, run = extracted(texts=texts)
    options = ["--corpus", "lake", "--format", "csv"]
    got = {r["term"]: r for r in run("collocates", "boat*", *options).rows}
    assert (got["slow"]["n"], got["slow"]["collocate"]) == ("6", "6")
    assert "rained" not in got
    assert run("collocates", "boat", "--window", "7", *options).code == 2
    # lists of texts in memory give the same
    table = tifa.collocates(list(texts.values()), "boat*")
    assert dict(zip(table["term"], table["n"], strict=True))["slow"] == 6


def test_dispersion_of_a_phrase_and_of_all_entries(run_cli):
    options = ["--corpus", "xi", "--data", DATA, "--format", "csv"]
    one = run_cli("dispersion", "mutual-trust", *options).rows
    (same,) = [r for r in run_cli("dispersion", *options).rows if r["entry"] == "mutual-trust"]
    assert one == [same]
    assert 0 <= float(run_cli("dispersion", "econom*", *options).rows[0]["dp"]) <= 1
