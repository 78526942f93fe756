"""Align the sentences of two documents that report the same event."""

from __future__ import annotations

import pandas as pd
from scipy.optimize import linear_sum_assignment


def threshold(similarity: pd.DataFrame, *, measure: str = "cosine") -> float:
    """Return the similarity above which two sentences count as saying the same thing.

    It is the greatest similarity between two sentences *within* one document. Sentences of one
    document say different things about one subject in one style; sentences of two documents must be
    more similar than any of these. If each document has only one sentence, the threshold is 0.
    ``measure`` is the column of the table ``similarity`` that is used.
    """
    within = similarity[similarity["doc_id"] == similarity["other_doc_id"]]
    return float(within[measure].max()) if len(within) else 0.0


def align(
    similarity: pd.DataFrame, one: str, other: str, *, measure: str = "cosine", above: float
) -> pd.DataFrame:
    """Pair the sentences of two documents that are more similar than a threshold.

    First each sentence gets at most one partner, so that the sum of similarities is greatest (the
    assignment problem; Kuhn 1955, Naval Research Logistics Quarterly 2(1-2), 83-97). All other
    pairs are added, because one document may say in one sentence what the other says in two. Then
    the pairs that are not ``above`` the threshold are dropped.

    Returns one row per pair: ``sentence`` (of the document ``one``), ``other_sentence`` (of the
    document ``other``), the measure, and ``kind``: "best" (in the optimal assignment) or "also"
    (added).
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
