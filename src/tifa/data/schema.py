"""The tables of the compendium: their columns, order and file format, in one module.

Extraction, loading and the data package all use these definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Kind = Literal["string", "integer", "number", "boolean"]
_DTYPES: dict[Kind, type[pl.DataType]] = {
    "string": pl.String,
    "integer": pl.Int32,
    "number": pl.Float64,
    "boolean": pl.Boolean,
}


@dataclass(frozen=True)
class Column:
    """A column: its type, its meaning, and the values allowed.

    The constraints are those of Table Schema (``required``, ``minimum``, ``enum``, ``pattern``):
    anybody with the data package can check them with frictionless.
    """

    kind: Kind
    about: str
    constraints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table: what a row is, its columns, and the columns that sort and identify rows."""

    name: str
    row: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    form: Literal["csv", "by size", "parquet"] = "by size"

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Each column and its polars type."""
        return {name: _DTYPES[c.kind] for name, c in self.columns.items()}

    def tidy(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Bring a table into the columns, types and order of this schema."""
        return rows.select(pl.col(n).cast(t) for n, t in self.schema.items()).sort(
            *self.key, nulls_last=True
        )


def _text(about: str, **constraints: Any) -> Column:
    return Column("string", about, constraints)


def _needed(about: str, **constraints: Any) -> Column:
    return _text(about, required=True, **constraints)


def _count(about: str, least: int = 1, **constraints: Any) -> Column:
    return Column("integer", about, {"required": True, "minimum": least} | constraints)


_DOC = _needed("identifier of the document")
_SENTENCE = _count("number of the sentence in the document, from 1")
_SHARE = {"required": True, "minimum": 0, "maximum": 1}


TABLES: dict[str, Table] = {
    t.name: t
    for t in [
        Table(
            "documents",
            "a document",
            {
                "doc_id": _DOC,
                "corpus": _needed("name of the corpus"),
                "date": _text(
                    "ISO 8601, as precise as is known: 2020-11-05, 2020-11, 2020",
                    pattern=r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?",
                ),
                "year": Column("integer", "year of the text"),
                "session": Column("integer", "session of the UN General Assembly"),
                "source": _text("who published the text"),
                "author": _text("who speaks or writes; for the UN corpus the speaker"),
                "post": _text("the speaker's post, as the UN corpus gives it"),
                "country": _text("ISO 3166-1 alpha-3 code, or the corpus's own (EU, YUG)"),
                "government": _text("whose government speaks under the code at that time"),
                "title": _text("title as printed"),
                "url": _text("address of the text"),
                "rights": _text(
                    "public, quotable or closed: what features may be published",
                    enum=["public", "quotable", "closed"],
                ),
                "translator": _text("mfa (Foreign Ministry of China) or interpret (CSIS)"),
                "genre": _text("speech, article, interview, report or news"),
                "voice": _text("own, reported or interview"),
                "audience": _text("sco, international or domestic"),
                "note": _text("what a reader must know of this document"),
                "words": _count(
                    "words in the document: the base of every rate; in Chinese characters (a run "
                    "of Latin letters or digits is one)"
                ),
                "sentences": _count("sentences in the document"),
                "sha256": _needed("SHA-256 of the normalised text", pattern="[0-9a-f]{64}"),
            },
            ("doc_id",),
            "csv",
        ),
        Table(
            "variables",
            "what a document says in a column of the source's own",
            {
                "doc_id": _DOC,
                "variable": _needed("name of the column"),
                "value": _needed("its cell, on one line"),
            },
            ("doc_id", "variable"),
        ),
        Table(
            "unread",
            "a file whose text could not be read, and which is in no count",
            {
                "name": _needed("path of the file below the folder of texts"),
                "reason": _needed("why it could not be read"),
            },
            ("name", "reason"),
            "csv",
        ),
        Table(
            "terms",
            "a word in a document",
            {
                "doc_id": _DOC,
                "term": _needed(
                    "a word, lower-cased, in alphabetical order (Chinese as segmented)"
                ),
                "n": _count("occurrences of the word in the document"),
            },
            ("doc_id", "term"),
        ),
        Table(
            "hits",
            "a match of a phrasebook entry",
            {
                "doc_id": _DOC,
                "sentence": _SENTENCE,
                "position": Column(
                    "integer",
                    "place of its first word (Chinese: character) in the document, from 0; empty "
                    "where hits stand so close that they would spell out the text",
                    {"minimum": 0},
                ),
                "words": _count(
                    "words in the match, in Chinese characters; empty with the variant where a "
                    "text is so short that the wording would be too much of it",
                    required=False,
                ),
                "entry": _needed("id of the phrasebook entry"),
                "variant": _text("id of the variant within the entry"),
                "quoted": Column("boolean", "whether quotation marks stand around the match"),
                "left": _text("words before the match; only for entries with a concordance"),
                "right": _text("words after the match; only for entries with a concordance"),
            },
            ("doc_id", "sentence", "position", "entry", "variant", "words"),
        ),
        Table(
            "entries",
            "a phrasebook entry that was looked for",
            {
                "entry": _needed("id of the phrasebook entry"),
                "patterns": _needed(
                    "SHA-256 of its patterns for the language of the corpus; a phrasebook that "
                    "has others must be counted anew",
                    pattern="[0-9a-f]{64}",
                ),
            },
            ("entry",),
            "csv",
        ),
        Table(
            "sentences",
            "a sentence",
            {
                "doc_id": _DOC,
                "sentence": _SENTENCE,
                "words": _count("words in the sentence, in Chinese characters", 0),
            },
            ("doc_id", "sentence"),
        ),
        Table(
            "frames",
            "a frame in a document",
            {
                "doc_id": _DOC,
                "frame": _needed("id of the frame"),
                "sentences": _count(
                    "sentences of the document that the dictionary codes with the frame", 0
                ),
            },
            ("doc_id", "frame"),
        ),
        Table(
            "sentence_frames",
            "a sentence with a frame",
            {"doc_id": _DOC, "sentence": _SENTENCE, "frame": _needed("id of the frame")},
            ("doc_id", "sentence", "frame"),
        ),
        Table(
            "collocates",
            "a word beside a phrasebook entry",
            {
                "entry": _needed("id of the phrasebook entry"),
                "window": _needed(
                    "sentence, or 5 or 10 words to each side within the sentence",
                    enum=["sentence", "5", "10"],
                ),
                "term": _needed("the word; up to 150 for each entry and window"),
                "n": _count(
                    "times the word stands in a window, once where windows overlap; from 3 (10 "
                    "where n-grams of open texts are published), and more often than by chance",
                ),
                "entry_n": _count("hits of the entry"),
                "window_words": _count("words in the windows of the entry, each once"),
                "term_n": _count("times the word occurs in the corpus"),
                "corpus_words": _count("words of the corpus, in Chinese as segmented"),
            },
            ("entry", "window", "term"),
        ),
        Table(
            "similarity",
            "a pair of sentences of documents of one event",
            {
                "doc_id": _DOC,
                "sentence": _SENTENCE,
                "other_doc_id": _needed("document of the other sentence; may be the same"),
                "other_sentence": _count("number of the other sentence"),
                "cosine": Column("number", "cosine of tf-idf vectors, 0 to 1", _SHARE),
                "containment": Column(
                    "number",
                    "word types of the shorter sentence that the longer has, 0 to 1",
                    _SHARE,
                ),
                "common_run": _count("words in the longest run that both have", 0),
            },
            ("doc_id", "sentence", "other_doc_id", "other_sentence"),
        ),
        Table(
            "specifications",
            "a count of a document by other rules; what is not listed is 0",
            {
                "doc_id": _DOC,
                "measure": _text(
                    "words, sentences, hits, frame (sentences that carry it), frame lost "
                    "(sentences that lose it without an indicator), frame beside (sentences that "
                    "carry it and have a hit of the entry)"
                ),
                "tokeniser": _text("tifa, whitespace, letters or wordpunct"),
                "splitter": _text("sentencex, marks or paragraphs"),
                "rule": _text(
                    "of hits: key, dictionary, main or loose; of frames: full, masked, "
                    "equal-weights, no-context or without-indicator"
                ),
                "entry": _text("id of the phrasebook entry that is counted or blanked"),
                "variant": _text("id of the variant"),
                "frame": _text("id of the frame"),
                "indicator": Column(
                    "integer", "number of the indicator in the frame that is left out, from 1"
                ),
                "n": _count("the count; a count of 0 has no row"),
            },
            (
                *("doc_id", "measure", "tokeniser", "splitter", "rule"),
                *("entry", "variant", "frame", "indicator"),
            ),
        ),
        Table(
            "ngrams",
            "an n-gram in a year",
            {
                "ngram": _needed(
                    "one to four words of one sentence; seen 40 times or more in all, single "
                    "words 5 times"
                ),
                "year": _count("year of the General Debate"),
                "n": _count("occurrences"),
                "docs": _count("speeches that have it"),
            },
            ("ngram", "year"),
        ),
        Table(
            "word_years",
            "a word in a year; Chinese only",
            {
                "word": _needed(
                    "a Han character, a word of the dictionary or of the phrasebook, or letters "
                    "and digits; where words are not counted by document, from 5 occurrences"
                ),
                "year": Column("integer", "year of the documents; empty where it is not known"),
                "n": _count("times its characters stand there, inside longer words too"),
                "docs": _count("documents that have it"),
            },
            ("word", "year"),
        ),
        Table(
            "ngram_countries",
            "an n-gram in the speeches of a country",
            {
                "ngram": _needed("as in the table ngrams"),
                "country": _text("one of the ten countries that use it most"),
                "n": _count("occurrences"),
            },
            ("ngram", "country"),
        ),
    ]
}

#: Tables with more rows than this are Parquet, shorter ones CSV, which people can read.
CSV_ROWS = 5_000
#: The limit for tables that stay CSV for as long as possible.
MOST_CSV_ROWS = 20_000


def file_name(table: Table, rows: int) -> str:
    """File name of a table with this many rows."""
    most = {"csv": MOST_CSV_ROWS, "by size": CSV_ROWS, "parquet": -1}[table.form]
    as_csv = rows <= most
    return table.name + (".csv" if as_csv else ".parquet")
