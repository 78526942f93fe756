"""A built book is never stale and never hides a failure."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def load_extension(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path):
    for name in ("src/tifa/a.py", "data/x.csv", "data/texts/private.txt", "requirements.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    return tmp_path


@pytest.mark.parametrize("name", ["src/tifa/a.py", "data/x.csv", "requirements.txt"])
def test_digest_sees_every_change_below_a_number(tree, name):
    digest = load_extension("freshness").digest
    before = digest(tree)
    assert digest(tree) == before
    (tree / name).write_text("two")
    assert digest(tree) != before


def test_digest_sees_renames_and_ignores_private_texts(tree):
    digest = load_extension("freshness").digest
    before = digest(tree)
    (tree / "data/texts/private.txt").write_text("two")
    assert digest(tree) == before
    (tree / "data/x.csv").rename(tree / "data/y.csv")
    assert digest(tree) != before


@pytest.mark.slow
def test_a_warm_build_runs_what_changed_and_hides_no_failure(tmp_path):
    book = tmp_path / "book"
    skip = shutil.ignore_patterns(".venv", "_build", ".git", "texts", "__pycache__", "tests")
    shutil.copytree(ROOT, book, ignore=skip)
    glue = book / "_build" / "jupyter_execute" / "notebooks" / "03-framing.glue.json"

    def build():
        tool = Path(sys.executable).with_name("jupyter-book")
        command = [str(tool), *["build", ".", "-W", "-n", "--keep-going"]]
        environment = {
            **os.environ,
            "TIFA_DATA": str(book / "data"),
            "PYTHONPATH": str(book / "src"),
        }
        return subprocess.run(
            command, cwd=book, env=environment, capture_output=True, text=True, check=False
        )

    first = build()
    assert first.returncode == 0, first.stdout[-1000:] + first.stderr[-2000:]
    assert glue.exists(), first.stdout[-2000:]
    made = glue.stat().st_mtime_ns

    assert build().returncode == 0
    assert glue.stat().st_mtime_ns == made  # nothing changed, nothing ran

    codes = book / "data" / "annotations" / "codes.csv"
    lines = codes.read_text().splitlines()
    before = json.loads(glue.read_text())
    # take the frame "solidarity" from the first sentence of both annotators
    column = lines[0].split(",").index("solidarity")
    for place in (1, 2):
        cells = lines[place].split(",")
        cells[column] = str(1 - int(cells[column]))
        lines[place] = ",".join(cells)
    codes.write_text("\n".join(lines) + "\n")
    assert build().returncode == 0
    after = json.loads(glue.read_text())
    assert before["finding:F3.1"] != after["finding:F3.1"]
    # a page that quotes the finding follows, though it was not itself changed
    page = (book / "_build" / "html" / "book" / "findings.html").read_text()
    statement = json.loads(after["finding:F3.1"]["data"]["text/plain"])["statement"]
    assert html.escape(statement) in page

    codes.write_text("nonsense\n")
    assert build().returncode != 0
    assert build().returncode != 0  # and again: a warm build does not forget
