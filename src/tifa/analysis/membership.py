"""Find the status of a state in an organisation at a given time."""

from __future__ import annotations

import pandas as pd

#: The status of a state in a year is its status on this day, at the time of the General Debate.
DEBATE = "09-20"


def standing(documents: pd.DataFrame, memberships: pd.DataFrame) -> pd.Series:
    """Return the status of each document's country on 20 September of the document's year.

    ``documents`` has ``country`` (code) and ``year``; ``memberships`` has ``country_code``,
    ``status``, ``from`` and ``to``. The last two are dates, some of them only a year; ``to`` is the
    day on which the next status begins, and is empty for the present status. Returns a Series
    indexed like ``documents``, with "none" if the country has no status.

    >>> facts = pd.DataFrame({"country_code": ["IND", "IND"], "status": ["observer", "member"],
    ...     "from": ["2005-07-05", "2017-06-09"], "to": ["2017-06-09", None]})
    >>> speeches = pd.DataFrame({"country": ["IND"] * 3, "year": [2004, 2016, 2017]})
    >>> standing(speeches, facts).tolist()
    ['none', 'observer', 'member']
    """
    found = pd.Series("none", index=documents.index, name="standing")
    on = documents["year"].astype(str) + f"-{DEBATE}"
    for row in memberships.fillna("").to_dict("records"):
        # ISO dates can be compared as strings, even if one is only a year: "2010" < "2010-09-20"
        inside = (on >= row["from"]) & ((row["to"] == "") | (on < row["to"]))
        found = found.mask(inside & (documents["country"] == row["country_code"]), row["status"])
    return found
