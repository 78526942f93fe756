"""Split Chinese text into sentences, and sentences into characters as tokens.

Chinese has no spaces between words, so every Han character is a token; a run of other letters or
digits is also one token. Characters are folded (to lower case, to half-width letters and digits, to
simplified characters) one by one, so folding does not change positions in the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from tifa.text.tokens import BLOCK, Bools, Int32s, Stream
from tifa.text.words import NOTHING

#: Version of the rules below, recorded in the data package: change it when a rule changes.
TOKENISER = "tifa-characters 1"

Codes = npt.NDArray[np.uint32]

#: A token: a Han character, or a run of other letters and digits.
TOKEN = r"\p{Han}|[\p{L}\p{M}\p{N}&&[^\p{Han}]]+"
_ENDS = "。！？；…!?;"
_CLOSING = "”’」』）》〉】\\])\"'"
_BREAK = "\u2029"
_BLANK = r"[^\S\n\u2029]"
_LATIN = r"[\p{L}\p{M}\p{N}&&[^\p{Han}]]"
_COMMAS = ",、"

_MARK, _HAN, _LETTER, _SPACE, _ASIDE, _HYPHEN, _OPENING, _CLOSE, _QUOTE, _END = range(10)
_KINDS = {
    # the brackets around titles do not separate words
    "《》〈〉": _ASIDE,
    "-\u2010\u2011": _HYPHEN,
    "“‘「『": _OPENING,
    "”’」』": _CLOSE,
    "\"'": _QUOTE,
    "\n": _END,
}
_FULL_WIDTH = (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
_STOPS = np.array([ord(c) for c in ",，.。、！？；"], dtype=np.uint32)
#: All Han characters, letters and digits have smaller codes than this.
_LAST = 0x32400
#: First character of the CJK blocks. :func:`joined` puts a space between two tokens if the
#: characters on both sides are below it.
_FIRST = "\u2e80"


def _joined(texts: pl.Expr) -> pl.Expr:
    """Join the lines of each paragraph; a blank or an indented line begins a new paragraph."""
    return (
        texts.str.replace_all(f"[{NOTHING}]", "")
        .str.replace_all(r"\r\n?", "\n")
        .str.normalize("NFC")
        .str.replace_all(rf"{_BLANK}*\n(?:{_BLANK}*\n|{_BLANK}{{2}}|\u3000)\s*", _BREAK)
        .str.replace_all(rf"({_LATIN}){_BLANK}*\n{_BLANK}*({_LATIN})", "${1} ${2}")
        .str.replace_all(rf"{_BLANK}*\n{_BLANK}*", "")
        .str.replace_all(rf"{_BLANK}+", " ")
    )


def split_sentences(texts: pl.Expr) -> pl.Expr:
    """Split texts into sentences, each with its final punctuation and closing quotation marks.

    Pieces without a letter or digit are dropped.

    >>> s = pl.Series(["他说：“开会\\n了！”散会。", "第一\\n\\n第二"])
    >>> pl.select(split_sentences(pl.lit(s))).to_series().to_list()
    [['他说：“开会了！”', '散会。'], ['第一', '第二']]
    """
    sentence = f"[^{_ENDS}{_BREAK}]*[{_ENDS}]+[{_CLOSING}]*|[^{_ENDS}{_BREAK}]+"
    return (
        _joined(texts)
        .str.extract_all(sentence)
        .list.eval(
            pl.element().str.strip_chars().filter(pl.element().str.contains(r"[\p{L}\p{N}]"))
        )
    )


@cache
def _tables() -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Make two arrays indexed by the code of a character: its folded code, and its kind.

    Kinds are numbers such as ``_HAN``.
    """
    # imported here because only Chinese texts need it
    from opencc import OpenCC  # noqa: PLC0415

    codes = [c for c in range(_LAST) if not 0xD800 <= c < 0xE000]
    characters = pl.Series([chr(c) for c in codes], dtype=pl.String)
    kinds = np.full(0x110000, _MARK, dtype=np.uint8)
    for kind, pattern in ((_LETTER, r"[\p{L}\p{M}\p{N}]"), (_HAN, r"\p{Han}"), (_SPACE, r"\s")):
        kinds[np.array(codes)[characters.str.contains(f"^{pattern}$")]] = kind
    for marks, kind in _KINDS.items():
        kinds[[ord(m) for m in marks]] = kind
    folded = np.arange(0x110000, dtype=np.uint32)
    folded[ord("，")] = ord(",")
    for first, last in _FULL_WIDTH:
        folded[ord(first) : ord(last) + 1] -= 0xFEE0
    letters = np.flatnonzero(kinds == _LETTER).tolist()
    traditional = np.flatnonzero(kinds == _HAN).tolist()
    # one character per line, because OpenCC converts neighbouring characters as words
    simplified = OpenCC("t2s").convert("\n".join(map(chr, traditional))).split("\n")
    plain = [*(chr(folded[c]).lower() for c in letters), *simplified]
    for code, after in zip([*letters, *traditional], plain, strict=True):
        if len(after) == 1:
            folded[code] = ord(after)
    return folded, kinds


def fold(text: str) -> str:
    """Fold a string in the same way as texts: to lower case, half-width, simplified characters.

    >>> fold("ＳＣＯ與上海精神")
    'sco与上海精神'
    """
    folded, _ = _tables()
    return _string(folded[_codes(text)])


def fold_table(wanted: Iterable[str]) -> dict[str, str]:
    """Map Han characters to those ``wanted`` characters to which they fold.

    Characters that fold to themselves are left out.

    >>> fold_table("与")
    {'與': '与'}
    """
    folded, kinds = _tables()
    targets = {ord(c) for c in wanted}
    han = np.flatnonzero(kinds == _HAN)
    changed = han[folded[han] != han]
    return {chr(c): chr(folded[c]) for c in changed.tolist() if folded[c] in targets}


def joined(tokens: Iterable[str]) -> str:
    """Join tokens into a string, with a space between two tokens of Latin letters or digits.

    >>> joined(["在", "covid", "19", "之", "后"])
    '在covid 19之后'
    """
    text = ""
    for token in tokens:
        latin = text and text[-1] < _FIRST and token[0] < _FIRST
        text += f" {token}" if latin else token
    return text


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _string(codes: Codes) -> str:
    return codes.tobytes().decode("utf-32-le")


@dataclass(frozen=True)
class Characters:
    """The characters and tokens of a batch of sentences.

    Each array has one item per character: ``codes`` has its code after folding, ``kinds`` has its
    kind (such as ``_HAN``), ``row`` has the index of its sentence, and ``start`` is true if it
    begins a token.
    """

    codes: Codes
    kinds: npt.NDArray[np.uint8]
    row: Int32s
    start: Bools

    @property
    def text(self) -> str:
        """The folded sentences, one per line."""
        return _string(self.codes)


def characters(sentences: pl.Series) -> Characters:
    """Fold and classify the characters of sentences, which :func:`split_sentences` has made."""
    folded, kinds = _tables()
    codes = folded[_codes("".join(f"{s}\n" for s in sentences))]
    kind = kinds[codes]
    letter = kind == _LETTER
    begins = (kind == _HAN) | (letter & ~np.append(False, letter[:-1])[: len(letter)])
    # a hyphen within a word and a space next to letters are ignored in matching; any other hyphen
    # or space is treated like punctuation, across which no pattern matches
    before, behind = np.roll(kind, 1), np.roll(kind, -1)
    within = (kind == _HYPHEN) & (before == _LETTER) & (behind == _LETTER)
    between = (kind == _SPACE) & ((before == _LETTER) | (behind == _LETTER))
    kind[within | between] = _ASIDE
    kind[(kind == _HYPHEN) | (kind == _SPACE)] = _MARK
    row = np.cumsum(kind == _END, dtype=np.int32) - (kind == _END)
    return Characters(codes, kind, row.astype(np.int32), begins)


def stream(c: Characters) -> Stream:
    """Build the arrays in which patterns are matched; every token is both a word and a part.

    :func:`tifa.text.tokens.stream` does the same for languages with spaces, where a word may have
    several parts.
    """
    quotes = (c.kinds >= _OPENING) & (c.kinds <= _QUOTE)
    inner = (c.kinds == _LETTER) & ~c.start
    # a part is a token, or a punctuation mark between tokens
    unit = np.flatnonzero(~quotes & ~inner & (c.kinds != _ASIDE))
    token = c.start[unit]
    # where runs of letters and digits begin, and where they end (exclusive)
    begin = np.flatnonzero(c.start & (c.kinds == _LETTER))
    other = np.flatnonzero(c.kinds != _LETTER)
    end = other[np.searchsorted(other, begin)]
    text = c.text
    runs = [text[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
    han = [chr(code) for code in np.flatnonzero(np.bincount(c.codes[c.kinds == _HAN]))]
    vocabulary = sorted({*han, *runs})
    part_vocabulary = sorted({BLOCK, *_COMMAS, *vocabulary})
    stop = unit.copy()
    of_run = c.kinds[unit] == _LETTER
    stop[of_run] = end - 1
    opens, closes = _quoted(c, quotes)
    parts = _numbers(part_vocabulary, c.codes[unit], of_run, runs)
    word_stop = np.cumsum(token, dtype=np.int32)
    return Stream(
        vocabulary=vocabulary,
        words=_numbers(vocabulary, c.codes[unit[token]], of_run[token], runs),
        word_row=c.row[unit[token]],
        part_vocabulary=part_vocabulary,
        parts=parts,
        part_row=c.row[unit],
        part_word=word_stop - token,
        part_stop=word_stop,
        opens=opens[unit],
        closes=closes[stop],
    )


def _numbers(vocabulary: list[str], codes: Codes, of_run: Bools, runs: list[str]) -> Int32s:
    """Return the vocabulary index of each unit, which is a character or a run.

    ``of_run`` is true for units that are runs of letters and digits, and ``runs`` has these in the
    same order. ``codes`` has the code of each unit's first character. Characters that are not in
    the vocabulary are punctuation and get 0, which no pattern matches.
    """
    single = np.zeros(0x110000, dtype=np.int32)
    indices = {word: index for index, word in enumerate(vocabulary)}
    for word, index in indices.items():
        if len(word) == 1:
            single[ord(word)] = index
    numbers = single[codes]
    numbers[of_run] = [indices[run] for run in runs]
    return numbers


def _quoted(c: Characters, quotes: Bools) -> tuple[Bools, Bools]:
    """Return for each character whether a quotation begins right before it, or ends right after it.

    A comma or other stop is allowed between the character and the closing quotation mark.
    """
    opening = quotes & (c.kinds != _CLOSE)
    closing = quotes & (c.kinds != _OPENING)
    opens = np.append(False, opening[:-1])[: len(opening)]
    closes = np.append(closing[1:], False)
    before_stop = np.append(np.isin(c.codes[1:], _STOPS), False)
    return opens, closes | (before_stop & np.append(closes[1:], False))
