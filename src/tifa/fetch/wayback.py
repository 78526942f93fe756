"""The Wayback Machine's copy of a page that is gone or changed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from tifa.fetch.client import Client, FetchError


@dataclass(frozen=True)
class Wayback:
    """Where the archive answers questions, and where it shows pages."""

    api: str = "https://archive.org"
    web: str = "https://web.archive.org"


def capture(client: Client, wayback: Wayback, url: str, date: str) -> str:
    """Find the copy made nearest to a day.

    Parameters
    ----------
    client
        What asks.
    wayback
        Where.
    url
        Address of the page.
    date
        ISO 8601, as precise as is known; or empty for the newest.

    Returns
    -------
    Address of the copy as it was taken, without the archive's banner.

    Raises
    ------
    FetchError
        Where there is none.

    """
    asked = {"url": url, **({"timestamp": date.replace("-", "")} if date else {})}
    found = client.read(
        f"{wayback.api}/wayback/available?{urlencode(asked)}",
        types=("application/json", "text/javascript", "application/javascript"),
        limit=1_000_000,
    )
    try:
        closest = json.loads(found)["archived_snapshots"]["closest"]
        stamp, there = str(closest["timestamp"]), closest["available"] is True
    except (ValueError, KeyError, TypeError, RecursionError):
        stamp, there = "", False
    # the address is made here: what the answer names as address is not followed
    if not there or not re.fullmatch(r"\d{4,14}", stamp):
        raise FetchError("the Wayback Machine has no copy", where=url)
    return f"{wayback.web}/web/{stamp}id_/{url}"
