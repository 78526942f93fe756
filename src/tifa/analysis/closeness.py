"""Do some states come closer to a speaker's profile of formulations than others do?

The profile of a group is the share of its speeches that have each formulation. Two profiles are
compared by their cosine: 1 where they are in proportion, 0 where they share no formulation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import SEED
from tifa.stats.check import Floats
from tifa.util.errors import TifaError


class Approach(NamedTuple):
    """Change of the cosine in one group minus that in the other, with its 95% interval."""

    apart: float
    low: float
    high: float


def approach(
    speeches: pd.DataFrame, has: pd.DataFrame, profile: pd.Series[Any], *, draws: int = 999
) -> Approach:
    """Compare how much two groups of states move towards a profile, from earlier to later speeches.

    ``speeches`` has one row per speech: ``country``, ``inside`` (whether the state is in the first
    group) and ``late`` (whether the speech is in the later period). ``has`` has the same rows in
    the same order, and a column per formulation: 1 if the speech has it, else 0. ``profile`` has
    for each formulation the share of the speaker's speeches with it.

    States are resampled with all their speeches, ``draws`` times, separately in each group; draws
    in which a group has no speech of a period, or none with a formulation, are left out. With five
    states in a group, as with the founders of the SCO, such an interval is too narrow. Raises
    TifaError if a group has no speech with a formulation in one of the periods.
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
    """Count speeches by state and period: those with each formulation, and all.

    The arrays have the shapes (states, 2, formulations) and (states, 2).
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
