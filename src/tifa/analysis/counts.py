"""Count hits over documents, with the base of every count at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tifa.data.corpus import Corpus
from tifa.lexicon.load import phrasebook
from tifa.text.words import words
from tifa.util.errors import TifaError


def count_hits(
    corpus: Corpus, *, by: str = "doc_id", entries: Sequence[str] | None = None
) -> pd.DataFrame:
    """Count the hits of each entry in each group of documents, zeros included.

    Parameters
    ----------
    corpus
        A loaded corpus.
    by
        A column of its documents: doc_id, year, country, audience ...
    entries
        Ids of phrasebook entries; if none are given, those that occur.

    Returns
    -------
    One row an entry and a group: ``entry``, the group, ``n`` (hits), ``docs`` (documents with a
    hit), ``documents`` and ``words`` (all of the group: the bases of share and rate).

    Examples
    --------
    >>> import tifa
    >>> table = count_hits(tifa.load("briefing"), entries=["shanghai-spirit"])
    >>> table["n"].tolist()
    [1, 3]

    """
    documents = corpus.documents.reset_index(drop=True)
    hits = corpus.hits
    if entries is not None:
        hits = hits[hits["entry"].isin(entries)]
    wanted = list(entries) if entries is not None else sorted(hits["entry"].unique())
    bases = documents.groupby(by).agg(documents=("doc_id", "size"), words=("words", "sum"))
    group = documents.set_index("doc_id")[by] if by != "doc_id" else None
    keyed = hits.assign(**{by: hits["doc_id"].map(group) if group is not None else hits["doc_id"]})
    found = keyed.groupby(["entry", by]).agg(n=("doc_id", "size"), docs=("doc_id", "nunique"))
    every = pd.MultiIndex.from_product([wanted, bases.index], names=["entry", by])
    return found.reindex(every, fill_value=0).join(bases, on=by).reset_index()


def count_phrase(
    corpus: Corpus, phrase: str, *, by: str = "doc_id", data: Path | None = None
) -> pd.DataFrame:
    """Count any phrase that the features of a corpus hold.

    A phrasebook entry is counted with all its wordings. Any other word is counted where the
    corpus has a table of words (briefing, xi), any n-gram of one to four words by year where it
    has a table of n-grams (ungdc).

    Parameters
    ----------
    corpus
        A loaded corpus.
    phrase
        The id of an entry ("mutual-trust"), a word ("trust"), or an n-gram ("mutual trust").
    by
        A column of the documents; for an n-gram that is no entry, only ``year``.
    data
        The data folder of the phrasebook, if :func:`tifa.data_folder` should not decide.

    Returns
    -------
    One row a group: the group, ``n``, ``docs`` (documents with the phrase), ``documents`` and
    ``words`` (all of the group). Zeros included.

    Raises
    ------
    TifaError
        Where the features do not hold the phrase; the message says what to do.

    Examples
    --------
    >>> import tifa
    >>> count_phrase(tifa.load("briefing"), "trust")["n"].tolist()
    [1, 2]

    """
    if phrase in {e.id for e in phrasebook(data=data).entries}:
        return count_hits(corpus, by=by, entries=[phrase]).drop(columns="entry")
    documents = corpus.documents.reset_index(drop=True)
    bases = documents.groupby(by).agg(documents=("doc_id", "size"), words=("words", "sum"))
    sought = words(phrase)
    has = {p.stem for p in corpus.folder.iterdir()}
    if "ngrams" in has and 1 <= len(sought) <= 4:
        if by != "year":
            raise TifaError(
                f"{phrase!r} is no phrasebook entry, and n-grams are counted by year only; say "
                "by='year', or add it to data/lexicon/phrases.yml and extract again"
            )
        rows = corpus.ngrams.query("ngram == @name", local_dict={"name": " ".join(sought)})
        if rows.empty:
            raise TifaError(
                f"{phrase!r} is not in the published n-grams of {corpus.name} (seen 40 times or "
                "more, single words 5 times); add it to data/lexicon/phrases.yml and extract again"
            )
        found = rows.set_index("year")[["n", "docs"]]
    elif "terms" in has and len(sought) == 1:
        rows = corpus.terms[corpus.terms["term"] == sought[0]].merge(
            documents[list({"doc_id", by})], on="doc_id"
        )
        found = rows.groupby(by).agg(n=("n", "sum"), docs=("doc_id", "size"))
    else:
        raise TifaError(
            f"{phrase!r} is no phrasebook entry, and longer phrases of {corpus.name} are not "
            "published; add it to data/lexicon/phrases.yml and extract again (needs the texts)"
        )
    return (
        bases.join(found)
        .fillna({"n": 0, "docs": 0})
        .astype({"n": int, "docs": int})[["n", "docs", "documents", "words"]]
        .reset_index()
    )
