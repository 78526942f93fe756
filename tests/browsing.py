"""Wait for a page under test."""

from __future__ import annotations

import time
from typing import Any


def until(page: Any, expression: str, *, arg: Any = None, timeout: float = 30_000) -> None:
    """Wait until an expression is true in a page; ``timeout`` in milliseconds.

    Playwright's own wait_for_function evaluates a string within the page, which the site's
    Content-Security-Policy forbids; a question from outside is not bound by it.
    """
    end = time.monotonic() + timeout / 1000
    while not page.evaluate(expression, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"not true after {timeout:.0f} ms: {expression}")
        page.wait_for_timeout(50)
