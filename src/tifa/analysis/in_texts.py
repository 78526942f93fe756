"""Count patterns in the texts themselves, if the published tables do not have the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tifa.lexicon.letters import may_match
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.patterns import Pattern
from tifa.sources.document import Document, batches, text_table
from tifa.text.language import Language, split_table, stream

#: Number of characters of text that are searched at once.
SEARCH_BATCH = 8_000_000


def count_in_texts(
    documents: Iterable[Document], patterns: Sequence[Pattern], *, language: Language = "en"
) -> Iterator[tuple[str, int]]:
    """Count a phrase in documents; yield each document's id and its number of hits.

    ``patterns`` are those of the variants of the phrase; if matches of several patterns overlap,
    only the longest counts. Documents without a hit are included. In English only sentences that
    contain the letters of a pattern are tokenised, to save time.

    >>> from tifa.lexicon.patterns import parse
    >>> pond = [Document("pond", "The ferry left. Ferries' bells; the ferryman's dog.", {})]
    >>> list(count_in_texts(pond, [parse("ferr*")]))
    [('pond', 3)]
    """
    for batch in batches(documents, characters=SEARCH_BATCH):
        texts = text_table(batch)
        if language == "en":
            texts = texts.filter(may_match(texts["text"], patterns))
        table = split_table(texts, language)
        if language == "en":
            table = table.filter(may_match(table["text"], patterns))
        flow = stream(table["text"], language)
        rows = flow.part_row[[h.start for h in find_hits(Matcher(flow), {("", ""): patterns})]]
        hits = Counter(table["doc_id"].gather(rows).to_list())
        for document in batch:
            yield document.doc_id, hits[document.doc_id]
