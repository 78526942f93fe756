"""The commands of reliability/ distinguish survived faults from others."""

import importlib.util
import os
import re
import shutil
import sys

import pytest
from conftest import CORPORA, ROOT, replace_in, run_apart, written
from hostile import PIECES
from hypothesis import given

from tifa_book import tables

FOLDER = ROOT / "reliability"
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzz = load("fuzz")


@pytest.mark.parametrize("name", fuzz.TARGETS)
@given(data=PIECES)
def test_every_fuzz_target_takes_any_bytes(name, data):
    fuzz.TARGETS[name][0](data)


def inject(library, faults):
    """Inject only these faults, and only into the command findings: all together take minutes."""
    code = "import faults, sys; sys.argv = ['', 'findings']; "
    code += f"faults.FAULTS = {faults!r}; faults.main()"
    path = os.pathsep.join(map(str, [library, ROOT / "packages" / "sphinx-findings" / "src"]))
    return run_apart(sys.executable, "-c", code, folder=FOLDER, PYTHONPATH=path)


@needs_strace
@pytest.mark.slow
def test_faults_are_survived():
    few = {"disk full": ("error=ENOSPC", ("write",)), "not allowed": ("error=EACCES", ("openat",))}
    done = inject(ROOT / "src", few | {"kill": ("signal=KILL", ("rename",))})
    assert done.returncode == 0, done.stdout + done.stderr
    for said in ("| kill |", "No space left on device", "data/corpora: cannot be listed"):
        assert said in done.stdout


@needs_strace
@pytest.mark.slow
def test_a_library_that_writes_in_place_does_not_survive(tmp_path):
    broken = tmp_path / "src"
    shutil.copytree(ROOT / "src", broken)
    files = broken / "tifa" / "data" / "files.py"
    replace_in(files, "    fresh = _new(target)\n", "    fresh = target\n")
    # killing the command at its writes is enough to reveal the change
    done = inject(broken, {"kill": ("signal=KILL", ("write",))})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "| no\n" in done.stdout


def test_the_committed_results_keep_the_promises():
    faults, fuzzed, again = (tables.read(n) for n in ("faults", "fuzz", "reproduce"))
    assert set(faults["target"]) == set(load("faults").COMMANDS)
    # reads fail, too: of texts, overlay and phrasebook
    points = faults.loc[faults["target"] == "extract", "point"]
    for path in ("texts/lake/d1.txt", "metadata/lake.yml", "lexicon/phrases.yml"):
        assert f"read 1 of data/{path}" in set(points)
    assert (faults["survived"] == "yes").all()
    assert fuzzed["inputs"].astype(int).sum() >= 100_000
    assert set(fuzzed["target"]) == set(fuzz.TARGETS)
    assert (fuzzed["crash"] == "").all()
    made = {w.partition(",")[0] for w in again["what"]}
    assert made >= {"site", *(f"features of {corpus}" for corpus in CORPORA)}
    assert (again["files"] == again["equal"]).all()


def test_no_number_is_typed_on_the_page():
    assert re.findall(r"\d+", (ROOT / "book" / "reliability.md").read_text("utf-8")) == []


def test_the_page_prints_the_values_of_the_tables(tmp_path):
    assert tables.numbers(tmp_path) == {}
    head = "target,fault,point,exit,message,left,next_run,survived\n"
    written(
        tmp_path,
        {
            "faults.csv": f"{head}a,kill,1,,,,,yes\na,kill,2,,,,,no\n",
            "fuzz.csv": "target,inputs,seed,seconds,crash\na,1200,1,1,\nb,30,1,1,ValueError\n",
        },
    )
    numbers = tables.numbers(tmp_path)
    assert (numbers["faults.injected"], numbers["faults.lost"]) == ("2", "1")
    assert (numbers["fuzz.inputs"], numbers["fuzz.crashes"]) == ("1,230", "1")
    for name, row in (("faults", ["kill", 2, 1]), ("commands", ["a", 2, 1])):
        assert tables.table(name, tables.read(name, tmp_path)).values.tolist() == [row]
