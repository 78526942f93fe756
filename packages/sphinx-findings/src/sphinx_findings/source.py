"""The state of the source that is built: a release, a commit between releases, or unknown.

Comes from git, or from .git_archival.txt in an archive made by git (such as a ZIP from GitHub).
Anything else stays unknown.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

#: Characters of a commit in a citation.
SHORT = 7


@dataclass(frozen=True)
class Source:
    """A state of the source; unknown values are empty."""

    commit: str = ""
    day: str = ""
    tags: tuple[str, ...] = ()
    changed: bool = False
    #: whether this is a checkout with git
    checkout: bool = False

    def is_release(self, version: str, released: str) -> bool:
        """Whether this is a release, which has a date in CITATION.cff."""
        if not released or self.changed:
            return False
        if self.commit:
            return f"v{version}" in self.tags
        # an archive made without git: CITATION.cff is the only source
        return not self.checkout

    def state(self, version: str, released: str) -> str:
        """The commit, to distinguish this state from the release; empty for the release."""
        if self.is_release(version, released):
            return ""
        if self.commit:
            return self.commit[:SHORT] + (".changed" if self.changed else "")
        return "commit-not-known" if self.checkout else "unreleased"

    def date(self, version: str, released: str) -> str:
        """ISO date of publication: of the release, else of the commit, else empty.

        Except for a release, SOURCE_DATE_EPOCH has precedence if set; tools set 0 for an unknown
        time.
        """
        if self.is_release(version, released):
            return released
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        if epoch.strip("0 "):
            return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
        return self.day or released


def read_source(root: Path) -> Source:
    """Ask git, or read the file that git writes into an archive."""
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
    if "$Format" in text:  # git fills this in when it makes an archive
        return Source()
    fields = dict(line.partition(": ")[::2] for line in text.splitlines())
    tags = re.findall(r"tag: ([^,\s]+)", fields.get("names", ""))
    return Source(fields.get("node", ""), fields.get("day", ""), tuple(tags))


def git(root: Path, *asked: str) -> str:
    """Output of a git command; empty if it fails or git does not trust the folder."""
    command = ["git", "-C", str(root), *asked]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
