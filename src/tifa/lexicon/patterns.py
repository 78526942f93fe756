"""Parse word patterns, as they are written in the phrasebook and in the frame dictionary.

A pattern is a sequence of words, as in the R package quanteda. Within a word, ``*`` matches any
number of letters and digits, and ``?`` matches exactly one. ``*`` alone matches any one word, and
``(mankind|humanity)`` matches either of two words. A comma in the pattern matches a comma in the
text, and a full stop matches a full stop (``u.s. navy``, ``st. petersburg``); a full stop at the
end is ignored. Case and quotation marks do not matter, a hyphen is the same as a space, and ``&``
means *and*. After ``=``, the capitals of a word matter: ``=US`` does not match *us*.

Patterns are compared with texts word by word. Therefore no pattern can make a search slow, as a
regular expression can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache

import regex

from tifa.text.words import fold, plain
from tifa.util.errors import TifaError

_TOKEN = re.compile(r"\([^()\s]*\)|[,.]|[^\s(),.]+")
#: The character that sorts after all others.
LAST = "\U0010ffff"
_MEMBER = regex.compile(r"[\p{L}\p{N}*?][\p{L}\p{M}\p{N}'*?]*")
#: An apostrophe at the beginning or end of a word.
_OUTER = regex.compile(r"(?<![\p{L}\p{M}\p{N}*?])'|'(?![\p{L}\p{N}*?])")


@dataclass(frozen=True)
class Glob:
    """One word of a pattern, which may have wildcards."""

    text: str
    #: The word with its capitals if they must match the text, otherwise "".
    cased: str = ""

    @cached_property
    def prefix(self) -> str:
        """The letters before the first wildcard."""
        return re.split(r"[*?]", self.text, maxsplit=1)[0]

    @cached_property
    def literal(self) -> bool:
        """Whether the glob has no wildcard."""
        return self.prefix == self.text

    def matches(self, word: str) -> bool:
        """Whether the glob matches the whole word.

        >>> Glob("civili?ation*").matches("civilisations")
        True
        """
        return fnmatchcase(word, self.text)


#: One slot of a pattern: one of these globs must match the word.
Slot = tuple[Glob, ...]
#: A comma or a full stop in a pattern, which the text must have in the same place.
COMMA: Slot = (Glob(","),)
STOP: Slot = (Glob("."),)
#: Marks allowed in patterns; the last one separates the items of a Chinese list.
MARKS: tuple[Slot, ...] = (COMMA, STOP, (Glob("、"),))


@dataclass(frozen=True, eq=False)
class Pattern:
    """A parsed pattern. Patterns are compared by identity, so they are fast as dictionary keys."""

    text: str
    slots: tuple[Slot, ...]

    @cached_property
    def capitals(self) -> bool:
        """Whether the pattern has a word whose capitals must match."""
        return any(glob.cased for slot in self.slots for glob in slot)

    @cached_property
    def words_only(self) -> bool:
        """Whether the pattern has only words: no marks, and no capitals that must match."""
        return not self.capitals and not any(slot in MARKS for slot in self.slots)


@lru_cache(maxsize=10_000)
def parse(text: str, *, capitals: bool = False) -> Pattern:
    """Parse a pattern; with ``capitals``, the capitals of every word must match.

    Raises TifaError for a pattern that is empty, breaks the grammar, or would match any text.

    >>> [len(slot) for slot in parse("shared future for (mankind|humanity)").slots]
    [1, 1, 1, 2]
    >>> [slot[0].text for slot in parse("reeds, rushes and lilies").slots]
    ['reeds', ',', 'rushes', 'and', 'lilies']
    >>> [slot[0].text for slot in parse("U.S. navy").slots], parse("=US").slots[0][0].cased
    (['u', '.', 's', '.', 'navy'], 'US')
    """
    # fold is faster than plain, but loses the capitals
    folded = plain(text) if capitals or "=" in text else fold(text)
    folded = folded.replace('"', " ").replace("&", " and ")
    folded = _OUTER.sub(" ", folded)
    # ignore full stops at the end, because they may belong to the sentence around the phrase
    folded = re.sub(r"[\s.]+$", "", folded)
    _check_form(text, folded)
    slots: list[Slot] = []
    for token in _TOKEN.findall(folded):
        if token in (",", "."):
            slots.append(COMMA if token == "," else STOP)
            continue
        if token.startswith("("):
            choices = [token[1:-1].split("|")]
        else:
            choices = [[word] for word in token.split("-") if word]
        for members in choices:
            globs = tuple(_glob(m, capitals) for m in dict.fromkeys(members))
            for glob in globs:
                if not _MEMBER.fullmatch(glob.text):
                    raise TifaError(
                        f"pattern {text!r}: {glob.text!r} is not a word; expected letters, "
                        "digits, inner apostrophes, * and ? (of @name and #name write name; emoji "
                        "are not counted)"
                    )
            slots.append(globs)
    if not slots:
        raise TifaError(f"pattern {text!r} is empty: it would match nothing; write a word")
    words = [slot for slot in slots if slot not in MARKS]
    if all(any(not g.text.strip("*?") for g in slot) for slot in words):
        raise TifaError(f"pattern {text!r} would match any text; give it a word with letters")
    return Pattern(text, tuple(slots))


def _check_form(text: str, folded: str) -> None:
    """Raise TifaError if parentheses, commas or full stops are in the wrong place."""
    outside = re.sub(r"\([^()]*\)", " ", folded)
    if "(" in outside or ")" in outside:
        raise TifaError(
            f"pattern {text!r}: a bracket is not closed, or in another; write (one|two)"
        )
    if re.search(r"[^\s(,-]\(|\)[^\s),-]", folded):
        raise TifaError(f"pattern {text!r}: brackets contain whole words; put a space next to them")
    if re.search(r"\([^()]*[\s,-][^()]*\)", folded):
        raise TifaError(
            f"pattern {text!r}: alternatives are single words without space, hyphen or comma; "
            "write a second pattern instead"
        )
    if re.search(r"^\s*,|,\s*,|,\s*$", folded):
        raise TifaError(f"pattern {text!r}: a comma must be between two words")
    if re.search(r"^\s*\.|[.,]\s*[.,]", folded):
        raise TifaError(f"pattern {text!r}: a full stop must follow a word")


def _glob(word: str, capitals: bool) -> Glob:
    bare = word.removeprefix("=")
    small = fold(bare) if bare != bare.lower() else bare
    return Glob(small, bare if capitals or bare != word else "")
