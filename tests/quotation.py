"""How much of protected texts a set of files reveals.

The bounds are those of the design: no run of more than 11 words, and at most 10 % of a
document's words in runs of 5 words or more; titles and official names, by an explicit list, are not
counted as quotation. There are two ways to reconstruct a text: adjacent words in a file, and tables
with positions of words.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import subprocess
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import polars as pl

from tifa.text.words import normalise, sentences, words_of

LONGEST_RUN = 11
COUNTED_RUN = 5
LARGEST_SHARE = 0.10

_PART = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TRANSLATE = str.maketrans(
    {**dict.fromkeys("‘’‚‛ʼ′`´", "'"), **dict.fromkeys("\u00ad\u200b\u2060\ufeff", None)}
)


def parts_of(text):
    """Words split at hyphens, to compare runs regardless of typography."""
    if text.isascii():  # the same, faster
        return _PART.findall(text.replace("`", "'").lower())
    plain = unicodedata.normalize("NFC", text.translate(_TRANSLATE)).lower()
    return _PART.findall(plain)


@dataclass
class Protected:
    """A protected document: its words, and which of them some file reveals."""

    doc_id: str
    words: list[str]
    parts: list[str] = field(default_factory=list)
    word_of: list[int] = field(default_factory=list)
    #: words in titles and official names
    excepted: set[int] = field(default_factory=set)
    #: words readable in runs of COUNTED_RUN or more
    quoted: set[int] = field(default_factory=set)
    #: words of hits without a position that are long enough to count
    unplaced: int = 0

    def __post_init__(self):
        for n, word in enumerate(self.words):
            own = parts_of(word) or [word]
            self.parts += own
            self.word_of += [n] * len(own)

    @property
    def share(self):
        """Share of the words revealed in runs, without names."""
        return (len(self.quoted - self.excepted) + self.unplaced) / len(self.words)


def protect(doc_id, text):
    """Prepare a document, with words as the compendium counts them."""
    column = pl.Series(sentences(text), dtype=pl.String)
    return Protected(
        doc_id,
        pl.select(words_of(normalise(pl.lit(column))).explode()).to_series().drop_nulls().to_list(),
    )


@dataclass(frozen=True)
class Finding:
    """A run that is too long."""

    where: str
    doc_id: str
    run: int
    first: int

    def __str__(self):
        # gives the position, never the words: the message itself must not quote
        return f"{self.where}: {self.run} words of {self.doc_id} from word {self.first}"


class Checker:
    """Searches pieces of text and tables for protected documents."""

    def __init__(self, documents, names=()):
        self.documents = list(documents)
        self.findings = []
        self._index = {}
        for number, document in enumerate(self.documents):
            for at in range(len(document.parts) - COUNTED_RUN + 1):
                gram = tuple(document.parts[at : at + COUNTED_RUN])
                self._index.setdefault(gram, []).append((number, at))
        for name in names:
            self._except(parts_of(name))

    def _except(self, name):
        if not name:
            return
        for document in self.documents:
            first, size = name[0], len(name)
            for at, part in enumerate(document.parts):
                if part == first and document.parts[at : at + size] == name:
                    document.excepted.update(document.word_of[at : at + size])

    def text(self, where, text):
        """Check one piece of running text."""
        parts = parts_of(text)
        # most files hold no run at all
        grams = zip(*(parts[k:] for k in range(COUNTED_RUN)), strict=False)
        if not any(map(self._index.__contains__, grams)):
            return
        running = {}  # start of the run by (document, next part)
        for at in range(len(parts) - COUNTED_RUN + 2):
            found = self._index.get(tuple(parts[at : at + COUNTED_RUN]), [])
            if not found and not running:
                continue
            following = {}
            for number, place in found:
                following[number, place + 1] = running.pop((number, place), place)
            for (number, behind), start in running.items():
                self._run(where, self.documents[number], start, behind + COUNTED_RUN - 2)
            running = following
        for (number, behind), start in running.items():
            self._run(where, self.documents[number], start, behind + COUNTED_RUN - 2)

    def _run(self, where, document, first, last):
        self._words(where, document, document.word_of[first], document.word_of[last] + 1)

    def _words(self, where, document, start, stop):
        if stop - start < COUNTED_RUN:
            return
        document.quoted.update(range(start, stop))
        own = sum(n not in document.excepted for n in range(start, stop))
        if own > LONGEST_RUN:
            self.findings.append(Finding(where, document.doc_id, own, start))

    def positions(self, where, rows):
        """Check a table with positions of words in documents."""
        by_id = {d.doc_id: d for d in self.documents}
        covered = {}
        for row in rows.iter_rows(named=True):
            document = by_id.get(str(row["doc_id"]))
            if document is None:
                continue
            size = int(row.get("words") or row.get("length") or 1)
            if row["position"] is None:
                if size >= COUNTED_RUN:
                    document.unplaced += size
                continue
            start = int(row["position"]) - len(parts_words(row.get("left")))
            stop = int(row["position"]) + size + len(parts_words(row.get("right")))
            covered.setdefault(document.doc_id, set()).update(range(start, stop))
        for doc_id, places in covered.items():
            for start, stop in runs(places):
                self._words(where, by_id[doc_id], start, stop)

    def problems(self):
        """One line for each violation of the bounds, without quoting."""
        lines = [str(f) for f in self.findings]
        for d in self.documents:
            if d.share > LARGEST_SHARE:
                lines.append(f"{d.doc_id}: {d.share:.1%} of its words can be read in all")
        return lines


def parts_words(context):
    """Words of a context; an empty one has none."""
    return str(context).split() if context else []


# --- files --------------------------------------------------------------------------------

_INLINE = frozenset(
    ("a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong")
) | {"sub", "sup", "u", "wbr"}
_BINARY = frozenset(
    (".gif", ".gz", ".ico", ".inv", ".jpeg", ".jpg", ".pdf", ".png", ".ttf", ".woff", ".woff2")
)


class _Html(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = []
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        self.attributes += [v for _, v in attrs if v and " " in v]
        if tag not in _INLINE:
            self.text.append(" ")

    def handle_endtag(self, tag):
        if tag not in _INLINE:
            self.text.append(" ")

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        self.attributes.append(data)


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
        parser = _Html()
        # a page that breaks the parser: what was read so far, then everything as text
        with contextlib.suppress(AssertionError):
            parser.feed(text)
        yield "".join(parser.text)
        yield from parser.attributes
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
    """Files that git tracks or would track."""
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
