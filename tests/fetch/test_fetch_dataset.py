"""A corpus from a Dataverse, by its DOI: a server of our own stands in for it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import Setting, one_line, snapshot
from hosts import LAKE, Answer, Away, Host
from test_fetch_verify import publish

from tifa.cli.fetch import report_lines
from tifa.data.files import read_table
from tifa.data.metadata import read_overlay
from tifa.features.extract import extract
from tifa.fetch import Hosts, Report
from tifa.sources.open import read
from tifa.util.errors import TifaError

DOI = "10.1234/LAKE"
SPEECHES = {
    "TXT/Session 07 - 1952/ALD_07_1952.txt": LAKE["alder-2001"],
    "TXT/Session 07 - 1952/BIR_07_1952.txt": LAKE["birch-2002"],
    "TXT/Session 08 - 1953/ALD_08_1953.txt": LAKE["birch-2002"].replace("geese", "swans"),
}
GOOD = dict.fromkeys(("ALD_07_1952", "ALD_08_1953", "BIR_07_1952"), "text")
NAME = "UNGDC_1952-1953.tar.gz"
BINARY = "application/gzip"


def archived(speeches: dict[str, str] = SPEECHES) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in {
            **speeches,
            "TXT/._ALD_07_1952.txt": "\0",
            "TXT/.DS_Store": "\0",
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    # without the time of day, so that its hash is the same a second later
    return gzip.compress(buffer.getvalue(), mtime=0)


def speakers(name: str = "Ms. Oar") -> bytes:
    book = openpyxl.Workbook()
    book.active.append(
        ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]
    )
    book.active.append([1952, 7, "ALD", "Alderland", name, "Ferry Minister"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@dataclass
class Sea(Away):
    """A corpus of three speeches; its features are there, its texts on a server."""

    sheet: bytes

    def offer(
        self,
        content: bytes,
        *answers: Answer,
        version: int = 13,
        md5: str | None = None,
        name: str = NAME,
        **more: Any,
    ) -> None:
        """Publish a version of the data set."""
        said = md5 or hashlib.md5(content, usedforsecurity=False).hexdigest()
        sheet = {"filename": "Speakers_by_session.tab", "id": 8, "md5": "of the table"}
        files = [
            {"dataFile": {"filename": name, "id": 7, "md5": said}},
            {"dataFile": {**sheet, "originalFileName": "Speakers_by_session.xlsx"}},
            {"dataFile": {"filename": "Raw_PDFs_1952-1953.tgz", "id": 9, "md5": "x"}},
        ]
        data = {"versionNumber": version, "versionMinorNumber": 0, "files": files, **more}
        answer = Answer(json.dumps({"data": data}).encode(), type="application/json")
        self.host.answers = {}
        base = "/api/datasets/:persistentId/versions"
        self.host.on(f"{base}/{version}.0", answer)
        self.host.on(f"{base}/:latest-published", answer)
        usual = Answer(content, type=BINARY, headers={"ETag": said}, ranges=True)
        self.host.on("/api/access/datafile/7", *(answers or (usual,)))
        self.host.on("/api/access/datafile/8", Answer(self.sheet, type="application/vnd.ms-excel"))

    def hosts(self) -> Hosts:
        return Hosts(dataverse=self.host.url)


@pytest.fixture
def sea(make_data: Callable[..., Setting], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sea]:
    setting = make_data(
        "sea",
        texts={},
        reader="ungdc",
        rights="public",
        ngrams=True,
        source="Made up, version 13 (a Monday)",
        defaults={"url": f"https://doi.org/{DOI}"},
    )
    (setting.source / NAME).write_bytes(archived())
    sheet = speakers()
    (setting.source / "Speakers_by_session.xlsx").write_bytes(sheet)
    published = publish(setting)
    shutil.rmtree(setting.texts)
    monkeypatch.setenv("TIFA_TEXTS", str(setting.texts))
    host = Host()
    sea = Sea(setting, published, host, sheet)
    sea.offer(archived())
    yield sea
    host.close()


def status(report: Report) -> dict[str, str]:
    return {d: s.status for d, s in sorted(report.states.items())}


def test_fetched_speeches_give_the_published_features(
    sea: Sea, capfd: pytest.CaptureFixture[str]
) -> None:
    report = sea.fetch()
    assert capfd.readouterr() == ("", "")
    assert (status(report), report.notes, report.complete) == (GOOD, [], True)
    asked = [r.path for r in sea.host.log]
    assert asked == [
        "/api/datasets/:persistentId/versions/13.0?persistentId=doi%3A10.1234%2FLAKE",
        "/api/access/datafile/7",
        "/api/access/datafile/8?format=original",
    ]
    overlay = read_overlay(sea.setting.overlay)
    tables = extract(read(sea.folder, overlay), overlay, sea.published.lexicon)
    for name, rows in tables.items():
        assert rows.equals(read_table(sea.setting.folder, name)), name
    assert {p.name for p in sea.folder.rglob("*.*")} == {
        *(f"{d}.txt" for d in GOOD),
        "Speakers_by_session.xlsx",
    }
    # what was unpacked is not kept twice, and a second run asks nobody
    assert not list(sea.root.rglob("*.tar.gz"))
    before = snapshot(sea.root)
    assert sea.fetch().complete
    assert (len(sea.host.log), snapshot(sea.root)) == (3, before)
    entry = json.loads((sea.root / ".fetch" / "sea.jsonl").read_text("utf-8").splitlines()[0])
    assert entry["source"].endswith("doi:10.1234/LAKE, version 13.0")
    assert (entry["file"], entry["documents"]) == (NAME, 3)
    assert entry["file_sha256"] == hashlib.sha256(archived()).hexdigest()


def test_the_store_of_the_files_may_be_another_host(sea: Sea) -> None:
    store = Host()
    there = store.on("/x", Answer(archived(), type=BINARY))
    sea.offer(archived(), Answer(b"", 303, headers={"Location": there}))
    assert sea.fetch().complete
    assert store.asked("/robots.txt") == 0
    store.close()


def test_an_interrupted_download_goes_on(sea: Sea) -> None:
    content = archived()
    headers = {"ETag": '"a"'}
    whole = Answer(content, type=BINARY, headers=headers, ranges=True)
    cut = Answer(content, type=BINARY, headers=headers, cut=500)
    sea.offer(content, cut, *[Answer(b"", 503)] * 4, whole)
    report = sea.fetch()
    assert set(status(report).values()) == {"missing"}
    assert "what came is kept" in "\n".join(report_lines(report))
    assert sea.fetch().complete
    ranges = [r.headers.get("Range") for r in sea.host.log if r.path.endswith("/7")]
    assert ranges[-1] == "bytes=500-"


def test_where_only_a_newer_version_is_there_it_is_said(sea: Sea) -> None:
    sea.offer(archived({"ALD_80_2025.txt": LAKE["alder-2001"]}), version=14)
    assert status(sea.fetch()) == dict.fromkeys(GOOD, "missing")
    sea.offer(archived(), version=14)
    report = sea.fetch()
    assert status(report) == GOOD
    assert "version 14.0, the features are from version 13" in report.notes[0]


def test_speeches_that_nobody_published_are_left_out(sea: Sea) -> None:
    sea.offer(archived({**SPEECHES, "TXT/Session 80 - 2025/ALD_80_2025.txt": "Boats."}))
    assert sea.fetch().complete
    assert not list(sea.folder.rglob("ALD_80*"))


def test_a_changed_speech_is_kept_aside(sea: Sea) -> None:
    name = "TXT/Session 08 - 1953/ALD_08_1953.txt"
    changed = SPEECHES[name].replace("mutual patience", "patience")
    sea.offer(archived({**SPEECHES, name: changed}))
    report = sea.fetch()
    assert status(report) == {**GOOD, "ALD_08_1953": "aside"}
    assert not report.complete
    asked = len(sea.host.log)
    assert status(sea.fetch()) == status(report)
    assert len(sea.host.log) == asked
    report = sea.fetch(accept=("ALD_08_1953",))
    assert status(report) == {**GOOD, "ALD_08_1953": "accepted"}
    assert (sea.folder / name).read_text("utf-8") == changed


def evil(name: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, text in SPEECHES.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/hosts"
        tar.addfile(info)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (evil("../../ALD_09_1954.txt"), "unsafe path"),
        (evil("/tmp/ALD_09_1954.txt"), "unsafe path"),
        (evil("TXT/ALD_09_1954.txt", tarfile.SYMTYPE), "link"),
        (evil("TXT/ALD_09_1954.txt", tarfile.CHRTYPE), "device"),
        (archived()[:-50], "not a whole archive"),
        (b"no archive", "not a whole archive"),
    ],
)
def test_an_archive_that_is_a_trap_gives_nothing(sea: Sea, content: bytes, said: str) -> None:
    sea.offer(content)
    report = sea.fetch()
    assert status(report) == dict.fromkeys(GOOD, "missing")
    line = next(n for n in report_lines(report) if n.startswith("missing"))
    assert said in line
    assert one_line(line)
    assert not sea.folder.exists()
    # the next run does not stumble over what this one unpacked
    sea.offer(archived())
    assert sea.fetch().complete


def test_a_file_that_is_not_the_one_announced(sea: Sea) -> None:
    sea.offer(archived(), md5="0" * 32)
    report = sea.fetch()
    assert "MD5 differs" in report.states["ALD_07_1952"].why
    assert not list(sea.root.rglob("*.gz*"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<p>Are you a robot?", 202), "answers 202"),
        (Answer(b"<p>Are you a robot?"), "is text/html; expected application/json"),
        (Answer(b"{}", type="application/json"), "not the answer of a Dataverse"),
        (Answer(b'{"data": {"files": [1]}}', type="application/json"), "not the answer"),
        (Answer(b'{"data": {"files": []}}', type="application/json"), "0 files look like"),
        (Answer(b"", 503), "answers 503"),
    ],
)
def test_odd_answers(sea: Sea, answer: Answer, said: str) -> None:
    sea.host.answers = {}
    for which in ("13.0", ":latest-published"):
        sea.host.on(f"/api/datasets/:persistentId/versions/{which}", answer)
    report = sea.fetch()
    assert said in report.states["ALD_07_1952"].why
    assert not report.complete


@pytest.mark.parametrize("name", ["../UNGDC_1.tgz", "/tmp/UNGDC_1.tgz", "UNGDC_1.tgz\0.txt", "x"])
def test_names_that_lead_astray(sea: Sea, name: str) -> None:
    sea.offer(archived(), name=name)
    assert "0 files look like the archive" in sea.fetch().states["ALD_07_1952"].why


def test_speakers_are_checked(sea: Sea) -> None:
    sea.sheet = speakers("Mr. Rudder")
    sea.offer(archived())
    report = sea.fetch()
    assert status(report) == GOOD
    assert "speaker or post differ from the published in 1 documents" in report.notes[0]
    (sea.folder / "Speakers_by_session.xlsx").unlink()
    assert "who spoke would stay empty" in sea.fetch().notes[0]


# --- an archive that somebody has ---------------------------------------------------------


@pytest.mark.parametrize("form", ["archive", "folder with archive", "folder", "zip"])
def test_what_somebody_has(sea: Sea, tmp_path: Path, form: str) -> None:
    mine = tmp_path / "mine" / "sea"
    mine.mkdir(parents=True)
    (mine / "Speakers_by_session.xlsx").write_bytes(sea.sheet)
    source = mine.parent
    if form == "folder":
        for name, text in SPEECHES.items():
            (mine / name).parent.mkdir(parents=True, exist_ok=True)
            (mine / name).write_text(text, "utf-8")
    elif form == "zip":
        with zipfile.ZipFile(mine / "dataverse_files.zip", "w") as archive:
            for name, text in SPEECHES.items():
                archive.writestr(name, text)
    else:
        (mine / NAME).write_bytes(archived())
        source = mine / NAME if form == "archive" else source
    report = sea.fetch(source)
    assert (status(report), report.complete) == (GOOD, True)
    assert sea.host.log == []


def test_an_archive_in_place_is_checked_as_it_is(sea: Sea) -> None:
    sea.folder.mkdir(parents=True)
    (sea.folder / NAME).write_bytes(archived())
    (sea.folder / "Speakers_by_session.xlsx").write_bytes(sea.sheet)
    before = snapshot(sea.root)
    assert sea.fetch().complete
    assert snapshot(sea.root) == before
    del (speeches := dict(SPEECHES))["TXT/Session 07 - 1952/BIR_07_1952.txt"]
    (sea.folder / NAME).write_bytes(archived(speeches))
    with pytest.raises(TifaError, match="1 of the published speeches are missing here") as error:
        sea.fetch()
    assert one_line(str(error.value))
    assert sea.host.log == []
    # as it says: moved elsewhere, and brought
    (sea.folder / NAME).rename(sea.root / NAME)
    report = sea.fetch(sea.root / NAME)
    assert status(report) == {**GOOD, "BIR_07_1952": "missing"}
    assert sea.fetch().complete
