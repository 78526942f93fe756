"""Licences, and which tables the site may offer under the rights of a corpus."""

from __future__ import annotations

from pathlib import Path

from tifa.data.metadata import read_overlay
from tifa.util.data_folder import data_folder

#: Address of the licence of prose, figures and most features.
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
#: Address of the licence of features of open texts.
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def allowed_next_to_pages(table: str, *, data: Path | None = None) -> bool:
    """Whether the site may offer a table next to pages that quote from the same texts.

    The table ``hits`` of a corpus that is not public has the positions of words in its texts. These
    positions and the quotations on the pages together would show more of the texts than a quotation
    may, so the site does not offer that table; it is only in the repository.
    """
    parts = Path(table).parts
    if len(parts) != 3 or parts[0] != "corpora" or Path(table).stem != "hits":
        return True
    overlay = read_overlay((data or data_folder()) / "metadata" / f"{parts[1]}.yml")
    return overlay.rights == "public"
