"""Whether a text is the one that the features were made from: in steps, none of them by trust."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import polars as pl

from tifa.data.files import read_table, table_file
from tifa.data.metadata import Overlay
from tifa.data.schema import TABLES
from tifa.features.extract import extract_batch
from tifa.lexicon.model import Lexicon
from tifa.sources.document import Document, check_text
from tifa.text.words import WORD, normalise, sentence_table, text_hashes
from tifa.util.errors import TifaError

#: Tables whose rows belong to one document each.
_PER_DOCUMENT = ("terms", "hits", "frames", "sentences", "sentence_frames", "specifications")

Step = Literal["text", "features", "differs"]


@dataclass(frozen=True)
class Verdict:
    """What was found of one text."""

    doc_id: str
    #: The step that it passed: the same text, the same features, or neither.
    step: Step
    sha256: str
    #: Share of words in common (see :func:`likeness`); 1 where the features are the same.
    likeness: float = 1.0
    words: int = 0
    published_words: int = 0
    #: Tables that differ from the published ones.
    tables: tuple[str, ...] = ()
    #: Sentences here and as published, where line breaks alone make them differ.
    sentences: tuple[int, int] | None = None


@dataclass
class Published:
    """What is published of a corpus, and what its texts are held against."""

    folder: Path
    overlay: Overlay
    lexicon: Lexicon
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def documents(self) -> pl.DataFrame:
        """The documents table.

        Raises
        ------
        TifaError
            Where there is none: then there is nothing to check a text against.

        """
        if table_file(self.folder, "documents") is None:
            raise TifaError(
                f"no features of {self.overlay.corpus!r} here, so there is nothing to check texts "
                "against; tifa extract makes them from texts that you have",
                where=self.folder,
            )
        return read_table(self.folder, "documents")

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Document to the SHA-256 of its normalised text."""
        return dict(self.documents.select("doc_id", "sha256").iter_rows())

    @cached_property
    def by_hash(self) -> dict[str, str]:
        """The other way round; of documents with one text, the first."""
        return {sha: doc_id for doc_id, sha in reversed(self.hashes.items())}

    @cached_property
    def words(self) -> dict[str, int]:
        """Document to its number of words."""
        return dict(self.documents.select("doc_id", "words").iter_rows())

    @cached_property
    def tables(self) -> list[str]:
        """Tables that a text is compared by."""
        return [
            name
            for name in _PER_DOCUMENT
            if any((self.folder / f"{name}{end}").is_file() for end in (".csv", ".parquet"))
        ]

    def rows(self, name: str, doc_ids: list[str]) -> pl.DataFrame:
        """Rows of a table that belong to some documents."""
        if name not in self._tables:
            self._tables[name] = read_table(self.folder, name)
        return self._tables[name].filter(pl.col("doc_id").is_in(doc_ids))


def check(texts: Mapping[str, str], published: Published) -> dict[str, Verdict]:
    """Hold texts against what is published of them.

    First by the SHA-256 of the normalised text; where it differs, the features are extracted
    and compared, row by row; where these differ too, it is measured how much is in common.

    Parameters
    ----------
    texts
        Document to text. Every document is one of the published.
    published
        The features.

    Returns
    -------
    Document to verdict.

    """
    if not texts:
        return {}
    hashed = dict(zip(texts, text_hashes(pl.Series(list(texts.values()))), strict=True))
    same = {d: texts[d] for d, h in hashed.items() if h == published.hashes[d]}
    broken = _line_breaks(same, published)
    verdicts = {
        d: Verdict(
            d, "text", hashed[d], 1.0, published.words[d], published.words[d], (), broken.get(d)
        )
        for d in same
    }
    others = {d: t for d, t in texts.items() if d not in verdicts}
    return verdicts | _by_features(others, hashed, published)


def _line_breaks(texts: Mapping[str, str], published: Published) -> dict[str, tuple[int, int]]:
    """Documents whose sentences differ though their words do not: the hash knows no lines.

    Speeches come out of their archive as they went in; only pages and people's files are looked at.
    """
    if not texts or published.overlay.reader == "ungdc":
        return {}
    table = sentence_table(pl.DataFrame({"doc_id": list(texts), "text": list(texts.values())}))
    here = dict(table.group_by("doc_id").len().iter_rows())
    there = dict(published.documents.select("doc_id", "sentences").iter_rows())
    return {d: (here[d], there[d]) for d in texts if here[d] != there[d]}


def _by_features(
    texts: Mapping[str, str], hashed: Mapping[str, str], published: Published
) -> dict[str, Verdict]:
    if not texts:
        return {}
    here = features(texts, published)
    verdicts = {}
    for doc_id in texts:
        differing = tuple(
            n for n in ("documents", *published.tables) if differs(n, doc_id, here, published)
        )
        words = int(here["documents"].filter(pl.col("doc_id") == doc_id)["words"].item())
        verdicts[doc_id] = Verdict(
            doc_id,
            "differs" if differing else "features",
            hashed[doc_id],
            _alike(doc_id, here, published) if differing else 1.0,
            words,
            published.words[doc_id],
            differing,
        )
    return verdicts


def features(texts: Mapping[str, str], published: Published) -> dict[str, pl.DataFrame]:
    """Tables of some documents, extracted as the published ones were.

    Tables of the corpus as a whole (n-grams, collocates, pairs of sentences) are left out.
    """
    overlay = published.overlay.model_copy(update={"one_event": False, "ngrams": False})
    documents = []
    for doc_id, text in texts.items():
        check_text(text, where=doc_id)
        documents.append(Document(doc_id, text, {}))
    robustness = "specifications" in published.tables
    return extract_batch(documents, overlay, published.lexicon, robustness=robustness).tables


def differs(name: str, doc_id: str, here: Mapping[str, pl.DataFrame], published: Published) -> bool:
    """Whether the rows of a document differ from the published ones."""
    if name == "documents":
        columns = ["words", "sentences"]
        of = pl.col("doc_id") == doc_id
        there = published.documents.filter(of).select(columns)
        return not here[name].filter(of).select(columns).equals(there)
    if name not in here:
        return True
    a = _canonical(name, here[name].filter(pl.col("doc_id") == doc_id))
    return not a.equals(_canonical(name, published.rows(name, [doc_id])))


def _canonical(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    # CSV does not tell an empty string from none
    return TABLES[name].tidy(rows.with_columns(pl.col(pl.String).fill_null("")))


def likeness(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Share of counts in common: sum of the smaller by sum of the larger count of each word.

    The cosine of two vectors of counts is above 0.8 for almost any two English texts, since
    *the* and *of* rule it; this is not.

    Parameters
    ----------
    one, other
        Words to their counts.

    Returns
    -------
    From 0 (no word in common) to 1 (the same counts).

    References
    ----------
    Ružička, M. (1958), as generalised from Jaccard's index of sets.

    Examples
    --------
    >>> likeness({"slow": 2, "boats": 1}, {"slow": 1, "boats": 1})
    0.6666666666666666

    """
    keys = {*one, *other}
    larger = sum(max(one.get(k, 0), other.get(k, 0)) for k in keys)
    return sum(min(one.get(k, 0), other.get(k, 0)) for k in keys) / larger if larger else 1.0


def _alike(doc_id: str, here: Mapping[str, pl.DataFrame], published: Published) -> float:
    """By words where they are published, else by hits and frames."""
    if "terms" in published.tables:
        return likeness(
            _counts(here["terms"], doc_id, ["term"], "n"),
            _counts(published.rows("terms", [doc_id]), doc_id, ["term"], "n"),
        )
    pairs = []
    for hits, frames in (
        (here["hits"], here["frames"]),
        (published.rows("hits", [doc_id]), published.rows("frames", [doc_id])),
    ):
        found = hits.with_columns(n=pl.lit(1))
        pairs.append(
            _counts(found, doc_id, ["entry", "variant"], "n")
            | _counts(frames, doc_id, ["frame"], "sentences")
        )
    return likeness(*pairs)


def _counts(rows: pl.DataFrame, doc_id: str, keys: list[str], n: str) -> dict[str, int]:
    counted = rows.filter(pl.col("doc_id") == doc_id).group_by(keys).agg(pl.col(n).sum())
    return {"\t".join(map(str, row[:-1])): int(row[-1]) for row in counted.iter_rows()}


def passage(text: str, sha256: str, words: int) -> str | None:
    """Find the published text within a longer one, such as a page with headline and footer.

    Parameters
    ----------
    text
        Paragraphs parted by empty lines.
    sha256, words
        Of the text that is looked for; words is a count.

    Returns
    -------
    The run of paragraphs that is this text, letter for letter once normalised; or none.

    Examples
    --------
    >>> from tifa.text.words import text_hashes
    >>> import polars as pl
    >>> sha = text_hashes(pl.Series(["Boats crossed."]))[0]
    >>> passage("LAKE NEWS\\n\\nBoats crossed.\\n\\nShare this", sha, 2)
    'Boats crossed.'

    """
    blocks = [b for b in text.split("\n\n") if b.strip()]
    if not blocks:
        return None
    normal = pl.select(normalise(pl.lit(pl.Series(blocks)))).to_series()
    counts = normal.str.count_matches(WORD).to_list()
    said = normal.to_list()
    for first, last in _runs(counts, words):
        # normalised one by one and joined, as it were; then the whole, to be sure
        quick = hashlib.sha256(" ".join(filter(None, said[first:last])).encode()).hexdigest()
        found = "\n\n".join(blocks[first:last])
        if quick == sha256 and text_hashes(pl.Series([found]))[0] == sha256:
            return found
    return None


def _runs(counts: list[int], words: int) -> Iterable[tuple[int, int]]:
    """Runs of paragraphs that have about so many words in all; at most some thousand."""
    tried = 0
    last, total = 0, 0
    for first in range(len(counts)):
        if last < first:
            last, total = first, 0
        # a hyphen at the end of a paragraph may join two words
        while last < len(counts) and total < words - 2:
            total += counts[last]
            last += 1
        stop, inner = last, total
        while inner <= words + 2 and inner >= words - 2:
            yield first, stop
            tried += 1
            if stop == len(counts) or tried > 5_000:
                break
            inner += counts[stop]
            stop += 1
        if tried > 5_000:
            return
        if last > first:
            total -= counts[first]
