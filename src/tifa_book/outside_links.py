"""List the outside links of the built site, and check them if there is a network.

    python -m tifa_book.outside_links [SITE] [--csv FILE] [--list]

Sphinx's linkcheck reads the sources: it misses the links in figures, the phrasebook, citations and
templates, and reports every link as broken without a network. So this module reads the built pages,
and requests and urllib3 fetch the links, with retries. A failing link is reported, but is not an
error, because outside pages come and go. Anchors of outside pages are not checked.
"""

from __future__ import annotations

import argparse
import csv
import socket
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

#: Seconds to wait for an answer, and between two requests to one host.
TIMEOUT = 20
PAUSE = 1.0
AGENT = "shanghai-spirit-link-check (a research site that checks its references)"
#: Status codes of HEAD after which to try GET, because some servers do not support HEAD.
ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 429, 500, 501, 503})
#: Status codes of servers that exist but block programs.
CLOSED = frozenset({401, 403, 429, 451, 999})


@dataclass(frozen=True)
class Checked:
    """The result for a link."""

    url: str
    #: "works", "closed to machines", "broken", or "not checked"
    verdict: str
    said: str
    pages: tuple[str, ...]


class _Links(HTMLParser):
    """Collects the addresses of the <a> elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and urlsplit(href.strip()).scheme in ("http", "https"):
            self.found.append(href.strip())


def outside_links(site: Path, own: str = "") -> dict[str, tuple[str, ...]]:
    """Outside addresses with the pages that link to them, sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if name.startswith("_static/"):
            continue
        reader = _Links()
        reader.feed(path.read_text(encoding="utf-8"))
        for url in reader.found:
            if not own or not url.startswith(own):
                found.setdefault(urldefrag(url).url, set()).add(name)
    return {url: tuple(sorted(pages)) for url, pages in sorted(found.items())}


def has_network(urls: Iterable[str], look_up: Callable[[str], object] | None = None) -> bool:
    """Whether any of the first few host names can be resolved."""
    look_up = look_up or socket.gethostbyname
    for host in list(dict.fromkeys(urlsplit(url).hostname or "" for url in urls))[:5]:
        try:
            look_up(host)
        except OSError:
            continue
        return True
    return False


def check(
    links: dict[str, tuple[str, ...]], *, pause: float = PAUSE, timeout: float = TIMEOUT
) -> list[Checked]:
    """Check the addresses one after the other, with pauses between requests to one host."""
    session = requests.Session()
    session.headers["User-Agent"] = AGENT
    retry = Retry(
        total=2, backoff_factor=1, status_forcelist=[502, 503, 504], raise_on_status=False
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    asked: dict[str, float] = {}
    made = []
    for url, pages in links.items():
        host = urlsplit(url).hostname or ""
        time.sleep(max(0.0, asked.get(host, 0.0) + pause - time.monotonic()))
        made.append(Checked(url, *_ask(session, url, timeout), pages))
        asked[host] = time.monotonic()
    return made


def _ask(session: requests.Session, url: str, timeout: float) -> tuple[str, str]:
    try:
        answer = session.head(url, timeout=timeout, allow_redirects=True)
        if answer.status_code in ASK_AGAIN:
            answer = session.get(url, timeout=timeout, allow_redirects=True, stream=True)
            answer.close()
    except requests.RequestException as error:
        return "broken", type(error).__name__
    code = answer.status_code
    moved = f"{code}, now {answer.url}" if answer.history and answer.url != url else str(code)
    if code in CLOSED:
        return "closed to machines", moved
    return ("works" if code < 400 else "broken"), moved


def write_table(rows: list[Checked], out: object) -> None:
    """Write one row per link as CSV."""
    table = csv.writer(out, lineterminator="\n")  # type: ignore[arg-type]
    table.writerow(["url", "verdict", "answer", "pages"])
    for row in rows:
        table.writerow([row.url, row.verdict, row.said, " ".join(row.pages)])


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=Path("_build/html"))
    parser.add_argument("--csv", type=Path, help="where the table goes; else to the screen")
    parser.add_argument("--list", action="store_true", help="only list, ask nobody")
    parser.add_argument("--own", default="", help="public address of the site, not checked")
    given = parser.parse_args(arguments)
    if not any(given.site.glob("*/*.html")):
        print(f"no built site in {given.site}: run make book", file=sys.stderr)
        return 2
    links = outside_links(given.site, given.own)
    asking = not given.list and has_network(links)
    if asking:
        print(f"asking for {len(links)} addresses …", file=sys.stderr)
        rows = check(links)
    else:
        rows = [Checked(url, "not checked", "", pages) for url, pages in links.items()]
    if given.csv:
        given.csv.parent.mkdir(parents=True, exist_ok=True)
        with given.csv.open("w", encoding="utf-8", newline="") as file:
            write_table(rows, file)
    else:
        write_table(rows, sys.stdout)
    verdicts = dict.fromkeys(r.verdict for r in rows)
    said = ", ".join(f"{sum(r.verdict == v for r in rows)} {v}" for v in verdicts)
    if not asking:
        said = "not checked, as asked" if given.list else "not checked: no network"
    print(f"{len(rows)} outside links: {said}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
