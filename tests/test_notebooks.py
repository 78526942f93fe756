"""Notebooks are stored without outputs, and run with other settings in their one cell for them."""

import ast

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

import tifa
from tifa.analysis.registered import outcomes, registration
from tifa.publish.chapter import Chapter

NOTEBOOKS = ROOT / "notebooks"
OF_STUDIES = ROOT / "src" / "tifa" / "study" / "templates" / "study" / "notebooks"


def test_committed_without_outputs_and_with_their_boxes():
    for path in [*NOTEBOOKS.glob("*.ipynb"), *OF_STUDIES.glob("*.ipynb")]:
        notebook = nbformat.read(path, as_version=4)
        code = [c for c in notebook.cells if c.cell_type == "code"]
        assert not any(c.outputs or c.execution_count for c in code), path
        for part in ("Question", "Data", "Afterwards you can"):
            assert part in notebook.cells[0].source, f"{path}: no {part!r} at its head"
        if not path.stem[0].isdigit():  # a chapter: its answer comes before what can be changed
            assert ":class: tifa-short" in notebook.cells[0].source, path
        if path.parent == OF_STUDIES:
            assert [c.metadata["tags"] for c in code].count(["parameters"]) == 1, path
        else:
            assert any("Change this" in c.source for c in notebook.cells), path


def test_every_registered_claim_has_an_outcome():
    assert set(outcomes()) == {claim.id for claim in registration().claims}
    assert all(outcomes().values())


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_chapter_uses_all_its_words(path):
    cells = nbformat.read(path.with_suffix(".ipynb"), as_version=4).cells
    code = "\n".join(c.source for c in cells if c.cell_type == "code")
    calls = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call)]
    named = {
        argument.value
        for call in calls
        for argument in call.args
        if ast.unparse(call.func).startswith("chapter.") and isinstance(argument, ast.Constant)
    }
    words = Chapter(path).words
    assert {*words.figures, *words.tables, *words.findings, *words.verdicts} <= named


def frequency(phrase, corpus="ungdc", unit="country", window="5", against=("briefing", "xi")):
    """The notebook on frequencies, and its settings."""
    values = {"phrase": phrase, "base": 10_000, "corpus": corpus, "unit": unit, "window": window}
    lines = [f"{name} = {value!r}" for name, value in (values | {"against": against}).items()]
    return "02-term-frequency.ipynb", "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        # an entry, a word in every corpus, an n-gram only in the UN table
        frequency("mutual-trust", window="sentence", against=("xi", "briefing")),
        frequency("solidarity", "xi", unit="doc_id"),
        frequency("small island developing states"),
        # n-grams of several forms; a Chinese name in an English corpus; a unit with one value
        frequency("security council"),
        *(frequency("互信", corpus, against=("mfa-zh", "xi-zh")) for corpus in tifa.corpora()),
        *(("01-corpus.ipynb", f'name = "{corpus}"') for corpus in tifa.corpora()),
        ("minister.ipynb", 'measure = "containment"'),
        ("where.ipynb", 'phrase = "Mutual trust"\norganisation = "sco"\ndays_around = 3'),
        ("where.ipynb", 'phrase = "belt-and-road"\norganisation = "sco"\ndays_around = 7'),
        ("travel.ipynb", "draws = 19\nblock = 5"),
    ],
)
def test_runs_with_other_settings(name, settings, tmp_path, monkeypatch):
    # without the texts, as for most readers; with them, phrases would be counted in the texts
    monkeypatch.setenv("TIFA_TEXTS", str(tmp_path))
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1
    cells[0].source = settings
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
