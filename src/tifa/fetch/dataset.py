"""Fetch a whole corpus: a data set from a Dataverse server, or a repository at one commit."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pooch

from tifa.data.files import write_file
from tifa.data.metadata import Repository
from tifa.fetch.client import Client, FetchError, MissingError
from tifa.fetch.layouts import table_of
from tifa.sources.archive import members
from tifa.util.errors import TifaError, reason

#: Options of :meth:`Client.download` for archives.
_OPTIONS: dict[str, Any] = {"limit": 500_000_000, "seconds": 3600.0, "other_hosts": True}
_ARCHIVE = re.compile(r"UNGDC[\w.-]*\.(tgz|txz|tar|tar\.(gz|xz|bz2))", re.IGNORECASE)
_SPEAKERS = re.compile(r"Speakers[\w.-]*\.xlsx", re.IGNORECASE)


def fetch_dataverse(client: Client, doi: str, folder: Path, *, version: str = "", base: str) -> str:
    """Fetch the UN debate speeches and, if there is one, the list of speakers.

    ``doi`` is the DOI of the data set, such as 10.7910/DVN/0TJX8Y, and ``base`` is the address of
    the server. Files that are already in the folder are not fetched again unless the server
    publishes a different hash. Returns the version that was fetched; this is the latest one if
    ``version`` is empty or the server does not have it.

    Raises :class:`FetchError` if the server fails, if there is not exactly one archive of speeches,
    or if a file does not match its published hash. Raises TifaError if a file cannot be written.
    """
    found = _version(client, base, doi, version)
    files: dict[str, tuple[str, str | None]] = {}
    for file in found["files"]:
        about = file["dataFile"]
        name, original = str(about["filename"]), str(about.get("originalFileName") or "")
        url = f"{base}/api/access/datafile/{int(about['id'])}"
        md5 = str(about.get("md5", ""))
        # the server has converted spreadsheets; fetch the originals, which have no published hash
        known = f"md5:{md5}" if re.fullmatch("[0-9a-f]{32}", md5) and not original else None
        files[original or name] = (url + ("?format=original" if original else ""), known)
    archives = [n for n in files if _ARCHIVE.fullmatch(n)]
    if len(archives) != 1:
        raise FetchError(
            f"{len(archives)} files look like the archive of speeches, expected one of "
            f"{', '.join([*files][:5]) or 'none'}; fetch it by hand and give its folder with "
            "--from",
            where=f"{base}, doi:{doi}",
        )
    for name in [*archives, *[n for n in files if _SPEAKERS.fullmatch(n)][:1]]:
        _retrieve(client, *files[name], folder, name)
    return ".".join(str(found[k]) for k in ("versionNumber", "versionMinorNumber") if k in found)


def _version(client: Client, base: str, doi: str, version: str) -> dict[str, Any]:
    query = urlencode({"persistentId": f"doi:{doi}"})
    which = f"{version}.0" if version else ":latest-published"
    url = f"{base}/api/datasets/:persistentId/versions/{which}?{query}"
    try:
        content, _ = client.read(url, types=("application/json",), limit=20_000_000)
        found: dict[str, Any] = json.loads(content)["data"]
        for file in found["files"]:
            file["dataFile"]["filename"], int(file["dataFile"]["id"])
        return found
    except MissingError:
        if not version:
            raise
        return _version(client, base, doi, "")
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        raise FetchError("not the answer of a Dataverse", where=url) from None


def _retrieve(client: Client, url: str, known: str | None, folder: Path, name: str) -> Path:
    """Fetch a file into ``folder``, unless it is already there.

    If ``known`` is given, a file there with another hash is fetched again, and a fetched file with
    another hash is refused.
    """
    pooch.get_logger().setLevel("WARNING")

    def download(_: str, output: str, __: object) -> None:
        client.download(url, Path(output), **_OPTIONS)

    try:
        return Path(pooch.retrieve(url, known, fname=name, path=folder, downloader=download))
    except ValueError:
        raise FetchError(
            "is not the file that the server announced (MD5 differs); run again", where=url
        ) from None
    except OSError as error:
        raise TifaError(f"cannot be written: {reason(error)}", where=folder) from None


def fetch_repository(client: Client, repository: Repository, work: Path, target: Path) -> None:
    """Fetch a public repository at one commit, check its files, and write its texts as a table.

    The archive is downloaded to the folder ``work`` and deleted afterwards; ``target`` is the
    Parquet file to write. Raises :class:`FetchError` if the host fails or if the files do not have
    the expected hash, and TifaError if they cannot be read.
    """

    def wanted(name: str) -> bool:
        return fnmatchcase(name.partition("/")[2], repository.files)

    archive = work / f"{repository.commit}.tar.gz"
    url = f"{repository.url}/archive/{repository.commit}.tar.gz"
    client.download(url, archive, **_OPTIONS)
    try:
        files = {name.partition("/")[2]: content for name, content in members(archive, wanted)}
    finally:
        archive.unlink()
    # hash the files, not the archive, because a host may compress the same files differently
    found = files_digest(files)
    if found != repository.sha256:
        raise FetchError(
            f"its {len(files):,} files {repository.files} are not those of commit "
            f"{repository.commit[:8]} (SHA-256 {found[:8]}, expected {repository.sha256[:8]})",
            where=repository.url,
        )
    table = io.BytesIO()
    table_of(files, repository.layout).write_parquet(table)
    write_file(target, table.getvalue())


def files_digest(files: Mapping[str, bytes]) -> str:
    """Return one SHA-256 for several files, given as a mapping of path to content.

    ``sha256sum FILE... | sha256sum`` prints the same hash if the files are sorted by path.

    >>> files_digest({"a": b"boats"})[:8]
    '5bda7c9c'
    """
    lines = (f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
