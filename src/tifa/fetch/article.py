"""The article in a web page, in several readings: which is right, the check decides."""

from __future__ import annotations

import codecs
import logging
from contextlib import suppress

import trafilatura

from tifa.fetch.client import FetchError
from tifa.sources.html import decode_page, read_page
from tifa.util.errors import TifaError

PAGE_TYPES = ("text/html", "application/xhtml+xml")
PAGE_BYTES = 5_000_000
#: For one page, with all waits.
PAGE_SECONDS = 180.0
#: A page with more is read without the extractor, whose time grows with the square of them.
MAX_TAGS = 20_000
#: Pages say Latin-1 and mean Windows-1252, say GB2312 and mean its superset.
_AS_BROWSERS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}


def article_readings(page: bytes, *, charset: str = "") -> list[str]:
    """Take the text out of a page.

    Parameters
    ----------
    page
        HTML.
    charset
        What the host said of its encoding.

    Returns
    -------
    Readings, likeliest first: the article as ``trafilatura`` sees it (as it comes, and wider),
    then every word of the page. Paragraphs are parted by empty lines. Readings that are equal
    stand once.

    Raises
    ------
    FetchError
        Where no reading has a word in it.

    Examples
    --------
    >>> article_readings(b"<p>Nine boats crossed the lake.</p>")[-1]
    'Nine boats crossed the lake.'

    """
    # it tells of every page that has no author or date
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    content = _decode(page, charset)
    many = page.count(b"<") > MAX_TAGS
    readings = [] if many else [_extract(content, wide=wide) for wide in (False, True)]
    # the page as a whole fails where a script is left open; the other readings may do
    with suppress(TifaError):
        readings.append(read_page(content if isinstance(content, str) else decode_page(page)).text)
    found = [r for r in dict.fromkeys(readings) if "\0" not in r and any(c.isalnum() for c in r)]
    if not found:
        raise FetchError("no text in this page; open it in a browser")
    return found


def _extract(content: str | bytes, *, wide: bool) -> str:
    try:
        text = trafilatura.extract(
            content, include_comments=False, include_tables=False, favor_recall=wide
        )
    except Exception:  # lxml and the extractor raise what they will on a hostile page
        return ""
    # one paragraph a line; in our texts an empty line stands between two
    return "\n\n".join(filter(None, (line.strip() for line in (text or "").splitlines())))


def _decode(page: bytes, charset: str) -> str | bytes:
    """By the host's word, else by the page's own; else the extractor guesses."""
    try:
        name = codecs.lookup(charset or "utf-8").name
        return page.decode(_AS_BROWSERS.get(name, name))
    except (UnicodeDecodeError, LookupError):
        pass
    try:
        return decode_page(page)
    except TifaError:
        return page
