"""Published files reveal no more of a protected text than the bounds allow."""

import io
import json
import random

import polars as pl
import pytest
from conftest import DATA, ROOT
from quotation import Checker, Protected, check_file, check_files, protect, site_files, tracked

from tifa.data.files import read_table
from tifa.data.metadata import read_overlay
from tifa.data.schema import TABLES
from tifa.sources.open import read

PROTECTED = ("briefing", "xi")


SENTENCE = (
    "Every ferryman of the old harbour knows that a slow boat, well tarred and "
    "self-reliant, will reach the farther shore before any quarrel does."
)
FILLER = random.Random(5)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _filler(n):
    return " ".join("".join(FILLER.choices(LETTERS, k=9)) for _ in range(n))


TEXT = f"{_filler(150)}. {SENTENCE} {_filler(150)}."


WORDS = SENTENCE.split()


def _words(n):
    return " ".join(WORDS[:n])


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


DOWN = pl.DataFrame({"n": list(range(12)), "term": WORDS[:12]})

PLANTED = {
    "plain": ("a.md", f"He wrote: {_words(12)} and so on"),
    "case and marks": ("a.txt", _words(12).upper().replace(" ", " -- ")),
    "line breaks": ("a.py", "# " + "\n    # ".join(_words(12).split())),
    "curly and soft": ("a.md", _words(12).replace("harbour", "har\u00adbour")),
    "across a hyphen": ("a.md", " ".join(SENTENCE.replace("-", " ").split()[8:22])),
    "down a column": ("a.csv", _csv(DOWN)),
    "in one cell of Parquet": ("a.parquet", as_parquet(pl.DataFrame({"note": [_words(12)]}))),
    "down a column of Parquet": ("a.parquet", as_parquet(DOWN)),
    "lines of a notebook": ("a.ipynb", json.dumps({"source": [f"{w}\n" for w in WORDS[:12]]})),
    "split inside a word": ("a.json", json.dumps([_words(12)[:20], _words(12)[20:]])),
    "tags": ("a.html", "<p>" + "".join(f"<b>{w[:1]}</b>{w[1:]} " for w in _words(12).split())),
    "across paragraphs": ("a.html", "".join(f"<p>{w}</p>" for w in _words(12).split())),
    "alt text": ("a.html", f'<img alt="{_words(12).replace("a", "&#97;")}">'),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_run_of_twelve_words_is_caught(case):
    checker = checked(*PLANTED[case])
    assert checker.findings, case
    # the message does not quote
    assert "ferryman" not in "".join(checker.problems())


AT = WORDS.index("self-reliant,")


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (_words(11), 11),
        (" ".join(WORDS[AT - 5 : AT + 6]), 11),  # eleven words, but twelve parts
        (_words(5), 5),
        (f"{_words(4)}. A {_words(4)}.", 0),
        (" | ".join([_words(6)] * 9), 6),
        (" ".join(sorted(WORDS)), 0),
    ],
)
def test_eleven_words_are_allowed_and_five_in_a_row_count(text, counted):
    checker = checked("a.md", text)
    assert checker.problems() == []
    assert len(checker.documents[0].quoted) == counted


def test_many_short_runs_of_several_files_are_too_much_in_all():
    checker = Checker([protect("shore", TEXT)])
    for at in range(0, 72, 12):
        check_file(checker, str(at), "a.md", " ".join(TEXT.split()[at : at + 6]).encode())
    assert not checker.findings
    assert len(checker.documents[0].quoted) == 36
    assert "shore" in checker.problems()[0]


def hits(*rows):
    schema = {"position": pl.Int32, "words": pl.Int32, "left": pl.String, "right": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.with_columns(doc_id=pl.lit("shore"), entry=pl.lit("e"))


@pytest.mark.parametrize("form", ["a.csv", "a.parquet"])
def test_tables_are_joined_by_position(form):
    def problems(*rows):
        table = hits(*rows)
        return checked(form, _csv(table) if form == "a.csv" else as_parquet(table)).problems()

    # adjacent hits add up to twelve words, whatever their entry and order
    assert problems((46, 6, None, None), (40, 6, None, None))
    assert not problems((46, 5, None, None), (40, 6, None, None))
    # hits that are one word apart are separate runs
    assert not problems((47, 6, None, None), (40, 6, None, None))
    # words of the context count, too; words in several hits count once
    assert problems((40, 4, "four words of context", "and four words more"))
    assert not problems((40, 3, "four words of context", "and four words more"))
    assert not problems((40, 6, None, None), (42, 6, None, None))
    # a hit without a position still reveals its words
    assert problems(*[(None, 5, None, None)] * 7)
    assert not problems(*[(None, 4, None, None)] * 9)


def test_titles_and_official_names_are_excepted():
    name = " ".join(WORDS[2:10])
    assert checked("a.md", _words(14)).findings
    assert checked("a.md", _words(14), names=(name,)).problems() == []
    assert checked("a.md", SENTENCE, names=(name,)).findings

    (document,) = checked("a.md", _words(14), names=(name,)).documents
    assert document.share == pytest.approx(6 / len(document.words))


def test_the_files_to_check_are_those_that_git_tracks():
    names = {p.relative_to(ROOT).as_posix() for p in tracked(ROOT)}
    assert {"pyproject.toml", "data/lexicon/phrases.yml", "data/corpora/xi/hits.csv"} <= names
    assert not any(n.startswith((".venv/", "_build/", "data/texts/")) for n in names)


def official_names(corpora):
    """Names and titles, which are no quotations."""
    lines = (ROOT / "tests" / "official_names.txt").read_text("utf-8").splitlines()
    names = [line for line in lines if line.strip() and not line.startswith("#")]
    for corpus in corpora:
        names += read_table(DATA / "corpora" / corpus, "documents")["title"].drop_nulls().to_list()
    return names


def protected_documents(texts, corpora):
    for corpus in corpora:
        yield from read(texts / corpus, read_overlay(DATA / "metadata" / f"{corpus}.yml"))


@pytest.mark.texts
def test_tracked_files_and_the_built_site_are_within_the_bounds(texts):
    documents = [protect(d.doc_id, d.text) for d in protected_documents(texts, PROTECTED)]
    assert len(documents) == 44
    checker = Checker(documents, official_names(PROTECTED))
    check_files(checker, tracked(ROOT), ROOT)
    # the committed phrases alone are quotations, so a checker that finds none is broken
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


#: Tables of single words in alphabetical order, and their column of words.
WORD_LISTS = {"terms": "term", "word_years": "word", "collocates": "term"}


def form_is_within_the_bounds(corpus, checker):
    """Check the tables of a protected corpus, their order, and their positions."""
    folder = DATA / "corpora" / corpus
    names = {p.name.split(".")[0] for p in folder.iterdir()}
    assert names <= set(TABLES) - {"ngrams", "ngram_countries"}
    assert "collocates" in names
    for name in names & set(WORD_LISTS):
        rows = read_table(folder, name)
        assert rows.equals(TABLES[name].tidy(rows))  # sorted, each row once
        assert WORD_LISTS[name] in TABLES[name].key
        # the longest are names of organisations in the segmenter's dictionary
        assert rows[WORD_LISTS[name]].str.count_matches(r"\p{Han}").max() <= 20
    # placeholders with as many words: only positions matter here
    documents = read_table(folder, "documents").select("doc_id", "words")
    checker.documents = [Protected(d, "w" * size) for d, size in documents.rows()]
    checker.positions(corpus, read_table(folder, "hits"))
    assert checker.problems() == []


@pytest.mark.parametrize("corpus", PROTECTED)
def test_tables_are_those_allowed_and_positions_within_the_bounds(corpus):
    form_is_within_the_bounds(corpus, Checker([]))
