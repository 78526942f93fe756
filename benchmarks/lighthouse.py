"""Run Lighthouse on the built site, simulating a phone on a slow connection.

Needs Node (npx fetches the pinned Lighthouse) and Chromium. Pages are served compressed, as
by a web host. Writes benchmarks/results/lighthouse.csv; fails if a page scores below 95.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
RESULTS = Path(__file__).parent / "results" / "lighthouse.csv"
LIGHTHOUSE = "lighthouse@12.8.2"
PAGES = (
    "book/index.html",
    "notebooks/where.html",
    "notebooks/travel.html",
    "book/explorer.html",
    "book/phrasebook.html",
    "book/findings.html",
)
LEAST = 95
ROUNDS = 3
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
PRESSED = {".png", ".woff", ".pdf", ".gz", ".parquet"}


@functools.cache
def compressed(body: bytes) -> bytes:
    """Compress the content of a file; the result is cached, as by a web host."""
    return gzip.compress(body)


class Compressed(http.server.SimpleHTTPRequestHandler):
    """Serves files like a web host: compressed, and cacheable."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Cache-Control", "max-age=600")
        if path.suffix not in PRESSED:
            body = compressed(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def chromium() -> str | None:
    """Return the path of the browser, from the variable CHROMIUM or the PATH, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def judge(address: str, browser: str) -> dict[str, float]:
    """Run Lighthouse on a page, and return the scores, from 0 to 100, by category."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        subprocess.run(
            [
                *("npx", "--yes", LIGHTHOUSE, address, "--quiet"),
                *(f"--chrome-flags={FLAGS}", "--output=json", f"--output-path={out}"),
            ],
            check=True,
            env=os.environ | {"CHROME_PATH": browser},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        report = json.loads(out.read_text(encoding="utf-8"))
    return {name: 100 * kind["score"] for name, kind in report["categories"].items()}


def main() -> None:
    browser = chromium()
    if shutil.which("npx") is None or browser is None:
        sys.exit("Lighthouse needs Node (npx) and Chromium; one is not here. Nothing was measured.")
    handler = functools.partial(Compressed, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    rows = [
        {"page": page, **judge(address + page, browser)} for _ in range(ROUNDS) for page in PAGES
    ]
    # the median, because other work on the machine affects the speed
    table = pd.DataFrame(rows).groupby("page", sort=False).median().round().astype(int)
    print(table.to_string())
    table.to_csv(RESULTS)
    if (table < LEAST).any(axis=None):
        sys.exit(f"A page scores below {LEAST}.")


if __name__ == "__main__":
    main()
