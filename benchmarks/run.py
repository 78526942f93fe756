"""Compare with named peers and measure whole commands, into benchmarks/results.

    python benchmarks/run.py                     every task
    python benchmarks/run.py words phrases       some tasks; their rows replace older ones
    python benchmarks/run.py large               extraction of large corpora
    python benchmarks/run.py goals               only show which goals the last results reach

Uses the texts of TIFA_TEXTS if there are any, otherwise generated ones of the same shape; the
output says which.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import commands
import peers
import polars as pl
from explorer import explorer
from measure import RESULTS, ROUNDS, Row, machine
from sample import SAMPLE_BYTES, take_sample

PEERS = {
    "words": peers.words,
    "yearly": peers.yearly,
    "phrases": peers.phrases,
    "segmenters": peers.segmenters,
    "matching": peers.matching,
}
COMMANDS = {
    "starting": commands.starting,
    "extraction": commands.extraction,
    "own": commands.own,
    "book": commands.book,
    "explorer": explorer,
    "checks": commands.checks,
}
TASKS = [*PEERS, *COMMANDS]


def table_of(rows: list[Row], **constant: str) -> pl.DataFrame:
    """Return rows as a table of strings, which are empty where nothing was measured."""
    table = pl.DataFrame([asdict(row) for row in rows], infer_schema_length=None)
    table = table.with_columns(pl.col(pl.Float64).round_sig_figs(4))
    said = pl.DataFrame(constant).join(table, how="cross")
    return said.select(pl.all().cast(pl.String).fill_null(""))


def write(name: str, table: pl.DataFrame, about: dict[str, str]) -> None:
    table.write_csv(RESULTS / f"{name}.csv")
    pl.DataFrame({"what": list(about), "is": list(about.values())}).write_csv(
        RESULTS / f"{name}-about.csv"
    )


def show(table: pl.DataFrame) -> None:
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=180, fmt_str_lengths=90):
        print(table)


def goals() -> pl.DataFrame:
    """Return every goal with the old and the new result, and whether it was reached."""
    rows = pl.read_csv(RESULTS / "peers.csv", infer_schema=False)
    shown = ["task", "who", "before", "goal", "seconds", "cpu", "peak_mib", "times_ours"]
    return rows.filter(pl.col("goal") != "").select(*shown, "reached", "load")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", choices=[*TASKS, "large", "goals", []])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--megabytes", type=float, default=SAMPLE_BYTES / 1e6)
    parser.add_argument("--every", type=int, default=1, help="large: take every nth document")
    chosen = parser.parse_args()
    about = machine()
    tasks = chosen.tasks or TASKS
    if any(task in PEERS for task in tasks):
        sample = take_sample(chosen.megabytes)
    for task in tasks:
        load = f"{os.getloadavg()[0]:.1f}"
        with tempfile.TemporaryDirectory(prefix="tifa-bench-") as folder:
            if task == "large":
                write(task, commands.large(Path(folder), chosen.every), about)
            elif task in PEERS:
                rows = PEERS[task](sample, chosen.rounds)
                about["sample"] = str(sample)
            elif task in COMMANDS:
                rows = COMMANDS[task](chosen.rounds, Path(folder))
        if task in TASKS:
            # written after each task, so that results are kept if a later one fails
            table = table_of(rows, run=task, load=load)
            file = RESULTS / "peers.csv"
            if file.exists():
                older = pl.read_csv(file, infer_schema=False).fill_null("")
                table = pl.concat([older.filter(pl.col("run") != task), table])
            write("peers", table.sort(pl.col("run").cast(pl.Enum(TASKS))), about)
            show(table.filter(pl.col("run") == task).drop("run"))
    show(goals())


if __name__ == "__main__":
    main()
