"""Compute rates and shares over documents, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from tifa.stats.check import Floats, as_table, check_level, counts_in
from tifa.stats.rates import PER

#: Smallest number of documents or clusters for a bootstrap.
FEWEST = 10
#: Seed of every bootstrap, unless another is given.
SEED = 20200822
#: Largest number of weights (draws times units) in memory at once.
_CELLS = 4_000_000


def resampled_counts(units: int, *, draws: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Draw units with replacement, and yield arrays of how often each unit was drawn.

    Each array has one row per draw and one column per unit; to limit memory, it may have only some
    of the draws. The draws depend only on the number of units and the seed.

    >>> [piece.sum(axis=1).tolist() for piece in resampled_counts(10, draws=3, seed=1)]
    [[10, 10, 10]]
    """
    step = max(1, _CELLS // units)
    if draws <= step:
        yield _draw_once(units, draws, seed)
        return
    generator = np.random.default_rng(seed)
    for start in range(0, draws, step):
        yield _draw(generator, units, min(step, draws - start))


def _draw(generator: np.random.Generator, units: int, draws: int) -> npt.NDArray[np.int64]:
    return generator.multinomial(units, np.full(units, 1 / units), size=draws)


@lru_cache(maxsize=2)
def _draw_once(units: int, draws: int, seed: int) -> npt.NDArray[np.int64]:
    """Return all draws in one array, which is cached because it is often needed again."""
    drawn = _draw(np.random.default_rng(seed), units, draws)
    drawn.setflags(write=False)
    return drawn


def resampled_sums(sums: Floats, *, draws: int, seed: int) -> Floats:
    """Draw rows of ``sums`` (one per unit) with replacement, and return their sum in each draw."""
    resampled = resampled_counts(len(sums), draws=draws, seed=seed)
    return np.concatenate([times.astype(float) @ sums for times in resampled])


def percentile_interval(replicates: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the lower and upper limits of the percentile interval of each column of replicates.

    ``replicates`` has one row per draw; ``level`` is the approximate coverage. Draws that are NaN
    are left out; if all are, the limits are NaN.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    >>> low, high = percentile_interval(np.arange(101.0)[:, None], 0.9)
    >>> low.round(6).tolist(), high.round(6).tolist()
    ([5.0], [95.0])
    """
    limits = np.full((2, replicates.shape[1]), np.nan)
    defined = ~np.isnan(replicates).all(axis=0)
    tail = (1 - level) / 2
    if defined.any():
        limits[:, defined] = np.nanquantile(replicates[:, defined], [tail, 1 - tail], axis=0)
    return limits[0], limits[1]


class Resampling(TypedDict, total=False):
    """Options of a bootstrap.

    ``cluster``: column with the clusters to resample, such as ``country`` (by default ``doc_id``);
    ``by``: columns that define groups, each resampled separately (by default ``entry``, if there is
    such a column); ``draws``: number of samples (2000); ``seed``: seed of the random numbers
    (:data:`SEED`); ``level``: the approximate coverage (0.95).
    """

    cluster: str | None
    by: str | Sequence[str] | None
    draws: int
    seed: int
    level: float


def _bootstrap(
    table: pd.DataFrame,
    over: str,
    under: str,
    *,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    draws: int = 2000,
    seed: int = SEED,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compute the ratio of the sums of two columns in each group, with a bootstrap interval."""
    unit = cluster or "doc_id"
    table = as_table(table, (unit, over, under))
    # a document has a row for each entry, so without groups its words would be added several times
    if by is None:
        by = ["entry"] if "entry" in table.columns else []
    keys = [by] if isinstance(by, str) else list(by)
    as_table(table, keys)
    counts_in(table, over)
    counts_in(table, under)
    check_level(level)
    if table[unit].isna().any():
        raise ValueError(f"{int(table[unit].isna().sum())} rows have no {unit!r}")
    # groupby sorts, so the order of the rows does not matter
    sums = table.groupby([*keys, unit], observed=True)[[over, under]].sum().astype(float)
    groups = list(sums.groupby(level=list(range(len(keys))))) if keys else [("the table", sums)]
    for name, group in groups:
        if len(group) < FEWEST:
            raise ValueError(
                f"{name}: {len(group)} different values of {unit!r}; a bootstrap over fewer than"
                f" {FEWEST} says nothing"
            )
    ratio, low, high = (np.full(len(groups), np.nan) for _ in range(3))
    sizes = np.array([len(group) for _, group in groups])
    # groups with the same number of units have the same draws, so their sums are computed together
    for size in np.unique(sizes):
        here = np.flatnonzero(sizes == size)
        above = np.column_stack([groups[i][1][over].to_numpy() for i in here])
        below = np.column_stack([groups[i][1][under].to_numpy() for i in here])
        pieces = []
        with np.errstate(invalid="ignore", divide="ignore"):
            for times in resampled_counts(int(size), draws=draws, seed=seed):
                weights = times.astype(float)
                bottom = weights @ below
                pieces.append(np.where(bottom > 0, (weights @ above) / bottom, np.nan))
            total = below.sum(axis=0)
            ratio[here] = np.where(total > 0, above.sum(axis=0) / total, np.nan)
        low[here], high[here] = percentile_interval(np.concatenate(pieces), level)
    if keys:
        result = table.groupby(keys, observed=True)[[over, under]].sum().reset_index()
    else:
        result = table[[over, under]].sum().to_frame().T
    return result.assign(
        ratio=ratio, low=low, high=high, units=sizes, resampled=unit, draws=draws, level=level
    )


def bootstrap_rates(
    table: pd.DataFrame, *, per: float = PER, **options: Unpack[Resampling]
) -> pd.DataFrame:
    """Compute rates over documents, with percentile intervals from a bootstrap.

    The bootstrap draws documents with replacement. If ``cluster`` is given, it draws whole clusters
    with all their documents: the speeches of one country, for example, are not independent. The
    rate is the sum of hits divided by the sum of words, so long documents weigh more. The draws
    depend only on the seed and the number of units, not on the order of the rows or on other
    groups.

    ``table`` has ``n`` (hits), ``words`` and the columns that the ``options`` (:class:`Resampling`)
    name, one row per document or cluster in each group, zeros included. Rates are per ``per``
    words.

    Returns one row per group: the columns of ``by``, ``n``, ``words``, ``rate``, ``low``, ``high``
    (missing without words), ``units`` (how many documents or clusters were resampled),
    ``resampled`` (the column that names them), ``draws`` and ``level``.

    Raises ValueError for fewer than ten units in a group, a missing column, count or unit, a
    negative count, or a level that is not between 0 and 1.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13; for whole clusters
    Field & Welsh (2007), Journal of the Royal Statistical Society B 69(3), 369-390.

    >>> table = pd.DataFrame({"doc_id": range(12), "n": [0, 1, 2] * 4, "words": [500] * 12})
    >>> bootstrap_rates(table)[["n", "words", "rate", "units"]].values.tolist()
    [[12.0, 6000.0, 20.0, 12.0]]
    """
    result = _bootstrap(table, "n", "words", **options)
    for name in ("ratio", "low", "high"):
        result[name] *= per
    return result.rename(columns={"ratio": "rate"})


def bootstrap_shares(table: pd.DataFrame, **options: Unpack[Resampling]) -> pd.DataFrame:
    """Compute the share of documents with a property, with an interval from a bootstrap.

    For a share of 0 or 1 this interval has no width: use ``tifa.stats.exact_share_interval``.
    ``table`` has ``docs`` (how many documents have the property) and ``documents`` (how many there
    are), one row per document or cluster. Options, errors, sources and returned
    columns are those of :func:`bootstrap_rates`, but the columns ``docs``, ``documents`` and
    ``share`` (0 to 1) replace ``n``, ``words`` and ``rate``.

    >>> countries = pd.DataFrame({"country": range(10), "docs": [1, 0] * 5, "documents": [2] * 10})
    >>> bootstrap_shares(countries, cluster="country")["share"].tolist()
    [0.25]
    """
    return _bootstrap(table, "docs", "documents", **options).rename(columns={"ratio": "share"})
