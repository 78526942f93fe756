"""Words and n-grams of each document, for texts that may be counted one by one.

Documents are counted in batches, as many at a time as polars has threads.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.text.words import words_of
from tifa.util.errors import TifaError

Ints = npt.NDArray[np.int32]
Column = npt.NDArray[np.integer]

#: Documents counted together: what they hold lies in the processor's cache.
BATCH = 50
#: Bits of a whole number that may be sorted as one.
_BITS = 63


def document_words(documents: pl.DataFrame) -> pl.DataFrame:
    """Count the words of each document.

    Parameters
    ----------
    documents
        ``doc_id`` and ``text`` (normalised, see :func:`tifa.text.words.normalise`).

    Returns
    -------
    doc_id, word, n (a count); documents in their order, the words of each in none.

    Examples
    --------
    >>> table = pl.DataFrame({"doc_id": ["a", "b"], "text": ["One oar, one.", "Oars"]})
    >>> document_words(table).sort("doc_id", "word").rows()
    [('a', 'oar', 1), ('a', 'one', 2), ('b', 'oars', 1)]

    """
    counted = words_of(pl.col("text")).list.eval(pl.element().value_counts()).alias("counted")
    size = -(-documents.height // pl.thread_pool_size()) or 1
    parts = (documents.lazy().slice(at, size) for at in range(0, max(documents.height, 1), size))
    return (
        pl.concat(pl.collect_all([part.select("doc_id", counted) for part in parts]))
        .explode("counted")
        .drop_nulls("counted")
        .with_columns(pl.col("counted").struct.rename_fields(["word", "n"]))
        .unnest("counted")
        .cast({"n": pl.Int32})
    )


def document_ngrams(sentences: pl.DataFrame, *, longest: int = 3) -> pl.DataFrame:
    """Count the n-grams of each document, none across the end of a sentence.

    Parameters
    ----------
    sentences
        ``doc_id`` and ``text`` (normalised), the sentences of a document together, as
        :func:`tifa.text.words.sentence_table` gives them.
    longest
        Words in the longest n-gram.

    Returns
    -------
    doc_id, ngram, n (a count); one row an n-gram in a document. Documents are in their order in
    runs of 50; within a run rows are ordered by length, document and n-gram.

    Raises
    ------
    TifaError
        Where ``longest`` is below 1.

    Examples
    --------
    >>> table = pl.DataFrame({"doc_id": ["a", "a"], "text": ["One oar, one oar.", "One."]})
    >>> document_ngrams(table, longest=2).rows()
    [('a', 'oar', 2), ('a', 'one', 3), ('a', 'oar one', 1), ('a', 'one oar', 2)]

    """
    if longest < 1:
        raise TifaError(f"the longest n-gram has {longest} words; expected 1 or more")
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        count = partial(_batch_ngrams, longest=longest)
        return pl.concat(pool.map(count, _batches(sentences)), rechunk=False)


def _batches(sentences: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Sentences of some documents each; one empty batch where there are none."""
    first = np.flatnonzero(sentences["doc_id"].rle_id().diff().fill_null(1).to_numpy())
    bounds = [*first[::BATCH].tolist(), sentences.height] if len(first) else [0, 0]
    for begin, end in itertools.pairwise(bounds):
        yield sentences[begin:end]


def _batch_ngrams(sentences: pl.DataFrame, longest: int) -> pl.DataFrame:
    words = (
        sentences.select(word=words_of(pl.col("text")))
        .with_row_index("row")
        .explode("word")
        .drop_nulls("word")
    )
    vocabulary = words["word"].unique().sort()
    # 0 is the end of a sentence
    ids = words["word"].cast(pl.Enum(vocabulary)).to_physical().to_numpy().astype(np.int32) + 1
    row = words["row"].to_numpy()
    documents = sentences["doc_id"].rle().struct.field("value")
    document = sentences["doc_id"].rle_id().to_numpy()
    # each word, and the words behind it in its sentence: sorted, equal n-grams stand together
    columns = [document[row], *(_behind(ids, row, k) for k in range(longest))]
    document, *following = _sorted(columns, [len(documents), *[len(vocabulary)] * longest])
    labels = pl.concat([pl.Series([""], dtype=pl.String), vocabulary])
    new = np.append(True, document[1:] != document[:-1])[: len(ids)]
    tables = []
    for size, word in enumerate(following, start=1):
        new[1:] |= word[1:] != word[:-1]
        begin = np.flatnonzero(new)
        n = np.diff(begin, append=len(ids)).astype(np.int32)
        whole = word[begin] > 0
        begin, n = begin[whole], n[whole]
        grams = [labels.gather(column[begin]) for column in following[:size]]
        tables.append(
            pl.DataFrame({"doc_id": documents.gather(document[begin]), "n": n}).select(
                "doc_id", pl.concat_str(grams, separator=" ").alias("ngram"), "n"
            )
        )
    return pl.concat(tables)


def _behind(ids: Ints, row: Column, places: int) -> Ints:
    """Give the word so many places behind each; 0 where the sentence ends before."""
    behind = np.zeros(len(ids), dtype=np.int32)
    last = max(len(ids) - places, 0)
    behind[:last] = np.where(row[places:] == row[:last], ids[places:], 0)
    return behind


def _sorted(columns: list[Column], largest: list[int]) -> list[Column]:
    """Sort rows by the first column, then the next; packed into one number where that fits."""
    bits = [n.bit_length() for n in largest]
    if sum(bits) > _BITS:
        order = np.lexsort(columns[::-1])
        return [column[order] for column in columns]
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    for column, width in zip(columns, bits, strict=True):
        packed = packed << width | column
    packed.sort()
    found: list[Column] = []
    for width in reversed(bits):
        found.append((packed & ((1 << width) - 1)).astype(np.int32))
        packed >>= width
    return found[::-1]
