"""The built site in a real browser: one server and one browser for all tests."""

import http.server
import json
import os
import shutil
import threading
import time
from contextlib import contextmanager
from functools import cache, partial
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
built = pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)")
BROWSER = [pytest.mark.browser, pytest.mark.slow, built]


def in_browser(test):
    """Mark one test or class, in a module whose other tests need no browser."""
    for mark in BROWSER:
        test = mark(test)
    return test


#: Both widths that the site is made for.
WIDTHS = pytest.mark.parametrize("width", [1280, 390])

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rules of axe that depend on colours; all others give the same result in both themes.
COLOURS = ["color-contrast", "link-in-text-block"]
ONE_OF_EACH = ";axe.configure({rules: [{id: 'color-contrast', selector: '[data-kind]'}]});"
#: JavaScript that marks one visible text of each kind: of the same colour, size and background. Axe
#: takes long for each text, and the thousand cells of a table are of three kinds. Texts of kinds
#: that were seen before are not marked; returns all kinds.
KINDS = """([root, seen]) => {
  const grounds = new Map(), kinds = new Map();
  const ground = (e) => {
    if (!e) return "";
    if (!grounds.has(e)) {
      const s = getComputedStyle(e);
      const bare = s.backgroundColor === "rgba(0, 0, 0, 0)" && s.backgroundImage === "none";
      const own = [bare ? "" : s.backgroundColor + s.backgroundImage,
        s.opacity === "1" ? "" : s.opacity, /static|relative/.test(s.position) ? "" : s.position];
      grounds.set(e, ground(e.parentElement) + own.join(""));
    }
    return grounds.get(e);
  };
  for (const e of document.querySelectorAll(`${root} *`)) {
    e.removeAttribute("data-kind");
    const texts = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!(texts || e.matches("input, select, textarea")) || !e.checkVisibility()) continue;
    const s = getComputedStyle(e);
    const kind = [s.color, s.fontSize, s.fontWeight, s.textShadow, s.textDecorationLine, e.tagName,
      ground(e)].join();
    if (!kinds.has(kind)) kinds.set(kind, e);
  }
  for (const [kind, e] of kinds) if (!seen.includes(kind)) e.setAttribute("data-kind", "");
  return [...kinds.keys()];
}"""


@cache
def html_of(name):
    """The text of a page, or of another file, of the site."""
    return (SITE / name).read_text(encoding="utf-8")


@cache
def pages():
    """Addresses of all pages, without those that only redirect: the root, and moved pages."""
    found = [p.relative_to(SITE) for p in SITE.rglob("*.html")]
    names = [p.as_posix() for p in found if "_static" not in p.parts]
    return sorted(n for n in names if 'http-equiv="refresh"' not in html_of(n).lower())


def sources(folder=""):
    """Address and source of each page, or of the pages in a folder."""
    return [(name, html_of(name)) for name in pages() if name.startswith(folder)]


def json_of(name):
    """The content of a JSON file of the site."""
    return json.loads(html_of(name))


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def serve(folder):
    """Serve a folder while the context lasts; yields its address."""
    handler = partial(_Handler, directory=str(folder))
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{service.server_port}/"
    service.shutdown()


@pytest.fixture(scope="session")
def server():
    with serve(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, server):
    """A function that opens a page of the site in a new context, with options of Playwright."""
    contexts = []

    def opened(address, *, width=1280, height=844, script=True, **options):
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, java_script_enabled=script, **options)
        contexts.append(context)
        page = context.new_page()
        if address is not None:
            page.goto(server + address)
        return page

    yield opened
    for context in contexts:
        context.close()


def faults(page, tags=WCAG, root="html", seen=None, **rules):
    """Violations that axe finds by the rules with these tags; without tags, by those of colours.

    The contrast of a kind of text that is in ``seen``, a set, is known; new kinds are added to it.
    """
    from axe_playwright_python.base import AXE_SCRIPT
    from axe_playwright_python.sync_playwright import Axe

    kinds = page.evaluate(KINDS, [root, list(seen or ())])
    assert len(kinds) > 3
    if seen is not None:
        seen.update(kinds)
    run = {"rules": {"label-content-name-mismatch": {"enabled": True}} | rules, "runOnly": tags}
    if not tags:
        run = {"runOnly": {"type": "rule", "values": COLOURS}}
    run |= {"preload": False, "resultTypes": ["violations"]}  # or axe would fetch @imports in vain
    found = Axe(AXE_SCRIPT + ONE_OF_EACH).run(page, context=root, options=run).response
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]]


def on_screen(element):
    """Whether an element is within the window of its page, and not only a part of it."""
    box, window = element.bounding_box(), element.page.viewport_size
    beyond = max(
        box["x"] + box["width"] - window["width"], box["y"] + box["height"] - window["height"]
    )
    return min(box["x"], box["y"]) >= 0 and beyond <= 1


def downloaded(page, click):
    """Name and content of the file that is saved when ``click`` is called."""
    with page.expect_download() as download:
        click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


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
