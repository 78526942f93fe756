"""Find out whether a typed phrase means an entry of the phrasebook, or only its own words.

The explorer page decides this in the same way, so a phrase has the same counts there as here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

import regex

from tifa.lexicon.chinese import chinese_patterns, expand
from tifa.lexicon.model import Entry, Phrasebook
from tifa.lexicon.names import WILD, fold_names, strip_marks
from tifa.lexicon.patterns import Pattern, parse
from tifa.text import chinese
from tifa.text.han import HAN
from tifa.text.language import Language
from tifa.text.words import fold
from tifa.util.errors import TifaError

#: Matches a phrase in quotation marks, which is taken literally, never as the name of an entry.
_QUOTED = re.compile(r"\s*[\"“”„«](.*)[\"“”»]\s*", re.DOTALL)
#: Matches a character that names may have; a phrase with any other character is not a name.
_NAME = regex.compile(r"[\p{L}\p{M}\p{N}\s\-'\",、&().’‘“”‐‑·—–]")
_SIGNS = WILD | {"|"}
_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True)
class Sought:
    """What a phrase means.

    ``text`` is the phrase as typed, without quotation marks. ``entry`` is the phrasebook entry that
    is meant, or None if the words themselves are meant. ``patterns`` are the patterns of all
    variants of the entry in the language of the texts, or else the patterns for the words. A match
    inside a match of ``not_within`` is not counted; such exceptions exist only for Chinese texts.
    """

    text: str
    entry: Entry | None
    patterns: tuple[Pattern, ...]
    not_within: tuple[Pattern, ...] = ()

    @property
    def counted(self) -> str:
        """Describe what is counted, with all wordings."""
        wordings = "; ".join(dict.fromkeys(p.text for p in self.patterns))
        if self.entry:
            return f"entry {self.entry.id} with all its wordings: {wordings}"
        return f'the words "{wordings}"'

    def called(self, language: Language) -> str:
        """Describe in a few words what is counted, for the title of a figure."""
        if self.entry is None:
            return f"the words “{self.text}”"
        label = self.entry.zh if language == "zh" and self.entry.zh else self.entry.label
        return f"“{label}” in any of its wordings"

    def note(self, language: Language) -> str:
        """Return a warning about what a search in texts of this language misses, or ""."""
        if language != "zh" and self.chinese:
            counted = "only the English wordings of the entry count"
            if any(_HAN.search(p.text) for p in self.patterns):
                counted = "Chinese characters count only where they fill all between two marks"
            return (
                f"the texts are not said to be Chinese, so {counted}; if they are Chinese, say "
                "language: zh in data/metadata/CORPUS.yml and extract again"
            )
        if language == "zh" and self.entry is None and not self.chinese:
            return "the texts are Chinese: these words count only where they stand in Latin letters"
        if language == "zh" and self.entry and _HAN.search(self.text):
            typed = chinese.fold(self.text)
            patterns = chain.from_iterable(v.zh_patterns for v in self.entry.variants)
            strings = map(chinese.fold, chain.from_iterable(map(expand, patterns)))
            if not any(re.search(string.replace("?", "."), typed) for string in strings):
                return (
                    f"{self.text!r} names the entry and is none of its wordings: add it to "
                    "zh_patterns, or put it in quotation marks to count it alone"
                )
        return ""

    @property
    def chinese(self) -> bool:
        """Whether the phrase or its patterns have Chinese characters."""
        return any(map(_HAN.search, [self.text, *(p.text for p in self.patterns)]))

    @property
    def widened(self) -> bool:
        """Whether the patterns match more than the words that were typed."""
        if self.entry is None:
            return False
        try:
            typed = parse(self.text).slots
        except TifaError:
            return True
        return [p.slots for p in self.patterns] != [typed]


def find(
    book: Phrasebook, phrase: str, language: Language = "en", *, capitals: bool = False
) -> Sought:
    """Find out what a phrase means in texts of a language: an entry, or only its own words.

    An entry is found by its id, its label (with or without the words in parentheses), an acronym in
    these parentheses, its Chinese name, its pinyin, or any wording that one of its patterns
    matches; case, hyphens and accents do not matter. Any other phrase means its words, and so does
    a phrase in quotation marks or with a wildcard. Such a phrase must be a valid pattern (see
    :mod:`tifa.lexicon.patterns`). With ``capitals``, the phrase always means its words, and its
    capitals must match.

    Raises TifaError for an invalid pattern, and for an entry without wordings in the language.

    >>> import tifa
    >>> find(tifa.phrasebook(), "international cooperation").entry.id
    'international-cooperation'
    >>> find(tifa.phrasebook(), '"spirit of Shanghai"').counted
    'the words "spirit of shanghai"'
    """
    quoted = _QUOTED.fullmatch(phrase)
    text = (quoted[1] if quoted else phrase).strip()
    entry = None if quoted or capitals else find_entry(book, text)
    if entry:
        entry.check_worded(language)
        compiled = book.patterns(language)
        wordings = tuple(p for v in entry.variants for p in compiled.get((entry.id, v.id), ()))
        return Sought(text, entry, wordings, tuple(book.not_within(language).get(entry.id, ())))
    if language == "zh" and _HAN.search(text):
        return Sought(text, None, tuple(chinese_patterns(chinese.fold(text))))
    typed = text if capitals or "=" in text else text.lower()
    return Sought(text, None, (parse(typed, capitals=capitals),))


def find_entry(book: Phrasebook, name: str) -> Entry | None:
    """Return the entry with this name or wording, or None if there is none.

    A Chinese name may be in simplified or traditional characters.
    """
    found = _named(book, name)
    if found is None and _HAN.search(name):
        return _named(book, chinese.fold(name))
    return found


def _named(book: Phrasebook, name: str) -> Entry | None:
    exact = fold(name)
    # try ids first, because comparing ids does not need the table of all names
    if found := next((e for e in book.entries if e.id == exact), None):
        return found
    named = book.named
    if exact in named.exact:
        return book.entries[named.exact[exact]]
    # neither "#health" nor "health*" is the name "health"
    if not name or set(name) & _SIGNS or not all(map(_NAME.fullmatch, name)):
        return None
    for key in fold_names([name, strip_marks(name)]):
        index = named.find(key)
        if index is not None:
            return book.entries[index]
    return None
