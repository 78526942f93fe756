"""A built book is never stale and never hides a failure."""

from __future__ import annotations

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
from tifa_book import stamp
from tifa_book.build import build
from tifa_book.freshness import digest


@pytest.fixture
def tree(tmp_path):
    for name in ("src/tifa/a.py", "data/x.csv", "data/texts/private.txt", "requirements.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    return tmp_path


@pytest.mark.parametrize("name", ["src/tifa/a.py", "data/x.csv", "requirements.txt"])
def test_digest_sees_every_change_below_a_number(tree, name):
    before = digest(tree)
    assert digest(tree) == before
    (tree / name).write_text("two")
    assert digest(tree) != before


def test_digest_sees_renames_and_ignores_private_texts(tree):
    before = digest(tree)
    (tree / "data/texts/private.txt").write_text("two")
    assert digest(tree) == before
    (tree / "data/x.csv").rename(tree / "data/y.csv")
    assert digest(tree) != before


@pytest.fixture
def small_book(tmp_path):
    """A book with a page, a table, a template, an extension, a notebook; and how it is built."""
    book = tmp_path / "book"
    for name in ("page.md", "data/x.csv", "_ext/x.py", "_templates/x.html", "notebooks/x.ipynb"):
        path = book / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    (book / "data" / "texts").mkdir()
    log = tmp_path / "builds"
    log.touch()
    script = (
        "import sys; from pathlib import Path; p = Path('_build/next/_build/html'); "
        "p.mkdir(parents=True, exist_ok=True); (p / 'index.html').write_text('a page'); "
        f"f = open({str(log)!r}, 'a'); f.write('x'); f.close(); "
        "sys.exit(Path('page.md').read_text() == 'broken')"
    )

    def builds(**options):
        """How many builds were run to bring the site up to date."""
        before = log.stat().st_size
        site = build(book, command=[sys.executable, "-c", script], **options)
        assert (site / "index.html").read_text() == "a page"
        return log.stat().st_size - before

    return book, builds


def test_nothing_is_built_where_nothing_changed(small_book):
    _, builds = small_book
    said = []
    assert builds(say=said.append) == 1
    assert not said
    assert builds(say=said.append) == 0
    assert said == ["nothing has changed since it was built"]
    assert builds(afresh=True) == 1


@pytest.mark.parametrize(
    "name", ["page.md", "data/x.csv", "_ext/x.py", "_templates/x.html", "notebooks/x.ipynb"]
)
def test_a_change_of_any_file_is_built(small_book, name):
    book, builds = small_book
    builds()
    path = book / name
    times = path.stat().st_mtime_ns, path.stat().st_mtime_ns
    path.write_text("two")
    os.utime(path, ns=times)  # a change of the same size, as if at the same time
    assert (builds(), builds()) == (1, 0)
    path.rename(path.with_name(f"renamed{path.suffix}"))
    (book / "page.md").touch()  # the builder reads it
    assert (builds(), builds()) == (1, 0)


def test_library_data_elsewhere_settings_and_packages_count(small_book, monkeypatch, tmp_path):
    _, builds = small_book
    library = tmp_path / "library"
    library.mkdir()
    monkeypatch.setattr(stamp, "__file__", str(library / "stamp.py"))
    elsewhere, packages = tmp_path / "elsewhere", tmp_path / "packages"
    for folder in (elsewhere, packages):
        folder.mkdir()
    monkeypatch.setenv("TIFA_DATA", str(elsewhere))
    monkeypatch.syspath_prepend(str(packages))
    assert (builds(), builds()) == (1, 0)
    (library / "counts.py").write_text("one")
    assert (builds(), builds()) == (1, 0)
    (elsewhere / "x.csv").write_text("one")
    assert (builds(), builds()) == (1, 0)
    (packages / "reeds-1.0.dist-info").mkdir()
    assert (builds(), builds()) == (1, 0)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert (builds(), builds()) == (1, 0)
    # a copy of the library that is gone may not stand for nothing
    shutil.rmtree(elsewhere)
    assert (builds(), builds()) == (1, 1)


def test_a_commit_is_built(small_book):
    book, builds = small_book
    git = ["git", "-C", str(book), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    builds()
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "x"], check=True)
    assert (builds(), builds()) == (1, 0)


def test_private_texts_and_what_is_made_are_no_change(small_book):
    book, builds = small_book
    builds()
    for name in ("data/texts/x.txt", "__pycache__/x.pyc", ".cache/x", "_build/x", "env/pyvenv.cfg"):
        path = book / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("two")
    assert builds() == 0


def test_a_site_that_was_touched_is_built_again(small_book):
    book, builds = small_book
    builds()
    page = book / "_build" / "html" / "index.html"
    page.unlink()
    assert (builds(), builds()) == (1, 0)
    (page.parent / "stray.html").write_text("stray")
    assert (builds(), builds()) == (1, 0)
    assert not (page.parent / "stray.html").exists()


def test_a_failed_build_is_never_up_to_date(small_book):
    book, builds = small_book
    builds()
    for _ in range(2):
        (book / "page.md").write_text("broken")
        with pytest.raises(TifaError, match="the build failed"):
            builds()
    (book / "page.md").write_text("one")  # as it was when it last went well
    assert (builds(), builds()) == (1, 0)


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"half"])
def test_a_broken_stamp_stands_for_nothing(small_book, content):
    book, builds = small_book
    builds()
    (book / "_build" / "next" / "stamp").write_bytes(content)
    assert (builds(), builds()) == (1, 0)


def test_what_cannot_be_vouched_for_is_built(small_book, tmp_path):
    book, builds = small_book
    (tmp_path / "shared").mkdir()
    (book / "linked").symlink_to(tmp_path / "shared")
    assert (builds(), builds()) == (1, 1)
    (book / "linked").unlink()
    (book / "nowhere").symlink_to(tmp_path / "nothing")
    assert (builds(), builds()) == (1, 1)


@pytest.mark.slow
def test_a_warm_build_runs_what_changed_and_hides_no_failure(tmp_path):
    book = tmp_path / "book"
    skip = shutil.ignore_patterns(".venv", "_build", ".git", "texts", "__pycache__", "tests")
    shutil.copytree(ROOT, book, ignore=skip)
    glue = book / "_build" / "jupyter_execute" / "notebooks" / "03-framing.glue.json"

    def build():
        tool = Path(sys.executable).with_name("jupyter-book")
        command = [str(tool), *["build", ".", "-W", "-n", "--keep-going"]]
        environment = {
            **os.environ,
            "TIFA_DATA": str(book / "data"),
            "PYTHONPATH": str(book / "src"),
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
    # take the frame "solidarity" from the first sentence of both annotators
    column = lines[0].split(",").index("solidarity")
    for place in (1, 2):
        cells = lines[place].split(",")
        cells[column] = str(1 - int(cells[column]))
        lines[place] = ",".join(cells)
    codes.write_text("\n".join(lines) + "\n")
    assert build().returncode == 0
    after = json.loads(glue.read_text())
    assert before["finding:F3.1"] != after["finding:F3.1"]
    # a page that quotes the finding follows, though it was not itself changed
    page = (book / "_build" / "html" / "book" / "findings.html").read_text()
    statement = json.loads(after["finding:F3.1"]["data"]["text/plain"])["statement"]
    assert html.escape(statement) in page

    codes.write_text("nonsense\n")
    assert build().returncode != 0
    assert build().returncode != 0  # and again: a warm build does not forget
