"""A polite HTTP client: it asks slowly, obeys robots.txt, and limits time and size."""

from __future__ import annotations

import io
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from protego import Protego
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from tifa.util.errors import TifaError, one_line, reason
from tifa.version import __version__

AGENT = "tifa"
MAX_REDIRECTS = 5
#: Longest wait, in seconds, that a host may ask for before the next try.
LONGEST_WAIT = 60
_CHUNK = 1 << 16
_BUSY = (429, 500, 502, 503, 504)


class FetchError(TifaError):
    """A host did not deliver a text; the message says what it did."""


class MissingError(FetchError):
    """The host says that the file does not exist."""


class Client:
    """Fetches files, one at a time.

    Parameters
    ----------
    pause
        Seconds between two requests to one host.
    timeout
        Seconds to connect, and between two pieces of an answer.
    tries
        Number of requests before giving up on an address.
    contact
        Your e-mail address or web page, for the user agent.
    bar
        Whether to show a progress bar for large files (only in a terminal).

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
        self._session = requests.Session()
        self._session.max_redirects = MAX_REDIRECTS
        # do not send passwords that the user keeps in .netrc
        self._session.auth = lambda request: request
        self._session.headers["User-Agent"] = f"{AGENT}/{__version__} ({about})"
        retry = Retry(
            total=tries - 1,
            status_forcelist=_BUSY,
            backoff_factor=1,
            raise_on_status=False,
            retry_after_max=LONGEST_WAIT,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def read(self, url: str, **options: Any) -> tuple[bytes, str]:
        """Fetch a small file, as :meth:`download` does; also gives the declared charset."""
        content = io.BytesIO()
        charset = self._take(url, content, **options)
        return content.getvalue(), charset

    def download(self, url: str, path: Path, **options: Any) -> None:
        """Fetch a file.

        Parameters
        ----------
        url
            http or https; redirects are followed.
        path
            Where to put the file; during the download it is ``path.part``.
        types
            Content types to accept; if none are given, all except HTML.
        limit
            Largest size in bytes, unpacked.
        seconds
            Time limit for the file.
        robots
            Whether to obey robots.txt: yes for pages, no for interfaces made for programs.

        Raises
        ------
        FetchError
            The message says what the host did and what to do next.

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
    ) -> str:
        if robots:
            self._obey(url)
        self._wait(url)
        until = time.monotonic() + seconds
        accept = {"Accept": ", ".join(types) or "*/*"}
        try:
            with self._session.get(
                url, headers=accept, stream=True, timeout=self.timeout
            ) as response:
                _check_answer(response, url, types)
                length = int(response.headers.get("Content-Length", 0))
                with tqdm(
                    total=length or None,
                    unit="B",
                    unit_scale=True,
                    disable=None if self.bar and length > 1_000_000 else True,
                ) as bar:
                    for chunk in response.iter_content(_CHUNK):
                        if out.tell() + len(chunk) > limit:
                            raise FetchError(f"more than {limit:,} bytes; not taken", where=url)
                        if time.monotonic() > until:
                            raise FetchError(
                                f"not whole after {seconds:.0f} s; run again later", where=url
                            )
                        out.write(chunk)
                        bar.update(len(chunk))
        except requests.RequestException as error:
            raise FetchError(_why(error), where=url) from None
        except (HTTPError, ValueError) as error:
            raise FetchError(f"cannot be requested ({error})", where=url) from None
        kind = response.headers.get("Content-Type", "")
        charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", kind, re.IGNORECASE)
        return charset[1] if charset else ""

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
                content, _ = self.read(f"{origin}/robots.txt", types=("*/*",))
                self._rules[origin] = Protego.parse(content.decode("utf-8-sig", "replace"))
            except MissingError:
                # RFC 9309, 2.3.1.3: without a robots.txt everything is allowed
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


def _check_answer(response: requests.Response, url: str, types: tuple[str, ...]) -> None:
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


def _why(error: requests.RequestException) -> str:
    match error:
        case requests.TooManyRedirects():
            return f"more than {MAX_REDIRECTS} redirects; open it in a browser"
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
