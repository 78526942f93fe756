"""Two workers compared with one, Dask with joblib, all of them warmed up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from context import Context
from measure import Row, in_turn, rows_of

from tifa.data.metadata import read_overlay
from tifa.features.extract import extract_batch
from tifa.features.workers import Workers, dask_cluster, in_order, processes
from tifa.lexicon.load import frame_dictionary, phrasebook
from tifa.lexicon.model import Lexicon
from tifa.sources.document import batches
from tifa.util.data_folder import data_folder

#: Small batches, so that no worker is idle for long at the end.
CHARACTERS = 400_000


def run(context: Context) -> list[Row]:
    sample = context.half
    overlay = read_overlay(data_folder() / "metadata" / "ungdc.yml")
    count = partial(
        extract_batch, overlay=overlay, lexicon=Lexicon(phrasebook(), frame_dictionary())
    )
    work = list(batches(sample.documents, characters=CHARACTERS))

    def counted(workers: Workers | None) -> list[tuple[int, int]]:
        return [
            (b.tables["hits"].height, sum(b.tables["documents"]["words"]))
            for b in in_order(count, work, workers)
        ]

    with ExitStack() as stack:
        engines: dict[str, Workers | None] = {
            name: stack.enter_context(engine)
            for name, engine in {
                "2 workers, joblib": processes(2),
                "1 process": processes(1),
                "2 workers, Dask": dask_cluster(2),
            }.items()
        }
        # the first run starts the workers and is not measured
        first = [counted(engine) for engine in engines.values()]
        if not all(f == first[0] for f in first):
            raise AssertionError("the engines count differently")
        tasks: dict[str, Callable[[], object]] = {
            name: partial(counted, engine) for name, engine in engines.items()
        }
        timed = in_turn(tasks, rounds=context.rounds)
    rows = rows_of("batches of an extraction", timed, sample.megabytes)
    one, dask = rows[1], rows[2]
    for row, goal, reached in (
        (one, "at least 1.8x", (one.times_ours or 0) >= 1.8),
        (dask, "at most 1.1x", (dask.times_ours or 9) <= 1.1),
    ):
        row.goal = goal
        row.reached = "yes" if reached else f"no: {row.times_ours:.2f}x"
    return rows
