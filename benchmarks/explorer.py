"""Measure the explorer's look-up in a real browser, on the built site."""

from __future__ import annotations

import statistics
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from lighthouse import FLAGS, SITE, Compressed, chromium
from measure import Row
from playwright.sync_api import sync_playwright

PAGE = "book/explorer.html"
#: Each visit to the page looks up one of these phrases.
PHRASES = ("friendly relations", "arms race", "food security", "peaceful settlement", "debt relief")
#: JavaScript that returns three numbers: milliseconds of the look-up (the second one, because the
#: page begins with an example), milliseconds from pressing a key to the result, and bytes fetched
#: after the time ``since``.
MEASURED = """(since) => [
  performance.getEntriesByName("look-up")[1].duration,
  performance.getEntriesByName("explorer")[0].duration,
  performance.getEntriesByType("resource").filter((e) => e.startTime > since)
    .reduce((sum, e) => sum + e.encodedBodySize, 0),
]"""


def explorer(_: int, __: Path) -> list[Row]:
    """Type phrases; measure the look-up, the time until the result is drawn, and bytes fetched."""
    if not (SITE / PAGE).is_file():
        raise SystemExit("the site is not built; run: make book")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressed, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        # leave out the first flag, --headless, because playwright sets it itself
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS.split()[1:])
        found = []
        for phrase in PHRASES * 2:  # the first round only lets the server compress its files
            page = browser.new_page(bypass_csp=True)
            page.goto(f"http://127.0.0.1:{server.server_port}/{PAGE}", wait_until="networkidle")
            since = page.evaluate("performance.now()")
            page.locator("#tx-q").focus()
            page.wait_for_timeout(500)
            page.keyboard.insert_text(phrase)
            page.wait_for_function("performance.getEntriesByName('explorer').length")
            found.append(page.evaluate(MEASURED, since))
            page.close()
        browser.close()
    server.shutdown()
    columns = zip(*found[len(PHRASES) :], strict=True)
    looked, waited, fetched = (statistics.median(values) for values in columns)
    row = Row("explorer", "look-up, first result", looked / 1000, rounds=len(PHRASES))
    row.before, row.goal = "18 ms", "at most 10 ms and 60 KB"
    over = [f"{looked:.3g} ms"] * (looked > 10) + [f"{fetched / 1000:.3g} KB"] * (fetched > 60_000)
    row.reached = f"no: {', '.join(over)}" if over else "yes"
    row.note = f"{waited:.0f} ms from the key, since the page waits for another; "
    row.note += f"{fetched / 1000:.0f} KB fetched, compressed beforehand"
    return [row]
