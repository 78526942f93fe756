"""Code sentences by the frame dictionary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl

from tifa.lexicon import FrameDictionary, Indicator
from tifa.match import Matcher
from tifa.patterns import parse
from tifa.stream import Ints, Stream, stream
from tifa.words import normalise


def code_rows(flow: Stream, rows: int, dictionary: FrameDictionary) -> pl.DataFrame:
    """Code the sentences of a stream.

    A sentence carries a frame when the weights of the different indicators that match in it
    sum to 1 or more. Names of the dictionary are blanked first.

    Returns
    -------
    One row a sentence, one column a frame, 0 or 1 (Int8).

    """
    names = Matcher(flow).covered([parse(n) for n in dictionary.names])
    matcher = Matcher(flow, blocked=names)
    columns = {}
    for frame in dictionary.frames:
        score = np.zeros(rows)
        for indicator in frame.indicators:
            found = flow.part_row[_matches(matcher, indicator)]
            score[np.unique(found)] += indicator.weight
        columns[frame.id] = (score > 1 - 1e-9).astype(np.int8)
    return pl.DataFrame(columns)


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
