"""Which state of the source is built: a release, a commit between releases, or not known.

Git says so; in an archive made by git (such as a ZIP from GitHub) .git_archival.txt does. What
neither says is not made up.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

#: Letters of a commit in a citation.
SHORT = 7


@dataclass(frozen=True)
class Source:
    """A state of the source; empty is what is not known."""

    commit: str = ""
    day: str = ""
    tags: tuple[str, ...] = ()
    changed: bool = False
    #: whether this is a checkout, where git can be asked
    checkout: bool = False

    def is_release(self, version: str, released: str) -> bool:
        """Whether this is the release of a version, which has a day in CITATION.cff."""
        if not released or self.changed:
            return False
        if self.commit:
            return f"v{version}" in self.tags
        # an archive that somebody else has made: the file is all there is
        return not self.checkout

    def state(self, version: str, released: str) -> str:
        """What tells this state from the release of its version; empty for the release."""
        if self.is_release(version, released):
            return ""
        if self.commit:
            return self.commit[:SHORT] + (".changed" if self.changed else "")
        return "commit-not-known" if self.checkout else "unreleased"

    def date(self, version: str, released: str) -> str:
        """ISO date of publication: of the release, else of the commit, else none.

        SOURCE_DATE_EPOCH, by which builds are told a time, counts where this is no release; 0
        is what tools write where they know none.
        """
        if self.is_release(version, released):
            return released
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        if epoch.strip("0 "):
            return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
        return self.day or released


def read_source(root: Path) -> Source:
    """Ask git, or read what git has left in an archive."""
    if (root / ".git").exists():
        commit = git(root, "rev-parse", "HEAD")
        return Source(
            commit=commit,
            day=git(root, "log", "-1", "--format=%cs"),
            tags=tuple(git(root, "tag", "--points-at", "HEAD").split()),
            changed=bool(commit and git(root, "status", "--porcelain", "--untracked-files=no")),
            checkout=True,
        )
    path = root / ".git_archival.txt"
    text = path.read_text(encoding="utf-8") if path.is_file() else "$Format"
    if "$Format" in text:  # git fills it in when it makes an archive
        return Source()
    said = dict(line.partition(": ")[::2] for line in text.splitlines())
    tags = re.findall(r"tag: ([^,\s]+)", said.get("names", ""))
    return Source(said.get("node", ""), said.get("day", ""), tuple(tags))


def git(root: Path, *asked: str) -> str:
    """What git says of the source; empty where it says nothing, or does not trust the folder."""
    command = ["git", "-C", str(root), *asked]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
