"""Compute jackknife intervals for numbers from few clusters, leaving out each cluster in turn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy

from tifa.stats.check import Floats, check_level


def jackknife(
    sums: Floats, statistic: Callable[[Floats], Floats], *, level: float = 0.95
) -> tuple[float, float, float]:
    """Compute a number from sums over clusters, with its jackknife interval.

    With few clusters a bootstrap interval is too narrow. The jackknife interval uses Student's t,
    with one degree of freedom fewer than there are clusters. ``sums`` has one row per cluster;
    ``statistic`` is called with an array of such rows, and must return the number for each row.
    Returns the number for the sum of all rows, its lower limit and its upper limit; the limits are
    missing if the number is undefined without one of the clusters.

    Raises ValueError for fewer than two clusters, or a level that is not between 0 and 1.

    Tukey (1958), The Annals of Mathematical Statistics 29, 614; Efron & Tibshirani (1993), An
    Introduction to the Bootstrap, chapter 11.

    The jackknife interval of a mean is the usual interval:

    >>> values = np.array([[2.0], [4.0], [6.0], [8.0]])
    >>> mean, low, high = jackknife(np.c_[values, np.ones(4)], lambda s: s[:, 0] / s[:, 1])
    >>> error = scipy.stats.t.ppf(0.975, 3) * values.std(ddof=1) / 2
    >>> mean, bool(np.isclose(low, 5 - error)), bool(np.isclose(high, 5 + error))
    (5.0, True, True)
    """
    check_level(level)
    sums = np.asarray(sums, dtype=float)
    units = len(sums)
    if units < 2:
        raise ValueError(f"{units} clusters: leaving one out needs two or more")
    total = sums.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found, *without = statistic(np.vstack([total, total - sums]))
        error = np.sqrt((units - 1) * np.var(without))
    half = error * scipy.stats.t.ppf((1 + level) / 2, units - 1)
    return float(found), float(found - half), float(found + half)
