"""The tables of the compendium: their columns, order and file form, in one place.

The extractor writes by this, the loader reads by it, and the data package is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    """A column: its type and what stands in it."""

    kind: Kind
    about: str


@dataclass(frozen=True)
class Table:
    """A table: what a row is, its columns, and the columns that order and identify rows."""

    name: str
    row: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    form: Literal["csv", "by size", "parquet"] = "by size"

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Column to polars type."""
        return {name: _DTYPES[c.kind] for name, c in self.columns.items()}

    def tidy(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Columns, types and order as described here."""
        return rows.select(pl.col(n).cast(t) for n, t in self.schema.items()).sort(
            *self.key, nulls_last=True
        )


_DOC = Column("string", "identifier of the document")
_SENTENCE = Column("integer", "number of the sentence in the document, from 1")


def _text(about: str) -> Column:
    return Column("string", about)


TABLES: dict[str, Table] = {
    t.name: t
    for t in [
        Table(
            "documents",
            "a document",
            {
                "doc_id": _DOC,
                "corpus": _text("briefing, xi, ungdc, or a corpus of your own"),
                "date": _text("ISO 8601, as precise as is known: 2020-11-05, 2020-11, 2020"),
                "year": Column("integer", "year of the text"),
                "session": Column("integer", "session of the UN General Assembly"),
                "source": _text("who published the text"),
                "author": _text("who speaks or writes; for the UN corpus the speaker"),
                "post": _text("the speaker's post, as the UN corpus gives it"),
                "country": _text("ISO 3166-1 alpha-3 code, or the corpus's own (EU, YUG)"),
                "government": _text("whose government speaks under the code at that time"),
                "title": _text("title as printed"),
                "url": _text("address of the text"),
                "rights": _text("public, quotable or closed: what features may be published"),
                "translator": _text("mfa (Foreign Ministry of China) or interpret (CSIS)"),
                "genre": _text("speech, article, interview, report or news"),
                "voice": _text("own, reported or interview"),
                "audience": _text("sco, international or domestic"),
                "note": _text("what a reader must know of this document"),
                "words": Column("integer", "words in the document: the base of every rate"),
                "sentences": Column("integer", "sentences in the document"),
                "sha256": _text("SHA-256 of the normalised text"),
            },
            ("doc_id",),
            "csv",
        ),
        Table(
            "terms",
            "a word in a document",
            {
                "doc_id": _DOC,
                "term": _text("a word, lower-cased, in alphabetical order"),
                "n": Column("integer", "occurrences of the word in the document"),
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
                    "place of its first word in the document, from 0; empty where hits stand so "
                    "close that they would spell out the text",
                ),
                "words": Column("integer", "words in the match"),
                "entry": _text("id of the phrasebook entry"),
                "variant": _text("id of the variant within the entry"),
                "quoted": Column("boolean", "whether quotation marks stand around the match"),
                "left": _text("words before the match; only for entries with a concordance"),
                "right": _text("words after the match; only for entries with a concordance"),
            },
            ("doc_id", "sentence", "position", "entry", "variant", "words"),
        ),
        Table(
            "sentences",
            "a sentence",
            {
                "doc_id": _DOC,
                "sentence": _SENTENCE,
                "words": Column("integer", "words in the sentence"),
            },
            ("doc_id", "sentence"),
        ),
        Table(
            "frames",
            "a frame in a document",
            {
                "doc_id": _DOC,
                "frame": _text("id of the frame"),
                "sentences": Column(
                    "integer", "sentences of the document that the dictionary codes with the frame"
                ),
            },
            ("doc_id", "frame"),
        ),
        Table(
            "sentence_frames",
            "a sentence with a frame",
            {"doc_id": _DOC, "sentence": _SENTENCE, "frame": _text("id of the frame")},
            ("doc_id", "sentence", "frame"),
        ),
        Table(
            "collocates",
            "a word beside a phrasebook entry",
            {
                "entry": _text("id of the phrasebook entry"),
                "window": _text("sentence, or 5 or 10 words to each side within the sentence"),
                "term": _text("the word; up to 150 for each entry and window"),
                "n": Column(
                    "integer",
                    "times the word stands in a window, once where windows overlap; from 3 in "
                    "protected texts, from 10 in open ones, and more often than by chance",
                ),
                "entry_n": Column("integer", "hits of the entry"),
                "window_words": Column("integer", "words in the windows of the entry, each once"),
                "term_n": Column("integer", "times the word occurs in the corpus"),
                "corpus_words": Column("integer", "words of the corpus"),
            },
            ("entry", "window", "term"),
        ),
        Table(
            "similarity",
            "a pair of sentences of documents of one event",
            {
                "doc_id": _DOC,
                "sentence": _SENTENCE,
                "other_doc_id": _text("document of the other sentence; may be the same"),
                "other_sentence": Column("integer", "number of the other sentence"),
                "cosine": Column("number", "cosine of tf-idf vectors, 0 to 1"),
                "containment": Column(
                    "number", "word types of the shorter sentence that the longer has, 0 to 1"
                ),
                "common_run": Column("integer", "words in the longest run that both have"),
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
                "n": Column("integer", "the count"),
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
                "ngram": _text(
                    "one to four words of one sentence; seen 40 times or more in all, single "
                    "words 5 times"
                ),
                "year": Column("integer", "year of the General Debate"),
                "n": Column("integer", "occurrences"),
                "docs": Column("integer", "speeches that have it"),
            },
            ("ngram", "year"),
        ),
        Table(
            "ngram_countries",
            "an n-gram in the speeches of a country",
            {
                "ngram": _text("as in the table ngrams"),
                "country": _text("one of the ten countries that use it most"),
                "n": Column("integer", "occurrences"),
            },
            ("ngram", "country"),
        ),
    ]
}

#: Tables longer than this are Parquet, shorter ones CSV (which people and diffs can read).
CSV_ROWS = 5_000


def file_name(table: Table, rows: int) -> str:
    """Name of the file that holds a table of so many rows."""
    as_csv = table.form == "csv" or (table.form == "by size" and rows <= CSV_ROWS)
    return table.name + (".csv" if as_csv else ".parquet")


#: What a sentence does, after Entman (1993); the frames are in the frame dictionary.
FUNCTIONS = ["problem", "cause", "evaluation", "remedy"]

#: Columns of findings.csv, with what they hold.
FINDING_COLUMNS: dict[str, tuple[str, str]] = {
    "id": ("string", "number of the finding; it never changes and is never used again"),
    "status": ("string", "current, or withdrawn: no notebook records it any more"),
    "statement": ("string", "the sentence"),
    "estimate": ("number", "the number, to six digits"),
    "low": ("number", "lower limit of the 95 % interval; empty where all was counted"),
    "high": ("number", "upper limit of the 95 % interval"),
    "unit": ("string", "what estimate and limits are measured in"),
    "n": ("integer", "observations that it rests on"),
    "n_of": ("string", "what they are"),
    "method": ("string", "how the interval was made"),
    "page": ("string", "notebook that records it"),
    "tables": ("string", "tables that it was computed from, separated by spaces"),
    "version": ("string", "version of the library in which the row last changed"),
}
