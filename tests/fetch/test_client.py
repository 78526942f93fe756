"""The client with hosts that are slow, broken, busy or malicious."""

import gzip
import itertools
import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from conftest import refusal
from hosts import Answer, Host, raw_host, redirect

from tifa.fetch.client import LONGEST_WAIT, Client, FetchError, _check_address

FILE = os.urandom(300_000)
BINARY = "application/octet-stream"


@pytest.fixture
def naps(monkeypatch):
    """Records waits instead of waiting."""
    slept = []
    monkeypatch.setattr("tifa.fetch.client.time.sleep", slept.append)
    return slept


@pytest.fixture
def client():
    return Client(pause=0, timeout=(2, 0.4), tries=1)


def get(client, url, path, **options):
    client.download(url, path, **{"limit": 10_000_000, **options})
    return path.read_bytes()


def refused(client, url, path, **options):
    with refusal() as error:
        get(client, url, path, **options)
    assert isinstance(error.value, FetchError)
    assert list(path.parent.iterdir()) == []
    return str(error.value)


def blob(body=FILE, **options):
    return Answer(body, type=BINARY, **options)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_whole_file_is_kept_and_of_one_cut_off_or_too_large_nothing(
    host, client, tmp_path, chunked
):
    url = host.on("/f", blob(cut=123_456, chunked=chunked), blob(chunked=chunked))
    assert "cut off in the middle" in refused(client, url, tmp_path / "f")
    large = refused(client, url, tmp_path / "f", limit=100_000)
    assert "more than 100,000 bytes" in large
    assert get(client, url, tmp_path / "f") == FILE
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


# --- slow, cut off, absurd ----------------------------------------------------------------


def slowly(before, drop):
    def pieces():
        yield before
        for _ in range(300):
            time.sleep(0.05)
            yield drop

    return pieces


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST = CHUNKED + b"1\r\na\r\n0\r\n"
SLOW = {
    "status": slowly(b"", b"H"),
    "header": slowly(HEAD + b"X-Long: ", b"a"),
    "headers": slowly(HEAD, b"X: y\r\n"),
    "continue": slowly(b"", CONTINUE),
    "body": slowly(HEAD + b"Content-Length: 9999\r\n\r\n", b"a"),
    "chunks": slowly(CHUNKED, b"1\r\na\r\n"),
    "extension": slowly(CHUNKED + b"5;", b"x"),
    "trailers": slowly(LAST, b"X: y\r\n"),
    "endless continue": lambda: itertools.repeat(CONTINUE),
    "endless trailers": lambda: itertools.chain([LAST], itertools.repeat(b"X: y\r\n")),
}


@pytest.mark.parametrize("pieces", SLOW.values(), ids=SLOW)
def test_every_host_is_done_with_in_time(tmp_path, pieces):
    url, begun = raw_host(pieces), time.monotonic()
    said = refused(Client(pause=0, timeout=(2, 2)), url, tmp_path / "f", seconds=1.0)
    assert time.monotonic() - begun < 6
    assert "run again later" in said


def test_a_host_that_does_not_answer_or_is_not_there(host, client, tmp_path):
    assert "run again later" in refused(client, host.on("/f", blob(wait=1)), tmp_path / "f")
    gone = Host()
    gone.close()
    assert "cannot be reached" in refused(client, f"{gone.url}/f", tmp_path / "f")


@pytest.mark.parametrize(
    "lines",
    [
        b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-9/" + b"9" * 5_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x\r\nContent-Encoding: gzip",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        b"HTTP/9.9 " + b"9" * 5_000,
        b"\0\0\0",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000,
        b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe\x00/",
        b"HTTP/1.1 302 Found\r\nLocation: http://" + b"a" * 5_000 + b"/",
    ],
)
def test_absurd_answers_are_one_line(client, tmp_path, lines):
    refused(client, raw_host(lambda: [lines, b"\r\n\r\nno such thing"]), tmp_path / "f")


# --- redirects ----------------------------------------------------------------------------


def test_redirects_are_followed_on_one_host_but_not_in_a_circle(host, client, tmp_path):
    host.on("/new", blob())
    for status in (301, 302, 303, 307, 308):
        assert get(client, host.on("/old", redirect("/new", status)), tmp_path / "f") == FILE
    (tmp_path / "f").unlink()
    host.on("/b", redirect("/a"))
    assert "more than 5 redirects" in refused(client, host.on("/a", redirect("/b")), tmp_path / "f")
    for place in (f"http://localhost:{host.port}/x", f"http://127.0.0.1:{host.port}@localhost/x"):
        said = refused(client, host.on("/c", redirect(place)), tmp_path / "f")
        assert "another host" in said


def test_no_redirect_leads_into_a_private_network(host, tmp_path, monkeypatch):
    # a public name that resolves to a public address the first time
    monkeypatch.setattr("tifa.fetch.client._is_private", lambda _: False)
    host.on("/x", blob())
    here = f"http://localhost:{host.port}/x"
    for place in (here, f"http://[::ffff:127.0.0.1]:{host.port}/x", "/x"):
        url = host.on("/c", redirect(place))
        said = refused(Client(pause=0, tries=1), url, tmp_path / "f", other_hosts=True)
        assert "private address" in said or "cannot be reached" in said
    assert host.asked("/x") == 0


NO_PAGES = ["file:///etc/hosts", "ftp://127.0.0.1/x", "data:,x", "http://[::1/", "http://x:99999/"]


@pytest.mark.parametrize("place", NO_PAGES)
@pytest.mark.parametrize("other", [False, True])
def test_redirects_to_something_other_than_a_web_address(host, client, tmp_path, place, other):
    said = refused(client, host.on("/c", redirect(place)), tmp_path / "f", other_hosts=other)
    assert any(s in said for s in ("expected http or https", "Invalid IPv6", "out of range"))


def test_redirects_between_http_and_https():
    _check_address("https://www.lake.example/a", "http://lake.example/a", False)
    with refusal("from https"):
        _check_address("http://lake.example/a", "https://lake.example/a", True)


# --- busy, gone ---------------------------------------------------------------------------


def test_gone_is_not_asked_twice(host, tmp_path):
    assert "answers 404" in refused(Client(pause=0), f"{host.url}/none", tmp_path / "f")
    assert len(host.log) == 1
    said = refused(Client(pause=0), host.on("/c", Answer(b"", 202)), tmp_path / "f")
    assert "answers 202" in said


def test_a_busy_host_says_how_long_to_wait(host, naps, tmp_path):
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    waits = [Answer(b"", 429, headers={"Retry-After": "7"})]
    waits += [Answer(b"", 503, headers={"Retry-After": when})]
    assert get(Client(pause=0), host.on("/f", *waits, blob()), tmp_path / "f") == FILE
    slept = [n for n in naps if n]
    assert slept == [7, pytest.approx(40, abs=5)]


NINES = "9" * 20


@pytest.mark.parametrize(
    "value",
    [
        *("3600", NINES * 250, "soon", "-5", "1e9", "", "Fri, 31 Dec 2100 23:59:59 GMT"),
        *(f"Fri, 31 Dec {NINES} GMT", f"Fri, 31 Dec 2027 23:59:59 +{NINES}"),
    ],
)
def test_a_long_wait_is_cut_short(host, naps, tmp_path, value):
    busy = Answer(b"", 503, headers={"Retry-After": value})
    said = refused(Client(pause=0), host.on("/f", busy), tmp_path / "f")
    assert "answers 503; run again later" in said
    assert host.asked("/f") == 3
    assert sum(naps) <= 2 * LONGEST_WAIT


# --- types and sizes ----------------------------------------------------------------------


def test_content_types(host, client, tmp_path):
    pdf = host.on("/p", Answer(b"%PDF", type="application/pdf"))
    said = refused(client, pdf, tmp_path / "f", types=("text/html",))
    assert "is application/pdf; expected text/html" in said
    none = host.on("/n", Answer(b"<p>x", type=None))
    assert "is of no type" in refused(client, none, tmp_path / "f", types=("text/html",))
    wall = host.on("/w", Answer(b"<p>Are you a robot?"))
    assert "is a web page; expected a file" in refused(client, wall, tmp_path / "f")


def test_packed_bodies(host, client, tmp_path):
    def packed(body):
        return host.on("/f", blob(body, headers={"Content-Encoding": "gzip"}))

    assert get(client, packed(gzip.compress(FILE)), tmp_path / "f") == FILE
    (tmp_path / "f").unlink()
    bomb = gzip.compress(bytes(200_000_000))
    assert "more than 10,000,000 bytes" in refused(client, packed(bomb), tmp_path / "f")
    assert "cannot be unpacked" in refused(client, packed(b"no gzip"), tmp_path / "f")


def test_a_folder_that_is_a_file(host, client, tmp_path):
    (tmp_path / "file").write_text("in the way", "utf-8")
    with refusal("cannot be written"):
        get(client, host.on("/f", blob()), tmp_path / "file" / "f")


# --- politeness ---------------------------------------------------------------------------


def robots(host, rules, **options):
    host.on("/robots.txt", Answer(rules.encode(), type="text/plain", **options))


def test_one_request_a_second_for_each_host(host, naps, tmp_path):
    other, polite = Host(), Client()
    for url in (host.on("/f", blob()), host.url + "/f", other.on("/f", blob())):
        get(polite, url, tmp_path / "f")
    # only the second request to the same host waits
    assert [round(n) for n in naps if n] == [1]
    robots(host, "User-agent: tifa\nCrawl-delay: 9\n")
    get(Client(), f"{host.url}/f", tmp_path / "f", robots=True)
    assert round(max(naps)) == 9
    other.close()


def test_robots_are_obeyed(host, client, tmp_path):
    robots(host, "User-agent: *\nDisallow: /private\nAllow: /private/*.html$\n")
    url = host.on("/private/f", blob())
    assert "robots.txt of this host forbids" in refused(client, url, tmp_path / "f", robots=True)
    assert [r.path for r in host.log] == ["/robots.txt"]
    # the rules are fetched once, and also apply to the target of a redirect
    refused(client, host.on("/open", redirect("/private/f")), tmp_path / "f", robots=True)
    assert [r.path for r in host.log] == ["/robots.txt", "/open"]
    assert get(client, host.on("/private/a.html", blob()), tmp_path / "f", robots=True) == FILE


@pytest.mark.parametrize(
    "broken",
    [Answer(b"", 503), Answer(b"x" * 6_000_000, type="text/plain"), redirect("/robots.txt")],
)
def test_unreadable_robots_forbid(host, client, tmp_path, broken):
    host.on("/robots.txt", broken)
    said = [refused(client, host.on(f"/{n}", blob()), tmp_path / n, robots=True) for n in "ab"]
    assert said[0] == said[1]
    assert {r.path for r in host.log} == {"/robots.txt"}


def test_passwords_stay_at_home(host, client, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    get(client, host.on("/f", blob()), tmp_path / "f")
    assert "Authorization" not in host.log[0].headers


def test_the_contact_is_sent_as_one_line(host, tmp_path):
    told = Client(pause=0, contact="ada@lake.example\r\nX-Evil: 1 — 湖")
    get(told, host.on("/f", blob()), tmp_path / "f")
    agent = host.log[0].headers["User-Agent"]
    assert agent.startswith("tifa/")
    assert "The Shanghai Spirit, traced" in agent
    assert "ada@lake.example X-Evil: 1 ? ?" in agent
    assert "X-Evil" not in host.log[0].headers
