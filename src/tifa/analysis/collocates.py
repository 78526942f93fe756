"""The words that keep company with an entry, with the measures of their association."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tifa.data.corpus import Corpus
from tifa.features.collocates import WINDOWS
from tifa.lexicon.find import find_entry
from tifa.lexicon.load import phrasebook
from tifa.stats.collocates import NAMES, association
from tifa.util.errors import TifaError


def collocates(
    corpus: Corpus, entry: str | None = None, *, window: str | int = 10, data: Path | None = None
) -> pd.DataFrame:
    """Words beside an entry, with log-likelihood, MI, t and logDice.

    Parameters
    ----------
    corpus
        A loaded corpus.
    entry
        The entry by any of its names; if none is given, all entries that the table has.
    window
        5 or 10 words to each side within the sentence, or "sentence".
    data
        The data folder of the phrasebook; if not given, the one that the corpus lies in.

    Returns
    -------
    One row an entry and a word, in the order of the table: ``entry``, ``term``, ``n`` (times beside
    the entry), ``node`` (hits of the entry), ``collocate`` (times the word occurs), ``total``
    (words of the corpus), ``window_words`` (words in the windows), and the columns of
    ``tifa.stats.association``. No row where no word stands there often enough.

    Raises
    ------
    TifaError
        For a window that was not counted, a name that is no entry, or an entry that has changed
        since the features were extracted.

    Examples
    --------
    >>> import tifa
    >>> table = collocates(tifa.load("ungdc"), "mutual benefit")
    >>> table.nlargest(3, "log_dice")["term"].tolist()
    ['non-aggression', 'non-interference', "other's"]

    """
    if str(window) not in WINDOWS:
        raise TifaError(f"no window {window!r}; there is: {', '.join(WINDOWS)}")
    rows = corpus.collocates[corpus.collocates["window"] == str(window)]
    if entry is not None:
        book = phrasebook(data=data or corpus.folder.parents[1])
        found = find_entry(book, entry)
        if found is None:
            raise TifaError(f"{entry!r} is no phrasebook entry; tifa phrases lists all")
        corpus.check_entries([found.id], book)
        rows = rows[rows["entry"] == found.id]
    rows = rows.rename(columns=NAMES)[["entry", "term", "n", *NAMES.values(), "window_words"]]
    return association(rows.reset_index(drop=True))
