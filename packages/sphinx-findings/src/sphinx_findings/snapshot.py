"""Read and update the snapshot: a CSV file with the findings as they were last accepted.

A comparison with the findings of a new build shows which findings have changed. The snapshot has
the names of the tables of each finding. The hashes of the tables are only in findings.json, because
a hash may change although no finding changes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx_findings.errors import FindingsError

Row = dict[str, str]

COLUMNS = {
    "id": "number of the finding; it never changes and is never used again",
    "status": "current, or withdrawn if no notebook records the finding any longer",
    "statement": "the finding as a sentence",
    "limits": "what qualifies the sentence: other counts, chance, what would change it",
    "estimate": "the number that the sentence is about, to six digits",
    "low": "lower limit of the 95 % interval; empty if everything was counted",
    "high": "upper limit of the 95 % interval; empty if everything was counted",
    "unit": "unit of the estimate and of the limits of its interval",
    "n": "number of observations from which the estimate was computed",
    "n_of": "what the observations are",
    "method": "how the interval was computed",
    "page": "notebook that records the finding",
    "tables": "tables from which the finding was computed, separated by spaces",
    "version": "version of the work in which the row last changed",
    "date": "day on which the finding was withdrawn or reworded",
    "reason": "why it was withdrawn or reworded; edited by hand, as are date and earlier",
    "earlier": "the sentence before it was reworded",
}
#: Columns that are edited by hand.
HISTORY = ("date", "reason", "earlier")


@dataclass(frozen=True)
class Difference:
    """A field of a finding that differs from the snapshot."""

    id: str
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.column == "id":
            return f"{self.id}: {'new' if self.after else 'gone'}"
        return f"{self.id}: {self.column}: {self.before or 'nothing'} -> {self.after or 'nothing'}"


def read_built(path: Path) -> list[Row]:
    """Read the findings.json of a built site as rows of a snapshot.

    Raises
    ------
    FindingsError
        If the file is missing or cannot be read, is not JSON, or lacks a field.

    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["findings"]
        return [_row(f) for f in found]
    except FileNotFoundError:
        raise FindingsError("is not there; build the site first", where=path) from None
    except OSError as error:
        raise FindingsError(f"cannot be read: {error.strerror}", where=path) from None
    except (ValueError, TypeError, KeyError) as error:
        raise FindingsError(
            f"is not a list of findings ({error!r}); build anew", where=path
        ) from None


def read_rows(path: Path, needed: Iterable[str]) -> list[Row]:
    """Read a CSV file of findings that has the ``needed`` columns, and perhaps others.

    A file without findings is an error, because it has probably been cut off.

    Raises
    ------
    FindingsError
        If the file cannot be read, is not CSV in UTF-8, lacks a column, has no finding below the
        names of its columns, or has a row with too few or too many cells.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FindingsError(f"cannot be read: {error.strerror}", where=path) from None
    except UnicodeDecodeError as error:
        raise FindingsError(
            f"not UTF-8 at byte {error.start}; save it as CSV UTF-8", where=path
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    cut = "is the file cut off? Restore it"
    rows = []
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            expected = f"expected the columns {', '.join(needed)}"
            raise FindingsError(f"no column {missing[0]!r}; {expected}", where=path)
        for row in reader:
            # csv adds the key None for additional cells, and the value None for missing ones
            if None in row or None in row.values():
                problem = f"line {reader.line_num} has not one cell for each column"
                raise FindingsError(f"{problem}; {cut}", where=path)
            rows.append(row)
    except csv.Error as error:
        problem = f"broken CSV at line {reader.line_num} ({error})"
        raise FindingsError(f"{problem}; {cut}", where=path) from None
    if not rows:
        problem = f"no finding below the names of the columns; {cut}"
        raise FindingsError(f"{problem}, or delete it if there was never a finding", where=path)
    return rows


def read_snapshot(path: Path) -> list[Row]:
    """Read a snapshot; empty if there is no file.

    Raises
    ------
    FindingsError
        If the file cannot be read or is cut off (see :func:`read_rows`), its columns are not those
        of a snapshot, or an id appears twice.

    """
    if not path.is_file():
        return []
    rows = read_rows(path, COLUMNS)
    if list(rows[0]) != list(COLUMNS):
        raise FindingsError(f"expected the columns {', '.join(COLUMNS)}", where=path)
    ids = [row["id"] for row in rows]
    for id in ids:
        if ids.count(id) > 1:
            raise FindingsError(f"finding {id} appears twice", where=path)
    return rows


def update(before: Iterable[Row], built: Iterable[Row], *, version: str) -> list[Row]:
    """Bring a snapshot up to date; no id is ever lost.

    Parameters
    ----------
    before, built
        The snapshot as it was, and the findings as they were just computed.
    version
        Version of the work, which is set in the rows that change.

    Returns
    -------
    The new snapshot. A finding that is no longer computed is kept as withdrawn. The columns that
    are edited by hand (date, reason, earlier) are not changed.

    """
    old = {row["id"]: row for row in before}
    new = {row["id"]: row for row in built}
    rows = []
    for id in sorted(old.keys() | new.keys(), key=order):
        row = new.get(id) or {**old[id], "status": "withdrawn"}
        rows.append(row | {c: old[id][c] if id in old else "" for c in HISTORY})
    return with_version(old.values(), rows, version=version)


def with_version(before: Iterable[Row], now: Iterable[Row], *, version: str) -> list[Row]:
    """Return the rows of ``now``, with ``version`` in those that have changed since ``before``.

    The other rows get the version that they have in ``before``.
    """
    old = {row["id"]: (_claim(row), row["version"]) for row in before}
    rows = []
    for row in now:
        claim, earlier = old.get(row["id"], ({}, ""))
        rows.append({**row, "version": earlier if claim == _claim(row) else version})
    return rows


def differences(before: Iterable[Row], built: Iterable[Row]) -> list[Difference]:
    """Return the differences between a snapshot and newly computed findings."""
    old = {row["id"]: row for row in before}
    new = {row["id"]: row for row in built}
    found = []
    for id in sorted(old.keys() | new.keys(), key=order):
        if id not in old:
            found.append(Difference(id, "id", "", id))
        elif id not in new:
            if old[id]["status"] != "withdrawn":
                found.append(Difference(id, "id", id, ""))
        else:
            now, then = _claim(new[id]), _claim(old[id])
            found += [Difference(id, c, then[c], now[c]) for c in now if then[c] != now[c]]
    return found


def brought_up(path: Path, built: Path, *, version: str) -> tuple[list[Difference], str, str]:
    """Compare the findings.json of a built site with the snapshot in ``path``.

    Returns the differences, a line that counts them, and the new snapshot as CSV. The snapshot is
    "" if there has never been a finding, because then there should be no file.
    """
    before, now = read_snapshot(path), read_built(built)
    found = differences(before, now)
    counted = f"{len(now):,} findings, {len(found):,} differences"
    rows = update(before, now, version=version)
    return found, counted, to_csv(rows) if rows else ""


def to_csv(rows: Iterable[Row]) -> str:
    """Return the rows of a snapshot as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(finding: Mapping[str, Any]) -> Row:
    return {
        "id": finding["id"],
        "status": "current",
        **{c: finding[c] for c in ("statement", "limits", "unit", "n_of", "method", "page")},
        **{c: _number(finding[c]) for c in ("estimate", "low", "high")},
        "n": str(finding["n"]),
        "tables": " ".join(sorted(finding["tables"])),
        **dict.fromkeys(("version", *HISTORY), ""),
    }


def _number(value: float | None) -> str:
    """Round to six digits, because the last digits differ between machines."""
    return "" if value is None else f"{value:.6g}"


def _claim(row: Row) -> Row:
    return {c: row[c] for c in COLUMNS if c not in ("id", "version", *HISTORY)}


def order(id: str) -> tuple[int, ...]:
    """Return the sort key of an id, so that F2.10 comes after F2.9."""
    return tuple(int(part) for part in id[1:].split("."))
