"""Compare the share of documents with a phrase between phrases, between years or between groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import SEED, percentile_interval, resampled_sums
from tifa.stats.check import Floats
from tifa.stats.jackknife import jackknife
from tifa.stats.shares import exact_share_interval


def spoken_since(
    documents: pd.DataFrame, hits: pd.DataFrame, phrases: pd.DataFrame, *, years: int
) -> pd.DataFrame:
    """Compute how often speakers who name a place also use the phrase that is named after it.

    So that old and new phrases are compared at the same age, each phrase is counted in its first
    ``years`` years, beginning with the year in which it was coined. Documents of one country
    resemble each other, so the interval is for a share of countries: among the countries that name
    the place, those that use the phrase at least once.

    ``documents`` has ``doc_id``, ``country`` and ``year``; ``hits`` has ``doc_id`` and ``entry``;
    ``phrases`` has ``phrase`` and ``place`` (ids of entries) and ``coined`` (a year). Returns
    ``phrases`` with these columns added: ``first`` and ``last`` (the years counted), ``n``
    (documents with place and phrase), ``documents`` (with the place), ``share`` (``n`` divided by
    ``documents``), ``n_countries`` (countries of the documents in ``n``), ``countries`` (countries
    of all documents with the place), ``low`` and ``high`` (exact 95 % limits for the share of
    countries, from 0 to 1).
    """
    having = hits.groupby("entry")["doc_id"].agg(set)
    rows = []
    for row in phrases.to_dict("records"):
        first, last = int(row["coined"]), int(row["coined"]) + years - 1
        inside = documents["year"].between(first, last)
        base = documents[inside & documents["doc_id"].isin(having.get(row["place"], set()))]
        spoken = base[base["doc_id"].isin(having.get(row["phrase"], set()))]
        n, size = spoken["country"].nunique(), base["country"].nunique()
        low, high = exact_share_interval(n, size) if size else (0.0, 1.0)
        rows.append(
            {
                **row,
                "first": first,
                "last": last,
                "n": len(spoken),
                "documents": len(base),
                "share": len(spoken) / len(base) if len(base) else np.nan,
                "n_countries": n,
                "countries": size,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def block_changes(
    documents: pd.DataFrame, having: Iterable[str], *, size: int, first: int, last: int
) -> pd.DataFrame:
    """Compare how many documents have a phrase in each block of years and in the next block.

    A block has ``size`` years. Blocks may begin in any year, and all pairs of neighbouring blocks
    from ``first`` to ``last`` are compared, because a single pair could be picked to show a rise.
    ``documents`` has ``doc_id`` and ``year``; ``having`` are the ids of documents with the phrase.

    Returns one row per pair: ``begins`` (first year of the earlier block), ``turns`` (first year of
    the later block), ``before`` and ``after`` (shares of documents, from 0 to 1) and ``change``
    (their difference). A pair is left out if one of its blocks has no documents.
    """
    has = documents["doc_id"].isin(set(having))
    yearly = has.groupby(documents["year"]).agg(["sum", "size"])
    yearly = yearly.reindex(range(first, last + 1), fill_value=0)
    rows = []
    for begins in range(first, last - 2 * size + 2):
        turns = begins + size
        earlier = yearly.loc[begins : turns - 1].sum()
        later = yearly.loc[turns : turns + size - 1].sum()
        if earlier["size"] and later["size"]:
            before, after = earlier["sum"] / earlier["size"], later["sum"] / later["size"]
            rows.append((begins, turns, before, after, after - before))
    return pd.DataFrame(rows, columns=["begins", "turns", "before", "after", "change"])


def share_difference(
    documents: pd.DataFrame,
    having: Iterable[str],
    one: pd.Series[bool],
    other: pd.Series[bool],
    **options: Any,
) -> tuple[float, float, float]:
    """Return the share of documents with a phrase in one group minus the share in another.

    The limits come from a bootstrap that draws whole countries: a country is always drawn with its
    documents in both groups, so what is specific to the country cancels out. ``documents`` has
    ``doc_id`` and ``country``; ``having`` are the ids of documents with the phrase; ``one`` and
    ``other``, indexed like ``documents``, say which documents are in each group. Options are those
    of :func:`rate_difference`. Returns the difference, its lower and its upper limit (95 %), as
    proportions.

    Field & Welsh (2007), Journal of the Royal Statistical Society B 69(3), 369-390.
    """
    table = documents.assign(n=documents["doc_id"].isin(set(having)), of=1)
    return rate_difference(table, one, other, **options)


def rate_difference(
    table: pd.DataFrame,
    one: pd.Series[bool],
    other: pd.Series[bool],
    *,
    cluster: str = "country",
    classes: str | None = None,
    draws: int = 1999,
    few: bool = False,
) -> tuple[float, float, float]:
    """Return the rate of one group of rows minus the rate of another, with 95 % limits.

    ``table`` has ``n`` (a count, such as hits), ``of`` (its base, such as words) and the column
    named by ``cluster``. The rate of a group is the sum of ``n`` divided by the sum of ``of``;
    ``one`` and ``other`` say which rows are in each group. If ``classes`` names a column, the
    groups are compared within each of its values, and the differences are averaged, weighted by the
    sum of ``of`` in both groups. A value without a base in one of the groups is left out.

    The limits come from a bootstrap over clusters, as in :func:`share_difference`. With about a
    dozen clusters such limits would be too narrow; set ``few`` to use :func:`tifa.stats.jackknife`.

    >>> texts = pd.DataFrame({"n": [0, 0, 3, 6], "of": 100, "country": list("ABAB")})
    >>> late = pd.Series([False, False, True, True])
    >>> tuple(round(x, 6) for x in rate_difference(texts, late, ~late))
    (0.045, 0.03, 0.06)
    >>> texts = texts.assign(n=[0, 2, 2, 2], of=2, kind=["short", "long", "long", "long"])
    >>> [rate_difference(texts, late, ~late, classes=kind)[0] for kind in (None, "kind")]
    [0.5, 0.0]
    """
    kept = one | other
    class_of = pd.Series(0, table.index) if classes is None else table[classes]
    columns = {
        (band, side, what): table[what] * (mask & (class_of == band))
        for band in np.unique(class_of[kept])
        for side, mask in enumerate((one, other))
        for what in ("n", "of")
    }
    grouped = pd.DataFrame(columns)[kept].groupby(table.loc[kept, cluster])
    sums = grouped.sum().to_numpy(dtype=float)

    def apart(sums: Floats) -> Floats:
        both = sums.reshape(len(sums), -1, 2, 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = np.ma.masked_invalid(both[..., 0] / both[..., 1])
        sizes = both[..., 1].sum(axis=2)
        averaged: Any = np.ma.average(rates[..., 0] - rates[..., 1], axis=1, weights=sizes)
        return np.ma.filled(averaged, np.nan)

    if few:
        return jackknife(sums, apart)
    drawn = apart(resampled_sums(sums, draws=draws, seed=SEED))
    low, high = percentile_interval(drawn[:, None], 0.95)
    return float(apart(sums.sum(axis=0, keepdims=True))[0]), float(low[0]), float(high[0])
