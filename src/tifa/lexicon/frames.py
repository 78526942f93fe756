"""Code sentences by the frame dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tifa.lexicon.match import Matcher
from tifa.lexicon.model import Frame, FrameDictionary, Indicator
from tifa.lexicon.patterns import parse
from tifa.stats.check import Floats
from tifa.text.tokens import Bools, Ints, stream
from tifa.text.words import normalise

if TYPE_CHECKING:
    import pandas as pd


#: Weights must sum to one; a little less, because sums of fractions are not exact.
ENOUGH = 1 - 1e-9


def code_rows(
    matcher: Matcher, rows: int, dictionary: FrameDictionary, *, blank: Bools | None = None
) -> pl.DataFrame:
    """Code the sentences of a stream: one row a sentence, one column a frame, 0 or 1 (Int8).

    A sentence gets a frame if the weights of the different indicators that match in it sum to 1 or
    more. Names listed in the dictionary are blanked out first, and so are the parts of the stream
    for which ``blank`` is true. ``rows`` is the number of sentences.
    """
    return pl.DataFrame(
        {
            name: (score > ENOUGH).astype(np.int8)
            for name, score in _scores(rows, _indicator_rows(matcher, dictionary, blank)).items()
        }
    )


def lost_without(
    matcher: Matcher, rows: int, dictionary: FrameDictionary
) -> Iterator[tuple[str, int, Ints]]:
    """Leave out one indicator at a time, and find the sentences that lose their frame.

    Yields the frame, the number of the indicator (from 1, as in the file), and the sentences; only
    for indicators without which at least one sentence loses the frame.
    """
    found = list(_indicator_rows(matcher, dictionary))
    scores = _scores(rows, found)
    for frame, place, where in found:
        before = scores[frame.id][where]
        lost = where[(before > ENOUGH) & (before - frame.indicators[place].weight <= ENOUGH)]
        if len(lost):
            yield frame.id, place + 1, lost


def _scores(rows: int, found: Iterable[tuple[Frame, int, Ints]]) -> dict[str, Floats]:
    """For each frame, the sum of the matching weights in each row."""
    scores: dict[str, Floats] = {}
    for frame, place, where in found:
        score = scores.setdefault(frame.id, np.zeros(rows))
        score[where] += frame.indicators[place].weight
    return scores


def _indicator_rows(
    matcher: Matcher, dictionary: FrameDictionary, blank: Bools | None = None
) -> Iterator[tuple[Frame, int, Ints]]:
    """For each indicator (its frame and its index there), the rows in which it matches."""
    indicators = [i for frame in dictionary.frames for i in frame.indicators]
    matcher.look_for(parse(text) for i in indicators for text in _patterns(i))
    names = matcher.covered([parse(n) for n in dictionary.names])
    blanked = names if blank is None else names | blank
    # number of blanked parts before each part: a match without any has the same number at both ends
    before: Ints = np.append(np.int32(0), np.cumsum(blanked, dtype=np.int32))

    def starts(text: str) -> Ints:
        pattern = parse(text)
        begin: Ints = matcher.starts(pattern)
        free: Bools = before[begin] == before[begin + len(pattern.slots)]
        return begin[free]

    for frame in dictionary.frames:
        for place, indicator in enumerate(frame.indicators):
            begin = _matches(starts, matcher.stream.part_row, indicator)
            rows = matcher.stream.part_row[begin]
            yield frame, place, rows[np.diff(rows, prepend=-1) > 0]


def _patterns(indicator: Indicator) -> list[str]:
    """All patterns that an indicator needs."""
    rules = (indicator.not_before, indicator.not_after, indicator.requires, indicator.without)
    return [indicator.pattern, *(text for rule in rules for text in rule)]


def _matches(starts: Callable[[str], Ints], row: Ints, indicator: Indicator) -> Ints:
    """Parts where the indicator matches under its rules, ascending."""
    begin = starts(indicator.pattern)
    if not len(begin):
        return begin
    for text in indicator.not_before:
        begin = begin[~_among(begin + len(parse(indicator.pattern).slots), starts(text))]
    for text in indicator.not_after:
        begin = begin[~_among(begin, starts(text) + len(parse(text).slots))]
    if indicator.requires:
        begin = begin[_among(row[begin], _rows(starts, row, indicator.requires))]
    if indicator.without:
        begin = begin[~_among(row[begin], _rows(starts, row, indicator.without))]
    return begin


def _among(places: Ints, others: Ints) -> Bools:
    """Mark positions that are also in another list; a lookup table is faster than sorting."""
    return np.isin(places, others, kind="table")


def _rows(starts: Callable[[str], Ints], row: Ints, patterns: Sequence[str]) -> Ints:
    return np.concatenate([row[starts(p)] for p in patterns])


def code_sentences(sentences: Sequence[str], dictionary: FrameDictionary) -> pd.DataFrame:
    """Code a list of strings, each treated as one sentence.

    One row a sentence in the order given, one column a frame, 0 or 1.
    """
    normal = _normal(sentences)
    return code_rows(Matcher(stream(normal)), len(normal), dictionary).to_pandas()


def match_indicators(sentences: Sequence[str], dictionary: FrameDictionary) -> pd.DataFrame:
    """Find which indicators match in which sentences; each string is treated as one sentence.

    One row a match: ``row`` (index of the sentence in the list, from 0), ``frame``, ``indicator``
    (its index in the frame, from 0) and ``weight``.
    """
    matcher = Matcher(stream(_normal(sentences)))
    parts = [
        pl.DataFrame({"row": found}).with_columns(
            frame=pl.lit(frame.id),
            indicator=pl.lit(place, dtype=pl.Int64),
            weight=pl.lit(frame.indicators[place].weight),
        )
        for frame, place, found in _indicator_rows(matcher, dictionary)
    ]
    return pl.concat(parts).to_pandas()


def _normal(sentences: Sequence[str]) -> pl.Series:
    column = pl.Series("text", list(sentences), dtype=pl.String)
    return pl.select(normalise(pl.lit(column))).to_series()
