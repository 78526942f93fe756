"""The jobs that run on GitHub."""

import re
import tomllib

import yaml
from conftest import ROOT

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
