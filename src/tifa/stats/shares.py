"""Compute shares of documents or sentences, with their intervals."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from tifa.stats.check import as_numbers, as_table, check_level, check_within, counts_in


def shares(counts: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Compute the share of documents with a property, with the Wilson score interval.

    ``counts`` has ``n`` (how many documents have the property) and ``documents`` (how many there
    are); the coverage is about ``level``. Returns the same rows with ``share``, ``low`` and
    ``high`` (0 to 1), missing where there is no document.

    Raises ValueError for a missing column, an impossible count, or a level that is not between 0
    and 1.

    Wilson (1927), Journal of the American Statistical Association 22(158), 209-212.

    >>> table = shares(pd.DataFrame({"n": [0], "documents": [57]}))
    >>> table[["share", "low", "high"]].round(3).values.tolist()
    [[0.0, 0.0, 0.063]]
    """
    counts = as_table(counts, ["n", "documents"])
    n, documents = counts_in(counts, "n"), counts_in(counts, "documents")
    check_within(n, documents, "n", "documents")
    check_level(level)
    total = np.where(documents > 0, documents, np.nan)
    share, z = n / total, -NormalDist().inv_cdf((1 - level) / 2)
    middle = share + z**2 / (2 * total)
    reach = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    low, high = ((middle + side * reach) / (1 + z**2 / total) for side in (-1, 1))
    return counts.assign(share=share, low=np.clip(low, 0, 1), high=np.clip(high, 0, 1))


def exact_share_interval(n: int, documents: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval for a share, which can also be 0 or 1.

    ``n`` of ``documents`` documents have the property; the coverage is ``level`` or more. Returns
    the lower and the upper limit: 0 and 1 if there is no document. Raises ValueError for an
    impossible count, or a level that is not between 0 and 1.

    Clopper & Pearson (1934), Biometrika 26(4), 404-413.

    >>> low, high = exact_share_interval(0, 57)
    >>> round(high, 3)
    0.063
    """
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to load

    check_within(as_numbers(n, "n"), as_numbers(documents, "documents"), "n", "documents")
    check_level(level)
    low, high = proportion_confint(n, documents, alpha=1 - level, method="beta")
    return float(np.nan_to_num(low)), float(1.0 if np.isnan(high) else high)
