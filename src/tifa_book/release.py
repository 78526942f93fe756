"""Prepare a release: ``make release VERSION=1.2.0``.

This writes version and date to CITATION.cff, and the version to src/tifa/version.py and to the
changed rows of data/findings.csv. It also writes to CHANGELOG.md how the findings have changed
since the last release. The commit and the tag are left to you.

``python -m tifa_book.release --unpack SITE ARCHIVES`` adds released versions to the newest site: it
unpacks every site-NUMBER.zip in the folder ARCHIVES into SITE/v/NUMBER/. Each page of an old
version gets a link to the newest version.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from os.path import relpath
from pathlib import Path

from sphinx_findings.errors import FindingsError
from sphinx_findings.imprint import git
from sphinx_findings.snapshot import (
    Difference,
    Row,
    differences,
    read_built,
    read_snapshot,
    to_csv,
    with_version,
)

from tifa.data.files import write_file
from tifa.util.errors import TifaError
from tifa_book import render

LEDGER = Path("data") / "findings.csv"
_UNRELEASED = "## Unreleased\n"
_NEXT = """
Look at the changes (git diff), build and test, then:
  git commit -am "Version {version}" && git tag v{version} && git push --follow-tags
Archives such as Zenodo take the tag. Of the DOIs that they give, put the one of all versions into
CITATION.cff afterwards: it stays right with the next release, and citations name the version.
Before the first change of a finding, set the next version in src/tifa/version.py and CITATION.cff,
and take out date-released."""


def prepare(root: Path, version: str, day: str) -> str:
    """Write version, date and a summary of changed findings into the files of a checkout.

    The site must have been built in this checkout. Returns the summary of what has changed in the
    findings since the last release. Raises TifaError if the version is invalid or already released,
    the folder is not a git checkout or has uncommitted changes, the section Unreleased of
    CHANGELOG.md is empty, or the findings of the site differ from data/findings.csv. Raises
    FindingsError if the findings cannot be read.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise TifaError(f"version {version!r}: expected three numbers, like 1.2.0")
    if not git(root, "rev-parse", "HEAD"):
        raise TifaError("git does not know this folder; a release is made from a clone", where=root)
    if f"v{version}" in git(root, "tag").split():
        raise TifaError(f"version {version} is released: there is a tag v{version}", where=root)
    if git(root, "status", "--porcelain", "--untracked-files=no"):
        raise TifaError("there are changes; commit them first", where=root)
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not changes.partition(_UNRELEASED)[2].partition("\n## ")[0].strip():
        raise TifaError("the section Unreleased is empty", where=root / "CHANGELOG.md")
    now = read_snapshot(root / LEDGER)
    found = differences(now, read_built(root / "_build" / "html" / "findings.json"))
    if found:
        raise TifaError(f"{found[0]} in the built site; run make findings", where=root / LEDGER)

    before = released_ledger(root)
    known = {row["id"] for row in before}
    summary = ledger_changes(
        before, [row for row in now if row["status"] == "current" or row["id"] in known]
    )
    head = f"{_UNRELEASED}\n## {version}, {day}\n\n- Findings: {summary}\n"
    code = (root / "src/tifa/version.py").read_text(encoding="utf-8")
    cited = (root / "CITATION.cff").read_text(encoding="utf-8")
    cited = re.sub(r"(?m)^date-released:.*\n", "", cited)
    for name, text in {
        "CHANGELOG.md": changes.replace(f"{_UNRELEASED}\n", head, 1),
        LEDGER.as_posix(): to_csv(with_version(before, now, version=version)),
        "src/tifa/version.py": re.sub('__version__ = ".*"', f'__version__ = "{version}"', code),
        "CITATION.cff": re.sub(
            "(?m)^version:.*$", f"version: {version}\ndate-released: {day}", cited
        ),
    }.items():
        write_file(root / name, text.encode())
    return summary


def released_ledger(root: Path) -> list[Row]:
    """Return the rows of data/findings.csv at the last release; empty if there was none."""
    tag = git(root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    text = git(root, "show", f"{tag}:{LEDGER.as_posix()}") if tag else ""
    return list(csv.DictReader(io.StringIO(text)))


def ledger_changes(before: Iterable[Row], now: Iterable[Row]) -> str:
    changed: dict[str, list[Difference]] = {}
    for difference in differences(before, now):
        changed.setdefault(difference.id, []).append(difference)
    lines = []
    for id, found in changed.items():
        how = f"changed ({', '.join(d.column for d in found)})"
        if found[0].column == "id":
            how = "new" if found[0].after else "gone"
        elif any(d.column == "status" and d.after == "withdrawn" for d in found):
            how = "withdrawn"
        lines.append(f"{id} {how}")
    return f"{'; '.join(lines) or 'no change'}."


# --- released versions on the site --------------------------------------------------------


_NAME = re.compile(r"site-(\d+\.\d+\.\d+)\.zip")


def freeze(site: Path, archives: Path) -> list[str]:
    """Unpack each site-NUMBER.zip in ``archives`` into v/NUMBER of ``site``; return the numbers.

    Each unpacked page gets a link to the newest version. Raises TifaError if one of the archives is
    not a ZIP file, or contains a path that could lead out of its folder.
    """
    versions = []
    for path in sorted(archives.glob("*.zip")):
        if not (named := _NAME.fullmatch(path.name)):
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
    """Add a link at the top of an old page to the same page of the newest version.

    If the newest version does not have this page, the link goes to its first page.
    """
    name = page.relative_to(folder)
    newest = site / (name if (site / name).is_file() else "index.html")
    banner = render("frozen.html", version=version, newest=relpath(newest, page.parent))
    text = page.read_text(encoding="utf-8")
    marked = re.sub("<body[^>]*>", lambda body: body[0] + banner, text, count=1)
    page.write_text(marked, encoding="utf-8")


def main() -> None:
    """Run the command that the docstring of this module describes."""
    root = Path.cwd()
    version, *folders = sys.argv[1:] or [""]
    try:
        if version == "--unpack":
            versions = freeze(*map(Path, folders))
            print(f"released versions: {', '.join(versions) or 'none yet'}")
            return
        summary = prepare(root, version, datetime.datetime.now(datetime.UTC).date().isoformat())
    except (TifaError, FindingsError) as error:
        sys.exit(f"tifa: {error}")
    # in new processes, which import the new version
    for module in (["tifa.cli", "snapshot"], ["tifa.publish.deposit"]):
        subprocess.run([sys.executable, "-m", *module], check=True)
    print(f"Findings: {summary}")
    print(_NEXT.format(version=version))


if __name__ == "__main__":
    main()
