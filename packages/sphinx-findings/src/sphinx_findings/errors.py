"""The error of this package."""

from __future__ import annotations

from pathlib import Path


class FindingsError(Exception):
    """A mistake in the input: a finding, a file, a field.

    The message is one line: the place, what was found, what was expected.
    """

    def __init__(self, problem: str, *, where: str | Path = "") -> None:
        message = f"{where}: {problem}" if where else problem
        super().__init__(" ".join("".join(c if c.isprintable() else " " for c in message).split()))
