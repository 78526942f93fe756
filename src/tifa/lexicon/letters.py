"""A quick check, before tokenising: does a text contain the letters that a pattern needs?"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from tifa.lexicon.patterns import Pattern, Slot

#: Characters that normalisation removes or replaces inside a word: soft hyphens, joiners, marks,
#: ligatures, letters with a second code. Texts with these are always searched.
_UNSURE = (
    r"[\u{AD}\u{61C}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}\u{2066}-\u{2069}\u{FEFF}\p{M}"
    r"\u{130}\u{1100}-\u{11FF}\u{1F00}-\u{1FFF}\u{2126}\u{212A}\u{212B}\u{F900}-\u{FAFF}"
    r"\u{FB00}-\u{FB06}ßẞ⁰¹²³⁴-⁹]"
)
#: Boundaries of a word.
_OUTSIDE = r"(?:^|$|[^\p{L}\p{N}])"


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
        if not pieces[place] or glob.text == "and":
            return ""
        before = _OUTSIDE if place == 0 else ""
        after = _OUTSIDE if place == len(pieces) - 1 else ""
        found.append(f"{before}{re.escape(pieces[place])}{after}")
    return "|".join(found)
