"""A polite HTTP client, which pauses between requests, obeys robots.txt and has a time limit."""

from __future__ import annotations

import io
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from protego import Protego
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util.retry import Retry

from tifa.util.errors import TifaError, one_line, reason
from tifa.version import __version__

AGENT = "tifa"
MAX_REDIRECTS = 5
#: If a host demands a pause before the next request, wait at most this many seconds.
LONGEST_WAIT = 60
_CHUNK = 1 << 16
_BUSY = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)


class FetchError(TifaError):
    """A host did not deliver what was requested; the message says what the host did instead."""


class MissingError(FetchError):
    """The host answers with a status from 400 to 499, except 429; usually the file is missing."""


class _Retry(Retry):
    """Waits as long as the header Retry-After of the answer demands; ignores a malformed header."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except (InvalidHeader, ValueError, OverflowError, TypeError):
            return 0.0


class _Guard:
    """Closes all connections at the deadline; refuses private addresses if ``private`` is false.

    Through a proxy, private addresses are allowed. The time limits of the HTTP library are not
    enough: they start anew with each byte, and do not apply to headers and trailers. Shutting down
    a connection always ends the waiting.
    """

    def __init__(self) -> None:
        self.until, self.private = 0.0, True
        self._open: list[socket.socket] = []

    def watch(self, opened: socket.socket, *, proxied: bool) -> socket.socket:
        address = ipaddress.ip_address(opened.getpeername()[0].partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        problem = "no answer in time; run again later" if self.over else ""
        if not (self.private or proxied or address.is_global):
            problem = f"redirects to the private address {address}; not followed"
        if problem:
            opened.close()
            raise FetchError(problem)
        # keep a duplicate of the connection, because TLS takes over the original
        self._open.append(opened.dup())
        return opened

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        # robots.txt may be fetched while a page is being fetched; afterwards, restore the deadline
        # of the page
        before, self.until = self.until, time.monotonic() + seconds
        timer = threading.Timer(seconds, self._shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.until = before
            for handle in self._open:
                handle.close()
            self._open.clear()

    def _shut(self) -> None:
        for handle in self._open:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until


class _Adapter(HTTPAdapter):
    """Passes each new connection to a guard, and tells the guard whether it uses a proxy."""

    def __init__(self, guard: _Guard, **options: Any) -> None:
        super().__init__(**options)
        self._guard = guard

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        guard, pool = self._guard, super().get_connection_with_tls_context(*args, **options)

        class Watched(type(pool).ConnectionCls):  # type: ignore[misc]
            def _new_conn(self) -> socket.socket:
                return guard.watch(super()._new_conn(), proxied=self.proxy is not None)

        pool.ConnectionCls = Watched
        return pool


class Client:
    """Fetches files, one at a time.

    ``pause`` is the least number of seconds between two requests to the same host. ``timeout`` has
    two numbers of seconds: how long to wait for a connection, and for each piece of an answer.
    ``tries`` is the number of requests before giving up on an address. ``contact``, an e-mail
    address or web page of the user, is added to the user agent. ``bar`` shows a progress bar for
    large files (only in a terminal).

    A redirect to a private address, such as 10.0.0.1, is followed only if the requested address is
    private too and has the same host.
    """

    def __init__(
        self,
        *,
        pause: float = 1.0,
        timeout: tuple[float, float] = (10.0, 30.0),
        tries: int = 3,
        contact: str = "",
        bar: bool = False,
    ) -> None:
        self.pause, self.timeout, self.bar = pause, timeout, bar
        who = one_line(contact).encode("ascii", "replace").decode()
        about = "; ".join(filter(None, ["research compendium The Shanghai Spirit, traced", who]))
        self._last: dict[str, float] = {}
        self._rules: dict[str, Protego | FetchError] = {}
        self._guard = _Guard()
        self._session = requests.Session()
        # do not send passwords from the user's file .netrc
        self._session.auth = lambda request: request
        self._session.headers["User-Agent"] = f"{AGENT}/{__version__} ({about})"
        retry = _Retry(
            total=tries - 1,
            redirect=False,
            status_forcelist=_BUSY,
            backoff_factor=1,
            raise_on_status=False,
            retry_after_max=LONGEST_WAIT,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self._guard, max_retries=retry))

    def read(self, url: str, **options: Any) -> tuple[bytes, str]:
        """Return the content of a file and its declared charset.

        The options are those of :meth:`download`.
        """
        content = io.BytesIO()
        charset = self._take(url, content, **options)
        return content.getvalue(), charset

    def download(self, url: str, path: Path, **options: Any) -> None:
        """Fetch a file by http or https, and write it to ``path`` when it is complete.

        Options: ``types`` are the content types to accept (by default all except HTML). ``limit``
        is the largest unpacked size in bytes. ``seconds`` limits the total time of redirects,
        waits and body. ``robots`` says whether to obey robots.txt, which is meant for pages, not
        for interfaces for programs. ``other_hosts`` says whether a redirect may lead to another
        host (a host is the same with and without ``www.``).

        Raises :class:`FetchError` if the file cannot be fetched, and TifaError if it cannot be
        written.
        """
        part = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                self._take(url, file, **options)
            part.replace(path)
        except OSError as error:
            raise TifaError(f"cannot be written: {reason(error)}", where=path) from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _take(
        self,
        url: str,
        out: BinaryIO,
        *,
        types: tuple[str, ...] = (),
        limit: int = 5_000_000,
        seconds: float = 60.0,
        robots: bool = False,
        other_hosts: bool = False,
    ) -> str:
        if robots:
            self._obey(url)
        with self._guard.within(seconds):
            try:
                with self._open(url, types, robots, other_hosts) as response:
                    _check_answer(response, url, types, limit)
                    for chunk in self._chunks(response):
                        if out.tell() + len(chunk) > limit:
                            raise FetchError(f"more than {limit:,} bytes; not taken", where=url)
                        out.write(chunk)
            except requests.RequestException as error:
                late = f"not whole after {seconds:.0f} s; run again later"
                raise FetchError(late if self._guard.over else _why(error), where=url) from None
            except (HTTPError, ValueError) as error:
                raise FetchError(f"cannot be requested ({error})", where=url) from None
        kind = response.headers.get("Content-Type", "")
        charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", kind, re.IGNORECASE)
        return charset[1] if charset else ""

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        length = response.headers.get("Content-Length", "")
        total = int(length) if re.fullmatch(r"\d{1,15}", length) else None
        quiet = not self.bar or (total or 0) < 1_000_000
        with tqdm(total=total, unit="B", unit_scale=True, disable=True if quiet else None) as bar:
            for chunk in response.iter_content(_CHUNK):
                if self._guard.over:
                    break
                bar.update(len(chunk))
                yield chunk
        # without a declared length, a body looks complete although the connection was shut down
        if self._guard.over:
            raise requests.Timeout

    def _open(
        self, first: str, types: tuple[str, ...], robots: bool, other_hosts: bool
    ) -> requests.Response:
        url = first
        for hop in range(MAX_REDIRECTS + 1):
            _check_address(url, first, other_hosts)
            if hop and robots:
                self._obey(url)
            self._wait(url)
            same = urlsplit(url).hostname == urlsplit(first).hostname
            self._guard.private = hop == 0 or (same and _is_private(first))
            # close old connections, because only new ones are passed to the guard
            self._session.close()
            response = self._session.get(
                url,
                headers={"Accept": ", ".join(types) or "*/*"},
                stream=True,
                allow_redirects=False,
                timeout=self.timeout,
            )
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return response
            # headers were decoded as Latin-1, but addresses in them are often UTF-8
            target = response.headers["Location"].encode("latin-1", "replace")
            response.close()
            url = urljoin(url, target.decode("utf-8", "replace"))
        raise FetchError(f"more than {MAX_REDIRECTS} redirects; open it in a browser", where=first)

    def _wait(self, url: str) -> None:
        host = urlsplit(url).netloc
        rules = self._rules.get(_origin(url))
        delay = rules.crawl_delay(AGENT) if isinstance(rules, Protego) and self.pause else None
        pause = max(self.pause, min(float(delay or 0), LONGEST_WAIT))
        until = self._last.get(host, -pause) + pause
        time.sleep(max(0.0, until - time.monotonic()))
        self._last[host] = time.monotonic()

    def _obey(self, url: str) -> None:
        origin = _origin(url)
        if origin not in self._rules:
            try:
                content, _ = self.read(f"{origin}/robots.txt", types=("*/*",), other_hosts=True)
                self._rules[origin] = Protego.parse(content.decode("utf-8-sig", "replace"))
            except MissingError:
                # RFC 9309, section 2.3.1.3: if there is no robots.txt, everything is allowed
                self._rules[origin] = Protego.parse("")
            except FetchError as error:
                self._rules[origin] = error
        rules = self._rules[origin]
        if isinstance(rules, FetchError):
            raise rules
        if not rules.can_fetch(url, AGENT):
            raise FetchError(
                "robots.txt of this host forbids programs to ask for it; open it in a browser, "
                "save the page and give its folder with --from",
                where=url,
            )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def _check_address(url: str, first: str, other_hosts: bool) -> None:
    parts, before = urlsplit(url), urlsplit(first)
    hosts = [(p.hostname or "").removeprefix("www.") for p in (parts, before)]
    ports = parts.port, before.port
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"expected http or https, found {url!r}", where=first)
    if before.scheme == "https" and parts.scheme != "https":
        raise FetchError(f"redirects from https to {url!r}", where=first)
    # a host may redirect http to https, which changes the port
    moved = hosts[0] != hosts[1] or (ports[0] != ports[1] and parts.scheme == before.scheme)
    if moved and not other_hosts:
        raise FetchError(
            f"redirects to another host, {parts.netloc!r}; look at it in a browser", where=first
        )


def _check_answer(
    response: requests.Response, url: str, types: tuple[str, ...], limit: int
) -> None:
    status = response.status_code
    if status in _BUSY:
        raise FetchError(f"answers {status}; run again later", where=url)
    if status != 200:
        kind = MissingError if 400 <= status < 500 else FetchError
        raise kind(f"answers {status}", where=url)
    found = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if types and "*/*" not in types and found not in types:
        raise FetchError(f"is {found or 'of no type'}; expected {' or '.join(types)}", where=url)
    if not types and found in ("text/html", "application/xhtml+xml"):
        raise FetchError("is a web page; expected a file: open it in a browser", where=url)
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > limit):
        raise FetchError(f"more than {limit:,} bytes; not taken", where=url)


def _why(error: requests.RequestException) -> str:
    match error:
        case requests.exceptions.ContentDecodingError():
            return "cannot be unpacked; run again later"
        case requests.exceptions.ChunkedEncodingError():
            return "cut off in the middle; run again later"
        case requests.ReadTimeout():
            return "no answer in time; run again later"
        case requests.ConnectionError():
            return "cannot be reached; run again later"
        case _:
            return f"cannot be requested ({error})"
