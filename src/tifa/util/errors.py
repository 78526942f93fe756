"""The exception for errors that a user should see, and helpers for its messages."""

from __future__ import annotations

from pathlib import Path


class TifaError(Exception):
    """An error that a user should see: a bad file, field, phrase or option, or a failing server.

    The message is one line that says where the error is, what was found, what was expected and
    what to do next. The command line prints it without a traceback, and exits with status 2.
    """

    def __init__(self, problem: str, *, where: str | Path = "", line: int | None = None) -> None:
        place = str(where) + (f":{line}" if where and line is not None else "")
        super().__init__(one_line(f"{place}: {problem}" if place else problem))

    def _render_traceback_(self) -> list[str]:
        """Make IPython show the message without a traceback, as the command line does."""
        return [str(self)]


def reason(error: OSError) -> str:
    """Return the reason why a file operation failed; if several files failed, that of the first.

    >>> reason(OSError(28, "No space left on device"))
    'No space left on device'
    """
    if error.strerror:
        return error.strerror
    parts = error.args[0] if error.args else ""
    # shutil.Error has a list with (source, target, reason) for each file
    if isinstance(parts, list) and parts:
        parts = parts[0][-1] if isinstance(parts[0], tuple) else parts[0]
    return one_line(str(parts)) or type(error).__name__


def one_line(text: str) -> str:
    """Make a message a single line: replace line breaks and control characters by spaces.

    >>> one_line("a\\nb \\x1b[31mc")
    'a b [31mc'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
