"""Measure whether some states come closer than others to a speaker's use of formulations.

The profile of a group of states is a list of shares: for each formulation, the share of the group's
speeches that contain it. Two profiles are compared by their cosine, which is 1 if they are
proportional, and 0 if they have no formulation in common.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import SEED
from tifa.stats.check import Floats
from tifa.util.errors import TifaError


class Approach(NamedTuple):
    """The change of the cosine in one group minus that in the other, with its 95% interval."""

    apart: float
    low: float
    high: float


def approach(
    speeches: pd.DataFrame, has: pd.DataFrame, profile: pd.Series[Any], *, draws: int = 999
) -> Approach:
    """Compare how much two groups of states move towards a profile, from earlier to later speeches.

    ``speeches`` has one row per speech: ``country``, ``inside`` (whether the state is in the first
    group) and ``late`` (whether the speech is in the later period). ``has`` has the same rows in
    the same order, and a column per formulation: 1 if the speech contains it, else 0. ``profile``
    has for each formulation the share of the speaker's speeches that contain it.

    The interval comes from a bootstrap: each of ``draws`` draws takes states from each group with
    replacement, with all their speeches. A draw is left out if one of its groups has a period
    without any speech that contains a formulation. For a group of only five states, such as the
    founders of the SCO, the interval is too narrow. Raises TifaError if the groups in ``speeches``
    themselves have such a period.
    """
    towards = profile.loc[has.columns].to_numpy(float)
    groups = [_by_state(speeches, has, inside) for inside in (True, False)]
    own = [_change(np.ones(len(n)), counts, n, towards) for counts, n in groups]
    if any(np.isnan(own)):
        raise TifaError("each group needs a speech with one of the formulations in both periods")
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(draws):
        times = [rng.multinomial(len(n), np.full(len(n), 1 / len(n))) for _, n in groups]
        one, other = (_change(t, *group, towards) for t, group in zip(times, groups, strict=True))
        drawn.append(one - other)
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Approach(own[0] - own[1], float(low), float(high))


def _by_state(speeches: pd.DataFrame, has: pd.DataFrame, inside: bool) -> tuple[Any, Any]:
    """Count the speeches of each state of one group in each period; ``inside`` chooses the group.

    Returns two arrays. The first, of shape (states, 2, formulations), has the numbers of speeches
    that contain each formulation; the second, of shape (states, 2), has the numbers of all
    speeches.
    """
    rows = (speeches["inside"] == inside).to_numpy()
    keys = [speeches["country"].to_numpy()[rows], speeches["late"].to_numpy()[rows]]
    both = pd.MultiIndex.from_product([pd.unique(keys[0]), [False, True]])
    grouped = has[rows].groupby(keys)
    counts = grouped.sum().reindex(both, fill_value=0).to_numpy(float)
    return (
        counts.reshape(-1, 2, has.shape[1]),
        grouped.size().reindex(both, fill_value=0).to_numpy(float).reshape(-1, 2),
    )


def _change(weights: Any, counts: Any, speeches: Any, towards: Floats) -> float:
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.tensordot(weights, counts, 1) / (weights @ speeches)[:, None]
        alike = shares @ towards / (np.linalg.norm(shares, axis=1) * np.linalg.norm(towards))
    return float(alike[1] - alike[0])
