"""Estimate the precision of entries: the share of hits that are really the formulation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tifa.stats.shares import shares
from tifa.util.data_folder import data_folder


def precision(*, data: Path | None = None) -> pd.DataFrame:
    """Estimate the precision of entries from hits that were read and judged one by one.

    Returns one row per corpus and entry: ``corpus``, ``entry``, ``n`` (hits that are right),
    ``documents`` (hits that were read; named as in other tables of shares), ``share``, ``low`` and
    ``high`` (Wilson interval, 95 %).

    >>> table = precision().set_index(["corpus", "entry"])
    >>> int(table.loc[("xwlb", "shanghai-spirit"), "documents"])
    50
    """
    read = pd.read_csv((data or data_folder()) / "annotations" / "precision.csv")
    counted = read.groupby(["corpus", "entry"], sort=False)["right"].agg(n="sum", documents="size")
    return shares(counted.reset_index())
