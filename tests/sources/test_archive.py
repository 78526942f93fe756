"""Archives that are bombs or need much memory; unsafe paths are in test_sources.py."""

import gzip
import io
import tarfile
import tracemalloc

import pytest
from conftest import one_line

from tifa.sources import archive
from tifa.sources.archive import members
from tifa.util.errors import TifaError

FILES = {"TXT/a.txt": b"Slow boats.", "TXT/b.txt": "Café 湖".encode()}


def member(name, kind=tarfile.REGTYPE, size=0):
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info


def tarred(files, *more):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            tar.addfile(member(name, size=len(content)), io.BytesIO(content))
        for info in more:
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    return buffer.getvalue()


def taken(tmp_path, content, wanted=".txt"):
    path = tmp_path / "archive"
    path.write_bytes(content)
    return dict(members(path, lambda name: name.endswith(wanted)))


def refused(tmp_path, content):
    tracemalloc.start()
    with pytest.raises(TifaError) as error:
        taken(tmp_path, content)
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()
    assert one_line(str(error.value))
    return str(error.value)


def test_files_that_are_wanted(tmp_path):
    assert taken(tmp_path, tarred({**FILES, "raw.pdf": b"%PDF"})) == FILES
    assert taken(tmp_path, tarred(FILES), ".pdf") == {}
    # a large file that is not wanted does no harm
    large = tarred(FILES, member("corpus.duckdb", size=60_000_000))
    assert taken(tmp_path, large) == FILES


def test_bombs(tmp_path, monkeypatch):
    # unwanted files count too
    bomb = gzip.compress(tarred({"a.pdf": bytes(40_000_000), "b.txt": b"x"}))
    assert "unpacks to more" in refused(tmp_path, bomb)
    assert "expected at most 50,000,000" in refused(
        tmp_path, tarred({}, member("a.txt", size=60_000_000))
    )
    # anything after the last file is not read
    endless = gzip.compress(tarred(FILES) + bytes(400_000_000))
    assert taken(tmp_path, endless) == FILES
    monkeypatch.setattr(archive, "MAX_FILES", 3)
    many = tarred({f"{i}.txt": b"x" for i in range(4)})
    assert "or 3 files" in refused(tmp_path, many)


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
def test_headers_that_ask_for_memory(tmp_path, kind):
    head = member("x", kind, 900_000_000).tobuf(tarfile.GNU_FORMAT)
    assert "a header of 900,000,000 bytes" in refused(tmp_path, head + bytes(10_240))


def test_a_sparse_file_and_a_name_that_is_there_twice(tmp_path):
    sparse = member("a.txt", tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT)
    assert "expected plain files" in refused(tmp_path, sparse + bytes(10_240))
    twice = tarred({"a.txt": b"one"})[:1024] + tarred({"a.txt": b"two"})
    assert "in the archive twice" in refused(tmp_path, twice)
