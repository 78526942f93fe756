"""Compute the ratio of two rates, with its exact conditional interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tifa.stats.check import as_table, check_level, counts_in


def rate_ratios(counts: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Compute the ratio of the rates of two texts or corpora, with the exact conditional interval.

    Given the total number of occurrences, the number in the first text is binomial. The
    Clopper-Pearson limits of its share are turned into odds and divided by the ratio of the numbers
    of words; this gives the limits of the ratio of the rates. If the first count is 0, the ratio
    and its lower limit are 0. If the second is 0, the ratio and its upper limit are infinite. If
    both are 0, all three are missing.

    ``counts`` has one row per comparison: ``n`` and ``words`` of the first text or corpus,
    ``reference_n`` and ``reference_words`` of the second. The coverage of the interval is ``level``
    or more. Returns the same rows with ``ratio``, ``low`` and ``high`` (1: the rates are the same).

    Raises ValueError for a missing column, a negative or missing count, a text without words, or a
    level that is not between 0 and 1.

    Przyborowski & Wilenski (1940), Biometrika 31(3/4), 313-323; Clopper & Pearson (1934),
    Biometrika 26(4), 404-413. The limits are the same as those of R's poisson.test.

    >>> counts = {"n": [2], "words": [17877], "reference_n": [9], "reference_words": [16660]}
    >>> rate_ratios(pd.DataFrame(counts))[["ratio", "low", "high"]].round(3).values.tolist()
    [[0.207, 0.022, 1.001]]
    """
    names = ("n", "reference_n", "words", "reference_words")
    counts = as_table(counts, names)
    first, second, words, others = (counts_in(counts, name) for name in names)
    check_level(level)
    if not ((words > 0).all() and (others > 0).all()):
        raise ValueError("a base is not positive")
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to load

    both = first + second
    occurs = both > 0
    low, high = proportion_confint(
        np.where(occurs, first, 1), np.where(occurs, both, 1), alpha=1 - level, method="beta"
    )
    low, high = np.where(first > 0, low, 0.0), np.where(second > 0, high, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.array([first / second, low / (1 - low), high / (1 - high)])
    ratio, low, high = np.where(occurs, odds * others / words, np.nan)
    return counts.assign(ratio=ratio, low=low, high=high)
