"""Coding sheets: random samples of sentences in which annotators fill in codes.

A sheet contains full sentences, so it is written only where git does not track it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import polars as pl

from tifa.sources.document import Document
from tifa.stats.bootstrap import SEED
from tifa.text.language import Language, sentences
from tifa.text.words import text_hashes
from tifa.util.errors import TifaError
from tifa.util.spreadsheet import safe_table


class _Candidate(NamedTuple):
    """A sentence that may be drawn; those with the lowest round and random number are drawn."""

    round: int
    #: A random number that depends only on the seed and the sentence (or its document).
    lot: bytes
    doc_id: str
    sentence: int
    #: The text of the sentence, or the id of its unit.
    content: str


def sample_sentences(
    documents: Iterable[Document],
    n: int,
    *,
    seed: int = SEED,
    per_document: bool = False,
    language: Language = "en",
) -> pd.DataFrame:
    """Draw a random sample of sentences; the same seed always gives the same sample.

    The order of the documents does not matter. A larger sample begins with the rows of a smaller
    one. Sentences without a letter or a digit are left out. With ``per_document`` the sample is
    drawn in rounds, one sentence from each document per round; otherwise most sentences would come
    from long documents.

    Returns ``n`` rows (fewer if there are not enough sentences) with ``unit`` (document#number),
    ``doc_id``, ``sentence`` (number) and ``text``. Their order is random, because annotators should
    judge each sentence without the sentences around it.

    >>> pond = [Document("pond", "The ferry left. Nobody waved. It rained.", {})]
    >>> sample_sentences(pond, 2, seed=1)["unit"].tolist()
    ['pond#1', 'pond#3']
    """
    held = (
        (d.doc_id, {k: s for k, s in _numbered(d, language).items() if any(c.isalnum() for c in s)})
        for d in documents
    )
    drawn = _draw(held, n, seed, per_document)
    return pd.DataFrame(
        [(f"{c.doc_id}#{c.sentence}", c.doc_id, c.sentence, c.content) for c in drawn],
        columns=["unit", "doc_id", "sentence", "text"],
    )


def sample_units(
    units: pd.DataFrame, n: int, *, seed: int = SEED, per_document: bool = False
) -> pd.DataFrame:
    """Draw a sample from a table of units, in the same way as :func:`sample_sentences`.

    ``units`` has ``unit``, ``doc_id`` and ``sentence``; the result has the same columns.

    >>> units = pd.DataFrame({"unit": ["u1", "u2"], "doc_id": "pond", "sentence": [1, 3]})
    >>> sample_units(units, 1, seed=1)["unit"].tolist()
    ['u1']
    """
    held = (
        (str(name), dict(zip(rows["sentence"], rows["unit"], strict=True)))
        for name, rows in units.groupby("doc_id")
    )
    drawn = [c.content for c in _draw(held, n, seed, per_document)]
    return units.set_index("unit", drop=False).loc[drawn].reset_index(drop=True)


def unit_sentences(
    documents: Iterable[Document],
    units: pd.DataFrame,
    *,
    hashes: Mapping[str, str] | None = None,
    language: Language = "en",
) -> pd.DataFrame:
    """Find the sentences of units (``unit``, ``doc_id``, ``sentence``) in the texts.

    Documents are read one at a time, until all units are found. ``hashes`` has the SHA-256 of
    normalised texts by doc_id, if known, to check that the texts are those that were coded. Returns
    the columns ``unit``, ``doc_id``, ``sentence`` and ``text``. Raises TifaError if a text is
    missing, differs from the one that was coded, or has too few sentences.

    >>> pond = [Document("pond", "The ferry left. Nobody waved. It rained.", {})]
    >>> units = pd.DataFrame({"unit": ["u1"], "doc_id": "pond", "sentence": [3]})
    >>> unit_sentences(pond, units)["text"].tolist()
    ['It rained.']
    """
    wanted = {str(name): set(rows["sentence"]) for name, rows in units.groupby("doc_id")}
    texts: dict[tuple[str, int], str] = {}
    for document in documents:
        if not wanted:
            break
        numbers = wanted.pop(document.doc_id, None)
        if numbers is None:
            continue
        known = (hashes or {}).get(document.doc_id)
        if known and text_hashes(pl.Series([document.text])) != [known]:
            raise TifaError(
                f"the text of {document.doc_id!r} is not the one that was coded (SHA-256 differs); "
                "put that one in its place"
            )
        numbered = _numbered(document, language)
        if missing := numbers - numbered.keys():
            raise TifaError(
                f"{document.doc_id!r} has {len(numbered)} sentences, no sentence {min(missing)}; "
                "this is not the text that was coded"
            )
        texts |= {(document.doc_id, number): numbered[number] for number in numbers}
    if wanted:
        raise TifaError(f"no text of the coded document {min(wanted)!r}")
    found = units[["unit", "doc_id", "sentence"]].reset_index(drop=True)
    keys = zip(found["doc_id"], found["sentence"], strict=True)
    return found.assign(text=[texts[key] for key in keys])


def _numbered(document: Document, language: Language) -> dict[int, str]:
    """Return the sentences of a document by number, counted from 1 as in all tables."""
    return dict(enumerate(sentences(document.text, language), start=1))


def _draw(
    held: Iterable[tuple[str, Mapping[int, str]]], n: int, seed: int, per_document: bool
) -> list[_Candidate]:
    """Draw ``n`` sentences; ``held`` has the id and the numbered sentences of each document."""

    def candidates() -> Iterator[_Candidate]:
        for doc_id, numbered in held:
            every = (
                _Candidate(0, _lot(seed, doc_id, k), doc_id, k, c) for k, c in numbered.items()
            )
            turn = _lot(seed, doc_id)
            for index, candidate in enumerate(heapq.nsmallest(n, every)):
                yield candidate._replace(round=index, lot=turn) if per_document else candidate

    return heapq.nsmallest(n, candidates())


def _lot(seed: int, *parts: str | int) -> bytes:
    return hashlib.sha256("\0".join(map(str, (seed, *parts))).encode()).digest()


def coding_sheet(sample: pd.DataFrame, columns: Sequence[str], *, annotator: str = "") -> bytes:
    """Convert a sample of sentences to a coding sheet, with an empty column for each code.

    ``columns`` are frames and functions of the codebook. Returns CSV in UTF-8 for spreadsheet
    programs: with a byte order mark, and with an apostrophe before cells that look like formulas.

    >>> sample = pd.DataFrame({"unit": ["p#1"], "doc_id": "p", "sentence": 1, "text": "-Yes."})
    >>> print(coding_sheet(sample, ["health"], annotator="Li").decode("utf-8-sig").strip())
    unit,annotator,doc_id,sentence,text,health,notes
    p#1,Li,p,1,'-Yes.,,
    """
    about = ["unit", "annotator", "doc_id", "sentence", "text"]
    sheet = sample.assign(annotator=annotator).reindex(columns=[*about, *columns, "notes"])
    return safe_table(sheet).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
