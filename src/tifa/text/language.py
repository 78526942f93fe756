"""Split texts into sentences and tokens, as the language of their corpus requires."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from tifa.text import chinese, tokens, words

#: The language of a corpus: "zh" is Chinese, "en" is any language with spaces between words.
Language = Literal["en", "zh"]

#: The unit in which the length of texts is counted, by language.
UNITS: dict[Language, str] = {"en": "words", "zh": "characters"}


def sentence_table(documents: pl.DataFrame, language: Language = "en") -> pl.DataFrame:
    """Split documents (``doc_id`` and ``text``) into sentences.

    Returns one row per sentence: doc_id, sentence (its number in the document, from 1), text
    (normalised), words and before. ``words`` is the number of words; in Chinese it is the number of
    characters, where a run of other letters or digits counts as one. ``before`` is the number of
    words in all earlier sentences of the document.

    >>> table = pl.DataFrame({"doc_id": ["a"], "text": ["下雨了。SCO开会。"]})
    >>> sentence_table(table, "zh").rows()
    [('a', 1, '下雨了。', 3, 0), ('a', 2, 'SCO开会。', 3, 3)]
    """
    if language == "en":
        return words.sentence_table(documents)
    table = split_table(documents, language)
    return words.with_words(table, table["text"].str.count_matches(chinese.TOKEN))


def split_table(documents: pl.DataFrame, language: Language = "en") -> pl.DataFrame:
    """Split documents like :func:`sentence_table`, without the columns words and before."""
    if language == "en":
        return words.split_table(documents)
    lists = documents.select(chinese.split_sentences(pl.col("text"))).to_series()
    counts = lists.list.len().to_numpy().astype(np.int64)
    flat = lists.filter(pl.Series(counts > 0)).explode()
    return words.numbered_sentences(documents["doc_id"], counts, flat)


def sentences(text: str, language: Language = "en") -> list[str]:
    """Split one text into sentences for people to read.

    >>> sentences("下雨了。SCO开会。", "zh")
    ['下雨了。', 'SCO开会。']
    """
    if language == "en":
        return words.sentences(text)
    return list(pl.select(chinese.split_sentences(pl.lit(text))).item())


def stream(sentences: pl.Series, language: Language = "en") -> tokens.Stream:
    """Build the arrays in which patterns are matched, from the texts of :func:`sentence_table`."""
    if language == "en":
        return tokens.stream(sentences)
    return chinese.stream(chinese.characters(sentences))
