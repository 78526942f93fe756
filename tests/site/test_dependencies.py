"""Pages are rebuilt when their dependencies change, with any number of processes."""

import pickle
import shutil
import sys

import pytest
from conftest import ROOT, run_apart, written

from tifa_book.running import digest


def test_digest_sees_every_change_below_a_number_and_ignores_private_texts(tmp_path):
    names = ["src/tifa/a.py", "data/x.csv", "requirements.txt", "data/texts/private.txt"]
    written(tmp_path, dict.fromkeys(names, "one"))
    known = [digest(tmp_path)]
    for name in names:
        (tmp_path / name).write_text("two")
        known.append(digest(tmp_path))
    (tmp_path / "data/x.csv").rename(tmp_path / "data/y.csv")
    known.append(digest(tmp_path))
    assert known[-2] == known[-3]  # a change in the private texts does not matter
    assert len(set(known)) == len(known) - 1


PAGE = """\
# Page {n}

A {{term}}`reed`.

```{{{kind}}}
```
"""
GLOSSARY = """\
# Words

```{glossary}
reed
  A plant of the shore.
```

```{toctree}
:glob:
page-*
```
"""
CONF = """\
project = "Lake"
extensions = ["myst_nb", "tifa_book.extension"]
exclude_patterns = ["data"]
"""


@pytest.fixture
def book(tmp_path):
    """A book with more pages than Sphinx needs to read them in several processes."""
    kinds = ["cite-the-work", "tables", "colophon", "findings"]
    pages = {f"page-{n}.md": PAGE.format(n=n, kind=kinds[n % 4]) for n in range(12)}
    folder = written(tmp_path / "book", {"conf.py": CONF, "index.md": GLOSSARY, **pages})
    for name in ("CITATION.cff", "pyproject.toml", "requirements.txt"):
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def read_book(book, processes):
    """Sphinx's environment after reading the pages in one or several processes."""
    out = book.parent / f"out-{processes}"
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "dummy", "-j", str(processes)]
    here = {"TIFA_DATA": str(ROOT / "data"), "SOURCE_DATE_EPOCH": "86400"}
    done = run_apart(*command, book, out, **here)
    assert (done.returncode, done.stderr) == (0, "")
    with (out / ".doctrees" / "environment.pickle").open("rb") as file:
        env = pickle.load(file)
    return env.findings_pages, env.findings_seen


def test_pages_are_known_however_many_processes_read_them(book):
    one, three = read_book(book, 1), read_book(book, 3)
    pages, _ = one
    assert len(pages["glossary"]) == 12
    assert pages["findings"] == {"page-3", "page-7", "page-11"}
    assert pages["imprint"] == {f"page-{n}" for n in range(12) if n % 2 == 0}
    assert one == three
