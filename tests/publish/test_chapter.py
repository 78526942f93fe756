"""Words come from the file beside a notebook; tables are those that were read."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import one_line, refusal
from IPython.core.interactiveshell import InteractiveShell

from tifa import TifaError
from tifa.publish import figures
from tifa.publish.chapter import Chapter
from tifa.publish.origin import Origin
from tifa.publish.tables import dataframe_html

WORDS = """\
figures:
  boats:
    claim: "{n} boats came in."
    caption: A mark is a boat, by its {size}.
    alt: Boats that came in, drawn by {size} from left to right.
    columns: {length: in metres}
tables:
  quays: {caption: "The {n} quays."}
verdicts:
  F1.1: {claim: Few boats are old, quantity: boats, figure: boats}
findings:
  F1.1:
    statement: Of {all} boats {n_old} are old.
    unit: "% of the boats"
    n_of: boats
    method: all boats of {quay}, so no interval
  F1.2: {statement: "{three} boats are old.", unit: "", n_of: boats, method: counted}
  F1.3: {statement: "{ boats are old.", unit: "", n_of: boats, method: counted}
  F1.4: {statement: 3 boats are old., unit: "", n_of: boats, method: counted}
"""


@pytest.fixture
def chapter(tmp_path):
    path = tmp_path / "harbour.yml"
    path.write_text(WORDS, "utf-8")
    return Chapter(path)


def draw(chapter, name="boats", **values):
    fig, _ = plt.subplots()
    return chapter.show(fig, name, data=pd.DataFrame({"length": [4, 9]}), **values)


def test_a_figure_and_a_finding_get_their_words(chapter):
    shown = draw(chapter, n=1200, size="length").html
    assert '<p class="tifa-claim">1,200 boats came in.</p>' in shown
    assert "<figcaption>A mark is a boat, by its length." in shown
    assert 'aria-label="Boats that came in, drawn by length from left to right."' in shown
    found = chapter.finding("F1.1", estimate=25.0, n=4, all=4, n_old=1, quay="the quay")
    assert found.statement == "Of 4 boats 1 are old."
    assert found.method == "all boats of the quay, so no interval"
    assert (found.estimate, found.low, found.high, found.n) == (25.0, None, None, 4)
    found = chapter.finding("F1.2", estimate=(25.0, 1, 81), n=4, three=3)
    assert (found.estimate, found.low, found.high) == (25.0, 1, 81)


def test_a_table_and_a_verdict_get_their_words(chapter, monkeypatch):
    shown = chapter.show_table(pd.DataFrame({"at": [0.5]}), "quays", n=2, formats={"at": "{:.0%}"})
    assert '<p class="tifa-caption">The 2 quays.</p>' in shown.html and ">50%<" in shown.html
    recorded = []
    monkeypatch.setattr("tifa.publish.chapter.verdict", lambda id, **said: recorded.append(said))
    chapter.verdict("F1.1", {"by lake": 6, "by year": 5}, line=5, published=9)
    chapter.verdict("F1.1", {"by lake": 6, "by year": 3}, line=5, published=1)
    chapter.verdict("F1.1", specifications=3, turn=0, why="")
    above, below, counted = recorded
    assert above["claim"] == "Few boats are old" and above["figure"] == "boats"
    assert above["tried"] == [("by lake", 6, False), ("by year", 5, True)]
    assert below["tried"] == [("by lake", 6, True), ("by year", 3, False)]
    assert [(r["turn"], r["specifications"], r["why"]) for r in recorded] == [
        (1, 2, "by year"),
        (1, 2, "by lake"),
        (0, 3, ""),
    ]
    assert "tried" not in counted
    assert not above["draws"]  # the figure "boats" shows the finding, not the choices


def test_two_columns_with_one_name_are_both_formatted():
    shown = dataframe_html(pd.DataFrame([[1200, 4500]], columns=["n", "n"]))
    assert ">1,200<" in shown and ">4,500<" in shown


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda c: draw(c, n=2), "boats: no value for {size}"),
        (lambda c: draw(c, n=2, size="x", wind=3), "boats: no field {wind} for this value"),
        (lambda c: draw(c, "ships"), "ships: no such id; there is: boats"),
        (lambda c: c.finding("F9.9", estimate=1, n=1), "F9.9: no such id"),
        (lambda c: c.finding("F1.4", estimate=1, n=1), "F1.4: a number is typed in the statement"),
        (lambda c: c.finding("F1.3", estimate=1, n=1), "F1.3: expected '}' before end of string"),
    ],
)
def test_a_mistake_names_file_and_id(chapter, call, problem):
    with pytest.raises(TifaError, match=r"harbour\.yml:\d+: .*" + re.escape(problem)):
        call(chapter)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Boats"}, "'Boats': expected lower case letters"),
        ({"alt": "Two boats."}, "boats: the alt text must say what"),
        ({"tables": ["facts/none.csv"]}, "boats: no table facts/none.csv"),
        ({"columns": {"age": "in years"}}, "boats: no column 'age'"),
    ],
)
def test_a_figure_that_lacks_something_is_refused(change, said):
    fig, _ = plt.subplots()
    about = {"name": "boats", "alt": "Boats by length and by age", "caption": "A mark is a boat."}
    with refusal(said):
        figures.show(fig, data=pd.DataFrame({"length": [4]}), **about | change)
    plt.close(fig)


def test_a_file_that_is_malformed_or_missing_is_named(tmp_path):
    path = tmp_path / "harbour.yml"
    with pytest.raises(TifaError, match=r"harbour\.yml: .*get it too, beside the notebook"):
        Chapter(path)
    path.write_text(WORDS.replace("    alt:", "    alternative:"), "utf-8")
    with pytest.raises(TifaError, match=r"harbour\.yml:5: .*boats.*no such field"):
        Chapter(path)


CELLS = (
    """
import pandas as pd, tifa
from tifa import load
briefing, facts = load("briefing"), tifa.data_folder() / "facts"
clubs = pd.read_csv(facts / "clubs.csv")
states = pd.read_csv(facts / "memberships.csv")
hits, n = briefing.hits, len(briefing.documents)
def total(clubs):
    return len(clubs) + n
""",
    "rows = []\nrows.append(len(states))\nfound = [states for states in range(3)]",
)


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("len(clubs)", ["facts/clubs.csv"]),
        ("[[len(clubs) for _ in [1]] for _ in [1]]", ["facts/clubs.csv"]),
        ("total(hits)", ["corpora/briefing/documents.csv", "corpora/briefing/hits.csv"]),
        ("rows", ["facts/memberships.csv"]),
        ("found", []),  # within it, "states" is a name of its own, not the table
        ("[hits + 1 for at in [1, 2] if (hits := at)]", []),
        ("for hits in [1]:\n    print(hits)", []),  # these hits are not those of the corpus
        ("briefing.hits", ["corpora/briefing/hits.csv"]),  # though they were read before
        ("pd.DataFrame(), tifa", []),
    ],
)
def test_a_statement_rests_on_what_it_and_its_names_have_read(statement, tables):
    shell = InteractiveShell()
    origin = Origin(shell)
    for cell in (*CELLS, f"{statement}\nafter = 1"):
        shell.run_cell(cell).raise_error()
    assert sorted(origin.cell) == tables


def test_a_mistake_of_the_reader_is_one_line_in_a_notebook(capsys):
    InteractiveShell().run_cell("import tifa; tifa.load('no-such-corpus')")
    shown = capsys.readouterr().out.strip()
    assert "no-such-corpus" in shown
    assert one_line(shown)
