"""Count patterns in the texts themselves, where they are on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from tifa.lexicon.letters import may_match
from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import Pattern
from tifa.sources.document import Document, batches
from tifa.text.language import Language, split_table, stream

#: Characters of text that are searched at once.
BATCH_CHARACTERS = 8_000_000


def count_in_texts(
    documents: Iterable[Document], patterns: Sequence[Pattern], *, language: Language = "en"
) -> Iterator[tuple[str, int]]:
    """Count variants of one phrase in each document: its id and hits, zeros included.

    Where variants overlap, the longest wins. Only sentences that contain the letters of the pattern
    are tokenised, so that counting a rare phrase takes little longer than reading the texts.

    >>> from tifa.lexicon.patterns import parse
    >>> pond = [Document("pond", "The ferry left. Ferries' bells; the ferryman's dog.", {})]
    >>> list(count_in_texts(pond, [parse("ferr*")]))
    [('pond', 3)]
    """
    for batch in batches(documents, characters=BATCH_CHARACTERS):
        texts = pl.DataFrame(
            {"doc_id": [d.doc_id for d in batch], "text": [d.text for d in batch]},
            schema={"doc_id": pl.String, "text": pl.String},
        )
        if language == "en":
            texts = texts.filter(may_match(texts["text"], patterns))
        table = split_table(texts, language)
        if language == "en":
            table = table.filter(may_match(table["text"], patterns))
        flow = stream(table["text"], language)
        rows = flow.part_row[[h.start for h in find(Matcher(flow), {("", ""): patterns})]]
        hits = Counter(table["doc_id"].gather(rows).to_list())
        for document in batch:
            yield document.doc_id, hits[document.doc_id]
