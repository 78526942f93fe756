"""Corpora whose texts are to be fetched, and a host that has their pages. All is invented."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import shutil
import signal
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import openpyxl
import yaml

_DAYS = {"alder-2001": "2001-05-06", "birch-2002": "2002-07-08", "cedar-2003": "2003-09-10"}
_GOODS = {"alder-2001": "apples", "birch-2002": "rope", "cedar-2003": "a piano"}
#: Pages of a host.
STRAND = [f"data/texts/strand/{d}.txt" for d in _DAYS]
#: Speeches of an archive.
_SPEECHES = ("07_1952/ALD_07_1952", "07_1952/BIR_07_1952", "08_1953/ALD_08_1953")
SHORE = [
    f"data/texts/shore/TXT/Session {s[:2]} - {s[3:7]}/{s.partition('/')[2]}.txt" for s in _SPEECHES
]
#: Where a text goes that is not the one that was counted.
ASIDE = "data/texts/aside"


def _words(goods: str) -> str:
    return (
        f"The keeper of the ferry counted {goods} at dawn, and nobody hurried. The harbour office "
        f"met about climate change and wrote a letter on {goods}.\n\n"
        "In the evening it rained. The band moved under the trees, where a rower spoke of wet "
        f"shoes, of patience and of {goods}. Slow boats carried the cargo home.\n"
    )


@dataclass(frozen=True)
class Host:
    """A web server of this machine, and the folder that it serves."""

    url: str
    pages: Path


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def serving(pages: Path) -> Iterator[Host]:
    """Serve a folder from a process of its own; it ends with this one, however this one ends."""
    pages.mkdir()
    server = HTTPServer(("127.0.0.1", 0), functools.partial(_Silent, directory=str(pages)))
    asks = os.getpid()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        server.timeout = 1
        while os.getppid() == asks:
            server.handle_request()
        os._exit(0)
    server.socket.close()
    try:
        yield Host(f"http://127.0.0.1:{server.server_address[1]}", pages)
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _overlay(folder: Path, corpus: str, **more: object) -> None:
    about = {
        "corpus": corpus,
        "title": corpus,
        "description": "Invented.",
        "rights": "quotable",
        "rights_statement": "None.",
        "licence_features": "CC0-1.0",
        "source": "here",
        "citation": "none",
        **more,
    }
    path = folder / "data" / "metadata" / f"{corpus}.yml"
    path.write_text(yaml.safe_dump(about), "utf-8")


def pages(folder: Path, host: Host, extract: Callable[[str], None]) -> None:
    """Publish the features of a corpus whose texts a host has, and forget the texts."""
    texts = folder / "data" / "texts" / "strand"
    texts.mkdir(parents=True)
    documents = {}
    for doc_id, day in _DAYS.items():
        text = _words(_GOODS[doc_id])
        (texts / f"{doc_id}.txt").write_text(text, "utf-8")
        body = "".join(f"<p>{p}</p>" for p in text.strip().split("\n\n"))
        # longer than what is left on a full disk
        filler = f"<script>var none = '{'-' * 20_000}'</script>"
        (host.pages / f"{doc_id}.html").write_text(
            f"<!doctype html><html lang=en><head><title>The Mirror</title>{filler}</head>"
            f"<body><article><h1>News</h1>{body}</article></body></html>",
            "utf-8",
        )
        documents[doc_id] = {"date": day, "url": f"{host.url}/{doc_id}.html", "title": doc_id}
    _overlay(folder, "strand", reader="folder", documents=documents)
    (folder / "host").write_text(host.url, "utf-8")
    extract("strand")
    shutil.rmtree(texts)


def fewer_pages(folder: Path) -> None:
    """One text is gone, another is not the one that was counted."""
    _forget_journal(folder, "strand")
    (folder / STRAND[0]).unlink()
    (folder / STRAND[1]).write_text("Nothing like it.\n", "utf-8")


def speeches(folder: Path, _: Host, extract: Callable[[str], None]) -> None:
    """Publish the features of a corpus whose texts are in an archive, and forget the texts."""
    brought = folder / "brought"
    brought.mkdir()
    with tarfile.open(brought / "SHORE.tar.gz", "w:gz") as tar:
        for name, goods in zip(SHORE, _GOODS.values(), strict=True):
            info = tarfile.TarInfo(name.removeprefix("data/texts/shore/"))
            # longer than what is left on a full disk
            text = (_words(goods) * 40).encode()
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    book = openpyxl.Workbook()
    book.active.append(
        ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]
    )
    book.active.append([1952, 7, "ALD", "Alderland", "Ms. Oar", "Ferry Minister"])
    book.save(brought / "Speakers_by_session.xlsx")
    _overlay(folder, "shore", reader="ungdc")
    shutil.copytree(brought, folder / "data" / "texts" / "shore")
    extract("shore")
    shutil.rmtree(folder / "data" / "texts" / "shore")


def fewer_speeches(folder: Path) -> None:
    """Two speeches are gone, another is not the one that was counted."""
    _forget_journal(folder, "shore")
    (folder / SHORE[0]).unlink()
    (folder / SHORE[1]).write_text("Nothing like it.\n", "utf-8")
    (folder / SHORE[2]).unlink()


def _forget_journal(folder: Path, corpus: str) -> None:
    """Else a line of the earlier run would hide that the line of a later one is missing."""
    (folder / "data" / "texts" / ".fetch" / f"{corpus}.jsonl").unlink()


def journal(folder: Path, corpus: str) -> set[str]:
    """What the journal of a corpus tells, without the times and the folder."""
    path = folder / "data" / "texts" / ".fetch" / f"{corpus}.jsonl"
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    where = str(folder)
    for entry in told:
        entry.pop("time")
    return {json.dumps(e, sort_keys=True).replace(where, "STUDY") for e in told}
