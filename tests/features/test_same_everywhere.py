"""Features do not depend on the machine, its settings, or the order in which files are read."""

import sys

import pytest
from conftest import TEXTS, build_data, run_apart
from typer.testing import CliRunner

from tifa.cli import app

SETTINGS = [
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"}
    | {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "America/Adak"}
    | {"PYTHONHASHSEED": "3", "POLARS_MAX_THREADS": "4"},
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("same")
    texts = {**TEXTS, "zürich-2004": "Slow boats carried ÉCLAIRS. Istanbul, İzmir and ISTANBUL."}
    build_data(folder, texts=texts, one_event=True, specifications=["lakeside-spirit"])
    ran = CliRunner().invoke(app, _arguments(folder))
    assert ran.exit_code == 0, ran.output
    return folder, _written(folder)


def _arguments(folder):
    arguments = ["extract", "lake", "--data", str(folder / "data")]
    return [*arguments, "--texts", str(folder / "texts" / "lake"), "--robustness", "-j", "1"]


def _written(folder):
    found = {p.name: p.read_bytes() for p in (folder / "data" / "corpora" / "lake").iterdir()}
    return found | {"datapackage.json": (folder / "data" / "datapackage.json").read_bytes()}


def _extract(folder, settings):
    done = run_apart(sys.executable, "-m", "tifa.cli", *_arguments(folder), **settings)
    assert done.returncode == 0, done.stderr
    return _written(folder)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: " ".join(s.values()))
def test_no_result_depends_on_where_it_is_made(reference, settings):
    folder, expected = reference
    assert len(expected) == 11
    assert _extract(folder, settings) == expected
