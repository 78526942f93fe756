"""Count the words of a corpus, and find those that are typical of one of two corpora."""

from __future__ import annotations

import pandas as pd

from tifa.data.corpus import Corpus
from tifa.stats import keyness
from tifa.util.errors import TifaError


def word_counts(corpus: Corpus) -> pd.Series[int]:
    """Return how often each word of a corpus occurs, stop words included.

    Raises TifaError if the words of the corpus are not published.
    """
    if "terms" not in corpus.tables:
        raise TifaError(f"of {corpus.name} no words are published: there is no table terms")
    return corpus.terms.groupby("term")["n"].sum()


def frequent_words(corpus: Corpus, most: int = 25) -> pd.DataFrame:
    """List the most frequent words of a corpus, without the stop words of words.yml.

    ``most`` is the largest number of words to list. Returns one row per word: ``term``, ``n``
    (occurrences), ``docs`` (documents with the word). Raises TifaError if the words of the corpus
    are not published.
    """
    counts = word_counts(corpus)
    documents = corpus.terms.groupby("term")["doc_id"].nunique()
    table = pd.DataFrame({"n": counts, "docs": documents}).rename_axis("term").reset_index()
    table = table[~table["term"].isin(corpus.stop_words)]
    ordered = table.sort_values(["n", "term"], ascending=[False, True])
    return ordered.head(most).reset_index(drop=True)


def word_keyness(target: Corpus, reference: Corpus) -> pd.DataFrame:
    """Compare the words of two corpora, or parts of one; see :func:`tifa.stats.keyness`.

    Stop words (those of words.yml) are not compared, but are included in the total number of words
    of each corpus. If the corpora are in two data folders, the stop words of both folders are left
    out of both, so that no word is typical of a corpus only because the other leaves it out. Raises
    TifaError if the words of a corpus are not published.
    """
    sides = [word_counts(corpus) for corpus in (target, reference)]
    stopped = list(target.stop_words | reference.stop_words)
    kept = [words.drop(words.index.intersection(stopped)) for words in sides]
    one, other = (int(words.sum()) for words in sides)
    return keyness(*kept, target_words=one, reference_words=other)
