"""The words of a batch of sentences as arrays: what counting and matching run on.

A *word* is a row of every table ("people-to-people" is one). A *part* is what a pattern
compares: words split at hyphens, ``&`` read as *and*, quotation marks set aside. A comma is a part
that only a comma fits, every other punctuation mark a part that no pattern fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.words import LETTER, WORD

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

_QUOTES = ("'", '"')
_BLOCK = ""  # sorts first: part 0 is punctuation
_END = "\x00"


@dataclass(frozen=True)
class Stream:
    """Words and parts of a batch; sentences are rows of the table it was made from.

    ``words``/``word_row`` have one item a word, the other arrays one a part. ``part_word``
    is the place in ``words`` of the word that the part belongs to (for ``&``: of the next),
    ``part_stop`` the place behind it (for ``&``, which is no word: of the next).
    """

    vocabulary: list[str]
    words: Ints
    word_row: Ints
    part_vocabulary: list[str]
    parts: Ints
    part_row: Ints
    part_word: Ints
    part_stop: Ints
    opens: Bools
    closes: Bools


def _ids(values: pl.Series) -> tuple[list[str], Ints]:
    """Sorted vocabulary and the place of each value in it."""
    vocabulary = values.unique().sort()
    places: npt.NDArray[Any] = values.cast(pl.Enum(vocabulary)).to_physical().to_numpy()
    return vocabulary.to_list(), places.astype(np.int32)


def stream(sentences: pl.Series) -> Stream:
    """Make the arrays from normalised sentences (see :func:`tifa.words.sentence_table`)."""
    units = (
        pl.select(
            # a block ends every sentence: nothing matches across, nothing is next to it
            unit=(sentences + " |").str.to_lowercase().str.extract_all(WORD + r"|\S")
        )
        .with_row_index("row")
        .explode("unit")
        .with_columns(
            word=pl.col("unit").str.contains("^" + LETTER), quote=pl.col("unit").is_in(_QUOTES)
        )
        .with_columns(stop=pl.col("word").cum_sum())
        .with_columns(place=pl.col("stop") - pl.col("word"))
    )
    same_row = pl.col("row") == pl.col("row").shift()
    below = pl.col("row") == pl.col("row").shift(-1)
    stop = pl.col("unit").is_in((",", "."))
    after = pl.col("quote").shift(-1) & below
    after_stop = (
        stop.shift(-1)
        & below
        & pl.col("quote").shift(-2)
        & (pl.col("row") == pl.col("row").shift(-2))
    )
    parts = (
        units.with_columns(
            opens=(pl.col("quote").shift() & same_row).fill_null(value=False),
            closes=(after | after_stop).fill_null(value=False),
        )
        .filter(~pl.col("quote"))
        .with_columns(
            part=pl.when("word")
            .then(pl.col("unit").str.split("-"))
            .when(pl.col("unit") == ",")
            .then(pl.lit([","], dtype=pl.List(pl.String)))
            .when(pl.col("unit") == "&")
            .then(pl.lit(["and"], dtype=pl.List(pl.String)))
            .otherwise(pl.lit([_BLOCK], dtype=pl.List(pl.String)))
        )
        .explode("part")
    )
    words = units.filter("word")
    vocabulary, word_ids = _ids(words["unit"])
    blocked = pl.concat([pl.Series([_BLOCK], dtype=pl.String), parts["part"]])
    part_vocabulary, part_ids = _ids(blocked)
    return Stream(
        vocabulary=vocabulary,
        words=word_ids,
        word_row=words["row"].to_numpy().astype(np.int32),
        part_vocabulary=part_vocabulary,
        parts=part_ids[1:],
        part_row=parts["row"].to_numpy().astype(np.int32),
        part_word=parts["place"].to_numpy().astype(np.int32),
        part_stop=parts["stop"].to_numpy().astype(np.int32),
        opens=parts["opens"].to_numpy(),
        closes=parts["closes"].to_numpy(),
    )


def token_stream(units: pl.Series, token: str) -> Stream:
    """Make a stream by a tokeniser that is not the compendium's.

    Every token is a part of its own, and nothing but the end of a unit stands between two. There
    are no words: a stream like this one serves to match patterns only.

    Parameters
    ----------
    units
        Normalised strings.
    token
        A regular expression for one token.

    """
    tokens = (
        pl.select(unit=(units.str.to_lowercase() + f" {_END}").str.extract_all(f"{_END}|{token}"))
        .with_row_index("row")
        .explode("unit")
    )
    # the end sorts before every token, so it is part 0, which no pattern fits
    ends = pl.concat([pl.Series([_END], dtype=pl.String), tokens["unit"]])
    vocabulary, ids = _ids(ends)
    none = np.empty(0, dtype=np.int32)
    places = np.arange(len(ids) - 1, dtype=np.int32)
    unquoted = np.zeros(len(ids) - 1, dtype=bool)
    return Stream(
        vocabulary=[],
        words=none,
        word_row=none,
        part_vocabulary=vocabulary,
        parts=ids[1:],
        part_row=tokens["row"].to_numpy().astype(np.int32),
        part_word=places,
        part_stop=places + 1,
        opens=unquoted,
        closes=unquoted,
    )
