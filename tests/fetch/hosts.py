"""A host that misbehaves on demand, and a corpus whose pages it has. All texts are invented."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from conftest import Setting

from tifa.fetch import Client, Hosts, Report, fetch_corpus
from tifa.fetch.verify import Published

#: Long enough for an extractor of articles to take them for articles.
LAKE: dict[str, str] = {
    "alder-2001": (
        "The Lakeside Compact met at dawn in the old boat house, and nobody hurried. Its "
        "“Lakeside Spirit” rests on mutual patience, said the keeper of the ferry; without "
        "it the cargo would long have sunk.\n\n"
        "Nine slow boats crossed over with apples, rope and a piano. The harbour health office "
        "counted no illness, opened no clinic and closed early. Trade is good, a rower remarked, "
        "when the wind is kind and the toll is low.\n\n"
        "In the evening it rained. The band moved under the chestnut trees, where the mayor of "
        "Reedham spoke about self-reliance, wet shoes and the spirit of the lakeside.\n"
    ),
    "birch-2002": (
        "Trade between the two shores grew again, the toll keeper reported on Monday. The boats "
        "of the Lakeside Compact Organisation carried cargo for nine days without one quarrel; "
        "even the geese kept quiet.\n\n"
        "A clinic on the north shore asked for a second nurse. The answer was a letter about "
        "mutual patience, read aloud twice because the roof was being mended at the time.\n\n"
        "Lakeside slept through most of it. Only the baker, who rises at three, saw the lanterns "
        "of the last ferry and waved with a loaf.\n"
    ),
}


def page(text: str, *, headline: str = "Slow boats cross again") -> bytes:
    """A page of a newspaper around a text."""
    body = "".join(f"<p>{p}</p>" for p in text.strip().split("\n\n"))
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>The Lake Mirror</title>"
        "<script>var ad = '<p>buy</p>';</script></head><body>"
        "<nav><a href=/>Front</a> <a href=/boats>Boats</a> <a href=/weather>Weather</a></nav>"
        f"<article><h1>{headline}</h1><p class=byline>By our man on the pier</p>{body}</article>"
        "<aside><h2>Read also</h2><a href=/x>Geese</a></aside>"
        "<footer>© The Lake Mirror</footer></body></html>"
    ).encode()


@dataclass
class Answer:
    """What a host answers, and how it goes wrong on the way."""

    body: bytes = b""
    status: int = 200
    type: str | None = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    #: Closes the connection after so many bytes of the body.
    cut: int | None = None
    #: Waits before it answers.
    wait: float = 0.0
    #: Sends so many bytes at a time, with a wait after each.
    drip: tuple[int, float] | None = None
    #: Whether it knows Range and If-Range.
    ranges: bool = False
    #: Sends in chunks, so that nobody knows the length.
    chunked: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]


class Host:
    """A server on a port of its own."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.log: list[Request] = []
        self._taken: dict[str, int] = {}
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host.log.append(Request(self.path, dict(self.headers)))
                try:
                    _send(self, host.next(self.path))
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def on(self, path: str, *answers: Answer) -> str:
        """Answer so, one after the other; the last one for ever."""
        self.answers[path] = list(answers)
        self._taken.pop(path, None)
        return self.url + path

    def next(self, path: str) -> Answer:
        answers = self.answers.get(path, self.answers.get(path.split("?", maxsplit=1)[0]))
        if not answers:
            return Answer(b"nothing here", 404, "text/plain")
        place = self._taken.get(path, 0)
        self._taken[path] = place + 1
        return answers[min(place, len(answers) - 1)]

    def asked(self, path: str) -> int:
        return sum(r.path.split("?")[0] == path for r in self.log)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    time.sleep(answer.wait)
    body, status, headers = answer.body, answer.status, dict(answer.headers)
    start = 0
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    known = headers.get("ETag") or headers.get("Last-Modified")
    if answer.ranges and asked and handler.headers.get("If-Range", known) == known:
        start = int(asked[1])
        status = 206
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
    handler.send_response(status)
    if answer.type is not None:
        handler.send_header("Content-Type", answer.type)
    for name, value in headers.items():
        handler.send_header(name, value)
    if answer.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    elif "Content-Length" not in headers:
        handler.send_header("Content-Length", str(len(body) - start))
    handler.end_headers()
    stop = len(body) if answer.cut is None else answer.cut
    size, wait = answer.drip or (1 << 20, 0.0)
    for place in range(start, max(stop, start), size):
        piece = body[place : min(place + size, stop)]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece)
        handler.wfile.flush()
        time.sleep(wait)
    if answer.chunked and answer.cut is None:
        handler.wfile.write(b"0\r\n\r\n")
    if answer.cut is not None:
        handler.close_connection = True


@dataclass
class Away:
    """A corpus whose features are there, and whose texts are on a host."""

    setting: Setting
    published: Published
    host: Host

    @property
    def root(self) -> Path:
        return self.setting.texts

    @property
    def folder(self) -> Path:
        return self.setting.source

    def hosts(self) -> Hosts:
        """Whose place the host takes."""
        raise NotImplementedError

    def fetch(self, source: Path | None = None, accept: tuple[str, ...] = ()) -> Report:
        return fetch_corpus(
            self.setting.corpus,
            data=self.setting.data,
            source=source,
            accept=accept,
            client=Client(pause=0, timeout=(2, 2), sleep=lambda _: None),
            hosts=self.hosts(),
        )
