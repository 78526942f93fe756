"""Check quickly, before tokenising, whether a text contains the letters that a pattern needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import polars as pl

from tifa.lexicon.patterns import Pattern, Slot
from tifa.text.words import NOTHING

#: Characters that normalisation removes or replaces inside a word: invisible ones, marks,
#: ligatures, letters with more than one code (Greek, Indic, Tibetan, Hebrew, Korean, Chinese).
#: A text with any of them is always searched.
_UNSURE = (
    rf"[{NOTHING}\p{{M}}\u{{130}}\u{{374}}\u{{958}}-\u{{95F}}\u{{9DC}}-\u{{9DF}}\u{{A33}}-\u{{A5E}}"
    r"\u{B5C}\u{B5D}\u{F43}-\u{FB9}\u{1100}-\u{11FF}\u{1F00}-\u{1FFF}\u{2126}\u{212A}\u{212B}"
    r"\u{F900}-\u{FB4E}\u{1D15E}-\u{1D1C0}\u{2F800}-\u{2FA1D}ſßẞ⁰¹²³⁴-⁹]"
)
#: What may stand next to a word for any tokeniser: the end of the text, any character but a letter
#: (also a digit, because some tokenisers split words at digits), or an apostrophe that Unicode
#: calls a letter.
_OUTSIDE = r"(?:^|$|\P{L}|ʼ)"
#: Pieces of words with less than ``_SHORTEST`` letters are in most texts; they are not searched.
#: Pieces with ``_LONG`` letters or more are rare inside other words, so they are searched without
#: word boundaries, which is many times as fast.
_SHORTEST, _LONG = 3, 4


def may_match(texts: pl.Series, patterns: Iterable[Pattern]) -> pl.Series:
    """Return whether each text may match any of the patterns; never False for a text that does.

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
    """Return a regular expression that finds a piece of every word that fits a slot.

    It is empty if the slot has an alternative without such a piece.
    """
    found = []
    for glob in slot:
        pieces = re.split(r"[*?',.]", glob.text)
        place = max(range(len(pieces)), key=lambda i: len(pieces[i]))
        # "and" also matches "&", which has no letters
        if len(pieces[place]) < _SHORTEST or glob.matches("and"):
            return ""
        short = len(pieces[place]) < _LONG
        before = _OUTSIDE if short and place == 0 else ""
        after = _OUTSIDE if short and place == len(pieces) - 1 else ""
        found.append(f"{before}{re.escape(pieces[place])}{after}")
    return "|".join(found)
