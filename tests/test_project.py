"""Imports run one way, as listed in pyproject.toml; the jobs that run on GitHub."""

import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, run_apart

LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder):
    return run_apart(LINT, "--no-cache", "--no-logo", folder=folder, sources=folder)


@pytest.mark.skipif(not LINT.exists(), reason="needs import-linter (make setup-dev)")
def test_imports_run_one_way(tmp_path):
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout
    # imports in the wrong direction are noticed
    for name in ("src", "packages"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, module in (
        ("src/tifa/data/files.py", "tifa.features.ngrams"),
        ("packages/sphinx-findings/src/sphinx_findings/record.py", "tifa.text"),
    ):
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {module}\n")
    found = lint(tmp_path).stdout
    assert "tifa.data is not allowed to import tifa.features" in found
    assert "sphinx_findings is not allowed to import tifa" in found


def test_the_package_for_others_does_not_mention_this_project():
    ends = {".py", ".md", ".toml", ".xml"}
    found = [p for p in (ROOT / "packages").rglob("*") if p.suffix in ends]
    assert len(found) > 20
    for path in found:
        assert not re.search(r"shanghai|\btifa", path.read_text("utf-8"), re.IGNORECASE), path


WORKFLOWS = ROOT / ".github" / "workflows"


def test_the_versions_of_python_that_are_named_are_run():
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [c.split(" :: ")[-1] for c in about["classifiers"] if "Python :: 3." in c]
    assert about["requires-python"] == f">={named[0]}"
    workflow = yaml.safe_load((WORKFLOWS / "weekly.yml").read_text("utf-8"))
    for job in ("pythons", "newest"):
        assert workflow["jobs"][job]["strategy"]["matrix"]["python"] == named


def test_actions_are_pinned_by_commit():
    for path in sorted(WORKFLOWS.glob("*.yml")):
        for used in re.findall(r"uses:\s*(\S+)", path.read_text("utf-8")):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), f"{path.name}: {used}"
