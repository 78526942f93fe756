"""Convert a batch of sentences to arrays of words and parts, for counting and matching.

A *word* is what all tables count ("people-to-people" is one word). A *part* is what one slot of a
pattern matches: words are split into parts at hyphens, ``&`` becomes the part *and*, and quotation
marks are left out. A comma or a full stop is a part that only the same mark in a pattern matches;
any other punctuation mark is a part that no pattern matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.text.words import LETTER, WORD

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_QUOTES = ("'", '"')
_STOPS = (",", ".")
#: The part that stands for all punctuation marks that no pattern matches. It sorts first, so it has
#: the index 0 in the vocabulary.
BLOCK = ""
_END = "\x00"


@dataclass(frozen=True)
class WordStream:
    """The words of a batch of sentences.

    The arrays have one item per word: ``words`` has its index in ``vocabulary``, and ``word_row``
    the index of its sentence.
    """

    vocabulary: list[str]
    words: Int32s
    word_row: Int32s


@dataclass(frozen=True)
class Stream(WordStream):
    """Words and parts of a batch of sentences.

    The arrays of parts have one item per part. ``parts`` has its index in ``part_vocabulary``, and
    ``part_row`` the index of its sentence. ``part_word`` is the index in ``words`` of the word to
    which the part belongs, and ``part_stop`` is that index plus 1. For ``&`` and punctuation marks,
    which belong to no word, both are the index of the next word. ``opens`` is true if there is a
    quotation mark right before the part. ``closes`` is true if there is a quotation mark right
    after it, or after a comma or other stop that follows it.
    """

    part_vocabulary: list[str]
    parts: Int32s
    part_row: Int32s
    part_word: Int32s
    part_stop: Int32s
    opens: Bools
    closes: Bools
    #: The sentences with their capitals; None if patterns with capitals cannot be matched.
    sentences: pl.Series | None = None

    @cached_property
    def cased(self) -> tuple[list[str], Int32s] | None:
        """The vocabulary of the parts with their capitals, and the index of each part in it.

        None if the stream has no sentences.
        """
        if self.sentences is None:
            return None
        as_printed = stream(self.sentences, capitals=True)
        return as_printed.part_vocabulary, as_printed.parts


def numbered(values: pl.Series) -> tuple[pl.Series, Int32s]:
    """Return the sorted vocabulary of the values, and the index of each value in it.

    >>> vocabulary, ids = numbered(pl.Series(["oar", "lake", "oar"]))
    >>> vocabulary.to_list(), ids.tolist()
    (['lake', 'oar'], [1, 0, 1])
    """
    # sorting only the distinct values is twice as fast; give the categories a random name, because
    # polars never frees categories that can be shared by name
    coded = values.cast(pl.Categorical(pl.Categories.random()))
    codes = coded.to_physical().to_numpy()
    different = coded.unique()
    vocabulary = different.cast(pl.String)
    order = vocabulary.arg_sort()
    place = np.zeros(codes.max(initial=0) + 1, dtype=np.int32)
    place[different.to_physical().gather(order).to_numpy()] = np.arange(len(order))
    return vocabulary.gather(order), place[codes]


def stream(sentences: pl.Series, *, capitals: bool = False) -> Stream:
    """Build a stream from normalised sentences (see :func:`tifa.text.words.sentence_table`).

    Words are lower-cased unless ``capitals`` is set.
    """
    # end every sentence with a mark that no pattern matches, so that no pattern matches across the
    # end of a sentence
    ended = sentences + " |"
    rows, units = _units(ended if capitals else ended.str.to_lowercase(), WORD + r"|\S")
    # a unit is a word or a punctuation mark; each distinct unit is split into parts only once
    kinds, ids = numbered(units)
    letters = kinds.str.contains("^" + LETTER).to_numpy()
    quotes, stops = (kinds.is_in(marks).to_numpy() for marks in (_QUOTES, _STOPS))
    word, quote, stop = letters[ids], quotes[ids], stops[ids]
    below = _next(rows) == rows
    after_stop = _next(stop) & below & _next(_next(quote)) & (_next(_next(rows)) == rows)
    closes = (_next(quote) & below) | after_stop
    opens = np.zeros(len(ids), dtype=bool)
    opens[1:] = quote[:-1] & below[:-1]
    word_stop = np.cumsum(word, dtype=np.int32)
    part_vocabulary, flat, first, count = _parts_of(kinds, letters)
    unit = np.flatnonzero(~quote)
    counts = count[ids[unit]]
    of_unit = np.repeat(unit, counts)
    return Stream(
        vocabulary=kinds.filter(pl.Series(letters)).to_list(),
        words=(np.cumsum(letters, dtype=np.int32) - 1)[ids[word]],
        word_row=rows[word],
        part_vocabulary=part_vocabulary,
        parts=flat[expand_runs(first[ids[unit]], counts)[1]],
        part_row=rows[of_unit],
        part_word=(word_stop - word)[of_unit],
        part_stop=word_stop[of_unit],
        opens=opens[of_unit],
        closes=closes[of_unit],
        sentences=None if capitals else sentences,
    )


def _units(strings: pl.Series, pattern: str) -> tuple[Int32s, pl.Series]:
    """Find all matches of a regular expression; return the row of each match, and the matches."""
    units = strings.str.extract_all(pattern)
    rows = np.repeat(np.arange(len(units), dtype=np.int32), units.list.len().to_numpy())
    return rows, units.explode()


def _next(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.append(values[1:], values.dtype.type(0))


def _parts_of(kinds: pl.Series, letters: Bools) -> tuple[list[str], Int32s, Int32s, Int32s]:
    """Split the distinct units (``kinds``) into parts; ``letters`` is true for words.

    Returns four values: the vocabulary of the parts (:data:`BLOCK` is the first); the parts of all
    units in one array, as indices in the vocabulary; for each unit, the position of its first part
    in that array; and for each unit, the number of its parts.
    """
    unit = pl.col("unit")
    lists = (
        pl.DataFrame({"unit": kinds, "word": letters})
        .select(
            pl.when("word")
            .then(unit.str.split("-"))
            .when(unit.is_in(_STOPS))
            .then(unit.reshape((-1, 1)).cast(pl.List(pl.String)))
            .when(unit == "&")
            .then(pl.lit(["and"], dtype=pl.List(pl.String)))
            .otherwise(pl.lit([BLOCK], dtype=pl.List(pl.String)))
        )
        .to_series()
    )
    count = lists.list.len().to_numpy().astype(np.int32)
    block = pl.Series([BLOCK], dtype=pl.String)
    vocabulary, ids = numbered(pl.concat([block, lists.explode()]))
    return vocabulary.to_list(), ids[1:], np.cumsum(count, dtype=np.int32) - count, count


def token_stream(units: pl.Series, token: str) -> Stream:
    """Build a stream from normalised strings, with a tokeniser other than the compendium's.

    ``token`` is a regular expression for one token of a string in lower case. Every token is one
    part; a pattern can match across anything between tokens, but not across the end of a string.
    The stream has no words, so it can only be used to match patterns.
    """
    rows, tokens = _units(units.str.to_lowercase() + f" {_END}", f"{_END}|{token}")
    # the end marker sorts before every token, so its index is 0, which no pattern matches
    vocabulary, ids = numbered(pl.concat([pl.Series([_END], dtype=pl.String), tokens]))
    none = np.empty(0, dtype=np.int32)
    places = np.arange(len(ids) - 1, dtype=np.int32)
    unquoted = np.zeros(len(ids) - 1, dtype=bool)
    return Stream(
        vocabulary=[],
        words=none,
        word_row=none,
        part_vocabulary=vocabulary.to_list(),
        parts=ids[1:],
        part_row=rows,
        part_word=places,
        part_stop=places + 1,
        opens=unquoted,
        closes=unquoted,
    )


def expand_runs(
    start: npt.NDArray[np.integer], count: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List all positions in runs, given where each run begins and how many positions it has.

    Returns two arrays with one item per position: the index of its run, and the position itself.

    >>> which, place = expand_runs(np.array([5, 9]), np.array([3, 1]))
    >>> which.tolist(), place.tolist()
    ([0, 0, 0, 1], [5, 6, 7, 9])
    """
    which = np.repeat(np.arange(len(start)), count)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, start[which] + offset
