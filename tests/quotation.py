"""How much of protected texts a set of files reveals.

The bounds are those of the design: no run of more than 11 words, and at most 10 % of a
document's words in runs of 5 words or more; titles and official names, by an explicit list, are not
counted as quotation. There are two ways to reconstruct a text: adjacent words in a file, and tables
with positions of words.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import lxml.html
import polars as pl
import pytest

from tifa.text.words import sentences, words

LONGEST_RUN = 11
COUNTED_RUN = 5
LARGEST_SHARE = 0.10

_PART = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TRANSLATE = str.maketrans(
    {**dict.fromkeys("‘’‚‛ʼ′`´", "'"), **dict.fromkeys("\u00ad\u200b\u2060\ufeff", None)}
)


def parts_of(text):
    """Words split at hyphens, to compare runs regardless of typography."""
    if text.isascii():  # gives the same words, but faster
        return _PART.findall(text.replace("`", "'").lower())
    plain = unicodedata.normalize("NFC", text.translate(_TRANSLATE)).lower()
    return _PART.findall(plain)


@dataclass
class Protected:
    """A protected document: its words, and which of them some file reveals."""

    doc_id: str
    words: Sequence[str]
    #: places of words in titles and official names
    excepted: set[int] = field(default_factory=set)
    #: places of words that can be read in runs long enough to count
    quoted: set[int] = field(default_factory=set)
    #: number of words in hits that have no position, but are long enough to count
    unplaced: int = 0

    @property
    def share(self):
        """Share of the words revealed in runs, without names."""
        return (len(self.quoted - self.excepted) + self.unplaced) / (len(self.words) or 1)


def protect(doc_id, text):
    """Prepare a document, with words as the compendium counts them."""
    return Protected(doc_id, [w for sentence in sentences(text) for w in words(sentence)])


class Bounds:
    """What the checkers of both languages have in common; they differ in searching texts."""

    longest, counted, unit = LONGEST_RUN, COUNTED_RUN, "words"

    def __init__(self, documents):
        self.documents = list(documents)
        self.findings = []

    def length(self, context):
        """Words in the context of a hit."""
        return len(context.split())

    def reveal(self, where, document, start, stop):
        """Note that a file reveals these words, which are in a row."""
        if stop - start < self.counted:
            return
        document.quoted.update(range(start, stop))
        own = sum(n not in document.excepted for n in range(start, stop))
        if own > self.longest:
            # gives the position, never the words: the message itself must not quote
            self.findings.append(f"{where}: {own} {self.unit} of {document.doc_id} from {start}")

    def positions(self, where, rows):
        """Check a table with positions of words in documents."""
        by_id = {d.doc_id: d for d in self.documents}
        covered = {}
        for row in rows.iter_rows(named=True):
            document = by_id.get(str(row["doc_id"]))
            if document is None:
                continue
            size = int(row.get("words") or 1)
            if row["position"] is None:
                document.unplaced += size if size >= self.counted else 0
                continue
            before, after = (self.length(row.get(side) or "") for side in ("left", "right"))
            start = int(row["position"])
            covered.setdefault(document.doc_id, set()).update(
                range(start - before, start + size + after)
            )
        for doc_id, places in covered.items():
            for start, stop in runs(places):
                self.reveal(where, by_id[doc_id], start, stop)

    def problems(self):
        """One line for each violation of the bounds, without quoting."""
        over = (d for d in self.documents if d.share > LARGEST_SHARE)
        return self.findings + [f"{d.doc_id}: {d.share:.1%} can be read in all" for d in over]


def run_length(text, at, document, place, least):
    """The length of a run at these places, where ``least`` items are equal; 0 if it begins before.

    >>> run_length("alake", 1, "the lake shore", 4, 3), run_length("lake", 1, "lake", 1, 2)
    (4, 0)
    """
    if at and place and text[at - 1] == document[place - 1]:
        return 0
    size, most = least, min(len(text) - at, len(document) - place)
    while size < most and text[at + size] == document[place + size]:
        size += 1
    return size


class Checker(Bounds):
    """Searches pieces of text and tables for protected documents."""

    def __init__(self, documents, names=()):
        super().__init__(documents)
        self._index = {}
        # the parts of each document, and the word that each belongs to
        self._parts = []
        for number, document in enumerate(self.documents):
            pairs = [(p, n) for n, w in enumerate(document.words) for p in parts_of(w) or [w]]
            parts, word_of = [p for p, _ in pairs], [n for _, n in pairs]
            self._parts.append((parts, word_of))
            for at in range(len(parts) - COUNTED_RUN + 1):
                self._index.setdefault(tuple(parts[at : at + COUNTED_RUN]), []).append((number, at))
        for name in filter(None, map(parts_of, names)):
            for document, (parts, word_of) in zip(self.documents, self._parts, strict=True):
                for at, part in enumerate(parts):
                    if part == name[0] and parts[at : at + len(name)] == name:
                        document.excepted.update(word_of[at : at + len(name)])

    def text(self, where, text):
        """Check one piece of running text."""
        parts = parts_of(text)
        for at, gram in enumerate(zip(*(parts[k:] for k in range(COUNTED_RUN)), strict=False)):
            for number, place in self._index.get(gram, ()):
                own, word_of = self._parts[number]
                if size := run_length(parts, at, own, place, COUNTED_RUN):
                    document = self.documents[number]
                    self.reveal(where, document, word_of[place], word_of[place + size - 1] + 1)


# --- files --------------------------------------------------------------------------------

_INLINE = frozenset(
    ("a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong")
) | {"sub", "sup", "u", "wbr"}
_BINARY = frozenset(
    (".gif", ".gz", ".ico", ".inv", ".jpeg", ".jpg", ".pdf", ".png", ".ttf", ".woff", ".woff2")
)


def _page_text(text):
    """The text of a page as it is seen: inline elements do not separate words, blocks do."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    page = lxml.html.document_fromstring(f"<body>{text}".encode(), parser)
    for element in page.xpath("//*"):
        if element.tag not in _INLINE:
            element.text, element.tail = f" {element.text or ''}", f" {element.tail or ''}"
    return page.text_content()


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        yield from (s for item in value for s in _strings(item))


def pieces(name, content):
    """The running texts of a file: raw, and as a reader of its format sees it."""
    suffix = Path(name).suffix.lower()
    if suffix in _BINARY:
        return
    if suffix == ".parquet":
        yield from _table_pieces(pl.read_parquet(content))
        return
    text = content.decode("utf-8", errors="replace")
    yield text
    if suffix == ".csv":
        yield from _table_pieces(
            pl.read_csv(content, infer_schema=False, truncate_ragged_lines=True), rows=False
        )
    elif suffix in (".json", ".ipynb"):
        try:
            strings = list(_strings(json.loads(text)))
        except ValueError:
            return
        # a sentence may be split between strings anywhere, even within a word
        yield " ".join(strings)
        yield "".join(strings)
    elif suffix in (".html", ".htm", ".xml", ".svg"):
        yield _page_text(text)
        # with attributes and comments
        yield html.unescape(text)


def _table_pieces(table, *, rows=True):
    strings = table.select(pl.col(pl.String))
    for column in strings:
        longest = column.str.count_matches(r"\S+").max()
        if isinstance(longest, int) and longest >= COUNTED_RUN:
            for cell in column.unique():
                yield cell or ""
        # down each column: a word or two per row may still make a sentence
        if column.len() < 100_000:
            yield " ".join(column.fill_null("").to_list())
    if rows and table.height < 100_000:
        yield from (" ".join(v or "" for v in row) for row in strings.iter_rows())


def check_file(checker, where, name, content):
    """Check one file, as text and, if it has positions of words, as a table."""
    for piece in pieces(name, content):
        checker.text(where, piece)
    suffix = Path(name).suffix.lower()
    if suffix not in (".csv", ".parquet"):
        return
    table = (
        pl.read_parquet(content)
        if suffix == ".parquet"
        else pl.read_csv(content, infer_schema=False, truncate_ragged_lines=True)
    )
    if {"doc_id", "position"} <= set(table.columns):
        ids = [d.doc_id for d in checker.documents]
        checker.positions(where, table.filter(pl.col("doc_id").is_in(ids)))


def tracked(root):
    """Files that git tracks or would track; elsewhere the test is skipped."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout
    return [
        root / n for n in sorted(set(listed.decode().split("\0"))) if n and (root / n).is_file()
    ]


def runs(places):
    """Runs of consecutive positions, as start and stop (exclusive)."""
    ordered = sorted(places)
    start = 0
    for n in range(1, len(ordered) + 1):
        if n == len(ordered) or ordered[n] != ordered[n - 1] + 1:
            yield ordered[start], ordered[n - 1] + 1
            start = n


def site_files(site, data):
    """Files of a built site, except exact copies of the data, which are checked as they are."""

    def copied(path):
        if site / "data" not in path.parents:
            return False
        own = data / path.relative_to(site / "data")
        return own.is_file() and own.read_bytes() == path.read_bytes()

    return sorted(p for p in site.rglob("*") if p.is_file() and not copied(p))


def check_files(checker, files, root):
    """Check all files."""
    for path in files:
        where = path.relative_to(root).as_posix()
        check_file(checker, where, path.name, path.read_bytes())
