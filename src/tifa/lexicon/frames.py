"""Code sentences by the frame dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from tifa.lexicon.match import Matcher
from tifa.lexicon.model import Frame, FrameDictionary, Indicator
from tifa.lexicon.patterns import parse
from tifa.text.tokens import Bools, Ints, Stream, stream
from tifa.text.words import normalise

Floats = npt.NDArray[np.float64]

#: Weights that sum to one are enough; a little less, since sums of fractions are not exact.
ENOUGH = 1 - 1e-9


def code_rows(
    flow: Stream, rows: int, dictionary: FrameDictionary, *, blank: Bools | None = None
) -> pl.DataFrame:
    """Code the sentences of a stream.

    A sentence carries a frame when the weights of the different indicators that match in it
    sum to 1 or more. Names of the dictionary are blanked first.

    Parameters
    ----------
    flow, rows
        The stream, and how many sentences it has.
    dictionary
        The frames.
    blank
        For each part of the stream, whether it is blanked as well.

    Returns
    -------
    One row a sentence, one column a frame, 0 or 1 (Int8).

    """
    return pl.DataFrame(
        {
            name: (score > ENOUGH).astype(np.int8)
            for name, score in _scores(rows, _indicator_rows(flow, dictionary, blank)).items()
        }
    )


def lost_without(
    flow: Stream, rows: int, dictionary: FrameDictionary
) -> Iterator[tuple[str, int, Ints]]:
    """Leave out one indicator at a time, and tell which sentences lose their frame by it.

    Yields
    ------
    The frame, the indicator's number in it (from 1, as in the file), and the sentences; only
    indicators without which at least one sentence is lost.

    """
    found = list(_indicator_rows(flow, dictionary))
    scores = _scores(rows, found)
    for frame, place, where in found:
        before = scores[frame.id][where]
        lost = where[(before > ENOUGH) & (before - frame.indicators[place].weight <= ENOUGH)]
        if len(lost):
            yield frame.id, place + 1, lost


def _scores(rows: int, found: Iterable[tuple[Frame, int, Ints]]) -> dict[str, Floats]:
    """Sum of the weights that match in each row, by frame."""
    scores: dict[str, Floats] = {}
    for frame, place, where in found:
        score = scores.setdefault(frame.id, np.zeros(rows))
        score[where] += frame.indicators[place].weight
    return scores


def _indicator_rows(
    flow: Stream, dictionary: FrameDictionary, blank: Bools | None = None
) -> Iterator[tuple[Frame, int, Ints]]:
    """Each indicator (its frame, its place in it) with the rows in which it matches."""
    names = Matcher(flow).covered([parse(n) for n in dictionary.names])
    matcher = Matcher(flow, blocked=names if blank is None else names | blank)
    for frame in dictionary.frames:
        for place, indicator in enumerate(frame.indicators):
            yield frame, place, np.unique(flow.part_row[_matches(matcher, indicator)])


def _matches(matcher: Matcher, indicator: Indicator) -> Ints:
    """Parts at which the indicator matches under its rules."""
    pattern = parse(indicator.pattern)
    begin = matcher.starts(pattern)
    row = matcher.stream.part_row
    for text in indicator.not_before:
        barred = matcher.starts(parse(text)) - len(pattern.slots)
        begin = begin[~np.isin(begin, barred)]
    for text in indicator.not_after:
        before = parse(text)
        begin = begin[~np.isin(begin, matcher.starts(before) + len(before.slots))]
    if indicator.requires:
        begin = begin[np.isin(row[begin], _rows(matcher, indicator.requires))]
    if indicator.without:
        begin = begin[~np.isin(row[begin], _rows(matcher, indicator.without))]
    return begin


def _rows(matcher: Matcher, patterns: Sequence[str]) -> Ints:
    found = [matcher.stream.part_row[matcher.starts(parse(p))] for p in patterns]
    return np.unique(np.concatenate(found))


def code_sentences(sentences: Sequence[str], dictionary: FrameDictionary) -> pd.DataFrame:
    """Code any list of strings, each taken as one sentence.

    Returns
    -------
    One row a sentence in the order given, one column a frame, 0 or 1.

    """
    normal = _normal(sentences)
    return code_rows(stream(normal), len(normal), dictionary).to_pandas()


def match_indicators(sentences: Sequence[str], dictionary: FrameDictionary) -> pd.DataFrame:
    """Find which indicators match in which sentences, each string taken as one sentence.

    Returns
    -------
    One row a match: ``row`` (place of the sentence in the list, from 0), ``frame``,
    ``indicator`` (its place in the frame, from 0) and ``weight``.

    """
    flow = stream(_normal(sentences))
    parts = [
        pd.DataFrame(
            {
                "row": found,
                "frame": frame.id,
                "indicator": place,
                "weight": frame.indicators[place].weight,
            }
        )
        for frame, place, found in _indicator_rows(flow, dictionary)
    ]
    return pd.concat(parts, ignore_index=True)


def _normal(sentences: Sequence[str]) -> pl.Series:
    column = pl.Series("text", list(sentences), dtype=pl.String)
    return pl.select(normalise(pl.lit(column))).to_series()
