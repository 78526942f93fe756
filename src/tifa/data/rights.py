"""What the site may show, given the rights of a corpus."""

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

    The hits of a protected corpus say at which position words occur. Alone they keep within the
    bounds of quotation, but not together with the quotations on the pages, so they stay in the
    repository.
    """
    parts = Path(table).parts
    if len(parts) != 3 or parts[0] != "corpora" or Path(table).stem != "hits":
        return True
    overlay = read_overlay((data or data_folder()) / "metadata" / f"{parts[1]}.yml")
    return overlay.rights == "public"
