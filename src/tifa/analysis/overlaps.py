"""Hits of different entries that overlap: each counts, or only the longest."""

from __future__ import annotations

import warnings
from typing import Literal

import pandas as pd

#: "nested": hits of different entries each count, also one inside another. "longest": of hits that
#: share a word, the longest counts. As nested_scope "key" and "dictionary" in quanteda.
Overlaps = Literal["nested", "longest"]


def longest_hits(hits: pd.DataFrame) -> pd.DataFrame:
    """Keep the longest of hits (rows of ``corpus.hits``) that share a word, whatever their entry.

    Of equally long ones, the first in the text is kept; at one place, the first in the table. A hit
    without a published position is kept, with a warning: it is unknown what it overlaps.

    >>> hits = pd.DataFrame(
    ...     {"entry": ["trust", "mutual-trust", "trust"], "doc_id": "a",
    ...      "position": [4, 3, 9], "words": [1, 2, 1]})
    >>> longest_hits(hits)["entry"].tolist()
    ['mutual-trust', 'trust']
    """
    placed = hits["position"].notna() & hits["words"].notna()
    if unplaced := int((~placed).sum()):
        warnings.warn(
            f"{unplaced:,} hits have no published position: counted as if they overlapped nothing",
            stacklevel=3,
        )
    order = (
        hits[placed].assign(long=-hits["words"]).sort_values(["long", "position"], kind="stable")
    )
    taken: set[tuple[str, int]] = set()
    kept = []
    for row, doc_id, start, words in zip(
        order.index, order["doc_id"], order["position"], order["words"], strict=True
    ):
        places = {(doc_id, place) for place in range(int(start), int(start) + int(words))}
        if taken.isdisjoint(places):
            taken |= places
            kept.append(row)
    return hits[~placed | hits.index.isin(kept)]
