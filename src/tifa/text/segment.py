"""Split Chinese text into words, with the segmenter jieba and its dictionary."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tifa.text.chinese import Characters
from tifa.text.tokens import Int32s, WordStream, numbered

if TYPE_CHECKING:
    from rjieba import Jieba

_OUTER = r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$"
_SEVERAL = r"^\p{Han}{2,}$"


@lru_cache(maxsize=4)
def _segmenter(own: tuple[str, ...]) -> Jieba:
    # imported here, because only Chinese texts need jieba
    from rjieba import Jieba  # noqa: PLC0415

    jieba = Jieba()
    for word in own:
        jieba.add_word(word, None, None)
    return jieba


def segment(text: str, own: tuple[str, ...] = ()) -> list[str]:
    """Split a folded text (see :func:`tifa.text.chinese.fold`) into words and punctuation.

    No character of the text is left out. ``own`` are words to add to jieba's dictionary.

    >>> segment("他们提倡木舟精神", ("木舟精神",))
    ['他们', '提倡', '木舟精神']
    """
    return _segmenter(own).cut(text)


def word_stream(c: Characters, own: tuple[str, ...] = ()) -> tuple[WordStream, Int32s]:
    """Find the words of a batch of sentences, and the word to which each token belongs.

    Returns a stream of words and an array. The array has, for each token (see
    :func:`tifa.text.chinese.stream`), the index of its word in the stream. ``own`` are words to add
    to jieba's dictionary.
    """
    pieces = segment(c.text, own)
    sizes = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
    begin = np.cumsum(sizes) - sizes
    token = np.flatnonzero(c.start)
    piece = np.searchsorted(begin, token, side="right") - 1
    # a piece is a word if a token begins in it; other pieces are punctuation
    new = np.diff(piece, prepend=-1) > 0
    spoken, word = piece[new], np.cumsum(new, dtype=np.int32) - 1
    kinds, kind = numbered(pl.Series(pieces, dtype=pl.String).gather(spoken))
    # to save time, strip outer punctuation from each distinct piece, not from each occurrence
    vocabulary, plain = numbered(kinds.str.replace_all(_OUTER, ""))
    return WordStream(vocabulary.to_list(), plain[kind], c.row[begin[spoken]]), word


def known_words(texts: list[str], own: tuple[str, ...] = ()) -> tuple[pl.Series, pl.DataFrame]:
    """Count dictionary words of two characters or more wherever they occur, also in longer words.

    ``texts`` are folded by :func:`tifa.text.chinese.fold`; ``own`` are words to add to jieba's
    dictionary. Returns the vocabulary, and a table with one row per text and word: text (index in
    ``texts``), word (index in the vocabulary) and n (how often the word occurs in the text).

    >>> vocabulary, counts = known_words(["共同体和命运共同体"])
    >>> counts.filter(pl.col("word") == vocabulary.index_of("共同体")).rows()[0][2]
    2
    """
    cut = _segmenter(own).cut_all
    # convert each list to a Series immediately, because a list of strings needs several times the
    # memory
    lists = [pl.Series(cut(text), dtype=pl.String) for text in texts]
    counts = [len(words) for words in lists]
    vocabulary, ids = numbered(pl.concat(lists))
    several = vocabulary.str.contains(_SEVERAL).to_numpy()[ids]
    text = np.repeat(np.arange(len(texts), dtype=np.int32), counts)
    found = pl.DataFrame({"text": text[several], "word": ids[several]})
    return vocabulary, found.group_by("text", "word").agg(n=pl.len().cast(pl.Int64))
