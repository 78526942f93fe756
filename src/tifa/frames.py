"""Code sentences by the frame dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import polars as pl

from tifa.lexicon import Frame, FrameDictionary, Indicator
from tifa.match import Matcher
from tifa.patterns import parse
from tifa.stream import Bools, Ints, Stream, stream
from tifa.words import normalise

#: Weights sum to 1 or more, whatever the rounding.
_ENOUGH = 1 - 1e-9


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
    matcher = _without_names(flow, dictionary, blank)
    columns = {}
    for frame in dictionary.frames:
        score = np.zeros(rows)
        for indicator, found in zip(frame.indicators, _found(matcher, frame), strict=True):
            score[found] += indicator.weight
        columns[frame.id] = (score > _ENOUGH).astype(np.int8)
    return pl.DataFrame(columns)


def lost_without(
    flow: Stream, rows: int, dictionary: FrameDictionary
) -> Iterator[tuple[str, int, Ints]]:
    """Leave out one indicator at a time, and tell which sentences lose their frame by it.

    Yields
    ------
    The frame, the indicator's number in it (from 1, as in the file), and the sentences; only
    indicators without which at least one sentence is lost.

    """
    matcher = _without_names(flow, dictionary, None)
    for frame in dictionary.frames:
        score = np.zeros(rows)
        found = list(_found(matcher, frame))
        for indicator, places in zip(frame.indicators, found, strict=True):
            score[places] += indicator.weight
        for number, (indicator, places) in enumerate(
            zip(frame.indicators, found, strict=True), start=1
        ):
            before = score[places]
            lost = places[(before > _ENOUGH) & (before - indicator.weight <= _ENOUGH)]
            if len(lost):
                yield frame.id, number, lost


def _without_names(flow: Stream, dictionary: FrameDictionary, blank: Bools | None) -> Matcher:
    """A matcher that does not see the names of the dictionary."""
    names = Matcher(flow).covered([parse(n) for n in dictionary.names])
    return Matcher(flow, blocked=names if blank is None else names | blank)


def _found(matcher: Matcher, frame: Frame) -> Iterator[Ints]:
    """Sentences in which each indicator of a frame matches."""
    for indicator in frame.indicators:
        yield np.unique(matcher.stream.part_row[_matches(matcher, indicator)])


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
    column = pl.Series("text", list(sentences), dtype=pl.String)
    normal = pl.select(normalise(pl.lit(column))).to_series()
    return code_rows(stream(normal), len(normal), dictionary).to_pandas()
