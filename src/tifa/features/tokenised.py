"""Split a batch of sentences into tokens and words, as their language requires."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.text import chinese, tokens
from tifa.text.chinese import Characters
from tifa.text.language import Language
from tifa.text.segment import known_words, word_stream
from tifa.text.tokens import Int32s, Stream, WordStream

#: Words with fewer occurrences than this in the corpus are left out of the counts by year, unless
#: words are counted by document too.
LEAST = 5
#: To save time, the tables of new batches are added to the sums only when these tables together
#: have more rows than this. If the sums are large, the limit is higher.
_WAITING = 1_000_000


@dataclass(frozen=True)
class Tokenised:
    """A batch of sentences, split into tokens (``flow``) and into words (``words``).

    Patterns are matched in the tokens. In a language with spaces, tokens and words are the same. In
    Chinese a token is a Han character or a run of other letters and digits, and ``word`` has the
    index of the word to which each token belongs.
    """

    flow: Stream
    words: WordStream
    word: Int32s | None = None
    characters: Characters | None = None

    def word_of(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Convert indices of tokens to indices of words."""
        return places if self.word is None else self.word[places].astype(np.int64)


def tokenise(sentences: pl.Series, language: Language, own: tuple[str, ...]) -> Tokenised:
    """Tokenise sentences that :func:`tifa.text.language.sentence_table` has normalised.

    ``own`` are words to add to the dictionary of the Chinese segmenter.
    """
    if language == "en":
        flow = tokens.stream(sentences)
        return Tokenised(flow, flow)
    characters = chinese.characters(sentences)
    words, word = word_stream(characters, own)
    return Tokenised(chinese.stream(characters), words, word, characters)


def words_by_year(
    batch: Tokenised, document: Int32s, years: pl.Series, own: tuple[str, ...]
) -> pl.DataFrame:
    """Count, by year, the tokens and the dictionary words of Chinese sentences.

    ``years`` has the year of each document, null if unknown. ``document`` has, for each sentence,
    the index of its document in ``years``; sentences of one document are adjacent. ``own`` are
    words to add to the dictionary.

    Returns a table with the columns word (a token or a dictionary word), year, n (occurrences,
    including those inside longer words) and docs (the number of documents with the word).
    """
    assert batch.characters is not None
    lines = batch.characters.text.split("\n")
    first = np.flatnonzero(np.diff(document, prepend=-1))
    texts = ["\n".join(lines[a:b]) for a, b in pairwise([*first.tolist(), len(document)])]
    vocabulary, found = known_words(texts, own)
    several = found.with_columns(document=pl.Series(document[first]).gather(found["text"]))
    flow = batch.flow
    tokens = pl.DataFrame({"document": document[flow.word_row], "word": flow.words})
    single = tokens.group_by("document", "word").agg(n=pl.len().cast(pl.Int64))
    characters = pl.Series(flow.vocabulary, dtype=pl.String)
    # no word is in both tables, because dictionary words have two Chinese characters or more
    parts = [
        counts.with_columns(year=years.gather(counts["document"]))
        .group_by("word", "year")
        .agg(n=pl.col("n").sum(), docs=pl.len().cast(pl.Int64))
        .with_columns(word=pl.lit(names).gather(pl.col("word")))
        for counts, names in ((several, vocabulary), (single, characters))
    ]
    return pl.concat(parts)


def all_years(parts: Iterable[pl.DataFrame], *, least: int) -> pl.DataFrame:
    """Add up the results of :func:`words_by_year` for all batches, without loading all at once.

    Words with fewer than ``least`` occurrences in all years together are left out.
    """
    waiting: list[pl.DataFrame] = []
    for part in parts:
        waiting.append(part)
        # the limit grows with the first table (the sums so far); otherwise large sums would be
        # computed again and again
        if sum(p.height for p in waiting[1:]) > max(_WAITING, waiting[0].height):
            waiting = [_added(waiting)]
    return _added(waiting).filter(pl.col("n").sum().over("word") >= least)


def _added(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by("word", "year").agg(pl.col("n", "docs").sum())
