"""Notebooks have no outputs, and one cell to change that really works."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
ALL = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", ALL)
def test_committed_without_outputs_and_with_its_box(name):
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
    head = notebook.cells[0].source
    for part in ("Question", "Data", "Afterwards you can", "Time"):
        assert part in head, f"{name}: the box at the head has no {part!r}"
    assert any("Change this" in c.source for c in notebook.cells if c.cell_type == "markdown")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        # an entry, a word in every corpus, an n-gram only in the UN table
        (
            "02-term-frequency.ipynb",
            'phrase = "mutual-trust"\nbase = 1_000\ncorpus = "ungdc"\nwindow = "sentence"',
        ),
        (
            "02-term-frequency.ipynb",
            'phrase = "solidarity"\nbase = 10_000\ncorpus = "xi"\nwindow = "5"',
        ),
        (
            "02-term-frequency.ipynb",
            'phrase = "small island developing states"\nbase = 10_000\n'
            'corpus = "ungdc"\nwindow = "5"',
        ),
        ("01-corpus.ipynb", 'name = "xwlb"'),
        ("minister.ipynb", 'measure = "containment"'),
        (
            "where.ipynb",
            'phrase = "mutual-trust"\norganisation = "sco"\ndays_around = 3',
        ),
        (
            "where.ipynb",
            'phrase = "belt-and-road"\norganisation = "sco"\ndays_around = 7',
        ),
        ("travel.ipynb", "draws = 19\nblock = 5"),
    ],
)
def test_runs_with_other_settings(name, settings, tmp_path, monkeypatch):
    # without the texts, as most readers run them: else phrases are counted in the texts
    monkeypatch.setenv("TIFA_TEXTS", str(tmp_path))
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1
    cells[0].source = settings
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
