"""Fetch web pages, and extract their text in several ways, because no single way always works."""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import trafilatura

from tifa.fetch.client import Client, FetchError
from tifa.sources.html import decode_page, read_page
from tifa.util.errors import TifaError

PAGE_TYPES = ("text/html", "application/xhtml+xml")
#: Time limit in seconds for one page, including all waits.
PAGE_SECONDS = 180.0
#: Pages with more tags are not given to trafilatura, whose time grows with the square of the number
#: of tags.
MAX_TAGS = 20_000


@dataclass(frozen=True)
class Hosts:
    """Addresses of the hosts; change them for tests and mirrors."""

    #: The host that tells which copies of a page the Wayback Machine has.
    wayback: str = "https://archive.org"
    #: The host that delivers the copies.
    copies: str = "https://web.archive.org"
    dataverse: str = "https://dataverse.harvard.edu"


def fetch_page(client: Client, url: str) -> list[str]:
    """Fetch a page and extract its text in several ways (see :func:`article_readings`).

    Raises :class:`FetchError` if the page cannot be fetched, or has no text.
    """
    page, charset = client.read(url, types=PAGE_TYPES, seconds=PAGE_SECONDS, robots=True)
    try:
        return article_readings(page, charset=charset)
    except FetchError as error:
        raise FetchError(str(error), where=url) from None


def capture(client: Client, hosts: Hosts, url: str, date: str) -> str:
    """Return the address of a copy of a page in the Wayback Machine.

    ``date`` is a year, month or day in ISO 8601. The copy nearest to this date is chosen; if
    ``date`` is empty, the newest copy is chosen. Raises :class:`FetchError` if there is no copy,
    or no answer.
    """
    asked = {"url": url, **({"timestamp": date.replace("-", "")} if date else {})}
    types = ("application/json", "text/javascript", "application/javascript")
    found, _ = client.read(f"{hosts.wayback}/wayback/available?{urlencode(asked)}", types=types)
    try:
        closest = json.loads(found)["archived_snapshots"]["closest"]
        stamp, available = str(closest["timestamp"]), closest["available"] is True
    except (ValueError, KeyError, TypeError, RecursionError):
        stamp, available = "", False
    # build the address here, because the one in the answer cannot be trusted
    if not available or not re.fullmatch(r"\d{4,14}", stamp):
        raise FetchError("the Wayback Machine has no copy", where=url)
    # id_ requests the copy without the banner of the Wayback Machine
    return f"{hosts.copies}/web/{stamp}id_/{url}"


def article_readings(page: bytes, *, charset: str = "") -> list[str]:
    """Extract the text of a page in several ways; return the results, the most probable first.

    The first two results are the article as ``trafilatura`` extracts it; the second leaves out
    less. The last result is the text of the whole page, without scripts and menus. For a page with
    more than ``MAX_TAGS`` tags, it is the only result. Results that have no word, contain NUL or
    equal an earlier one are left out. Paragraphs are separated by empty lines.
    ``charset`` is the encoding that the host declared. Raises :class:`FetchError` if no result
    contains a word.

    >>> article_readings(b"<p>Nine boats crossed the lake.</p>")[-1]
    'Nine boats crossed the lake.'
    """
    # trafilatura logs a message for every page without author or date
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    content: str | bytes = page
    for named in (charset, ""):
        with suppress(TifaError):
            content = decode_page(page, charset=named)
            break
    readings: list[str] = []
    if page.count(b"<") <= MAX_TAGS:
        readings = [_extract(content, wide=wide) for wide in (False, True)]
    if isinstance(content, str):
        # read_page refuses a page with an unclosed script, but the other results may be enough
        with suppress(TifaError):
            readings.append(read_page(content).text)
    found = [r for r in dict.fromkeys(readings) if "\0" not in r and any(c.isalnum() for c in r)]
    if not found:
        raise FetchError("no text in this page; open it in a browser")
    return found


def _extract(content: str | bytes, *, wide: bool) -> str:
    try:
        text = trafilatura.extract(
            content, include_comments=False, include_tables=False, favor_recall=wide
        )
    except Exception:  # lxml and the extractor may raise anything on a malformed page
        return ""
    # trafilatura writes one paragraph per line; texts here have empty lines between paragraphs
    return "\n\n".join(filter(None, (line.strip() for line in (text or "").splitlines())))
