"""Keep released versions of the site in v/NUMBER/, unchanged except for a link to the newest.

``python -m tifa_book.frozen SITE ARCHIVES`` unpacks every site-NUMBER.zip of a folder.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

from tifa.util.errors import TifaError
from tifa_book.markup import render

_NAME = re.compile(r"site-(\d+\.\d+\.\d+)\.zip")
_BODY = re.compile(r"<body[^>]*>")


def freeze(site: Path, archives: Path) -> list[str]:
    """Unpack released sites (site-NUMBER.zip) into the newest one; returns their versions."""
    versions = []
    for path in sorted(archives.glob("*.zip")):
        named = _NAME.fullmatch(path.name)
        if named is None:
            continue
        folder = site / "v" / named[1]
        try:
            with zipfile.ZipFile(path) as archive:
                strange = [n for n in archive.namelist() if n.startswith("/") or ".." in n]
                if strange:
                    raise TifaError(f"leads out of the archive: {strange[0]}", where=path)
                archive.extractall(folder)
        except zipfile.BadZipFile as error:
            raise TifaError(f"is not an archive: {error}", where=path) from None
        for page in folder.rglob("*.html"):
            _mark(page, site, folder, named[1])
        versions.append(named[1])
    return versions


def _mark(page: Path, site: Path, folder: Path, version: str) -> None:
    """Add a link to the newest version at the top of a page."""
    name = page.relative_to(folder)
    newest = name if (site / name).is_file() else Path("index.html")
    up = "../" * (len(page.relative_to(site).parts) - 1)
    banner = render("frozen.html", version=version, newest=f"{up}{newest.as_posix()}")
    text = page.read_text(encoding="utf-8")
    page.write_text(_BODY.sub(lambda body: body[0] + banner, text, count=1), encoding="utf-8")


def main() -> None:
    """Unpack the archives of a folder into a site."""
    try:
        versions = freeze(Path(sys.argv[1]), Path(sys.argv[2]))
    except TifaError as error:
        sys.exit(f"tifa: {error}")
    print(f"released versions: {', '.join(versions) or 'none yet'}")


if __name__ == "__main__":
    main()
