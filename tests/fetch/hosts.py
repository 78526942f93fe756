"""A server that misbehaves on demand, and a corpus with pages there. All texts are invented."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conftest import Setting, extract_setting

from tifa.data.files import write_corpus
from tifa.data.metadata import read_overlay
from tifa.fetch import Client, fetch_corpus
from tifa.fetch.check import Published
from tifa.lexicon.load import read_lexicon

#: Long enough for trafilatura to recognise them as articles.
LAKE = {
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


def page(text, *, headline="Slow boats cross again"):
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
    """What a host answers, and how the answer fails."""

    body: bytes = b""
    status: int = 200
    type: str | None = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    #: Closes the connection after this many bytes of the body.
    cut: int | None = None
    #: Waits before answering.
    wait: float = 0.0
    #: Sends in chunks, so that the length is unknown.
    chunked: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]


class Host:
    """A server on a port of its own."""

    def __init__(self):
        self.answers = {}
        self.log = []
        self._taken = {}
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                host.log.append(Request(self.path, dict(self.headers)))
                try:
                    _send(self, host.next(self.path))
                except OSError:
                    self.close_connection = True

            def log_message(self, format, *args):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def on(self, path, *answers):
        """Give these answers in turn; the last one forever."""
        self.answers[path] = list(answers)
        self._taken.pop(path, None)
        return self.url + path

    def next(self, path):
        answers = self.answers.get(path, self.answers.get(path.split("?", maxsplit=1)[0]))
        if not answers:
            return Answer(b"nothing here", 404, "text/plain")
        place = self._taken.get(path, 0)
        self._taken[path] = place + 1
        return answers[min(place, len(answers) - 1)]

    def asked(self, path):
        return sum(r.path.split("?")[0] == path for r in self.log)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def _send(handler, answer):
    time.sleep(answer.wait)
    handler.send_response(answer.status)
    if answer.type is not None:
        handler.send_header("Content-Type", answer.type)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if answer.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    elif "Content-Length" not in answer.headers:
        handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    body = answer.body if answer.cut is None else answer.body[: answer.cut]
    if answer.chunked:
        body = b"%x\r\n%s\r\n" % (len(body), body) + (b"0\r\n\r\n" if answer.cut is None else b"")
    handler.wfile.write(body)
    if answer.cut is not None:
        handler.close_connection = True


def raw_host(pieces):
    """Address of a host that answers each request with exactly these bytes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            taken, _ = listening.accept()
            threading.Thread(target=_answer, args=(taken, pieces), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"


def _answer(taken, pieces):
    with taken, suppress(OSError):
        taken.recv(65_536)
        for piece in pieces():
            taken.sendall(piece)


@dataclass
class Away:
    """A corpus with local features whose texts are on a host."""

    setting: Setting
    published: Published
    host: Host

    @property
    def root(self):
        return self.setting.texts

    @property
    def folder(self):
        return self.setting.source

    def hosts(self):
        """Use this host in place of the real ones."""
        raise NotImplementedError

    def fetch(self, source=None):
        return fetch_corpus(
            self.setting.corpus,
            data=self.setting.data,
            source=source,
            client=Client(pause=0, timeout=(2, 2), tries=1),
            hosts=self.hosts(),
        )


def status(report):
    return {d: s.status for d, s in sorted(report.states.items())}


def publish(setting):
    """Extract the features of a setting, like the compendium."""
    write_corpus(setting.folder, extract_setting(setting))
    return Published(setting.folder, read_overlay(setting.overlay), read_lexicon(setting.data))
