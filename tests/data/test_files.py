"""Tables as files: written completely or not at all."""

import os
import sys
from pathlib import Path

import polars as pl
import pytest
from conftest import one_line, snapshot

from tifa.data.files import read_table, to_bytes, write_corpus, write_file
from tifa.data.schema import CSV_ROWS, TABLES, file_name
from tifa.util.errors import TifaError

FRAMES = TABLES["frames"]


def rows(n=2, value=1):
    return FRAMES.tidy(
        pl.DataFrame(
            {"doc_id": [f"d{i:06d}" for i in range(n)], "frame": "health", "sentences": value}
        )
    )


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("large", [False, True])
def test_a_written_overlay_can_be_read_again(tmp_path, name, large):
    table = TABLES[name]
    n = CSV_ROWS + 1 if large else 3
    texts = ["plain", 'with, comma and "quote"', "é", "NA", "true", "1", "x\ny"]
    columns = {
        c: {
            "string": [f"{texts[i % len(texts)]}{i:05d}" for i in range(n)],
            "integer": list(range(n)),
            "number": [round(i / 7, 4) for i in range(n)],
            "boolean": [i % 2 == 0 for i in range(n)],
        }[column.kind]
        for c, column in table.columns.items()
    }
    frame = table.tidy(pl.DataFrame(columns))
    optional = [c for c in table.columns if c not in table.key]
    frame = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(None).otherwise(pl.col(c)).alias(c)
        for c in optional
    )
    (path,) = write_corpus(tmp_path / "lake", {name: frame})
    assert path.name == file_name(table, n)
    assert read_table(tmp_path / "lake", name).equals(frame)


def test_file_format_depends_on_size():
    assert to_bytes(FRAMES, rows(CSV_ROWS))[0] == "frames.csv"
    assert to_bytes(FRAMES, rows(CSV_ROWS + 1))[0] == "frames.parquet"
    assert file_name(TABLES["documents"], CSV_ROWS + 1) == "documents.csv"
    assert file_name(TABLES["documents"], 10**6) == "documents.parquet"


@pytest.mark.parametrize("n", [3, CSV_ROWS + 1])
def test_the_same_rows_are_the_same_bytes(n):
    shuffled = FRAMES.tidy(rows(n).sample(fraction=1, shuffle=True, seed=3))
    assert to_bytes(FRAMES, shuffled) == to_bytes(FRAMES, rows(n))


def test_csv_is_plain(tmp_path):
    content = to_bytes(FRAMES, rows())[1]
    assert content == b"doc_id,frame,sentences\nd000000,health,1\nd000001,health,1\n"


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
    write_corpus(
        folder,
        {
            "frames": rows(),
            "terms": TABLES["terms"].tidy(
                pl.DataFrame({"doc_id": ["d"], "term": ["boat"], "n": [1]})
            ),
        },
    )
    return folder


NEW = {"frames": rows(3, value=9)}


def _fail(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_a_failure_while_writing_keeps_the_old_files(earlier, monkeypatch, error):
    before = snapshot(earlier.parent)
    monkeypatch.setattr(Path, "write_bytes", _fail(error))
    with pytest.raises((TifaError, KeyboardInterrupt, MemoryError)) as raised:
        write_corpus(earlier, NEW)
    if isinstance(error, OSError):
        assert raised.type is TifaError
        assert "No space left" in str(raised.value)
        assert one_line(str(raised.value))
    assert snapshot(earlier.parent) == before


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


def test_write_after_a_run_that_was_killed(earlier):
    earlier.rename(earlier.with_name(".lake.old"))
    (earlier.with_name(".lake.new")).mkdir()
    write_corpus(earlier, NEW)
    assert sorted(p.name for p in earlier.parent.iterdir()) == ["lake"]
    assert read_table(earlier, "frames").height == 3


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


def test_a_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "lake").write_text("mine", "utf-8")
    with pytest.raises(TifaError, match="is a file; expected a folder"):
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


def test_write_file_writes_everything_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "x.json"
    write_file(path, b"one")
    assert path.read_bytes() == b"one"
    monkeypatch.setattr(Path, "write_bytes", _fail(OSError(28, "No space left on device")))
    before = snapshot(tmp_path)
    with pytest.raises(TifaError, match=r"x\.json: cannot be written"):
        write_file(path, b"two")
    assert snapshot(tmp_path) == before


# --- reading ------------------------------------------------------------------------------


def test_reading_a_missing_table(tmp_path):
    with pytest.raises(TifaError, match=r"has no table .frames.; there is: nothing"):
        read_table(tmp_path / "lake", "frames")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("frames.csv", b""),
        ("frames.csv", b"doc_id,frame\nd,health\n"),
        ("frames.csv", b"doc_id,frame,sentences\nd,health,many\n"),
        ("frames.csv", b"doc_id,frame,sentences\nd,\xff,1\n"),
        ("frames.parquet", b""),
        ("frames.parquet", b"PAR1 no parquet PAR1"),
    ],
)
def test_reading_a_broken_table(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TifaError) as error:
        read_table(tmp_path, "frames")
    assert name in str(error.value)
    assert one_line(str(error.value))


def test_read_a_truncated_parquet(tmp_path):
    name, content = to_bytes(FRAMES, rows(CSV_ROWS + 1))
    (tmp_path / name).write_bytes(content[:-30])
    with pytest.raises(TifaError, match=r"frames\.parquet"):
        read_table(tmp_path, "frames")
