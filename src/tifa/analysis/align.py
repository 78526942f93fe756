"""Align the sentences of two documents that report the same event."""

from __future__ import annotations

import pandas as pd
from scipy.optimize import linear_sum_assignment


def threshold(similarity: pd.DataFrame, *, measure: str = "cosine") -> float:
    """Return the similarity above which two sentences count as saying the same thing.

    The threshold is the greatest similarity between two sentences *within* one document. Such
    sentences say different things, though about the same subject and in the same style. Two
    sentences that say the same thing must therefore be more similar than that. If no document has
    two sentences, the threshold is 0. ``measure`` is the column of ``similarity`` to use.
    """
    within = similarity[similarity["doc_id"] == similarity["other_doc_id"]]
    return float(within[measure].max()) if len(within) else 0.0


def align(
    similarity: pd.DataFrame, one: str, other: str, *, measure: str = "cosine", above: float
) -> pd.DataFrame:
    """Pair those sentences of two documents whose similarity is greater than a threshold.

    A sentence may have several partners, because one document may say in one sentence what the
    other says in two. The best pairs are marked. They come from the assignment that gives each
    sentence at most one partner and has the greatest sum of similarities (Kuhn 1955, Naval Research
    Logistics Quarterly 2(1-2), 83-97).

    Returns one row per pair whose similarity is greater than ``above``: ``sentence`` (its number in
    the document ``one``), ``other_sentence`` (its number in the document ``other``), the similarity
    (in a column named after ``measure``), and ``kind``: "best" (a pair of the assignment) or "also"
    (any other pair).
    """
    across = similarity[similarity["doc_id"].isin([one, other])]
    across = across[across["other_doc_id"].isin([one, other])]
    across = across[across["doc_id"] != across["other_doc_id"]]
    turned = across["doc_id"] == other
    pairs = pd.DataFrame(
        {
            "sentence": across["sentence"].where(~turned, across["other_sentence"]),
            "other_sentence": across["other_sentence"].where(~turned, across["sentence"]),
            measure: across[measure],
        }
    )
    matrix = pairs.pivot(index="sentence", columns="other_sentence", values=measure)
    rows, columns = linear_sum_assignment(matrix.to_numpy(), maximize=True)
    left, right = matrix.index.to_list(), matrix.columns.to_list()
    best = {(left[r], right[c]) for r, c in zip(rows, columns, strict=True)}
    kept = pairs[pairs[measure] > above].copy()
    keys = zip(kept["sentence"], kept["other_sentence"], strict=True)
    kept["kind"] = ["best" if key in best else "also" for key in keys]
    return kept.sort_values(["sentence", "other_sentence"]).reset_index(drop=True)
