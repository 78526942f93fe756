"""The workbook has the cells of the CSV tables, whatever a spreadsheet program would guess."""

import csv
import json
import zipfile
from itertools import zip_longest

import openpyxl
import pytest
from browsing import SITE, built

from tifa_book.tables import WORKBOOK, workbook

FIELDS = [
    {"name": "state", "type": "string"},
    {"name": "n", "type": "integer"},
    {"name": "share", "type": "number"},
    {"name": "seen", "type": "boolean"},
]
RESOURCE = {"name": "boats", "path": "boats.csv", "schema": {"fields": FIELDS}}
ROWS = "state,n,share,seen\nCôte d'Ivoire,3,0.25,true\n上海,,,\n=1+1,-2,1e-3,false\n007,1,1,true\n"


@pytest.fixture
def made(tmp_path):
    (tmp_path / "boats.csv").write_text(ROWS, encoding="utf-8")
    path = tmp_path / "boats.xlsx"
    path.write_bytes(workbook(tmp_path, [RESOURCE, {"name": "b", "path": "b.parquet"}]))
    return path


def test_cells_are_text_and_numbers_and_no_formulas(made):
    book = openpyxl.load_workbook(made)
    assert book.sheetnames == ["boats"]
    assert [*book["boats"].values] == [
        ("state", "n", "share", "seen"),
        ("Côte d'Ivoire", 3, 0.25, "true"),
        ("上海", None, None, None),
        ("=1+1", -2, 0.001, "false"),
        ("007", 1, 1, "true"),
    ]
    assert "<f>" not in zipfile.ZipFile(made).read("xl/worksheets/sheet1.xml").decode()
    # the same tables give the same bytes
    assert made.read_bytes() == workbook(made.parent, [RESOURCE])


@built
@pytest.mark.slow
def test_the_site_has_every_csv_table_as_a_sheet():
    package = json.loads((SITE / "data" / "datapackage.json").read_text(encoding="utf-8"))
    tables = [r for r in package["resources"] if r["path"].endswith(".csv")]
    book = openpyxl.load_workbook(SITE / "data" / WORKBOOK, read_only=True)
    assert len(tables) > 20
    assert book.sheetnames == [r["name"][:31] for r in tables]
    for resource in tables:
        with (SITE / "data" / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        for row, cells in zip(rows, book[resource["name"][:31]].values, strict=True):
            for text, value in zip_longest(
                row, cells
            ):  # openpyxl leaves out empty cells at the end
                same = value == (text or None) or float(text) == value
                assert same, (resource["name"], text, value)
