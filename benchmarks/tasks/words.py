"""Words per document."""

from __future__ import annotations

from collections import Counter

import polars as pl
from context import Context
from measure import Row, in_turn, rows_of
from nltk import FreqDist
from nltk.tokenize import RegexpTokenizer
from sample import PEER_WORD
from sklearn.feature_extraction.text import CountVectorizer

from tifa.features.document_counts import document_words


def ours(texts: list[str]) -> pl.DataFrame:
    return document_words(
        pl.DataFrame({"text": texts}).with_row_index("doc_id"),
    )


def sklearn(texts: list[str]) -> tuple[object, CountVectorizer]:
    vectorizer = CountVectorizer(token_pattern=PEER_WORD)
    return vectorizer.fit_transform(texts), vectorizer


def by_nltk(texts: list[str]) -> list[FreqDist]:
    tokenizer = RegexpTokenizer(PEER_WORD)
    return [FreqDist(tokenizer.tokenize(text.lower())) for text in texts]


def check(texts: list[str]) -> None:
    """Refuse to measure where one document differs in one word."""
    mine: list[dict[str, int]] = [{} for _ in texts]
    for document, word, n in ours(texts).rows():
        mine[document][word] = n
    matrix, vectorizer = sklearn(texts)
    names = vectorizer.get_feature_names_out()
    for number, (counted, distribution) in enumerate(zip(mine, by_nltk(texts), strict=True)):
        row = matrix[number]  # type: ignore[index]
        theirs = dict(zip(names[row.indices], row.data.tolist(), strict=True))
        if not (counted == theirs == Counter(distribution)):
            raise AssertionError(f"the word counts of document {number} differ")


def run(context: Context) -> list[Row]:
    texts = context.sample.texts
    check(texts[:: max(1, len(texts) // 300)])
    timed = in_turn(
        {
            "tifa": lambda: ours(texts),
            "CountVectorizer": lambda: sklearn(texts),
            "nltk": lambda: by_nltk(texts),
        },
        rounds=context.rounds,
    )
    context.nltk_per_mb["words"] = timed.median("nltk") / context.sample.megabytes
    return rows_of(
        "words per document",
        timed,
        context.sample.megabytes,
        goals={"CountVectorizer": 4, "nltk": 8},
    )
