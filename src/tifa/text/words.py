"""Normalise texts in languages with spaces, and split them into sentences and words.

``sentencex`` splits a text into sentences before it is normalised; each sentence is then normalised
and split into words. The number of words of a document is the sum over its sentences.

The characters of a word are given as Unicode categories (letters, marks, digits), because ``\\w``
means different characters in Python's ``re``, in ``regex`` and in polars.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

import numpy as np
import numpy.typing as npt
import polars as pl
from sentencex import segment

#: Version of the rules below, recorded in the data package: change it when a rule changes.
TOKENISER = "tifa-words 2"

LETTER = r"[\p{L}\p{N}]"
INNER = r"[\p{L}\p{M}\p{N}]"
#: A word without hyphens: letters and digits, with apostrophes inside.
PART = rf"{LETTER}{INNER}*(?:'{LETTER}{INNER}*)*"
#: A word: parts joined by single hyphens.
WORD = rf"{PART}(?:-{PART})*"

# Characters that normalisation replaces by an apostrophe, a quotation mark or a hyphen, or removes.
# The older UN files have primes and back-quotes instead of apostrophes; U+05F3 and U+05F4 mark
# Hebrew abbreviations. NOTHING matches invisible characters (soft hyphens, joiners, marks of
# direction, variation selectors), which are removed.
_SINGLE = "‘’‚‛ʼ′`´\u05f3"
_DOUBLE = "“”„‟«»″\u05f4"
_HYPHENS = "\u2010\u2011"
NOTHING = r"\p{Default_Ignorable_Code_Point}"
#: Replacements for ligatures, the long s, and letters whose lower-case or upper-case form is two
#: characters; for example, the lower case of İ is i with a combining dot.
_LETTERS = {
    **{"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"},
    **{"ß": "ss", "ẞ": "SS", "İ": "I", "i\u0307": "i", "ſ": "s"},
}
#: Footnote marks after a word of three letters or more (so not m²): trust¹, trust[12], trust*.
_FOOTNOTE = r"(\p{L}{3})(?:\[\d{1,3}\]|[*†‡⁰¹²³⁴-⁹])+([^\p{L}\p{N}*†‡]|$)"
# Before these words, a hyphen and the space after it are kept ("medium- and long-term"); before any
# other word, the space is removed ("self-\ndetermination").
_SUSPENDED = "and|or|nor|to|but|as|through|versus"
#: Characters that NFC may change; strings without any of them need no conversion.
_NOT_NFC = r"[^\x00-\u02FF\u2002-\u20CF]"
#: What normalisation may change; strings without a match are already normalised.
_NOT_PLAIN = r"[^\x20-\x7E]|[`*\[]|- |  |^ | $"


def normalise(texts: pl.Expr) -> pl.Expr:
    """Normalise strings: convert them to NFC, with straight quotation marks and single spaces.

    Invisible characters and footnote marks are removed, and ligatures are spelt out. White space
    after a hyphen is removed too, unless a word such as "and" follows.

    >>> s = pl.Series(["self-\\ndetermination  of “peoples”", "medium- and long-term"])
    >>> pl.select(normalise(pl.lit(s))).to_series().to_list()
    ['self-determination of "peoples"', 'medium- and long-term']
    """
    return (
        texts.str.replace_all(f"[{NOTHING}]", "")
        .map_batches(_composed, return_dtype=pl.String)
        .str.replace_all(f"[{_SINGLE}]", "'")
        .str.replace_all(f"[{_DOUBLE}]", '"')
        .str.replace_all(f"[{_HYPHENS}]", "-")
        .str.replace_many(_LETTERS)
        .str.replace_all(_FOOTNOTE, "${1}${2}")
        # replace the dash by a hyphen in compounds such as win–win and 1908–1914; this is done
        # twice, because the matches in a–b–c overlap
        .str.replace_all(f"({INNER})–({LETTER})", "${1}-${2}")
        .str.replace_all(f"({INNER})–({LETTER})", "${1}-${2}")
        # polars has no look-ahead, so this takes three steps: mark the hyphens before "and" and the
        # like, join words at other hyphens (twice, as above), remove the marks; with \b instead of
        # (\W|$) the first step would be five times as slow
        .str.replace_all(rf"(?i)({INNER})-\s+({_SUSPENDED})(\W|$)", "${1}-\x00${2}${3}")
        .str.replace_all(rf"({INNER})-\s+({LETTER})", "${1}-${2}")
        .str.replace_all(rf"({INNER})-\s+({LETTER})", "${1}-${2}")
        .str.replace_all("\x00", " ", literal=True)
        # this leaves single spaces alone, and is therefore four times as fast as \s+
        .str.replace_all(r" ?[^\S ]\s*|  \s*", " ")
        .str.strip_chars()
    )


def _composed(texts: pl.Series) -> pl.Series:
    changing = texts.str.contains(_NOT_NFC)
    return texts.clone().scatter(changing.arg_true(), texts.filter(changing).str.normalize("NFC"))


def normalise_sentences(sentences: pl.Series) -> pl.Series:
    """Normalise strings like :func:`normalise`, but faster if most of them are normalised already.

    >>> normalise_sentences(pl.Series(["A plain one.", "“Not” plain."])).to_list()
    ['A plain one.', '"Not" plain.']
    """
    changing = sentences.str.contains(_NOT_PLAIN)
    normal = pl.select(normalise(pl.lit(sentences.filter(changing)))).to_series()
    return sentences.clone().scatter(changing.arg_true(), normal)


def words_of(sentences: pl.Expr) -> pl.Expr:
    """Split normalised sentences into lists of words in lower case.

    >>> s = pl.Series(["China's people-to-people ties (2020)"])
    >>> pl.select(words_of(pl.lit(s))).to_series().to_list()
    [["china's", 'people-to-people', 'ties', '2020']]
    """
    return sentences.str.to_lowercase().str.extract_all(WORD)


def words(text: str) -> list[str]:
    """Normalise one string and split it into words, in the same way as for all tables.

    >>> words("The “Shanghai\\nSpirit”!")
    ['the', 'shanghai', 'spirit']
    """
    return list(pl.select(words_of(normalise(pl.lit(text)))).item())


def sentences(text: str) -> list[str]:
    """Split one text into sentences, with single spaces; empty sentences are skipped.

    As far as the rules can tell, a sentence does not end at the full stop of an abbreviation, or at
    a blank line that the page layout puts in the middle of a sentence.

    >>> sentences("One came.\\n\\nWe met Ms. Li\\nat home.")
    ['One came.', 'We met Ms. Li at home.']
    >>> sentences("Heading\\n\\nWe spoke of the Reed Lake\\n\\nCompact and the\\n\\nferry.")
    ['Heading', 'We spoke of the Reed Lake Compact and the ferry.']
    """
    found: list[str] = []
    for segmented in segment("en", _without_layout(text)):
        sentence = " ".join(segmented.split())
        if found and sentence and _goes_on(found[-1], sentence):
            found[-1] += f" {sentence}"
        elif sentence:
            found.append(sentence)
    return found


#: Abbreviations after which sentencex wrongly ends a sentence. The sentence goes on after a title
#: (``_TITLE``). After other abbreviations (``_SHORT``) it goes on unless the next word often begins
#: a sentence (``_BEGINS``).
_TITLE = re.compile(r"(?:^|[(\"'“‘])(?:Ms|Mx|Mmes?|Messrs|Amb)\.$")
_SHORT = re.compile(
    r"(?:^|[(\"'“‘])(?:Vols?|Ch|Chs|Sect|Sects|Paras?|Arts?|[ap]\.m|Ph\.D)\.$", re.IGNORECASE
)
_BEGINS = re.compile(
    r"[\"'“‘(]?(?:A|After|All|An|And|As|At|But|For|From|He|Her|His|How|I|If|In|It|Its|My|No|On|Our|"
    r"She|So|That|The|Their|Then|There|These|They|This|Those|To|Two|We|What|When|Where|While|Who|"
    r"With|You)\b"
)
#: Blank lines, and the characters before and after blank lines in the middle of a sentence.
_BREAK = re.compile(r"\n[^\S\n]*+\n\s*+")
_BEFORE = re.compile(r"[^\W\d_]|[,-]")
_AFTER = re.compile(r"[^\W\d_]")
#: Words that never end a sentence. The word "a" is matched only after another word, because alone
#: it may be the label of a list item.
_UNFINISHED = re.compile(
    r"(?:\w\w\s+a|\b(?:an|and|as|at|because|between|by|for|from|in|including|into|of|on|or|our|that|"
    r"the|their|this|to|toward|towards|under|which|whose|with))$"
)
#: A lower-case word of four letters or more, which shows that a text is not a heading. Words such
#: as "from" are left out, because headings have them in lower case too.
_RUNNING = re.compile(r"\b(?!(?:amid|from|into|over|than|that|upon|with)\b)[^\W\d_A-Z]{4,}\b")
#: A piece of a sentence with this many spaces or more is too long for a heading.
_SHORTEST = 4
_WORD = re.compile(r"[^\W\d_]{2}")


def _goes_on(sentence: str, following: str) -> bool:
    """Return whether a sentence was cut at an abbreviation, and goes on in the following one."""
    last = sentence[sentence.rfind(" ") + 1 :]
    return bool(_TITLE.search(last) or (_SHORT.search(last) and not _BEGINS.match(following)))


def _without_layout(text: str) -> str:
    """Replace blank lines in the middle of a sentence, as at the end of a page, by a line break.

    A blank line is in the middle of a sentence if the text before it ends with a letter, comma or
    hyphen, the text after it begins with a letter, and one of two conditions is true: the last word
    before it never ends a sentence; or the text before it is too long for a heading and probably
    continues, because the next word is in lower case or the last word seems to be part of a name.
    """

    def joined(found: re.Match[str]) -> str:
        # skip blanks before the blank lines; in the regular expression this would be slow
        start = found.start()
        while start and text[start - 1] in " \t":
            start -= 1
        if not start or not _BEFORE.match(text, start - 1) or not _AFTER.match(text, found.end()):
            return found[0]
        before = text[max(0, start - 500) : start]
        fragment = re.split(r"[.!?][\"'”’)]*\s|\n\s*\n", before)[-1]
        last = fragment.split()[-1]
        too_long = fragment.count(" ") >= _SHORTEST and _WORD.search(fragment)
        name = last[0].isupper() and last[-1] != "," and _RUNNING.search(fragment)
        follows = text[found.end()].islower() or name
        goes_on = _UNFINISHED.search(fragment) or (too_long and follows)
        return "\n" if goes_on else found[0]

    return _BREAK.sub(joined, text)


def split_table(documents: pl.DataFrame) -> pl.DataFrame:
    """Split documents (``doc_id`` and ``text``) into sentences.

    Returns one row per sentence: doc_id, sentence (its number in the document, from 1) and text
    (normalised).
    """
    lists = [sentences(text) for text in documents["text"]]
    flat = pl.Series([s for parts in lists for s in parts], dtype=pl.String)
    counts = np.array([len(parts) for parts in lists], dtype=np.int64)
    return numbered_sentences(documents["doc_id"], counts, normalise_sentences(flat))


def sentence_table(documents: pl.DataFrame) -> pl.DataFrame:
    """Split documents like :func:`split_table`, and add the columns of :func:`with_words`."""
    table = split_table(documents)
    return with_words(table, table["text"].str.count_matches(WORD))


def numbered_sentences(
    doc_ids: pl.Series, counts: npt.NDArray[np.int64], texts: pl.Series
) -> pl.DataFrame:
    """Number sentences within their documents; return a table like that of :func:`split_table`.

    ``counts`` has the number of sentences of each document; ``texts`` are the sentences of all
    documents, in order.
    """
    document = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(1, len(texts) + 1) - (np.cumsum(counts) - counts)[document]
    columns = {"doc_id": doc_ids.gather(document), "sentence": number.astype(np.int32)}
    return pl.DataFrame({**columns, "text": texts})


def with_words(table: pl.DataFrame, words: pl.Series) -> pl.DataFrame:
    """Add the columns ``words`` and ``before`` to a table of sentences.

    ``words`` is the number of words of each sentence, ``before`` that of all earlier sentences of
    its document.
    """
    return table.with_columns(words=words.cast(pl.Int32)).with_columns(
        before=(pl.col("words").cum_sum() - pl.col("words")).over("doc_id").cast(pl.Int32)
    )


def text_hashes(texts: pl.Series) -> list[str]:
    """Return the SHA-256 of each text after normalisation, in hexadecimal.

    >>> a, b = text_hashes(pl.Series(["One  “word”", 'One "word"']))
    >>> a == b
    True
    """
    normal = pl.select(normalise(pl.lit(texts))).to_series()
    return [hashlib.sha256(t.encode()).hexdigest() for t in normal]


def fold(text: str) -> str:
    """Normalise one short string for comparison, and convert it to lower case.

    >>> fold("“Belt  & Road”")
    '"belt & road"'
    """
    if text.isascii() and text.isprintable() and "- " not in text:
        # for most strings this is enough, and polars is slow for a single string
        return " ".join(text.split()).lower()
    return plain(text).lower()


def plain(text: str) -> str:
    """Normalise one pattern. Its stars remain, because they are wildcards, not footnote marks."""
    kept = unicodedata.normalize("NFC", text).replace("*", "\x01")
    return str(pl.select(normalise(pl.lit(kept))).item()).replace("\x01", "*")
