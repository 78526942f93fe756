"""Show each place where a phrase occurs in texts, with the words around it (keyword in context)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tifa.lexicon.letters import may_match
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.patterns import Pattern
from tifa.sources.document import Document, batches, text_table
from tifa.text import chinese
from tifa.text.language import Language, sentence_table, stream
from tifa.text.words import WORD

#: Number of characters in a batch of texts. With larger batches the first lines would appear later;
#: with smaller ones the whole search would be slower.
CONCORDANCE_BATCH = 500_000


class Line(NamedTuple):
    """One hit, with the words before and after it in the same sentence."""

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
    """Yield one line per hit of a phrase in documents, in the order of the texts.

    ``patterns`` are the variants of the phrase. If matches overlap, only the longest is shown. A
    match inside a match of ``not_within`` is not shown. ``window`` is the number of words
    (characters in Chinese) to show on each side, within the sentence. The lines include
    punctuation; quotation marks and hyphens are normalised, except in Chinese.

    >>> from tifa.lexicon.patterns import parse
    >>> pond = [Document("pond", "It rained. The slow ferry, full, left at dawn.", {})]
    >>> list(keyword_in_context(pond, [parse("ferr*")], window=2))
    [Line(doc_id='pond', sentence=2, left='The slow', hit='ferry', right=', full, left')]
    """
    token = WORD if language == "en" else chinese.TOKEN
    for batch in batches(documents, characters=CONCORDANCE_BATCH):
        texts = text_table(batch)
        if language == "en":  # a quick check rules out most texts
            texts = texts.filter(may_match(texts["text"], patterns))
        if texts.is_empty():
            continue
        table = sentence_table(texts, language)
        flow = stream(table["text"], language)
        hits = find_hits(Matcher(flow), {("", ""): patterns}, not_within={"": not_within})
        rows = flow.part_row[np.array([h.start for h in hits], dtype=np.int64)]
        begin = np.searchsorted(flow.word_row, rows)
        # the stream is in lower case, so cut the lines from the sentences in the table; a sentence
        # with several hits is prepared only once
        found, which = np.unique(rows, return_inverse=True)
        printed = table[found]["text"]
        spans = list(map(_spans, printed, printed.str.extract_all(token).to_list()))
        place = table[found].select("doc_id", "sentence").rows()
        for hit, before, row in zip(hits, begin.tolist(), which.tolist(), strict=True):
            (doc_id, sentence), text, (starts, ends) = place[row], printed[row], spans[row]
            first = int(flow.part_word[hit.start]) - before
            stop = int(flow.part_stop[hit.stop - 1]) - before
            # a hit without a word, such as "&", is the text between the words around it
            start, end = (
                (starts[first], ends[stop - 1])
                if stop > first
                else ([0, *ends][first], [*starts, len(text)][first])
            )
            left = starts[first - window] if first > window else 0
            right = starts[stop + window] if stop + window < len(starts) else len(text)
            yield Line(
                doc_id,
                sentence,
                text[left:start].strip() if window else "",
                text[start:end].strip(),
                text[end:right].strip() if window else "",
            )


def _spans(text: str, words: list[str]) -> tuple[list[int], list[int]]:
    """Return the offsets in the text at which the words begin, and those at which they end."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for word in words:
        starts.append(text.index(word, at))
        at = starts[-1] + len(word)
        ends.append(at)
    return starts, ends
