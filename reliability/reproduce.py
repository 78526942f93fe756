"""Build everything twice from a clean clone, and compare: ``make reproduce``.

Each of two rounds clones the last commit, makes a new environment (with --here, it uses the current
one), and makes the site, the findings and, if TIFA_TEXTS has texts, the features. The rounds differ
in time zone, language, hash seed and number of threads. The features (by rows and by bytes) and the
findings of each round are compared with the files of this checkout, and the sites of the two rounds
with each other, by bytes. Writes reliability/results/reproduce.csv; the exit status is 1 if
anything differs.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl

from tifa.data.files import read_table, sha256

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "reliability" / "results" / "reproduce.csv"
CORPORA = ("briefing", "xi", "ungdc")
ROUNDS = [
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"},
    {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "77",
        "POLARS_MAX_THREADS": "2",
    },
]
#: File types of the site that are compared.
KINDS = (".html", ".json", ".svg", ".csv", ".js", ".css", ".xml", ".bib", ".inv", ".txt", ".yml")


def clone(folder: Path) -> Path:
    """Clone the last commit, without uncommitted files."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def environment(copy: Path, *, here: bool) -> Path:
    """Return the Python to build with: in a new environment from the lock, or the current one."""
    if here:
        return Path(sys.executable)
    subprocess.run(["make", "setup"], cwd=copy, check=True)
    return copy / ".venv" / "bin" / "python"


def made(copy: Path, python: Path, settings: dict[str, str], corpora: list[str]) -> None:
    """Make features, site and findings in a clone."""
    dropped = ("TIFA_DATA", "PYTHONPATH")
    env = {k: v for k, v in os.environ.items() if k not in dropped} | settings
    commit = ["git", "log", "-1", "--format=%ct"]
    stamp = subprocess.run(commit, cwd=copy, capture_output=True, text=True, check=True).stdout
    sources = os.pathsep.join(map(str, (copy / "src", copy / "packages/sphinx-findings/src")))
    env |= {"PYTHONPATH": sources, "SOURCE_DATE_EPOCH": stamp.strip()}
    tifa = [str(python), "-m", "tifa.cli"]
    for command in (
        *([*tifa, "extract", corpus, "--robustness"] for corpus in corpora),
        [str(python), "-m", "tifa_book.build"],
        [*tifa, "snapshot"],
    ):
        done = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{' '.join(command[1:])} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def files(folder: Path, kinds: tuple[str, ...]) -> dict[str, str]:
    """Return the SHA-256 of every file of these types, by path."""
    return {
        p.relative_to(folder).as_posix(): sha256(p)
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.suffix in kinds
    }


def row(what: str, compared: str, old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return a row of the table: the number of equal files, and up to 20 names that differ."""
    every = old.keys() | new.keys()
    differ = sorted(k for k in every if old.get(k) != new.get(k))
    return {
        "what": what,
        "compared": compared,
        "files": str(len(every)),
        "equal": str(len(every) - len(differ)),
        "differ": " ".join(differ[:20]),
    }


def canonical_hash(rows: pl.DataFrame) -> str:
    """Return the SHA-256 of the rows of a table, whatever their order and file format."""
    ordered = rows.select(sorted(rows.columns))
    ordered = ordered.sort(ordered.columns, nulls_last=True)
    return hashlib.sha256(ordered.write_ndjson().encode()).hexdigest()


def table_rows(folder: Path) -> dict[str, str]:
    """Return a hash of the rows of every table of a corpus, by corpus and file name."""
    return {
        f"{folder.name}/{path.name}": canonical_hash(read_table(folder, path.stem))
        for path in sorted(folder.glob("[!.]*"))
    }


def compare(copies: list[Path], corpora: list[str]) -> Iterator[dict[str, str]]:
    """Compare features and findings with those of this checkout, and the two sites."""
    for number, copy in enumerate(copies, start=1):
        said = f"round {number} with the files of this checkout"
        for corpus in corpora:
            folders = [root / "data" / "corpora" / corpus for root in (ROOT, copy)]
            tables = [files(folder, (".csv", ".parquet")) for folder in folders]
            yield row(f"features of {corpus}, rows", said, *map(table_rows, folders))
            yield row(f"features of {corpus}, bytes", said, *tables)
        lists = [
            {name: sha256(root / "data" / name) for name in ("findings.csv", "datapackage.json")}
            for root in (ROOT, copy)
        ]
        yield row("findings and data package, bytes", said, *lists)
    sites = [copy / "_build" / "html" for copy in copies]
    for kind in KINDS:
        found = [files(site, (kind,)) for site in sites]
        if found[0] or found[1]:
            yield row(f"site, {kind[1:]}, bytes", "round 1 with round 2", *found)


def main() -> None:
    """Make everything twice and compare; KEEP=FOLDER copies everything to a folder."""
    here = "--here" in sys.argv
    texts = os.environ.get("TIFA_TEXTS")
    corpora = [c for c in CORPORA if texts and (Path(texts) / c).exists()]
    with tempfile.TemporaryDirectory(prefix="tifa-reproduce-") as folder:
        # both folders have the same name, so that pages with this name are equal
        copies = [clone(Path(folder) / str(n) / "clone") for n in (1, 2)]
        for copy, settings in zip(copies, ROUNDS, strict=True):
            made(copy, environment(copy, here=here), settings, corpora)
        rows = list(compare(copies, corpora))
        if keep := os.environ.get("KEEP"):
            shutil.copytree(folder, keep, dirs_exist_ok=True, symlinks=True)
    pd.DataFrame(rows).to_csv(RESULTS, index=False, lineterminator="\n")
    for line in rows:
        print(*line.values(), sep="  ")
    if not corpora:
        print("no texts (TIFA_TEXTS): features were not made again")
    print(f"Python {platform.python_version()}, {'this' if here else 'a new'} environment")
    sys.exit(1 if any(line["differ"] for line in rows) else 0)


if __name__ == "__main__":
    main()
