"""Where work runs: in this process, in processes of this machine, or on a Dask cluster.

An engine runs one function over many items and gives the results in the order of the items. Only
a few items are under way at any time, so that neither items nor results pile up. Which engine it
is, and how many workers it has, changes nothing in the results.

A cluster of several machines needs no folder that all of them see: batches of texts go out
through the client, and features come back through it. It needs the same packages (the lock) on
every machine; :class:`Cluster` looks for that before it begins, and each worker with each batch.
"""

from __future__ import annotations

import os
import pickle
import platform
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from importlib.metadata import version
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from tifa.util.errors import TifaError, one_line

Item = TypeVar("Item")
Result = TypeVar("Result")

EngineName = Literal["processes", "dask"]

#: Times that workers may be lost in a row, with no result between, before it is a failure.
LOSSES = 3
#: Seconds to wait for a scheduler and for its first worker.
PATIENCE = 30
#: Each worker is one process with one thread.
_ENVIRONMENT = {"POLARS_MAX_THREADS": "1"}
#: Packages on whose versions the bytes of the features rest.
_COUNTING = ("polars", "numpy", "sentencex")


class Engine(ABC):
    """Runs a function over items; used in a ``with`` statement, which ends its workers."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(at_once=kind is not None)

    @abstractmethod
    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items."""

    @abstractmethod
    def beside_files(self) -> Engine:
        """An engine of this machine, for work on files that lie here."""

    @abstractmethod
    def end(self, *, at_once: bool = False) -> None:
        """End the workers; at once means with what is still under way."""


class OneProcess(Engine):
    """The process that asks.

    Examples
    --------
    >>> with OneProcess() as engine:
    ...     list(engine.map(len, ["a", "of"]))
    [1, 2]

    """

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items."""
        return map(function, items)

    def beside_files(self) -> OneProcess:
        """This one."""
        return self

    def end(self, *, at_once: bool = False) -> None:
        """Nothing was started."""


class Processes(Engine):
    """Processes of this machine.

    A worker that is ended from outside (by the system, for want of memory) is replaced, and what
    was under way is done again.

    Parameters
    ----------
    jobs
        Processes.

    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: Any = None

    def end(self, *, at_once: bool = False) -> None:
        """End the processes; after an error nobody wants what is still under way."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=at_once)
            self._pool = None

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items.

        Raises
        ------
        TifaError
            Where workers are lost again and again.

        """
        waiting: deque[tuple[Item, Any]] = deque()
        losses = 0

        def take() -> Result:
            nonlocal losses
            while True:
                try:
                    result: Result = waiting[0][1].result()
                except BrokenProcessPool:
                    losses += 1
                    if losses >= LOSSES:
                        raise TifaError(
                            f"worker processes ended {losses} times (out of memory?) and nothing "
                            "was written; try fewer --jobs"
                        ) from None
                    self.end(at_once=True)
                    again = [item for item, _ in waiting]
                    waiting.clear()
                    waiting.extend((item, self._submit(function, item)) for item in again)
                else:
                    losses = 0
                    waiting.popleft()
                    return result

        for item in items:
            waiting.append((item, self._submit(function, item)))
            if len(waiting) > 2 * self.jobs:
                yield take()
        while waiting:
            yield take()

    def _submit(self, function: Callable[[Item], Result], item: Item) -> Any:
        for _ in range(LOSSES):
            if self._pool is None:
                # imported here because most commands start no process
                from joblib.externals.loky import ProcessPoolExecutor  # noqa: PLC0415

                self._pool = ProcessPoolExecutor(self.jobs, env=_ENVIRONMENT)
            try:
                return self._pool.submit(function, item)
            except BrokenProcessPool:
                # lost between two results: whoever takes the older ones does them again
                self.end(at_once=True)
        raise TifaError("worker processes cannot be started and nothing was written")

    def beside_files(self) -> Processes:
        """Processes that start afresh: these keep the memory they once had."""
        return Processes(self.jobs)


class Cluster(Engine):
    """Workers of a Dask cluster: of one on this machine, or of a scheduler that runs already.

    The scheduler replaces a worker that is lost, and has its work done again elsewhere.

    Parameters
    ----------
    jobs
        Workers of a cluster on this machine; processes with one thread each.
    scheduler
        Address of a scheduler, such as ``tcp://10.0.0.5:8786``; it has the workers it has.

    Raises
    ------
    TifaError
        Where Dask is not installed, or the address is none.

    """

    def __init__(self, jobs: int, scheduler: str = "") -> None:
        try:
            import distributed  # noqa: F401, PLC0415 - an extra
        except ImportError:
            raise TifaError(
                "the engine dask needs the packages dask and distributed; install them in this "
                "environment: pip install dask distributed (or the extra: pip install -e "
                "'.[cluster]')"
            ) from None
        if scheduler and not re.fullmatch(r"\w+://[^\s/]+:\d+", scheduler):
            raise TifaError(
                f"--scheduler {scheduler!r}: expected an address such as tcp://10.0.0.5:8786"
            )
        self.jobs = jobs
        self.scheduler = scheduler
        self._client: Any = None
        self._local: Any = None

    def __enter__(self) -> Self:
        import logging  # noqa: PLC0415

        import dask  # noqa: PLC0415
        from distributed import Client, LocalCluster  # noqa: PLC0415

        # distributed has no types
        client: Any = Client
        cluster: Any = LocalCluster
        address: Any = self.scheduler
        if not self.scheduler:
            spawn = {f"distributed.nanny.pre-spawn-environ.{k}": v for k, v in _ENVIRONMENT.items()}
            try:
                with dask.config.set(spawn):
                    self._local = address = cluster(
                        n_workers=self.jobs,
                        threads_per_worker=1,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",
                        silence_logs=logging.CRITICAL,
                    )
            except (OSError, RuntimeError) as error:
                # what the system refused stands at the end of a chain, if it is to blame
                first: BaseException | None = error
                while first is not None and not isinstance(first, OSError):
                    first = first.__cause__
                why = one_line(str(first or error))
                raise TifaError(
                    f"no Dask worker can be started on this machine ({why}); nothing was written: "
                    "run it again, or without --engine dask"
                ) from None
        try:
            self._client = client(address, timeout=PATIENCE, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE)
            self._check()
        except (OSError, TimeoutError):
            self.end()
            raise TifaError(
                f"no scheduler with a worker at {self.scheduler or 'this machine'} within "
                f"{PATIENCE} seconds; start one with: dask scheduler, and on each machine: dask "
                "worker ADDRESS --nthreads 1"
            ) from None
        except BaseException:
            self.end()
            raise
        return self

    def end(self, *, at_once: bool = False) -> None:
        """Leave the cluster; close it, if it is one of this machine."""
        for part in (self._client, self._local):
            if part is not None:
                part.close()
        self._client = self._local = None

    def _check(self) -> None:
        """Refuse workers that would count by other versions."""
        here = versions()
        for address, there in self._client.run(versions, on_error="return").items():
            if isinstance(there, BaseException):
                raise TifaError(
                    f"the worker {address} cannot run tifa ({there}); install the same "
                    "requirements there"
                )
            _same_versions(here, there, str(address))

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items.

        Raises
        ------
        TifaError
            Where workers are lost again and again, or the scheduler.

        """
        # packed once: the scheduler does not look into it
        packed = pickle.dumps(function)
        waiting: deque[Any] = deque()
        for item in items:
            waiting.append(self._client.submit(_checked, packed, versions(), item, pure=False))
            if len(waiting) > 2 * max(1, len(self._client.nthreads())):
                yield self._take(waiting.popleft())
        while waiting:
            yield self._take(waiting.popleft())

    def _take(self, future: Any) -> Any:
        from concurrent.futures import CancelledError  # noqa: PLC0415

        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        try:
            return future.result()
        except KilledWorker:
            raise TifaError(
                "several Dask workers ended over the same texts (out of memory?) and nothing was "
                "written; give the workers more memory"
            ) from None
        except (ImportError, AttributeError) as error:
            # a worker that came when the others had been looked at
            raise TifaError(
                f"a Dask worker cannot run tifa ({one_line(str(error))}) and nothing was written; "
                "install the same requirements there"
            ) from None
        except (CancelledError, OSError) as error:
            raise TifaError(
                f"the Dask scheduler was lost ({type(error).__name__}) and nothing was written; "
                "start it again"
            ) from None
        finally:
            # the cluster need not keep what has been taken
            future.release()

    def beside_files(self) -> Engine:
        """Processes of this machine: the cluster's need not see its files."""
        jobs = min(self.jobs, os.cpu_count() or 1)
        return Processes(jobs) if jobs > 1 else OneProcess()


def _checked(packed: bytes, expected: dict[str, str], item: Any) -> Any:
    """Run a packed function on a worker, which may have joined late: by the same versions only."""
    _same_versions(expected, versions(), f"on {platform.node()}")
    return _unpacked(packed)(item)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Callable[[Any], Any]:
    """Unpack a function once for all its batches: the lexicon in it takes longer than a look."""
    function: Callable[[Any], Any] = pickle.loads(packed)
    return function


def _same_versions(here: dict[str, str], there: dict[str, str], worker: str) -> None:
    for name, wanted in here.items():
        if wanted != there.get(name):
            raise TifaError(
                f"the worker {worker} has {name} {there.get(name)}, here it is {wanted}; "
                "install the same requirements there"
            )


def versions() -> dict[str, str]:
    """Versions of the packages that the features depend on."""
    from tifa.version import __version__  # noqa: PLC0415 - what is asked of a worker is little

    return {"tifa": __version__} | {name: version(name) for name in _COUNTING}


def engine_named(name: EngineName, jobs: int, scheduler: str = "") -> Engine:
    """Make an engine: one process, several, or a Dask cluster.

    Raises
    ------
    TifaError
        For a scheduler that no engine uses, and where Dask is wanted but not installed.

    """
    if name == "dask":
        return Cluster(jobs, scheduler)
    if scheduler:
        raise TifaError("--scheduler goes with --engine dask")
    return OneProcess() if jobs == 1 else Processes(jobs)
