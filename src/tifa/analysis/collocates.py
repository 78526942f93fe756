"""Find the words that occur near an entry of the phrasebook, with measures of association."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from tifa.data.corpus import Corpus
from tifa.features.collocates import WINDOWS, WindowTotals, count_near_hits
from tifa.features.extract import EXTRACTION_BATCH
from tifa.features.tokenised import tokenise
from tifa.lexicon.find import Sought, find
from tifa.lexicon.load import phrasebook
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.model import Phrasebook
from tifa.sources.document import Document, Reading, batches, text_table
from tifa.sources.open import read_corpus
from tifa.stats.collocates import NAMES, association
from tifa.text.language import Language, sentence_table
from tifa.util.errors import TifaError


def collocates(
    corpus: Corpus | Iterable[str],
    entry: str | None = None,
    *,
    window: str | int = 10,
    language: Language = "en",
    data: Path | None = None,
) -> pd.DataFrame:
    """Find the words near an entry, with log-likelihood, MI, t and logDice.

    ``corpus`` is a loaded corpus, or texts as a list or a Series of strings. ``entry`` is the id,
    the label or another name of an entry; without it, the table has all entries whose collocates
    are published. ``entry`` may also be any other words, or words in quotation marks, as for
    :func:`tifa.count`; their collocates are counted in the texts, which must be on this machine.
    ``window`` is 5 or 10 (words on each side of a hit, within its sentence), or "sentence".
    ``language`` is the language of texts that are given as strings: "zh", or "en" for any language
    with spaces between words. ``data`` is the data folder of the phrasebook, by default that of the
    corpus.

    Returns one row per entry and word, in the order of the published table: ``entry``, ``term``,
    ``n`` (how often the word occurs near the entry), ``node`` (hits of the entry), ``collocate``
    (how often the word occurs anywhere), ``total`` (words of the corpus), ``window_words`` (words
    in the windows), and the columns of ``tifa.stats.association``. An entry has no row if no word
    occurs near it often enough.

    Raises TifaError for an unknown window and for a part of a corpus; if the entry has no wordings
    in the language, or has changed since the features were extracted; if the texts are needed but
    missing, or may not be counted again; or if strings are given without ``entry``, or with a
    Chinese ``entry`` although ``language`` is not "zh".

    >>> import tifa
    >>> table = collocates(tifa.load("ungdc"), "mutual benefit")
    >>> table.nlargest(3, "log_dice")["term"].tolist()
    ['non-aggression', 'non-interference', "other's"]
    >>> texts = ["The slow boat left.", "A slow boat came in late.", "It rained."]
    >>> collocates(texts, "boat*", window=5)[["term", "n"]].head(3).values.tolist()
    [['slow', 2], ['a', 1], ['came', 1]]
    """
    _check_window(window)
    if not isinstance(corpus, Corpus):
        if entry is None or isinstance(corpus, str):
            raise TifaError("give texts as a list of strings, and the phrase to look for")
        documents = (Document(str(n), text, {}) for n, text in enumerate(corpus))
        book = phrasebook(data=data)
        sought = find(book, entry, language)
        if sought.chinese and language != "zh":
            raise TifaError(f"{entry!r} is Chinese: say that the texts are, by language='zh'")
        return collocates_in_texts(documents, sought, book, window=window, language=language)
    if entry is None:
        rows = corpus.collocates
    else:
        book = phrasebook(data=data or corpus.data)
        sought = find(book, entry, corpus.about.language)
        if sought.entry is None:
            return collocates_in_corpus(corpus, sought, window=window, data=data)
        corpus.check_entries([sought.entry.id], book)
        rows = corpus.table("collocates")
        rows = rows[rows["entry"] == sought.entry.id]
    return _measured(rows[rows["window"] == str(window)])


def collocates_in_corpus(
    corpus: Corpus,
    sought: Sought,
    *,
    window: str | int,
    data: Path | None = None,
    texts: Path | None = None,
) -> pd.DataFrame:
    """Find the words near a phrase in the texts of a corpus; returns what :func:`collocates` does.

    ``sought`` is a result of :func:`tifa.lexicon.find.find`. Raises TifaError for an unknown
    window, for a part of a corpus, for a corpus whose texts may not be counted again, and if texts
    are missing or can no longer be read.
    """
    if corpus.part is not None:
        raise TifaError("collocates of any words are counted in a whole corpus, not in a part")
    data, reading = data or corpus.data, Reading()
    overlay, documents = read_corpus(corpus.name, data, texts, reading, use="counted")
    book = phrasebook(data=data)
    table = collocates_in_texts(documents, sought, book, window=window, language=overlay.language)
    instead = "a count of the others would not be right"
    reading.refuse_unreadable(corpus.name, instead=instead, but=set(corpus.unread["name"]))
    return table


def _check_window(window: str | int) -> None:
    if str(window) not in WINDOWS:
        raise TifaError(f"no window {window!r}; there is: {', '.join(WINDOWS)}")


def collocates_in_texts(
    documents: Iterable[Document],
    sought: Sought,
    book: Phrasebook,
    *,
    window: str | int,
    language: Language,
) -> pd.DataFrame:
    """Find the words near a phrase in documents; returns what :func:`collocates` does.

    The table has up to 150 words that occur near the phrase more often than expected by chance.
    Raises TifaError for an unknown window.
    """
    _check_window(window)
    totals = WindowTotals()
    own = tuple(book.chinese_words) if language == "zh" else ()
    for batch in batches(documents, characters=EXTRACTION_BATCH[language]):
        table = sentence_table(text_table(batch), language)
        read = tokenise(table["text"], language, own)
        variants = {(sought.text, ""): sought.patterns}
        hits = find_hits(Matcher(read.flow), variants, not_within={sought.text: sought.not_within})
        totals.add(count_near_hits(read, hits))
    rows = totals.table(least=1).to_pandas()
    return _measured(rows[rows["window"] == str(window)])


def _measured(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.rename(columns=NAMES)[["entry", "term", "n", *NAMES.values(), "window_words"]]
    return association(rows.reset_index(drop=True))
