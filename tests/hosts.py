"""A server that misbehaves on demand."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response


class _Response(Response):
    """Sends headers as they are given, even malformed ones."""

    def get_wsgi_headers(self, environ):
        return self.headers


@dataclass
class Answer:
    """What a host answers, and how the answer fails."""

    body: bytes = b""
    status: int = 200
    type: str | None = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    #: closes the connection after this many bytes of the body
    cut: int | None = None
    #: waits so many seconds before answering
    wait: float = 0.0
    #: sends in chunks, so that the length is unknown
    chunked: bool = False

    def response(self):
        time.sleep(self.wait)
        made = _Response(self._body(), self.status, self.headers)
        made.headers.remove("Content-Type")
        if self.type is not None:
            made.headers["Content-Type"] = self.type
        if not self.chunked:
            made.headers.setdefault("Content-Length", len(self.body))
        return made

    def _body(self):
        yield self.body[: self.cut]
        if self.cut is not None:
            raise ConnectionAbortedError


def redirect(place, status=302):
    return Answer(b"", status, headers={"Location": place})


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]


class Host:
    """A server on a port of its own."""

    def __init__(self):
        self.answers = {}
        self.log = []
        self._taken = {}
        self._server = HTTPServer(threaded=True)
        self._server.expect_request(re.compile("")).respond_with_handler(self._answer)
        self._server.start()
        self.port = self._server.port
        self.url = f"http://127.0.0.1:{self.port}"

    def on(self, path, *answers):
        """Give these answers in turn, then the last one again and again; returns the address."""
        self.answers[path] = list(answers)
        self._taken.pop(path, None)
        return self.url + path

    def _answer(self, request):
        path = request.environ["RAW_URI"]
        self.log.append(Request(path, dict(request.headers)))
        answers = self.answers.get(path, self.answers.get(path.partition("?")[0]))
        if not answers:
            return Response("nothing here", 404, content_type="text/plain")
        place = self._taken.get(path, 0)
        self._taken[path] = place + 1
        return answers[min(place, len(answers) - 1)].response()

    def asked(self, path):
        return sum(r.path.partition("?")[0] == path for r in self.log)

    def close(self):
        self._server.stop()


@pytest.fixture
def host():
    """A host that answers what a test tells it to."""
    started = Host()
    yield started
    started.close()


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
