"""``tifa fetch`` as a whole: pages, the Wayback Machine, folders; what is kept and said."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from conftest import Ran, Setting, one_line, snapshot
from hosts import LAKE, Answer, Away, Host, page
from test_fetch_verify import publish

from tifa.cli.fetch import report_lines
from tifa.data import files as store
from tifa.data.files import read_table
from tifa.data.metadata import read_overlay
from tifa.features.extract import extract
from tifa.fetch import Client, Hosts, Report, Wayback, fetch_corpus
from tifa.fetch.shelf import note, put
from tifa.sources.open import read
from tifa.util.errors import TifaError

ALDER, BIRCH = LAKE["alder-2001"], LAKE["birch-2002"]
DATES = {"alder-2001": "2001-05-06", "birch-2002": "2002-07-08"}
PREFIX = "crawled 2001-05-06 "


class Lake(Away):
    """A corpus of two pages of a host; its features are there, its texts are not."""

    def hosts(self) -> Hosts:
        return Hosts(Wayback(self.host.url, self.host.url), self.host.url)

    def serve(self, doc_id: str, *answers: Answer) -> None:
        self.host.on(f"/{doc_id}.html", *answers)

    def kept(self, doc_id: str, *answers: Answer, stamp: str = "20010507") -> None:
        """What the Wayback Machine has."""
        found = {"closest": {"available": True, "timestamp": stamp, "url": "http://evil.example/"}}
        content = json.dumps({"archived_snapshots": found}).encode()
        self.host.on("/wayback/available", Answer(content, type="application/json"))
        self.host.on(f"/web/{stamp}id_/{self.host.url}/{doc_id}.html", *answers)

    def journal(self) -> list[dict[str, object]]:
        lines = (self.root / ".fetch" / "lake.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]


def status(report: Report) -> dict[str, str]:
    return {d: s.status for d, s in report.states.items()}


GOOD = {"alder-2001": "text", "birch-2002": "text"}


@pytest.fixture
def host() -> Iterator[Host]:
    started = Host()
    yield started
    started.close()


@pytest.fixture
def lake(make_data: Callable[..., Setting], host: Host, monkeypatch: pytest.MonkeyPatch) -> Lake:
    fields = {
        d: {"date": DATES[d], "url": f"{host.url}/{d}.html", "title": d.title()} for d in LAKE
    }
    fields["alder-2001"]["remove_prefix"] = PREFIX
    texts = {**LAKE, "alder-2001": PREFIX + ALDER}
    setting = make_data(texts=texts, documents=fields, one_event=True)
    published = publish(setting)
    shutil.rmtree(setting.texts)
    monkeypatch.setenv("TIFA_TEXTS", str(setting.texts))
    for doc_id, text in LAKE.items():
        host.on(f"/{doc_id}.html", Answer(page(text)))
    return Lake(setting, published, host)


# --- pages --------------------------------------------------------------------------------


def test_fetched_texts_give_the_published_features(lake: Lake) -> None:
    report = lake.fetch()
    assert (status(report), report.complete) == (GOOD, True)
    overlay = read_overlay(lake.setting.overlay)
    tables = extract(read(lake.folder, overlay), overlay, lake.published.lexicon)
    for name, rows in tables.items():
        assert rows.equals(read_table(lake.setting.folder, name)), name
    entries = lake.journal()
    assert [e["doc_id"] for e in entries] == ["alder-2001", "birch-2002"]
    assert entries[0]["source"] == f"{lake.host.url}/alder-2001.html"
    assert entries[0]["sha256"] == lake.published.hashes["alder-2001"]
    assert "ferry" not in json.dumps(entries)


def test_what_is_right_is_not_fetched_again(lake: Lake) -> None:
    lake.fetch()
    before, asked = snapshot(lake.root), len(lake.host.log)
    report = lake.fetch()
    assert (report.complete, len(lake.host.log)) == (True, asked)
    assert snapshot(lake.root) == before
    (lake.folder / "birch-2002.txt").unlink()
    assert lake.fetch().complete
    assert [r.path for r in lake.host.log[asked:]] == ["/robots.txt", "/birch-2002.html"]


def test_a_changed_text_waits_for_the_user(lake: Lake) -> None:
    changed = ALDER.replace("apples", "pears")
    lake.serve("alder-2001", Answer(page(changed)))
    report = lake.fetch()
    assert status(report) == {**GOOD, "alder-2001": "aside"}
    assert not report.complete
    assert not (lake.folder / "alder-2001.txt").exists()
    aside = lake.root / "aside" / "lake" / "alder-2001.txt"
    assert "pears, rope and a piano" in aside.read_text("utf-8")
    said = "\n".join(report_lines(report))
    assert "1 of 2 verified" in said
    assert "--accept alder-2001" in said
    assert "differing in" in said
    # nobody is asked again while it waits
    asked = len(lake.host.log)
    assert status(lake.fetch()) == status(report)
    assert len(lake.host.log) == asked
    # its file is deleted: asked again
    aside.unlink()
    lake.serve("alder-2001", Answer(page(ALDER)))
    assert lake.fetch().complete


def test_accepting(lake: Lake) -> None:
    changed = ALDER.replace("apples", "pears")
    lake.serve("alder-2001", Answer(page(changed)))
    lake.fetch()
    report = lake.fetch(accept=("alder-2001",))
    assert status(report) == {**GOOD, "alder-2001": "accepted"}
    assert report.complete
    assert "2 of 2 verified or accepted (1)" in report_lines(report)[0]
    assert (lake.folder / "alder-2001.txt").read_text("utf-8").startswith(PREFIX)
    assert not (lake.root / "aside" / "lake" / "alder-2001.txt").exists()
    assert lake.journal()[-1]["status"] == "accepted"
    assert lake.fetch().complete
    # accepted is this text, not whatever comes to lie there
    path = lake.folder / "alder-2001.txt"
    path.write_text(path.read_text("utf-8").replace("pears", "plums"), "utf-8")
    lake.serve("alder-2001", Answer(b"", 404))
    assert status(lake.fetch())["alder-2001"] == "differs"


@pytest.mark.parametrize(
    ("doc_id", "said"), [("nobody", "no document"), ("birch-2002", "is missing")]
)
def test_there_must_be_something_to_accept(lake: Lake, doc_id: str, said: str) -> None:
    with pytest.raises(TifaError, match=said):
        lake.fetch(accept=(doc_id,))
    assert not lake.root.exists()
    lake.fetch()
    with pytest.raises(TifaError, match="right already"):
        lake.fetch(accept=("birch-2002",))


def test_one_wish_at_a_time(lake: Lake, tmp_path: Path) -> None:
    lake.serve("alder-2001", Answer(page(BIRCH)))
    lake.fetch()
    with pytest.raises(TifaError, match="one of them at a time"):
        lake.fetch(tmp_path, accept=("alder-2001",))


def test_same_features_are_said_to_be_just_that(lake: Lake) -> None:
    lake.serve("alder-2001", Answer(page(ALDER.replace("ferry; without", "ferry: without"))))
    report = lake.fetch()
    assert status(report) == {**GOOD, "alder-2001": "features"}
    assert report.complete
    assert "same features, other text: alder-2001" in "\n".join(report_lines(report))


# --- the Wayback Machine ------------------------------------------------------------------


@pytest.mark.parametrize(
    "live",
    [
        Answer(b"", 404),
        Answer(b"", 503),
        Answer(page(LAKE["birch-2002"])),
        Answer(b"%PDF", type="application/pdf"),
        Answer(b"", 302, headers={"Location": "file:///etc/hosts"}),
        Answer(b"<html></html>"),
        Answer(page("x" * 6_000_000)),
        Answer(page(ALDER), cut=700),
    ],
)
def test_the_wayback_machine_stands_in(lake: Lake, live: Answer) -> None:
    lake.serve("alder-2001", live)
    lake.kept("alder-2001", Answer(page(ALDER)))
    report = lake.fetch()
    assert (status(report), report.complete) == (GOOD, True)
    asked = next(r.path for r in lake.host.log if r.path.startswith("/wayback"))
    assert "timestamp=20010506" in asked
    assert "/web/20010507id_/" in str(lake.journal()[0]["source"])
    # what the answer names as address is not followed
    assert not any("evil" in r.path for r in lake.host.log)


def test_forbidden_by_the_host_but_kept_elsewhere(lake: Lake) -> None:
    rules = b"User-agent: *\nDisallow: /alder\n"
    lake.host.on("/robots.txt", Answer(rules, type="text/plain"))
    lake.kept("alder-2001", Answer(page(ALDER)))
    assert lake.fetch().complete
    assert lake.host.asked("/alder-2001.html") == 0


def test_neither_here_nor_there(lake: Lake) -> None:
    lake.serve("alder-2001", Answer(b"", 404))
    none = Answer(b'{"archived_snapshots": {}}', type="application/json")
    lake.host.on("/wayback/available", none)
    report = lake.fetch()
    assert status(report) == {**GOOD, "alder-2001": "missing"}
    line = next(n for n in report_lines(report) if n.startswith("missing"))
    assert "answers 404" in line
    assert "the Wayback Machine has no copy" in line


@pytest.mark.parametrize(
    "answer",
    [
        b"no json",
        b"[]",
        b'{"archived_snapshots": {"closest": {"available": true, "timestamp": "../../x"}}}',
        b'{"archived_snapshots": {"closest": {"available": "no", "timestamp": "2001"}}}',
        b"[" * 100_000,
    ],
)
def test_odd_answers_of_the_wayback_machine(lake: Lake, answer: bytes) -> None:
    lake.serve("alder-2001", Answer(b"", 404))
    lake.host.on("/wayback/available", Answer(answer, type="application/json"))
    assert "has no copy" in lake.fetch().states["alder-2001"].why


def test_of_two_that_differ_the_likest_is_kept(lake: Lake) -> None:
    lake.serve("alder-2001", Answer(page(BIRCH)))
    lake.kept("alder-2001", Answer(page(ALDER.replace("apples", "pears"))))
    assert status(lake.fetch())["alder-2001"] == "aside"
    aside = lake.root / "aside" / "lake" / "alder-2001.txt"
    assert "pears" in aside.read_text("utf-8")


# --- texts that somebody has --------------------------------------------------------------


def test_a_folder_is_checked_and_taken(lake: Lake, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "deep").mkdir(parents=True)
    (mine / "deep" / "Boats, saved on Monday.html").write_bytes(page(ALDER))
    (mine / "geese.txt").write_bytes(b"\xef\xbb\xbf" + BIRCH.replace("\n", "\r\n").encode())
    report = lake.fetch(mine)
    assert (status(report), report.complete) == (GOOD, True)
    assert lake.host.log == []
    overlay = read_overlay(lake.setting.overlay)
    assert [d.doc_id for d in read(lake.folder, overlay)] == list(LAKE)


def test_what_cannot_be_used_is_named(lake: Lake, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "alder-2001.txt").write_text(ALDER, "utf-8")
    (mine / "birch-2002.txt").write_bytes(b"PK\x03\x04\x00\x00")
    (mine / "latin.txt").write_bytes("Café".encode("latin-1"))
    (mine / "empty.txt").write_text(" ", "utf-8")
    (mine / "recipe.txt").write_text("Take two eggs and some flour.", "utf-8")
    (mine / "gone.txt").symlink_to(mine / "nowhere")
    report = lake.fetch(mine)
    assert status(report) == {**GOOD, "birch-2002": "missing"}
    assert not report.complete
    said = "\n".join(report.passed_over)
    for words in ("NUL bytes", "not UTF-8", "holds no word", "recipe.txt: like none"):
        assert words in said
    assert all(map(one_line, report_lines(report)))


def test_a_text_under_another_name_that_nearly_fits(lake: Lake, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    nearly = "My own copy\n\n" + BIRCH.replace("geese", "swans")
    (mine / "notes.txt").write_text(nearly, "utf-8")
    report = lake.fetch(mine)
    assert (lake.root / "aside" / "lake" / "birch-2002.txt").read_text("utf-8") == nearly
    assert status(report) == {"alder-2001": "missing", "birch-2002": "aside"}


def test_the_best_of_several_files_counts(lake: Lake, tmp_path: Path) -> None:
    for order in ("ab", "ba"):
        mine = tmp_path / order
        mine.mkdir()
        for name, text in zip(order, (BIRCH, BIRCH.replace("geese", "swans")), strict=True):
            (mine / f"{name}.txt").write_text(text, "utf-8")
        assert status(lake.fetch(mine))["birch-2002"] == "text"
        shutil.rmtree(lake.root)


def test_a_folder_that_holds_several_corpora(lake: Lake, tmp_path: Path) -> None:
    for corpus, text in (("lake", BIRCH), ("sea", ALDER)):
        (tmp_path / "all" / corpus).mkdir(parents=True)
        (tmp_path / "all" / corpus / "x.txt").write_text(text, "utf-8")
    assert status(lake.fetch(tmp_path / "all")) == {**GOOD, "alder-2001": "missing"}
    with pytest.raises(TifaError, match="no such folder"):
        lake.fetch(tmp_path / "none")


def test_a_wrong_text_in_place_makes_room_and_is_kept(lake: Lake) -> None:
    lake.folder.mkdir(parents=True)
    mine = lake.folder / "birch-2002.txt"
    mine.write_text(BIRCH.replace("geese", "swans"), "utf-8")
    assert lake.fetch().complete
    assert "geese" in mine.read_text("utf-8")
    before = lake.root / "aside" / "lake" / "birch-2002.before.txt"
    assert "swans" in before.read_text("utf-8")


def test_nothing_that_lay_there_is_lost(lake: Lake) -> None:
    lake.folder.mkdir(parents=True)
    mine = lake.folder / "birch-2002.txt"
    for content in (b"\0 no text", "Mañana".encode("latin-1"), b"Another text.", b"\0 no text"):
        mine.write_bytes(content)
        report = lake.fetch()
        assert (status(report), report.complete) == (GOOD, True)
        assert "geese" in mine.read_text("utf-8")
    kept = lake.root / "aside" / "lake"
    assert {p.name: p.read_bytes() for p in kept.iterdir()} == {
        "birch-2002.before.txt": b"\0 no text",
        "birch-2002.before-2.txt": "Mañana".encode("latin-1"),
        "birch-2002.before-3.txt": b"Another text.",
    }


def test_accepting_what_only_lacks_its_beginning(lake: Lake) -> None:
    lake.folder.mkdir(parents=True)
    mine = lake.folder / "alder-2001.txt"
    mine.write_text(ALDER.replace("apples", "pears"), "utf-8")
    lake.serve("alder-2001", Answer(b"", 404))
    report = lake.fetch()
    assert status(report) == {**GOOD, "alder-2001": "differs"}
    assert lake.fetch(accept=("alder-2001",)).complete
    assert mine.read_text("utf-8").startswith(PREFIX)
    overlay = read_overlay(lake.setting.overlay)
    assert len(list(read(lake.folder, overlay))) == 2


def test_a_wrong_text_in_place_stays_until_there_is_a_better(lake: Lake) -> None:
    lake.folder.mkdir(parents=True)
    mine = lake.folder / "birch-2002.txt"
    mine.write_text(BIRCH.replace("geese", "swans"), "utf-8")
    lake.serve("birch-2002", Answer(b"", 404))
    report = lake.fetch()
    assert status(report)["birch-2002"] == "differs"
    assert "swans" in mine.read_text("utf-8")
    assert "differs: birch-2002" in "\n".join(report_lines(report))
    assert lake.fetch(accept=("birch-2002",)).complete


def test_a_text_without_what_the_reader_expects_before_it(lake: Lake, tmp_path: Path) -> None:
    lake.folder.mkdir(parents=True)
    (lake.folder / "alder-2001.txt").write_text(ALDER, "utf-8")
    assert lake.fetch().complete
    assert (lake.folder / "alder-2001.txt").read_text("utf-8") == PREFIX + ALDER


def test_brought_texts_are_checked_though_all_is_there(lake: Lake, tmp_path: Path) -> None:
    lake.fetch()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "birch-2002.txt").write_text(BIRCH, "utf-8")
    (mine / "recipe.txt").write_text("Take two eggs and some flour.", "utf-8")
    before = snapshot(lake.root)
    assert lake.fetch(mine).complete
    (mine / "birch-2002.txt").write_text(BIRCH.replace("geese", "swans"), "utf-8")
    report = lake.fetch(mine)
    assert (status(report), report.complete) == (GOOD, False)
    assert "birch-2002 as brought" in "\n".join(report_lines(report))
    assert snapshot(lake.root) == before


def test_texts_that_nobody_published(lake: Lake) -> None:
    lake.fetch()
    (lake.folder / "cedar-2003.txt").write_text("Nothing of note happened.", "utf-8")
    report = lake.fetch()
    assert not report.complete
    assert "1 texts in" in report.notes[0]
    assert "cedar-2003.txt" in report.notes[0]


def test_without_addresses_titles_are_said(
    make_data: Callable[..., Setting], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setting = make_data(texts=LAKE)
    listing = "doc_id,date,title\nalder-2001,2001-05-06,Slow boats\nbirch-2002,2002,Geese\n"
    (setting.source / "documents.csv").write_text(listing, "utf-8")
    publish(setting)
    setting.texts.rename(tmp_path / "mine")
    monkeypatch.setenv("TIFA_TEXTS", str(setting.texts))
    no_network = Client(timeout=(0.001, 0.001))
    report = fetch_corpus("lake", data=setting.data, client=no_network)
    said = report_lines(report)
    assert not report.complete
    assert "2001-05-06 Slow boats [alder-2001]" in said
    assert any("tifa fetch lake --from" in line for line in said)
    assert not setting.texts.exists()
    (tmp_path / "mine" / "lake" / "documents.csv").unlink()
    report = fetch_corpus("lake", data=setting.data, source=tmp_path / "mine", client=no_network)
    assert report.complete
    # the list that the reader needs is made from what is published
    assert (setting.source / "documents.csv").read_text("utf-8") == listing
    got = list(read(setting.source, read_overlay(setting.overlay)))
    assert [d.fields["title"] for d in got] == ["Slow boats", "Geese"]


# --- places -------------------------------------------------------------------------------


def test_full_texts_are_not_put_where_git_looks(lake: Lake) -> None:
    lake.root.mkdir()
    subprocess.run(["git", "init", "--quiet", lake.root], check=True)
    with pytest.raises(TifaError, match="git does not ignore"):
        lake.fetch()
    assert lake.host.log == []
    (lake.root / ".gitignore").write_text("*\n", "utf-8")
    assert lake.fetch().complete


def test_a_place_that_cannot_be_written(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    monkeypatch.setenv("TIFA_TEXTS", str(tmp_path / "file"))
    with pytest.raises(TifaError, match="cannot be written") as error:
        lake.fetch()
    assert one_line(str(error.value))
    assert lake.host.log == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_is_read_only(lake: Lake) -> None:
    lake.root.mkdir(mode=0o500)
    with pytest.raises(TifaError, match="cannot be written"):
        lake.fetch()
    assert lake.host.log == []


def test_right_texts_need_no_folder_that_can_be_written(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.fetch()
    shutil.rmtree(lake.root / ".fetch")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was written")

    for name in ("mkdir", "write_bytes", "write_text", "unlink", "rename", "replace", "touch"):
        monkeypatch.setattr(Path, name, refuse)
    assert lake.fetch().complete
    assert lake.fetch(lake.folder).complete
    monkeypatch.undo()
    assert not (lake.root / ".fetch").exists()


def test_a_journal_that_was_cut_off(lake: Lake) -> None:
    lake.fetch()
    path = lake.root / ".fetch" / "lake.jsonl"
    path.write_bytes(path.read_bytes()[:-20] + b"\xff\n[1]\nnull\n")
    assert lake.fetch().complete


def test_a_line_after_one_that_was_cut_off_is_not_lost(lake: Lake) -> None:
    lake.fetch()
    path = lake.root / ".fetch" / "lake.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    (lake.folder / "alder-2001.txt").unlink()
    assert lake.fetch().complete
    assert json.loads(path.read_text("utf-8").splitlines()[-1])["doc_id"] == "alder-2001"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_that_takes_half_a_line_of_the_journal(lake: Lake) -> None:
    import resource

    lake.fetch()
    path = lake.root / ".fetch" / "lake.jsonl"
    before = path.read_bytes()
    places = lake.fetch().shelf
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
        with pytest.raises(TifaError, match=r"lake\.jsonl: cannot be written"):
            note(places, doc_id="alder-2001", status="text")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert path.read_bytes() == before


def test_no_text_without_a_line_that_tells_its_source(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise TifaError("cannot be written")

    monkeypatch.setattr("tifa.fetch.run.note", full)
    with pytest.raises(TifaError, match="cannot be written"):
        lake.fetch()
    assert not lake.folder.exists()
    monkeypatch.undo()
    monkeypatch.setenv("TIFA_TEXTS", str(lake.root))
    assert lake.fetch().complete
    assert [e["doc_id"] for e in lake.journal()] == ["alder-2001", "birch-2002"]


def test_what_another_run_brought_meanwhile_is_not_kept_aside(lake: Lake) -> None:
    places = lake.fetch().shelf
    content = places.place("birch-2002").read_bytes()
    put(places, "birch-2002", content)
    assert not (lake.root / "aside").exists()
    put(places, "birch-2002", b"Another.\n")
    kept = lake.root / "aside" / "lake" / "birch-2002.before.txt"
    assert kept.read_bytes() == content


def test_corpora_that_cannot_be_checked(lake: Lake) -> None:
    overlay = yaml.safe_load(lake.setting.overlay.read_text("utf-8"))
    lake.setting.overlay.write_text(yaml.safe_dump({**overlay, "reader": "table"}), "utf-8")
    with pytest.raises(TifaError, match="read where you keep them"):
        lake.fetch()
    lake.setting.overlay.write_text(yaml.safe_dump(overlay), "utf-8")
    shutil.rmtree(lake.setting.folder)
    with pytest.raises(TifaError, match="nothing to check texts against"):
        lake.fetch()


# --- the command --------------------------------------------------------------------------


def command(lake: Lake, *options: str) -> list[str]:
    usual = ["--data", str(lake.setting.data), "--pause", "0", "--wayback", lake.host.url]
    return [sys.executable, "-m", "tifa.cli", "fetch", "lake", *usual, *options]


def start(lake: Lake) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(lake), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_exit_status_and_streams(lake: Lake, run_cli: Callable[..., Ran], tmp_path: Path) -> None:
    where = {"TIFA_TEXTS": str(lake.root)}
    usual = command(lake)[3:]
    lake.serve("alder-2001", Answer(page(ALDER.replace("apples", "pears"))))
    ran = run_cli(*usual, **where)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith(f"lake: 1 of 2 verified in {lake.folder}\n")
    ran = run_cli(*usual, "--accept", "alder-2001", **where)
    assert (ran.code, ran.err) == (0, "")
    ran = run_cli(*usual, "--from", tmp_path / "none", **where)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)


def test_killed_in_the_middle_and_run_again(lake: Lake) -> None:
    lake.serve("birch-2002", Answer(page(BIRCH), wait=30), Answer(page(BIRCH)))
    first = start(lake)
    until(lambda: lake.host.asked("/birch-2002.html") == 1)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=30)
    assert [p.name for p in lake.folder.iterdir()] == ["alder-2001.txt"]
    report = lake.fetch()
    assert (status(report), report.complete) == (GOOD, True)
    assert lake.host.asked("/alder-2001.html") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_two_at_once_and_stopped_by_hand(lake: Lake) -> None:
    lake.serve("birch-2002", Answer(page(BIRCH), wait=30), Answer(page(BIRCH)))
    first = start(lake)
    until(lambda: lake.host.asked("/birch-2002.html") == 1)
    asked = len(lake.host.log)
    with pytest.raises(TifaError, match="another tifa fetch works here"):
        lake.fetch()
    assert len(lake.host.log) == asked
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=30)
    assert (first.returncode, out) == (130, "")
    assert "stopped; no file is half-written" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert lake.fetch().complete


def test_where_the_file_system_knows_no_locks(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(store.fcntl, "flock", unknown)
    assert lake.fetch().complete
