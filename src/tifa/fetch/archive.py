"""Read archives that may be hostile: nothing is unpacked to a place that the archive names.

What comes out are names and bytes; the caller decides where they go.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Self

from tifa.util.errors import TifaError, one_line


class ArchiveError(TifaError):
    """An archive that is damaged or dangerous."""


@dataclass(frozen=True)
class Bounds:
    """Beyond these an archive is taken for a trap."""

    #: Bytes of one file, of all files, and for each byte of the archive.
    file: int = 50_000_000
    total: int = 2_000_000_000
    ratio: int = 200
    files: int = 100_000


#: Endings of the archives that are read.
ARCHIVES = re.compile(r".*\.(tar|tar\.(gz|xz|bz2)|tgz|txz|tbz2?|zip)", re.IGNORECASE)
_OPENERS: list[tuple[bytes, Callable[..., Any]]] = [
    (b"\x1f\x8b", gzip.open),
    (b"\xfd7zXZ\x00", lzma.open),
    (b"BZh", bz2.open),
]
#: Members of a tar that describe the next one, and how long that may take.
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_MAX_HEADER = 100_000
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def members(
    path: Path, wanted: Callable[[str], bool], *, bounds: Bounds | None = None
) -> Iterator[tuple[str, bytes]]:
    """Files of a tar (any compression) or zip archive, front to back.

    Parameters
    ----------
    path
        The archive; what it is shows from its first bytes, not from its name.
    wanted
        Which files are taken, by their name within the archive. The others are checked too.
    bounds
        Beyond them the archive is refused.

    Yields
    ------
    Name and content.

    Raises
    ------
    ArchiveError
        For a path that leads out of the archive, a link, a device, a name that stands twice,
        an encrypted or damaged file, an archive that is cut off, and for sizes beyond bounds.

    """
    bounds = bounds or Bounds()
    seen: set[str] = set()
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            read = _zip if zipfile.is_zipfile(path) else _tar
            limit = min(bounds.total, max(bounds.ratio * size, 1_000_000))
            for name, content in read(file, path, wanted, limit, bounds):
                if name in seen:
                    raise ArchiveError(f"{name!r} stands twice in the archive", where=path)
                seen.add(name)
                if len(seen) > bounds.files:
                    raise ArchiveError(
                        f"more than {bounds.files:,} files; not unpacked", where=path
                    )
                if content is not None:
                    yield name, content
    except _BROKEN as error:
        raise ArchiveError(
            f"not a whole archive ({one_line(str(error))}); fetch it again", where=path
        ) from None


def _check_name(name: str, path: Path) -> None:
    inner = PurePosixPath(name)
    drive = re.match(r"[A-Za-z]:", name)
    if inner.is_absolute() or ".." in inner.parts or "\\" in name or "\0" in name or drive:
        raise ArchiveError(f"unsafe path {name!r} in the archive; not unpacked", where=path)


def _check_size(name: str, size: int, path: Path, bounds: Bounds) -> None:
    if size > bounds.file:
        raise ArchiveError(
            f"{name!r} has {size:,} bytes; expected at most {bounds.file:,}", where=path
        )


# --- tar ----------------------------------------------------------------------------------


class _Whole(tarfile.TarInfo):
    """tarfile takes damage and a missing end for the end; here both are errors."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        # tarfile takes these into memory whole before anybody may look at them
        if found.type in _HEADERS and found.size > _MAX_HEADER:
            raise tarfile.ReadError(f"a header of {found.size:,} bytes")
        return found

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"cut off or damaged: {error}") from None


class _Bounded(io.RawIOBase):
    """A stream that ends with an error once more was unpacked than the bounds allow."""

    def __init__(self, source: BinaryIO, limit: int, path: Path) -> None:
        self.source, self.limit, self.path = source, limit, path
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        content = self.source.read(size)
        self.taken += len(content)
        if self.taken > self.limit:
            raise ArchiveError(
                f"unpacks to more than {self.limit:,} bytes; stopped", where=self.path
            )
        return content


def _tar(
    file: BinaryIO, path: Path, wanted: Callable[[str], bool], limit: int, bounds: Bounds
) -> Iterator[tuple[str, bytes | None]]:
    head = file.read(8)
    file.seek(0)
    opener = next((o for magic, o in _OPENERS if head.startswith(magic)), None)
    plain: BinaryIO = opener(file) if opener else file
    stream = _Bounded(plain, limit, path)
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Whole) as tar:
        for member in tar:
            _check_name(member.name, path)
            if not (member.isfile() or member.isdir()) or member.issparse():
                raise ArchiveError(
                    f"{member.name!r} is a link, a device or sparse; expected plain files",
                    where=path,
                )
            _check_size(member.name, member.size, path, bounds)
            # the list of all members is kept by tarfile for nothing
            tar.members = []  # type: ignore[attr-defined]
            if member.isdir():
                continue
            content = tar.extractfile(member) if wanted(member.name) else None
            yield member.name, content.read() if content else None


# --- zip ----------------------------------------------------------------------------------


def _zip(
    file: BinaryIO, path: Path, wanted: Callable[[str], bool], limit: int, bounds: Bounds
) -> Iterator[tuple[str, bytes | None]]:
    taken = 0
    with zipfile.ZipFile(file) as archive:
        listed = archive.infolist()
        if len(listed) > bounds.files:
            raise ArchiveError(f"more than {bounds.files:,} files; not unpacked", where=path)
        for info in listed:
            # orig_filename: zipfile itself makes some unsafe names look safe
            _check_name(info.orig_filename, path)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise ArchiveError(
                    f"{info.filename!r} is a link or a device; expected plain files", where=path
                )
            _check_size(info.filename, info.file_size, path, bounds)
            if info.is_dir():
                continue
            if not wanted(info.filename):
                yield info.filename, None
                continue
            with archive.open(info) as member:
                # the size in the list may lie: read no further than it says
                content = member.read(info.file_size + 1)
            taken += len(content)
            if taken > limit or len(content) > info.file_size:
                raise ArchiveError(
                    f"{info.filename!r} unpacks to more than the bounds allow; stopped", where=path
                )
            yield info.filename, content
