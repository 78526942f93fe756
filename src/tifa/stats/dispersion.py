"""Measures of dispersion: how evenly an entry is spread over the parts of a corpus."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tifa.stats.check import as_table, counts_in

#: Smallest number of hits for which dispersion is computed.
LEAST = 10


def dispersion(table: pd.DataFrame, *, least: int = LEAST) -> pd.DataFrame:
    """Compute the dispersion of each entry over the parts of a corpus, by several measures.

    The measures are range, DP, DPnorm and Juilland's D. DP is half the sum of the absolute
    differences between each part's share of the hits and its share of the words: 0 if hits are
    spread like the words. DPnorm is DP divided by its greatest possible value, which is 1 minus the
    share of the smallest part (Lijffijt & Gries 2012, who correct Gries 2008, 419; Egbert et al.
    2020, 99, use the smallest part with a hit). Juilland's D is 1 if all parts have the same rate.
    It is computed here from rates instead of raw counts, because parts differ in length, and with
    the population standard deviation (as in Carroll 1970).

    ``table`` has ``entry``, ``n`` (hits) and ``words``, one row per entry and part (a document, a
    year), parts without a hit included; parts without words are left out.

    Returns one row per entry: ``n`` (hits), ``parts`` (how many), ``range`` (number of parts with a
    hit), ``dp`` (0: even, at most 1), ``dp_norm`` (0: even, 1: as uneven as possible) and
    ``juilland_d`` (1: even). The last three are missing with fewer than ``least`` hits, because
    they would mostly show chance, and with a single part, where there is no spread.

    Raises ValueError for a missing column, a negative or missing count, or hits in a part without
    words.

    Gries (2008), International Journal of Corpus Linguistics 13(4), 403-437; Lijffijt & Gries
    (2012), the same journal 17(1), 147-149; Juilland & Chang-Rodríguez (1964), Frequency Dictionary
    of Spanish Words; Carroll (1970), ETS Research Bulletin Series 1970(2), i-15.

    >>> table = pd.DataFrame({"entry": "a", "n": [20, 10, 0], "words": [500, 500, 500]})
    >>> dispersion(table)[["range", "dp", "dp_norm"]].round(2).values.tolist()
    [[2.0, 0.33, 0.5]]
    """
    table = as_table(table, ["entry", "n", "words"])
    if ((counts_in(table, "n") > 0) & (counts_in(table, "words") == 0)).any():
        raise ValueError("there are hits in a part without words")
    parts = table.loc[table["words"] > 0].astype({"n": float, "words": float})
    total = parts.groupby("entry", observed=True)[["n", "words"]].transform("sum")
    expected = parts["words"] / total["words"]
    parts = parts.assign(
        expected=expected,
        difference=(parts["n"] / total["n"].where(total["n"] > 0) - expected).abs(),
        rate=parts["n"] / parts["words"],
        has=parts["n"] > 0,
    )
    groups = parts.groupby("entry", observed=True)
    result = groups.agg(n=("n", "sum"), parts=("n", "size"), range=("has", "sum")).astype(int)
    measured = (result["n"] >= max(least, 1)) & (result["parts"] > 1)
    dp = (groups["difference"].sum() / 2).where(measured)
    greatest = 1 - groups["expected"].min()
    variation = groups["rate"].std(ddof=0) / groups["rate"].mean().where(measured)
    spread = np.sqrt((result["parts"] - 1).where(measured))
    return result.assign(
        dp=dp, dp_norm=dp / greatest, juilland_d=1 - variation / spread
    ).reset_index()
