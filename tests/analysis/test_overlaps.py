"""Entries that overlap: each counts, or the longest alone."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tifa
from tifa.analysis.counts import count_hits, longest_hits
from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import parse
from tifa.text.tokens import stream
from tifa.util.errors import TifaError

WORDS = "reed rush sedge"
#: Every pattern of one to three different words: none overlaps itself.
PATTERNS = st.lists(
    st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=3, unique=True).map(" ".join),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(st.lists(st.sampled_from([*WORDS.split(), "oar"]), max_size=12), PATTERNS)
def test_the_longest_of_a_table_are_those_of_the_text(words, patterns):
    import polars as pl

    flow = stream(pl.Series([" ".join(words)], dtype=pl.String))
    variants = {(p, "v"): [parse(p)] for p in patterns}
    nested = pd.DataFrame(
        [(h.entry, "a", h.start, h.stop - h.start) for h in find(Matcher(flow), variants)],
        columns=["entry", "doc_id", "position", "words"],
    )
    kept = longest_hits(nested)
    alone = find(Matcher(flow), variants, scope="dictionary")
    assert [(h.entry, h.start) for h in alone] == list(
        zip(kept["entry"], kept["position"], strict=True)
    )


@pytest.mark.filterwarnings("error")
def test_a_hit_without_a_position_is_kept_and_told():
    hits = pd.DataFrame({"doc_id": "a", "position": [3, None, 3], "words": [2, 1, 1]})
    with pytest.raises(UserWarning, match="1 hits have no published position"):
        longest_hits(hits)


def test_lakeside_inside_its_spirit(extracted):
    texts = {"a": "The Lakeside Spirit of Lakeside.", "b": "A lakeside compact."}
    data, run = extracted(texts=texts)
    corpus = tifa.load("lake", data=data)
    nested = count_hits(corpus, entries=["lakeside", "lakeside-spirit"], by="corpus")
    assert nested["n"].tolist() == [3, 1]
    alone = count_hits(corpus, entries=["lakeside"], by="corpus", overlaps="longest")
    assert alone["n"].tolist() == [1]
    count = ["count", "--corpus", "lake", "--format", "csv"]
    assert run(*count, "lakeside").out.splitlines()[1].split(",")[1] == "3"
    told = run(*count, "lakeside", "--overlaps", "longest")
    assert told.out.splitlines()[1].split(",")[1] == "1"
    assert "but not inside longer entries" in told.err
    refused = run(*count, '"lakeside"', "--overlaps", "longest")
    assert refused.code == 2
    with pytest.raises(TifaError, match="is not a phrasebook entry"):
        tifa.count(corpus, "oar", overlaps="longest")
