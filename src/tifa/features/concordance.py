"""Keyword in context: a phrase in the texts, for people who have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from tifa.lexicon.letters import may_match
from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import Pattern
from tifa.sources.document import Document, batches
from tifa.text import chinese
from tifa.text.language import Language, sentence_table, stream
from tifa.text.words import WORD

#: Characters of text per batch: enough for speed, but the first lines appear soon.
BATCH_CHARACTERS = 500_000


class Line(NamedTuple):
    """One hit: the words before it in its sentence, the phrase, the words after it."""

    doc_id: str
    sentence: int
    left: str
    hit: str
    right: str


def keyword_in_context(
    documents: Iterable[Document],
    patterns: Sequence[Pattern],
    *,
    window: int = 10,
    language: Language = "en",
    not_within: Sequence[Pattern] = (),
) -> Iterator[Line]:
    """Find a phrase in texts, a few documents at a time.

    Parameters
    ----------
    documents
        Never held all at once.
    patterns
        Variants of the phrase; where they overlap, the longest wins.
    window
        Words to each side, within the sentence; characters in Chinese.
    language
        Of the texts.
    not_within
        Longer expressions inside which a match does not count.

    Yields
    ------
    One line per hit, in the order of the texts. Quotation marks and hyphens are normalised.

    Examples
    --------
    >>> from tifa.lexicon.patterns import parse
    >>> pond = [Document("pond", "It rained. The slow ferry left at dawn.", {})]
    >>> list(keyword_in_context(pond, [parse("ferr*")], window=2))
    [Line(doc_id='pond', sentence=2, left='The slow', hit='ferry', right='left at')]

    """
    # a quick check of the letters rules out most English texts; Chinese is always searched
    held = may_match(patterns) if language == "en" else pl.lit(value=True)
    token, put = (WORD, " ".join) if language == "en" else (chinese.TOKEN, chinese.joined)
    for batch in batches(documents, characters=BATCH_CHARACTERS):
        texts = pl.DataFrame(
            {"doc_id": [d.doc_id for d in batch], "text": [d.text for d in batch]}
        ).filter(held)
        if texts.is_empty():
            continue
        table = sentence_table(texts, language)
        flow = stream(table["text"], language)
        hits = find(Matcher(flow), {("", ""): patterns}, not_within={"": not_within})
        rows = flow.part_row[np.array([h.start for h in hits], dtype=np.int64)]
        begin = np.searchsorted(flow.word_row, rows)
        # the words as printed, because the stream has them in lower case; each sentence once
        found, which = np.unique(rows, return_inverse=True)
        printed = table[found]["text"].str.extract_all(token).to_list()
        place = table[found].select("doc_id", "sentence").rows()
        for hit, before, row in zip(hits, begin.tolist(), which.tolist(), strict=True):
            (doc_id, sentence), words = place[row], printed[row]
            first = int(flow.part_word[hit.start]) - before
            stop = int(flow.part_stop[hit.stop - 1]) - before
            yield Line(
                doc_id,
                sentence,
                put(words[max(0, first - window) : first]),
                put(words[first:stop]),
                put(words[stop : stop + window]),
            )
