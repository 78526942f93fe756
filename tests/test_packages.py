"""Imports between packages run one way, as listed in pyproject.toml."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache", "--no-logo"], cwd=folder, env={"PYTHONPATH": str(folder / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not LINT.exists(), reason="needs import-linter (make setup-dev)")
def test_imports_run_one_way(tmp_path: Path) -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout
    # an import in the wrong direction is noticed
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / "tifa" / "data" / "files.py"
    path.write_text(path.read_text("utf-8") + "\nimport tifa.features.ngrams\n", "utf-8")
    assert "tifa.data is not allowed to import tifa.features" in lint(tmp_path).stdout
