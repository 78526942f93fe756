"""Keyword in context: where a phrase stands in the texts, for those who hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import Pattern
from tifa.sources.document import Document
from tifa.text.tokens import stream
from tifa.text.words import WORD, sentence_table


class Line(NamedTuple):
    """A place of a phrase: the words before it in its sentence, the phrase, the words after."""

    doc_id: str
    sentence: int
    left: str
    hit: str
    right: str


def keyword_in_context(
    documents: Iterable[Document], patterns: Sequence[Pattern], *, window: int = 10
) -> Iterator[Line]:
    """Find a phrase in texts, one document at a time.

    Parameters
    ----------
    documents
        Taken one at a time.
    patterns
        Wordings of the phrase; where they overlap, the longest wins.
    window
        Words to each side, within the sentence.

    Yields
    ------
    A line a hit, in the order of the texts. Quotation marks and hyphens are normalised.

    Examples
    --------
    >>> from tifa.lexicon.patterns import parse
    >>> pond = [Document("pond", "It rained. The slow ferry left at dawn.", {})]
    >>> list(keyword_in_context(pond, [parse("ferr*")], window=2))
    [Line(doc_id='pond', sentence=2, left='The slow', hit='ferry', right='left at')]

    """
    for document in documents:
        table = sentence_table(pl.DataFrame({"doc_id": [document.doc_id], "text": [document.text]}))
        flow = stream(table["text"])
        hits = find(Matcher(flow), {("", ""): patterns})
        # the words as printed, for the stream has them in lower case
        printed = table["text"].str.extract_all(WORD).to_list() if hits else []
        for hit in hits:
            row = int(flow.part_row[hit.start])
            before = int(np.searchsorted(flow.word_row, row))
            first = int(flow.part_word[hit.start]) - before
            stop = int(flow.part_stop[hit.stop - 1]) - before
            words = printed[row]
            yield Line(
                document.doc_id,
                int(table["sentence"][row]),
                " ".join(words[max(0, first - window) : first]),
                " ".join(words[first:stop]),
                " ".join(words[stop : stop + window]),
            )
