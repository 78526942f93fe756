"""Read tar archives from front to back, without unpacking anything to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from tifa.sources.document import MAX_TEXT_BYTES
from tifa.util.errors import TifaError, one_line

#: Largest unpacked size of an archive: in bytes, and as a multiple of its packed size. An archive
#: of more than 1 MB that exceeds either is refused, because it may be an attack (a "zip bomb").
MAX_BYTES, MAX_RATIO = 2_000_000_000, 200
#: Largest size in bytes of an extended header; tarfile reads such a header into memory as a whole.
_MAX_HEADER = 100_000
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class _Member(tarfile.TarInfo):
    """A member of an archive; raises ReadError if a header is damaged or too large.

    ``tarfile`` alone would take a damaged header for the end of the archive.
    """

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
            raise  # an empty block is the regular end of an archive
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"cut off or damaged: {error}") from None


def members(
    archive: Path, wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of files in a tar archive, whatever its compression.

    A file is read and yielded only if ``wanted`` returns true for its name. Raises TifaError if the
    archive is damaged, cut off or too large when unpacked, or if a wanted file is a link, a device
    or larger than a text can be.
    """
    try:
        limit = min(MAX_BYTES, max(MAX_RATIO * archive.stat().st_size, 1_000_000))
        # "r|*" reads an archive of any compression once, from front to back
        with tarfile.open(archive, mode="r|*", tarinfo=_Member) as tar:
            for member in tar:
                if tar.offset > limit:
                    raise TifaError(f"unpacks to more than {limit:,} bytes; stopped", where=archive)
                if not member.isdir() and wanted(member.name):
                    _check(member, archive)
                    file = tar.extractfile(member)
                    yield member.name, file.read() if file else b""
                # otherwise tarfile would keep all members in memory
                tar.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise TifaError(
            f"not a complete tar archive ({one_line(str(error))}); fetch it again", where=archive
        ) from None


def _check(member: tarfile.TarInfo, archive: Path) -> None:
    if not member.isfile() or member.issparse():
        problem = "is a link or a device; expected plain files"
    elif member.size > MAX_TEXT_BYTES:
        problem = f"has {member.size:,} bytes; expected at most {MAX_TEXT_BYTES:,}"
    else:
        return
    raise TifaError(f"{member.name!r} {problem}", where=archive)
