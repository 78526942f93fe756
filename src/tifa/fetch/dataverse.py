"""A data set from a Dataverse, by its DOI: pooch knows its answers and checks its hashes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pooch
from pooch.downloaders import DataverseRepository

from tifa.fetch.client import Client, FetchError, MissingError
from tifa.util.errors import TifaError

HARVARD = "https://dataverse.harvard.edu"
ARCHIVE_BYTES = 500_000_000
_ARCHIVE = re.compile(r"UNGDC[\w.-]*\.(tgz|txz|zip|tar|tar\.(gz|xz|bz2))", re.IGNORECASE)
_SPEAKERS = re.compile(r"Speakers[\w.-]*\.xlsx", re.IGNORECASE)


@dataclass(frozen=True)
class Dataset:
    """What was fetched of a data set."""

    version: str
    archive: Path
    speakers: Path | None


class _Answer:
    """The answer of the server in the form in which pooch takes it."""

    def __init__(self, version: dict[str, Any]) -> None:
        self._version = version

    def json(self) -> dict[str, Any]:
        return {"data": {"latestVersion": self._version}}


def fetch_dataset(
    client: Client, doi: str, folder: Path, *, version: str = "", base: str = HARVARD
) -> Dataset:
    """Fetch the archive of speeches and the list of speakers.

    Parameters
    ----------
    client
        What asks.
    doi
        Such as 10.7910/DVN/0TJX8Y.
    folder
        Where the files go; those that are there and right are not fetched again.
    version
        Number of the version that the features were made from; where the server does not have
        it, or none is named, the latest is taken.
    base
        Address of the Dataverse.

    Raises
    ------
    FetchError
        For what the server did; also where the file is not the one it announced.

    """
    found = _version(client, base, doi, version)
    answer = _Answer(found)
    repository = DataverseRepository(doi, base)
    repository.api_response = answer
    # made by hand, not by populate_registry: a name may be a path, and a hash may be missing
    files: dict[str, tuple[str, str]] = {}
    for file in found["files"]:
        data = file["dataFile"]
        name, original = str(data["filename"]), str(data.get("originalFileName") or "")
        hashed = "" if original else str(data.get("md5", ""))
        # a spreadsheet is kept as a table; its original is asked for by name
        files[original or name] = (name, hashed)
    archive = _only(files, _ARCHIVE, "archive of speeches", base, doi)
    speakers = [n for n in files if _SPEAKERS.fullmatch(n)]
    pooch.get_logger().setLevel("WARNING")
    # left by a run that was killed; our half files have other names
    for stray in folder.glob("tmp*"):
        stray.unlink()
    paths = []
    for name in [archive, *speakers[:1]]:
        listed, md5 = files[name]
        url = repository.download_url(listed) + ("?format=original" if listed != name else "")
        paths.append(_fetch(client, url, folder, name, md5))
    number = ".".join(str(found[k]) for k in ("versionNumber", "versionMinorNumber") if k in found)
    return Dataset(number, paths[0], paths[1] if len(paths) > 1 else None)


def _version(client: Client, base: str, doi: str, version: str) -> dict[str, Any]:
    query = urlencode({"persistentId": f"doi:{doi}"})
    wanted = [f"versions/{version}.0"] if version else []
    for which in [*wanted, "versions/:latest-published"]:
        url = f"{base}/api/datasets/:persistentId/{which}?{query}"
        try:
            content = client.read(url, types=("application/json",), limit=20_000_000)
        except MissingError:
            if which in wanted:
                continue
            raise
        try:
            found: dict[str, Any] = json.loads(content)["data"]
            for file in found["files"]:
                file["dataFile"]["filename"], file["dataFile"]["id"]
            return found
        except (ValueError, KeyError, TypeError, RecursionError):
            raise FetchError("not the answer of a Dataverse", where=url) from None
    raise AssertionError


def _only(
    files: dict[str, tuple[str, str]], name: re.Pattern[str], what: str, base: str, doi: str
) -> str:
    found = [n for n in files if name.fullmatch(n)]
    if len(found) != 1:
        raise FetchError(
            f"{len(found)} files look like the {what}, expected one of {', '.join(files)}; fetch "
            "it by hand and give its folder with --from",
            where=f"{base}, doi:{doi}",
        )
    return found[0]


def _fetch(client: Client, url: str, folder: Path, name: str, md5: str) -> Path:
    def download(_: str, output: str, __: object) -> None:
        # the half file has a name of its own beside, so that the next run can go on with it
        client.download(
            url, folder / f"{name}.download", limit=ARCHIVE_BYTES, robots=False, hosts="any"
        )
        (folder / f"{name}.download").replace(output)

    store = pooch.create(path=folder, base_url=url, registry={name: f"md5:{md5}" if md5 else None})
    try:
        return Path(store.fetch(name, downloader=download))
    except TifaError:
        raise
    except ValueError:
        raise FetchError(
            "is not the file that the server announced (MD5 differs); run again", where=url
        ) from None
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=folder) from None
