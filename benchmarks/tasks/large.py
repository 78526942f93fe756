"""The corpus once and four times over: how time and memory grow."""

from __future__ import annotations

import shutil
import sys
from itertools import islice

import polars as pl
from context import Context
from measure import watched
from sample import data_for, debates, write_parts

JOBS = 2
TIMES = (1, 4)


def run(context: Context) -> pl.DataFrame:
    rows = []
    for times in TIMES:
        folder = context.scratch / f"large-{times}"
        source, documents = debates()
        data = data_for(folder / "data")
        if context.every > 1:
            source += f", every {context.every}th document"
        chosen = islice(documents, 0, None, context.every)
        size = write_parts(folder / "parts", chosen, times)
        command = [
            sys.executable, "-m", "tifa.cli", "extract", "debates", "-j", str(JOBS),
            "--data", str(data), "--texts", str(folder / "parts"),
        ]  # fmt: skip
        scratch = data / "texts"
        scratch.mkdir()
        seconds, peak, _ = watched(command, scratch=scratch)
        counted = pl.read_csv(data / "corpora" / "debates" / "documents.csv")
        words = int(counted["words"].sum())
        features = sum(p.stat().st_size for p in (data / "corpora" / "debates").iterdir())
        rows.append(
            {
                "corpus": f"{source}, {times} times",
                "times": times,
                "documents": counted.height,
                "words": words,
                "megabytes": round(size / 1e6, 1),
                "workers": JOBS,
                "seconds": round(seconds, 1),
                "words_per_second": round(words / seconds),
                "peak_mib": round(peak.tree),
                "parent_mib": round(peak.parent),
                "worker_mib": round(peak.worker),
                "disk_mib": round(peak.disk),
                "features_mib": round(features / 2**20, 1),
            }
        )
        shutil.rmtree(folder)
    return pl.DataFrame(rows)
