"""Imports between packages run one way, as listed in pyproject.toml."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from conftest import ROOT, run_apart

LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder):
    return run_apart(LINT, "--no-cache", "--no-logo", folder=folder, sources=folder)


@pytest.mark.skipif(not LINT.exists(), reason="needs import-linter (make setup-dev)")
def test_imports_run_one_way(tmp_path):
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout
    # an import in the wrong direction is noticed
    for name in ("src", "packages"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / "tifa" / "data" / "files.py"
    path.write_text(path.read_text("utf-8") + "\nimport tifa.features.ngrams\n", "utf-8")
    assert "tifa.data is not allowed to import tifa.features" in lint(tmp_path).stdout
    path = tmp_path / "packages/sphinx-findings/src/sphinx_findings/ris.py"
    path.write_text(path.read_text("utf-8") + "\nimport tifa.text\n", "utf-8")
    assert "sphinx_findings is not allowed to import tifa" in lint(tmp_path).stdout


def test_the_package_for_others_does_not_mention_the_house():
    found = [
        p for p in (ROOT / "packages").rglob("*") if p.suffix in {".py", ".md", ".toml", ".xml"}
    ]
    assert len(found) > 20
    for path in found:
        assert not re.search(r"shanghai|\btifa", path.read_text("utf-8"), re.IGNORECASE), path
