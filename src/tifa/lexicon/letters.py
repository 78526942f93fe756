"""A quick check, before tokenising: does a text contain the letters that a pattern needs?"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from tifa.lexicon.patterns import Pattern, Slot
from tifa.text.words import NOTHING

#: Characters that normalisation removes or replaces inside a word: invisible ones, marks,
#: ligatures, letters with a second code (Greek, Indic, Tibetan, Hebrew, Korean, Chinese).
#: Texts with these are always searched.
_UNSURE = (
    rf"[{NOTHING}\p{{M}}\u{{130}}\u{{374}}\u{{958}}-\u{{95F}}\u{{9DC}}-\u{{9DF}}\u{{A33}}-\u{{A5E}}"
    r"\u{B5C}\u{B5D}\u{F43}-\u{FB9}\u{1100}-\u{11FF}\u{1F00}-\u{1FFF}\u{2126}\u{212A}\u{212B}"
    r"\u{F900}-\u{FB4E}\u{1D15E}-\u{1D1C0}\u{2F800}-\u{2FA1D}ßẞ⁰¹²³⁴-⁹]"
)
#: Boundaries of a word; one of the apostrophes is a letter.
_OUTSIDE = r"(?:^|$|[^\p{L}\p{N}]|ʼ)"


def may_match(patterns: Sequence[Pattern]) -> pl.Expr:
    """Whether ``text``, as printed, may contain a match: never False if it does."""
    text = pl.col("text")
    every = [
        pl.all_horizontal(
            pl.lit(True), *(text.str.contains(f"(?i){s}") for s in map(_letters, p.slots) if s)
        )
        for p in patterns
    ]
    return pl.any_horizontal(text.str.contains(_UNSURE), *every)


def _letters(slot: Slot) -> str:
    """A regular expression for letters that every word of a slot contains; empty if there are none.

    >>> from tifa.lexicon.patterns import parse
    >>> [_letters(slot) for slot in parse("*econom* and *").slots]
    ['econom', '', '']
    """
    found = []
    for glob in slot:
        pieces = re.split(r"[*?',.]", glob.text)
        place = max(range(len(pieces)), key=lambda i: len(pieces[i]))
        # "&" reads as "and"
        if not pieces[place] or glob.matches("and"):
            return ""
        before = _OUTSIDE if place == 0 else ""
        after = _OUTSIDE if place == len(pieces) - 1 else ""
        found.append(f"{before}{re.escape(pieces[place])}{after}")
    return "|".join(found)
