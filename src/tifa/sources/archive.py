"""Read tar archives that may be hostile: names and bytes come out, nothing is unpacked."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Self

from tifa.sources.document import MAX_TEXT_BYTES
from tifa.util.errors import TifaError, one_line

#: Bytes of all files, and for each byte of the archive; and a number of files. What has more is
#: taken for a trap.
MAX_BYTES, MAX_RATIO, MAX_FILES = 2_000_000_000, 200, 200_000
#: Members that describe the next one are read into memory whole; bytes that one may have.
_MAX_HEADER = 100_000
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class _Member(tarfile.TarInfo):
    """A member of a whole archive: tarfile takes damage and a missing end for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        if found.type in _HEADERS and found.size > _MAX_HEADER:
            raise tarfile.ReadError(f"a header of {found.size:,} bytes")
        return found

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise  # the two empty blocks that end an archive
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"cut off or damaged: {error}") from None


def members(
    archive: Path, wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, bytes]]:
    """Files of a tar archive of any compression, front to back.

    Parameters
    ----------
    archive
        The archive.
    wanted
        Which files are taken, by their name in the archive. Of the others the names are checked,
        and their size counts towards that of all files.

    Yields
    ------
    Name and content.

    Raises
    ------
    TifaError
        For a path that leads out of the archive, a link, a device, a name that is there twice, an
        archive that is damaged or cut off, and for more than the bounds allow.

    """
    seen: set[str] = set()
    size = 0
    try:
        limit = min(MAX_BYTES, max(MAX_RATIO * archive.stat().st_size, 1_000_000))
        # "r|*": any compression, read once from front to back
        with tarfile.open(archive, mode="r|*", tarinfo=_Member) as tar:
            for member in tar:
                _refuse_unsafe(member, archive)
                if not member.isfile():
                    continue
                size += member.size
                if size > limit or len(seen) >= MAX_FILES:
                    raise TifaError(
                        f"unpacks to more than {limit:,} bytes or {MAX_FILES:,} files; stopped",
                        where=archive,
                    )
                if member.name in seen:
                    raise TifaError(f"{member.name!r} is in the archive twice", where=archive)
                seen.add(member.name)
                if wanted(member.name):
                    _refuse_large(member, archive)
                    file = tar.extractfile(member)
                    yield member.name, file.read() if file else b""
                # tarfile would keep a list of all members
                tar.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise TifaError(
            f"not a complete tar archive ({one_line(str(error))}); fetch it again", where=archive
        ) from None


def _refuse_unsafe(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name)
    drive = path.parts and path.parts[0].endswith(":")
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or drive:
        raise TifaError(f"unsafe path {member.name!r} in the archive", where=archive)
    if not (member.isfile() or member.isdir()) or member.issparse():
        raise TifaError(
            f"{member.name!r} is a link or a device; expected plain files", where=archive
        )


def _refuse_large(member: tarfile.TarInfo, archive: Path) -> None:
    if member.size > MAX_TEXT_BYTES:
        raise TifaError(
            f"{member.name!r} has {member.size:,} bytes; expected at most {MAX_TEXT_BYTES:,}",
            where=archive,
        )
