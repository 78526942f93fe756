"""The client against hosts that are slow, broken, changed, busy, greedy or sly."""

from __future__ import annotations

import gzip
import os
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import one_line
from hosts import Answer, Host

from tifa.fetch.client import Asked, Client, FetchError, _check_url
from tifa.fetch.robots import read_robots
from tifa.util.errors import TifaError

FILE = os.urandom(300_000)
BINARY = "application/octet-stream"


@pytest.fixture
def host() -> Iterator[Host]:
    started = Host()
    yield started
    started.close()


class Naps(list[float]):
    """Records the waits instead of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def client(naps: Naps) -> Client:
    return Client(pause=0, timeout=(2, 0.4), sleep=naps)


def get(client: Client, url: str, path: Path, **options: Any) -> bytes:
    client.download(url, path, **{"limit": 10_000_000, "robots": False, **options})
    return path.read_bytes()


def refused(client: Client, url: str, path: Path, **options: Any) -> str:
    with pytest.raises(FetchError) as error:
        get(client, url, path, **options)
    assert one_line(str(error.value))
    assert not path.exists()
    return str(error.value)


def blob(body: bytes = FILE, **options: Any) -> Answer:
    headers = {"ETag": '"one"', **options.pop("headers", {})}
    return Answer(body, type=BINARY, headers=headers, **options)


# --- slow, cut off, changed ---------------------------------------------------------------


def test_a_whole_file_leaves_nothing_half(host: Host, client: Client, tmp_path: Path) -> None:
    assert get(client, host.on("/f", blob()), tmp_path / "f") == FILE
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
    agent = host.log[0].headers["User-Agent"]
    assert agent.startswith("tifa/")
    assert "The Shanghai Spirit, traced" in agent


def test_a_host_that_does_not_answer_is_given_up(
    host: Host, client: Client, naps: Naps, tmp_path: Path
) -> None:
    url = host.on("/f", blob(wait=1.5))
    assert "no answer in time" in refused(client, url, tmp_path / "f")
    assert (host.asked("/f"), naps) == (4, [2, 4, 8])


def test_a_slow_host_is_waited_for(host: Host, client: Client, tmp_path: Path) -> None:
    assert get(client, host.on("/f", blob(drip=(100_000, 0.1))), tmp_path / "f") == FILE


def test_dripping_outlasts_no_patience_and_is_continued(host: Host, tmp_path: Path) -> None:
    url = host.on("/f", blob(drip=(1000, 0.01), ranges=True), blob(ranges=True))
    began = time.monotonic()
    impatient = Client(pause=0, timeout=(2, 2), patience=0.3)
    assert "what came is kept" in refused(impatient, url, tmp_path / "f")
    assert time.monotonic() - began < 2
    kept = (tmp_path / "f.part").stat().st_size
    assert 0 < kept < len(FILE)
    assert get(Client(pause=0), url, tmp_path / "f") == FILE
    assert host.log[1].headers["Range"] == f"bytes={kept}-"


@pytest.mark.parametrize("chunked", [False, True])
def test_cut_off_in_the_middle_is_continued_by_range(
    host: Host, client: Client, tmp_path: Path, chunked: bool
) -> None:
    first = blob(cut=123_456, chunked=chunked)
    url = host.on("/f", first, blob(ranges=True))
    assert get(client, url, tmp_path / "f") == FILE
    second = host.log[1].headers
    assert (second["Range"], second["If-Range"]) == ("bytes=123456-", '"one"')


def test_many_cuts_are_survived_as_long_as_something_comes(
    host: Host, client: Client, tmp_path: Path
) -> None:
    cuts = [blob(cut=n, ranges=True) for n in range(30_000, 300_000, 30_000)]
    assert get(client, host.on("/f", *cuts, blob(ranges=True)), tmp_path / "f") == FILE
    assert len(cuts) > client.tries


def test_a_later_run_goes_on(host: Host, client: Client, tmp_path: Path) -> None:
    url = host.on("/f", blob(cut=200_000), Answer(b"", 503), *[Answer(b"", 503)] * 3)
    assert "what came is kept, run again" in refused(client, url, tmp_path / "f")
    host.on("/f", blob(ranges=True))
    assert get(Client(pause=0), url, tmp_path / "f") == FILE
    assert host.log[-1].headers["Range"] == "bytes=200000-"


def test_a_host_that_ignores_range(host: Host, client: Client, tmp_path: Path) -> None:
    assert get(client, host.on("/f", blob(cut=99_999), blob()), tmp_path / "f") == FILE
    assert "Range" in host.log[1].headers


def test_a_file_that_changed_between_the_parts(host: Host, client: Client, tmp_path: Path) -> None:
    other = blob(FILE[::-1], headers={"ETag": '"two"'}, ranges=True)
    assert get(client, host.on("/f", blob(cut=99_999), other), tmp_path / "f") == FILE[::-1]


def test_a_part_of_a_changed_file_is_not_put_to_the_old(
    host: Host, client: Client, tmp_path: Path
) -> None:
    part = Answer(
        FILE[::-1][99_999:],
        206,
        BINARY,
        {"ETag": '"two"', "Content-Range": f"bytes 99999-{len(FILE) - 1}/{len(FILE)}"},
    )
    whole = blob(FILE[::-1], headers={"ETag": '"two"'})
    assert get(client, host.on("/f", blob(cut=99_999), part, whole), tmp_path / "f") == FILE[::-1]


def test_another_part_than_was_asked_for(host: Host, client: Client, tmp_path: Path) -> None:
    part = Answer(FILE[5:], 206, BINARY, {"ETag": '"one"', "Content-Range": "bytes 5-9/10"})
    assert get(client, host.on("/f", blob(cut=99_999), part, blob()), tmp_path / "f") == FILE
    unasked = Answer(FILE, 206, BINARY, {"Content-Range": "bytes 7-9/10"})
    assert get(client, host.on("/g", unasked, blob()), tmp_path / "g") == FILE


def test_no_such_range_begins_anew(host: Host, client: Client, tmp_path: Path) -> None:
    url = host.on("/f", blob(cut=99_999), Answer(b"", 416), blob())
    assert get(client, url, tmp_path / "f") == FILE
    assert "Range" not in host.log[2].headers


def test_without_a_validator_nothing_is_continued(
    host: Host, client: Client, tmp_path: Path
) -> None:
    plain = Answer(FILE, type=BINARY, ranges=True)
    url = host.on("/f", Answer(FILE, type=BINARY, cut=99_999), plain)
    assert get(client, url, tmp_path / "f") == FILE
    assert "Range" not in host.log[1].headers
    weak = {"ETag": 'W/"x"'}
    url = host.on("/g", blob(cut=9, headers=weak), blob(headers=weak, ranges=True))
    assert get(client, url, tmp_path / "g") == FILE
    assert "Range" not in host.log[3].headers


def test_the_half_file_of_another_address_is_not_continued(
    host: Host, client: Client, tmp_path: Path
) -> None:
    refused(client, host.on("/f", blob(cut=9), Answer(b"", 503)), tmp_path / "f")
    assert get(client, host.on("/g", blob(ranges=True)), tmp_path / "f") == FILE
    assert "Range" not in host.log[-1].headers


# --- redirects ----------------------------------------------------------------------------


def to(place: str, status: int = 302) -> Answer:
    return Answer(b"", status, headers={"Location": place})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(host: Host, client: Client, tmp_path: Path, status: int) -> None:
    host.on("/new", blob())
    assert get(client, host.on("/old", to("/new", status)), tmp_path / "f") == FILE


def test_redirects_that_lead_nowhere(host: Host, client: Client, tmp_path: Path) -> None:
    host.on("/b", to("/a"))
    assert "more than 5 redirects" in refused(client, host.on("/a", to("/b")), tmp_path / "f")
    assert len(host.log) == 6
    other = Host()
    other.on("/x", blob())
    for place in (
        f"{other.url}/x",
        f"http://localhost:{host.port}/x",
        f"http://127.0.0.1:{host.port}@localhost/x",
    ):
        said = refused(client, host.on("/c", to(place)), tmp_path / "f")
        assert "another host" in said
    assert other.log == []
    assert get(client, host.on("/d", to(f"{other.url}/x")), tmp_path / "f", hosts="any") == FILE
    other.close()


@pytest.mark.parametrize(
    "place", ["file:///etc/hosts", "ftp://127.0.0.1/x", "javascript:1", "data:,x", "http://[::1/"]
)
@pytest.mark.parametrize("hosts", ["same", "any"])
def test_redirects_to_what_is_no_web_address(
    host: Host, client: Client, tmp_path: Path, place: str, hosts: str
) -> None:
    said = refused(client, host.on("/c", to(place)), tmp_path / "f", hosts=hosts)
    assert "expected http or https" in said or "Invalid IPv6" in said


def test_redirects_between_http_and_https() -> None:
    plain = Asked("http://lake.example/a", (), 1, False, "same")
    _check_url("https://www.lake.example/a", plain)
    secure = Asked("https://lake.example/a", (), 1, False, "any")
    with pytest.raises(FetchError, match="from https"):
        _check_url("http://lake.example/a", secure)


# --- busy, gone ---------------------------------------------------------------------------


def test_gone_is_not_asked_twice(host: Host, client: Client, naps: Naps, tmp_path: Path) -> None:
    assert "answers 404" in refused(client, f"{host.url}/none", tmp_path / "f")
    assert (len(host.log), naps) == (1, [])
    assert "answers 202" in refused(client, host.on("/c", Answer(b"", 202)), tmp_path / "f")


def test_a_busy_host_says_how_long(host: Host, client: Client, naps: Naps, tmp_path: Path) -> None:
    wait = Answer(b"", 429, headers={"Retry-After": "7"})
    assert get(client, host.on("/f", wait, wait, blob()), tmp_path / "f") == FILE
    assert naps == [7, 7]
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    dated = Answer(b"", 503, headers={"Retry-After": when})
    assert get(client, host.on("/f", dated, blob()), tmp_path / "f") == FILE
    assert naps[2] == pytest.approx(90, abs=5)


@pytest.mark.parametrize("value", ["3600", "99999999", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_nobody_waits_for_hours(
    host: Host, client: Client, naps: Naps, tmp_path: Path, value: str
) -> None:
    busy = Answer(b"", 429, headers={"Retry-After": value})
    assert "asks to wait" in refused(client, host.on("/f", busy), tmp_path / "f")
    assert (host.asked("/f"), naps) == (1, [])


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", ""])
def test_what_is_no_time_is_passed_over(
    host: Host, client: Client, naps: Naps, tmp_path: Path, value: str
) -> None:
    busy = Answer(b"", 503, headers={"Retry-After": value})
    assert "answers 503; run again later" in refused(client, host.on("/f", busy), tmp_path / "f")
    assert naps == [2, 4, 8]


def test_nobody_there(client: Client, tmp_path: Path) -> None:
    gone = Host()
    gone.close()
    assert "cannot be reached" in refused(client, f"{gone.url}/f", tmp_path / "f")


# --- types and sizes ----------------------------------------------------------------------


def test_content_types(host: Host, client: Client, tmp_path: Path) -> None:
    pdf = host.on("/p", Answer(b"%PDF", type="application/pdf"))
    assert "is application/pdf; expected text/html" in refused(
        client, pdf, tmp_path / "f", types=("text/html",)
    )
    none = host.on("/n", Answer(b"<p>x", type=None))
    assert "is of no type" in refused(client, none, tmp_path / "f", types=("text/html",))
    wall = host.on("/w", Answer(b"<p>Are you a robot?"))
    assert "is a web page; expected a file" in refused(client, wall, tmp_path / "f")


def test_huge_bodies(host: Host, client: Client, tmp_path: Path) -> None:
    limit = {"limit": 100_000}
    assert "more than 100,000 bytes" in refused(
        client, host.on("/f", blob()), tmp_path / "f", **limit
    )
    assert list(tmp_path.iterdir()) == []
    unsaid = blob(chunked=True)
    assert "more than 100,000 bytes" in refused(
        client, host.on("/g", unsaid), tmp_path / "f", **limit
    )
    endless = blob(chunked=True, drip=(1000, 0), headers={"Content-Length": "5"})
    host.on("/h", endless)
    refused(client, f"{host.url}/h", tmp_path / "f", **limit)
    assert list(tmp_path.iterdir()) == []


def packed(body: bytes, encoding: str, **options: Any) -> Answer:
    return blob(body, headers={"Content-Encoding": encoding}, **options)


def test_packed_bodies(host: Host, client: Client, tmp_path: Path) -> None:
    text = b"slow boats " * 50_000
    for encoding, body in (
        ("gzip", gzip.compress(text)),
        ("gzip", gzip.compress(text[:5]) + gzip.compress(text[5:])),
        ("deflate", zlib.compress(text)),
        ("identity", text),
    ):
        assert get(client, host.on("/f", packed(body, encoding)), tmp_path / "f") == text


def test_bombs(host: Host, client: Client, tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    assert len(bomb) < 25_000
    said = refused(client, host.on("/f", packed(bomb, "gzip")), tmp_path / "f")
    assert "unpacks to more than" in said
    # even where the limit would let it pass, its ratio does not
    said = refused(client, host.on("/f", packed(bomb, "gzip")), tmp_path / "f", limit=500_000_000)
    assert "unpacks to more than" in said
    assert list(tmp_path.iterdir()) == []


def test_packed_bodies_that_are_broken(host: Host, client: Client, tmp_path: Path) -> None:
    body = gzip.compress(FILE)
    for bad, encoding, words in (
        (body[:-9], "gzip", "its end is missing"),
        (b"no gzip", "gzip", "cannot be unpacked"),
        (body, "br", "packed as 'br'"),
        (body, "gzip, gzip", "packed as"),
    ):
        assert words in refused(client, host.on("/f", packed(bad, encoding)), tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none(host: Host, client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(TifaError, match="cannot be written"):
        get(client, host.on("/f", blob()), tmp_path / "file" / "f")


# --- politeness ---------------------------------------------------------------------------


def test_one_request_a_second_for_each_host(host: Host, naps: Naps, tmp_path: Path) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        naps(seconds)
        now[0] += seconds

    polite = Client(sleep=sleep, clock=lambda: now[0])
    other = Host()
    other.on("/f", blob())
    host.on("/g", to("/f"))
    for url in (host.on("/f", blob()), f"{host.url}/g", f"{other.url}/f"):
        get(polite, url, tmp_path / "f")
    # the second asks twice, for it is led on; the other host is not kept waiting
    assert naps == [1, 1]
    other.close()


def robots(host: Host, rules: str, **options: Any) -> None:
    host.on("/robots.txt", Answer(rules.encode(), type="text/plain", **options))


def test_robots_are_obeyed(host: Host, client: Client, tmp_path: Path) -> None:
    robots(host, "User-agent: *\nDisallow: /private\n")
    url = host.on("/private/f", blob())
    assert "robots.txt of this host forbids" in refused(client, url, tmp_path / "f", robots=True)
    assert [r.path for r in host.log] == ["/robots.txt"]
    # the rules are asked for once, and hold for where a redirect leads
    host.on("/open", to("/private/f"))
    refused(client, f"{host.url}/open", tmp_path / "f", robots=True)
    assert [r.path for r in host.log] == ["/robots.txt", "/open"]
    assert get(client, host.on("/f", blob()), tmp_path / "f", robots=True) == FILE


def test_no_robots_no_rules(host: Host, client: Client, tmp_path: Path) -> None:
    assert get(client, host.on("/f", blob()), tmp_path / "f", robots=True) == FILE
    assert host.asked("/robots.txt") == 1


@pytest.mark.parametrize(
    "broken", [Answer(b"", 503), Answer(b"x" * 600_000, type="text/plain"), to("/robots.txt")]
)
def test_unreadable_robots_forbid(
    host: Host, client: Client, tmp_path: Path, broken: Answer
) -> None:
    host.on("/robots.txt", broken)
    refused(client, host.on("/f", blob()), tmp_path / "f", robots=True)
    assert host.asked("/f") == 0


def test_robots_that_failed_are_not_asked_for_again(
    host: Host, client: Client, tmp_path: Path
) -> None:
    host.on("/robots.txt", Answer(b"x" * 600_000, type="text/plain"))
    said = [refused(client, host.on(f"/{n}", blob()), tmp_path / n, robots=True) for n in "ab"]
    assert host.asked("/robots.txt") == 1
    assert said[0] == said[1]


def test_a_pause_that_robots_ask_for(host: Host, naps: Naps, tmp_path: Path) -> None:
    robots(host, "User-agent: tifa\nCrawl-delay: 9\n")
    get(Client(sleep=naps, clock=lambda: 0.0), host.on("/f", blob()), tmp_path / "f", robots=True)
    assert naps == [9]


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: tifa\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("User-agent: Tifa/2\nDisallow: /\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: other\nUser-agent: tifa\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: /news\nAllow: /news/open", "/news/open/a", True),
        ("User-agent: *\nAllow: /news/open\nDisallow: /news", "/news/shut", False),
        ("User-agent: *\nDisallow: /x\nAllow: /x", "/x", True),
        ("User-agent: *\nDisallow: /*.php$", "/a/b.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/a/b.php?x", True),
        ("User-agent: *\nDisallow: /*print=1", "/a?b&print=1", False),
        ("User-agent: *\nDisallow: /a%62c", "/abc", False),
        ("User-agent: *\nDisallow: /湖", "/%E6%B9%96/x", False),
        ("# User-agent: *\nDisallow: /", "/x", True),
        ("Disallow: /\nno colon\n:\nUser-agent\n", "/x", True),
        ("User-agent: *\nCrawl-delay: x\nDisallow: /y # why", "/y", False),
    ],
)
def test_rules_of_robots(rules: str, path: str, allowed: bool) -> None:
    assert read_robots(rules, "tifa").allows(f"http://lake.example{path}") is allowed


def test_robots_cost_no_time() -> None:
    evil = "User-agent: *\n" + "Disallow: /" + "a*" * 20_000 + "b\n"
    began = time.monotonic()
    assert read_robots(evil, "tifa").allows("http://lake.example/" + "a" * 40_000)
    assert time.monotonic() - began < 2


def test_passwords_stay_at_home(
    host: Host, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    get(client, host.on("/f", blob()), tmp_path / "f")
    assert "Authorization" not in host.log[0].headers


def test_the_contact_is_told_in_one_line(host: Host, tmp_path: Path) -> None:
    told = Client(pause=0, contact="ada@lake.example\r\nX-Evil: 1 — 湖")
    get(told, host.on("/f", blob()), tmp_path / "f")
    assert "ada@lake.example X-Evil: 1 ? ?" in host.log[0].headers["User-Agent"]
    assert "X-Evil" not in host.log[0].headers
