"""``tifa fetch`` for single texts: pages, the Wayback Machine, folders, messages."""

import gc
import json
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml
from away import LAKE, Away, page, publish, status
from conftest import DATA, Ran, extract_setting, one_line, refusal, run_apart, snapshot, written
from hosts import Answer

from tifa.cli.fetch import report_lines
from tifa.data.files import read_table
from tifa.data.metadata import read_overlay
from tifa.fetch import Client, Hosts, fetch_corpus
from tifa.sources.open import read

ALDER, BIRCH = LAKE["alder-2001"], LAKE["birch-2002"]
DATES = {"alder-2001": "2001-05-06", "birch-2002": "2002-07-08"}
PREFIX = "crawled 2001-05-06 "


class Lake(Away):
    """A corpus of two pages of a host, with features but without texts."""

    def hosts(self):
        return Hosts(*[self.host.url] * 3)

    @property
    def aside(self):
        """Where a fetched text that differs from the features is kept."""
        return self.root / "aside" / "lake" / "alder-2001.txt"

    def serve(self, doc_id, *answers):
        self.host.on(f"/{doc_id}.html", *answers)

    def kept(self, doc_id, *answers, stamp="20010507"):
        """Set the copy that the Wayback Machine has."""
        found = {"closest": {"available": True, "timestamp": stamp, "url": "http://evil.example/"}}
        content = json.dumps({"archived_snapshots": found}).encode()
        self.host.on("/wayback/available", Answer(content, type="application/json"))
        self.host.on(f"/web/{stamp}id_/{self.host.url}/{doc_id}.html", *answers)


GOOD = {"alder-2001": "text", "birch-2002": "text"}


@pytest.fixture
def lake(make_data, host, monkeypatch):
    fields = {d: {"date": day, "url": f"{host.url}/{d}.html"} for d, day in DATES.items()}
    fields["alder-2001"]["remove_prefix"] = PREFIX
    texts = {**LAKE, "alder-2001": PREFIX + ALDER}
    setting = make_data(texts=texts, documents=fields, one_event=True)
    for doc_id, text in LAKE.items():
        host.on(f"/{doc_id}.html", Answer(page(text)))
    return Lake.of(setting, host, monkeypatch)


# --- pages --------------------------------------------------------------------------------


def test_fetched_texts_reproduce_the_published_features(lake):
    report = lake.fetch()
    assert (status(report), report.complete) == (GOOD, True)
    for name, rows in extract_setting(lake.setting).items():
        assert rows.equals(read_table(lake.setting.folder, name)), name
    # correct files are not fetched again
    before, asked = snapshot(lake.root), len(lake.host.log)
    report = lake.fetch()
    assert (report.complete, len(lake.host.log)) == (True, asked)
    assert snapshot(lake.root) == before
    (lake.folder / "birch-2002.txt").unlink()
    assert lake.fetch().complete
    assert [r.path for r in lake.host.log[asked:]] == ["/robots.txt", "/birch-2002.html"]


def test_a_changed_text_waits_for_the_user(lake):
    lake.serve("alder-2001", Answer(page(ALDER.replace("apples", "pears"))))
    report = lake.fetch()
    assert (status(report), report.complete) == ({**GOOD, "alder-2001": "differs"}, False)
    place = lake.folder / "alder-2001.txt"
    assert not place.exists()
    assert "pears, rope and a piano" in lake.aside.read_text("utf-8")
    said = "\n".join(report_lines(report))
    assert f"read {lake.aside}; to use it all the same, move it to {place}" in said
    assert "differing in" in said
    # nothing is requested again while the file waits for the user's decision
    asked = len(lake.host.log)
    assert status(lake.fetch()) == status(report)
    assert len(lake.host.log) == asked
    lake.aside.unlink()
    lake.serve("alder-2001", Answer(page(ALDER)))
    assert lake.fetch().complete


def test_equal_features_are_reported_as_such(lake):
    lake.serve("alder-2001", Answer(page(ALDER.replace("ferry; without", "ferry: without"))))
    report = lake.fetch()
    assert (status(report), report.complete) == ({**GOOD, "alder-2001": "features"}, True)
    assert "same features, other text: alder-2001" in "\n".join(report_lines(report))


# --- the Wayback Machine ------------------------------------------------------------------


@pytest.mark.parametrize(
    "live",
    [Answer(b"", 404), Answer(page(BIRCH)), Answer(b"<html></html>"), Answer(b"<p a " * 80_000)],
)
def test_the_wayback_machine_replaces_a_missing_page(lake, live):
    lake.serve("alder-2001", live)
    lake.kept("alder-2001", Answer(page(ALDER)))
    report = lake.fetch()
    assert (status(report), report.complete) == (GOOD, True)
    asked = next(r.path for r in lake.host.log if r.path.startswith("/wayback"))
    assert "timestamp=20010506" in asked
    assert any(r.path.startswith("/web/20010507id_/") for r in lake.host.log)
    # the address in the answer is not used
    assert not any("evil" in r.path for r in lake.host.log)


def test_a_page_forbidden_by_the_host_comes_from_the_archive(lake):
    rules = b"User-agent: *\nDisallow: /alder\n"
    lake.host.on("/robots.txt", Answer(rules, type="text/plain"))
    lake.kept("alder-2001", Answer(page(ALDER)))
    assert lake.fetch().complete
    assert lake.host.asked("/alder-2001.html") == 0


@pytest.mark.parametrize(
    "answer",
    [
        b'{"archived_snapshots": {}}',
        b"no json",
        b'{"archived_snapshots": {"closest": {"available": true, "timestamp": "../../x"}}}',
        b'{"archived_snapshots": {"closest": {"available": "no", "timestamp": "2001"}}}',
        b"[" * 100_000,
    ],
)
def test_neither_here_nor_there(lake, answer):
    gc.collect()  # as in test_dataset.test_odd_answers
    lake.serve("alder-2001", Answer(b"", 404))
    lake.host.on("/wayback/available", Answer(answer, type="application/json"))
    report = lake.fetch()
    assert status(report) == {**GOOD, "alder-2001": "missing"}
    line = next(n for n in report_lines(report) if n.startswith("missing"))
    assert "answers 404" in line and "the Wayback Machine has no copy" in line


def test_the_closer_of_two_different_texts_is_kept(lake):
    lake.serve("alder-2001", Answer(page(BIRCH)))
    lake.kept("alder-2001", Answer(page(ALDER.replace("apples", "pears"))))
    assert status(lake.fetch())["alder-2001"] == "differs"
    assert "pears" in lake.aside.read_text("utf-8")


# --- texts that somebody has --------------------------------------------------------------


def test_a_folder_of_texts_is_checked_and_imported(lake, tmp_path):
    geese = b"\xef\xbb\xbf" + BIRCH.replace("\n", "\r\n").encode()
    files = {"deep/Boats, saved on Monday.html": page(ALDER), "geese.txt": geese, "z.txt": ALDER}
    report = lake.fetch(written(tmp_path / "mine", files))
    assert (status(report), report.complete) == (GOOD, True)
    assert lake.host.log == []
    overlay = read_overlay(lake.setting.overlay)
    assert [d.doc_id for d in read(lake.folder, overlay)] == list(LAKE)


def test_unusable_files_are_reported(lake, tmp_path):
    files = {
        "alder-2001.txt": ALDER,
        "birch-2002.txt": b"PK\x03\x04\x00\x00",
        "latin.txt": "Café".encode("latin-1"),
        "empty.txt": " ",
        "recipe.txt": "Take two eggs and some flour.",
    }
    mine = written(tmp_path / "mine", files)
    (mine / "gone.txt").symlink_to(mine / "nowhere")
    report = lake.fetch(mine)
    assert status(report) == {**GOOD, "birch-2002": "missing"}
    assert not report.complete
    said = "\n".join(report.passed_over)
    for words in ("NUL bytes", "not UTF-8", "contains no word", "recipe.txt: like none"):
        assert words in said
    assert all(map(one_line, report_lines(report)))


def test_a_text_under_another_name_that_nearly_fits(lake, tmp_path):
    nearly = "My own copy\n\n" + BIRCH.replace("geese", "swans")
    mine = written(tmp_path / "mine", {"notes.txt": nearly})
    report = lake.fetch(mine)
    assert status(report) == {"alder-2001": "missing", "birch-2002": "differs"}
    said = "\n".join(report_lines(report))
    assert f"read {mine / 'notes.txt'}; to use it all the same, move it to" in said
    assert not lake.folder.exists()


def test_a_folder_with_several_corpora(lake, tmp_path):
    every = written(tmp_path / "all", {"lake/x.txt": BIRCH, "sea/x.txt": ALDER})
    assert status(lake.fetch(every)) == {**GOOD, "alder-2001": "missing"}


def test_existing_files_are_never_overwritten(lake, tmp_path):
    content = BIRCH.replace("geese", "swans")
    place = written(lake.folder, {"birch-2002.txt": content}) / "birch-2002.txt"
    report = lake.fetch()
    assert (status(report), report.complete) == ({**GOOD, "birch-2002": "differs"}, False)
    assert f"read {place}" in "\n".join(report_lines(report))
    mine = written(tmp_path / "mine", {"b.txt": BIRCH})
    report = lake.fetch(mine)
    assert f"remove {place} and run this again" in report.notes[0]
    assert place.read_text("utf-8") == content
    place.unlink()
    assert lake.fetch(mine).complete


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("alder-2001", ALDER, "expected to begin with"),
        ("cedar-2003", "Nothing of note happened.", "1 texts in"),
    ],
)
def test_texts_without_their_prefix_and_texts_that_nobody_published(lake, name, text, said):
    written(lake.folder, {f"{name}.txt": text})
    report = lake.fetch()
    assert not report.complete
    assert said in report.notes[0] and f"{name}.txt" in report.notes[0]


def test_links_without_an_address_show_titles(make_data, monkeypatch, tmp_path):
    setting = make_data(texts=LAKE)
    listing = "doc_id,date,title\nalder-2001,2001-05-06,Slow boats\nbirch-2002,2002,Geese\n"
    written(setting.source, {"documents.csv": listing})
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
    # the listing for the reader is made from the published table
    assert (setting.source / "documents.csv").read_text("utf-8") == listing
    got = list(read(setting.source, read_overlay(setting.overlay)))
    assert [d.fields["title"] for d in got] == ["Slow boats", "Geese"]


# --- places -------------------------------------------------------------------------------


def test_full_texts_are_never_saved_where_git_would_track_them(lake):
    lake.root.mkdir()
    subprocess.run(["git", "init", "--quiet", lake.root], check=True)
    with refusal("git does not ignore"):
        lake.fetch()
    assert lake.host.log == []
    (lake.root / ".gitignore").write_text("*\n", "utf-8")
    assert lake.fetch().complete


def test_a_place_that_cannot_be_written(lake, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way", "utf-8")
    monkeypatch.setenv("TIFA_TEXTS", str(tmp_path / "file"))
    with refusal("cannot be written"):
        lake.fetch()
    assert lake.host.log == []


def test_corpora_that_cannot_be_checked(lake):
    overlay = yaml.safe_load(lake.setting.overlay.read_text("utf-8"))
    lake.setting.overlay.write_text(yaml.safe_dump({**overlay, "reader": "table"}), "utf-8")
    with refusal("no address to fetch the texts"):
        lake.fetch()
    lake.setting.overlay.write_text(yaml.safe_dump(overlay), "utf-8")
    shutil.rmtree(lake.setting.folder)
    with refusal("nothing to check texts against"):
        lake.fetch()


# --- the command --------------------------------------------------------------------------


def command(lake, *options):
    usual = ["--data", str(lake.setting.data), "--pause", "0", "--wayback", lake.host.url]
    return [sys.executable, "-m", "tifa.cli", "fetch", "lake", *usual, *options]


def test_exit_status_and_streams(lake, run_cli, tmp_path):
    where = {"TIFA_TEXTS": str(lake.root)}
    usual = command(lake)[3:]
    lake.serve("alder-2001", Answer(b"", 404))
    ran = run_cli(*usual, **where)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith(f"lake: 1 of 2 verified in {lake.folder}\n")
    lake.serve("alder-2001", Answer(page(ALDER)))
    assert run_cli(*usual, **where).code == 0
    assert run_cli(*usual, "--from", tmp_path / "none", **where).refusal


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_and_run_again(lake, stop):
    lake.serve("birch-2002", Answer(page(BIRCH), wait=30), Answer(page(BIRCH)))
    first = subprocess.Popen(
        command(lake), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    limit = time.monotonic() + 60
    while not lake.host.asked("/birch-2002.html"):
        assert time.monotonic() < limit
        time.sleep(0.02)
    # a second run at the same time is refused
    asked = len(lake.host.log)
    with refusal("another tifa fetch works here"):
        lake.fetch()
    assert len(lake.host.log) == asked
    first.send_signal(stop)
    out, err = first.communicate(timeout=30)
    if stop == signal.SIGINT:
        assert (first.returncode, out) == (130, "")
        assert "stopped; no file is half-written" in err.splitlines()[-1]
        assert "Traceback" not in err
    assert [p.name for p in lake.folder.iterdir()] == ["alder-2001.txt"]
    report = lake.fetch()
    assert (status(report), report.complete) == (GOOD, True)
    assert lake.host.asked("/alder-2001.html") == 1


def test_a_missing_package_is_named(lake):
    code = "import sys; sys.modules['protego'] = None; from tifa.cli import main; main()"
    done = run_apart(sys.executable, "-c", code, *command(lake)[3:])
    said = Ran(done.returncode, done.stdout, done.stderr).refusal
    assert "needs the package protego" in said and 'extra "fetch"' in said


@pytest.mark.texts
def test_a_copy_of_the_reports_is_verified(texts, run_cli, tmp_path):
    shutil.copytree(texts / "briefing", tmp_path / "copy" / "briefing")
    held = {"TIFA_TEXTS": str(tmp_path / "held"), "TIFA_DATA": str(DATA)}
    ran = run_cli("fetch", "briefing", "--from", tmp_path / "copy", **held)
    assert ran.code == 0, ran.err
    assert "briefing: all 2 of 2 verified" in ran.out
    assert "same text: 2" in ran.out
    for path in (texts / "briefing").glob("*.txt"):
        held_text = (tmp_path / "held" / "briefing" / path.name).read_text("utf-8")
        assert held_text.strip() == path.read_text("utf-8").strip()
