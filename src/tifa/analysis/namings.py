"""Estimate from other texts how likely a text is to have a phrase.

A text that names the subject of the phrase more often is more likely to have the phrase. So a text
is compared only with texts that name the subject about as often.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

#: Bounds of the classes: texts that name the subject 1, 2, 3-4, and 5 or more times.
CLASSES = (0, 1, 2, 4, np.inf)


def at_rates_of(
    namings: pd.Series[Any],
    theirs: pd.Series[Any],
    saying: Collection[str],
    classes: Sequence[float] = CLASSES,
) -> pd.Series[float]:
    """Return for each text the share of comparable other texts that have a phrase.

    ``namings`` has, by id, how often each text names the subject of the phrase; ``theirs`` has the
    same for the other texts. ``saying`` has the ids of the other texts that have the phrase. Texts
    are comparable if they are in the same class. ``classes`` are the bounds of the classes; a class
    includes its upper bound, but not its lower bound. Returns a share from 0 to 1 for each text in
    ``namings``; it is missing if no other text is in the same class, or if the text is in no class,
    because it never names the subject.

    >>> theirs = pd.Series({"a": 1, "b": 1, "c": 9})
    >>> at_rates_of(pd.Series({"x": 1, "y": 12}), theirs, {"b", "c"}).tolist()
    [0.5, 1.0]
    """
    says = theirs.index.to_series().isin(list(saying))
    rates = says.groupby(pd.cut(theirs, classes, labels=False)).mean()
    return pd.cut(namings, classes, labels=False).map(rates)
