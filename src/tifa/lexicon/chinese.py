"""Expand Chinese patterns, which have no spaces and may have alternatives in parentheses."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, product
from math import prod

from tifa.lexicon.patterns import Glob, Pattern
from tifa.text.chinese import fold
from tifa.text.han import HAN
from tifa.util.errors import TifaError

_PLAIN = re.compile(f"[{HAN}a-z0-9、，?]*")
_TOKEN = re.compile("[a-z0-9]+|.")
_PART = re.compile(r"\(([^()]*)\)|([^()]+)")

#: The largest number of strings that a pattern may expand to.
MOST = 1_000


@lru_cache(maxsize=10_000)
def expand(pattern: str) -> tuple[str, ...]:
    """Expand a Chinese pattern to one string per combination of alternatives, the longest first.

    A pattern consists of Chinese characters, ASCII digits, the letters a to z, ``、`` and ``，``.
    It may have alternatives of any length, such as ``(甲|乙)``; an alternative may be empty. It may
    also have ``?``, which matches exactly one character. Every ``?`` remains in the strings.

    Raises TifaError for any other character, unbalanced or nested parentheses, more than
    :data:`MOST` strings, an empty string, and a string without a Chinese character.

    >>> expand("和平发展(的|)道路")
    ('和平发展的道路', '和平发展道路')
    """
    parts = _PART.findall(pattern)
    if "".join(plain or f"({choice})" for choice, plain in parts) != pattern:
        raise TifaError(
            f"pattern {pattern!r}: a bracket is not closed, or in another; write (甲|乙)"
        )
    choices = [[plain] if plain else choice.split("|") for choice, plain in parts]
    if unknown := _PLAIN.sub("", "".join(chain.from_iterable(choices))):
        raise TifaError(
            f"pattern {pattern!r}: {unknown[0]!r} cannot be matched; expected Chinese characters "
            "without spaces, digits, small letters, 、 ， ? and (甲|乙), no quotation marks"
        )
    if prod(map(len, choices)) > MOST:
        raise TifaError(f"pattern {pattern!r} expands to more than {MOST:,} strings; split it")
    strings = {"".join(members) for members in product(*choices)}
    if "" in strings:
        raise TifaError(f"pattern {pattern!r} is empty or may be: it would match nothing")
    if not all(re.search(f"[{HAN}]", string) for string in strings):
        raise TifaError(f"pattern {pattern!r} could match without any Chinese character")
    return tuple(sorted(strings, key=lambda s: (-len(s), s)))


def chinese_patterns(text: str) -> list[Pattern]:
    """Expand a Chinese pattern to one pattern for each of its strings, with one slot per token.

    Traditional characters in the strings are replaced by simplified ones, as in texts, so either
    form matches. This is done here and not in :func:`expand`, because making the table of
    replacements takes a fifth of a second.
    """
    return [
        Pattern(text, tuple((Glob(token),) for token in _TOKEN.findall(string)))
        for string in dict.fromkeys(map(fold, expand(text)))
    ]


def lies_within(pattern: str, longer: str) -> bool:
    """Return whether a match of the pattern can be part of the string ``longer``."""
    return any(
        len(string) < len(longer) and re.search(re.escape(string).replace(r"\?", "."), longer)
        for string in expand(pattern)
    )
