"""Count hits over documents, with the base of every count at hand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tifa.corpus import Corpus


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
