"""Count patterns in the texts themselves, where they are on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from tifa.lexicon.letters import may_match
from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import Pattern
from tifa.sources.document import Document, batches
from tifa.text.language import Language, sentence_table, stream
from tifa.text.words import normalise, sentences

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
    held = may_match(patterns) if language == "en" else None
    for batch in batches(documents, characters=BATCH_CHARACTERS):
        yield from (
            _count(batch, patterns, held) if held is not None else _count_chinese(batch, patterns)
        )


def _count_chinese(
    documents: Sequence[Document], patterns: Sequence[Pattern]
) -> Iterator[tuple[str, int]]:
    table = sentence_table(
        pl.DataFrame(
            {"doc_id": [d.doc_id for d in documents], "text": [d.text for d in documents]}
        ),
        "zh",
    )
    flow = stream(table["text"], "zh")
    rows = flow.part_row[[h.start for h in find(Matcher(flow), {("", ""): patterns})]]
    hits = Counter(table["doc_id"].gather(rows).to_list())
    for document in documents:
        yield document.doc_id, hits[document.doc_id]


def _count(
    documents: Sequence[Document], patterns: Sequence[Pattern], held: pl.Expr
) -> Iterator[tuple[str, int]]:
    texts = pl.DataFrame({"text": pl.Series([d.text for d in documents], dtype=pl.String)})
    looked_into = texts.select(held).to_series().to_list()
    lines = pl.DataFrame(
        {
            "doc_id": [d.doc_id for d in documents],
            "text": pl.Series(
                [
                    sentences(d.text) if here else []
                    for d, here in zip(documents, looked_into, strict=True)
                ],
                dtype=pl.List(pl.String),
            ),
        },
        schema_overrides={"doc_id": pl.String},
    )
    lines = lines.explode("text").filter(held)
    hits: Counter[str] = Counter()
    if lines.height:
        flow = stream(lines.select(normalise(pl.col("text"))).to_series())
        rows = flow.part_row[[h.start for h in find(Matcher(flow), {("", ""): patterns})]]
        hits.update(lines["doc_id"].gather(rows).to_list())
    for document in documents:
        yield document.doc_id, hits[document.doc_id]
