"""Count the words of each document."""

from __future__ import annotations

from collections import Counter

import polars as pl
from context import Context
from measure import Row, in_turn, rows_of
from nltk import FreqDist
from nltk.tokenize import RegexpTokenizer
from sample import PEER_WORD
from sklearn.feature_extraction.text import CountVectorizer

from tifa.text.words import words_of


def ours(texts: list[str]) -> pl.DataFrame:
    """Count the words of each text, in parallel on the threads of polars."""
    table = pl.DataFrame({"text": texts}).with_row_index("doc_id")
    counted = words_of(pl.col("text")).list.eval(pl.element().value_counts()).alias("counted")
    size = -(-table.height // pl.thread_pool_size())
    parts = (table.lazy().slice(at, size) for at in range(0, table.height, size))
    return (
        pl.concat(pl.collect_all([part.select("doc_id", counted) for part in parts]))
        .explode("counted")
        .drop_nulls("counted")
        .with_columns(pl.col("counted").struct.rename_fields(["word", "n"]))
        .unnest("counted")
    )


def sklearn(texts: list[str]) -> tuple[object, CountVectorizer]:
    vectorizer = CountVectorizer(token_pattern=PEER_WORD)
    return vectorizer.fit_transform(texts), vectorizer


def by_nltk(texts: list[str]) -> list[FreqDist]:
    tokenizer = RegexpTokenizer(PEER_WORD)
    return [FreqDist(tokenizer.tokenize(text.lower())) for text in texts]


def check(texts: list[str]) -> None:
    """Raise an error if the counts differ in a single word."""
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
