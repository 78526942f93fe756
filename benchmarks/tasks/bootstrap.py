"""The document bootstrap of all phrases, 2,000 draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats
from context import Context
from measure import Row, in_turn, rows_of

import tifa
from tifa.stats import bootstrap_rates

DRAWS = 2000
#: Number of draws for the loops and scipy; their time is extrapolated, and the table says so.
LOOPS = 20
ENTRIES = 4
PER = 10_000


def tidy() -> pd.DataFrame:
    """Hits of every entry in every document, zeros included."""
    corpus = tifa.load("ungdc")
    documents = corpus.documents[["doc_id", "words"]]
    counts = corpus.hits.groupby(["entry", "doc_id"]).size().rename("n").reset_index()
    every = documents.merge(pd.DataFrame({"entry": counts["entry"].unique()}), how="cross")
    return every.merge(counts, on=["doc_id", "entry"], how="left").fillna({"n": 0})


def loop(table: pd.DataFrame, draws: int) -> pd.DataFrame:
    """For each draw, draw documents, take their rows and add them up by entry."""
    rows = table.set_index("doc_id")
    documents = table["doc_id"].unique()
    chance = np.random.default_rng(1)
    rates = []
    for _ in range(draws):
        drawn = pd.DataFrame({"doc_id": chance.choice(documents, len(documents))})
        sums = drawn.join(rows, on="doc_id").groupby("entry")[["n", "words"]].sum()
        rates.append(sums["n"] / sums["words"] * PER)
    return pd.DataFrame(rates).quantile([0.025, 0.975])


def wide_loop(wide: pd.DataFrame, draws: int) -> pd.DataFrame:
    """The same with a prepared table with one column per entry."""
    chance = np.random.default_rng(1)
    rates = []
    for _ in range(draws):
        sums = wide.sample(len(wide), replace=True, random_state=chance).sum()
        rates.append(sums.drop("words") / sums["words"] * PER)
    return pd.DataFrame(rates).quantile([0.025, 0.975])


def by_scipy(wide: pd.DataFrame, entries: list[str]) -> list[tuple[float, float]]:
    words = wide["words"].to_numpy()

    def rate(n: np.ndarray, of: np.ndarray, axis: int = -1) -> np.ndarray:
        return n.sum(axis=axis) / of.sum(axis=axis) * PER

    found = []
    for entry in entries:
        result = scipy.stats.bootstrap(
            (wide[entry].to_numpy(), words),
            rate,
            paired=True,
            vectorized=True,
            n_resamples=DRAWS,
            batch=100,
            method="percentile",
            rng=1,
        )
        found.append((result.confidence_interval.low, result.confidence_interval.high))
    return found


def run(context: Context) -> list[Row]:
    table = tidy()
    wide = table.pivot(index="doc_id", columns="entry", values="n")
    entries = list(wide.columns)
    wide["words"] = table.groupby("doc_id")["words"].first()
    # the same rates; intervals as close as 2,000 draws with other random numbers allow
    mine = bootstrap_rates(table, draws=DRAWS).set_index("entry")
    plain = wide[entries].sum() / wide["words"].sum() * PER
    np.testing.assert_allclose(mine.loc[entries, "rate"], plain, rtol=1e-12)
    frequent = mine.sort_values("n").index[-ENTRIES:].tolist()
    for entry, (low, high) in zip(frequent, by_scipy(wide, frequent), strict=True):
        own = mine.loc[entry]
        np.testing.assert_allclose([low, high], [own["low"], own["high"]], rtol=0.02)

    timed = in_turn(
        {
            "tifa": lambda: bootstrap_rates(table, draws=DRAWS),
            "pandas loop, tidy table": lambda: loop(table, 2),
            "pandas loop, wide table": lambda: wide_loop(wide, LOOPS),
            "scipy.stats.bootstrap": lambda: by_scipy(wide, frequent),
        },
        rounds=context.rounds,
    )
    scale = {
        "tifa": 1.0,
        "pandas loop, tidy table": DRAWS / 2,
        "pandas loop, wide table": DRAWS / LOOPS,
        "scipy.stats.bootstrap": len(entries) / ENTRIES,
    }
    for who, factor in scale.items():
        timed.seconds[who] = [s * factor for s in timed.seconds[who]]
    rows = rows_of(
        f"bootstrap of {len(entries)} entries over {len(wide):,} documents, {DRAWS:,} draws",
        timed,
        1.0,
        goals={"pandas loop, tidy table": 50, "pandas loop, wide table": 50},
        notes={
            "pandas loop, tidy table": f"2 draws, times {DRAWS // 2:,}",
            "pandas loop, wide table": f"{LOOPS} draws, times {DRAWS // LOOPS}",
            "scipy.stats.bootstrap": f"{ENTRIES} entries, times {len(entries) / ENTRIES:g}",
        },
    )
    for row in rows:
        row.megabytes = float("nan")
    return rows
