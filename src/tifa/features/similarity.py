"""Compute how similar the sentences of reports on one event are."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import combinations

import numpy as np
import polars as pl

from tifa.text.words import words_of


def similarity_table(sentences: pl.DataFrame) -> pl.DataFrame:
    """Compare every sentence with every other, within and across documents.

    Pairs within a document serve as a baseline, because only their subject and style make them
    similar. ``sentences`` has one row per sentence of the documents on one event, with the columns
    ``doc_id``, ``sentence`` and ``text`` (normalised).

    Returns one row per pair, with the columns ``doc_id``, ``sentence``, ``other_doc_id``,
    ``other_sentence`` and three measures. ``cosine`` is the cosine of the tf-idf vectors, from 0 to
    1; idf is computed from these sentences. ``containment`` is the number of distinct words that
    the two sentences share, divided by the smaller of their numbers of distinct words (from 0 to
    1). ``common_run`` is the length in words of the longest run that occurs in both.
    """
    ordered = sentences.sort("doc_id", "sentence")
    words = ordered.select(words_of(pl.col("text"))).to_series().to_list()
    if not any(words):
        return pl.DataFrame(schema=_SCHEMA)
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - slow to load

    vectors = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(words)
    cosine = np.asarray((vectors @ vectors.T).todense())
    places = list(zip(ordered["doc_id"].to_list(), ordered["sentence"].to_list(), strict=True))
    rows = []
    for a, b in combinations(range(len(places)), 2):
        one, other = words[a], words[b]
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        run = matcher.find_longest_match(0, len(one), 0, len(other)).size
        smaller = min(len(set(one)), len(set(other)))
        shared = len(set(one) & set(other)) / smaller if smaller else 0.0
        rows.append((*places[a], *places[b], round(float(cosine[a, b]), 4), round(shared, 4), run))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA = {
    **{"doc_id": pl.String, "sentence": pl.Int32},
    **{"other_doc_id": pl.String, "other_sentence": pl.Int32},
    **{"cosine": pl.Float64, "containment": pl.Float64, "common_run": pl.Int32},
}
