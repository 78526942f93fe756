"""A build never leaves half a site, uses nothing outdated, and hides no failure."""

import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from tifa.util.errors import TifaError
from tifa_book.build import build


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


@pytest.mark.slow
def test_a_warm_build_runs_what_changed_and_repeats_warnings(tmp_path):
    book = tmp_path / "book"
    skip = shutil.ignore_patterns(".venv", "_build", ".git", "texts", "__pycache__", "tests")
    shutil.copytree(ROOT, book, ignore=skip)
    glue = book / "_build" / "jupyter_execute" / "notebooks" / "frames.glue.json"

    def build():
        tool = Path(sys.executable).with_name("jupyter-book")
        command = [str(tool), *["build", ".", "-W", "-n", "--keep-going"]]
        environment = {
            **os.environ,
            "TIFA_DATA": str(book / "data"),
            "PYTHONPATH": f"{book}/src{os.pathsep}{book}/packages/sphinx-findings/src",
        }
        return subprocess.run(
            command, cwd=book, env=environment, capture_output=True, text=True, check=False
        )

    first = build()
    assert first.returncode == 0, first.stdout[-1000:] + first.stderr[-2000:]
    assert glue.exists(), first.stdout[-2000:]
    made = glue.stat().st_mtime_ns

    assert build().returncode == 0
    assert glue.stat().st_mtime_ns == made  # nothing changed, nothing ran

    codes = book / "data" / "annotations" / "codes.csv"
    lines = codes.read_text().splitlines()
    before = json.loads(glue.read_text())
    # remove the frame "solidarity" from the first sentence for both annotators
    column = lines[0].split(",").index("solidarity")
    for place in (1, 2):
        cells = lines[place].split(",")
        cells[column] = str(1 - int(cells[column]))
        lines[place] = ",".join(cells)
    codes.write_text("\n".join(lines) + "\n")
    assert build().returncode == 0
    after = json.loads(glue.read_text())
    assert before["finding:F3.1"] != after["finding:F3.1"]
    # a page that quotes the finding is rebuilt, although it was not changed itself
    page = (book / "_build" / "html" / "book" / "findings.html").read_text()
    statement = json.loads(after["finding:F3.1"]["data"]["text/plain"])["statement"]
    assert html.escape(statement) in page

    codes.write_text("nonsense\n")
    assert build().returncode != 0
    assert build().returncode != 0  # and again, in a warm build
