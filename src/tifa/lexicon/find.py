"""Find what a phrase asks for: an entry by any of its names, or the words as they are typed.

The library, the command line and the files of the explorer all ask here, so that one name gives
one number everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tifa.lexicon.chinese import chinese_patterns
from tifa.lexicon.model import Entry, Phrasebook
from tifa.lexicon.names import fold_names, strip_marks
from tifa.lexicon.patterns import Pattern, parse
from tifa.text import chinese
from tifa.text.language import Language
from tifa.text.words import fold
from tifa.util.errors import TifaError

#: Quotation marks around a phrase ask for its words and not for an entry.
_QUOTED = re.compile(r"\s*[\"“”„«](.*)[\"“”»]\s*", re.DOTALL)
#: Signs that a name may have between its words; a phrase with any other is no name.
_NAME = re.compile(r"[^\W_]|[\s\-'\",、&().’‘“”‐‑·—–]|[\u0300-\u036f]")
_WILD = set("*?|")
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True)
class Sought:
    """What a phrase asks for.

    Attributes
    ----------
    text
        The phrase as it was asked for, without quotation marks.
    entry
        The phrasebook entry that it names; None where the words themselves are asked for.
    patterns
        What to look for: all wordings of the entry in the language of the texts (there may
        be none), or the words.
    not_within
        Longer wordings inside which a match does not count; of an entry, in Chinese.

    """

    text: str
    entry: Entry | None
    patterns: tuple[Pattern, ...]
    not_within: tuple[Pattern, ...] = ()

    @property
    def counted(self) -> str:
        """What is counted, in words.

        >>> import tifa
        >>> find(tifa.phrasebook(), "上海精神").counted
        'entry shanghai-spirit with all its wordings: shanghai spirit; spirit of shanghai'
        >>> find(tifa.phrasebook(), '"spirit of Shanghai"').counted
        'the words "spirit of shanghai"'
        """
        wordings = "; ".join(dict.fromkeys(p.text for p in self.patterns))
        if self.entry:
            return f"entry {self.entry.id} with all its wordings: {wordings}"
        return f'the words "{wordings}"'

    @property
    def chinese(self) -> bool:
        """Whether Chinese characters are asked for, and no entry."""
        return self.entry is None and _HAN.search(self.text) is not None

    @property
    def widened(self) -> bool:
        """Whether more is looked for than the words that were typed."""
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
    """Find what a phrase asks for.

    An entry is found by its id, its label (whole, without what stands in brackets, or by an
    acronym in them), its Chinese, its pinyin, or any wording without a wildcard; case, hyphens and
    marks do not matter. Anything else is a pattern by the grammar of the phrasebook, and so is
    whatever stands in quotation marks or has a wildcard.

    Parameters
    ----------
    book
        The phrasebook.
    phrase
        What somebody typed.
    language
        Of the texts that are looked into.
    capitals
        Whether the words are asked for as they are typed, with their capitals.

    Raises
    ------
    TifaError
        Where the phrase names no entry and is no pattern; the message says which sign is wrong.

    Examples
    --------
    >>> import tifa
    >>> find(tifa.phrasebook(), "international cooperation").entry.id
    'international-cooperation'
    >>> find(tifa.phrasebook(), "econom*").entry is None
    True

    """
    quoted = _QUOTED.fullmatch(phrase)
    text = (quoted[1] if quoted else phrase).strip()
    entry = None if quoted or capitals else find_entry(book, text)
    if entry:
        compiled = book.patterns(language)
        wordings = tuple(p for v in entry.variants for p in compiled.get((entry.id, v.id), ()))
        return Sought(text, entry, wordings, tuple(book.not_within(language).get(entry.id, ())))
    if language == "zh" and _HAN.search(text):
        return Sought(text, None, tuple(chinese_patterns(chinese.fold(text))))
    typed = text if capitals or "=" in text else text.lower()
    return Sought(text, None, (parse(typed, capitals=capitals),))


def find_entry(book: Phrasebook, name: str) -> Entry | None:
    """Find the entry of a name or a wording; None where it is neither.

    >>> import tifa
    >>> find_entry(tifa.phrasebook(), "win-win").id
    'win-win-cooperation'
    """
    named = book.named
    exact = fold(name)
    if exact in named.exact:
        return book.entries[named.exact[exact]]
    # "#health" is not the name "health", nor is "health*"
    if not name or set(name) & _WILD or not all(map(_NAME.fullmatch, name)):
        return None
    for key in fold_names([name, strip_marks(name)]):
        for table in (named.names, named.wordings):
            if key in table:
                return book.entries[table[key]]
    return None
