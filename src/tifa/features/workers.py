"""Run one function on many items, in this process, in several processes or on a Dask cluster.

Local processes come from joblib (loky), a cluster from Dask; both have executors with the interface
of :mod:`concurrent.futures`. joblib's ``Parallel`` is not used, because with Dask it waits forever
when workers are killed (joblib 1.6).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from tifa.util.errors import TifaError, one_line
from tifa.util.memory import FRUGAL

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Seconds to wait for a scheduler and for its first worker.
PATIENCE = 30
#: Packages whose version may affect the features, so all workers must have the same versions.
_COUNTING = ["shanghai-spirit", "polars", "numpy", "sentencex"]


class Workers(NamedTuple):
    """An executor, and how many items it runs at a time."""

    executor: Executor
    number: int


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], workers: Workers | None = None
) -> Iterator[Result]:
    """Call a function for each item, and yield the results in the order of the items.

    Only a few items are processed at a time. With ``workers``, function and items are pickled and
    sent to the workers; without, the function runs in this process.

    >>> list(in_order(len, ["a", "of"]))
    [1, 2]
    """
    if workers is None:
        yield from map(function, items)
        return
    waiting = deque[Any]()
    for item in items:
        waiting.append(workers.executor.submit(function, item))
        if len(waiting) > workers.number + 1:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def processes(jobs: int) -> Iterator[Workers | None]:
    """Start ``jobs`` processes on this machine, each with one thread.

    Yields None if ``jobs`` is 1, because this process can do the work. Raises TifaError if a
    process dies.
    """
    if jobs == 1:
        yield None
        return
    # imported only here, because most commands start no process
    from joblib.externals.loky import ProcessPoolExecutor  # noqa: PLC0415

    executor = ProcessPoolExecutor(jobs, env={"POLARS_MAX_THREADS": "1", **FRUGAL})
    try:
        yield Workers(executor, jobs)
    except BrokenProcessPool:
        raise TifaError(
            "a worker process was ended (out of memory?) and nothing was written; try fewer --jobs"
        ) from None
    finally:
        executor.shutdown(wait=True)


@contextmanager
def dask_cluster(jobs: int, scheduler: str = "") -> Iterator[Workers]:
    """Use the Dask cluster at the address ``scheduler``, or start one on this machine.

    An address is, for example, tcp://10.0.0.5:8786. A cluster that is started here has ``jobs``
    workers, and is stopped when the context ends.

    Raises TifaError if Dask is not installed, if no worker answers, if a worker has another version
    of a package used for counting, if workers die repeatedly, or if the scheduler is lost.
    """
    try:
        from dask import config  # noqa: PLC0415 - an extra
        from distributed import Client, KilledWorker  # noqa: PLC0415
    except ImportError:
        raise TifaError(
            "the engine dask needs the packages dask and distributed; install them: "
            "pip install dask distributed"
        ) from None
    new = {
        **{"n_workers": jobs, "threads_per_worker": 1},
        **{"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL},
    }
    make: Any = Client
    try:
        with config.set({"distributed.nanny.pre-spawn-environ.POLARS_MAX_THREADS": 1}):
            client = make(**({"address": scheduler} if scheduler else new), timeout=PATIENCE)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, RuntimeError, ValueError, TimeoutError) as error:
        raise TifaError(
            f"no Dask scheduler with a worker at {scheduler or 'this machine'} "
            f"({one_line(str(error))}); start one with: dask scheduler, and on each machine: "
            "dask worker ADDRESS --nthreads 1"
        ) from None
    with client:
        found = client.get_versions(packages=_COUNTING)
        for address, worker in found["workers"].items():
            for name in _COUNTING:
                ours, theirs = (v["packages"][name] for v in (found["client"], worker))
                if ours != theirs:
                    raise TifaError(
                        f"the worker {address} has {name} {theirs}, here it is {ours}; install the "
                        "same requirements there"
                    )
        try:
            yield Workers(client.get_executor(), sum(client.ncores().values()))
        except KilledWorker:
            raise TifaError(
                "several Dask workers ended over the same texts (out of memory?) and nothing was "
                "written; give the workers more memory"
            ) from None
        except CancelledError:
            raise TifaError(
                "the Dask scheduler was lost and nothing was written; start it again"
            ) from None
