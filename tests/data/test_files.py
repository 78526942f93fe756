"""Tables as files: written completely or not at all."""

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from conftest import refusal, snapshot, written

from tifa.data.files import only_writer, read_table, to_bytes, write_corpus, write_file
from tifa.data.schema import CSV_ROWS, TABLES, file_name
from tifa.util.disk import listed, read_bytes

FRAMES = TABLES["frames"]


def rows(n=2, value=1):
    names = [f"d{i:06d}" for i in range(n)]
    return FRAMES.tidy(pl.DataFrame({"doc_id": names, "frame": "health", "sentences": value}))


def test_what_cannot_be_read_is_named(tmp_path):
    file = tmp_path / "b.csv"
    for name in ("b.csv", "a.csv", ".hidden"):
        (tmp_path / name).touch()
    assert [p.name for p in listed(tmp_path)] == ["a.csv", "b.csv"]
    assert listed(tmp_path / "none") == []
    with refusal("b.csv: cannot be listed: "):
        listed(file)
    with refusal(f"{tmp_path.name}: cannot be read: "):
        read_bytes(tmp_path)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("large", [False, True])
def test_a_written_table_can_be_read_again(tmp_path, name, large):
    table = TABLES[name]
    n = CSV_ROWS + 1 if large else 3
    texts = ["plain", 'with, comma and "quote"', "é", "NA", "true", "1", "x\ny"]
    of_kind = {
        "string": [f"{texts[i % len(texts)]}{i:05d}" for i in range(n)],
        "integer": list(range(n)),
        "number": [round(i / 7, 4) for i in range(n)],
        "boolean": [i % 2 == 0 for i in range(n)],
    }
    frame = table.tidy(pl.DataFrame({c: of_kind[d.kind] for c, d in table.columns.items()}))
    optional = pl.exclude(table.key)
    frame = frame.with_columns(pl.when(pl.int_range(pl.len()) != 1).then(optional))
    (path,) = write_corpus(tmp_path / "lake", {name: frame})
    assert path.name == file_name(table, n)
    assert read_table(tmp_path / "lake", name).equals(frame)


def test_the_format_depends_on_the_size_and_csv_is_plain():
    content = to_bytes(FRAMES, rows())[1]
    assert content == b"doc_id,frame,sentences\nd000000,health,1\nd000001,health,1\n"
    assert to_bytes(FRAMES, rows(CSV_ROWS))[0] == "frames.csv"
    assert to_bytes(FRAMES, rows(CSV_ROWS + 1))[0] == "frames.parquet"
    assert file_name(TABLES["documents"], CSV_ROWS + 1) == "documents.csv"
    assert file_name(TABLES["documents"], 10**6) == "documents.parquet"


def test_a_table_that_changes_format_leaves_no_old_file(tmp_path):
    folder = tmp_path / "lake"
    write_corpus(folder, {"frames": rows(CSV_ROWS + 1)})
    write_corpus(folder, {"frames": rows(2)})
    assert [p.name for p in folder.iterdir()] == ["frames.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["lake"]


# --- failures in the middle ---------------------------------------------------------------


@pytest.fixture
def earlier(tmp_path):
    folder = tmp_path / "corpora" / "lake"
    terms = TABLES["terms"].tidy(pl.DataFrame({"doc_id": ["d"], "term": ["boat"], "n": [1]}))
    write_corpus(folder, {"frames": rows(), "terms": terms})
    return folder


NEW = {"frames": rows(3, value=9)}


WRITERS = {
    "corpus": lambda folder: write_corpus(folder / "lake", NEW),
    "file": lambda folder: write_file(folder / "x.json", b"two"),
}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("writer", "method", "nth"),
    [
        *[("corpus", "write_bytes", 1), ("corpus", "rename", 1), ("corpus", "rename", 2)],
        *[("file", "write_bytes", 1), ("file", "replace", 1)],
    ],
)
def test_a_failure_keeps_the_old_files(earlier, monkeypatch, writer, method, nth, error):
    folder = earlier.parent
    write_file(folder / "x.json", b"one")
    before = snapshot(folder)
    works, calls = getattr(Path, method), []

    def fail_once(self, argument):
        calls.append(argument)
        if len(calls) == nth:
            raise error
        return works(self, argument)

    monkeypatch.setattr(Path, method, fail_once)
    told = isinstance(error, OSError)
    with refusal("cannot be written: No space") if told else pytest.raises(KeyboardInterrupt):
        WRITERS[writer](folder)
    assert snapshot(folder) == before


def test_links_stay_links(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    for name in ("lake", "a.csv"):
        (tmp_path / name).symlink_to(disk / name)
    for value in (9, 8):
        write_corpus(tmp_path / "lake", {"frames": rows(3, value=value)})
        write_file(tmp_path / "a.csv", str(value).encode())
        assert all((tmp_path / name).is_symlink() for name in ("lake", "a.csv"))
        assert read_table(disk / "lake", "frames").equals(rows(3, value=value))
        assert (disk / "a.csv").read_text() == str(value)
    assert sorted(p.name for p in disk.iterdir()) == ["a.csv", "lake"]


def test_a_link_to_itself_and_a_file_in_place_of_a_folder_are_refused(tmp_path):
    loop, file = tmp_path / "loop", tmp_path / "lake"
    loop.symlink_to(loop)
    file.write_text("mine", "utf-8")
    for write in (lambda: write_corpus(loop, NEW), lambda: write_file(loop, b"x")):
        with refusal("leads to itself"):
            write()
    with refusal("is a file; expected a folder"):
        write_corpus(file, NEW)
    assert file.read_text("utf-8") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_permissions_follow_the_umask_and_the_file_that_is_replaced(tmp_path):
    path, mask = tmp_path / "a.txt", os.umask(0o027)
    try:
        write_file(path, b"one")
        write_corpus(tmp_path / "lake", NEW)
        assert path.stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "lake").stat().st_mode & 0o777 == 0o750
        assert (tmp_path / "lake" / "frames.csv").stat().st_mode & 0o777 == 0o640
        path.chmod(0o600)
        write_file(path, b"two")
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)


# --- reading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("frames.csv", b""),
        ("frames.csv", b"doc_id,frame\nd,health\n"),
        ("frames.csv", b"doc_id,frame,sentences\nd,health,many\n"),
        ("frames.csv", b"doc_id,frame,sentences\nd,\xff,1\n"),
        ("frames.parquet", b""),
        ("frames.parquet", b"PAR1 no parquet PAR1"),
        ("frames.parquet", to_bytes(FRAMES, rows(CSV_ROWS + 1))[1][:-30]),
    ],
)
def test_reading_a_broken_or_missing_table(tmp_path, name, content):
    with refusal("has no table 'frames'; there is: nothing"):
        read_table(tmp_path / "lake", "frames")
    (tmp_path / name).write_bytes(content)
    with refusal(name):
        read_table(tmp_path, "frames")


# --- one writer, and tables with their description ----------------------------------------


def test_a_second_writer_is_refused(tmp_path):
    code = "import sys; from pathlib import Path; from tifa.data.files import only_writer\n"
    code += "with only_writer(Path(sys.argv[1])): print('mine', flush=True); sys.stdin.read()"
    first = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout.readline() == "mine\n"
    with refusal("another tifa command is writing here"), only_writer(tmp_path):
        pass
    # the lock is released with its process, however it ends
    first.kill()
    first.communicate()
    with only_writer(tmp_path):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EIO])
def test_a_file_system_without_locks_is_written_all_the_same(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    broken = number == errno.EIO
    with refusal("cannot be written") if broken else nullcontext(), only_writer(tmp_path):
        write_corpus(tmp_path / "lake", NEW)
    assert (tmp_path / "lake").exists() != broken


@pytest.mark.parametrize("stopped_before", ["the new", "the old is removed"])
def test_a_replacement_that_was_killed_is_finished(earlier, stopped_before):
    data, old = earlier.parents[1], earlier.with_name(".lake.old")
    whole = snapshot(earlier)
    if stopped_before == "the new":
        earlier.rename(old)
    else:
        shutil.copytree(earlier, old)
    written(earlier.with_name(".lake.new"), {"half.csv": b"x"})
    with only_writer(data):
        assert snapshot(earlier) == whole
        write_corpus(earlier, NEW)
    assert [p.name for p in earlier.parent.iterdir()] == ["lake"]


def test_a_table_with_a_row_gone_or_gone_itself_is_told(tmp_path):
    folder, package = tmp_path / "corpora" / "lake", tmp_path / "datapackage.json"
    (path,) = write_corpus(folder, {"frames": rows(3)})
    whole = path.read_bytes()

    def describe(*gone):
        hashes = {"lake/frames": sha256(whole).hexdigest()} | dict.fromkeys(gone, "0")
        described = [
            {"path": f"corpora/{name}.csv", "hash": f"sha256:{digest}"}
            for name, digest in hashes.items()
        ]
        package.write_text(json.dumps({"resources": described}), "utf-8")

    describe("sea/unread")
    assert read_table(folder, "frames").height == 3
    # a missing table is also reported when another table of the corpus is read
    describe("sea/unread", "lake/unread")
    with refusal("corpora/lake/unread.csv, which", "is gone"):
        read_table(folder, "frames")
    describe()
    path.write_bytes(whole[: whole.index(b"d000002")])
    with refusal("not the table that datapackage.json describes"):
        read_table(folder, "frames")
    assert read_table(folder, "frames", described=False).height == 2
    package.write_bytes(b"{")
    with refusal("not the table"):
        read_table(folder, "frames")
