"""The same bytes on any machine and with any kind of workers, and a message if workers die."""

import os
import shutil
import sys
import time
from operator import length_hint

import pytest
from conftest import TEXTS, build_data, extract_setting, refusal, snapshot
from test_extract import as_bytes, many

from tifa.features import workers
from tifa.features.scratch import scratch_folder
from tifa.features.workers import dask_cluster, in_order, processes
from tifa.util.errors import TifaError


def slowly_doubled(item):
    time.sleep(item[1])
    return item[0] * 2, os.environ.get("POLARS_MAX_THREADS", ""), os.getpid()


def end_process(_):
    os._exit(1)


def refuse(_):
    raise TifaError("no word", where="a.txt")


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return build_data(
        tmp_path_factory.mktemp("lake"),
        texts=many(documents=40),
        rights="public",
        ngrams=True,
        defaults={"country": "AAA", "date": "2001"},
    )


def tables_of(setting, **options):
    return as_bytes(extract_setting(setting, characters=900, **options))


several = pytest.mark.parametrize("start", [processes, dask_cluster])


@several
def test_results_come_in_order_and_errors_unchanged(start):
    # the first of each pair is the slower one
    items = iter([(number, 0.02 * (number % 2 == 0)) for number in range(30)])
    with start(2) as both:
        for number, found in enumerate(in_order(slowly_doubled, items, both)):
            *doubled, process = found
            assert doubled == [2 * number, "1"]
            assert process != os.getpid()
            # only a few items are taken before their results are needed
            assert 30 - length_hint(items) <= number + 6
        assert number == 29
        with refusal("a.txt: no word"):
            list(in_order(refuse, range(20), both))


@several
def test_a_lost_worker_is_an_error_and_no_endless_wait(start):
    import dask

    # by default Dask starts a new worker three times
    once = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with once, refusal("nothing was written"), start(2) as both:
        list(in_order(end_process, range(4), both))


def test_the_same_bytes_in_chinese_too(make_data):
    lines = ["小船慢慢回家。", "雨天小船不走，米在船上！", "湖边精神在哪里？湖边精神在船上。"]
    texts = {f"an-{n:02}": "".join(lines[n % 3 :] + lines[: n % 5]) * (n + 1) for n in range(40)}
    lake = make_data(texts=texts, language="zh", defaults={"date": "2001"})
    once = tables_of(lake)
    assert {"word_years", "collocates", "entries"} <= once.keys()
    assert tables_of(lake, jobs=2) == once


def test_intermediate_files_are_removed(lake, tmp_path):
    place = tmp_path / "texts-of-mine"
    seen = set()

    def look(_):
        (folder,) = place.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        seen.update(p.name.partition(".")[2] for p in folder.iterdir())

    tables_of(lake, scratch=place, progress=look)
    assert seen >= {"hits.arrow", "documents.arrow", "ids"}
    # the scratch folder, which did not exist before, is removed, too
    assert not place.exists()
    place.mkdir()

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tables_of(lake, scratch=place, progress=stop)
    assert snapshot(place) == {}


def test_leftovers_of_a_killed_extraction_are_removed(tmp_path):
    for name in (".lake.extract", ".lakes.extract"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "000000.ids").write_bytes(b"old")
    with scratch_folder(tmp_path, "lake") as folder:
        assert list(folder.iterdir()) == []
    assert {p.name for p in tmp_path.iterdir()} == {".lakes.extract"}


def test_a_place_that_cannot_be_written(tmp_path, lake):
    (tmp_path / "file").write_text("")
    with refusal("cannot be written"):
        tables_of(lake, scratch=tmp_path / "file")


def test_without_dask_the_error_says_what_to_install(monkeypatch):
    for name in ("dask", "distributed"):
        monkeypatch.setitem(sys.modules, name, None)
    with refusal("pip install dask distributed"), dask_cluster(2):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "x y"])
def test_no_scheduler_at_the_address(monkeypatch, address):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    with refusal("no Dask scheduler", address, "dask scheduler"), dask_cluster(2, address):
        pass


def test_workers_with_other_versions_are_refused(monkeypatch):
    from distributed import LocalCluster, versions

    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as local:
        with dask_cluster(1, local.scheduler_address) as cluster:
            assert list(in_order(len, ["a", "of"], cluster)) == [1, 2]
        # the workers are other processes with their own answer
        monkeypatch.setattr(versions, "_version_cached", lambda _: "0.1")
        with (
            pytest.warns(Warning, match="Mismatched"),  # Dask's own error
            refusal("here it is 0.1; install the same"),
            dask_cluster(1, local.scheduler_address),
        ):
            pass


def test_one_process_several_and_a_cluster_write_the_same_files(lake, run_cli):
    arguments = ("extract", "lake", "--data", lake.data, "--texts", lake.source)
    written = []
    for workers_asked in (["-j", "1"], ["-j", "3"], ["--engine", "dask", "-j", "2"]):
        ran = run_cli(*arguments, *workers_asked)
        assert ran.code == 0, ran.err
        assert "Traceback" not in ran.err
        written.append(snapshot(lake.folder))
    assert written[0] == written[1] == written[2]
    assert {"ngrams.csv", "ngram_countries.csv"} <= written[0].keys()
    assert not (lake.data / "texts").exists()
    assert "--engine dask" in run_cli(*arguments, "--scheduler", "tcp://127.0.0.1:9").refusal


MACHINES = [
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"}
    | {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "America/Adak"}
    | {"PYTHONHASHSEED": "3", "POLARS_MAX_THREADS": "4"},
]


def test_no_result_depends_on_where_it_is_made(make_data, run_cli):
    texts = {**TEXTS, "zürich-2004": "Slow boats carried ÉCLAIRS. Istanbul, İzmir and ISTANBUL."}
    lake = make_data(texts=texts, one_event=True, specifications=["lakeside-spirit"])
    written = []
    for settings in ({}, *MACHINES):
        where = ("--data", lake.data, "--texts", lake.source)
        ran = run_cli("extract", "lake", *where, "--robustness", "-j", "1", **settings)
        assert ran.code == 0, ran.err
        written.append(snapshot(lake.data))
        shutil.rmtree(lake.folder)
    assert len([name for name in written[0] if name.startswith("corpora/lake/")]) == 10
    assert written[0] == written[1] == written[2]
