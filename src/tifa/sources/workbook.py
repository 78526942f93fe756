"""Read the rows of an Excel workbook one at a time."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from lxml import etree

from tifa.sources.document import UnreadableError
from tifa.sources.office import check_zip
from tifa.util.errors import TifaError

#: Largest unpacked size of a workbook in bytes, and largest number of columns of a sheet. Larger
#: ones are refused, because they may be attacks.
MAX_WORKBOOK, _MAX_COLUMNS = 500_000_000, 1_000
_LAST_ROW = 1_048_576


def sheet_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number and the cells of each non-empty row of a workbook with one used sheet.

    Hidden rows and columns are read like all others. Raises UnreadableError if the file cannot be
    unpacked or has a password. Raises TifaError if its content is broken or too large, if no sheet
    or more than one has cells, if cells are merged over several rows, or if a formula failed or was
    never computed.
    """
    import openpyxl  # noqa: PLC0415 - slow to load
    from openpyxl.utils.escape import unescape  # noqa: PLC0415

    try:
        check_zip(path, most=MAX_WORKBOOK)
        with warnings.catch_warnings():
            # openpyxl warns about content that it could not save, but nothing is saved here
            warnings.simplefilter("ignore")
            values, formulas = (
                openpyxl.load_workbook(path, read_only=True, data_only=only)
                for only in (True, False)
            )
            pages = {s.title: s._worksheet_path for s in values.worksheets}  # type: ignore[attr-defined]
            merged = {title: _merged_cells(path, page) for title, page in pages.items()}
            sheet = _only_sheet(values, path)
            if merged[sheet]:
                area, line = merged[sheet][0]
                advice = f"the cells {area} are merged; undo that, and fill each row"
                raise TifaError(advice, where=path, line=line)
            both = zip(_cells(values[sheet]), _cells(formulas[sheet]), strict=True)
            for number, (row, typed) in enumerate(both, 1):
                if len(row) > _MAX_COLUMNS:
                    raise TifaError(f"more than {_MAX_COLUMNS:,} columns", where=path, line=number)
                for cell, formula in zip(row, typed, strict=True):
                    if (formula.data_type == "f" and cell.value is None) or cell.data_type == "e":
                        raise TifaError(
                            "a formula without a value; in the spreadsheet, paste values and save",
                            where=path,
                            line=number,
                        )
                # characters that XML cannot contain are written like _x000D_
                cells = [unescape(c.value) if isinstance(c.value, str) else c.value for c in row]
                while cells and cells[-1] in (None, ""):
                    cells.pop()
                if cells:
                    yield number, cells
    except TifaError:
        raise
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", where=path) from None
    except Exception as error:  # openpyxl passes on any error of its zip and XML parsers
        raise TifaError(f"not a complete workbook ({type(error).__name__})", where=path) from None


def _only_sheet(book: Any, path: Path) -> str:
    full = [s.title for s in book.worksheets if any(any(c.value for c in r) for r in _cells(s))]
    if not full:
        raise TifaError("empty; expected a row with the names of the columns", where=path)
    if len(full) > 1:
        raise TifaError(
            f"{len(full)} sheets with cells ({', '.join(map(repr, full[:5]))}); keep the one with "
            "the texts, or save each as a file",
            where=path,
        )
    return str(full[0])


def _merged_cells(path: Path, sheet: str) -> list[tuple[str, int]]:
    """Return the ranges of cells that are merged over several rows, each with its first row.

    Raises TifaError if row numbers are impossible or not in order, because openpyxl would lose such
    rows.
    """
    merged, before = [], 0
    with ZipFile(path) as parts, parts.open(sheet) as file:
        for _, element in etree.iterparse(file, tag=("{*}row", "{*}mergeCell"), huge_tree=True):
            if element.tag.endswith("mergeCell"):
                cells = element.get("ref", "")
                rows = re.findall(r"\d+", cells)
                if len(set(rows)) > 1:
                    merged.append((cells, int(rows[0])))
                continue
            number = int(element.get("r", before + 1))
            if not before < number <= _LAST_ROW:
                raise TifaError(
                    f"a row with the number {number} after row {before}; open it in a "
                    "spreadsheet, and save it anew",
                    where=path,
                )
            before = number
            # free the row; otherwise the whole sheet would stay in memory
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return merged


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # ignore the size that the file declares, because it may be wrong
    sheet.reset_dimensions()
    return iter(sheet.iter_rows())
