"""Measure the agreement between annotators."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import FEWEST, SEED, percentile_interval, resampled_counts
from tifa.stats.check import Floats, as_table

#: What codes are: names (nominal), ranks (ordinal), or numbers whose differences count (interval).
Scale = Literal["nominal", "ordinal", "interval"]


def _alpha(times: Floats, counts: Floats, scale: Scale, codes: Floats) -> Floats:
    """Return alpha for each bootstrap draw, NaN where all codes are the same.

    ``times`` has one row per draw and one column per unit (how often the unit was drawn),
    ``counts`` one row per unit and one column per code (how often the unit has this code).
    ``codes`` has the number that each code means on an interval scale.
    """
    values = counts.sum(axis=1)
    total, all_counts = times @ values, times @ counts
    if scale == "nominal":
        disagreement = times @ ((values**2 - (counts**2).sum(axis=1)) / (values - 1))
        pairs = total**2 - (all_counts**2).sum(axis=1)
    else:
        # the squared differences of all pairs of n values x add up to n * sum(x**2) - sum(x)**2;
        # the position of an ordinal code is the mean rank of all values with this code
        positions = np.tile(codes, (len(times), 1))
        if scale == "ordinal":
            positions = all_counts.cumsum(axis=1) - all_counts / 2
        within = values[:, None] * (counts @ positions.T**2) - (counts @ positions.T) ** 2
        disagreement = 2 * (times * (within / (values - 1)[:, None]).T).sum(axis=1)
        pairs = 2 * (
            total * (all_counts * positions**2).sum(axis=1)
            - (all_counts * positions).sum(axis=1) ** 2
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(pairs > 0, 1 - (total - 1) * disagreement / pairs, np.nan))


def krippendorff_alpha(
    codes: pd.DataFrame,
    *,
    scale: Scale = "nominal",
    draws: int = 2000,
) -> pd.DataFrame:
    """Compute Krippendorff's alpha, with a 95 % bootstrap interval.

    ``codes`` has ``unit``, ``annotator`` and ``code``, one row per decision. There may be any
    number of annotators, and codes may be missing; a unit with a single code is left out. ``scale``
    says whether codes are names ("nominal"), ranks ("ordinal") or numbers ("interval"). The
    bootstrap draws units with all their codes. (Krippendorff's own method draws pairs of codes, as
    if the pairs of one unit were independent.)

    Returns one row: ``alpha`` (1: full agreement, 0: as expected by chance; missing if all codes
    are the same, or if no unit has two), ``low`` and ``high`` (missing with fewer than ten units),
    ``units`` (with two codes or more), ``annotators`` (how many), ``decisions`` (codes given to
    these units), ``resampled`` ("unit"), ``draws``, ``undefined`` (draws in which all codes are the
    same, left out of the interval) and ``level`` (0.95).

    Raises ValueError for a missing column, an annotator with two codes for one unit, or ordinal or
    interval codes that are not numeric.

    Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania;
    Hayes & Krippendorff (2007), Communication Methods and Measures 1(1), 77-89.

    >>> rows = [(unit, who, code) for unit, pair in enumerate(["aa", "ab", "bb", "bb"])
    ...         for who, code in zip("xy", pair, strict=True)]
    >>> codes = pd.DataFrame(rows, columns=["unit", "annotator", "code"])
    >>> krippendorff_alpha(codes)["alpha"].round(3).tolist()
    [0.533]
    """
    codes = as_table(codes, ["unit", "annotator", "code"])
    given = codes.loc[codes["code"].notna(), ["unit", "annotator", "code"]]
    for unit, annotator, _ in given[given.duplicated(["unit", "annotator"])].to_numpy():
        raise ValueError(f"unit {unit!r}: {annotator!r} gave two codes")
    # crosstab sorts the units, so the order of the rows does not matter
    table = pd.crosstab(given["unit"], given["code"])
    if scale != "nominal" and not pd.api.types.is_numeric_dtype(table.columns):
        raise ValueError(f"{scale} codes are numbers; these are {table.columns.tolist()[:5]}")
    names = np.zeros(table.shape[1]) if scale == "nominal" else table.columns.to_numpy(dtype=float)
    counts = table.to_numpy(dtype=float)
    counts = counts[counts.sum(axis=1) > 1]
    few = len(counts) < FEWEST
    resampled = () if few else resampled_counts(len(counts), draws=draws, seed=SEED)
    drawn = [_alpha(times.astype(float), counts, scale, names) for times in resampled]
    replicates = np.concatenate([[], *drawn])[:, None]
    low, high = percentile_interval(replicates, 0.95)
    return pd.DataFrame(
        {
            "alpha": _alpha(np.ones((1, len(counts))), counts, scale, names),
            "low": low,
            "high": high,
            "units": len(counts),
            "annotators": given["annotator"].nunique(),
            "decisions": int(counts.sum()),
            "resampled": "unit",
            "draws": len(replicates),
            "undefined": int(np.isnan(replicates).sum()),
            "level": 0.95,
        }
    )
