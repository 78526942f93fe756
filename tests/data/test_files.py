"""Tables as files: whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, one_line, snapshot

from tifa.data import files as store
from tifa.data import together
from tifa.data.files import read_table, recover, to_bytes, write_corpus, write_file
from tifa.data.schema import CSV_ROWS, TABLES, file_name
from tifa.util.errors import TifaError

FRAMES = TABLES["frames"]


def rows(n: int = 2, value: int = 1) -> pl.DataFrame:
    return FRAMES.tidy(
        pl.DataFrame(
            {
                "doc_id": [f"d{i:06d}" for i in range(n)],
                "frame": "health",
                "sentences": value,
            }
        )
    )


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("large", [False, True])
def test_what_is_written_is_read_again(tmp_path: Path, name: str, large: bool) -> None:
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


def test_form_by_size() -> None:
    assert to_bytes(FRAMES, rows(CSV_ROWS))[0] == "frames.csv"
    assert to_bytes(FRAMES, rows(CSV_ROWS + 1))[0] == "frames.parquet"
    assert file_name(TABLES["documents"], 10**6) == "documents.csv"


@pytest.mark.parametrize("n", [3, CSV_ROWS + 1])
def test_the_same_rows_are_the_same_bytes(n: int) -> None:
    shuffled = FRAMES.tidy(rows(n).sample(fraction=1, shuffle=True, seed=3))
    assert to_bytes(FRAMES, shuffled) == to_bytes(FRAMES, rows(n))


def test_csv_is_plain(tmp_path: Path) -> None:
    content = to_bytes(FRAMES, rows())[1]
    assert content == b"doc_id,frame,sentences\nd000000,health,1\nd000001,health,1\n"


def test_a_table_that_changes_form_leaves_no_old_file(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    write_corpus(folder, {"frames": rows(CSV_ROWS + 1)})
    write_corpus(folder, {"frames": rows(2)})
    assert [p.name for p in folder.iterdir()] == ["frames.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["lake"]


# --- failures in the middle ---------------------------------------------------------------


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
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


def _fail(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_a_failure_while_writing_leaves_what_was_there(
    earlier: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    before = snapshot(earlier.parent)
    monkeypatch.setattr(store, "_write_through", _fail(error))
    with pytest.raises((TifaError, KeyboardInterrupt, MemoryError)) as raised:
        write_corpus(earlier, NEW)
    if isinstance(error, OSError):
        assert raised.type is TifaError
        assert "No space left" in str(raised.value)
        assert one_line(str(raised.value))
    assert snapshot(earlier.parent) == before


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("error", [OSError(16, "Busy"), KeyboardInterrupt()])
def test_a_failure_while_folders_change_places_leaves_what_was_there(
    earlier: Path, monkeypatch: pytest.MonkeyPatch, nth: int, error: BaseException
) -> None:
    before = snapshot(earlier.parent)
    rename, calls = Path.rename, []

    def fail_once(self: Path, target: str | os.PathLike[str]) -> Path:
        calls.append(target)
        if len(calls) == nth:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises((TifaError, KeyboardInterrupt)):
        write_corpus(earlier, NEW)
    recover(earlier)
    assert snapshot(earlier.parent) == before


def test_recover_puts_back_what_was_cut_off(earlier: Path) -> None:
    before = snapshot(earlier.parent)
    earlier.rename(earlier.with_name(".lake.old"))
    recover(earlier)
    assert snapshot(earlier.parent) == before


def test_recover_takes_the_new_where_both_are_there(earlier: Path) -> None:
    before = snapshot(earlier.parent)
    old = earlier.with_name(".lake.old")
    old.mkdir()
    (old / "frames.csv").write_text("old", "utf-8")
    recover(earlier)
    assert snapshot(earlier.parent) == before


def test_recover_does_nothing_where_nothing_happened(earlier: Path, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    recover(earlier)
    recover(tmp_path / "never")
    assert snapshot(tmp_path) == before


def test_write_after_a_run_that_was_cut_off(earlier: Path) -> None:
    earlier.rename(earlier.with_name(".lake.old"))
    write_corpus(earlier, NEW)
    assert sorted(p.name for p in earlier.parent.iterdir()) == ["lake"]
    assert read_table(earlier, "frames").height == 3


def test_write_file_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "x.json"
    write_file(path, b"one")
    assert path.read_bytes() == b"one"
    monkeypatch.setattr(store, "_write_through", _fail(OSError(28, "No space left on device")))
    before = snapshot(tmp_path)
    with pytest.raises(TifaError, match=r"x\.json: cannot be written"):
        write_file(path, b"two")
    assert snapshot(tmp_path) == before


# --- reading ------------------------------------------------------------------------------


def test_read_what_is_not_there(tmp_path: Path) -> None:
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
def test_read_what_is_no_table(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TifaError) as error:
        read_table(tmp_path, "frames")
    assert name in str(error.value)
    assert one_line(str(error.value))


def test_read_a_truncated_parquet(tmp_path: Path) -> None:
    name, content = to_bytes(FRAMES, rows(CSV_ROWS + 1))
    (tmp_path / name).write_bytes(content[:-30])
    with pytest.raises(TifaError, match=r"frames\.parquet"):
        read_table(tmp_path, "frames")


def answer(number: int) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_without_locks_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(store.fcntl, "flock", answer(number))
    # it may be somebody's who is at work: nobody can tell
    for other in (".a.txt.abcdefgh", ".lake.new.abcdefgh"):
        (tmp_path / other).touch()
    before = {p.name for p in tmp_path.iterdir()}
    for value in (1, 2):
        write_file(tmp_path / "a.txt", b"%d" % value)
        write_corpus(tmp_path / "lake", {"frames": rows(value=value)})
        assert (tmp_path / "a.txt").read_bytes() == b"%d" % value
        assert read_table(tmp_path / "lake", "frames").equals(rows(value=value))
    assert {p.name for p in tmp_path.iterdir()} == before | {"a.txt", "lake"}
    with store.locked(tmp_path, busy="in use") as sure:
        assert not sure


def test_another_answer_to_a_lock_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.fcntl, "flock", answer(errno.EIO))
    for write in (
        lambda: write_file(tmp_path / "a.txt", b"1"),
        lambda: write_corpus(tmp_path / "lake", {"frames": rows()}),
    ):
        with pytest.raises(TifaError, match="cannot be written"):
            write()
    assert snapshot(tmp_path) == {}


# --- several at once ----------------------------------------------------------------------


@pytest.mark.parametrize("make", ["mkstemp", "mkdtemp"])
def test_a_sweep_takes_nothing_from_who_has_just_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: str
) -> None:
    real, swept = getattr(store.tempfile, make), []

    def made_and_swept(**options: str) -> object:
        made = real(**options)
        path = Path(made if make == "mkdtemp" else made[1])
        if not swept:
            # another process, between making a temporary file and locking it
            code = "import sys; from pathlib import Path; import tifa.data.files as s\n"
            code += "def sweep():\n    s.sweep(sys.argv[2], Path(sys.argv[1]))\n"
            # folders are swept by who has locked the place they are in
            code += "try:\n    with s.locked(Path(sys.argv[1]), busy=sys.argv[3]): sweep()\n"
            code += "except s.TifaError: pass\n" if make == "mkdtemp" else "finally: pass\n"
            arguments = [str(tmp_path), f"{path.name[:5]}*", "in use"]
            subprocess.run([sys.executable, "-c", code, *arguments], check=True)
            swept.append(not path.exists())
        return made

    monkeypatch.setattr(store.tempfile, make, made_and_swept)
    write_file(tmp_path / "a.txt", b"one") if make == "mkstemp" else write_corpus(
        tmp_path / "lake", {"frames": rows()}
    )
    assert swept == [make == "mkstemp"]
    assert sorted(p.name for p in tmp_path.iterdir()) == (
        ["a.txt"] if make == "mkstemp" else ["lake"]
    )


# --- tables and their description ---------------------------------------------------------


def described_as(data: Path, *paths: str) -> bytes:
    """A description of these files as they are."""
    found = [{"path": p, "hash": f"sha256:{store.sha256(data / p)}"} for p in paths]
    return json.dumps({"resources": found}).encode()


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, bytes, bytes]:
    """A table and its description, and the description of what it is to become."""
    (tmp_path / "a.csv").write_bytes(b"new")
    new = described_as(tmp_path, "a.csv")
    (tmp_path / "a.csv").write_bytes(b"old")
    old = described_as(tmp_path, "a.csv")
    (tmp_path / "datapackage.json").write_bytes(old)
    return tmp_path, old, new


def change(data: Path, new: bytes, content: bytes = b"new") -> None:
    with together.changing(data, lambda: new):
        write_file(data / "a.csv", content)


def state(data: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in data.iterdir()}


def test_a_table_changes_with_its_description(pair: tuple[Path, bytes, bytes]) -> None:
    data, _, new = pair
    change(data, new)
    assert state(data) == {"a.csv": b"new", "datapackage.json": new}


@pytest.mark.parametrize("nth", range(1, 10))
def test_a_run_killed_anywhere_leaves_both_as_before_or_both_new(
    pair: tuple[Path, bytes, bytes], nth: int
) -> None:
    data, old, new = pair
    code = (
        "import os, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[4])\n"
        "from tifa.data import files as store, together\n"
        "left = int(sys.argv[1])\n"
        "def strike(event, arguments):\n"
        "    global left\n"
        "    writes = event == 'open' and isinstance(arguments[2], int) and arguments[2] & 3\n"
        "    left -= bool(writes or event in ('os.rename', 'os.remove'))\n"
        "    if left == 0: left = -1; os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(strike)\n"
        "data = Path(sys.argv[2])\n"
        "with together.changing(data, lambda: sys.argv[3].encode()):\n"
        "    store.write_file(data / 'a.csv', b'new')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(nth), str(data), new.decode(), str(ROOT / "src")],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    together.settle(data)
    visible = {k: v for k, v in state(data).items() if not k.startswith(".")}
    # killed before the table changed, or after it
    expected = (b"old", old) if nth < 8 else (b"new", new)
    assert visible == {"a.csv": expected[0], "datapackage.json": expected[1]}
    change(data, new)
    assert state(data) == {"a.csv": b"new", "datapackage.json": new}


def test_a_change_that_fails_leaves_both(pair: tuple[Path, bytes, bytes]) -> None:
    data, old, new = pair
    with pytest.raises(TifaError), together.changing(data, lambda: new):
        raise TifaError("no")
    # something else than what was said came to stand there
    change(data, new, b"other")
    assert state(data) == {"a.csv": b"other", "datapackage.json": old}


def test_nobody_ends_the_change_of_who_is_at_work(
    pair: tuple[Path, bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, _, new = pair
    with together.changing(data, lambda: new):
        code = "import sys; from pathlib import Path; from tifa.data.together import settle\n"
        code += "settle(Path(sys.argv[1]))"
        reader = subprocess.Popen([sys.executable, "-c", code, str(data)])
        with pytest.raises(subprocess.TimeoutExpired):
            reader.wait(timeout=3)
        with monkeypatch.context() as patched:
            patched.setattr(store.fcntl, "flock", answer(errno.ENOTSUP))
            together.settle(data)
        assert len(state(data)) == 3
        write_file(data / "a.csv", b"new")
    assert reader.wait(timeout=60) == 0
    assert state(data) == {"a.csv": b"new", "datapackage.json": new}
