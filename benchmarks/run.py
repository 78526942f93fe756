"""Measure extraction against named peers: ratios of one run, equality of the counts first.

On the UN General Debates where TIFA_TEXTS has them, on generated text of the same shape where
not; the output says which. Writes benchmarks/results/extraction.csv and .md.
"""

from __future__ import annotations

import os
import platform
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pandas as pd
import polars as pl
from nltk import FreqDist
from nltk.tokenize import RegexpTokenizer
from sklearn.feature_extraction.text import CountVectorizer

from tifa.corpus import data_folder, phrasebook
from tifa.match import Matcher, find
from tifa.metadata import States, read_overlay
from tifa.patterns import Pattern, Slot
from tifa.stream import stream
from tifa.texts import read
from tifa.words import normalise, words_of

RESULTS = Path(__file__).parent / "results"
SAMPLE_BYTES = 30_000_000
ROUNDS = 5
PEER_WORD = r"[^\W_]+(?:'[^\W_]+)*(?:-[^\W_]+(?:'[^\W_]+)*)*"


def sample() -> tuple[str, list[str]]:
    """About 30 MB of normalised speeches, and where they come from."""
    data = data_folder()
    named = os.environ.get("TIFA_TEXTS")
    if named and (Path(named) / "ungdc").exists():
        overlay = read_overlay(data / "metadata" / "ungdc.yml")
        states = States(data / "metadata" / "states.csv")
        documents = (d.text for d in read(Path(named) / "ungdc", overlay, states=states))
        source = "UN General Debates, first sessions of the archive"
    else:
        words = tuple(chr(97 + i % 26) * (2 + i % 7) + str(i % 90) for i in range(30_000))
        chance = random.Random(1)
        weights = [1 / (rank + 3) for rank in range(len(words))]
        documents = (" ".join(chance.choices(words, weights, k=3000)) for _ in iter(int, 1))
        source = "generated text of the same shape"
    texts: list[str] = []
    size = 0
    for text in islice(documents, 20_000):
        texts.append(text)
        size += len(text)
        if size >= SAMPLE_BYTES:
            break
    normal = pl.select(normalise(pl.lit(pl.Series(texts)))).to_series()
    return source, normal.to_list()


# --- words per document -------------------------------------------------------------------


def words_tifa(texts: list[str]) -> int:
    table = (
        pl.DataFrame({"text": texts})
        .with_row_index("doc")
        .select("doc", words_of(pl.col("text")).list.eval(pl.element().value_counts()).alias("v"))
    )
    return int(
        table.select(pl.col("v").list.eval(pl.element().struct.field("count")).list.sum())
        .sum()
        .item()
    )


def words_sklearn(texts: list[str]) -> int:
    return int(CountVectorizer(token_pattern=PEER_WORD).fit_transform(texts).sum())


def words_nltk(texts: list[str]) -> int:
    tokenizer = RegexpTokenizer(PEER_WORD)
    return sum(FreqDist(tokenizer.tokenize(t.lower())).N() for t in texts)


# --- the phrasebook per document ----------------------------------------------------------


def phrases_tifa(texts: list[str]) -> Counter[str]:
    flow = stream(pl.Series(texts))
    return Counter(h.entry for h in find(Matcher(flow), phrasebook().compiled))


def _as_regex(pattern: Pattern) -> str:
    def slot(globs: Slot) -> str:
        members = [
            "".join(r"\w*" if c == "*" else r"\w" if c == "?" else re.escape(c) for c in g.text)
            for g in globs
        ]
        return f"(?:{'|'.join(members)})"

    return r'["\s-]+'.join(slot(s) for s in pattern.slots)


def phrases_re(texts: list[str]) -> Counter[str]:
    expressions = {
        entry: re.compile(
            r"\b(?:"
            + "|".join(
                sorted(
                    (
                        _as_regex(p)
                        for (e, _), ps in phrasebook().compiled.items()
                        if e == entry
                        for p in ps
                    ),
                    key=len,
                    reverse=True,
                )
            )
            + r")\b"
        )
        for entry in {e for e, _ in phrasebook().compiled}
    }
    counts: Counter[str] = Counter()
    for text in texts:
        lower = text.lower()
        for entry, expression in expressions.items():
            counts[entry] += sum(1 for _ in expression.finditer(lower))
    return counts


def measure(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each, all taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(s) for name, s in seconds.items()}


def main() -> None:
    source, texts = sample()
    few = texts[:: max(1, len(texts) // 60)][:60]
    size = sum(map(len, texts)) / 1e6
    small = sum(map(len, few)) / 1e6

    assert words_tifa(texts) == words_sklearn(texts) == words_nltk(texts), "the word counts differ"
    ours, theirs = phrases_tifa(few), phrases_re(few)
    total = sum(ours.values())
    differ = sum(abs(ours[e] - theirs[e]) for e in ours.keys() | theirs.keys())
    rows = []
    for task, megabytes, tasks in [
        (
            "words per document",
            size,
            {
                "tifa (polars)": lambda: words_tifa(texts),
                "CountVectorizer": lambda: words_sklearn(texts),
                "nltk": lambda: words_nltk(texts),
            },
        ),
        (
            f"phrasebook, {len(phrasebook().entries)} entries",
            small,
            {
                "tifa": lambda: phrases_tifa(few),
                "re, one expression an entry": lambda: phrases_re(few),
            },
        ),
    ]:
        seconds = measure(tasks)
        first = next(iter(seconds.values()))
        rows += [
            {"task": task, "who": who, "MB": megabytes, "seconds": s, "times ours": s / first}
            for who, s in seconds.items()
        ]
    table = pd.DataFrame(rows).round(3)
    RESULTS.mkdir(exist_ok=True)
    table.to_csv(RESULTS / "extraction.csv", index=False)
    lines = [
        "| " + " | ".join(map(str, r)) + " |" for r in [table.columns, ["---"] * 5, *table.values]
    ]
    versions = ", ".join(f"{p} {version(p)}" for p in ("polars", "scikit-learn", "nltk"))
    note = (
        f"Sample: {source}. Medians of {ROUNDS}, taken in turn. Python "
        f"{platform.python_version()}, {versions}; {os.cpu_count()} cores. Word counts are equal; "
        f"phrase counts differ in {differ} of {total} hits, where a regular expression runs over "
        "sentence ends or takes another overlap."
    )
    text = "\n".join(["# Extraction against peers", "", *lines, "", note, ""])
    (RESULTS / "extraction.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
