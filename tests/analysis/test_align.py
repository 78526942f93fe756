"""Alignment of two invented texts about one event, with known partners."""

import polars as pl
import pytest

from tifa.analysis.align import align, threshold
from tifa.features.similarity import similarity_table

HARBOUR = [
    "The mayor of Port Ellery opened the new harbour bridge on Monday before a large crowd.",
    "It took nine years and two contractors to build.",
    "Fishermen complained that the old landing place will be closed in autumn.",
    "The bridge carries trams, bicycles and people on foot, but no cars.",
    "Rain fell all morning.",
]
# the order differs: 1-2, 3-3 and 4-1 say the same; the last has no partner
EVENING = [
    "No cars may use the bridge: it carries trams, bicycles and people on foot.",
    "On Monday the mayor of Port Ellery opened the harbour bridge before a crowd.",
    "Fishermen fear for the old landing place, which will be closed in autumn.",
    "A choir from the island school sang three songs.",
]
PARTNERS = {(1, 2), (3, 3), (4, 1)}


def table(**texts):
    rows = [(d, n, s) for d, ss in texts.items() for n, s in enumerate(ss, start=1)]
    return similarity_table(pl.DataFrame(rows, schema=["doc_id", "sentence", "text"], orient="row"))


@pytest.mark.parametrize("measure", ["cosine", "containment"])
def test_known_partners_are_found_and_come_first(measure):
    similarity = table(harbour=HARBOUR, evening=EVENING).to_pandas()
    limit = threshold(similarity, measure=measure)
    pairs = align(similarity, "harbour", "evening", measure=measure, above=limit)
    ranked = pairs.sort_values(measure, ascending=False)
    found = list(zip(ranked["sentence"], ranked["other_sentence"], strict=True))
    assert set(found[:3]) == PARTNERS  # all partners are found, and no other pair is more similar
    best = ranked[ranked["kind"] == "best"]
    assert set(zip(best["sentence"], best["other_sentence"], strict=True)) >= PARTNERS


def test_identical_sentences_are_as_alike_as_can_be_and_strangers_not_at_all():
    similarity = table(a=["Rain fell all morning."], b=["Rain fell all morning.", "Choirs sing."])
    rows = similarity.filter(pl.col("doc_id") != pl.col("other_doc_id")).sort("other_sentence")
    assert rows["cosine"].to_list() == [1.0, 0.0]
    assert rows["containment"].to_list() == [1.0, 0.0]
    assert rows["common_run"].to_list() == [4, 0]
