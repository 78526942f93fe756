"""Check what users pass to the statistics, and convert it to arrays and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]


def as_table(rows: Any, columns: Iterable[str]) -> pd.DataFrame:
    """Convert a table (pandas, polars, dict of columns, list of dicts) to pandas.

    Raises ValueError if one of ``columns`` is missing.

    >>> as_table({"n": [1], "words": [10]}, ["n", "words"])
       n  words
    0  1     10
    """
    if isinstance(rows, pd.DataFrame):
        table = rows
    elif hasattr(rows, "to_pandas"):
        table = rows.to_pandas()
    else:
        table = pd.DataFrame(rows)
    for name in columns:
        if name not in table.columns:
            raise ValueError(f"the table has no column {name!r}, it has {list(table.columns)}")
    return table


def as_counts(values: Any, name: str) -> pd.Series[Any]:
    """Return a Series of counts indexed by term, from counts by term or from a list of words.

    Raises ValueError for any other input, a repeated term, or an impossible count. The message
    begins with ``name``, the name of the argument.

    >>> as_counts(["oar", "lake", "oar"], "target").to_dict()
    {'oar': 2, 'lake': 1}
    """
    if isinstance(values, str) or hasattr(values, "columns") or not isinstance(values, Iterable):
        raise ValueError(f"{name}: expected counts by term, or a list of words")
    if isinstance(values, pd.Series):
        counts = values
    else:
        found = values if isinstance(values, Mapping) else Counter(as_words(values, name))
        counts = pd.Series(found, dtype=None if found else float)
    for twice in counts.index[counts.index.duplicated()]:
        raise ValueError(f"{name}: the term {twice!r} appears twice")
    as_numbers(counts, name)
    return counts


def as_words(values: Any, name: str) -> list[str]:
    """Return words as a list; raises ValueError for anything else, such as an unsplit text.

    >>> as_words("a slow boat", "words")
    Traceback (most recent call last):
    ...
    ValueError: words: expected a list of words
    """
    if isinstance(values, Iterable) and not isinstance(values, str | Mapping):
        words = list(values)
        if all(isinstance(word, str) for word in words):
            return words
    raise ValueError(f"{name}: expected a list of words")


def as_numbers(values: npt.ArrayLike, name: str) -> Floats:
    """Convert counts to an array; raises ValueError if one is negative, missing or not a number.

    >>> as_numbers([3, -1], "n")
    Traceback (most recent call last):
    ...
    ValueError: n: a count is negative: -1
    """
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected counts, found something that is not a number") from None
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}: a count is missing or infinite; where nothing was found, put 0")
    if (numbers < 0).any():
        raise ValueError(f"{name}: a count is negative: {numbers[numbers < 0].flat[0]:g}")
    return numbers


def counts_in(table: pd.DataFrame, name: str) -> Floats:
    """Convert a column of counts to an array; raises ValueError like :func:`as_numbers`."""
    return as_numbers(table[name], name)


def check_within(part: Floats, whole: npt.ArrayLike, name: str, base: str) -> None:
    """Raise ValueError if a count in ``part`` is larger than the count of which it is a part."""
    parts, wholes = np.broadcast_arrays(part, np.asarray(whole, dtype=float))
    wrong = parts > wholes
    if wrong.any():
        first = f"{parts[wrong].flat[0]:g} of {wholes[wrong].flat[0]:g}"
        raise ValueError(f"{name} is larger than its base {base}: {first}")


def check_level(level: float) -> None:
    """Raise ValueError if the level of an interval is not between 0 and 1 (0.95, not 95)."""
    if not 0 < level < 1:
        raise ValueError(f"level: {level:g}; expected a share between 0 and 1, such as 0.95")
