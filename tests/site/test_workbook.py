"""The workbook has the cells of the CSV tables, whatever a spreadsheet program would guess."""

import csv
import io
import zipfile
from itertools import zip_longest

import openpyxl
import pytest
from browsing import SITE, built, json_of

from tifa_book.tables import WORKBOOK, workbook

FIELDS = [
    {"name": "state", "type": "string"},
    {"name": "n", "type": "integer"},
    {"name": "share", "type": "number"},
    {"name": "seen", "type": "boolean"},
]
RESOURCE = {"name": "boats", "path": "boats.csv", "schema": {"fields": FIELDS}}
ROWS = "state,n,share,seen\nCôte d'Ivoire,3,0.25,true\n上海,,,\n=1+1,-2,1e-3,false\n007,1,1,true\n"


def test_cells_are_text_and_numbers_and_no_formulas(tmp_path):
    (tmp_path / "boats.csv").write_text(ROWS, encoding="utf-8")
    made = workbook(tmp_path, [RESOURCE, {"name": "b", "path": "b.parquet"}])
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["boats"]
    assert [*book["boats"].values] == [
        ("state", "n", "share", "seen"),
        ("Côte d'Ivoire", 3, 0.25, "true"),
        ("上海", None, None, None),
        ("=1+1", -2, 0.001, "false"),
        ("007", 1, 1, "true"),
    ]
    sheet = zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    # the same tables give the same bytes
    assert made == workbook(tmp_path, [RESOURCE])


@built
@pytest.mark.slow
def test_the_site_has_every_csv_table_as_a_sheet():
    resources = json_of("data/datapackage.json")["resources"]
    tables = [r for r in resources if r["path"].endswith(".csv")]
    book = openpyxl.load_workbook(SITE / "data" / WORKBOOK, read_only=True)
    assert len(tables) > 20
    assert book.sheetnames == [r["name"][:31] for r in tables]
    for resource in tables:
        with (SITE / "data" / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        for row, cells in zip(rows, book[resource["name"][:31]].values, strict=True):
            # openpyxl leaves out empty cells at the end
            for text, value in zip_longest(row, cells):
                same = value == (text or None) or float(text) == value
                assert same, (resource["name"], text, value)
