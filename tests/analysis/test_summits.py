"""Findings about summits, counted again with plain loops over the committed tables."""

import csv
from datetime import date
from math import sqrt

import pandas as pd
import pytest
from conftest import DATA
from scipy.stats import t

NEWS = DATA / "corpora" / "xwlb"
YEARS = range(2014, 2023)


@pytest.fixture(scope="module")
def summits():
    with (DATA / "facts" / "summits.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["kind"] == "heads of state"]
    rows = [r for r in rows if len(r["date_from"]) == 10 and r["date_from"] >= "2012"]
    return [(date.fromisoformat(r["date_from"]), date.fromisoformat(r["date_to"])) for r in rows]


@pytest.fixture(scope="module")
def items(summits):
    """The news items that name the SCO, counted with plain loops.

    For each: number of the nearest summit, days from it, whether the item says the phrase, how
    often it names the SCO, year.
    """
    hits = pd.read_parquet(NEWS / "hits.parquet", columns=["doc_id", "entry", "variant"])
    days = pd.read_parquet(NEWS / "documents.parquet", columns=["doc_id", "date"])
    day_of = dict(days.itertuples(index=False, name=None))
    says = set(hits.loc[hits["entry"] == "shanghai-spirit", "doc_id"])
    own_name = (hits["entry"] == "sco") & (hits["variant"] != "other-name")
    named = hits.loc[own_name, "doc_id"].value_counts()
    found = []
    for doc_id, times in named.items():
        day = date.fromisoformat(day_of[doc_id])
        off = [max((begin - day).days, (day - end).days, 0) for begin, end in summits]
        found.append((off.index(min(off)), min(off), doc_id in says, times, day.year))
    return found


@pytest.fixture(scope="module")
def ledger():
    return pd.read_csv(DATA / "findings.csv").set_index("id")


def left_out_in_turn(items, number):
    """A statistic of the items with its jackknife interval over summits, in percent."""
    summits = sorted({item[0] for item in items})
    found = number(items)
    without = [number([i for i in items if i[0] != summit]) for summit in summits]
    mean, k = sum(without) / len(without), len(summits)
    error = sqrt((k - 1) / k * sum((w - mean) ** 2 for w in without)) * t.ppf(0.975, k - 1)
    return [100 * value for value in (found, found - error, found + error)]


def gap(items, width=3):
    near = [said for _, days, said, *_ in items if days <= width]
    far = [said for _, days, said, *_ in items if days > width]
    return sum(near) / len(near) - sum(far) / len(far)


def gap_among_equals(items):
    """The mean gap in three classes of items: those that name the SCO once, 2 to 4 times, more."""
    classes = [[i for i in items if low <= i[3] <= high] for low, high in ((1, 1), (2, 4), (5, 99))]
    return sum(len(some) * gap(some) for some in classes) / len(items)


def test_the_gap_near_summits(items, ledger):
    assert left_out_in_turn(items, gap) == pytest.approx(
        ledger.loc["F7.2", ["estimate", "low", "high"]].tolist(), abs=1e-3
    )
    # on the days of the summit alone, the interval includes zero
    assert left_out_in_turn(items, lambda some: gap(some, 0))[1] < 0
    found, low, high = left_out_in_turn(items, gap_among_equals)
    assert (
        f"the gap is {found:.0f} points ({low:.0f} to {high:.0f})" in ledger.loc["F7.2", "limits"]
    )


def change(items, until, since):
    """The change, between two periods, in the share of items that say the phrase."""
    before = [said for _, _, said, _, year in items if year <= until]
    after = [said for _, _, said, _, year in items if year >= since]
    return sum(after) / len(after) - sum(before) / len(before)


def test_whether_the_share_rose_or_fell_depends_on_the_years(items, ledger):
    assert left_out_in_turn(items, lambda some: change(some, 2018, 2019)) == pytest.approx(
        ledger.loc["F7.5", ["estimate", "low", "high"]].tolist(), abs=1e-3
    )
    rises = [left_out_in_turn(items, lambda some, y=y: change(some, y - 1, y)) for y in YEARS]
    assert [low > 0 for _, low, _ in rises] == [year <= 2018 for year in YEARS]
    apart = [item for item in items if item[4] != 2018]
    found, low, high = left_out_in_turn(apart, lambda some: change(some, 2017, 2019))
    said = f"it rises by {found:.1f} ({low:.1f} to {high:.1f}) points"
    assert said in ledger.loc["F7.5", "limits"]
