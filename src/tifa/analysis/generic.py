"""Helpers for notebooks that must work with any corpus, such as those that ``tifa new`` writes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tifa.analysis.counts import count_hits
from tifa.data.corpus import Corpus, corpora, load
from tifa.data.schema import TABLES
from tifa.lexicon.load import phrases
from tifa.stats import bootstrap_rates, rates
from tifa.stats.bootstrap import FEWEST
from tifa.stats.rates import PER
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError

#: Columns of the documents table that can group documents for a comparison, the most useful first.
GROUPS = ("audience", "genre", "voice", "source", "author", "country", "year")
BOOTSTRAP, POISSON = "bootstrap over documents", "exact Poisson"


def choose_corpora(name: str = "") -> list[Corpus]:
    """Load a corpus by name, or all corpora if no name is given.

    Raises TifaError if there is no corpus.

    >>> [corpus.name for corpus in choose_corpora()][:2]
    ['briefing', 'mfa-zh']
    """
    names = corpora()
    if not name and not names:
        raise TifaError(
            "no corpus yet: tifa add CORPUS --texts FOLDER, then tifa extract CORPUS",
            where=data_folder() / "corpora",
        )
    return [load(one) for one in ([name] if name else names)]


def phrase_labels(corpus: Corpus) -> pd.Series[str]:
    """Return the labels of the phrasebook's entries by id.

    For a Chinese corpus, entries that have a Chinese name are labelled with it.

    >>> [phrase_labels(choose_corpora(c)[0])["shanghai-spirit"] for c in ("xi", "xi-zh")]
    ['Shanghai Spirit', '上海精神']
    """
    table = phrases(data=corpus.data)
    chinese = (table["zh"] != "") & (corpus.about.language == "zh")
    return table["label"].mask(chinese, table["zh"])


def choose_group(documents: pd.DataFrame, by: str = "") -> str:
    """Choose a column by which documents can be compared; return "" if none is suitable.

    If ``by`` is given, it is returned. Otherwise the first suitable column of :data:`GROUPS` is
    chosen; if there is none, the first suitable one of the columns that a corpus adds to the
    standard ones. A column is suitable if it has two to five distinct values and none is missing.
    Raises TifaError if there is no column ``by``.

    >>> import tifa
    >>> choose_group(tifa.load("xi").documents)
    'audience'
    """
    if by and by not in documents.columns:
        raise TifaError(f"no column {by!r}; there is: {', '.join(documents.columns)}")
    if by:
        return by
    known = list(TABLES["documents"].columns)
    own = [c for c in documents.columns if c not in known]
    for name in (*GROUPS, *own):
        if documents[name].notna().all() and 1 < documents[name].nunique() <= 5:
            return name
    return ""


def phrase_rates(
    corpus: Corpus,
    *,
    by: str = "",
    base: float = PER,
    entries: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compute the rate of each phrasebook entry per ``base`` words, with an interval.

    For ten documents or more the interval comes from a bootstrap over documents; for fewer, or if
    there is no hit, it is the exact Poisson interval. ``by`` is a column with groups of documents;
    documents without a group are left out. If ``by`` is empty, all documents are one group.
    ``entries`` are ids, by default those of all entries that occur.

    Returns one row per entry and group: ``entry``, the group, ``n`` (hits), ``docs`` (documents
    with a hit), ``documents``, ``words``, ``rate``, ``low``, ``high`` and ``method``.

    >>> import tifa
    >>> phrase_rates(tifa.load("briefing"), entries=["shanghai-spirit"])["n"].tolist()
    [4]
    """
    counts = count_hits(corpus, entries=entries)
    keys = ["entry"]
    if by:
        groups = corpus.documents.set_index("doc_id", drop=False)[by].dropna()
        counts = counts[counts["doc_id"].isin(groups.index)]
        if by != "doc_id":
            counts = counts.assign(**{by: counts["doc_id"].map(groups)})
        keys = ["entry", by]
    if counts.empty:
        names = [*keys, "n", "docs", "documents", "words", "rate", "low", "high", "method"]
        return pd.DataFrame(columns=names)
    total = counts.groupby(keys, as_index=False)[["n", "docs", "documents", "words"]].sum()
    total = rates(total, per=base).assign(method=POISSON).set_index(keys)
    enough = (total["documents"] >= FEWEST) & (total["n"] > 0)
    if enough.any():
        bootstrapped = counts.merge(total.index[enough].to_frame(index=False), on=keys)
        drawn = bootstrap_rates(bootstrapped, per=base, by=keys).set_index(keys)
        total.update(drawn[["low", "high"]])
        total.loc[enough, "method"] = BOOTSTRAP
    return total.reset_index()


def frame_shares(corpus: Corpus) -> pd.DataFrame:
    """Compute the share of sentences with each frame, not corrected for errors of the dictionary.

    Returns one row per frame: ``frame``, ``n`` (sentences with it), ``sentences`` (all), ``share``,
    ``low`` and ``high`` (95 % limits from a bootstrap over documents; missing for fewer than ten
    documents).

    >>> import tifa
    >>> int(frame_shares(tifa.load("briefing"))["sentences"].iloc[0])
    25
    """
    coded = corpus.frames.rename(columns={"sentences": "n"})
    bases = corpus.documents[["doc_id", "sentences"]].rename(columns={"sentences": "words"})
    coded = coded.merge(bases, on="doc_id")
    total = coded.groupby("frame", as_index=False)[["n", "words"]].sum()
    total = total.assign(share=total["n"] / total["words"], low=np.nan, high=np.nan)
    if coded["doc_id"].nunique() >= FEWEST:
        drawn = bootstrap_rates(coded, per=1, by="frame").set_index("frame")
        for name in ("low", "high"):
            total[name] = total["frame"].map(drawn[name])
    return total.rename(columns={"words": "sentences"})


def describe_method(table: pd.DataFrame) -> str:
    """Name the method by which the intervals of a table of :func:`phrase_rates` were computed.

    >>> describe_method(pd.DataFrame({"method": [BOOTSTRAP, POISSON]}))
    'bootstrap over documents, exact Poisson where there are under ten or no hit'
    """
    methods = set(table["method"])
    if methods == {BOOTSTRAP, POISSON}:
        return f"{BOOTSTRAP}, {POISSON} where there are under ten or no hit"
    return methods.pop() if methods else "none"
