"""Hits that somebody has read: their precision, and that each of them is a hit."""

import pandas as pd
from conftest import written

from tifa.annotation.precision import precision
from tifa.study.verify import hand_made_differences
from tifa.util.data_folder import data_folder


def write(data, *rows):
    table = "\n".join(["corpus,hit_id,entry,right,note,reader", *rows])
    written(data, {"annotations/precision.csv": table})


def test_hits_that_are_right_are_counted_by_entry(tmp_path):
    rows = [f"lake,a:{i}:1,ferry,{int(i < 41)},," for i in range(1, 51)]
    write(tmp_path, *rows, "lake,a:1:1,quay,1,,")
    table = precision(data=tmp_path).set_index("entry")
    assert table.loc["ferry", ["n", "documents", "share"]].tolist() == [40, 50, 0.8]
    assert table.loc["quay", "low"] > 0


def test_judged_rows_that_are_not_hits_are_reported(extracted):
    data, _ = extracted()
    right = "lake,alder-2001:2:1,lakeside-spirit,1,,"
    write(data, right)
    assert list(hand_made_differences(data)) == []
    write(
        data,
        right,
        "lake,alder-2001:2:2,lakeside-spirit,1,,",
        "lake,alder-2001:1:1,lakeside-spirit,1,,",
        "lake,birch-2002:1:1,lakeside-spirit,1,,",
    )
    told = [(d.row, d.found) for d in hand_made_differences(data)]
    assert told == [(2, "alder-2001:2:2"), (3, "alder-2001:1:1"), (4, "birch-2002:1:1")]


def test_enough_hits_in_the_evening_news_were_read():
    read = pd.read_csv(data_folder() / "annotations" / "precision.csv")
    hits = pd.read_parquet(data_folder() / "corpora" / "xwlb" / "hits.parquet")
    for entry in ("shanghai-spirit", "sco", "belt-and-road", "three-evil-forces", "equality"):
        n = int(((read["corpus"] == "xwlb") & (read["entry"] == entry)).sum())
        assert n == min(50, int((hits["entry"] == entry).sum()))
