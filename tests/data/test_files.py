"""Tables as files: written completely or not at all."""

import errno
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from conftest import refusal, snapshot, written

from tifa.data.files import only_writer, read_table, to_bytes, write_corpus, write_file
from tifa.data.schema import CSV_ROWS, TABLES, file_name
from tifa.util.disk import listed, read_bytes
from tifa.util.errors import TifaError

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


def _fail(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_a_failure_while_writing_keeps_the_old_files(earlier, tmp_path, monkeypatch, error):
    write_file(tmp_path / "deep" / "x.json", b"one")
    before = snapshot(tmp_path)
    assert before["deep/x.json"] == b"one"
    monkeypatch.setattr(Path, "write_bytes", _fail(error))
    for write in (
        lambda: write_corpus(earlier, NEW),
        lambda: write_file(tmp_path / "deep" / "x.json", b"two"),
    ):
        told = isinstance(error, OSError)
        with refusal("cannot be written: No space") if told else pytest.raises(type(error)):
            write()
        assert snapshot(tmp_path) == before


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("error", [OSError(16, "Busy"), KeyboardInterrupt()])
def test_a_failure_while_replacing_a_folder_keeps_the_old_one(earlier, monkeypatch, nth, error):
    before = snapshot(earlier.parent)
    rename, calls = Path.rename, []

    def fail_once(self, target):
        calls.append(target)
        if len(calls) == nth:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises((TifaError, KeyboardInterrupt)):
        write_corpus(earlier, NEW)
    assert snapshot(earlier.parent) == before


def test_a_linked_folder_stays_a_link(earlier, tmp_path):
    disk = tmp_path / "disk" / "lake"
    disk.parent.mkdir()
    earlier.rename(disk)
    earlier.symlink_to(disk)
    for value in (9, 8):
        write_corpus(earlier, {"frames": rows(3, value=value)})
        assert earlier.is_symlink()
        assert read_table(disk, "frames").equals(rows(3, value=value))
    assert [p.name for p in disk.parent.iterdir()] == ["lake"]


def test_a_linked_file_stays_a_link_and_a_link_to_itself_is_told(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    linked, loop = tmp_path / "a.csv", tmp_path / "loop"
    linked.symlink_to(disk / "a.csv")
    for content in (b"one", b"two"):
        write_file(linked, content)
        assert linked.is_symlink()
        assert snapshot(disk) == {"a.csv": content}
    loop.symlink_to(loop)
    for write in (lambda: write_corpus(loop, NEW), lambda: write_file(loop, b"x")):
        with refusal("leads to itself"):
            write()


def test_a_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "lake").write_text("mine", "utf-8")
    with refusal("is a file; expected a folder"):
        write_corpus(tmp_path / "lake", NEW)
    assert snapshot(tmp_path) == {"lake": b"mine"}


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
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP])
def test_a_file_system_without_locks_is_written_all_the_same(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    with only_writer(tmp_path):
        write_corpus(tmp_path / "lake", NEW)
    assert read_table(tmp_path / "lake", "frames").height == 3


def describing(table):
    resource = {"path": "corpora/lake/frames.csv", "hash": f"sha256:{sha256(table).hexdigest()}"}
    return json.dumps({"resources": [resource]}).encode()


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
    folder = tmp_path / "corpora" / "lake"
    (path,) = write_corpus(folder, {"frames": rows(3)})
    package = tmp_path / "datapackage.json"
    package.write_bytes(describing(path.read_bytes()))
    assert read_table(folder, "frames").height == 3
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with refusal("not the table that datapackage.json describes"):
        read_table(folder, "frames")
    assert read_table(folder, "frames", described=False).height == 2
    package.write_bytes(b"{")
    with refusal("not the table"):
        read_table(folder, "frames")

    # a missing table is also reported when another table is read
    (path,) = write_corpus(folder, {"frames": rows(3)})
    described = json.loads(describing(path.read_bytes()))
    for corpus in ("lake", "sea"):
        gone = {"path": f"corpora/{corpus}/unread.csv", "hash": "sha256:0"}
        described["resources"].append(gone)
    package.write_text(json.dumps(described), "utf-8")
    with refusal("corpora/lake/unread.csv, which", "is gone"):
        read_table(folder, "frames")
