"""Compare with named peers: first check that counts are equal, then measure all in turn.

    python benchmarks/run.py                     every task, into benchmarks/results
    python benchmarks/run.py words phrases       some tasks, printed only
    python benchmarks/run.py large               the corpus four times over, into results

Uses the UN General Debates if TIFA_TEXTS has them, otherwise generated text of the same shape; the
output says which.
"""

from __future__ import annotations

import argparse
import importlib
import math
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import polars as pl
from context import Context
from measure import ROUNDS, Row, machine
from sample import SAMPLE_BYTES

RESULTS = Path(__file__).parent / "results"
#: In this order, because the task extraction needs results of the first three.
TASKS = ("words", "phrases", "yearly", "extraction", "workers", "bootstrap", "book")
LARGE = "large"


def table_of(rows: list[Row]) -> pl.DataFrame:
    table = pl.DataFrame([asdict(row) for row in rows], infer_schema_length=None)
    floats = pl.col(pl.Float64)
    table = table.with_columns(floats.fill_nan(None).round_sig_figs(4))
    return table


def markdown(table: pl.DataFrame, about: dict[str, str], title: str) -> str:
    lines = [f"# {title}", ""]
    lines.append("| " + " | ".join(table.columns) + " |")
    lines.append("|" + " --- |" * table.width)
    lines += ["| " + " | ".join(_cell(v) for v in row) + " |" for row in table.rows()]
    lines += ["", *(f"- {name}: {value}" for name, value in about.items()), ""]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value).replace("|", "\\|")


def write(name: str, table: pl.DataFrame, about: dict[str, str], title: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    table.write_csv(RESULTS / f"{name}.csv")
    pl.DataFrame({"what": list(about), "is": list(about.values())}).write_csv(
        RESULTS / f"{name}-about.csv"
    )
    (RESULTS / f"{name}.md").write_text(markdown(table, about, title), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", choices=[*TASKS, LARGE, []], help="all but large")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--megabytes", type=float, default=SAMPLE_BYTES / 1e6)
    parser.add_argument("--write", action="store_true", help="write results of some tasks as well")
    parser.add_argument("--every", type=int, default=1, help="large: of so many documents one")
    chosen = parser.parse_args()
    about = machine()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="tifa-bench-") as scratch:
        context = Context(chosen.rounds, chosen.megabytes, Path(scratch), chosen.every)
        tasks = [t for t in chosen.tasks or TASKS if t != LARGE]
        title = "Benchmarks against peers"
        rows: list[Row] = []
        for task in tasks:
            before = time.perf_counter()
            rows += importlib.import_module(f"tasks.{task}").run(context)
            print(f"{task}: {time.perf_counter() - before:.0f} s", flush=True)
            sample = context.sample
            about |= {
                "sample": f"{sample.source}: {len(sample.documents):,} documents, "
                f"{sample.megabytes:.1f} MB, {sample.left_out} left out in which re or nltk find "
                "other words than polars",
                "rounds": f"medians of {chosen.rounds}, all in turn, unless the table says "
                "otherwise",
                "duration": f"{time.perf_counter() - start:.0f} s",
            }
            # keep the results if a later task fails
            if not chosen.tasks or chosen.write:
                write("peers", table_of(rows), about, title)
        if tasks:
            print(markdown(table_of(rows), about, title))
        if LARGE in chosen.tasks:
            table = importlib.import_module(f"tasks.{LARGE}").run(context)
            about["duration"] = f"{time.perf_counter() - start:.0f} s"
            print(markdown(table, about, "A corpus four times as large"))
            write(LARGE, table, about, "A corpus four times as large")


if __name__ == "__main__":
    main()
