"""N-grams compared with a plain count."""

from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tifa.features import ngrams
from tifa.features.ngrams import Words, batch_words, ngram_tables
from tifa.text.tokens import stream
from tifa.text.words import words
from tifa.util.errors import TifaError

Corpus = list[tuple[list[str], int, str]]  # sentences, year, country of each document


def gathered(folder, corpus, batches):
    """The corpus in batches, as extraction passes it on."""
    collected = Words(folder)
    for batch in batches:
        ids = [f"d{n}" for n in batch]
        sentences = [(row, s) for row, n in enumerate(batch) for s in corpus[n][0]]
        rows = np.array([row for row, _ in sentences], dtype=np.int32)
        texts = pl.Series([s for _, s in sentences], dtype=pl.String)
        collected.add(batch_words(stream(texts), rows, ids))
    facts = [(f"d{n}", year, country) for n, (_, year, country) in enumerate(corpus)]
    schema = {"doc_id": pl.String, "year": pl.Int32, "country": pl.String}
    return collected, pl.DataFrame(facts, schema, orient="row")


def oracle(corpus, *, threshold, word_threshold, longest, top):
    total, by_year = Counter(), Counter()
    docs, by_country = defaultdict(set), defaultdict(Counter)
    for number, (sentences, year, country) in enumerate(corpus):
        for sentence in sentences:
            tokens = words(sentence)
            for size in range(1, longest + 1):
                for at in range(len(tokens) - size + 1):
                    gram = " ".join(tokens[at : at + size])
                    total[gram] += 1
                    by_year[gram, year] += 1
                    docs[gram, year].add(number)
                    by_country[gram][country] += 1
    kept = {
        g
        for g, n in total.items()
        if n >= (threshold if " " in g else min(threshold, word_threshold))
    }
    years = [(g, y, n, len(docs[g, y])) for (g, y), n in by_year.items() if g in kept]
    countries = [
        (g, c, n)
        for g in kept
        for c, n in sorted(by_country[g].items(), key=lambda cn: (-cn[1], cn[0]))[:top]
    ]
    return sorted(years), sorted(countries)


_sentence = st.lists(st.sampled_from(["a", "b", "c", "a-b", "b's"]), max_size=7).map(" ".join)
_document = st.tuples(
    st.lists(_sentence, max_size=4), st.integers(1946, 1948), st.sampled_from(["AAA", "BBB", "CCC"])
)
_corpus = st.lists(_document, min_size=1, max_size=8)


def tables(corpus, batches, **options):
    with TemporaryDirectory() as folder:
        years, countries = ngram_tables(*gathered(Path(folder), corpus, batches), **options)
    return list(years.rows()), list(countries.rows())


@settings(max_examples=60)
@given(
    corpus=_corpus,
    threshold=st.integers(1, 5),
    word_threshold=st.integers(1, 5),
    longest=st.integers(1, 4),
    order=st.permutations(range(8)),
    size=st.integers(1, 8),
    top=st.integers(1, 3),
    chunk=st.sampled_from([1, 2, 7, 40, ngrams.CHUNK]),
)
def test_the_same_as_a_plain_count(corpus, order, size, top, chunk, **choices):
    numbers = [n for n in order if n < len(corpus)]
    batches = [numbers[at : at + size] for at in range(0, len(numbers), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams, "TOP_COUNTRIES", top)
        patch.setattr(ngrams, "CHUNK", chunk)
        got = tables(corpus, batches, **choices)
    assert got == oracle(corpus, **choices, top=top)


def test_a_document_without_a_year_is_an_error(tmp_path):
    collected, facts = gathered(tmp_path, [(["Slow boats."], 2001, "A")] * 2, [[0, 1]])
    undated = facts.with_columns(pl.Series("year", [2001, None], dtype=pl.Int32))
    with pytest.raises(TifaError, match=r"1 documents have no date, first 'd1'; .*ngrams: false"):
        ngram_tables(collected, undated)
