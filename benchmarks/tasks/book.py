"""Builds of the book, compared with stock jupyter-book on the same notebooks."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from pathlib import Path

import yaml
from context import Context
from measure import Row, watched

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("book", "notebooks", "data", "benchmarks", "reliability")
NOTEBOOK = "notebooks/minister.ipynb"
STEPS = ("cold build", "no change", "one notebook changed")
#: A cold build takes about a minute, so there is only one round.
ROUNDS = 1


def whole_book(folder: Path) -> Path:
    """A copy of the book with all its extensions."""
    for name in FOLDERS:
        ignore = shutil.ignore_patterns("texts", "__pycache__", "_build")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("_config.yml", "_toc.yml", "CITATION.cff", "CHANGELOG.md", "pyproject.toml",
                 "requirements.txt", "requirements-dev.txt", "README.md", "LICENSE"):  # fmt: skip
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "src", folder / "src")
    return folder


def stock_book(folder: Path) -> Path:
    """The same notebooks with plain Jupyter Book."""
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("texts"))
    (folder / "index.md").write_text("# Notebooks\n", "utf-8")
    notebooks = sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb"))
    toc = {
        "format": "jb-book",
        "root": "index",
        "chapters": [{"file": f"notebooks/{name}"} for name in notebooks],
    }
    ours = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    config = {
        "title": "Notebooks",
        "only_build_toc_files": True,
        "execute": ours["execute"] | {"stderr_output": "show"},
        "parse": ours["parse"],
    }
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    return folder


def change(notebook: Path) -> None:
    """Add a line to a cell of code."""
    content = json.loads(notebook.read_text("utf-8"))
    cell = next(c for c in reversed(content["cells"]) if c["cell_type"] == "code")
    cell["source"] = [*cell["source"], "\n# changed"]
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")


def build(folder: Path, epoch: str, *, ours: bool) -> float:
    """Seconds for a build; ours is the one of ``make book``."""
    command = (
        [sys.executable, "-m", "tifa_book.build", str(folder)]
        if ours
        else [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder)]
    )
    environment = {"SOURCE_DATE_EPOCH": epoch, "TIFA_DATA": str(folder / "data")}
    seconds, _, said = watched(command, environment=environment, folder=folder)
    if not (folder / "_build" / "html" / "index.html").is_file():
        raise RuntimeError(said[-2000:])
    return seconds


def run(context: Context) -> list[Row]:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "1700000000")
    makers = {"tifa": whole_book, "stock jupyter-book": stock_book}
    seconds: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS):
        folders = {}
        for who, make in makers.items():
            folder = context.scratch / f"{make.__name__}-{number}"
            folder.mkdir()
            folders[who] = make(folder)
        for step in STEPS:
            for who, folder in folders.items():
                if step == STEPS[2]:
                    change(folder / NOTEBOOK)
                seconds.setdefault((step, who), []).append(build(folder, epoch, ours=who == "tifa"))
    rows = []
    for step in STEPS:
        ours = statistics.median(seconds[step, "tifa"])
        for who in makers:
            taken = statistics.median(seconds[step, who])
            row = Row(f"book, {step}", who, float("nan"), taken, ROUNDS, taken / ours)
            if step == STEPS[0] and who != "tifa":
                row.goal = "ours no slower"
                row.reached = "yes" if ours <= taken else f"no: {ours - taken:.0f} s slower"
                row.note = "the notebooks alone, without the other pages and the explorer"
            if step == STEPS[1] and who == "tifa":
                row.goal = "under 5 s"
                row.reached = "yes" if ours < 5 else f"no: {ours:.1f} s"
            rows.append(row)
    return rows
