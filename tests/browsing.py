"""The built site in a real browser: one server and one browser for all tests."""

import http.server
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

#: Options for a browser without network requests of its own, and without a screen.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
BROWSER = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)"),
]

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rules of axe that depend on colours; all others give the same in both themes.
OF_COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "preload": False,
    "resultTypes": ["violations"],
}
OF_ALL = {
    "runOnly": WCAG,
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "preload": False,  # axe would fetch @imports relative to the page, and miss
    "resultTypes": ["violations"],
}


def pages():
    found = [p for p in SITE.rglob("*.html") if "_static" not in p.parts and not leads_on(p)]
    return sorted(p.relative_to(SITE).as_posix() for p in found)


def leads_on(page):
    """Whether a page only redirects to another: the root, and pages that have moved."""
    return 'http-equiv="refresh"' in page.read_text(encoding="utf-8").lower()


@pytest.fixture(scope="session")
def server():
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args, **options):
            super().__init__(*args, directory=str(SITE), **options)

        def log_message(self, *_):
            pass

    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{service.server_port}/"
    service.shutdown()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


def until(page, expression, *, arg=None, timeout=30_000):
    """Wait until an expression is true in a page; ``timeout`` in milliseconds.

    Playwright's own wait_for_function evaluates a string within the page, which the site's
    Content-Security-Policy forbids; evaluating from outside is not restricted by it.
    """
    end = time.monotonic() + timeout / 1000
    while not page.evaluate(expression, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"not true after {timeout:.0f} ms: {expression}")
        page.wait_for_timeout(50)
