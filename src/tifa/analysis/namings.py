"""Estimate how probably a text has a phrase, given how often it names the phrase's subject."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

#: Bounds of classes of texts by how often they name the subject: 1, 2, 3-4, 5 or more times.
CLASSES = (0, 1, 2, 4, np.inf)


def at_rates_of(
    namings: pd.Series[Any],
    theirs: pd.Series[Any],
    saying: Collection[str],
    classes: Sequence[float] = CLASSES,
) -> pd.Series[float]:
    """Estimate how probably each text has a phrase, given other texts that name its subject.

    ``namings`` has, by id, how often each text names the subject of the phrase, ``theirs`` the same
    for the other texts; ``saying`` has the ids of the other texts with the phrase; ``classes`` are
    the bounds of classes of such numbers, the lower bounds exclusive. Returns for each text of
    ``namings`` the share, from 0 to 1, of the other texts in its class that have the phrase;
    missing if no other text is in its class.

    >>> theirs = pd.Series({"a": 1, "b": 1, "c": 9})
    >>> at_rates_of(pd.Series({"x": 1, "y": 12}), theirs, {"b", "c"}).tolist()
    [0.5, 1.0]
    """
    says = theirs.index.to_series().isin(list(saying))
    rates = says.groupby(pd.cut(theirs, classes, labels=False)).mean()
    return pd.cut(namings, classes, labels=False).map(rates)
