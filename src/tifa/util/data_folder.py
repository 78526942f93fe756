"""Find the data folder."""

from __future__ import annotations

import os
from pathlib import Path

from tifa.util.errors import TifaError

#: A folder that contains this file is a data folder.
MARK = Path("lexicon") / "phrases.yml"


def data_folder() -> Path:
    """Return the path of the data folder: the first folder tried that has a phrasebook.

    If the environment variable ``TIFA_DATA`` is set, only the folder named there is tried.
    Otherwise data/ is tried in the working directory, in each of its parents, and in the checkout
    from which the package was installed. Raises TifaError if no folder has a phrasebook.
    """
    if named := os.environ.get("TIFA_DATA"):
        folders, tried = [Path(named)], f"in TIFA_DATA={named}"
    else:
        here, checkout = Path.cwd().resolve(), Path(__file__).resolve().parents[3]
        folders, tried = [p / "data" for p in (here, *here.parents, checkout)], "here or above"
    for folder in folders:
        if (folder / MARK).is_file():
            return folder
    raise TifaError(
        f"no data folder with {MARK.as_posix()} found {tried}; start in a clone of the compendium, "
        "or set TIFA_DATA to its data folder"
    )
