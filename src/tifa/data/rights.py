"""Addresses of licences, and a function that decides which tables the site may offer."""

from __future__ import annotations

from pathlib import Path

from tifa.data.metadata import read_overlay
from tifa.util.data_folder import data_folder

#: Address of the licence of prose, figures and most features.
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
#: Address of the licence of features of open texts.
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def allowed_next_to_pages(table: str, *, data: Path | None = None) -> bool:
    """Return whether the site may offer a table next to pages that quote from the same texts.

    The table ``hits`` has the positions of words in the texts. Together with the quotations on the
    pages, these positions would reveal too much of texts that are not public. The site does not
    offer the table for such texts; it is only in the repository.
    """
    path = Path(table)
    if not path.match("corpora/*/hits.*"):
        return True
    overlay = read_overlay((data or data_folder()) / "metadata" / f"{path.parent.name}.yml")
    return overlay.rights == "public"
