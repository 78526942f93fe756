"""The words of a web page, without its scripts."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import NamedTuple

from tifa.util.errors import TifaError

#: Elements whose content is not the text: code, styles, menus, what stands beside the text.
DROPPED = re.compile(
    "script|style|noscript|template|svg|iframe|object|nav|footer|aside|form|select|button"
)
_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|"
    "small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_CHARSET = re.compile(rb"""<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
#: Encodings that browsers know; Python's own codecs go further and do what no page needs.
_OF_PAGES = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp(125\d|866|874|932|949|950)|koi8-[ru]|gb(2312|k|18030)|big5|"
    r"big5hkscs|euc_(jp|kr)|shift_jis|iso2022_jp|mac-roman|mac-cyrillic|tis-620"
)
#: What pages call Latin-1 is Windows-1252 to every browser.
_AS_BROWSERS = {"iso8859-1": "cp1252", "ascii": "cp1252"}


class Page(NamedTuple):
    """What a web page says."""

    title: str
    date: str
    text: str


def read_page(content: str) -> Page:
    """Take the words out of HTML: each block a paragraph, scripts, styles and menus dropped.

    Raises
    ------
    TifaError
        Where an element that would be dropped is never closed (the text would be lost with it),
        or a declaration is broken.

    Examples
    --------
    >>> read_page("<title>Label</title><p>A <b>blue</b> jar.<script>x()</script><p>From Sèvres.")
    Page(title='Label', date='', text='A blue jar.\\n\\nFrom Sèvres.')

    """
    parser = _Parser()
    try:
        parser.feed(content)
        parser.close()
    except AssertionError as error:  # how Python's parser gives up on a declaration
        raise TifaError(f"broken HTML: {error}") from None
    if parser.dropping:
        raise TifaError(f"the element <{parser.dropping[0]}> is never closed")
    # a script that is never closed swallows what follows, and the parser does not say so
    if parser.cdata_elem:
        raise TifaError(f"the element <{parser.cdata_elem}> is never closed")
    lines = [" ".join(block.split()) for block in "".join(parser.text).split("\0")]
    return Page(
        " ".join("".join(parser.title).split()), parser.date, "\n\n".join(filter(None, lines))
    )


def decode_page(data: bytes) -> str:
    """Bytes of a page as text: UTF-8, or what the page itself declares.

    Raises
    ------
    TifaError
        Where the bytes are neither.

    """
    if b"\0" in data:
        raise TifaError("holds NUL bytes (UTF-16?); save it as UTF-8")
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        codec = codecs.lookup(name).name
        if not _OF_PAGES.fullmatch(codec):
            raise LookupError(name)
        return data.decode("utf-8-sig" if codec == "utf-8" else _AS_BROWSERS.get(codec, codec))
    except (UnicodeDecodeError, LookupError):
        said = f"not {name[:40]}, as the page says" if declared else "not UTF-8"
        raise TifaError(f"{said}; save it as UTF-8") from None


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.title: list[str] = []
        self.date = ""
        self.dropping: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if DROPPED.fullmatch(tag):
            self.dropping.append(tag)
        elif tag == "title" and not self.dropping:
            self._in_title = True
        elif tag == "meta":
            self._note_date({k: v or "" for k, v in attrs})
        elif not _INLINE.fullmatch(tag):
            self.text.append("\0")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not DROPPED.fullmatch(tag):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self.dropping:
            # an end tag closes what was left open within it
            while self.dropping.pop() != tag:
                pass
        elif not _INLINE.fullmatch(tag):
            self.text.append("\0")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self.dropping:
            self.text.append(data.replace("\0", " "))

    def _note_date(self, attrs: dict[str, str]) -> None:
        name = (attrs.get("property") or attrs.get("name") or "").lower()
        if name in ("article:published_time", "date", "dc.date", "dcterms.date") and not self.date:
            self.date = attrs.get("content", "")
