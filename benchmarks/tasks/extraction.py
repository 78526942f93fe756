"""A whole extraction by the command, compared with the sum of its steps by nltk."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from pathlib import Path

from context import Context
from measure import Peak, Row, watched
from sample import data_for, debates, write_parts

from tifa.util.data_folder import data_folder

JOBS = 2


def prepared(folder: Path) -> tuple[str, list[str], float]:
    """Make a data folder; return the command that extracts into it, and the size of the texts."""
    data = folder / "data"
    source, documents = debates()
    named = os.environ.get("TIFA_TEXTS", "")
    if source.startswith("UN "):
        here = data_folder()
        shutil.copytree(here / "lexicon", data / "lexicon")
        (data / "metadata").mkdir()
        for name in ("ungdc.yml", "states.csv"):
            shutil.copy(here / "metadata" / name, data / "metadata" / name)
        corpus, texts = "ungdc", Path(named) / "ungdc"
        size = sum(len(d.text.encode()) for d in documents)
    else:
        data_for(data)
        corpus, texts = "debates", folder / "parts"
        size = write_parts(texts, documents)
    command = [
        sys.executable, "-m", "tifa.cli", "extract", corpus, "-j", str(JOBS),
        "--data", str(data), "--texts", str(texts),
    ]  # fmt: skip
    return source, command, size / 1e6


def run(context: Context) -> list[Row]:
    folder = context.scratch / "extraction"
    folder.mkdir()
    source, command, megabytes = prepared(folder)
    seconds, peaks = [], []
    for _ in range(context.rounds):
        taken, peak, _ = watched(command)
        seconds.append(taken)
        peaks.append(peak)
    worst = Peak(
        tree=max(p.tree for p in peaks),
        parent=max(p.parent for p in peaks),
        worker=max(p.worker for p in peaks),
    )
    task = f"whole tifa extract, {source}"
    median = statistics.median(seconds)
    ours = Row(task, f"tifa, {JOBS} processes", megabytes, median, len(seconds), 1.0)
    ours.peak_mib, ours.worker_mib = worst.tree, worst.worker
    ours.goal = "at most 1,536 MiB"
    ours.reached = "yes" if worst.tree <= 1536 else f"no: {worst.tree:,.0f} MiB"
    ours.note = "peak of all processes together"
    rows = [ours]
    if len(context.nltk_per_mb) == 3:
        total = sum(context.nltk_per_mb.values()) * megabytes
        times = total / median
        rows.append(
            Row(
                task,
                "nltk: words, yearly n-grams; re: phrasebook",
                megabytes,
                total,
                context.rounds,
                times,
                goal="at least 8x",
                reached="yes" if times >= 8 else f"no: {times:.1f}x",
                note="sum of the rows above, by megabytes; one process",
            )
        )
    return rows
