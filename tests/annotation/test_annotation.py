"""Codes of annotators: what is read, what is refused, how agreement is reported."""

import io
import re

import pandas as pd
import pytest
from conftest import DATA, ROOT, refusal, written

from tifa.annotation.codes import agreement_table, gold, read_codes, read_units
from tifa.data.hand_made import FUNCTIONS
from tifa.lexicon.load import frame_dictionary
from tifa.util.spreadsheet import safe_cell

SHEET = """\
unit,annotator,doc_id,sentence,text,health,trade,notes
p#1,Li,p,1,The clinic opened.,1,0,
p#2,Li,p,2,"Boats, boats.",0,1,"two lines
of a note"
p#3,Li,p,3,It rained.,,0,
"""


def sheet(folder, content=SHEET, name="li.csv"):
    return written(folder, {name: content}) / name


def rows(table):
    return table.astype(object).where(table.notna(), None).to_numpy().tolist()


SHORT = "unit,annotator,health,notes\na,Li,1,\nb,Li,,\n"
#: The same sheet as different programs save it; csv_cells has tests of its own for the rest.
FORMS = {
    "separator": SHORT.replace(",", ";"),
    "blanks": SHORT.replace(",", " , "),
    "columns": SHORT.replace("\n", ",,\n"),
    "rows": SHORT + ",,,\n\n",
    "last cell": SHORT.replace(",1,", ",1"),
    "order": "health,annotator,unit\n1,Li,a\n,Li,b\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_sheet_is_read_however_it_was_saved(tmp_path, form):
    table = read_codes(sheet(tmp_path, FORMS[form]))
    assert list(table.columns) == ["unit", "annotator", "health"]
    assert rows(table) == [["a", "Li", 1], ["b", "Li", None]]


def test_several_annotators_in_one_sheet_and_in_several_and_rows_without_codes(tmp_path):
    both = sheet(tmp_path, "unit,annotator,health\na,Li,1\na,Okoye,0\n", "both.csv")
    more = sheet(tmp_path, "unit,annotator,trade\na,Silva,1\n", "more.csv")
    table = read_codes(both, more)
    assert rows(table) == [["a", "Li", 1, None], ["a", "Okoye", 0, None], ["a", "Silva", None, 1]]
    table = read_codes(sheet(tmp_path, "unit,annotator,health\na,,\nb,Li,1\n"))
    assert rows(table) == [["b", "Li", 1]]


REFUSED = {
    "a code that is none": (SHEET.replace('boats.",0,1', 'boats.",0,2'), "li.csv:3: trade is '2'"),
    "a word for a code": (SHEET.replace("opened.,1", "opened.,yes"), "li.csv:2: health is 'yes'"),
    "behind a note of two lines": (SHEET.replace("rained.,,0", "rained.,,x"), "li.csv:5: trade"),
    "the annotator twice": (SHEET + "p#1,Li,p,1,x,,,\n", "li.csv:6: the annotator 'Li' codes"),
    "no annotator": (SHEET.replace("p#1,Li", "p#1,"), "li.csv:2: the annotator is missing"),
    "no unit": (SHEET.replace("p#1,Li", ",Li"), "li.csv:2: the unit is missing"),
    "no column of units": ("annotator,health\nLi,1\n", "li.csv:1: no column 'unit'"),
    "no column of annotators": ("unit,health\na,1\n", "li.csv:1: no column 'annotator'"),
    "no column of codes": ("unit,annotator,text\na,Li,x\n", "li.csv:1: no column of codes"),
    "a column twice": ("unit,annotator,health,health\n", "'health' appears twice"),
    "a column without name": ("unit,annotator,,health\n", "column 3 has no name"),
    "a short row": (SHEET + "p#4,Li,p\n", "li.csv:6: 3 fields; expected 8"),
    "a long row": (SHEET + "p#4,Li,p,4,a, comma,1,0,\n", "li.csv:6: 9 fields; expected 8"),
    "not UTF-8": (SHEET.replace("Boats", "Caf\xe9").encode("latin-1"), "li.csv:3: not UTF-8"),
    "nothing": ("", "no column 'unit'; found nothing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_invalid_sheets_are_refused_with_line_and_column(tmp_path, case):
    content, said = REFUSED[case]
    with refusal(said):
        read_codes(sheet(tmp_path, content))


def test_the_annotator_twice_in_two_files_names_both_and_no_file_is_named(tmp_path):
    again = sheet(tmp_path, "unit,annotator,health\nz,Li,0\np#2,Li,0\n", "again.csv")
    with refusal("again.csv:3: ", "second time (first at ", "li.csv:3)"):
        read_codes(sheet(tmp_path), again)
    with refusal("none.csv: cannot be read: No such file"):
        read_codes(tmp_path / "none.csv")


UNITS = "unit,corpus,doc_id,sentence\nu1,lake,alder,1\nu2,lake,alder,3\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (UNITS.replace(",3", ",0"), "units.csv:3: sentence is '0'"),
        (UNITS.replace(",3", ",three"), "units.csv:3: sentence is 'three'"),
        (UNITS.replace(",3", ",³"), "units.csv:3: sentence is '³'"),
        (UNITS.replace("u2", "u1"), "units.csv:3: the unit 'u1' appears twice"),
        (UNITS.replace("u2,lake", "u2,"), "units.csv:3: unit, corpus or doc_id is missing"),
        (UNITS.replace("sentence", "number"), "units.csv:1: no column 'sentence'"),
    ],
)
def test_units_are_checked(tmp_path, content, said):
    good = read_units(sheet(tmp_path, UNITS, "good.csv"))
    assert good["sentence"].tolist() == [1, 3]
    with refusal(said):
        read_units(sheet(tmp_path, content, "units.csv"))


def test_the_committed_codes_are_complete():
    codes = read_codes(DATA / "annotations" / "codes.csv")
    units = read_units(DATA / "annotations" / "units.csv")
    frames = [f.id for f in frame_dictionary(data=DATA).frames]
    assert list(codes.columns) == ["unit", "annotator", *frames, *FUNCTIONS]
    assert codes.notna().all(axis=None)
    assert sorted(codes["unit"]) == sorted([*units["unit"]] * 2)


@pytest.mark.parametrize("script", ["tables.js", "explorer/export.js"])
def test_the_site_and_the_library_know_the_same_formulas(script):
    # a page opened from disk runs no modules, so the scripts cannot share the rule
    text = (ROOT / "book" / "_assets" / script).read_text("utf-8")
    (signs,) = re.findall(r"/\^\[(=.*?)\]/u", text)
    refused = re.compile(f"[{signs}]")
    letters = [chr(n) for n in range(0x10000) if chr(n) != "'"]
    assert [c for c in letters if refused.match(c)] == [
        c for c in letters if safe_cell(f"{c}1").startswith("'")
    ]


#: Three annotators, two codes, gaps; the fourth unit has one decision on health.
THREE = pd.DataFrame(
    [
        ("a", "Li", 1, 0), ("a", "Okoye", 1, 0), ("a", "Silva", 0, 0),
        ("b", "Li", 0, 1), ("b", "Okoye", 0, None),
        ("c", "Li", 1, 1), ("c", "Silva", 1, 0),
        ("d", "Li", 1, 1), ("d", "Okoye", None, 1),
    ],
    columns=["unit", "annotator", "health", "trade"],
)  # fmt: skip


def test_agreement_by_hand():
    """Health has 3 + 2 + 2 decisions; each agrees with 1/2, 1/2, 0, 1, 1, 1, 1 of the others."""
    table = agreement_table(THREE).set_index("code")
    health = table.loc["health"]
    counts = ["units", "annotators", "decisions", "positives", "agreed_positives"]
    assert health[counts].tolist() == [3, 3, 7, 4, 1]
    assert table.loc["trade", counts].tolist() == [3, 3, 7, 3, 1]
    assert health["agreement"] == pytest.approx(5 / 7)
    # four ones and three zeros: by chance 1 - 2 * 4 * 3 / (7 * 6) agree
    chance = 1 - 2 * 4 * 3 / (7 * 6)
    assert health["alpha"] == pytest.approx((5 / 7 - chance) / (1 - chance))
    with pytest.raises(ValueError, match="no column 'war'"):
        agreement_table(THREE, columns=["war"])
    with pytest.raises(ValueError, match="gave two codes"):
        agreement_table(pd.concat([THREE, THREE]))


def test_gold_codes_are_those_that_all_annotators_agree_on():
    found = gold(THREE)
    assert found.to_numpy().tolist() == [
        ["a", "trade", 0],  # no health: the annotators disagree
        ["b", "health", 0],  # no trade: only one annotator decided
        ["c", "health", 1],
        ["d", "trade", 1],
    ]
    alone = gold(THREE[THREE["annotator"] == "Silva"], columns=["trade", "health"], least=1)
    assert alone[["frame", "truth"]].to_numpy().tolist() == [
        ["trade", 0], ["health", 0], ["trade", 0], ["health", 1]
    ]  # fmt: skip


def test_agreement_prints_an_aligned_table(run_cli, tmp_path):
    other = sheet(tmp_path, SHEET.replace("Li", "Okoye").replace("1,0,\n", "0,0,\n"), "okoye.csv")
    ran = run_cli("agreement", sheet(tmp_path), other)
    assert ran.code == 0, ran.err
    head, health, trade = ran.out.splitlines()[:3]
    assert head.split()[:5] == ["code", "units", "annotators", "decisions", "agreement"]
    assert health.split()[:5] == ["health", "2", "2", "4", "0.500"]
    # under ten units there is no interval
    assert trade.split() == ["trade", "3", "2", "6", "1.000", "1.000", "–", "–", "2", "1"]
    assert head.index("units") + len("units") == trade.index(" 3") + len(" 3")


def test_agreement_for_machines(run_cli):
    codes = DATA / "annotations" / "codes.csv"
    expected = agreement_table(read_codes(codes))
    for form, reader in (("csv", pd.read_csv), ("json", pd.read_json)):
        ran = run_cli("agreement", codes, "--format", form)
        pd.testing.assert_frame_equal(reader(io.StringIO(ran.out)), expected)


def test_agreement_refuses_in_one_line(run_cli, tmp_path):
    for empty in ("unit,annotator,health\n", "unit,annotator,health\na,,\nb,Li,\n"):
        assert "no code in these files" in run_cli("agreement", sheet(tmp_path, empty)).refusal
    assert run_cli("agreement", tmp_path / "li.csv", "--format", "xml").code == 2
