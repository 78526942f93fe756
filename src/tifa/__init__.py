"""Trace official formulations through texts: features, counts, frames, findings.

>>> import tifa
>>> briefing = tifa.load("briefing")
>>> sorted(briefing.documents["source"])
['Belt & Road News', 'ECNS']
"""

from collections.abc import Sequence

import pandas as pd

from tifa.corpus import Corpus, corpora, data_folder, frame_dictionary, load, phrasebook, phrases
from tifa.counts import count_phrase as count
from tifa.errors import TifaError
from tifa.frames import code_sentences

__version__ = "0.1.0"

__all__ = [
    "Corpus",
    "TifaError",
    "__version__",
    "code_frames",
    "corpora",
    "count",
    "data_folder",
    "frame_dictionary",
    "load",
    "phrasebook",
    "phrases",
]


def code_frames(sentences: Sequence[str]) -> pd.DataFrame:
    """Code sentences by the frame dictionary of the compendium.

    Parameters
    ----------
    sentences
        Any list of strings, each taken as one sentence.

    Returns
    -------
    One row a sentence in the order given, one column a frame, 0 or 1.

    Examples
    --------
    >>> import tifa
    >>> coded = tifa.code_frames(["Vaccines must reach every village."])
    >>> coded.loc[0, "health"]
    np.int8(1)

    """
    return code_sentences(sentences, frame_dictionary())
