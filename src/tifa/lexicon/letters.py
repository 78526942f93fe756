"""Rule out quickly the texts that cannot match a pattern, so that fewer texts are tokenised."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import polars as pl

from tifa.lexicon.patterns import Pattern, Slot
from tifa.text.words import NOTHING

#: Characters that normalisation removes or replaces inside a word: invisible ones, marks,
#: ligatures, letters with more than one code (Greek, Indic, Tibetan, Hebrew, Korean, Chinese).
#: Texts with any of these are always searched, because only normalisation shows their letters.
_UNSURE = (
    rf"[{NOTHING}\p{{M}}\u{{130}}\u{{374}}\u{{958}}-\u{{95F}}\u{{9DC}}-\u{{9DF}}\u{{A33}}-\u{{A5E}}"
    r"\u{B5C}\u{B5D}\u{F43}-\u{FB9}\u{1100}-\u{11FF}\u{1F00}-\u{1FFF}\u{2126}\u{212A}\u{212B}"
    r"\u{F900}-\u{FB4E}\u{1D15E}-\u{1D1C0}\u{2F800}-\u{2FA1D}ſßẞ⁰¹²³⁴-⁹]"
)
#: What may be next to a word, whatever the tokeniser: the start or end of the text, any character
#: but a letter, or an apostrophe that Unicode calls a letter. A digit is allowed, because some
#: tokenisers split words at digits.
_OUTSIDE = r"(?:^|$|\P{L}|ʼ)"
#: Pieces of words with fewer than ``_SHORTEST`` letters are not searched for, because they occur in
#: most texts. Pieces with ``_LONG`` letters or more are rare inside other words, so they are
#: searched for without word boundaries, which is many times as fast.
_SHORTEST, _LONG = 3, 4


def may_match(texts: pl.Series, patterns: Iterable[Pattern]) -> pl.Series:
    """Return for each text whether it may match any of the patterns.

    A text with False certainly matches none of them; a text with True must be searched.

    >>> from tifa.lexicon.patterns import parse
    >>> may_match(pl.Series(["A spirit of its own", "A lake"]), [parse("spirit of *")]).to_list()
    [True, False]
    """
    lower = texts.str.to_lowercase()
    needed = [{letters for letters in map(_letters, p.slots) if letters} for p in patterns]
    holds = {letters: lower.str.contains(letters).to_numpy() for letters in set().union(*needed)}
    may = texts.str.contains(_UNSURE).to_numpy()
    for each in needed:
        may = may | np.logical_and.reduce([holds[letters] for letters in each])
    return pl.Series(may)


def _letters(slot: Slot) -> str:
    """Return a regular expression that matches some letters of every word that fits the slot.

    The expression is empty if an alternative of the slot has too few letters to search for, or
    matches "and" (and therefore also "&").
    """
    found = []
    for glob in slot:
        pieces = re.split(r"[*?',.]", glob.text)
        longest = max(pieces, key=len)
        # "and" also matches "&", which has no letters
        if len(longest) < _SHORTEST or glob.matches("and"):
            return ""
        short, place = len(longest) < _LONG, pieces.index(longest)
        before = _OUTSIDE if short and place == 0 else ""
        after = _OUTSIDE if short and place == len(pieces) - 1 else ""
        found.append(f"{before}{re.escape(longest)}{after}")
    return "|".join(found)
