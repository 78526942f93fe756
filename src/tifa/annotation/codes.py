"""Read the codes of annotators, measure agreement, and select the codes that they agree on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from tifa.sources.rows import csv_cells
from tifa.stats.agreement import krippendorff_alpha
from tifa.util.errors import TifaError
from tifa.util.spreadsheet import plain_cell

#: Columns of a table of codes or a coding sheet that are not codes.
ABOUT = ["unit", "annotator", "corpus", "doc_id", "sentence", "text", "notes"]


def read_codes(*paths: Path) -> pd.DataFrame:
    """Read tables of codes or filled coding sheets, by any number of annotators.

    The files have the columns ``unit`` and ``annotator``; every other column except those of
    :data:`ABOUT` has codes: 0, 1, or empty if a code is missing. Fields may be separated by commas,
    semicolons or tabs. Returns one row per unit and annotator, in the order of the files.

    Raises TifaError, naming file and line, if a code is invalid, an annotator has two rows for the
    same unit, a unit or an annotator is missing, or a file is not a table of codes. Rows without
    annotator and codes are skipped.
    """
    rows = []
    first_at: dict[tuple[str, str], str] = {}
    columns: dict[str, None] = {}
    for path in paths:
        for line, row in _rows(path, ["unit", "annotator"], codes=True):
            unit, annotator = plain_cell(row["unit"]), plain_cell(row["annotator"])
            codes = {c: _code(row[c], c, path, line) for c in row if c not in ABOUT}
            columns |= dict.fromkeys(codes)
            problem = ""
            if not unit:
                problem = "the unit is missing; restore its id"
            elif not annotator:
                if all(code is None for code in codes.values()):
                    continue
                problem = "the annotator is missing; fill in who gave these codes"
            elif (unit, annotator) in first_at:
                problem = f"the annotator {annotator!r} codes the unit {unit!r} a second time "
                problem += f"(first at {first_at[unit, annotator]}); keep one row"
            if problem:
                raise TifaError(problem, where=path, line=line)
            first_at[unit, annotator] = f"{path}:{line}"
            rows.append({"unit": unit, "annotator": annotator, **codes})
    table = pd.DataFrame(rows, columns=["unit", "annotator", *columns])
    return table.astype(dict.fromkeys(columns, "Int8"))


def read_units(path: Path) -> pd.DataFrame:
    """Read the table of coded sentences: ``unit``, ``corpus``, ``doc_id`` and ``sentence``.

    Raises TifaError, naming file and line, if a column or value is missing, if the number of a
    sentence is invalid (sentences are numbered from 1), or if a unit appears twice.
    """
    columns = ["unit", "corpus", "doc_id", "sentence"]
    rows: dict[str, tuple[str, str, str, int]] = {}
    for line, row in _rows(path, columns):
        unit, corpus, doc_id, sentence = (row[column] for column in columns)
        problem = ""
        if not (unit and corpus and doc_id):
            problem = "unit, corpus or doc_id is missing"
        elif not (sentence.isascii() and sentence.isdigit() and int(sentence) > 0):
            problem = f"sentence is {sentence!r}; expected a number from 1"
        elif unit in rows:
            problem = f"the unit {unit!r} appears twice"
        if problem:
            raise TifaError(problem, where=path, line=line)
        rows[unit] = (unit, corpus, doc_id, int(sentence))
    return pd.DataFrame(list(rows.values()), columns=columns).astype({"sentence": int})


def _code(text: str, column: str, path: Path, line: int) -> int | None:
    if text in ("", "0", "1"):
        return int(text) if text else None
    raise TifaError(
        f"{column} is {text!r}; expected 0, 1 or nothing (remarks go into the column notes)",
        where=path,
        line=line,
    )


def _rows(
    path: Path, needed: Sequence[str], *, codes: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number of each row that is not empty, and its stripped cells by column.

    Raises TifaError if a column of ``needed`` is missing, if ``codes`` is true and no column has
    codes, if a column has no name or appears twice, or if a row has too few or too many fields.
    """
    rows = csv_cells(path)
    header = [name.strip() for name in next(rows, (1, []))[1]]
    widest = len(header)
    # spreadsheet programs add empty columns at the end, and leave out an empty last cell
    while header and not header[-1]:
        header.pop()
    shortest = len(header) - (header[-1:] == ["notes"])
    absent = [column for column in needed if column not in header]
    problem = ""
    if absent:
        problem = f"no column {absent[0]!r}; found {', '.join(header) or 'nothing'}"
    elif "" in header:
        problem = f"column {header.index('') + 1} has no name"
    elif len(set(header)) < len(header):
        problem = f"the column {next(c for c in header if header.count(c) > 1)!r} appears twice"
    elif codes and not set(header) - set(ABOUT):
        problem = "no column of codes; expected one for each frame and function"
    if problem:
        raise TifaError(problem, where=path, line=1)
    for line, record in rows:
        cells = [cell.strip() for cell in record]
        if any(cells):
            if not shortest <= len(cells) <= widest or any(cells[len(header) :]):
                raise TifaError(
                    f"{len(cells)} fields; expected {len(header)}", where=path, line=line
                )
            yield line, dict(zip_longest(header, cells[: len(header)], fillvalue=""))


# --- agreement ----------------------------------------------------------------------------


def code_columns(codes: pd.DataFrame) -> list[str]:
    """Return the columns with codes: all except those of :data:`ABOUT`."""
    return [column for column in codes.columns if column not in ABOUT]


def agreement_table(
    codes: pd.DataFrame, *, columns: Sequence[str] | None = None, draws: int = 2000
) -> pd.DataFrame:
    """Measure how much annotators agree on each code.

    There may be any number of annotators; a missing code is not a decision. Only units on which at
    least two annotators decided are used.

    ``codes`` is a table as :func:`read_codes` returns it; ``columns`` are the codes to compare, by
    default all.

    Returns one row per code: ``code``; ``units``, the number of units with at least two decisions;
    ``annotators``, the number of annotators who decided on any unit; ``decisions``, the number of
    decisions on these units; ``agreement``, the share of pairs of decisions on the same unit that
    agree (0 to 1; units with more decisions have more weight, as in alpha); ``alpha``, ``low``,
    ``high``, ``draws``, ``undefined`` and ``level``, which are explained with references in
    :func:`tifa.stats.agreement.krippendorff_alpha`; ``positives``, the number of decisions that are
    1; ``agreed_positives``, the number of units whose decisions are all 1.

    Raises ValueError if an annotator has two rows for the same unit, or if a column is missing.

    >>> codes = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3, 4], "annotator": list("ABABABA"),
    ...                       "health": [1, 1, 0, 1, 0, 0, 1]})
    >>> agreement_table(codes)[["units", "agreement", "alpha"]].round(3).values.tolist()
    [[3.0, 0.667, 0.444]]
    """
    rows = []
    for column in code_columns(codes) if columns is None else columns:
        if column not in codes.columns:
            raise ValueError(f"the table has no column {column!r}, it has {[*codes.columns]}")
        given = codes[["unit", "annotator", column]].rename(columns={column: "code"}).dropna()
        alpha = krippendorff_alpha(given, draws=draws)
        units = given.groupby("unit")["code"].agg(["size", "sum", "min"]).astype(float)
        units = units[units["size"] > 1]
        size, ones = units["size"], units["sum"]
        same = (ones * (ones - 1) + (size - ones) * (size - ones - 1)) / (size - 1)
        rows.append(
            alpha.assign(
                code=column,
                agreement=same.sum() / size.sum() if len(units) else np.nan,
                positives=int(ones.sum()),
                agreed_positives=int(units["min"].sum()),
            )
        )
    names = ["code", "units", "annotators", "decisions", "agreement", "alpha", "low", "high"]
    names += ["positives", "agreed_positives", "draws", "undefined", "level"]
    return pd.concat(rows, ignore_index=True)[names] if rows else pd.DataFrame()


def gold(
    codes: pd.DataFrame, *, columns: Sequence[str] | None = None, least: int = 2
) -> pd.DataFrame:
    """Select the codes on which all annotators of a unit agree.

    ``codes`` and ``columns`` are as for :func:`agreement_table`. At least ``least`` annotators must
    have decided; with 1, the code of a single annotator is accepted. Returns one row per agreed
    code, with ``unit``, ``frame`` and ``truth`` (the code), sorted by unit.

    >>> codes = pd.DataFrame({"unit": [1, 1, 2, 2], "annotator": list("ABAB"),
    ...                       "health": [1, 1, 0, 1], "order": [0, 0, 0, 0]})
    >>> gold(codes).values.tolist()
    [[1, 'health', 1], [1, 'order', 0], [2, 'order', 0]]
    """
    wanted = code_columns(codes) if columns is None else list(columns)
    decisions = codes.melt(
        id_vars=["unit"], value_vars=wanted, var_name="frame", value_name="truth"
    ).dropna()
    each = decisions.groupby(["unit", "frame"], sort=False)["truth"].agg(["size", "min", "max"])
    agreed = each[(each["min"] == each["max"]) & (each["size"] >= least)]
    table = agreed["min"].astype(int).rename("truth").reset_index()
    # stable, so that the frames of a unit stay in the order of ``columns``
    return table.sort_values("unit", kind="stable", ignore_index=True)
