"""Make sure that full texts are not written where git would track them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tifa.util.errors import TifaError


def check_place(path: Path, *, force: bool = False) -> None:
    """Check that full text may be written to a path.

    Raises TifaError if git would track the file there or, without ``force``, if the path exists.
    """
    if not force and (path.exists() or path.is_symlink()):
        raise TifaError("is there already; choose another name, or add --force", where=path)
    # resolve links in the folder, but not a link at the path itself, which writing would replace
    place = path.parent.resolve() / path.name
    tree = next((p for p in place.parents if (p / ".git").exists()), None)
    if tree is not None and not _ignored(place, tree):
        raise TifaError(
            f"this is full text, and git does not ignore this place in {tree}; write it "
            "to a folder outside, or to one that .gitignore names, such as data/texts",
            where=path,
        )


def _ignored(place: Path, tree: Path) -> bool:
    # if git started this process (in a hook), GIT_DIR and the like may name another repository
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(tree), "check-ignore", "--quiet", "--", str(place)],
            capture_output=True,
            check=False,
            env=environment,
        )
    except OSError:
        return False
    return done.returncode == 0
