"""Count patterns in the texts themselves, where they are on this machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import Pattern, Slot
from tifa.sources.document import Document
from tifa.text.tokens import stream
from tifa.text.words import normalise, sentences

#: Characters of text that are looked through at once.
_BATCH = 8_000_000
#: Characters that normalisation takes out or writes otherwise inside a word: soft hyphens, marks
#: and letters with a second code. Texts that have them are always looked into.
_UNSURE = (
    r"[\u{AD}\u{200B}\u{2060}\u{FEFF}\p{M}\u{130}\u{1100}-\u{11FF}\u{1F00}-\u{1FFF}"
    r"\u{2126}\u{212A}\u{212B}\u{F900}-\u{FAFF}]"
)
#: What stands before and after a word.
_OUTSIDE = r"(?:^|$|[^\p{L}\p{N}])"


def count_in_texts(
    documents: Iterable[Document], patterns: Sequence[Pattern]
) -> Iterator[tuple[str, int]]:
    """Count patterns in each document, by the rules of the phrasebook.

    Only sentences that hold letters of the pattern are taken apart, so that a rare phrase takes
    little longer than reading the texts.

    Parameters
    ----------
    documents
        Taken once, a few at a time.
    patterns
        Wordings of one phrase; where they overlap, the longest wins.

    Yields
    ------
    Id of each document and its hits (a count), in the order of the documents, zeros included.

    Examples
    --------
    >>> from tifa.lexicon.patterns import parse
    >>> pond = [Document("pond", "The ferry left. Ferries' bells; the ferryman's dog.", {})]
    >>> list(count_in_texts(pond, [parse("ferr*")]))
    [('pond', 3)]

    """
    may_hold = _may_hold(patterns)
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if size >= _BATCH:
            yield from _count(batch, patterns, may_hold)
            batch, size = [], 0
    yield from _count(batch, patterns, may_hold)


def _count(
    documents: Sequence[Document], patterns: Sequence[Pattern], may_hold: pl.Expr
) -> Iterator[tuple[str, int]]:
    texts = pl.DataFrame({"text": pl.Series([d.text for d in documents], dtype=pl.String)})
    held = texts.select(may_hold).to_series().to_list()
    lines = pl.DataFrame(
        {
            "doc_id": [d.doc_id for d in documents],
            "text": pl.Series(
                [
                    sentences(d.text) if here else []
                    for d, here in zip(documents, held, strict=True)
                ],
                dtype=pl.List(pl.String),
            ),
        },
        schema_overrides={"doc_id": pl.String},
    )
    lines = lines.explode("text").filter(may_hold)
    hits: Counter[str] = Counter()
    if lines.height:
        flow = stream(lines.select(normalise(pl.col("text"))).to_series())
        rows = flow.part_row[[h.start for h in find(Matcher(flow), {("", ""): patterns})]]
        hits.update(lines["doc_id"].gather(rows).to_list())
    for document in documents:
        yield document.doc_id, hits[document.doc_id]


def _may_hold(patterns: Sequence[Pattern]) -> pl.Expr:
    """Whether ``text``, as printed, may hold any of the patterns: never False where one does."""
    text = pl.col("text")
    every = [
        pl.all_horizontal(
            pl.lit(True), *(text.str.contains(f"(?i){s}") for s in map(_letters, p.slots) if s)
        )
        for p in patterns
    ]
    return pl.any_horizontal(text.str.contains(_UNSURE), *every)


def _letters(slot: Slot) -> str:
    """A regular expression for letters that every word in a slot has; empty if there are none.

    >>> from tifa.lexicon.patterns import parse
    >>> [_letters(slot) for slot in parse("*econom* and *").slots]
    ['econom', '', '']
    """
    found = []
    for glob in slot:
        pieces = re.split(r"[*?',]", glob.text)
        place = max(range(len(pieces)), key=lambda i: len(pieces[i]))
        # "&" reads as "and"
        if not pieces[place] or glob.text == "and":
            return ""
        before = _OUTSIDE if place == 0 else ""
        after = _OUTSIDE if place == len(pieces) - 1 else ""
        found.append(f"{before}{re.escape(pieces[place])}{after}")
    return "|".join(found)
