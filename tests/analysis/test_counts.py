"""Counting any phrase that the features hold, with its base."""

from __future__ import annotations

import pytest

import tifa
from tifa.analysis.counts import count_hits


def test_counts_of_an_entry_add_up_and_keep_zeros():
    briefing = tifa.load("briefing")
    table = tifa.count(briefing, "positive-energy")
    assert sorted(table["n"]) == [0, 1]
    assert table["words"].sum() == briefing.documents["words"].sum()


@pytest.mark.parametrize("by", ["year", "country", "government"])
def test_counts_do_not_depend_on_how_they_are_grouped(by):
    ungdc = tifa.load("ungdc")
    table = count_hits(ungdc, by=by, entries=["multilateralism", "win-win-cooperation"])
    whole = ungdc.hits["entry"].value_counts()
    for entry, rows in table.groupby("entry"):
        assert rows["n"].sum() == whole[entry]
        assert (rows["docs"] <= rows["documents"]).all()
        assert rows["documents"].sum() == ungdc.documents[by].notna().sum()


def test_a_word_is_counted_where_the_corpus_has_words():
    xi = tifa.load("xi")
    table = tifa.count(xi, "Trust", by="audience")
    assert table["n"].sum() == xi.terms.query("term == 'trust'")["n"].sum() > 0


def test_an_ngram_is_counted_by_year():
    table = tifa.count(tifa.load("ungdc"), "the Security Council", by="year")
    assert len(table) == 79
    assert table["n"].sum() > table["docs"].sum() > 1000


@pytest.mark.parametrize(
    ("corpus", "phrase", "by", "told"),
    [
        ("briefing", "fruitful cooperation", "doc_id", "phrases.yml"),
        ("ungdc", "the security council", "country", "by='year'"),
        ("ungdc", "zyzzyva of the realm", "year", "40 times"),
    ],
)
def test_what_is_not_held_is_said_with_the_next_step(corpus, phrase, by, told):
    with pytest.raises(tifa.TifaError, match=told.replace("(", "[(]")):
        tifa.count(tifa.load(corpus), phrase, by=by)
