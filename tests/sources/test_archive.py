"""What is taken from an archive, and what is not."""

import gzip
import tarfile
import tracemalloc

import pytest
from conftest import refusal, tarred

from tifa.sources.archive import members

#: Symbolic and hard links, devices, pipes.
LINKS = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
FILES = {"TXT/a.txt": b"Slow boats.", "TXT/b.txt": "Café 湖".encode()}


def taken(path, files, *more, wanted=".txt"):
    path.write_bytes(tarred(files, *more))
    return dict(members(path, lambda name: name.endswith(wanted)))


def member(name, kind=tarfile.REGTYPE, size=0):
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info


def test_files_that_are_wanted(tmp_path):
    path = tmp_path / "archive"
    assert taken(path, {**FILES, "raw.pdf": b"%PDF"}) == FILES
    assert taken(path, FILES, wanted=".pdf") == {}
    # members that are not wanted may be too large, or links
    more = member("corpus.duckdb", size=60_000_000), member("x", tarfile.SYMTYPE)
    assert taken(path, FILES, *more) == FILES


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (member("a.txt", size=60_000_000), "expected at most 50,000,000"),
        *((member("a.txt", kind), "is a link or a device; expected plain") for kind in LINKS),
    ],
)
def test_a_wanted_file_that_is_none_is_refused(tmp_path, odd, said):
    with refusal(said):
        taken(tmp_path / "archive", FILES, odd)


def trap(path, content, said):
    path.write_bytes(gzip.compress(content))
    tracemalloc.start()
    with refusal(said):
        dict(members(path, lambda name: name.endswith(".txt")))
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_an_archive_that_unpacks_to_too_much(tmp_path):
    content = tarred({"a.pdf": bytes(40_000_000), "b.txt": b"x"})
    trap(tmp_path / "archive", content, "unpacks to more")


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
def test_headers_that_ask_for_memory(tmp_path, kind):
    head = member("x", kind, 200_000_000).tobuf(tarfile.GNU_FORMAT)
    content = head + bytes(200_010_240)
    trap(tmp_path / "archive", content, "a header of 200,000,000 bytes")
