"""The table of n-grams by year."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from context import Context
from measure import Row, in_turn, rows_of
from nltk import FreqDist
from nltk.tokenize import RegexpTokenizer
from nltk.util import everygrams
from sample import PEER_WORD, Sample
from sklearn.feature_extraction.text import CountVectorizer

from tifa.features.ngrams import (
    LONGEST,
    THRESHOLD,
    WORD_THRESHOLD,
    Words,
    batch_words,
    ngram_tables,
)
from tifa.text.tokens import stream

#: Speeches per batch, as in an extraction.
BATCH = 110


def ours(sample: Sample) -> pl.DataFrame:
    with TemporaryDirectory() as folder:
        words = Words(Path(folder))
        ids = sample.facts["doc_id"].to_list()
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            rows = sample.sentences.filter(pl.col("doc_id").is_in(some))
            place = {d: i for i, d in enumerate(some)}
            document = np.array([place[d] for d in rows["doc_id"]], dtype=np.int32)
            words.add(batch_words(stream(rows["text"]), document, some))
        return ngram_tables(words, sample.facts)[0]


def by_year(sample: Sample) -> dict[int, list[str]]:
    joined = sample.sentences.select("doc_id", "text").join(sample.facts, on="doc_id")
    return {int(y): rows["text"].to_list() for (y,), rows in joined.group_by("year")}


def enough(total: Counter[str]) -> set[str]:
    least = {0: WORD_THRESHOLD}
    return {g for g, n in total.items() if n >= least.get(g.count(" "), THRESHOLD)}


def sklearn(years: dict[int, list[str]]) -> dict[tuple[str, int], int]:
    total: Counter[str] = Counter()
    each = {}
    for year, sentences in years.items():
        vectorizer = CountVectorizer(token_pattern=PEER_WORD, ngram_range=(1, LONGEST))
        counts = np.asarray(vectorizer.fit_transform(sentences).sum(axis=0)).ravel()
        each[year] = dict(zip(vectorizer.get_feature_names_out(), counts.tolist(), strict=True))
        total.update(each[year])
    kept = enough(total)
    return {(g, y): n for y, counts in each.items() for g, n in counts.items() if g in kept}


def by_nltk(years: dict[int, list[str]]) -> dict[tuple[str, int], int]:
    tokenizer = RegexpTokenizer(PEER_WORD)
    total: Counter[str] = Counter()
    each = {}
    for year, sentences in years.items():
        each[year] = FreqDist(
            " ".join(gram)
            for sentence in sentences
            for gram in everygrams(tokenizer.tokenize(sentence.lower()), max_len=LONGEST)
        )
        total.update(each[year])
    kept = enough(total)
    return {(g, y): n for y, counts in each.items() for g, n in counts.items() if g in kept}


def run(context: Context) -> list[Row]:
    sample = context.small
    years = by_year(sample)
    mine = {(g, y): n for g, y, n, _ in ours(sample).rows()}
    if not mine == sklearn(years) == by_nltk(years):
        raise AssertionError("the yearly counts differ")
    sample = context.half
    years = by_year(sample)
    timed = in_turn(
        {
            "tifa": lambda: ours(sample),
            "CountVectorizer": lambda: sklearn(years),
            "nltk": lambda: by_nltk(years),
        },
        rounds=context.rounds,
    )
    context.nltk_per_mb["yearly"] = timed.median("nltk") / sample.megabytes
    rows = rows_of("yearly n-gram table", timed, sample.megabytes, goals={"CountVectorizer": 4})
    rows[0].note = "with documents and countries, which the peers do not count"
    return rows
