"""The error that this package raises."""

from __future__ import annotations

from pathlib import Path


class FindingsError(Exception):
    """A mistake in a finding, a file or a field that was given to this package.

    The message is one line: ``where`` the mistake is, and what the problem is.
    """

    def __init__(self, problem: str, *, where: str | Path = "") -> None:
        message = f"{where}: {problem}" if where else problem
        super().__init__(" ".join("".join(c if c.isprintable() else " " for c in message).split()))
