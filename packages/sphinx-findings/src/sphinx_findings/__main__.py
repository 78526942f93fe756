"""Bring the snapshot of the findings up to date: ``python -m sphinx_findings``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sphinx_findings.errors import FindingsError
from sphinx_findings.snapshot import brought_up


def main() -> int:
    """Show how the built site differs from the snapshot, and update the snapshot."""
    asked = argparse.ArgumentParser(prog="python -m sphinx_findings", description=main.__doc__)
    asked.add_argument("built", type=Path, help="findings.json of the built site")
    asked.add_argument("snapshot", type=Path, help="the snapshot, such as data/findings.csv")
    asked.add_argument("--version", default="", help="version of the work, for rows that change")
    asked.add_argument(
        "--check", action="store_true", help="change nothing; fail where they differ"
    )
    given = asked.parse_args()
    try:
        found, counted, text = brought_up(given.snapshot, given.built, version=given.version)
    except FindingsError as error:
        asked.error(str(error))
    print(*found, counted, sep="\n")
    if text and not given.check:
        given.snapshot.write_text(text, encoding="utf-8", newline="")
    return 1 if found and given.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
