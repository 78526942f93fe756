"""Read the findings that a book has computed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tifa.util.errors import TifaError

#: Columns that every table of findings has.
NEEDED = ("id", "statement")


def read_findings(data: Path) -> pd.DataFrame:
    """Read the findings: data/findings.csv if it exists, else those of the last built site.

    Returns one row per finding: ``id``, ``statement``, and the other columns of the file. Raises
    TifaError if neither file exists, or if the file is not a table of findings.
    """
    table = data / "findings.csv"
    site = data.parent / "_build" / "html" / "findings.json"
    path = table if table.is_file() else site
    if not path.is_file():
        raise TifaError(
            "no findings here; the compendium's are computed when its book is built (make book)",
            where=site,
        )
    try:
        if path is table:
            found = pd.read_csv(path, dtype="str", keep_default_na=False)
        else:
            found = pd.DataFrame(json.loads(path.read_text("utf-8"))["findings"])
            found = found.drop(columns=["tables", "values"], errors="ignore")
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise TifaError(
            f"not a table of findings ({error}); build the book again", where=path
        ) from None
    for name in NEEDED:
        if name not in found.columns:
            raise TifaError(f"no column {name!r}; build the book again", where=path)
    return found
