"""A polite client: asks slowly, obeys robots.txt, resumes, and trusts nothing that it is sent."""

from __future__ import annotations

import json
import re
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from tqdm import tqdm

from tifa.data.files import write_file
from tifa.fetch.robots import Robots, read_robots
from tifa.util.errors import TifaError, one_line
from tifa.version import __version__

AGENT = "tifa"
MAX_REDIRECTS = 5
#: Seconds that a host may ask us to wait; beyond, the user is told to come back.
LONGEST_WAIT = 120.0
_CHUNK = 1 << 16
_BUSY = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_ROBOTS_BYTES = 512_000
#: Bytes that are unpacked at most for each byte that came.
_MAX_RATIO = 200


class FetchError(TifaError):
    """What a host did, so that a document could not be had from it."""


class _AgainError(Exception):
    """The same request may do better later."""

    def __init__(self, problem: str, after: float | None = None) -> None:
        super().__init__(problem)
        self.after = after


@dataclass(frozen=True)
class Asked:
    """How an address is asked for."""

    url: str
    #: Content types that are taken; empty for any but HTML.
    types: tuple[str, ...]
    #: Bytes, as sent and as unpacked.
    limit: int
    #: Whether robots.txt decides: yes for pages, no for interfaces made for programs.
    robots: bool
    #: Where a redirect may lead.
    hosts: Literal["same", "any"]
    #: Seconds for it in all.
    patience: float = 3600.0


@dataclass(frozen=True)
class Note:
    """What must hold for a half file to be continued, and what the whole one will be."""

    url: str
    etag: str = ""
    modified: str = ""
    encoding: str = ""
    charset: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """What tells one state of the file from another; empty where the host gives nothing."""
        return self.modified if not self.etag or self.etag.startswith("W/") else self.etag


class Client:
    """Fetches files, one at a time.

    Parameters
    ----------
    pause
        Seconds between two requests to one host.
    timeout
        Seconds to connect, and between two pieces of an answer.
    tries
        Requests without progress before an address is given up.
    patience
        Seconds for one file in all; what came by then is kept, and continued next time.
    contact
        An address or a page of who fetches, for the user agent.
    bar
        Whether large files show a progress bar (never where there is no terminal).
    sleep, clock
        For tests.

    """

    def __init__(
        self,
        *,
        pause: float = 1.0,
        timeout: tuple[float, float] = (10.0, 30.0),
        tries: int = 4,
        patience: float = 3600.0,
        contact: str = "",
        bar: bool = False,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pause, self.timeout, self.tries, self.patience = pause, timeout, tries, patience
        self.bar, self.sleep, self.clock = bar, sleep, clock
        about = "research compendium The Shanghai Spirit, traced"
        who = one_line(contact).encode("ascii", "replace").decode()
        self.agent = f"{AGENT}/{__version__} ({'; '.join(filter(None, [about, who]))})"
        self._last: dict[str, float] = {}
        self._robots: dict[str, Robots | FetchError] = {}
        self._session = requests.Session()
        # passwords that a user keeps for a host in .netrc are none of our business
        self._session.auth = lambda request: request

    def read(
        self,
        url: str,
        *,
        types: tuple[str, ...] = (),
        limit: int = 5_000_000,
        robots: bool = False,
        hosts: Literal["same", "any"] = "same",
    ) -> bytes:
        """Fetch something small.

        Raises
        ------
        FetchError
            As :meth:`download`.

        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "answer"
            self.download(
                url, path, types=types, limit=limit, robots=robots, hosts=hosts, patience=60
            )
            return path.read_bytes()

    def download(
        self,
        url: str,
        path: Path,
        *,
        types: tuple[str, ...] = (),
        limit: int,
        robots: bool,
        hosts: Literal["same", "any"] = "same",
        patience: float | None = None,
    ) -> Note:
        """Fetch a file; continue it where an earlier attempt left off.

        Parameters
        ----------
        url
            http or https.
        path
            Where the whole file goes. Until it is whole it is ``path.part``.
        types
            Content types that are taken; if none are named, any but HTML.
        limit
            Bytes, as sent and as unpacked.
        robots
            Whether robots.txt decides.
        hosts
            Whether a redirect may lead to another host (a leading ``www.`` does not count).
        patience
            Seconds for this file, if less than for any.

        Returns
        -------
        Note
            What the host said of the file.

        Raises
        ------
        FetchError
            Saying what the host did and what to do next.

        """
        seconds = self.patience if patience is None else min(patience, self.patience)
        asked = Asked(url, types, limit, robots, hosts, seconds)
        start = self.clock()
        tries, rounds, size = 0, 0, _size(_part(path))
        while True:
            try:
                return self._once(asked, path, start)
            except _AgainError as again:
                grown, size = _size(_part(path)) > size, _size(_part(path))
                tries, rounds = (1 if grown else tries + 1), rounds + 1
                wait = float(2**tries) if again.after is None else again.after
                if wait > LONGEST_WAIT:
                    raise FetchError(
                        f"{again}; the host asks to wait {wait:.0f} s: run again then", where=url
                    ) from None
                if tries >= self.tries or rounds >= 50 or self.clock() - start > seconds:
                    kept = "; what came is kept, run again to go on" if size else "; run again"
                    raise FetchError(f"{again}{kept} later", where=url) from None
                self.sleep(wait)

    # --- one request ----------------------------------------------------------------------

    def _once(self, asked: Asked, path: Path, start: float) -> Note:
        part = _part(path)
        kept = _read_note(part)
        have = _size(part) if kept and kept.url == asked.url and kept.validator else 0
        headers = {"User-Agent": self.agent, "Accept-Encoding": "identity"}
        if asked.types:
            headers["Accept"] = ", ".join(asked.types)
        if have and kept:
            headers |= {"Range": f"bytes={have}-", "If-Range": kept.validator}
        response = self._open(asked, headers)
        with response:
            _check_status(response, asked.url, part)
            note = _note(response, asked.url)
            if response.status_code == 206:
                # some hosts send a range of another state of the file, or another range
                begin = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
                if not (have and kept and begin and int(begin[1]) == have) or (
                    note.validator != kept.validator
                ):
                    _drop(part)
                    raise _AgainError("sent another part than was asked for", after=self.pause)
            else:
                have = 0
            _check_type(response, asked)
            total = note.total
            if total is not None and total > asked.limit:
                raise FetchError(_too_large(asked.limit), where=asked.url)
            if not have:
                _drop(part)
            write_file(_note_path(part), json.dumps(asdict(note)).encode())
            self._take(response, part, have, asked, start, total)
        return _finish(part, path, note, asked)

    def _take(
        self,
        response: requests.Response,
        part: Path,
        have: int,
        asked: Asked,
        start: float,
        total: int | None,
    ) -> None:
        """Write what comes, within limit and patience."""
        quiet = not self.bar or (total or 0) < 1_000_000
        with (
            _writing(part),
            part.open("ab" if have else "wb") as file,
            tqdm(
                desc=part.stem,
                total=total,
                initial=have,
                unit="B",
                unit_scale=True,
                disable=True if quiet else None,
            ) as bar,
        ):
            size = have
            for chunk in _chunks(response):
                size += len(chunk)
                if size > asked.limit:
                    file.close()
                    _drop(part)
                    raise FetchError(_too_large(asked.limit), where=asked.url)
                file.write(chunk)
                bar.update(len(chunk))
                if self.clock() - start > asked.patience:
                    raise FetchError(
                        f"not whole after {asked.patience:.0f} s; what came is kept, run again to "
                        "go on",
                        where=asked.url,
                    )
        if total is not None and size < total:
            raise _AgainError(f"cut off after {size:,} of {total:,} bytes")

    def _open(self, asked: Asked, headers: dict[str, str]) -> requests.Response:
        """Ask, and follow redirects to where they may lead."""
        url = asked.url
        for _ in range(MAX_REDIRECTS + 1):
            _check_url(url, asked)
            if asked.robots:
                self._obey(url)
            self._wait(url)
            try:
                response = self._session.get(
                    url, headers=headers, stream=True, allow_redirects=False, timeout=self.timeout
                )
            except requests.Timeout:
                raise _AgainError("no answer in time") from None
            except requests.ConnectionError:
                raise _AgainError("cannot be reached") from None
            except (requests.RequestException, ValueError, UnicodeError) as error:
                raise FetchError(f"cannot be asked for ({error})", where=asked.url) from None
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return response
            # headers come as Latin-1; addresses in them are often UTF-8
            target = response.headers["Location"].encode("latin-1", "replace")
            response.close()
            url = urljoin(url, target.decode("utf-8", "replace"))
        raise FetchError(f"more than {MAX_REDIRECTS} redirects; open it in a browser", where=url)

    # --- politeness -----------------------------------------------------------------------

    def _wait(self, url: str) -> None:
        host = urlsplit(url).netloc
        robots = self._robots.get(_origin(url))
        delay = robots.delay if isinstance(robots, Robots) and self.pause else 0
        pause = max(self.pause, min(delay, LONGEST_WAIT))
        now = self.clock()
        until = self._last.get(host, now - pause) + pause
        if until > now:
            self.sleep(until - now)
        self._last[host] = self.clock()

    def _obey(self, url: str) -> None:
        origin = _origin(url)
        if origin not in self._robots:
            self._robots[origin] = self._rules(origin)
        rules = self._robots[origin]
        if isinstance(rules, FetchError):
            # what failed once is not asked for again: without rules nothing is
            raise rules
        if not rules.allows(url):
            raise FetchError(
                "robots.txt of this host forbids programs to ask for it; open it in a browser, "
                "save the page and give its folder with --from",
                where=url,
            )

    def _rules(self, origin: str) -> Robots | FetchError:
        try:
            content = self.read(
                f"{origin}/robots.txt", types=("*/*",), limit=_ROBOTS_BYTES, hosts="any"
            )
        except MissingError:
            # RFC 9309, 2.3.1.3: no such file, no rules
            return Robots()
        except FetchError as error:
            return error
        return read_robots(content.decode("utf-8-sig", "replace"), AGENT)


class MissingError(FetchError):
    """The host says that there is no such file."""


# --- answers ------------------------------------------------------------------------------


def _check_url(url: str, asked: Asked) -> None:
    try:
        parts, first = urlsplit(url), urlsplit(asked.url)
        hosts = [(p.hostname or "").removeprefix("www.") for p in (parts, first)]
        ports = parts.port, first.port
    except ValueError:
        raise FetchError(f"redirects to {url!r}, which is no address", where=asked.url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"expected http or https, found {url!r}", where=asked.url)
    if first.scheme == "https" and parts.scheme != "https":
        raise FetchError(f"redirects from https to {url!r}", where=asked.url)
    # a host may move between http and https, with the ports of each
    moved = hosts[0] != hosts[1] or (ports[0] != ports[1] and parts.scheme == first.scheme)
    if asked.hosts == "same" and moved:
        raise FetchError(
            f"redirects to another host, {parts.netloc!r}; look at it in a browser", where=asked.url
        )


def _check_status(response: requests.Response, url: str, part: Path) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status == 416:
        _drop(part)
        raise _AgainError("has no such range", after=0)
    if status in _BUSY:
        raise _AgainError(
            f"answers {status}", after=_retry_after(response.headers.get("Retry-After", ""))
        )
    if 400 <= status < 500:
        raise MissingError(f"answers {status}", where=url)
    raise FetchError(f"answers {status}", where=url)


def _retry_after(value: str) -> float | None:
    """Seconds to wait: a number, or a date."""
    if re.fullmatch(r"\d{1,9}", value.strip()):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _check_type(response: requests.Response, asked: Asked) -> None:
    found = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    html = found in ("text/html", "application/xhtml+xml")
    if "*/*" in asked.types:
        return
    if asked.types and found not in asked.types:
        expected = " or ".join(asked.types)
        raise FetchError(f"is {found or 'of no type'}; expected {expected}", where=asked.url)
    if not asked.types and html:
        raise FetchError("is a web page; expected a file: open it in a browser", where=asked.url)


def _note(response: requests.Response, url: str) -> Note:
    headers = response.headers
    whole = re.match(r"bytes \d+-\d+/(\d+)", headers.get("Content-Range", ""))
    length = headers.get("Content-Length", "")
    total = int(length) if re.fullmatch(r"\d{1,18}", length) else None
    if response.status_code == 206:
        total = int(whole[1]) if whole else None
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", headers.get("Content-Type", ""), re.I)
    return Note(
        url,
        etag=headers.get("ETag", ""),
        modified=headers.get("Last-Modified", ""),
        encoding=headers.get("Content-Encoding", "").strip().lower(),
        charset=charset[1] if charset else "",
        total=total,
    )


def _chunks(response: requests.Response) -> Iterator[bytes]:
    try:
        # as sent: what is packed is unpacked below, within bounds; and as it comes, lest a host
        # that sends a byte now and then outlasts our patience
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            yield chunk
    except urllib3.exceptions.ReadTimeoutError:
        raise _AgainError("stopped in the middle") from None
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        raise _AgainError("cut off in the middle") from None


def _finish(part: Path, path: Path, note: Note, asked: Asked) -> Note:
    try:
        if note.encoding in ("", "identity"):
            part.replace(path)
        else:
            unpacked = path.with_name(f"{path.name}.unpacked")
            try:
                _unpack(part, unpacked, note.encoding, asked)
                unpacked.replace(path)
            finally:
                unpacked.unlink(missing_ok=True)
    finally:
        _drop(part)
    return note


def _unpack(source: Path, target: Path, encoding: str, asked: Asked) -> None:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"is packed as {encoding!r}, which was not asked for", where=asked.url)
    bits = 15 if encoding == "deflate" else 31
    limit = min(asked.limit, max(_MAX_RATIO * source.stat().st_size, 1_000_000))
    size, unpacker = 0, zlib.decompressobj(bits)
    try:
        with source.open("rb") as packed, _writing(target), target.open("wb") as file:
            while chunk := packed.read(_CHUNK):
                while chunk:
                    if unpacker.eof:
                        unpacker = zlib.decompressobj(bits)
                    plain = unpacker.decompress(chunk, _CHUNK)
                    size += len(plain)
                    if size > limit:
                        raise FetchError(
                            f"unpacks to more than {limit:,} bytes; not taken", where=asked.url
                        )
                    file.write(plain)
                    chunk = unpacker.unconsumed_tail or unpacker.unused_data
            file.write(unpacker.flush())
    except zlib.error as error:
        raise FetchError(f"cannot be unpacked ({error})", where=asked.url) from None
    if not unpacker.eof:
        raise FetchError("cannot be unpacked: its end is missing; run again", where=asked.url)


# --- half files ---------------------------------------------------------------------------


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _note_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path) -> Note | None:
    try:
        return Note(**json.loads(_note_path(part).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _drop(part: Path) -> None:
    # the file first: a note without a file does no harm, a file with another's note would
    for path in (part, _note_path(part)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Name the file where it cannot be written; an answer that breaks off is no OSError here."""
    try:
        yield
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=path) from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _too_large(limit: int) -> str:
    return f"more than {limit:,} bytes; not taken"
