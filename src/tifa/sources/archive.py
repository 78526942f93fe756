"""Read tar archives front to back: names and bytes come out, nothing is unpacked."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from tifa.sources.document import MAX_TEXT_BYTES
from tifa.util.errors import TifaError, one_line

#: Largest unpacked size of an archive, in bytes and per byte of the archive; more is an attack.
MAX_BYTES, MAX_RATIO = 2_000_000_000, 200
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
    """Name and content of the ``wanted`` files of a tar archive of any compression.

    An archive that is damaged, cut off or a bomb is an error, and so is a wanted file that is a
    link, a device or larger than a text can be.
    """
    try:
        limit = min(MAX_BYTES, max(MAX_RATIO * archive.stat().st_size, 1_000_000))
        # "r|*": any compression, read once from front to back
        with tarfile.open(archive, mode="r|*", tarinfo=_Member) as tar:
            for member in tar:
                if tar.offset > limit:
                    raise TifaError(f"unpacks to more than {limit:,} bytes; stopped", where=archive)
                if not member.isdir() and wanted(member.name):
                    _check(member, archive)
                    file = tar.extractfile(member)
                    yield member.name, file.read() if file else b""
                # tarfile would keep a list of all members
                tar.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise TifaError(
            f"not a complete tar archive ({one_line(str(error))}); fetch it again", where=archive
        ) from None


def _check(member: tarfile.TarInfo, archive: Path) -> None:
    if not member.isfile() or member.issparse():
        raise TifaError(
            f"{member.name!r} is a link or a device; expected plain files", where=archive
        )
    if member.size > MAX_TEXT_BYTES:
        raise TifaError(
            f"{member.name!r} has {member.size:,} bytes; expected at most {MAX_TEXT_BYTES:,}",
            where=archive,
        )
