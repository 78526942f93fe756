"""Compare predicted codes with those of annotators, by precision, recall and F1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import FEWEST, SEED, percentile_interval, resampled_sums
from tifa.stats.check import Floats, as_table

#: Smallest number of positive units for a frame to be included in a mean.
LEAST_POSITIVES = 10

_CELLS = ["tp", "fp", "fn", "tn"]


def _checked(decisions: pd.DataFrame, keys: Sequence[str], cluster: str | None) -> pd.DataFrame:
    """Check the decisions, and add columns of 0 and 1: true positive, false positive, and so on."""
    columns = ["unit", "truth", "predicted", *keys, *([cluster] if cluster else [])]
    decisions = as_table(decisions, columns)
    for column in columns:
        if decisions[column].isna().any():
            raise ValueError(f"{int(decisions[column].isna().sum())} rows have no {column!r}")
    for column in ("truth", "predicted"):
        for wrong in decisions.loc[~decisions[column].isin([0, 1]), column]:
            raise ValueError(f"{column} is {wrong!r}, expected 0 or 1")
    for first in decisions.loc[decisions.duplicated(["unit", *keys]), ["unit", *keys]].to_numpy():
        raise ValueError(f"two rows for {first.tolist()}; is a column missing in the grouping?")
    truth, predicted = decisions["truth"].astype(int), decisions["predicted"].astype(int)
    return decisions.assign(
        tp=truth * predicted,
        fp=(1 - truth) * predicted,
        fn=truth * (1 - predicted),
        tn=(1 - truth) * (1 - predicted),
    )


def _ratio(over: Floats, under: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(under > 0, over / under, np.nan))


def _measures(tp: Floats, fp: Floats, fn: Floats) -> dict[str, Floats]:
    """Return precision, recall and F1; they are missing where the denominator is 0."""
    return {
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
    }


def classification_scores(
    decisions: pd.DataFrame,
    *,
    by: str | Sequence[str] = "frame",
    cluster: str | None = None,
    draws: int = 2000,
) -> pd.DataFrame:
    """Compute precision, recall and F1 with 95 % bootstrap intervals.

    The bootstrap draws units with replacement. If ``cluster`` is given, it draws whole clusters
    with all their units, because the sentences of one document, for example, resemble each other.
    A measure that is 1 in every draw has an interval without width, although errors are possible.

    ``decisions`` has ``unit``, ``truth`` and ``predicted`` (0 or 1), one row per decision. The
    groups that the columns ``by`` define, such as ``["model", "frame"]``, are scored and resampled
    separately; ``cluster`` is the column with the clusters, such as ``doc_id``.

    Returns one row per group: the columns of ``by``; the counts ``tp``, ``fp``, ``fn`` and ``tn``;
    ``precision`` (missing if no unit is predicted), ``recall`` (missing if no unit is true) and
    ``f1`` (missing if no unit is either), from 0 to 1, each with ``_low`` and ``_high`` (missing
    with fewer than ten clusters or, without ``cluster``, units); ``units`` (decisions),
    ``resampled`` (the column that was resampled), ``clusters`` (number of distinct values in it)
    and ``draws``. Draws in which a measure is missing are left out of its interval.

    Raises ValueError for a missing column or value, a code other than 0 and 1, or two decisions on
    one unit in a group.

    van Rijsbergen (1979), Information Retrieval, chapter 7; Efron & Tibshirani (1993), An
    Introduction to the Bootstrap, chapter 13.

    >>> decisions = pd.DataFrame({"unit": range(4), "frame": "health",
    ...                           "truth": [1, 1, 1, 0], "predicted": [1, 1, 0, 1]})
    >>> classification_scores(decisions)[["tp", "fp", "fn", "tn", "f1"]].round(3).values.tolist()
    [[2.0, 1.0, 1.0, 0.0, 0.667]]
    """
    keys = [by] if isinstance(by, str) else list(by)
    table = _checked(decisions, keys, cluster)
    unit = cluster or "unit"
    rows = []
    for name, group in table.groupby(keys, observed=True):
        cells = group.groupby(unit)[_CELLS].sum().to_numpy(dtype=float)
        total = cells.sum(axis=0)
        row: dict[str, object] = dict(zip(keys, name, strict=True))
        row |= {cell: int(n) for cell, n in zip(_CELLS, total, strict=True)}
        drawn = _drawn(cells[:, :3], draws)
        limits = _measures(*drawn.T)
        for measure, value in _measures(*total[:3]).items():
            low, high = _limits(limits[measure])
            row |= {measure: float(value), f"{measure}_low": low, f"{measure}_high": high}
        about = {"units": len(group), "resampled": unit, "clusters": len(cells)}
        rows.append(row | about | {"draws": len(drawn)})
    return pd.DataFrame(rows)


def _drawn(cells: Floats, draws: int) -> Floats:
    """Return the sums of cells in each bootstrap draw; no rows for fewer than ten clusters."""
    return cells[:0] if len(cells) < FEWEST else resampled_sums(cells, draws=draws, seed=SEED)


def _limits(replicates: Floats) -> list[float]:
    return [float(limit[0]) for limit in percentile_interval(replicates[:, None], 0.95)]


def _macro(table: pd.DataFrame, unit: str, draws: int) -> tuple[float, Floats]:
    """Return the macro F1 of one group, and its bootstrap replicates."""
    if table.empty:
        return np.nan, np.array([])
    sums = table.groupby([unit, "frame"], observed=True)[_CELLS[:3]].sum()
    # columns: tp of every frame, then fp, then fn
    cells = sums.unstack(fill_value=0).to_numpy(dtype=float)
    value = _measures(*np.split(cells.sum(axis=0), 3))["f1"].mean()
    # a draw in which any frame has no F1 has no mean
    drawn = _measures(*np.split(_drawn(cells, draws), 3, axis=1))["f1"].mean(axis=1)
    return float(value), drawn


def _with_frequent_frames(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return the decisions on frames with at least this many positive units."""
    return table[table.groupby("frame", observed=True)["truth"].transform("sum") >= least]


def _about(kept: pd.DataFrame, unit: str, replicates: Floats) -> dict[str, object]:
    """Return the columns that follow an estimate: its interval, and what was resampled."""
    low, high = _limits(replicates)
    return {
        "low": low,
        "high": high,
        "frames": kept["frame"].nunique(),
        "units": kept["unit"].nunique(),
        "resampled": unit,
        "clusters": kept[unit].nunique(),
        "draws": len(replicates),
        "undefined": int(np.isnan(replicates).sum()),
    }


def macro_f1(
    decisions: pd.DataFrame,
    *,
    by: str | None = None,
    least: int = LEAST_POSITIVES,
    cluster: str | None = None,
    draws: int = 2000,
) -> pd.DataFrame:
    """Compute the mean F1 over frames, with a 95 % bootstrap interval.

    Units are drawn with their decisions on all frames, because these decisions are not independent.
    The mean is over the frames with ``least`` positive units or more in the group, so every draw
    has the same frames. ``decisions``, ``cluster`` and the errors raised are as for
    :func:`classification_scores`, with the frames in a column ``frame``; ``by`` is a single column,
    such as ``model``.

    Returns one row per group: the column ``by``, ``macro_f1``, ``low``, ``high`` (0 to 1; the
    limits are missing for fewer than ten clusters, and all three if the mean includes no frame),
    ``frames`` (how many the mean includes), ``units`` (with a decision on any of these frames),
    ``resampled``, ``clusters``, ``draws`` and ``undefined`` (draws in which a frame has neither a
    true nor a predicted unit, left out of the interval).

    Sokolova & Lapalme (2009), Information Processing & Management 45(4), 427-437, on averages over
    classes.

    >>> decisions = pd.DataFrame({"unit": [1, 2, 1, 2], "frame": ["x", "x", "y", "y"],
    ...                           "truth": [1, 0, 1, 1], "predicted": [1, 1, 1, 1]})
    >>> macro_f1(decisions, least=1)["macro_f1"].round(3).tolist()
    [0.833]
    """
    table = _checked(decisions, ["frame", *([by] if by else [])], cluster)
    unit = cluster or "unit"
    rows = []
    for name, group in table.groupby(by, observed=True) if by else [(None, table)]:
        kept = _with_frequent_frames(group, least)
        value, replicates = _macro(kept, unit, draws)
        row = {by: name} if by else {}
        rows.append(row | {"macro_f1": value} | _about(kept, unit, replicates))
    return pd.DataFrame(rows)


def macro_f1_difference(
    decisions: pd.DataFrame,
    first: str,
    second: str,
    *,
    least: int = LEAST_POSITIVES,
    cluster: str | None = None,
    draws: int = 2000,
) -> pd.DataFrame:
    """Compute the macro F1 of one model minus that of another, with a paired bootstrap interval.

    Every draw scores both models on the same units, so units that are hard for both models do not
    widen the interval. ``first`` and ``second`` are values of the column ``model``; all else is as
    for :func:`macro_f1`. Also raises ValueError for an unknown model, or if the two models did not
    code the same units and frames, or have different values of ``truth``.

    Returns one row: ``first``, ``second`` (names), ``first_f1``, ``second_f1`` (macro F1),
    ``difference``, and ``low``, ``high`` and the other columns of :func:`macro_f1`.

    Efron & Tibshirani (1993), chapter 8; Berg-Kirkpatrick, Burkett & Klein (2012), EMNLP-CoNLL,
    995-1005, on the comparison of models on one test set.

    >>> decisions = pd.DataFrame({"model": ["a"] * 2 + ["b"] * 2, "unit": [1, 2] * 2,
    ...                           "frame": "x", "truth": [1, 0] * 2, "predicted": [1, 0, 1, 1]})
    >>> macro_f1_difference(decisions, "a", "b", least=1)["difference"].round(3).tolist()
    [0.333]
    """
    table = _checked(decisions, ["frame", "model"], cluster)
    unit = cluster or "unit"
    pair = {name: table[table["model"] == name] for name in (first, second)}
    for name, part in pair.items():
        if part.empty:
            raise ValueError(f"no model {name!r}, there is {sorted(set(table['model']))}")
    asked = [
        part.set_index(["unit", "frame"])[["truth", *([cluster] if cluster else [])]].sort_index()
        for part in pair.values()
    ]
    if not asked[0].equals(asked[1]):
        raise ValueError(f"{first!r} and {second!r} were not asked the same units and frames")
    # both have the same frames, because their truth is the same; and both get the same draws,
    # because these depend only on the seed and the number of units
    kept, other = (_with_frequent_frames(part, least) for part in pair.values())
    (one, drawn), (two, drawn_too) = (_macro(part, unit, draws) for part in (kept, other))
    row = {"first": first, "second": second, "first_f1": one, "second_f1": two}
    row["difference"] = one - two
    return pd.DataFrame([row | _about(kept, unit, drawn - drawn_too)])
