"""The steps of checking a text against the published features."""

import time

import polars as pl
import pytest
from away import LAKE, page, publish

from tifa.fetch.check import check, likeness, passage
from tifa.fetch.client import FetchError
from tifa.fetch.page import article_readings
from tifa.text.words import text_hashes, words

ALDER = LAKE["alder-2001"]


@pytest.fixture
def published(make_data):
    return publish(make_data(texts=LAKE, one_event=True, specifications=["lakeside"]))


def verdict(published, text, doc_id="alder-2001"):
    return check({doc_id: text}, published)[doc_id]


def test_differences_in_typography_do_not_matter(published):
    for text in (ALDER, ALDER.replace("“", '"').replace("”", '"'), ALDER.replace(" ", "  ")):
        assert verdict(published, text).step == "text"
    # line breaks matter for sentences, but not for the hash
    assert verdict(published, ALDER.replace(". ", ".\n\n")).tables == ()
    broken = verdict(published, ALDER.replace("slow boats", "slow\n\nboats"))
    assert (broken.step, broken.tables) == ("text", ("sentences",))
    found = verdict(published, ALDER.replace("ferry; without", "ferry: without"))
    assert (found.step, found.likeness, found.tables) == ("features", 1.0, ())


@pytest.mark.parametrize(
    ("old", "new", "table"),
    [
        ("apples", "pears", "terms"),
        ("piano", "piano indeed", "documents"),
        ("“Lakeside Spirit”", "Lakeside Spirit", "hits"),
        ("hurried. Its", "hurried; its", "sentences"),
        ("mutual patience", "patience mutual", "hits"),
        ("no clinic", "no kiosk", "frames"),
    ],
)
def test_another_text(published, old, new, table):
    found = verdict(published, ALDER.replace(old, new))
    assert found.step == "differs"
    assert table in found.tables
    assert 0.9 < found.likeness <= 1


def test_an_unrelated_text(published):
    found = verdict(published, LAKE["birch-2002"])
    assert found.step == "differs"
    assert 0.1 < found.likeness < 0.5
    # by hand: 1 + 2 in common of 3 + 2 + 4
    assert likeness({"a": 3, "b": 2}, {"a": 1, "b": 2, "c": 4}) == pytest.approx(3 / 9)


def test_without_a_table_of_words(make_data):
    about = {"rights": "public", "ngrams": True, "defaults": {"date": "2001"}}
    open_corpus = publish(make_data(texts=LAKE, **about))
    assert "terms" not in open_corpus.tables
    assert verdict(open_corpus, ALDER).step == "text"
    # as the book says: in such a corpus an exchanged word goes unnoticed
    assert verdict(open_corpus, ALDER.replace("apples", "pears")).step == "features"
    found = verdict(open_corpus, ALDER.replace("mutual patience", "long patience"))
    assert (found.step, found.tables) == ("differs", ("hits",))
    assert found.likeness < 1


def found_in(text, wanted):
    return passage(text, text_hashes(pl.Series([wanted]))[0], len(words(wanted)))


def test_no_page_costs_for_ever():
    assert found_in("\n\n".join(["one two"] * 10_000), "three four " * 1_000) is None
    assert found_in("\n\n".join(["*"] * 10_000), "one") is None


@pytest.mark.parametrize(
    ("charset", "encoding"), [("ISO-8859-1", "cp1252"), ("no-such-charset", "utf-8")]
)
def test_the_encoding_that_a_host_names(charset, encoding):
    content = page(ALDER).decode().replace("<meta charset=utf-8>", "")
    readings = article_readings(content.encode(encoding), charset=charset)
    assert any("“Lakeside Spirit”" in r for r in readings)
    assert article_readings("<p>Sèvres".encode(encoding), charset=charset)[-1] == "Sèvres"


LARGE = [b"<div>" * 50_000 + b"deep", b"<p>a" * 50_000, b"<p a " * 200_000]
ODD = [b"\xff\xfe<p>x", b"<p>x<!--"]
EMPTY = [b"", b"<html></html>", b"\x00" * 999]


@pytest.mark.parametrize("content", LARGE + ODD + EMPTY)
def test_pages_that_are_odd_or_empty_do_no_harm(content):
    begun = time.process_time()
    try:
        assert all(article_readings(content)) and content not in EMPTY
    except FetchError as error:
        assert "no text in this page" in str(error)
    assert time.process_time() - begun < 20
