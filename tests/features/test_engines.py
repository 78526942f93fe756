"""The same results whatever runs the work, also where workers are lost."""

from __future__ import annotations

import builtins
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Ran, Setting, one_line, snapshot
from test_extract import as_bytes, lexicon_of, many

from tifa.data.metadata import read_overlay
from tifa.features import engines
from tifa.features.engines import Cluster, Engine, OneProcess, Processes, engine_named
from tifa.features.extract import extract
from tifa.features.scratch import scratch_folder
from tifa.sources.document import Document
from tifa.sources.open import read
from tifa.util.errors import TifaError

Make = Callable[..., Setting]

ENGINES: dict[str, Callable[[], Engine]] = {
    "one process": OneProcess,
    "processes": lambda: Processes(2),
    "dask": lambda: Cluster(2),
}

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="sees processes in /proc"
)


def slowly_doubled(item: tuple[int, float]) -> tuple[int, int, str]:
    time.sleep(item[1])
    return item[0] * 2, os.getpid(), os.environ.get("POLARS_MAX_THREADS", "")


def end_once(item: tuple[int, str]) -> int:
    """The first who comes ends its process as the system would."""
    number, mark = item
    if number == 5:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            return number
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def end_always(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse(_: int) -> int:
    raise TifaError("no word", where="a.txt")


@pytest.fixture
def lake(make_data: Make) -> Setting:
    return make_data(
        texts=many(documents=40),
        rights="public",
        ngrams=True,
        defaults={"country": "AAA", "date": "2001"},
    )


def tables_by(setting: Setting, engine: Engine, **options: Any) -> dict[str, tuple[str, bytes]]:
    overlay = read_overlay(setting.overlay)
    documents = options.pop("documents", None) or read(setting.source, overlay)
    return as_bytes(
        extract(documents, overlay, lexicon_of(setting), engine=engine, characters=900, **options)
    )


# --- order, bounds, surroundings ----------------------------------------------------------


@pytest.mark.parametrize("name", ENGINES)
def test_results_come_in_order_and_few_items_are_under_way(name: str) -> None:
    taken = 0

    def items() -> Iterator[tuple[int, float]]:
        nonlocal taken
        for number in range(30):
            taken += 1
            # the first of each pair is the slower one
            yield number, 0.02 * (number % 2 == 0)

    got = []
    with ENGINES[name]() as engine:
        for number, (doubled, process, threads) in enumerate(engine.map(slowly_doubled, items())):
            got.append(doubled)
            assert taken <= number + 6
            if name != "one process":
                assert process != os.getpid()
                assert threads == "1"
    assert got == [2 * n for n in range(30)]


@pytest.mark.parametrize("name", ENGINES)
def test_a_mistake_in_the_work_is_told_as_it_is(name: str) -> None:
    with ENGINES[name]() as engine, pytest.raises(TifaError, match=r"a\.txt: no word"):
        list(engine.map(refuse, range(20)))


@needs_proc
@pytest.mark.parametrize("name", ["processes", "dask"])
def test_no_worker_outlives_the_engine(name: str) -> None:
    with ENGINES[name]() as engine:
        workers = {p for _, p, _ in engine.map(slowly_doubled, [(n, 0.01) for n in range(8)])}
    deadline = time.monotonic() + 20
    while any(runs(p) for p in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(runs(p) for p in workers)


def runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


# --- the same bytes -----------------------------------------------------------------------


def test_the_same_bytes_by_every_engine(lake: Setting) -> None:
    once = tables_by(lake, OneProcess())
    assert len(once["ngrams"][1]) > 500
    assert tables_by(lake, Cluster(2)) == once
    assert tables_by(lake, Processes(3)) == once


@needs_proc
@pytest.mark.parametrize("name", ["processes", "dask"])
def test_a_worker_killed_in_the_middle_changes_nothing(lake: Setting, name: str) -> None:
    once = tables_by(lake, OneProcess())
    overlay = read_overlay(lake.overlay)
    killed: list[int] = []

    def documents() -> Iterator[Document]:
        for number, document in enumerate(read(lake.source, overlay)):
            if number == 20:
                victim = children_that_count()[0]
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            yield document

    assert tables_by(lake, ENGINES[name](), documents=documents()) == once
    assert len(killed) == 1
    assert not runs(killed[0])


def children_that_count() -> list[int]:
    """Processes of the pool or the cluster, not those that only look after others."""
    found, seen = [], [os.getpid()]
    for process in seen:
        for task in Path(f"/proc/{process}/task").iterdir():
            seen += map(int, (task / "children").read_text().split())
    for process in seen[1:]:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        if b"resource_tracker" not in command:
            found.append(process)
    return found


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_work_that_was_lost_is_done_again(tmp_path: Path, name: str) -> None:
    items = [(n, str(tmp_path / "ended")) for n in range(12)]
    with ENGINES[name]() as engine:
        assert list(engine.map(end_once, items)) == list(range(12))
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_workers_lost_again_and_again_are_an_error(name: str) -> None:
    with ENGINES[name]() as engine, pytest.raises(TifaError, match="nothing was written"):
        list(engine.map(end_always, range(4)))


# --- what lies between --------------------------------------------------------------------


def test_nothing_is_left_of_what_lies_between(lake: Setting, tmp_path: Path) -> None:
    place = tmp_path / "texts-of-mine"
    seen: list[str] = []

    def look(_: int) -> None:
        seen.extend(p.name for folder in place.iterdir() for p in folder.iterdir())
        assert all(folder.stat().st_mode & 0o077 == 0 for folder in place.iterdir())

    tables_by(lake, OneProcess(), scratch=place, progress=look)
    assert {name.partition(".")[2] for name in seen} >= {"hits.arrow", "documents.arrow", "ids"}
    # nor of the folder for it, which was not there before
    assert not place.exists()
    place.mkdir()

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tables_by(lake, OneProcess(), scratch=place, progress=stop)
    assert snapshot(place) == {}


def test_what_a_killed_extraction_left_is_removed_and_a_running_one_is_not(tmp_path: Path) -> None:
    for name in (".lake.extract.left", ".lakes.extract.kept", ".[l]ake.extract.left"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "000000.ids").write_bytes(b"old")
    with (
        scratch_folder(tmp_path, "lake") as first,
        scratch_folder(tmp_path, "lake") as second,
        scratch_folder(tmp_path, "[l]ake"),
    ):
        assert first.is_dir()
        assert second.is_dir()
    assert {p.name for p in tmp_path.iterdir()} == {".lakes.extract.kept"}


def test_a_place_that_cannot_be_written(tmp_path: Path, lake: Setting) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TifaError, match="cannot be written"):
        tables_by(lake, OneProcess(), scratch=tmp_path / "file")


# --- names and errors ---------------------------------------------------------------------


def test_engines_by_name() -> None:
    assert isinstance(engine_named("processes", 1), OneProcess)
    assert isinstance(engine_named("processes", 2), Processes)
    assert isinstance(engine_named("dask", 1), Cluster)
    with pytest.raises(TifaError, match="--scheduler goes with --engine dask"):
        engine_named("processes", 1, "tcp://127.0.0.1:1")
    for wrong in ("10.0.0.5", "10.0.0.5:8786", "tcp://10.0.0.5", "tcp://:", "x y"):
        with pytest.raises(TifaError, match=r"expected an address such as tcp://"):
            engine_named("dask", 1, wrong)


def test_without_dask_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **options: Any) -> Any:
        if name.partition(".")[0] in ("dask", "distributed"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TifaError, match="pip install dask distributed"):
        Cluster(2)


def test_no_scheduler_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 1)
    with (
        pytest.raises(TifaError, match=r"no scheduler.*127.0.0.1:9.*dask scheduler"),
        Cluster(2, "tcp://127.0.0.1:9"),
    ):
        pass


def test_workers_that_cannot_be_started_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    def fail(**_: object) -> None:
        raise RuntimeError("Nanny failed") from OSError("no more\nprocesses")

    monkeypatch.setattr(distributed, "LocalCluster", fail)
    with (
        pytest.raises(TifaError, match=r"no Dask worker.*\(no more processes\); nothing was") as e,
        Cluster(2),
    ):
        pass
    assert one_line(str(e.value))


def test_workers_with_other_versions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as local:
        with Cluster(1, local.scheduler_address) as engine:
            assert list(engine.map(len, ["a", "of"])) == [1, 2]
        # asked for by name, the workers answer with their own
        monkeypatch.setattr(engines, "_COUNTING", ("polars",))
        monkeypatch.setattr(engines, "version", lambda _: "0.1")
        with (
            pytest.raises(TifaError, match=r"polars .*here it is 0\.1; install the same"),
            Cluster(1, local.scheduler_address),
        ):
            pass


def test_a_worker_that_joins_late_is_asked_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as local,
        Cluster(1, local.scheduler_address) as engine,
    ):
        here = engines.versions()
        # as if the workers that were looked at had gone, and others had come
        monkeypatch.setattr(engines, "versions", lambda: here | {"numpy": "0.1"})
        with pytest.raises(TifaError, match=r"numpy .*here it is 0\.1; install the same"):
            list(engine.map(len, ["a"]))


# --- the command --------------------------------------------------------------------------


def test_the_command_writes_the_same_files_on_a_cluster(
    lake: Setting, run_cli: Callable[..., Ran]
) -> None:
    arguments = ("extract", "lake", "--data", lake.data, "--texts", lake.source)
    ran = run_cli(*arguments, "-j", "1")
    assert ran.code == 0, ran.err
    once = snapshot(lake.folder)
    ran = run_cli(*arguments, "--engine", "dask", "-j", "2")
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    assert snapshot(lake.folder) == once
    assert not (lake.data / "texts").exists()
    assert pl.read_csv(lake.folder / "documents.csv").height == 40
    ran = run_cli(*arguments, "--engine", "spark")
    assert ran.code == 2
    assert "dask" in ran.err
