"""Divide coded sentences into folds for cross-validation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from tifa.stats.bootstrap import SEED
from tifa.stats.check import Floats


def grouped_folds(
    groups: pd.Series, labels: Floats, *, folds: int = 10, seed: int = SEED
) -> npt.NDArray[np.int64]:
    """Assign sentences (or other units) to folds; keep documents whole, and spread frames evenly.

    Documents with the largest shares of all labels and units are assigned first (ties in random
    order), each to the fold that has the fewest of the same labels and units so far.
    (scikit-learn's StratifiedGroupKFold does this for units with a single label.)

    ``groups`` has the document of each unit; ``labels`` has one row per unit and one column per
    frame, 0 or 1. Returns the fold of each unit, from 1; there are at most as many folds as
    documents. Raises ValueError for fewer than two folds or documents.

    Sechidis, Tsoumakas & Vlahavas (2011), On the stratification of multi-label data, ECML PKDD,
    145-158.

    >>> documents = pd.Series(["a", "a", "b", "c", "d"])
    >>> labels = np.array([[1.0], [0.0], [1.0], [0.0], [0.0]])
    >>> grouped_folds(documents, labels, folds=2, seed=1).tolist()
    [1, 1, 2, 2, 1]
    """
    names, of_unit = np.unique(groups, return_inverse=True)
    folds = min(folds, len(names))
    if folds < 2:
        raise ValueError(f"{len(names)} documents in {folds} folds: two are the fewest")
    # add a column of ones for the units themselves, so that folds also have similar sizes
    each = np.column_stack([labels, np.ones(len(labels))])
    brings = pd.DataFrame(each).groupby(of_unit).sum().to_numpy()
    shares = brings / np.maximum(brings.sum(axis=0), 1)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-shares[order].sum(axis=1).round(9), kind="stable")]
    has = np.zeros((folds, shares.shape[1]))
    fold = np.zeros(len(names), dtype=np.int64)
    for document in order:
        # choose the fold in which the sum of squared shares grows least: adding a share d to a fold
        # that has a share h makes it grow by 2hd + d², and d² is the same for all folds
        fold[document] = (has @ shares[document]).round(12).argmin()
        has[fold[document]] += shares[document]
    return fold[of_unit] + 1
