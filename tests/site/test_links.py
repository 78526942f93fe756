"""Outside links are listed with their pages, and checked if there is a network."""

import csv
import re

import pytest

from tifa_book import outside_links

PAGE = """<nav><a href="other.html">inside</a> <a href="#top">top</a></nav>
<a href="{base}/works#part">a</a> <a href='{base}/works'>again</a> <a name="x">no link</a>
<a href="mailto:a@example.org">post</a> <A HREF="{base}/gone">gone</A>
<link href="{base}/style.css"> <!-- <a href="{base}/comment">c</a> -->
<a href="https://own.example/site/page.html">own</a>"""


def make_site(folder, base):
    (folder / "book").mkdir()
    (folder / "_static").mkdir()
    (folder / "book" / "a.html").write_text(PAGE.format(base=base), encoding="utf-8")
    (folder / "book" / "b.html").write_text(f'<a href="{base}/works">w</a>', encoding="utf-8")
    (folder / "_static" / "c.html").write_text(f'<a href="{base}/static">s</a>', encoding="utf-8")
    return folder


def test_each_outside_link_is_listed_once_with_its_pages(tmp_path):
    site = make_site(tmp_path, "http://a.example")
    found = outside_links.outside_links(site, "https://own.example/site/")
    assert found == {
        "http://a.example/gone": ("book/a.html",),
        "http://a.example/works": ("book/a.html", "book/b.html"),
    }
    assert "https://own.example/site/page.html" in outside_links.outside_links(site)


def test_without_a_network_nothing_is_called_broken(tmp_path, monkeypatch, capsys):
    def nobody(host):
        raise OSError(host)

    monkeypatch.setattr(outside_links.socket, "gethostbyname", nobody)
    monkeypatch.setattr(outside_links, "check", lambda links: pytest.fail("asked"))
    site = make_site(tmp_path, "http://a.example")
    assert outside_links.main([str(site), "--csv", str(tmp_path / "out" / "links.csv")]) == 0
    assert "not checked: no network" in capsys.readouterr().err
    with (tmp_path / "out" / "links.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["verdict"] for row in rows} == {"not checked"}
    assert rows[1]["pages"] == "book/a.html book/b.html"


def test_a_missing_site_is_reported(tmp_path, capsys):
    assert outside_links.main([str(tmp_path)]) == 2
    assert "run make book" in capsys.readouterr().err


@pytest.fixture
def asked(httpserver):
    """A server with a page, a moved one, a missing one, and two unusual ones."""
    from werkzeug import Response

    seen = []

    def answer(request):
        seen.append((request.method, request.path))
        if request.path == "/moved":
            return Response(status=301, headers={"Location": "/works"})
        if request.path == "/no-head" and request.method == "HEAD":
            return Response(status=405)
        return Response(status={"/gone": 404, "/closed": 403}.get(request.path, 200))

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return httpserver, seen


def test_answers_of_servers_are_distinguished(asked):
    server, seen = asked
    paths = ["works", "moved", "no-head", "gone", "closed"]
    links = {server.url_for(f"/{path}"): ("a.html",) for path in paths}
    links["http://127.0.0.1:9/refused"] = ("b.html",)
    rows = {r.url.rpartition("/")[2]: r for r in outside_links.check(links, pause=0, timeout=5)}
    verdicts = {name: row.verdict for name, row in rows.items()}
    assert verdicts == {
        "works": "works",
        "moved": "works",
        "no-head": "works",
        "gone": "broken",
        "closed": "closed to machines",
        "refused": "broken",
    }
    assert rows["moved"].said.endswith("/works")
    assert rows["gone"].said == "404"
    assert seen.count(("GET", "/works")) == 0  # a HEAD request was enough
    assert ("GET", "/no-head") in seen


def test_one_host_is_not_hurried(asked, monkeypatch):
    server, _ = asked
    waited = []
    monkeypatch.setattr(outside_links.time, "sleep", waited.append)
    outside_links.check({server.url_for("/a"): ("p",), server.url_for("/b"): ("p",)}, pause=30)
    assert waited[0] == 0
    assert waited[1] > 20
