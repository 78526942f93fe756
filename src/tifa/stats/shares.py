"""Shares (of documents, of sentences) with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd


def shares(counts: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Share of documents that have something, with the Wilson score interval.

    Parameters
    ----------
    counts
        ``n`` (documents that have it, a count) and ``documents`` (all of them, a count).
    level
        Coverage, about.

    Returns
    -------
    The same rows with ``share``, ``low`` and ``high`` (from 0 to 1). Where there is no
    document, they are missing.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> table = shares(pd.DataFrame({"n": [0], "documents": [57]}))
    >>> table[["share", "low", "high"]].round(3).values.tolist()
    [[0.0, 0.0, 0.063]]

    """
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to load

    some = counts["documents"] > 0
    total = counts["documents"].where(some)
    low, high = proportion_confint(
        counts["n"].where(some).astype(float), total.astype(float), alpha=1 - level, method="wilson"
    )
    return counts.assign(
        share=counts["n"] / total, low=np.clip(low, 0, 1), high=np.clip(high, 0, 1)
    )


def exact_share_interval(n: int, documents: int, *, level: float = 0.95) -> tuple[float, float]:
    """Exact (Clopper-Pearson) interval for a share: never too narrow, for claims of "none".

    Parameters
    ----------
    n, documents
        Documents that have something, and all of them.
    level
        Coverage, at least.

    Returns
    -------
    Lower and upper limit, from 0 to 1.

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26(4), 404-413.

    Examples
    --------
    >>> low, high = exact_share_interval(0, 57)
    >>> round(high, 3)
    0.063

    """
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to load

    low, high = proportion_confint(n, documents, alpha=1 - level, method="beta")
    return float(np.nan_to_num(low)), float(1.0 if np.isnan(high) else high)
