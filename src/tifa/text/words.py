"""Normalisation, sentences and words: one rule for every corpus.

Sentences are found by ``sentencex`` in the text as it stands; each is then normalised, and
words are found in the normalised sentence. A document's words are the words of its
sentences, so every count in the compendium has the same denominator.

The word class is written out as Unicode categories (letters, marks, digits) because the
short form ``\\w`` means different things to Python's ``re``, to ``regex`` and to the engine
of polars.
"""

from __future__ import annotations

import hashlib
import unicodedata

import polars as pl
from sentencex import segment

#: Recorded in the data package; change it when any rule below changes.
TOKENISER = "tifa-words 1"

LETTER = r"[\p{L}\p{N}]"
INNER = r"[\p{L}\p{M}\p{N}]"
#: A word without hyphens: letters and digits, with apostrophes inside.
PART = rf"{LETTER}{INNER}*(?:'{LETTER}{INNER}*)*"
#: A word: parts joined by single hyphens.
WORD = rf"{PART}(?:-{PART})*"

# Characters that differ only in print. Primes and back-quotes stand for apostrophes in the
# older UN files; U+2010 and U+2011 are hyphens; the zero-width ones carry nothing.
_SINGLE = "‘’‚‛ʼ′`´"
_DOUBLE = "“”„‟«»″"
_HYPHENS = "\u2010\u2011"
NOTHING = "\u00ad\u200b\u2060\ufeff"
# A hyphen before a break joins a word ("self-\ndetermination"), except where the second half
# of a pair follows ("medium- and long-term").
_SUSPENDED = "and|or|nor|to|but|as|through|versus"


def normalise(texts: pl.Expr) -> pl.Expr:
    """Normalise strings: NFC, straight quotes, joined line breaks, single spaces.

    >>> s = pl.Series(["self-\\ndetermination  of “peoples”", "medium- and long-term"])
    >>> pl.select(normalise(pl.lit(s))).to_series().to_list()
    ['self-determination of "peoples"', 'medium- and long-term']
    """
    return (
        texts.str.replace_all(f"[{NOTHING}]", "")
        .str.normalize("NFC")
        .str.replace_all(f"[{_SINGLE}]", "'")
        .str.replace_all(f"[{_DOUBLE}]", '"')
        .str.replace_all(f"[{_HYPHENS}]", "-")
        # polars has no look-ahead: mark the pairs, join the rest, take the mark away
        .str.replace_all(rf"(?i)({INNER})-\s+((?:{_SUSPENDED})\b)", "${1}-\x00${2}")
        .str.replace_all(rf"({INNER})-\s+({LETTER})", "${1}-${2}")
        # again, for a single letter between two such hyphens
        .str.replace_all(rf"({INNER})-\s+({LETTER})", "${1}-${2}")
        .str.replace_all("\x00", " ", literal=True)
        # all white space but a single blank, which most is: four times as fast as \s+
        .str.replace_all(r" ?[^\S ]\s*|  \s*", " ")
        .str.strip_chars()
    )


def words_of(sentences: pl.Expr) -> pl.Expr:
    """Lower-cased words of normalised sentences, as lists.

    >>> s = pl.Series(["China's people-to-people ties (2020)"])
    >>> pl.select(words_of(pl.lit(s))).to_series().to_list()
    [["china's", 'people-to-people', 'ties', '2020']]
    """
    return sentences.str.to_lowercase().str.extract_all(WORD)


def words(text: str) -> list[str]:
    """Words of one string, normalised as in every table.

    >>> words("The “Shanghai\\nSpirit”!")
    ['the', 'shanghai', 'spirit']
    """
    return list(pl.select(words_of(normalise(pl.lit(text)))).item())


def sentences(text: str) -> list[str]:
    """Sentences of one text as it stands, blank segments left out, white space collapsed.

    Sentence 1 of a document is the first in this list.

    >>> sentences("One came.\\n\\nMs. Li stayed\\nat home.")
    ['One came.', 'Ms. Li stayed at home.']
    """
    found = (" ".join(s.split()) for s in segment("en", text))
    return [s for s in found if s]


def sentence_table(documents: pl.DataFrame) -> pl.DataFrame:
    """Sentences of many documents.

    Parameters
    ----------
    documents
        ``doc_id`` and ``text``.

    Returns
    -------
    doc_id, sentence (from 1), text (normalised), words (a count), before (words of the
    document that stand before the sentence).

    """
    split = documents.select(
        "doc_id", pl.Series("text", [sentences(t) for t in documents["text"]], pl.List(pl.String))
    )
    return numbered_sentences(
        split, pl.col("text").str.count_matches(WORD), text=normalise(pl.col("text"))
    )


def numbered_sentences(
    split: pl.DataFrame, words: pl.Expr, *, text: pl.Expr | None = None
) -> pl.DataFrame:
    """Number sentences within their documents, and count their words.

    Parameters
    ----------
    split
        ``doc_id``, and in ``text`` a list of sentences.
    words
        Counts the words of a sentence.
    text
        Normalises a sentence first, if it is not yet.

    Returns
    -------
    As :func:`sentence_table`.

    """
    return (
        split.filter(pl.col("text").list.len() > 0)
        .explode("text")
        .with_columns(
            sentence=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("doc_id"),
            text=pl.col("text") if text is None else text,
        )
        .with_columns(words=words.cast(pl.Int32))
        .with_columns(
            before=(pl.col("words").cum_sum() - pl.col("words")).over("doc_id").cast(pl.Int32)
        )
        .select("doc_id", "sentence", "text", "words", "before")
    )


def text_hashes(texts: pl.Series) -> list[str]:
    """SHA-256 of the normalised texts, in hexadecimal: equal texts, whatever their print.

    >>> a, b = text_hashes(pl.Series(["One  “word”", 'One "word"']))
    >>> a == b
    True
    """
    normal = pl.select(normalise(pl.lit(texts))).to_series()
    return [hashlib.sha256(t.encode()).hexdigest() for t in normal]


def fold(text: str) -> str:
    """Normalise one short string for comparison: lower case, NFC, plain quotes.

    >>> fold("“Belt  & Road”")
    '"belt & road"'
    """
    if text.isascii() and text.isprintable() and "- " not in text:
        # nothing to normalise but blanks: most patterns, and polars takes its time for one string
        return " ".join(text.split()).lower()
    return str(pl.select(normalise(pl.lit(unicodedata.normalize("NFC", text)))).item()).lower()
