"""The jobs that run on GitHub."""

import json
import os
import re
import shutil
import subprocess
import tomllib

import pytest
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


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_each_version_of_python_has_one_issue(tmp_path):
    text = (WORKFLOWS / "weekly.yml").read_text("utf-8")
    step = yaml.safe_load(text)["jobs"]["newest"]["steps"][-1]
    assert step["if"] == "failure()"
    # a fake ``gh`` command that keeps each issue in a file
    stub = (
        "#!/usr/bin/env bash\n"
        'case "$2" in\n'
        '  list) jq -s . issues/*.json 2>/dev/null | jq -r "${@: -1}";;\n'
        "  edit) cp body.md issues/$3.md;;\n"
        "  create) n=$(ls issues/*.json 2>/dev/null | wc -l)\n"
        '    jq -n --arg t "$4" --argjson n "$n" \'{number: $n, title: $t}\' > issues/$n.json\n'
        "    cp body.md issues/$n.md;;\n"
        "esac\n"
    )
    (tmp_path / "issues").mkdir()
    (tmp_path / "gh").write_text(stub, "ascii")
    (tmp_path / "gh").chmod(0o755)
    for run, python in enumerate(("3.11", "3.12", "3.12", "3.1")):
        title = step["env"]["TITLE"].replace("${{ matrix.python }}", python)
        (tmp_path / "difference.txt").write_text(f"+boat=={run}\n", "ascii")
        settings = {"TITLE": title, "RUN": "x", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=os.environ | settings, check=True
        )
    titles = [json.loads(p.read_text())["title"] for p in sorted(tmp_path.glob("issues/*.json"))]
    assert titles == [f"Newest dependencies, Python {v}" for v in ("3.11", "3.12", "3.1")]
    # the issue shows the second run of the same version
    assert "boat==2" in (tmp_path / "issues" / "1.md").read_text("ascii")
