"""Check whether a text is the one from which the published features were extracted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tifa.data.files import read_table, table_file
from tifa.data.metadata import Overlay
from tifa.data.schema import TABLES
from tifa.features.extract import extract_batch
from tifa.lexicon.model import Lexicon
from tifa.sources.document import Document, check_text
from tifa.text.words import WORD, normalise, text_hashes, words
from tifa.util.errors import TifaError

#: Tables in which each row belongs to one document.
_PER_DOCUMENT = ("terms", "hits", "frames", "sentences", "sentence_frames", "specifications")

#: A file whose name is no doc_id is taken for the text of the document that it is most similar to,
#: if their likeness (see :func:`likeness`) is at least this.
LEAST_LIKENESS = 0.5
#: Limits on the time spent on one page: :func:`trimmed` does not shorten a page with more than
#: ``MOST_PARAGRAPHS`` paragraphs, and :func:`passage` tries at most ``MOST_RUNS`` passages.
MOST_PARAGRAPHS, MOST_RUNS = 400, 2_000

Step = Literal["text", "features", "differs"]


@dataclass(frozen=True)
class Verdict:
    """The result of checking one text."""

    doc_id: str
    #: What is the same as published: the "text", only its "features", or neither ("differs").
    step: Step
    #: Likeness to the published text (see :func:`likeness`); 1 if the features are the same.
    likeness: float = 1.0
    #: Number of words in the text.
    words: int = 0
    #: Names of the tables in which the features differ.
    tables: tuple[str, ...] = ()


@dataclass
class Published:
    """The published features of a corpus, with which its texts are compared."""

    folder: Path
    overlay: Overlay
    lexicon: Lexicon
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def documents(self) -> pl.DataFrame:
        """The documents table; raises TifaError if it is missing."""
        if table_file(self.folder, "documents") is None:
            raise TifaError(
                f"no features of {self.overlay.corpus!r} here, so there is nothing to check texts "
                "against; tifa extract makes them from texts that you have",
                where=self.folder,
            )
        return read_table(self.folder, "documents")

    @cached_property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of the normalised text of each document."""
        return dict(self.documents.select("doc_id", "sha256").iter_rows())

    @cached_property
    def words(self) -> dict[str, int]:
        """Number of words in each document."""
        return dict(self.documents.select("doc_id", "words").iter_rows())

    @cached_property
    def tables(self) -> list[str]:
        """Names of the tables to compare."""
        return [name for name in _PER_DOCUMENT if table_file(self.folder, name)]

    def rows(self, name: str, doc_id: str) -> pl.DataFrame:
        """Return the rows of a table that belong to a document."""
        if name not in self._tables:
            self._tables[name] = read_table(self.folder, name)
        return self._tables[name].filter(pl.col("doc_id") == doc_id)

    def terms(self, doc_id: str) -> dict[str, int]:
        """Return the published counts of the words in a document; empty if there are none."""
        if "terms" not in self.tables:
            return {}
        return dict(self.rows("terms", doc_id).select("term", "n").iter_rows())


def check(texts: Mapping[str, str], published: Published) -> dict[str, Verdict]:
    """Check texts, given by doc_id, against the published features of the same documents.

    First the SHA-256 of the normalised text is compared. If it differs, the features are extracted
    and compared row by row. If they differ too, their likeness is measured.

    Returns verdicts by doc_id. Raises TifaError if features cannot be extracted from a text.
    """
    if not texts:
        return {}
    hashes = text_hashes(pl.Series(list(texts.values())))
    same = [d for d, sha in zip(texts, hashes, strict=True) if sha == published.hashes[d]]
    verdicts = {d: Verdict(d, "text", words=published.words[d]) for d in same}
    if published.overlay.reader == "folder" and same:
        # the hash ignores line breaks, but a sentence may end at a line break
        fresh = features({d: texts[d] for d in same}, published, robustness=False)
        for doc_id, verdict in verdicts.items():
            if differs("documents", doc_id, fresh, published):
                verdicts[doc_id] = replace(verdict, tables=("sentences",))
    others = {d: t for d, t in texts.items() if d not in verdicts}
    if not others:
        return verdicts
    fresh = features(others, published, robustness="specifications" in published.tables)
    count = dict(fresh["documents"].select("doc_id", "words").iter_rows())
    for doc_id in others:
        tables = ("documents", *published.tables)
        if differing := tuple(n for n in tables if differs(n, doc_id, fresh, published)):
            expected = {name: published.rows(name, doc_id) for name in published.tables}
            of = pl.col("doc_id") == doc_id
            mine = {name: fresh[name].filter(of) for name in expected if name in fresh}
            alike = likeness(_counts(mine), _counts(expected))
            verdicts[doc_id] = Verdict(doc_id, "differs", alike, count[doc_id], differing)
        else:
            verdicts[doc_id] = Verdict(doc_id, "features", words=count[doc_id])
    return verdicts


def features(
    texts: Mapping[str, str], published: Published, *, robustness: bool
) -> dict[str, pl.DataFrame]:
    """Extract the features of texts, given by doc_id; return tables by name.

    Tables that describe the corpus as a whole are left out. If ``robustness`` is set, the table
    ``specifications`` is made too: counts with other tokenisers, sentence splitters and so on.
    """
    overlay = published.overlay.model_copy(update={"one_event": False})
    for doc_id, text in texts.items():
        check_text(text, where=doc_id)
    documents = [Document(doc_id, text, {}) for doc_id, text in texts.items()]
    return extract_batch(documents, overlay, published.lexicon, robustness=robustness).tables


def differs(
    name: str, doc_id: str, fresh: Mapping[str, pl.DataFrame], published: Published
) -> bool:
    """Return whether the rows of a document in the table ``name`` differ from those published.

    In the table of documents, only the numbers of words and sentences are compared.
    """
    if name not in fresh:
        return True
    mine = fresh[name].filter(pl.col("doc_id") == doc_id)
    if name == "documents":
        counts = published.documents.filter(pl.col("doc_id") == doc_id)
        return not mine.select("words", "sentences").equals(counts.select("words", "sentences"))
    # CSV does not distinguish empty strings from missing values, so do not distinguish them here
    found, expected = (
        TABLES[name].tidy(rows.with_columns(pl.col(pl.String).fill_null("")))
        for rows in (mine, published.rows(name, doc_id))
    )
    return not found.equals(expected)


def likeness(one: Mapping[Any, int], other: Mapping[Any, int]) -> float:
    """Measure how much two tables of word counts have in common, from 0 (no word) to 1 (the same).

    For each word, take the smaller and the larger of its two counts; the result is the sum of the
    smaller counts divided by the sum of the larger counts. This is Jaccard's index, generalised
    from sets to counts (Ružička 1958). The cosine would be above 0.8 for almost any two English
    texts, because *the* and *of* are frequent in both.

    >>> likeness({"slow": 2, "boats": 1}, {"slow": 1, "boats": 1})
    0.6666666666666666
    """
    a, b = Counter(one), Counter(other)
    larger = (a | b).total()
    return (a & b).total() / larger if larger else 1.0


def _counts(tables: Mapping[str, pl.DataFrame]) -> dict[tuple[str, ...], int]:
    if "terms" in tables:
        counted = [tables["terms"].select("term", "n")]
    else:
        hits = tables["hits"].group_by("entry", "variant").len()
        counted = [hits, tables["frames"].select("frame", "sentences")]
    return {row[:-1]: row[-1] for rows in counted for row in rows.iter_rows()}


def passage(text: str, sha256: str, words: int) -> str | None:
    """Find the published text within a longer text, such as a page with headline and footer.

    ``text`` has paragraphs separated by empty lines. ``sha256`` is the hash of the published text,
    and ``words`` the number of its words. Returns the consecutive paragraphs that together have
    this hash, or None.

    >>> from tifa.text.words import text_hashes
    >>> import polars as pl
    >>> sha = text_hashes(pl.Series(["Boats crossed."]))[0]
    >>> passage("LAKE NEWS\\n\\nBoats crossed.\\n\\nShare this", sha, 2)
    'Boats crossed.'
    >>> passage("\\n\\n", sha, 2)
    """
    blocks = [b for b in text.split("\n\n") if b.strip()]
    texts = pl.Series(blocks, dtype=pl.String)
    counts = pl.select(normalise(pl.lit(texts))).to_series().str.count_matches(WORD)
    before = list(accumulate(counts.to_list(), initial=0))
    for first, last in islice(_runs(before, words), MOST_RUNS):
        found = "\n\n".join(blocks[first:last])
        if text_hashes(pl.Series([found]))[0] == sha256:
            return found
    return None


def _runs(before: list[int], words: int) -> Iterator[tuple[int, int]]:
    """Find consecutive paragraphs that together have about ``words`` words.

    Yields the index of the first paragraph, and the index after the last one. Two words more or
    fewer are allowed, because a hyphen at the end of a paragraph may join two words. ``before`` has
    the number of words before each paragraph, followed by the total.
    """
    for first, start in enumerate(before[:-1]):
        shortest = bisect_left(before, start + words - 2, lo=first + 1)
        for last in range(shortest, bisect_right(before, start + words + 2)):
            yield first, last


def trimmed(text: str, wanted: Mapping[str, int]) -> str:
    """Remove paragraphs from both ends of a page to make it more like a published text.

    ``wanted`` has the word counts of the published text. Removal stops before it would make the
    page less like this text. If the page contains the text with a small change, such as another
    comma, :func:`passage` does not find it. The features can still be compared after the headline
    and the footer are removed.

    >>> trimmed("LAKE NEWS\\n\\nBoats crossed, slowly.\\n\\nShare", {"boats": 1, "crossed": 1})
    'Boats crossed, slowly.'
    """
    blocks = [b for b in text.split("\n\n") if b.strip()]
    if not wanted or len(blocks) > MOST_PARAGRAPHS:
        return text
    counts = [Counter(words(b)) for b in blocks]
    first, last = 0, len(blocks)
    whole: Counter[str] = sum(counts, Counter())
    best = likeness(whole, wanted)
    while last - first > 1:
        without = [whole - counts[first], whole - counts[last - 1]]
        shares = [likeness(w, wanted) for w in without]
        end = shares[1] > shares[0]
        if shares[end] < best:
            break
        best, whole = shares[end], without[end]
        first, last = (first, last - 1) if end else (first + 1, last)
    return "\n\n".join(blocks[first:last])


def best_reading(
    readings: Sequence[str], doc_id: str, published: Published
) -> tuple[Verdict, str] | None:
    """Choose the text of a page or file that matches the published document best.

    ``readings`` are texts that were extracted from the page or file in several ways, the most
    probable first. If ``doc_id`` is empty, they are compared with all documents of the corpus.

    Returns a verdict and a text: the published text if one of ``readings`` contains it, otherwise
    one with the same features, otherwise the most similar one. Returns None if ``doc_id`` is empty
    and the first of ``readings`` resembles no document.
    """
    doc_ids = [doc_id] if doc_id else list(published.hashes)
    for text in readings:
        (sha,) = text_hashes(pl.Series([text]))
        for each in doc_ids:
            same = text if sha == published.hashes[each] else None
            same = same or passage(text, published.hashes[each], published.words[each])
            if same is not None:
                return check({each: same}, published)[each], same
    whose = doc_id or _likest(readings[0], published)
    if not whose:
        return None
    texts = dict.fromkeys([*readings, *(trimmed(t, published.terms(whose)) for t in readings)])
    judged = [(check({whose: text}, published)[whose], text) for text in texts]
    return max(judged, key=lambda j: (j[0].step == "features", j[0].likeness))


def _likest(text: str, published: Published) -> str:
    counted = Counter(words(text))
    shares = [(likeness(counted, published.terms(d)), d) for d in published.hashes]
    share, best = max(shares, key=itemgetter(0), default=(0.0, ""))
    return best if share >= LEAST_LIKENESS else ""
