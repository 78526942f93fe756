"""Print the one page of the book to PDF through Chromium, and finish the file.

Chromium lays out pages, running heads, outline and tags; it cannot print the page that a heading
will stand on. So the book is printed, the pages are read from the file, and it is printed again
with their numbers in the contents, until they agree.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tifa.util.errors import TifaError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A browser that asks nobody, and needs no screen.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FLAGS = ["--headless", *QUIET, "--no-pdf-header-footer", "--generate-pdf-document-outline"]
#: The first that prints what stands in the margins of a page.
LEAST_VERSION = 131
#: Seconds that one printing may take.
TIMEOUT = 300
#: Printings after which the numbers must have settled; two are usual.
MOST_PASSES = 4


def find_browser() -> str:
    """Chromium, by CHROMIUM or by its usual names."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise TifaError(
            "no Chromium on this machine, which prints the PDF edition: install chromium, or set "
            "CHROMIUM to its path; make book builds the site without it"
        )
    return found


def check_browser(browser: str) -> None:
    """Refuse a browser that would leave the running heads out without a word."""
    try:
        said = subprocess.run(
            [browser, "--version"], capture_output=True, text=True, timeout=60, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TifaError(f"{browser} does not start: {error}") from None
    version = re.search(r"(\d+)\.\d+", said)
    if version is not None and int(version[1]) < LEAST_VERSION:
        raise TifaError(
            f"{browser} is version {version[1]}; the PDF edition needs Chromium {LEAST_VERSION} or "
            "later, which prints running heads: install it, or set CHROMIUM to its path"
        )


def print_page(page: Path, pdf: Path) -> None:
    """Print a page of HTML; what it loads is on this disk."""
    pdf.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [find_browser(), *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}"]
        try:
            done = subprocess.run(
                [*command, page.resolve().as_uri()],
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
            said = done.stderr.strip().splitlines()
        except subprocess.TimeoutExpired:
            said = [f"no answer in {TIMEOUT} seconds"]
        except OSError as error:
            said = [str(error)]
    if not pdf.is_file():
        why = said[-1] if said else "it gave no reason"
        raise TifaError(f"{command[0]} printed no PDF of {page.name}: {why}")


def page_numbers(pdf: Path) -> dict[str, int]:
    """Anchor to the page it stands on, from 1."""
    from pypdf import PdfReader  # noqa: PLC0415 - only the edition needs it

    reader = PdfReader(pdf)
    return {
        str(name).removeprefix("/"): (reader.get_destination_page_number(place) or 0) + 1
        for name, place in reader.named_destinations.items()
    }


def print_book(
    make_html: Callable[[Mapping[str, int]], str], anchors: list[str], folder: Path
) -> bytes:
    """Print until the numbers in the contents are those of the pages.

    Parameters
    ----------
    make_html
        Anchor to page number in, the page out.
    anchors
        Of the lines of the contents; each must be in the file.
    folder
        For what is made on the way.

    """
    check_browser(find_browser())
    folder.mkdir(parents=True, exist_ok=True)
    page, pdf = folder / "book.html", folder / "book.pdf"
    numbers: dict[str, int] = {}
    for _ in range(MOST_PASSES):
        page.write_text(make_html(numbers), encoding="utf-8")
        print_page(page, pdf)
        now = page_numbers(pdf)
        missing = [a for a in anchors if a not in now]
        if missing:
            raise TifaError(f"{pdf.name}: no page for {missing[0]} of the contents")
        if all(numbers.get(a) == now[a] for a in anchors):
            return pdf.read_bytes()
        numbers = now
    raise TifaError(f"{pdf.name}: page numbers did not settle in {MOST_PASSES} printings")


def finish(pdf: bytes, facts: Mapping[str, str], date: str) -> bytes:
    """Say whose book it is, and of which date; equal books get equal bytes.

    Parameters
    ----------
    pdf
        As Chromium printed it.
    facts
        Title, Author, Subject, Keywords.
    date
        ISO date of the source; empty where it is not known.

    """
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415
    from pypdf.generic import ArrayObject, ByteStringObject  # noqa: PLC0415

    stamp = f"D:{(date or '1980-01-01').replace('-', '')}000000+00'00'"
    pdf = re.sub(rb"D:\d{14}[+-]\d\d'\d\d'", stamp.encode(), pdf)
    about = {f"/{name}": said for name, said in facts.items() if said}
    about |= {"/Creator": "Chromium", "/CreationDate": stamp, "/ModDate": stamp}
    # an update at the end of the file: what Chromium wrote stays as it is, tags included
    writer = PdfWriter(PdfReader(io.BytesIO(pdf)), incremental=True)
    writer.add_metadata(about)
    digest = hashlib.sha256(pdf + repr(sorted(about.items())).encode()).digest()[:16]
    writer._ID = ArrayObject([ByteStringObject(digest), ByteStringObject(digest)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
