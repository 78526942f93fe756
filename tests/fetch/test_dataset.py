"""Whole corpora: a data set of a Dataverse, a repository at one commit."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
from dataclasses import dataclass, field

import pytest
from away import LAKE, Away, status
from conftest import extract_setting, one_line, refusal, snapshot, tarred, workbook, written
from hosts import Answer, redirect

from tifa.cli.fetch import report_lines
from tifa.data.files import read_table
from tifa.fetch import Hosts
from tifa.fetch.dataset import files_digest
from tifa.fetch.layouts import table_of

DOI = "10.1234/LAKE"
SPEECHES = {
    "TXT/Session 07 - 1952/ALD_07_1952.txt": LAKE["alder-2001"],
    "TXT/Session 07 - 1952/BIR_07_1952.txt": LAKE["birch-2002"],
    "TXT/Session 08 - 1953/ALD_08_1953.txt": LAKE["birch-2002"].replace("geese", "swans"),
}
GOOD = dict.fromkeys(("ALD_07_1952", "ALD_08_1953", "BIR_07_1952"), "text")
NAME = "UNGDC_1952-1953.tar.gz"
BINARY = "application/gzip"


def packed(files):
    # without the time, so that the hash does not change
    return gzip.compress(tarred({name: text.encode() for name, text in files.items()}), mtime=0)


def speakers(name="Ms. Oar"):
    header = ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]
    return workbook(header, [1952, 7, "ALD", "Alderland", name, "Ferry Minister"])


def in_json(content):
    return Answer(content, type="application/json")


@dataclass
class Sea(Away):
    """A corpus of three speeches with local features and texts on a server."""

    sheet: bytes = field(default_factory=speakers)

    def offer(self, content, *, version=13, md5="", name=NAME):
        """Publish a version of the data set."""
        said = md5 or hashlib.md5(content, usedforsecurity=False).hexdigest()
        sheet = {"filename": "Speakers_by_session.tab", "id": 8, "md5": "of the table"}
        files = [
            {"dataFile": {"filename": name, "id": 7, "md5": said}},
            {"dataFile": {**sheet, "originalFileName": "Speakers_by_session.xlsx"}},
            {"dataFile": {"filename": "Raw_PDFs_1952-1953.tgz", "id": 9, "md5": "x"}},
        ]
        data = {"versionNumber": version, "versionMinorNumber": 0, "files": files}
        answer = in_json(json.dumps({"data": data}).encode())
        self.host.answers = {}
        base = "/api/datasets/:persistentId/versions"
        self.host.on(f"{base}/{version}.0", answer)
        self.host.on(f"{base}/:latest-published", answer)
        self.host.on("/api/access/datafile/7", Answer(content, type=BINARY))
        self.host.on("/api/access/datafile/8", Answer(self.sheet, type="application/vnd.ms-excel"))

    def hosts(self):
        return Hosts(dataverse=self.host.url)


@pytest.fixture
def sea(make_data, host, monkeypatch):
    setting = make_data(
        "sea",
        texts={},
        reader="ungdc",
        rights="public",
        ngrams=True,
        source="Made up, version 13 (a Monday)",
        defaults={"url": f"https://doi.org/{DOI}"},
    )
    (setting.source / NAME).write_bytes(packed(SPEECHES))
    (setting.source / "Speakers_by_session.xlsx").write_bytes(speakers())
    sea = Sea.of(setting, host, monkeypatch)
    sea.offer(packed(SPEECHES))
    return sea


def test_fetched_speeches_reproduce_the_published_features(sea, capfd):
    report = sea.fetch()
    assert capfd.readouterr() == ("", "")
    assert (status(report), report.notes, report.complete) == (GOOD, [], True)
    assert [r.path for r in sea.host.log] == [
        f"/api/datasets/:persistentId/versions/13.0?persistentId=doi%3A{DOI.replace('/', '%2F')}",
        "/api/access/datafile/7",
        "/api/access/datafile/8?format=original",
    ]
    for name, rows in extract_setting(sea.setting).items():
        assert rows.equals(read_table(sea.setting.folder, name)), name
    # existing files are checked, without any request
    before, asked = snapshot(sea.root), len(sea.host.log)
    assert sea.fetch().complete
    assert (snapshot(sea.root), len(sea.host.log)) == (before, asked)


def test_only_a_newer_version_is_announced(sea):
    more = {**SPEECHES, "TXT/Session 80 - 2025/ALD_80_2025.txt": "Boats."}
    sea.offer(packed(more), version=14)
    report = sea.fetch()
    assert (status(report), report.complete) == (GOOD, False)
    assert "version 14.0, the features are from version 13" in report.notes[0]
    assert "not among the published and would be counted, first ALD_80_2025" in report.notes[1]


def test_another_text_and_a_missing_one(sea):
    first, _, third = SPEECHES
    files = {first: SPEECHES[first], third: SPEECHES[third].replace("mutual patience", "patience")}
    sea.offer(packed(files))
    report = sea.fetch()
    assert status(report) == {**GOOD, "ALD_08_1953": "differs", "BIR_07_1952": "missing"}
    assert all(map(one_line, report_lines(report)))


def test_speakers_are_checked(sea):
    sea.sheet = speakers("Mr. Rudder")
    sea.offer(packed(SPEECHES))
    report = sea.fetch()
    assert status(report) == GOOD
    assert "speaker or post differ from the published in 1 documents" in report.notes[0]


def test_a_file_that_is_not_the_one_announced(sea):
    sea.offer(packed(SPEECHES), md5="0" * 32)
    assert "MD5 differs" in sea.fetch().states["ALD_07_1952"].why
    assert not list(sea.root.rglob("*.gz*"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<p>Are you a robot?"), "is text/html; expected application/json"),
        (in_json(b"{}"), "not the answer of a Dataverse"),
        (in_json(b'{"data": {"files": [1]}}'), "not the answer"),
        (in_json(b'{"data": {"files": [{"dataFile": {"id": 1e999}}]}}'), "not the answer"),
        (in_json(b"[" * 100_000), "not the answer"),
        (in_json(b'{"data": {"files": []}}'), "0 files look like"),
        (Answer(b"", 503), "answers 503"),
    ],
)
def test_odd_answers(sea, answer, said):
    # otherwise garbage of other tests may be collected deep within nested JSON, where the parser
    # has left no stack for it
    gc.collect()
    sea.host.answers = {}
    for which in ("13.0", ":latest-published"):
        sea.host.on(f"/api/datasets/:persistentId/versions/{which}", answer)
    report = sea.fetch()
    assert said in report.states["ALD_07_1952"].why
    assert not report.complete
    assert all(map(one_line, report_lines(report)))


@pytest.mark.parametrize("name", ["../UNGDC_1.tgz", "/tmp/UNGDC_1.tgz", "UNGDC_1.tgz\0.txt", "x"])
def test_an_archive_with_an_unsafe_name_is_not_fetched(sea, name):
    sea.offer(packed(SPEECHES), name=name)
    assert "0 files look like the archive" in sea.fetch().states["ALD_07_1952"].why


@pytest.mark.parametrize("form", ["archive", "folder with archive", "folder"])
def test_importing_texts_from_a_folder(sea, tmp_path, form):
    mine = tmp_path / "mine" / "sea"
    files = SPEECHES if form == "folder" else {NAME: packed(SPEECHES)}
    written(mine, {"Speakers_by_session.xlsx": sea.sheet, **files})
    report = sea.fetch(mine / NAME if form == "archive" else mine.parent)
    assert (status(report), report.complete, sea.host.log) == (GOOD, True, [])
    assert sea.fetch().complete


# --- a repository -------------------------------------------------------------------------

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def item(number, title, content):
    about = {"num": number, "video_id": f"V{number}", "video_title": title, "brief": "left out"}
    about["video_url"] = f"https://news.example/{number}"
    return about | {"video_detail": {"content": content}}


def broadcast(*items):
    return json.dumps({"videoList": list(items)}, ensure_ascii=False)


FIRST = "<p>\u3000\u3000九条慢船&amp;一架钢琴&nbsp;过湖。</P>\r\n<p>天黑<br/>下雨</p>"
#: Invented news in the layout of the repository.
NEWS = {
    "assets/2012/20120702.json": broadcast(
        item(1, "[视频]九条慢船过湖", FIRST),
        item(2, "《新闻联播》 20120702 21：00", "<p></P>"),
        item(3, "[视频] 没有文字", None),
    ),
    "assets/2013/20130101.json": broadcast(item(7, "渡口的灯", "<p>面包师<b>三点</b>起床。</p>")),
    "README.md": "other files are of no concern",
}


def digest(files):
    return files_digest({n: c.encode() for n, c in files.items() if n.startswith("assets/")})


def test_each_layout_becomes_a_table():
    rows = table_of({n: c.encode() for n, c in NEWS.items() if n.endswith("json")}, "xwlb")
    assert rows.select("id", "date", "year", "num", "title", "chars", "text").rows() == [
        ("V1", "2012-07-02", 2012, 1, "九条慢船过湖", 19, "九条慢船&一架钢琴 过湖。\n天黑\n下雨"),
        ("V3", "2012-07-02", 2012, 3, " 没有文字", 0, ""),
        ("V7", "2013-01-01", 2013, 7, "渡口的灯", 8, "面包师三点起床。"),
    ]
    reports = b'{"title": "t", "url": "u", "content": "%s", "year": "1999"}\n' % (b"x" * 500)
    assert table_of({"government.jsonl": reports}, "reports-zh").drop("text").rows() == [
        ("government work report", 1999, None, "t", "u", 500)
    ]
    with refusal("a.json: not in the layout 'xwlb'"):
        table_of({"a.json": b"[1]"}, "xwlb")


@pytest.fixture
def news(make_data, host, monkeypatch):
    """A corpus with its texts in a repository."""
    repository = {"url": f"{host.url}/lake/news", "commit": COMMIT, "files": "assets/*/*.json"}
    repository |= {"sha256": digest(NEWS), "layout": "xwlb"}
    about = {"reader": "table", "columns": {"doc_id": "url"}, "repository": repository}
    setting = make_data("news", texts={}, **about)
    files = {n: c.encode() for n, c in NEWS.items() if n.startswith("assets/2012")}
    table_of(files, "xwlb").write_parquet(setting.source / "news.parquet")
    return Away.of(setting, host, monkeypatch)


def offer(news, files):
    content = packed({f"news-{COMMIT}/{name}": content for name, content in files.items()})
    there = news.host.on(f"/store/{COMMIT}", Answer(content, type=BINARY))
    news.host.on(f"/lake/news/archive/{COMMIT}.tar.gz", redirect(there))


def test_a_repository_at_its_commit(news):
    offer(news, NEWS)
    report = news.fetch()
    assert set(status(report).values()) == {"text"}
    # the second broadcast was not counted here, which is reported
    assert "1 texts in" in report.notes[0]
    assert [p.name for p in news.folder.iterdir()] == ["news.parquet"]
    assert not list((news.root / ".fetch").glob("*.tar.gz"))
    asked = len(news.host.log)
    assert status(news.fetch()) == status(report)
    assert len(news.host.log) == asked


@pytest.mark.parametrize("change", ["a word", "a file less", "a name"])
def test_another_state_of_the_repository_is_refused(news, change):
    name, *rest = NEWS
    changed = {
        "a word": {name: NEWS[name].replace("慢船", "快船")},
        "a file less": {},
        "a name": {"assets/2012/20120703.json": NEWS[name]},
    }
    offer(news, {n: NEWS[n] for n in rest} | changed[change])
    report = news.fetch()
    assert set(status(report).values()) == {"missing"}
    assert "are not those of commit 01234567" in report.states[next(iter(report.states))].why
    assert all(map(one_line, report_lines(report)))
    assert not news.folder.exists()
