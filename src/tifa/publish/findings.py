"""Read the findings that a book has computed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from sphinx_findings.snapshot import read_rows

from tifa.util.errors import TifaError

#: Columns that every table of findings has.
NEEDED = ("id", "statement")


def read_findings(data: Path) -> pd.DataFrame:
    """Read the findings from data/findings.csv or, if there is none, from the last built site.

    Returns one row per finding: ``id``, ``statement``, and the other columns of the file. The
    fields ``tables`` and ``values`` of findings.json are left out. Raises FindingsError if
    findings.csv is incomplete or not a table of findings. Raises TifaError if neither file exists,
    or if findings.json is not a list of findings.
    """
    table = data / "findings.csv"
    site = data.parent / "_build" / "html" / "findings.json"
    if table.is_file():
        return pd.DataFrame(read_rows(table, NEEDED))
    if not site.is_file():
        raise TifaError(
            "no findings here; the compendium's are computed when its book is built (make book)",
            where=site,
        )
    try:
        found = pd.DataFrame(json.loads(site.read_text("utf-8"))["findings"])
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise TifaError(
            f"not a list of findings ({error}); build the book again", where=site
        ) from None
    if found.empty:
        return pd.DataFrame(columns=NEEDED)
    for name in NEEDED:
        if name not in found.columns:
            raise TifaError(f"no field {name!r}; build the book again", where=site)
    return found.drop(columns=["tables", "values"], errors="ignore")
