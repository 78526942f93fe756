"""Words and n-grams per document equal the plain count, however they are batched and sorted."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.util import everygrams

from tifa.features import document_counts
from tifa.features.document_counts import document_ngrams, document_words
from tifa.text.words import normalise, words
from tifa.util.errors import TifaError

TEXT = st.text(alphabet="aAb c-'é海.\u0301 1", max_size=30).map(
    lambda text: str(pl.select(normalise(pl.lit(text))).item())
)
DOCUMENTS = st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=6)


def table(documents: list[list[str]]) -> pl.DataFrame:
    rows = [(f"d{i}", text) for i, sentences in enumerate(documents) for text in sentences]
    return pl.DataFrame(rows, schema={"doc_id": pl.String, "text": pl.String}, orient="row")


def plain(documents: list[list[str]], longest: int) -> dict[tuple[str, str], int]:
    counted: Counter[tuple[str, str]] = Counter()
    for number, sentences in enumerate(documents):
        for text in sentences:
            for gram in everygrams(words(text), max_len=longest):
                counted[f"d{number}", " ".join(gram)] += 1
    return dict(counted)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.integers(1, 5), st.sampled_from([1, 2, 50]), st.sampled_from([3, 63]))
def test_ngrams_are_those_of_nltk(
    documents: list[list[str]], longest: int, batch: int, bits: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_counts, "BATCH", batch)
        patch.setattr(document_counts, "_BITS", bits)
        found = document_ngrams(table(documents), longest=longest)
    assert {(d, g): n for d, g, n in found.rows()} == plain(documents, longest)
    assert found.height == found.select("doc_id", "ngram").n_unique()
    assert found.schema == {"doc_id": pl.String, "ngram": pl.String, "n": pl.Int32}


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, max_size=6))
def test_words_are_ngrams_of_one_word(texts: list[str]) -> None:
    documents = [[text] for text in texts]
    found = document_words(table(documents))
    assert {(d, g): n for d, g, n in found.rows()} == plain(documents, 1)
    assert found.schema == {"doc_id": pl.String, "word": pl.String, "n": pl.Int32}


def test_rows_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = table([["one oar", "two oars"], ["one boat"], [""], ["a b c d"]] * 40)
    documents = documents.with_columns(doc_id=pl.int_range(pl.len()).cast(pl.String))
    found = document_ngrams(documents)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 7)
    assert document_ngrams(documents).equals(found)
    assert (
        document_words(documents).height == found.filter(~pl.col("ngram").str.contains(" ")).height
    )


def test_an_ngram_has_a_word() -> None:
    with pytest.raises(TifaError, match="1 or more"):
        document_ngrams(table([["one"]]), longest=0)
