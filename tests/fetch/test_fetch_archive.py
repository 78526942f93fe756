"""Archives that lead astray, blow up or are broken; none of them writes anything anywhere."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import one_line

from tifa.fetch.archive import ArchiveError, Bounds, members

FILES = {"TXT/Session 1/a.txt": b"Slow boats.", "TXT/b.txt": "Café 湖".encode()}


def tarred(files: dict[str, bytes], *more: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in more:
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    return buffer.getvalue()


def zipped(files: dict[str, bytes], mode: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def member(name: str, kind: bytes, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def taken(
    tmp_path: Path, content: bytes, bounds: Bounds | None = None, name: str = "archive"
) -> dict[str, bytes]:
    path = tmp_path / name
    path.write_bytes(content)
    here = Path.cwd()
    before = sorted(here.iterdir()), sorted(tmp_path.iterdir())
    try:
        return dict(members(path, lambda n: n.endswith(".txt"), bounds=bounds))
    finally:
        assert (sorted(here.iterdir()), sorted(tmp_path.iterdir())) == before


def refused(tmp_path: Path, content: bytes, bounds: Bounds | None = None) -> str:
    with pytest.raises(ArchiveError) as error:
        taken(tmp_path, content, bounds)
    assert one_line(str(error.value))
    return str(error.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, bz2.compress])
def test_tar_of_any_compression(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = pack(tarred({**FILES, "Raw.pdf": b"%PDF"}, member("TXT", tarfile.DIRTYPE)))
    assert taken(tmp_path, content, name="whatever.zip") == FILES


def test_zip(tmp_path: Path) -> None:
    assert taken(tmp_path, zipped({**FILES, "Raw.pdf": b"%PDF", "TXT/": b""})) == FILES


PATHS = [
    "/etc/evil.txt",
    "../evil.txt",
    "TXT/../../evil.txt",
    "TXT/..",
    "..\\evil.txt",
    "C:\\evil.txt",
    "C:evil.txt",
    "\\\\host\\evil.txt",
]


@pytest.mark.parametrize("name", [*PATHS, "/etc/not-asked-for"])
@pytest.mark.parametrize("make", [tarred, zipped])
def test_paths_that_lead_out(
    tmp_path: Path, make: Callable[[dict[str, bytes]], bytes], name: str
) -> None:
    assert "unsafe path" in refused(tmp_path, make({**FILES, name: b"evil"}))


def test_a_name_cut_short_by_a_nul(tmp_path: Path) -> None:
    content = zipped({"TXT/xx../evil.txt": b"evil"}).replace(b"xx../evil", b"x\0../evil")
    assert "unsafe path" in refused(tmp_path, content)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_in_tar(tmp_path: Path, kind: bytes) -> None:
    evil = member("TXT/evil.txt", kind, "/etc/hosts")
    assert "link, a device" in refused(tmp_path, tarred(FILES, evil))


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o060666, 0o010666, 0o140777])
def test_links_and_devices_in_zip(tmp_path: Path, mode: int) -> None:
    assert "link or a device" in refused(tmp_path, zipped({"a.txt": b"/etc/hosts"}, mode))


@pytest.mark.parametrize("make", [tarred, zipped])
def test_bombs(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]) -> None:
    pack: Callable[[bytes], bytes] = bytes if make is zipped else gzip.compress
    zeros = bytes(3_000_000)
    # by the size of a file, of all files, for each byte of the archive, and by their number
    big = pack(make({"a.txt": zeros}))
    assert "expected at most 2,999,999" in refused(tmp_path, big, Bounds(file=2_999_999))
    many = pack(make({f"{i}.txt": zeros for i in range(4)}))
    assert "unpacks to more" in refused(tmp_path, many, Bounds(total=10_000_000, ratio=100_000))
    assert "unpacks to more" in refused(tmp_path, many, Bounds(ratio=5))
    assert taken(tmp_path, many, Bounds(ratio=100_000)).keys() == {f"{i}.txt" for i in range(4)}
    assert "more than 3 files" in refused(tmp_path, many, Bounds(files=3, ratio=100_000))


def test_what_is_not_asked_for_counts_too(tmp_path: Path) -> None:
    bomb = gzip.compress(tarred({"a.pdf": bytes(40_000_000), "b.txt": b"x"}))
    assert "unpacks to more" in refused(tmp_path, bomb)


def test_a_stream_that_says_nothing_of_its_size(tmp_path: Path) -> None:
    # no file is large; what blows up stands behind the last of them, or between two
    endless = gzip.compress(tarred(FILES)[:-1024] + bytes(1024) + bytes(400_000_000))
    assert len(endless) < 500_000
    assert taken(tmp_path, endless) == FILES


def test_headers_of_tar_that_ask_for_memory(tmp_path: Path) -> None:
    evil = member("x", tarfile.XHDTYPE)
    evil.size = 900_000_000
    head = evil.tobuf(tarfile.USTAR_FORMAT)
    assert "a header of 900,000,000 bytes" in refused(tmp_path, head + bytes(10_240))
    long = member("x", tarfile.GNUTYPE_LONGNAME)
    long.size = 900_000_000
    assert "a header of 900,000,000 bytes" in refused(
        tmp_path, long.tobuf(tarfile.GNU_FORMAT) + bytes(10_240)
    )


def test_a_sparse_file(tmp_path: Path) -> None:
    evil = member("a.txt", tarfile.GNUTYPE_SPARSE)
    assert "sparse" in refused(tmp_path, evil.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))


def test_a_zip_that_lies_about_sizes(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.txt": bytes(2_000_000)}))
    place = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, place + 24, 10)
    assert refused(tmp_path, bytes(content))
    locked = bytearray(zipped(FILES))
    for mark, flag in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        locked[locked.index(mark) + flag] |= 1
    assert "not a whole archive" in refused(tmp_path, bytes(locked))


@pytest.mark.parametrize("make", [tarred, zipped])
def test_a_name_that_stands_twice(
    tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]
) -> None:
    content = make({"a.txt": b"one", "b.txt": b"two"}).replace(b"b.txt", b"a.txt")
    if make is tarred:
        first, second = tarred({"a.txt": b"one"}), tarred({"a.txt": b"two"})
        content = first[:1024] + second
    assert "stands twice" in refused(tmp_path, content)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, bz2.compress])
def test_archives_that_are_cut_off(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    whole = pack(tarred({f"{i}.txt": os.urandom(3_000) for i in range(9)}))
    for part in (whole[: len(whole) // 2], whole[:600]):
        assert "not a whole archive" in refused(tmp_path, part)
    half = zipped({f"{i}.txt": os.urandom(3_000) for i in range(9)})
    assert "not a whole archive" in refused(tmp_path, half[: len(half) // 2])


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"\x1f\x8b rest", b"PK\x05\x06" + bytes(9)]
)
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    assert "not a whole archive" in refused(tmp_path, content)
