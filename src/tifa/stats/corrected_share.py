"""Correct the share that a classifier finds, with a random sample that people have coded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from tifa.stats.check import Floats, Int64s
from tifa.stats.shares import exact_share_interval

#: With fewer errors of the classifier than this in the sample, a t distribution is not reliable.
FEW = 5


class CorrectedShare(NamedTuple):
    """A share (0 to 1), its interval, and the weight of the classifier's predictions.

    A computed weight is at most 1; it is below 0 if predictions are worse than chance.
    """

    share: float
    low: float
    high: float
    weight: float


def corrected_share(
    codes: pd.Series,
    predicted: pd.Series,
    predicted_share: float,
    *,
    cluster: pd.Series | None = None,
    weight: float | None = None,
    level: float = 0.95,
) -> CorrectedShare:
    """Estimate the share of positive units from a coded sample and predictions for all units.

    The share of positive predictions among all units is corrected by the mean error of the
    predictions in the sample. So the estimate is right on average even if the classifier is bad;
    the better the classifier, the narrower the interval. The interval is for the share that the
    same annotators would find if they coded all units.

    ``codes`` are 0 or 1 for each unit of a random sample; ``predicted`` are the predictions of the
    classifier (0 or 1) for the same units, which must not have been used to tune the classifier;
    ``predicted_share`` is the share of positive predictions among all units (0 to 1). ``cluster``
    has the group of each unit (such as its document), if units of a group resemble each other.
    ``weight`` is the weight of the classifier: 1 uses it in full, 0 ignores it. By default it is 1
    if the classifier makes fewer than five errors in the sample, and otherwise the weight that
    gives the smallest variance.

    The limits come from a t distribution, and are at least 0 and at most 1. With fewer than five
    errors in the sample and a weight of 1, they come from Clopper-Pearson limits of the two error
    rates (units missed, units wrongly predicted). With a single cluster the limits are missing.

    Raises ValueError for codes or predictions that are not 0 or 1, inputs of different lengths,
    fewer than two units, or a ``predicted_share`` that is not between 0 and 1.

    Angelopoulos, A. N., Bates, S., Fannjiang, C., Jordan, M. I., & Zrnic, T. (2023).
    Prediction-powered inference. Science, 382(6671), 669-674 (for the mean); Angelopoulos, Duchi &
    Zrnic (2023), PPI++ (for the weight). Because all units have a prediction, this is the
    difference estimator of survey sampling.

    >>> codes, predicted = pd.Series([1, 0, 0, 1, 1, 0]), pd.Series([1, 0, 1, 1, 0, 0])
    >>> corrected_share(codes, predicted, 0.3, weight=1).share
    0.3
    """
    coded, guessed = np.asarray(codes, dtype=float), np.asarray(predicted, dtype=float)
    if len(coded) != len(guessed) or (cluster is not None and len(cluster) != len(coded)):
        raise ValueError("codes, predicted and cluster must have the same length")
    if len(coded) < 2:
        raise ValueError(f"{len(coded)} coded units; expected two or more")
    for name, values in (("codes", coded), ("predicted", guessed)):
        if not np.isin(values, (0, 1)).all():
            raise ValueError(f"{name} must be 0 or 1 for every unit")
    if not 0 <= predicted_share <= 1:
        raise ValueError(f"predicted_share is {predicted_share}; expected 0 to 1")
    few = (coded != guessed).sum() < FEW
    if weight is None and few:
        weight = 1.0
    elif weight is None:
        spread = guessed.var(ddof=1)
        weight = float(np.cov(coded, guessed)[0, 1] / spread) if spread else 0.0
    errors = coded - weight * guessed
    share = weight * predicted_share + float(errors.mean())
    groups = np.arange(len(coded)) if cluster is None else pd.factorize(cluster)[0]
    if few and weight == 1 and groups.any():
        # each of the two intervals has half the risk of missing its rate, so both together keep the
        # level
        missed, wrong = (
            exact_share_interval(int(erred.sum()), len(coded), level=(1 + level) / 2)
            for erred in (coded > guessed, coded < guessed)
        )
        low = predicted_share + missed[0] - wrong[1]
        high = predicted_share + missed[1] - wrong[0]
    else:
        half = _half_width(errors, groups, level)
        low, high = share - half, share + half
    share, low, high = (min(max(v, 0.0), 1.0) for v in (share, low, high))
    return CorrectedShare(share, low, high, weight)


def _half_width(errors: Floats, groups: Int64s, level: float) -> float:
    """Return half the width of the interval of the mean error; NaN for a single cluster."""
    sums = np.bincount(groups, weights=errors - errors.mean())
    n = len(sums)
    if n < 2:
        return float("nan")
    error = np.sqrt(n / (n - 1) * (sums**2).sum()) / len(errors)
    return float(scipy.stats.t.ppf((1 + level) / 2, n - 1) * error)
