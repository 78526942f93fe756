"""Lists that share terms are distinguished: the longest wins, and each hit is assigned once."""

import pandas as pd
import pytest
from conftest import refusal

import tifa
from tifa.analysis.genealogy import LISTS, by_period, find_lists, period_ratio


def sentence(*entries, start=10, apart=1, doc_id="a"):
    """Hits of two words each, a given number of words apart; "entry/variant" names a variant."""
    rows = []
    for number, name in enumerate(entries):
        entry, _, variant = name.partition("/")
        rows.append((doc_id, 1, start + number * (2 + apart), 2, entry, variant))
    return pd.DataFrame(
        rows, columns=["doc_id", "sentence", "position", "words", "entry", "variant"]
    )


SPIRIT = [
    "mutual-trust",
    "mutual-benefit",
    "equality",
    "consultation",
    "respect-for-diverse-civilisations",
    "common-development",
]


def test_the_spirits_list_is_its_components_in_the_phrasebook():
    own = next(one for one in LISTS if one.id == "shanghai-spirit")
    components = tifa.phrasebook().entry("shanghai-spirit").components
    assert [item[0] for item in own.items] == list(components) == SPIRIT
    known = {e.id: {v.id for v in e.variants} for e in tifa.phrasebook().entries}
    for one in LISTS:
        for key in [one.name, *(k for item in one.items for k in item)]:
            entry, _, variant = key.partition("/")
            assert entry in known
            assert not variant or variant in known[entry]


PRINCIPLES = [
    "sovereignty-and-territorial-integrity",
    "non-interference",
    "mutual-benefit/with-equality",
    "peaceful-coexistence",
]
HARMONIOUS = ["harmonious-world", "common-prosperity"]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (SPIRIT[:3], [("new-security-concept", 3)]),
        (SPIRIT[:4], [("shanghai-spirit", 4)]),
        (SPIRIT, [("shanghai-spirit", 6)]),
        (SPIRIT[3:], [("shanghai-spirit", 3)]),
        (SPIRIT[2::-1], []),
        ([*SPIRIT[:1], "common-prosperity", *SPIRIT[1:3]], [("new-security-concept", 3)]),
        ([*SPIRIT[:3], *HARMONIOUS], [("new-security-concept", 3), ("harmonious-world", 2)]),
        (HARMONIOUS, [("harmonious-world", 2)]),
        (PRINCIPLES, [("five-principles", 4)]),
        # two names of the same term count as one term
        ([SPIRIT[3], "dialogue-and-consultation", SPIRIT[5]], []),
    ],
)
def test_the_longest_list_wins(entries, expected):
    found = find_lists(sentence(*entries))
    assert list(zip(found["list"], found["terms"], strict=True)) == expected


def test_equality_inside_equality_and_mutual_benefit_is_used_up_with_it():
    hits = sentence(*PRINCIPLES[:3])
    hits.loc[3] = ("a", 1, hits["position"].iloc[-1], 1, "equality", "")
    assert find_lists(hits)["list"].tolist() == ["five-principles"]


def test_order_and_gap_are_choices():
    backwards = sentence(*SPIRIT[2::-1])
    assert find_lists(backwards, ordered=False)["terms"].tolist() == [3]
    far = sentence(*SPIRIT[:3], apart=9)
    assert find_lists(far).empty
    assert find_lists(far, gap=9)["terms"].tolist() == [3]
    assert find_lists(far, gap=None)["terms"].tolist() == [3]
    pair = sentence(*SPIRIT[:2])
    assert find_lists(pair).empty
    assert find_lists(pair, least=2)["list"].tolist() == ["new-security-concept"]
    with refusal("at least two"):
        find_lists(pair, least=1)
    # and a list does not continue in another sentence
    assert find_lists(sentence(*SPIRIT[:3]).assign(sentence=[1, 1, 2])).empty


def test_rates_by_period_are_those_of_their_documents_and_the_ratio_is_the_planted_one():
    documents = pd.DataFrame(
        {"doc_id": [f"d{y}" for y in range(2003, 2023)], "year": range(2003, 2023), "words": 2000}
    )
    rows = pd.DataFrame({"doc_id": [f"d{y}" for y in range(2003, 2013)] * 2, "list": "one"})
    table = by_period(documents, rows, {"first": (2003, 2012), "second": (2013, 2022)}, draws=99)
    assert table["n"].tolist() == [20, 0]
    assert table["rate"].tolist() == [10.0, 0.0]
    assert table["with_it"].tolist() == [10, 0]
    assert (table["low"] == table["rate"]).all()
    # one to three hits in each speech, then four to six
    counts = [1 + y % 3 + 3 * (y >= 2013) for y in documents["year"]]
    rows = pd.DataFrame({"doc_id": documents["doc_id"].repeat(counts)})
    ratio, low, high = period_ratio(documents, rows, (2013, 2022), (2003, 2012))
    assert 1.8 < low < ratio < high
    assert ratio == pytest.approx(2.5, rel=0.1)
