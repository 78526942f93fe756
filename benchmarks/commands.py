"""Measure seconds and memory of whole commands, and compare builds with plain Jupyter Book."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from itertools import islice
from pathlib import Path

import polars as pl
import yaml
from measure import Row, watched
from sample import data_for, debates, debates_generated, write_parts

from tifa.data.files import read_table
from tifa.util.data_folder import data_folder

ROOT = Path(__file__).resolve().parents[1]
TIFA = [sys.executable, "-m", "tifa.cli"]
BUILDER = [sys.executable, "-m", "tifa_book.build"]
JOBS = 2


def starting(rounds: int, _: Path) -> list[Row]:
    """Measure short commands, for which people wait."""
    rows = []
    for arguments, before, most in (
        ("--help", "1.9 s", 0.3),
        ("count shanghai-spirit --corpus briefing", "1.9 s", 0.8),
        ("count shanghai-spirit --corpus ungdc", "4.6 s", 1.0),
    ):
        runs = [watched([*TIFA, *arguments.split()]) for _ in range(rounds)]
        row = Row("commands", f"tifa {arguments}", statistics.median(r[0] for r in runs))
        row.rounds, row.cpu = rounds, statistics.median(r[1].cpu for r in runs)
        rows.append(row.aim(before, most=most))
    return rows


def timed(task: str, who: str, command: list[str], folder: Path | None = None) -> Row:
    seconds, peak, _ = watched(command, folder=folder)
    return Row(task, who, seconds, peak_mib=peak.tree, cpu=peak.cpu)


# --- extraction ---------------------------------------------------------------------------


def lexicon_and_metadata(data: Path) -> None:
    """Make a data folder with copies of the folders lexicon and metadata, but without features."""
    for part in ("lexicon", "metadata"):
        shutil.copytree(data_folder() / part, data / part)


def extract(data: Path, corpus: str, *options: str) -> Row:
    (data / "texts").mkdir(exist_ok=True)
    command = [*TIFA, "extract", corpus, "-j", str(JOBS), "--data", str(data), *options]
    return timed("tifa extract, two processes", " ".join([corpus, *options[2:]]), command)


def extraction(_: int, folder: Path) -> list[Row]:
    """Measure the extraction of UN debates (also with --robustness) and of the evening news.

    Without texts (TIFA_TEXTS), generated texts are extracted instead.
    """
    data, texts = folder / "data", os.environ.get("TIFA_TEXTS")
    if not texts:
        data_for(data)
        write_parts(folder / "parts", debates_generated())
        return [extract(data, "debates", "--texts", str(folder / "parts"))]
    lexicon_and_metadata(data)
    un, news = (("--texts", str(Path(texts) / corpus)) for corpus in ("ungdc", "xwlb"))
    return [
        extract(data, "ungdc", *un).aim("112 s, 1051 MiB, with robustness", most=45, mib=900),
        extract(data, "ungdc", *un, "--robustness"),
        extract(data, "xwlb", *news).aim("97 s, 1165 MiB", most=60, mib=900),
    ]


def tweets(many: int) -> pl.DataFrame:
    """Return a table of ``many`` generated texts of at most 126 characters."""
    documents = debates_generated(2_000)
    pieces = (d.text[at : at + 126] for d in documents for at in range(0, len(d.text), 126))
    return pl.DataFrame({"text": list(islice(pieces, many))}).with_row_index("doc_id")


def added(folder: Path, name: str, texts: Path) -> Path:
    """Make a study with one corpus by `tifa new` and `tifa add`, and return its folder."""
    study = folder / name
    watched([*TIFA, "new", str(study), "--title", "Oars"])
    watched([*TIFA, "add", name, "--texts", str(texts), "--rights", "quotable"], folder=study)
    return study


def own(_: int, folder: Path) -> list[Row]:
    """Measure on generated texts of other shapes: many short ones, a long one, a large corpus."""
    task = "own texts, generated"
    studies = {}
    for many in (63_000, 40_000):
        name = f"tweets-{many}"
        tweets(many).write_csv(folder / f"{name}.csv")
        studies[name] = added(folder, name, folder / f"{name}.csv")
    look = [*TIFA, "kwic", '"mutual trust"', "--corpus", "tweets-63000"]
    rows = [
        timed(task, "tifa kwic in 63,000 tweets (8 MB)", look, studies["tweets-63000"]),
        *(
            timed(task, f"tifa extract {name}, quotable", [*TIFA, "extract", name, "-j2"], study)
            for name, study in studies.items()
        ),
    ]
    rows[0].aim("302 s", most=5)
    rows[2].aim("70 s", most=5)
    long = folder / "one"
    long.mkdir()
    text = "\n\n".join(d.text for d in debates_generated(600))[:10_000_000]
    (long / "long.txt").write_text(text, "utf-8")
    study = added(folder, "long", long)
    count = [*TIFA, "extract", "long", "-j", str(JOBS)]
    rows.append(timed(task, "tifa extract of a document of 10 MB", count, study))
    rows[-1].aim("hours", most=30)
    many = folder / "hundred"
    many.mkdir()
    for document in debates_generated(5_700):
        (many / f"{document.doc_id}.txt").write_text(document.text, "utf-8")
    study = folder / "oars"
    watched([*TIFA, "new", str(study), "--title", "Oars"])
    steps = [
        timed(task, "", command, study)
        for command in (
            [*TIFA, "add", "oars", "--texts", str(many), "--rights", "quotable"],
            [*TIFA, "extract", "oars", "-j", str(JOBS)],
            [*BUILDER, str(study)],
        )
    ]
    whole = Row(task, "tifa add to built book, 100 MB", sum(s.seconds for s in steps))
    whole.cpu = sum(s.cpu or 0 for s in steps)
    whole.note = "add {:.0f} s, extract {:.0f} s, book {:.0f} s".format(*(s.seconds for s in steps))
    return [*rows, whole.aim("not measured", most=180)]


def large(folder: Path, every: int = 1) -> pl.DataFrame:
    """Measure extraction on a Dask cluster: of UN debates, four copies of them, and evening news.

    If ``every`` is larger than 1, only every ``every``-th speech is used, and no evening news.
    """
    rows = []
    for times in (1, 4):
        here = folder / f"large-{times}"
        source, documents = debates()
        data = data_for(here / "data")
        if every > 1:
            source += f", every {every}th document"
        size = write_parts(here / "parts", islice(documents, 0, None, every), times)
        rows.append(on_cluster(data, "debates", here / "parts", source, size, times))
        shutil.rmtree(here)
    news = Path(os.environ.get("TIFA_TEXTS") or "-") / "xwlb"
    if every == 1 and news.exists():
        data = folder / "data"
        lexicon_and_metadata(data)
        size = sum(p.stat().st_size for p in news.iterdir())
        source = "evening news, in characters; its texts packed"
        rows.append(on_cluster(data, "xwlb", news, source, size, 1))
    return pl.DataFrame(rows)


def on_cluster(
    data: Path, corpus: str, texts: Path, source: str, size: int, times: int
) -> dict[str, object]:
    """Extract a corpus on the workers of a local Dask cluster, and return a row of the table.

    ``source`` describes the texts, ``size`` is their size in bytes, and ``times`` is the number of
    copies of each text.
    """
    scratch = data / "texts"
    scratch.mkdir()
    command = [*TIFA, "extract", corpus, "-j", str(JOBS), "--data", str(data)]
    command += ["--texts", str(texts), "--engine", "dask"]
    seconds, peak, _ = watched(command, scratch=scratch)
    written = data / "corpora" / corpus
    counted = read_table(written, "documents", described=False)
    words = int(counted["words"].sum())
    return {
        "corpus": f"{source}, {times} times",
        "times": times,
        "documents": counted.height,
        "words": words,
        "megabytes": round(size / 1e6, 1),
        "workers": JOBS,
        "seconds": round(seconds, 1),
        "cpu": round(peak.cpu, 1),
        "words_per_second": round(words / seconds),
        "peak_mib": round(peak.tree),
        "parent_mib": round(peak.parent),
        "worker_mib": round(peak.worker),
        "disk_mib": round(peak.disk),
        "features_mib": round(sum(p.stat().st_size for p in written.iterdir()) / 2**20, 1),
    }


# --- the book -----------------------------------------------------------------------------

NOTEBOOK = "notebooks/minister.ipynb"


def whole_book(folder: Path) -> None:
    """Copy the book with its extensions: the project without texts, hidden files and builds."""
    ignore = shutil.ignore_patterns("texts", "__pycache__", "_build", ".*")
    shutil.copytree(ROOT, folder, ignore=ignore)


def stock_book(folder: Path) -> None:
    """Write a book with the same notebooks for plain Jupyter Book, without our extensions."""
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("texts"))
    (folder / "index.md").write_text("# Notebooks\n", "utf-8")
    chapters = [{"file": f"notebooks/{p.stem}"} for p in sorted(ROOT.glob("notebooks/*.ipynb"))]
    ours = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    config = {
        "title": "Notebooks",
        "only_build_toc_files": True,
        "execute": ours["execute"] | {"stderr_output": "show"},
        "parse": ours["parse"],
    }
    toc = {"format": "jb-book", "root": "index", "chapters": chapters}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")


def book(_: int, folder: Path) -> list[Row]:
    """Build our book and the plain one from nothing, and again after a change in one notebook."""
    stock = [str(Path(sys.executable).with_name("jupyter-book")), "build"]
    makers = {"tifa": (whole_book, BUILDER), "stock jupyter-book": (stock_book, stock)}
    rows = []
    for step in ("cold build", "one notebook changed"):
        for who, (make, command) in makers.items():
            here = folder / make.__name__
            if step == "cold build":
                make(here)
            else:
                notebook = here / NOTEBOOK
                content = json.loads(notebook.read_text("utf-8"))
                cell = next(c for c in reversed(content["cells"]) if c["cell_type"] == "code")
                cell["source"] = [*cell["source"], "\n# changed"]
                notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
            environment = {"SOURCE_DATE_EPOCH": "1700000000", "TIFA_DATA": str(here / "data")}
            seconds, peak, said = watched([*command, str(here)], environment=environment)
            if not (here / "_build" / "html" / "index.html").is_file():
                raise RuntimeError(said[-2000:])
            rows.append(Row(f"book, {step}", who, seconds, cpu=peak.cpu))
    rows[0].aim("81 s, stock 60 s", most=round(rows[1].seconds, 1))
    rows[1].note = "the notebooks alone, without the other pages and the explorer"
    rows[2].aim("14 s", most=8)
    return rows


# --- the project's own checks -------------------------------------------------------------


def checks(_: int, __: Path) -> list[Row]:
    """Measure what a contributor waits for: the tests, and everything that CI runs."""
    test = timed("checks", "make test", ["make", "test"], ROOT).aim("9 min", most=240)
    return [
        test,
        timed("checks", ".ci/run", [str(ROOT / ".ci" / "run")], ROOT).aim("26 min", most=900),
    ]
