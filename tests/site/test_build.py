"""A build never leaves half a site, uses nothing outdated, and hides no failure."""

import html
import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from conftest import ROOT, run_apart, snapshot, written
from filelock import FileLock

from tifa.util.errors import TifaError
from tifa_book.build import build, result, start


def builder(text, code=0):
    """A command that writes a site of one page, and succeeds or fails."""
    script = (
        "from pathlib import Path; import sys; p = Path('_build/next/_build/html'); "
        f"p.mkdir(parents=True, exist_ok=True); (p / 'index.html').write_text({text!r}); "
        f"sys.exit({code})"
    )
    return [sys.executable, "-c", script]


def test_a_build_that_fails_leaves_the_site(tmp_path):
    page = build(tmp_path, command=builder("one")) / "index.html"
    assert page.read_text() == "one"
    with pytest.raises(TifaError, match="the site is the one built before"):
        build(tmp_path, command=builder("two", 1))
    assert page.read_text() == "one"
    # the next build does not reuse what that build left
    (tmp_path / "_build" / "next" / "_build" / "html" / "half.html").write_text("half")
    build(tmp_path, command=builder("three"))
    assert sorted(p.name for p in page.parent.iterdir()) == ["index.html"]
    assert page.read_text() == "three"


def test_a_build_reuses_the_earlier_one_by_default(tmp_path):
    build(tmp_path, command=builder("one"))
    kept = tmp_path / "_build" / "next" / "_build" / "html" / "kept.html"
    kept.write_text("of an earlier build")
    build(tmp_path, command=builder("two"))
    assert kept.exists()
    build(tmp_path, command=builder("three"), afresh=True)
    assert not kept.exists()


def test_two_builds_at_once_do_not_mix(tmp_path):
    page = build(tmp_path, command=builder("one")) / "index.html"
    with (
        FileLock(tmp_path / "_build" / ".lock"),
        pytest.raises(TifaError, match="another build of this book is under way"),
    ):
        build(tmp_path, command=builder("two"))
    assert page.read_text() == "one"


def test_an_interrupted_replacement_of_the_site_is_undone(tmp_path):
    site = build(tmp_path, command=builder("one"))
    site.rename(site.with_name(".html.old"))  # as if killed between the two renames
    with pytest.raises(TifaError):
        build(tmp_path, command=builder("two", 1))
    assert (site / "index.html").read_text() == "one"
    build(tmp_path, command=builder("three"))
    assert sorted(p.name for p in site.parent.iterdir() if p.is_dir()) == ["html", "next"]


def test_without_its_printer_a_pdf_is_refused_before_anything_is_built(tmp_path, monkeypatch):
    monkeypatch.setenv("TIFA_PDF", "1")
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(TifaError, match="pip install weasyprint"):
        build(tmp_path, command=builder("one"))
    assert not list(tmp_path.iterdir())


def test_a_changed_notebook_runs_ahead_and_a_failure_is_left_to_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    (tmp_path / "_config.yml").write_text("execute: {execute_notebooks: cache, timeout: 60}")
    (tmp_path / "_toc.yml").write_text("root: sum\nchapters: [file: fault, file: kept, file: page]")
    for name, code in {"sum": "20 + 22", "fault": "1 / 0", "kept": "1", "draft": "2"}.items():
        cells = [nbformat.v4.new_code_cell(code)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    state = tmp_path / "_build" / "next" / "_build" / ".doctrees" / "environment.pickle"
    state.parent.mkdir(parents=True)
    state.touch()
    os.utime(tmp_path / "kept.ipynb", (0, 0))
    os.utime(tmp_path / "sum.ipynb", (0, 0))
    (tmp_path / "sum.yml").write_text("# its words have changed")
    os.utime(state, (1, 1))
    start(tmp_path)
    run, seconds = result(tmp_path / "sum.ipynb")
    assert run.cells[0].outputs[0].data["text/plain"] == "42"
    assert seconds > 0
    assert result(tmp_path / "sum.ipynb") is None  # a result is given only once
    for other in ("fault", "kept", "draft"):
        assert result(tmp_path / f"{other}.ipynb") is None
    assert sorted(p.name for p in (tmp_path / "_build" / "next").iterdir()) == ["_build"]


CELLS = (
    """
import pandas as pd
import tifa
from tifa.publish.chapter import Chapter
chapter = Chapter("a.yml")
""",
    """
codes = pd.read_csv(tifa.data_folder() / "annotations" / "codes.csv")
chapter.finding("F3.1", found=int(codes["solidarity"].sum()), estimate=1, n=2)
""",
)
WORDS = """
findings:
  F3.1: {statement: "{found} codes are solidarity.", unit: "", n_of: codes, method: counted}
"""
PAGES = {
    "book/index.md": "# Home\n\nA page that quotes the one finding: {finding}`F3.1`\n",
    "book/findings.md": "# Findings\n\nAll that the notebook records.\n\n```{findings}\n```\n",
    "book/oars.md": "# Oars\n\nA page with an entry for the search.\n\n```{index} oar\n```\n",
    "notebooks/a.yml": WORDS,
    "_toc.yml": "format: jb-book\nroot: book/index\nchapters: "
    "[file: notebooks/a, file: book/findings, file: book/oars]\n",
}


@pytest.mark.slow
def test_a_warm_build_runs_what_changed_and_repeats_warnings(tmp_path):
    """The book has this project's extension, settings and data, and a notebook of two cells."""
    book = tmp_path / "book"
    left_out = [".venv", "_build", ".git", "corpora", "__pycache__", "tests", "notebooks", "*.md"]
    shutil.copytree(ROOT, book, ignore=shutil.ignore_patterns(*left_out))
    package = json.loads((book / "data" / "datapackage.json").read_text("utf-8"))
    kept = [r for r in package["resources"] if not r["path"].startswith("corpora/")]
    (book / "data" / "datapackage.json").write_text(json.dumps(package | {"resources": kept}))
    written(book, PAGES)
    config = yaml.safe_load((book / "_config.yml").read_text("utf-8"))
    # these redirects lead to chapters that this book does not have
    del config["sphinx"]["config"]["tifa_moved"]
    (book / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    about = "# Codes\n\nHow many sentences are coded as solidarity, counted in the committed codes."
    cells = [nbformat.v4.new_markdown_cell(about), *map(nbformat.v4.new_code_cell, CELLS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), book / "notebooks" / "a.ipynb")
    glue = book / "_build" / "jupyter_execute" / "notebooks" / "a.glue.json"

    def build():
        tool = Path(sys.executable).with_name("jupyter-book")
        here = {"folder": book, "sources": book, "TIFA_DATA": str(book / "data")}
        return run_apart(tool, "build", ".", "-W", "-n", "--keep-going", **here)

    def page(name):
        return (site / "book" / f"{name}.html").read_bytes()

    def found():
        return json.loads(json.loads(glue.read_text())["finding:F3.1"]["data"]["text/plain"])

    first = build()
    assert first.returncode == 0, first.stdout[-1000:] + first.stderr[-2000:]
    site = book / "_build" / "html"
    at_first = snapshot(site)
    made, before = glue.stat().st_mtime_ns, found()
    assert build().returncode == 0
    assert glue.stat().st_mtime_ns == made  # nothing changed, nothing ran
    assert list(before["tables"]) == ["annotations/codes.csv"]

    words, style = book / "notebooks" / "a.yml", book / "book" / "_assets" / "tifa.css"
    old = style.read_bytes()
    words.write_text(WORDS.replace("codes are", "of them are"), "utf-8")
    style.write_bytes(old + b"/* another style */")
    assert build().returncode == 0
    assert found()["statement"] == before["statement"].replace("codes are", "of them are")
    assert (site / "_static" / "tifa.css").read_bytes() == style.read_bytes()
    # pages ask for the new style, not for a copy that a browser has kept
    assert page("oars") != at_first["book/oars.html"]
    words.write_text(WORDS, "utf-8")
    style.write_bytes(old)
    assert build().returncode == 0
    assert snapshot(site) == at_first

    codes = book / "data" / "annotations" / "codes.csv"
    table = pd.read_csv(codes, dtype=str)
    table.loc[0, "solidarity"] = str(1 - int(table.loc[0, "solidarity"]))
    table.to_csv(codes, index=False)
    assert build().returncode == 0
    assert before["statement"] != found()["statement"]
    # pages that quote the finding are rebuilt, although they were not changed themselves
    for name in ("index", "findings"):
        assert html.escape(found()["statement"]) in page(name).decode()

    codes.write_text("nonsense\n")
    assert build().returncode != 0
    assert build().returncode != 0  # the next build, which is a warm one, fails again
