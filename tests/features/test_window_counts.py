"""A word near several hits of an entry counts once."""

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tifa.features.collocates import WINDOWS, count_near_hits
from tifa.features.tokenised import Tokenised
from tifa.lexicon.match import Hit
from tifa.text.tokens import stream

SENTENCES = st.lists(
    st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join), min_size=1, max_size=3
)


@settings(max_examples=80, deadline=None)
@given(SENTENCES, st.data())
def test_windows_count_each_position_once(sentences, data):
    flow = stream(pl.Series(sentences, dtype=pl.String))
    words = [flow.vocabulary[i] for i in flow.words]
    places = range(len(words))
    hit = st.tuples(st.sampled_from("xy"), st.sampled_from(places or [0]), st.integers(0, 2))
    hits = [
        (entry, first, min(first + more, *(p for p in places if _ends(flow.word_row, p, first))))
        for entry, first, more in data.draw(st.lists(hit, max_size=5) if words else st.just([]))
    ]
    part = np.flatnonzero(flow.part_stop > flow.part_word).tolist()  # of each word
    of_parts = [Hit(entry, "v", part[start], part[stop] + 1) for entry, start, stop in hits]
    found = count_near_hits(Tokenised(flow, flow), of_parts)

    expected = Counter()
    room = Counter()
    for window, reach in WINDOWS.items():
        inside = {
            (entry, place)
            for entry, start, stop in hits
            for place in places
            if flow.word_row[place] == flow.word_row[start]
            and (start - reach <= place < start or stop < place <= stop + reach)
        }
        expected.update((entry, window, words[place]) for entry, place in inside)
        room.update((entry, window) for entry, _ in inside)
    counted = {
        (found.entries[e], window, found.terms[t]): n
        for window, rows in found.near.items()
        for e, t, n in rows.rows()
    }
    assert counted == dict(expected)
    nodes = Counter(h[0] for h in hits)
    assert {
        (e, w): (n, k) for e, w, n, k in found.hits.select("entry", "window", "n", "words").rows()
    } == {(e, w): (nodes[e], room[e, w]) for e in nodes for w in WINDOWS}
    assert dict(zip(found.terms, found.total.tolist(), strict=True)) == Counter(words)


def _ends(rows, place, first):
    """Whether ``place`` is the last position of the sentence that contains ``first``."""
    return rows[place] == rows[first] and (place + 1 == len(rows) or rows[place + 1] != rows[place])
