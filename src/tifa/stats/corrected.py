"""Shares coded by an imperfect classifier, corrected for its known errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy

from tifa.stats.check import as_table, check_level, check_within, counts_in

#: Units of a validation by what classifier and reference say of them.
CELLS = ("tp", "fp", "fn", "tn")


def _beside(table: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """Give each row of the table the validation of its group."""
    missing = [name for name in CELLS if name not in validation.columns]
    if missing:
        raise ValueError(f"the validation has no column {missing[0]!r}")
    keys = [name for name in validation.columns if name not in CELLS]
    unknown = [name for name in keys if name not in table.columns]
    if unknown:
        raise ValueError(f"the validation is by {unknown[0]!r}, a column that the table has not")
    if not keys and len(validation) != 1:
        raise ValueError(f"a validation that names no group has one row, not {len(validation)}")
    if keys and validation.duplicated(keys).any():
        twice = validation.loc[validation.duplicated(keys), keys].iloc[0].to_dict()
        raise ValueError(f"the validation has two rows for {twice}")
    if (validation[list(CELLS)] < 0).any(axis=None):
        raise ValueError("the validation has a negative count")
    if keys:
        return table[keys].merge(validation, how="left", on=keys)[list(CELLS)]
    return pd.DataFrame({name: [validation[name].iloc[0]] * len(table) for name in CELLS})


def corrected_shares(
    table: pd.DataFrame,
    validation: pd.DataFrame,
    *,
    base: str = "sentences",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of units that truly are positive, from the share that a classifier codes positive.

    Rogan and Gladen's estimate takes the classifier's false positives out and adds the positives
    that it misses. The interval is that of Lang and Reiczigel: it knows that the share itself
    and both rates of error come from samples (it adds one success and one failure to the
    positives and to the negatives of the validation, and moves the middle of the interval). It
    takes units for independent of each other, and the coded units for as hard to code as those
    of the validation: sentences of one document, or a validation on other texts, are neither.
    The reference codes must not depend on what the classifier said.

    Parameters
    ----------
    table
        ``n`` (units that the classifier codes positive, a count) and the column that ``base``
        names (all units, a count), one row each, with the columns by which the validation is.
    validation
        Units with reference codes: ``tp`` (positive in both), ``fp`` (only by the classifier),
        ``fn`` (only in the reference) and ``tn`` (in neither), all counts. Its other columns say
        which group it is for, such as ``frame``, one row a group; if it has none, its single row
        is for the whole table.
    base
        The column of ``table`` that holds all units.
    level
        Coverage, about.

    Returns
    -------
    The same rows with ``apparent`` (the share coded positive), ``sensitivity`` and
    ``specificity`` (of the classifier), ``validated`` (units with reference codes, a count),
    ``share`` (corrected), ``clipped`` (whether the correction left the range from 0 to 1 and was
    brought back), ``low`` and ``high``, shares from 0 to 1. Share and interval are missing
    where sensitivity and specificity add up to 1 or less (such a classifier tells nothing), or
    are not known: a group without validation, or one whose validation lacks positives or
    negatives. The interval alone is missing where they do so only after the addition of
    successes and failures, that is, after a very small validation. An interval from 0 to 0 (or
    from 1 to 1) says that table and validation contradict each other.

    Raises
    ------
    ValueError
        For a column that is not there, a negative count, more positives than units, or a group
        with two validations.

    References
    ----------
    Rogan & Gladen (1978), American Journal of Epidemiology 107(1), 71-76; Lang & Reiczigel
    (2014), Preventive Veterinary Medicine 113(1), 13-22; their equation 4 prints 1 + P where
    it means 1 - P, as the manual of R's asht notes (prevSeSp).

    Examples
    --------
    >>> table = pd.DataFrame({"n": [259], "sentences": [509]})
    >>> validation = pd.DataFrame({"tp": [84], "fn": [43], "fp": [13], "tn": [96]})
    >>> result = corrected_shares(table, validation)
    >>> result[["apparent", "share", "low", "high"]].round(2).values.tolist()
    [[0.51, 0.72, 0.58, 0.87]]

    """
    table = as_table(table, ["n", base])
    n, units = counts_in(table, "n"), counts_in(table, base)
    check_within(n, units, "n", base)
    check_level(level)
    cells = _beside(table, validation)
    tp, fp, fn, tn = (cells[name].to_numpy(dtype=float) for name in CELLS)
    z = scipy.stats.norm.isf((1 - level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        apparent, sensitivity, specificity = n / units, tp / (tp + fn), tn / (tn + fp)
        # the estimator over one denominator: whole numbers say without rounding whether the
        # classifier tells anything, and whether the share lies from 0 to 1
        above = (n * (tn + fp) - units * fp) * (tp + fn)
        raw = np.where(tp * tn > fp * fn, above / (units * (tp * tn - fp * fn)), np.nan)
        # the interval stands on the enlarged counts
        more, positives, negatives = units + z**2, tp + fn + 2, tn + fp + 2
        seen, found, spared = (n + z**2 / 2) / more, (tp + 1) / positives, (tn + 1) / negatives
        gain = found + spared - 1
        middle = (seen + spared - 1) / gain
        missed = found * (1 - found) / positives
        alarms = spared * (1 - spared) / negatives
        shift = 2 * z**2 * (middle * missed - (1 - middle) * alarms)
        variance = seen * (1 - seen) / more + middle**2 * missed + (1 - middle) ** 2 * alarms
        margin = z * np.sqrt(variance) / gain
        sides = [middle + shift - margin, middle + shift + margin]
    known = ~np.isnan(raw) & ((tp + 1) * (tn + 1) > (fp + 1) * (fn + 1))
    low, high = (np.where(known, np.clip(side, 0, 1), np.nan) for side in sides)
    return table.assign(
        apparent=apparent,
        sensitivity=sensitivity,
        specificity=specificity,
        validated=tp + fp + fn + tn,
        share=np.clip(raw, 0, 1),
        clipped=(raw < 0) | (raw > 1),
        low=low,
        high=high,
    )
