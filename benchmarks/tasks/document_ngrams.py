"""N-grams of one to three words per document."""

from __future__ import annotations

from collections import Counter

from context import Context
from measure import Row, in_turn, rows_of
from nltk import FreqDist
from nltk.tokenize import RegexpTokenizer
from nltk.util import everygrams
from sample import PEER_WORD
from sklearn.feature_extraction.text import CountVectorizer

from tifa.features.document_counts import document_ngrams

Sentences = list[list[str]]


def sklearn(documents: Sentences) -> tuple[object, CountVectorizer]:
    # n-grams end with their sentence, so each sentence is analysed by itself
    analyse = CountVectorizer(token_pattern=PEER_WORD, ngram_range=(1, 3)).build_analyzer()
    vectorizer = CountVectorizer(
        analyzer=lambda sentences: [g for s in sentences for g in analyse(s)]
    )
    return vectorizer.fit_transform(documents), vectorizer


def by_nltk(documents: Sentences) -> list[FreqDist]:
    tokenizer = RegexpTokenizer(PEER_WORD)
    return [
        FreqDist(
            gram
            for sentence in sentences
            for gram in everygrams(tokenizer.tokenize(sentence.lower()), max_len=3)
        )
        for sentences in documents
    ]


def run(context: Context) -> list[Row]:
    sample = context.sample
    sentences = sample.sentences.select("doc_id", "text")
    grouped = sentences.group_by("doc_id", maintain_order=True).agg("text")
    documents = grouped["text"].to_list()

    some = range(0, len(documents), max(1, len(documents) // 100))
    matrix, vectorizer = sklearn([documents[i] for i in some])
    names = vectorizer.get_feature_names_out()
    distributions = by_nltk([documents[i] for i in some])
    chosen = sentences.join(grouped[list(some)].select("doc_id"), on="doc_id", how="semi")
    counted = document_ngrams(chosen).partition_by("doc_id", as_dict=True)
    for number, place in enumerate(some):
        table = counted[(grouped["doc_id"][place],)]
        mine = dict(zip(table["ngram"], table["n"], strict=True))
        row = matrix[number]  # type: ignore[index]
        theirs = dict(zip(names[row.indices], row.data.tolist(), strict=True))
        nltks = Counter({" ".join(gram): n for gram, n in distributions[number].items()})
        if not (mine == theirs == nltks):
            raise AssertionError(f"the n-grams of document {number} differ")

    timed = in_turn(
        {
            "tifa": lambda: document_ngrams(sentences),
            "CountVectorizer": lambda: sklearn(documents),
            "nltk": lambda: by_nltk(documents),
        },
        rounds=context.rounds,
    )
    context.nltk_per_mb["1-3-grams"] = timed.median("nltk") / sample.megabytes
    return rows_of(
        "1-3-grams per document",
        timed,
        sample.megabytes,
        goals={"CountVectorizer": 10, "nltk": 6},
        notes=dict.fromkeys(timed.seconds, "from sentences that are split already"),
    )
