"""Published files reveal no more of a protected text than the bounds allow."""

import io
import json
import random
import shutil

import polars as pl
import pytest
from conftest import DATA, ROOT
from quotation import Checker, Protected, check_file, check_files, protect, site_files, tracked

from tifa.data.metadata import read_overlay
from tifa.data.schema import TABLES
from tifa.sources.open import read

PROTECTED = ("briefing", "xi")


# --- the check itself: does it catch what is planted? -------------------------------------

SENTENCE = (
    "Every ferryman of the old harbour knows that a slow boat, well tarred and "
    "self-reliant, will reach the farther shore before any quarrel does."
)
FILLER = random.Random(5)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _filler(n):
    return " ".join("".join(FILLER.choices(LETTERS, k=9)) for _ in range(n))


TEXT = f"{_filler(150)}. {SENTENCE} {_filler(150)}."


def _words(n):
    return " ".join(SENTENCE.split()[:n])


def _csv(table):
    return table.write_csv().encode()


def as_parquet(table):
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def checked(name, content, *, names=()):
    checker = Checker([protect("shore", TEXT)], names)
    check_file(checker, name, name, content.encode() if isinstance(content, str) else content)
    return checker


DOWN = pl.DataFrame({"n": list(range(12)), "term": SENTENCE.split()[:12]})

PLANTED = {
    "plain": ("a.md", f"He wrote: {_words(12)} and so on"),
    "case and marks": ("a.txt", _words(12).upper().replace(" ", " -- ")),
    "line breaks": ("a.py", "# " + "\n    # ".join(_words(12).split())),
    "curly and soft": ("a.md", _words(12).replace("harbour", "har\u00adbour")),
    "across a hyphen": ("a.md", " ".join(SENTENCE.replace("-", " ").split()[8:22])),
    "YAML": ("a.yml", f'notes: "{_words(12)}"'),
    "in one cell": ("a.csv", _csv(pl.DataFrame({"note": ["x", _words(12)]}))),
    "along a row": ("a.csv", ",".join(_words(12).replace(",", "").split()) + "\n"),
    "down a column": ("a.csv", _csv(DOWN)),
    "in one cell of Parquet": ("a.parquet", as_parquet(pl.DataFrame({"note": [_words(12)]}))),
    "down a column of Parquet": ("a.parquet", as_parquet(DOWN)),
    "lines of a notebook": (
        "a.ipynb",
        json.dumps({"cells": [{"source": [w + " \n" for w in _words(12).split()]}]}),
    ),
    "words of JSON": (
        "a.json",
        json.dumps([{"w": w} for w in _words(12).split()]).replace('"w"', '""'),
    ),
    "split inside a word": ("a.json", json.dumps([_words(12)[:20], _words(12)[20:]])),
    "tags": ("a.html", "<p>" + "".join(f"<b>{w[:1]}</b>{w[1:]} " for w in _words(12).split())),
    "across paragraphs": ("a.html", "".join(f"<p>{w}</p>" for w in _words(12).split())),
    "alt text": ("a.html", f'<img alt="{_words(12)}">'),
    "comment": ("a.html", f"<!-- {_words(12)} -->"),
    "entities": ("a.html", f"<p>{_words(12).replace('a', '&#97;')}</p>"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_run_of_twelve_words_is_caught(case):
    checker = checked(*PLANTED[case])
    assert checker.findings, case
    assert checker.findings[0].run >= 12
    # the message does not quote
    assert "ferryman" not in "".join(checker.problems())


def test_eleven_words_are_allowed():
    checker = checked("a.md", _words(11))
    assert checker.problems() == []
    assert len(checker.documents[0].quoted) == 11


def test_eleven_words_count_a_hyphenated_word_once():
    # eleven words and twelve parts
    words = SENTENCE.split()
    at = next(i for i, w in enumerate(words) if "self" in w)
    assert checked("a.md", " ".join(words[at - 5 : at + 6])).problems() == []
    assert checked("a.md", " ".join(words[at - 5 : at + 7])).findings


def test_four_words_together_do_not_count():
    checker = checked("a.md", f"{_words(4)}. A {_words(4)}.")
    assert checker.documents[0].quoted == set()
    assert len(checked("a.md", _words(5)).documents[0].quoted) == 5


def test_many_short_runs_are_too_much_in_all():
    words = TEXT.split()
    runs = " | ".join(" ".join(words[at : at + 6]) for at in range(0, 72, 12))
    checker = checked("a.md", runs)
    assert not checker.findings
    assert len(checker.documents[0].quoted) == 36
    assert "shore" in checker.problems()[0]
    # the same run twice counts once
    assert checked("a.md", " | ".join([_words(6)] * 9)).problems() == []


def test_runs_of_several_files_add_up():
    checker = Checker([protect("shore", TEXT)])
    words = TEXT.split()
    for n, at in enumerate(range(0, 72, 12)):
        check_file(checker, str(n), "a.md", " ".join(words[at : at + 6]).encode())
    assert not checker.findings
    assert checker.problems()


HITS = {"doc_id": "shore", "sentence": 1, "entry": "e", "variant": "v"}


def _hits(*rows):
    schema = {"position": pl.Int32, "words": pl.Int32, "left": pl.String, "right": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        **{k: pl.lit(v) for k, v in HITS.items()}
    )


@pytest.mark.parametrize("form", ["a.csv", "a.parquet"])
def test_tables_are_joined_by_position(form):
    def problems(*rows):
        table = _hits(*rows)
        return checked(form, _csv(table) if form == "a.csv" else as_parquet(table)).problems()

    # adjacent hits add up to twelve words, whatever their entry and order
    assert problems((46, 6, None, None), (40, 6, None, None))
    assert not problems((46, 5, None, None), (40, 6, None, None))
    # a gap of one word separates
    assert not problems((47, 6, None, None), (40, 6, None, None))
    # context counts, overlap counts once
    assert problems((40, 4, "four words of context", "and four words more"))
    assert not problems((40, 3, "four words of context", "and four words more"))
    assert not problems((40, 6, None, None), (42, 6, None, None))
    # a hit without a position still reveals its words
    assert problems(*[(None, 5, None, None)] * 7)
    assert not problems(*[(None, 4, None, None)] * 9)


def test_titles_and_official_names_are_excepted():
    name = " ".join(SENTENCE.split()[2:10])
    assert checked("a.md", _words(14)).findings
    assert checked("a.md", _words(14), names=(name,)).problems() == []
    assert checked("a.md", SENTENCE, names=(name,)).findings

    (document,) = checked("a.md", _words(14), names=(name,)).documents
    assert document.share == pytest.approx(6 / len(document.words))


def test_other_words_are_no_finding():
    assert checked("a.md", " ".join(sorted(SENTENCE.split()))).documents[0].quoted == set()


def test_the_files_to_check_are_those_that_git_tracks():
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    names = {p.relative_to(ROOT).as_posix() for p in tracked(ROOT)}
    assert {"pyproject.toml", "data/lexicon/phrases.yml", "data/corpora/xi/hits.csv"} <= names
    assert not any(n.startswith((".venv/", "_build/", "data/texts/")) for n in names)


# --- what git tracks, and the built site --------------------------------------------------


def official_names():
    lines = (ROOT / "tests" / "official_names.txt").read_text("utf-8").splitlines()
    names = [line for line in lines if line.strip() and not line.startswith("#")]
    for corpus in PROTECTED:
        rows = pl.read_csv(DATA / "corpora" / corpus / "documents.csv", infer_schema=False)
        names += rows["title"].drop_nulls().to_list()
    return names


@pytest.mark.texts
def test_tracked_files_and_the_built_site_are_within_the_bounds(texts):
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    documents = [
        protect(d.doc_id, d.text)
        for corpus in PROTECTED
        for d in read(texts / corpus, read_overlay(DATA / "metadata" / f"{corpus}.yml"))
    ]
    assert len(documents) == 44
    checker = Checker(documents, official_names())
    check_files(checker, tracked(ROOT), ROOT)
    # the phrases alone are quotation: a check that finds none is broken
    assert sum(len(d.quoted) for d in checker.documents) > 100
    assert checker.problems() == []
    site = ROOT / "_build" / "html"
    if built := (site / "index.html").is_file():
        for document in documents:
            document.quoted.clear()
            document.unplaced = 0
        check_files(checker, site_files(site, DATA), site)
        assert checker.problems() == []
    # a sentence of a protected text would be caught
    path = min((texts / "xi").glob("*.txt"))
    middle = path.read_text("utf-8-sig").split()[400:430]
    check_file(checker, "planted", "planted.md", " ".join(middle).encode())
    assert checker.findings
    if not built:
        pytest.skip("tracked files are within the bounds; no built site (make book)")


# --- by form, without the texts -----------------------------------------------------------


@pytest.mark.parametrize("corpus", PROTECTED)
def test_tables_of_protected_corpora_are_those_allowed(corpus):
    names = {p.name.split(".")[0] for p in (DATA / "corpora" / corpus).iterdir()}
    assert names <= set(TABLES) - {"ngrams", "ngram_countries"}


@pytest.mark.parametrize("corpus", PROTECTED)
def test_words_are_in_alphabetical_order_once_a_document(corpus):
    (path,) = (DATA / "corpora" / corpus).glob("terms.*")
    terms = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    assert terms.columns == ["doc_id", "term", "n"]
    pairs = terms.select("doc_id", "term").rows()
    assert pairs == sorted(set(pairs))


@pytest.mark.parametrize("corpus", PROTECTED)
def test_positions_alone_are_within_the_bounds(corpus):
    folder = DATA / "corpora" / corpus
    words = dict(pl.read_csv(folder / "documents.csv").select("doc_id", "words").rows())
    (path,) = folder.glob("hits.*")
    hits = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    # placeholders with the same number of words: only positions matter here
    documents = [Protected(d, [f"w{n}" for n in range(size)]) for d, size in words.items()]
    checker = Checker(documents)
    checker.positions(path.name, hits)
    assert checker.problems() == []
