"""Phrases are compared at the same age, and a rise is looked for from every year."""

import pandas as pd
import pytest

from tifa.analysis.windows import block_changes, share_difference, spoken_since


def test_a_phrase_that_is_old_has_no_longer_window_than_a_new_one():
    speeches = pd.DataFrame(
        [(f"{c}{y}", c, y) for c in "ABC" for y in range(1955, 2025)],
        columns=["doc_id", "country", "year"],
    )
    old, new = ("A1955", "B1956", "A1990"), ("C2001",)
    hits = pd.DataFrame(
        [(d, e) for d in speeches["doc_id"] for e in ("geneva", "sco")]
        + [(d, "spirit-of-geneva") for d in old]
        + [(d, "shanghai-spirit") for d in new],
        columns=["doc_id", "entry"],
    )
    places = {
        "spirit-of-geneva": "geneva",
        "shanghai-spirit": "sco",
        "spirit-of-nowhere": "nowhere",
    }
    which = pd.DataFrame(places.items(), columns=["phrase", "place"])
    table = spoken_since(speeches, hits, which.assign(coined=[1955, 2001, 1955]), years=24)
    counted = table[["n", "documents", "n_countries", "countries"]].values.tolist()
    assert counted == [[2, 72, 2, 3], [1, 72, 1, 3], [0, 0, 0, 0]]
    assert table.loc[2, ["low", "high"]].tolist() == [0, 1]


def test_a_rise_and_a_fall_are_both_found():
    speeches = pd.DataFrame(
        [(f"{y}-{i}", y) for y in range(2000, 2030) for i in range(10)], columns=["doc_id", "year"]
    )
    having = speeches.loc[speeches["year"].between(2010, 2019), "doc_id"]
    table = block_changes(speeches, having, size=5, first=2000, last=2029).set_index("turns")
    assert table["change"].max() == pytest.approx(table.loc[2010, "change"]) == 1
    assert table["change"].min() == pytest.approx(table.loc[2020, "change"]) == -1
    assert len(table) == 21
    assert (table["begins"] + 5 == table.index).all()


def test_a_difference_is_as_wide_as_its_countries_are_few():
    speeches = pd.DataFrame(
        [(f"{c}{y}{i}", c, y) for c in range(40) for y in (1, 2) for i in range(5)],
        columns=["doc_id", "country", "year"],
    )
    late = speeches["year"] == 2
    # in the second year, ten countries say it in all their speeches
    having = speeches.loc[late & (speeches["country"] < 10), "doc_id"]
    estimate, low, high = share_difference(speeches, having, late, ~late)
    assert estimate == 0.25
    # the interval is as wide as for 40 countries, not as narrow as for 200 speeches
    assert 0.20 < high - low < 0.32
    assert low < estimate < high
