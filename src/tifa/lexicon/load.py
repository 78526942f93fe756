"""Load the phrasebook and the frame dictionary of a data folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tifa.lexicon.frames import code_sentences
from tifa.lexicon.model import FrameDictionary, Lexicon, Phrasebook, read_frames, read_phrasebook
from tifa.util.data_folder import MARK, data_folder
from tifa.util.errors import TifaError

if TYPE_CHECKING:
    import pandas as pd


@cache
def _phrasebook(path: Path, _: int) -> Phrasebook:
    return read_phrasebook(path)


def phrasebook(*, data: Path | None = None) -> Phrasebook:
    """Read the phrasebook of a data folder. It is cached until the file changes."""
    path = (data or data_folder()) / MARK
    return _phrasebook(path, path.stat().st_mtime_ns if path.exists() else 0)


def frame_dictionary(*, data: Path | None = None) -> FrameDictionary:
    """Read the frame dictionary of a data folder."""
    return read_frames((data or data_folder()) / "lexicon" / "frames.yml")


def read_lexicon(data: Path) -> Lexicon:
    """Read the phrasebook and the frame dictionary of a data folder."""
    return Lexicon(phrasebook(data=data), frame_dictionary(data=data))


def phrases(*, data: Path | None = None) -> pd.DataFrame:
    """Return the phrasebook as a table.

    It has one row per entry, with the columns entry (also the index), label, zh, pinyin, gloss,
    family and role.
    """
    import pandas as pd  # noqa: PLC0415 - large, and not needed to extract features

    book = phrasebook(data=data)
    columns = ["id", "label", "zh", "pinyin", "gloss", "family"]
    table = pd.DataFrame([[getattr(e, c) for c in columns] for e in book.entries], columns=columns)
    table["role"] = [book.families[e.family].role for e in book.entries]
    table = table.rename(columns={"id": "entry"})
    # remove the name of the index, because pandas cannot sort or group by a name that is both an
    # index and a column
    return table.set_index("entry", drop=False).rename_axis(None)


def code_frames(sentences: Sequence[str]) -> pd.DataFrame:
    """Find the frames of English strings, each of which is treated as one sentence.

    Returns one row per sentence, in the same order, with one column per frame of the frame
    dictionary: 1 if the sentence has the frame, 0 if not. Raises TifaError for a single string,
    because each of its letters would be treated as a sentence.

    >>> import tifa
    >>> tifa.code_frames(["Vaccines must reach every village."]).loc[0, "health"]
    np.int8(1)
    """
    if isinstance(sentences, str):
        raise TifaError("expected a list of sentences, not one string: put it in brackets")
    return code_sentences(sentences, frame_dictionary())
