"""Run the fast tests and build the book under several versions of Python: ``make pythons``.

Each version that is found here gets a clone of the last commit and an environment made from the
lock. Other versions can be named, or the paths of their interpreters. Writes
reliability/results/pythons.csv, a row for each; exit status 1 where something failed.
"""

from __future__ import annotations

import csv
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from reproduce import HERE, clone

RESULTS = HERE / "results" / "pythons.csv"
COLUMNS = ["python", "system", "passed", "skipped", "failed", "book", "findings", "differ"]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def interpreter(name: str) -> str:
    """Path of the interpreter of a version, by the search path or pyenv; empty where none is."""
    pyenv = Path.home() / ".pyenv" / "versions"
    installed = [] if "/" in name else sorted(pyenv.glob(f"{name}.*/bin/python"))
    for path in (name, f"python{name}", *map(str, installed)):
        found = shutil.which(path)
        # what is found may be a stand-in that only says that there is none
        if found is None:
            continue
        if not subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
            return found
    return ""


def run(python: str, folder: Path) -> dict[str, str]:
    """What became of tests, book and findings under one interpreter."""
    copy = clone(folder / "clone")
    env = {k: v for k, v in os.environ.items() if k not in ("TIFA_DATA", "PYTHONPATH")}
    subprocess.run(["make", "setup-dev", f"PYTHON={python}"], cwd=copy, env=env, check=True)
    own = str(copy / ".venv" / "bin" / "python")

    def done(*command: str) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [own, *command], cwd=copy, env=env, capture_output=True, text=True, check=False
        )
        if result.returncode:
            print(f"{' '.join(command)}: {result.stdout[-3000:]}{result.stderr[-3000:]}")
        return result

    report = folder / "tests.xml"
    tests = ["-n", os.environ.get("WORKERS", "auto"), "-m", "not slow", f"--junitxml={report}"]
    done("-m", "pytest", *tests)
    suites = ElementTree.parse(report).getroot().findall("testsuite")
    ran, skipped, failed = (
        sum(int(s.get(key, "0")) for s in suites for key in keys)
        for keys in (("tests",), ("skipped",), ("failures", "errors"))
    )
    built = done("-m", "tifa_book.build").returncode == 0
    said = done("-m", "tifa.cli", "snapshot", "--check").stdout if built else ""
    counts = re.search(r"([\d,]+) findings, ([\d,]+) differences", said)
    version = done("-c", "import platform; print(platform.python_version())").stdout.strip()
    return {
        "python": version,
        "system": f"{platform.system()} {platform.machine()}",
        "passed": str(ran - skipped - failed),
        "skipped": str(skipped),
        "failed": str(failed),
        "book": "built" if built else "not built",
        "findings": counts[1] if counts else "",
        "differ": counts[2] if counts else "",
    }


def minor(row: dict[str, str]) -> tuple[int, ...]:
    """3 and 13 of 3.13.1: a version takes the place of an earlier one of the same."""
    return tuple(map(int, row["python"].split(".")[:2]))


def keep(row: dict[str, str]) -> None:
    """Put a row into the table, in order of versions."""
    rows = []
    if RESULTS.is_file():
        with RESULTS.open(encoding="utf-8", newline="") as file:
            rows = [r for r in csv.DictReader(file) if minor(r) != minor(row)]
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*rows, row], key=minor))


def main() -> None:
    """Run each version, write and print its row."""
    bad = False
    for name in sys.argv[1:] or VERSIONS:
        python = interpreter(name)
        if not python:
            print(f"{name}: not found here")
            continue
        with tempfile.TemporaryDirectory(prefix="tifa-python-") as folder:
            row = run(python, Path(folder))
        keep(row)
        print("  ".join(row.values()))
        bad |= row["failed"] != "0" or row["book"] != "built" or row["differ"] != "0"
    sys.exit(bad)


if __name__ == "__main__":
    main()
