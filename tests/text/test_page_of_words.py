"""The tables on the page about your own corpus, row by row."""

import polars as pl
import pytest
from conftest import ROOT

from tifa.lexicon.match import Matcher
from tifa.lexicon.patterns import parse
from tifa.text.tokens import stream
from tifa.text.words import sentence_table, words

PAGE = (ROOT / "book" / "own-corpus.md").read_text("utf-8")


def table(head):
    """Rows of the table with this first line."""
    lines = PAGE.split(f"\n{head}\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[c.strip().replace("⏎", "\n") for c in line.split("|")[1:-1]] for line in lines]


@pytest.mark.parametrize(("text", "said"), table("| in the text | words |"))
def test_words_of_the_page(text, said):
    assert words(text) == said.split(" · ")


def found(pattern, text):
    rows = sentence_table(pl.DataFrame({"doc_id": ["a"], "text": [text]}))
    return len(Matcher(stream(rows["text"])).starts(parse(pattern))) > 0


@pytest.mark.parametrize(
    ("pattern", "here", "not_here"), table("| pattern | is found in | not in |")
)
def test_patterns_of_the_page(pattern, here, not_here):
    assert all(found(pattern, text) for text in here.split(" · "))
    assert not any(found(pattern, text) for text in not_here.split(" · "))
