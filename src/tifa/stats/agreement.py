"""Agreement of annotators."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import FEWEST, SEED, percentile_interval, resampled_counts
from tifa.stats.check import Floats


def _alpha(values: Floats, disagreement: Floats, counts: Floats) -> Floats:
    """Alpha from the number of pairable values, their disagreement and the counts of each code."""
    pairs = values**2 - (counts**2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(pairs > 0, 1 - (values - 1) * disagreement / pairs, np.nan))


def krippendorff_alpha(
    codes: pd.DataFrame, *, draws: int = 2000, seed: int = SEED, level: float = 0.95
) -> pd.DataFrame:
    """Krippendorff's alpha for nominal codes, with an interval from resampling units.

    There may be any number of annotators, and codes may be missing; a unit with a single code is
    left out. The interval resamples units with all their codes (Krippendorff's own resamples pairs
    of codes, which treats the pairs within a unit as independent). A draw in which all codes are
    the same has no alpha: it is left out and counted.

    Parameters
    ----------
    codes
        ``unit``, ``annotator`` and ``code``, one row a decision; a missing code is no decision.
    draws, seed, level
        Of the bootstrap, as in :class:`tifa.stats.bootstrap.Resampling`.

    Returns
    -------
    One row: ``alpha`` (1: full agreement, 0: as by chance), ``low`` and ``high`` (missing under
    ten units), ``units`` (with two codes or more), ``annotators``, ``decisions`` (codes given
    to these units), ``resampled``, ``draws``, ``undefined`` (draws without alpha) and ``level``.
    Alpha is missing if all codes are the same, or if no unit has two codes.

    Raises
    ------
    ValueError
        For an annotator with two codes for one unit.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania;
    Hayes & Krippendorff (2007), Communication Methods and Measures 1(1), 77-89.

    Examples
    --------
    >>> rows = [(unit, who, code) for unit, pair in enumerate(["aa", "ab", "bb", "bb"])
    ...         for who, code in zip("xy", pair, strict=True)]
    >>> codes = pd.DataFrame(rows, columns=["unit", "annotator", "code"])
    >>> krippendorff_alpha(codes)["alpha"].round(3).tolist()
    [0.533]

    """
    given = codes.loc[codes["code"].notna(), ["unit", "annotator", "code"]]
    if given.duplicated(["unit", "annotator"]).any():
        twice = given[given.duplicated(["unit", "annotator"])].iloc[0]
        raise ValueError(f"unit {twice['unit']!r}: {twice['annotator']!r} gave two codes")
    # crosstab sorts the units, so the order of the rows does not matter
    counts = pd.crosstab(given["unit"], given["code"]).to_numpy(dtype=float)
    counts = counts[counts.sum(axis=1) > 1]
    values = counts.sum(axis=1)
    disagreement = (values**2 - (counts**2).sum(axis=1)) / (values - 1)
    alpha = _alpha(values.sum(), disagreement.sum(), counts.sum(axis=0))
    replicates = np.full((1, 1), np.nan)
    enough = len(counts) >= FEWEST
    if enough:
        pieces = []
        for times in resampled_counts(len(counts), draws=draws, seed=seed):
            weights = times.astype(float)
            pieces.append(_alpha(weights @ values, weights @ disagreement, weights @ counts))
        replicates = np.concatenate(pieces)[:, None]
    low, high = percentile_interval(replicates, level)
    return pd.DataFrame(
        {
            "alpha": [float(alpha)],
            "low": low,
            "high": high,
            "units": len(counts),
            "annotators": given["annotator"].nunique(),
            "decisions": int(values.sum()),
            "resampled": "unit",
            "draws": draws if enough else 0,
            "undefined": int(np.isnan(replicates).sum()) if enough else 0,
            "level": level,
        }
    )
