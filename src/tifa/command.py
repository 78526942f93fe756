"""Entry point of the command ``tifa``."""

from __future__ import annotations

import sys


def main() -> None:
    """Load and run the command; on Ctrl-C while it loads, print one line and exit."""
    try:
        from tifa.cli import main as run  # noqa: PLC0415 - this takes a moment
    except KeyboardInterrupt:
        print("tifa: stopped; no file is half-written: run it again", file=sys.stderr)
        raise SystemExit(130) from None
    run()
