"""All CSV tables in one workbook, for spreadsheet programs.

A spreadsheet program has to guess the encoding of a CSV file, and may guess wrong: LibreOffice's
converter takes UTF-8 for Western signs even after a byte order mark. In a workbook there is
nothing to guess, and the CSV files stay the bytes whose hashes are published.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

NAME = "tables.xlsx"
#: Longest name of a sheet.
_LONGEST = 31
_CHANGED = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def workbook(folder: Path, resources: Iterable[Mapping[str, Any]]) -> bytes:
    """Put the CSV tables of a data package into a workbook, one sheet each.

    Numbers are numbers, everything else is text. The same tables give the same bytes.
    """
    book = Workbook(write_only=True)
    for resource in resources:
        if not resource["path"].endswith(".csv"):
            continue
        sheet = book.create_sheet(resource["name"][:_LONGEST])
        number = [f["type"] in ("integer", "number") for f in resource["schema"]["fields"]]
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            sheet.append(next(rows))
            for row in rows:
                sheet.append(
                    [
                        None if not text else float(text) if numeric else _text(sheet, text)
                        for text, numeric in zip(row, number, strict=True)
                    ]
                )
    made = io.BytesIO()
    book.save(made)
    return _without_times(made)


def _text(sheet: Any, text: str) -> Any:
    """Text that is not taken for a formula."""
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _without_times(made: io.BytesIO) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _CHANGED.sub(b"", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
