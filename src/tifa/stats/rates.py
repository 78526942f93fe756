"""Compute rates of occurrence with exact Poisson intervals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from tifa.stats.check import Floats, as_numbers, as_table, check_level, counts_in

#: Rates are per this many words.
PER = 10_000


def poisson_interval(n: npt.ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact (Garwood) interval for the mean of a Poisson count.

    Returns arrays of the lower and upper limits, as counts; the coverage is ``level`` or more.
    Raises ValueError for a count that is negative or missing, or a level that is not between 0 and
    1.

    Garwood (1936), Biometrika 28(3/4), 437-442.

    >>> low, high = poisson_interval([0, 3])
    >>> high.round(3)
    array([3.689, 8.767])
    """
    counts = as_numbers(n, "n")
    check_level(level)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        # half a quantile of chi-squared, without scipy.stats, which takes a second to load
        low = np.where(counts > 0, scipy.special.gammaincinv(counts, tail), 0.0)
    high = scipy.special.gammaincinv(counts + 1, 1 - tail)
    return low, np.asarray(high)


def rates(counts: pd.DataFrame, *, per: float = PER, level: float = 0.95) -> pd.DataFrame:
    """Compute the rate of each count, with an exact Poisson interval.

    The interval shows how much the count might vary if a text of the same length were written again
    at the same rate, with independent occurrences. It does not describe a sampling error, because
    the texts are not a sample.

    ``counts`` has ``n`` (a count) and ``words`` (the number of words in which it was found).
    Returns the same rows with ``rate``, ``low`` and ``high``, all per ``per`` words; they are
    missing where there are no words. Raises ValueError for a missing column, a negative or missing
    count, or a level that is not between 0 and 1.

    >>> table = rates(pd.DataFrame({"n": [3], "words": [600]}))
    >>> table[["rate", "low", "high"]].round(1).values.tolist()
    [[50.0, 10.3, 146.1]]
    """
    counts = as_table(counts, ["n", "words"])
    low, high = poisson_interval(counts["n"], level=level)
    base = _base(counts, per)
    return counts.assign(rate=counts["n"] / base, low=low / base, high=high / base)


def rate(counts: pd.DataFrame) -> pd.Series[float]:
    """Compute the rate of each count per 10,000 words, without an interval.

    So this function does not need scipy.special, which is slow to load.

    >>> rate(pd.DataFrame({"n": [3], "words": [600]})).tolist()
    [50.0]
    """
    counts = as_table(counts, ["n", "words"])
    return counts["n"] / _base(counts, PER)


def _base(counts: pd.DataFrame, per: float) -> Floats:
    words = counts_in(counts, "words")
    return np.where(words > 0, words, np.nan) / per
