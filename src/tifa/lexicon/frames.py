"""Find the frames of sentences, such as "health", with the frame dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tifa.lexicon.match import Matcher
from tifa.lexicon.model import Frame, FrameDictionary, Indicator
from tifa.lexicon.patterns import parse
from tifa.text.tokens import Bools, Int32s, stream
from tifa.text.words import normalise

if TYPE_CHECKING:
    import pandas as pd

    # imported only for type checkers, because extraction starts faster without these modules
    from tifa.stats.check import Floats


#: A sentence gets a frame if the weights of the indicators that match in it sum to more than this:
#: 1, minus a margin for rounding.
ENOUGH = 1 - 1e-9


def code_rows(
    matcher: Matcher, rows: int, dictionary: FrameDictionary, *, blank: Bools | None = None
) -> pl.DataFrame:
    """Find the frames of the sentences in which ``matcher`` searches.

    Returns one row per sentence, with one column per frame: 1 if the sentence has the frame, 0 if
    not (Int8). A sentence gets a frame if the weights of the distinct indicators that match in it
    sum to 1 or more. A match is ignored if it contains a word of one of the names in the
    dictionary, or a part of the stream for which ``blank`` is true. ``rows`` is the number of
    sentences.
    """
    scores = _scores(rows, _indicator_rows(matcher, dictionary, blank))
    return pl.DataFrame({name: (score > ENOUGH).astype(np.int8) for name, score in scores.items()})


def lost_without(
    matcher: Matcher, rows: int, dictionary: FrameDictionary
) -> Iterator[tuple[str, int, Int32s]]:
    """Leave out one indicator at a time, and find the sentences that lose their frame.

    Yields, for each indicator without which some sentences lose its frame: the id of the frame, the
    number of the indicator in the frame (from 1), and the indices of these sentences.
    """
    found = list(_indicator_rows(matcher, dictionary))
    scores = _scores(rows, found)
    for frame, place, where in found:
        before = scores[frame.id][where]
        lost = where[(before > ENOUGH) & (before - frame.indicators[place].weight <= ENOUGH)]
        if len(lost):
            yield frame.id, place + 1, lost


def _scores(rows: int, found: Iterable[tuple[Frame, int, Int32s]]) -> dict[str, Floats]:
    """Return for each frame the sum of the weights of the indicators that match in each row."""
    scores: dict[str, Floats] = {}
    for frame, place, where in found:
        score = scores.setdefault(frame.id, np.zeros(rows))
        score[where] += frame.indicators[place].weight
    return scores


def _indicator_rows(
    matcher: Matcher, dictionary: FrameDictionary, blank: Bools | None = None
) -> Iterator[tuple[Frame, int, Int32s]]:
    """Yield for each indicator its frame, its index in the frame, and the rows where it matches."""
    indicators = [i for frame in dictionary.frames for i in frame.indicators]
    names = matcher.covered([parse(n) for n in dictionary.names])
    blanked = names if blank is None else names | blank
    starts = _free_starts(matcher, chain.from_iterable(map(_patterns, indicators)), blanked)
    row = matcher.stream.part_row
    for frame in dictionary.frames:
        for place, indicator in enumerate(frame.indicators):
            rows = row[_matches(starts, row, indicator)]
            yield frame, place, rows[np.append(True, rows[1:] != rows[:-1])] if len(rows) else rows


def _free_starts(matcher: Matcher, texts: Iterable[str], blanked: Bools) -> dict[str, Int32s]:
    """Return where each pattern matches, except for matches that contain a ``blanked`` part."""
    patterns = {text: parse(text) for text in texts}
    matcher.look_for(patterns.values())
    # how many blanked parts there are before each part; a match contains none of them if this
    # number is the same at both its ends
    before: Int32s = np.append(np.int32(0), np.cumsum(blanked, dtype=np.int32))
    starts = {}
    for text, pattern in patterns.items():
        begin = matcher.starts(pattern)
        starts[text] = begin[before[begin] == before[begin + len(pattern.slots)]]
    return starts


def _patterns(indicator: Indicator) -> list[str]:
    i = indicator
    return [i.pattern, *i.not_before, *i.not_after, *i.requires, *i.without]


def _matches(starts: Mapping[str, Int32s], row: Int32s, indicator: Indicator) -> Int32s:
    """Return the indices of parts where an indicator matches and its conditions are fulfilled."""
    begin = starts[indicator.pattern]
    if not len(begin):
        return begin
    for text in indicator.not_before:
        begin = begin[~_among(begin + len(parse(indicator.pattern).slots), starts[text])]
    for text in indicator.not_after:
        begin = begin[~_among(begin, starts[text] + len(parse(text).slots))]
    for texts, wanted in ((indicator.requires, True), (indicator.without, False)):
        if texts:
            others = np.sort(np.concatenate([row[starts[text]] for text in texts]))
            begin = begin[_among(row[begin], others) == wanted]
    return begin


def _among(places: Int32s, others: Int32s) -> Bools:
    """Return whether each of ``places`` is also in ``others``, which is sorted."""
    if not len(others):
        return np.zeros(len(places), dtype=bool)
    found: Bools = others.take(np.searchsorted(others, places), mode="clip") == places
    return found


def code_sentences(sentences: Sequence[str], dictionary: FrameDictionary) -> pd.DataFrame:
    """Find the frames of strings, each of which is treated as one sentence.

    Returns one row per sentence, in the same order, with one column per frame: 1 if the sentence
    has the frame, 0 if not.
    """
    normal = _normal(sentences)
    return code_rows(Matcher(stream(normal)), len(normal), dictionary).to_pandas()


def match_indicators(sentences: Sequence[str], dictionary: FrameDictionary) -> pd.DataFrame:
    """Find which indicators match in which strings, each of which is treated as one sentence.

    Returns one row per match: ``row`` (of the sentence, from 0), ``frame``, ``indicator`` (its
    index in the frame, from 0) and ``weight``.
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
