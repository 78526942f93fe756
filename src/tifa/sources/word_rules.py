"""Apply the rules of words.yml, which remove addresses, @names and hashtags, and name emoji."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import regex

from tifa.sources.document import Document, Reading

_LETTER = r"[\p{L}\p{M}\p{N}_]"
#: Characters that may be inside a web address, and those that may be its last. Chinese characters
#: are excluded, because Chinese text may follow an address without a space.
_INSIDE = r"[[!-~\p{L}\p{N}]--[\p{Han}<>\"]]"
_LAST = r"[[!-~\p{L}\p{N}]--[\p{Han}<>\".,;:!?')\]}*]]"
_KINDS: Mapping[str, regex.Pattern[str]] = {
    name: regex.compile(pattern, regex.VERSION1)
    for name, pattern in {
        "addresses": rf"(?<![A-Za-z0-9])(?:(?:https?|ftp)://|www\.){_INSIDE}*{_LAST}"
        r"|(?<![A-Za-z0-9])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b",
        "names": rf"(?<!{_LETTER})@{_LETTER}+",
        # hashtags on Weibo end with a second # and may contain spaces; #3 is not a hashtag
        "hashtags": rf"(?<![{_LETTER[1:-1]}&#])#"
        rf"(?:\p{{Han}}[^#\n]{{0,40}}(?<!\s)#|(?!\d+\b){_LETTER}+)",
        "emoji": r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F?)"
        r"\p{Emoji_Modifier}?(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)*",
    }.items()
}


def apply_rules(text: str, rules: Iterable[str], taken: Counter[str]) -> str:
    """Apply rules to a text, and count in ``taken`` how often each rule found something.

    >>> apply_rules("@reed: see https://lake.example/a. #boats", ["addresses", "names"], Counter())
    ' : see  . #boats'
    >>> apply_rules("A boat ⛵!", ["emoji"], Counter())
    'A boat  sailboat !'
    """
    # addresses first, because an @ or # inside an address is part of it
    for rule in sorted(rules, key=list(_KINDS).index):
        text, n = _KINDS[rule].subn(_name if rule == "emoji" else " ", text)
        taken[rule] += n
    return text


def _name(emoji: regex.Match[str]) -> str:
    """Return the Unicode name of the first character of an emoji, as one word between spaces."""
    name = unicodedata.name(emoji[0][0], "").lower()
    return f" {regex.sub(r'[^a-z0-9]+', '-', name).strip('-')} "


def by_rules(
    documents: Iterable[Document], rules: Sequence[str], reading: Reading
) -> Iterator[Document]:
    """Yield documents with the rules applied; skip documents that have no word left."""
    reading.by_rule.update(dict.fromkeys(rules, 0))
    for document in documents:
        text = apply_rules(document.text, rules, reading.by_rule)
        if regex.search(r"[\p{L}\p{N}]", text):
            yield replace(document, text=text)
        else:
            reading.skip("no word is left by the rules of words.yml", document.doc_id)
