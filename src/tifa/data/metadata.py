"""Read overlays (metadata of corpora, edited by hand), and the states of the UN corpus."""

from __future__ import annotations

import codecs
import csv
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tifa.text.language import Language
from tifa.util.dates import DateOrder, PartialDate
from tifa.util.errors import TifaError
from tifa.util.yamlfile import read_yaml

#: What may be published about a text: all features (public), features with no more than short
#: quotations (quotable), or nothing (closed).
Rights = Literal["public", "quotable", "closed"]

#: Encodings that Python has, but in which no text is written.
_NO_TEXTS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")


class DocumentFields(BaseModel):
    """Columns of the documents table that an overlay may fill; unknown values stay empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: PartialDate | Literal[""] = ""
    source: str = ""
    author: str = ""
    post: str = ""
    country: str = ""
    title: str = ""
    url: str = ""
    rights: Rights | Literal[""] = ""
    translator: str = ""
    genre: str = ""
    voice: str = ""
    audience: str = ""
    note: str = ""
    #: A string that a crawler has put before the text; it is removed before counting.
    remove_prefix: str = ""

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("expected an address that begins with https:// or http://")
        return value


class Repository(BaseModel):
    """A public repository that contains the texts; ``tifa fetch`` downloads it at one commit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: For example https://github.com/OWNER/NAME, with archives at /archive/COMMIT.tar.gz.
    url: str = Field(pattern=r"^https?://\S+[^/\s]$")
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    #: Path pattern of the files to read, such as assets/*/*.json.
    files: str
    #: What ``sha256sum FILES | sha256sum`` prints, with files sorted by path.
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    #: How to read the files: see :mod:`tifa.fetch.layouts`.
    layout: Literal["xwlb", "reports-zh"]


class Overlay(BaseModel):
    """The metadata of a corpus, from data/metadata/CORPUS.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str
    title: str
    description: str
    #: Language of the texts: zh, or en for any language with spaces between words.
    language: Language = "en"
    reader: Literal["folder", "table", "jsonl", "ungdc"] = "folder"
    #: Whether it is an error if a file is unreadable, not listed, or listed but missing. If false,
    #: this is only reported, and unreadable files are skipped.
    strict: bool = False
    #: Name of the file with the texts, if the folder has other files, too.
    file: str = ""
    #: For each field (doc_id, text, or a column of the documents table), the name of its column in
    #: the source. An empty name leaves the field out. For fields that are not listed here, common
    #: column names are tried. A doc_id may combine several columns, as in date+num.
    columns: dict[str, str] = {}
    #: A pattern that says which fields to read from file names, such as {date}_{author}_*. If it
    #: contains a slash, it is compared with the path instead.
    names: str = ""
    #: Other columns of the source to publish, such as party, to compare documents by them.
    own: list[str] = []
    #: Encoding of files that are not UTF-8: cp1252, gb18030 ...
    encoding: str = ""
    #: Columns to publish unchanged. In other columns, cells that quote too much of a text are
    #: shortened or emptied, unless the text is public.
    publish: list[str] = []
    #: Which rows to read: for each column listed here, the values that a row may have.
    only: dict[str, list[str]] = {}
    #: Whether the day or the month comes first in 11/05/2020; if not set, only the year is kept.
    date_order: DateOrder = ""
    rights: Rights
    rights_statement: str
    licence_features: Literal["CC-BY-4.0", "CC0-1.0"]
    source: str
    citation: str
    #: Whether to count the words of each document. Large corpora set this to false.
    words_by_document: bool = True
    #: Phrasebook entries. If any are given, title and address are published only for documents with
    #: a hit of one of these entries.
    titles_with: list[str] = []
    #: A public repository from which anybody can download all texts at once.
    repository: Repository | None = None
    #: Whether to count n-grams. In a public corpus they replace the tables of words and sentences,
    #: which would be too large (one row per word and document).
    ngrams: bool = False
    #: Whether all documents report on the same event; if so, their sentences are compared with each
    #: other.
    one_event: bool = False
    #: Phrasebook entries that are also counted in other ways (with other tokenisers and so on).
    specifications: list[str] = []
    defaults: DocumentFields = DocumentFields()
    documents: dict[str, DocumentFields] = {}

    @property
    def fetchable(self) -> bool:
        """Whether ``tifa fetch`` can download all texts: from their addresses, or all at once."""
        if self.reader == "folder":
            return bool(self.documents) and all(d.url for d in self.documents.values())
        doi = self.defaults.url.startswith("https://doi.org/")
        return self.repository is not None or (self.reader == "ungdc" and doi)

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        known = {"doc_id", "text", *DocumentFields.model_fields} - {"remove_prefix"}
        for name in value:
            if name not in known:
                raise ValueError(f"no field {name!r}; expected some of {', '.join(sorted(known))}")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        if not value:
            return ""
        try:
            # "".encode also refuses rot13, base64 and other codecs that are not for text
            "".encode(value)
            name = codecs.lookup(value).name
        except (LookupError, UnicodeError):
            name = "undefined"
        if name in _NO_TEXTS:
            raise ValueError(f"no encoding {value!r}; expected cp1252, gb18030 ...")
        return name

    @model_validator(mode="after")
    def _what_a_language_has(self) -> Self:
        if self.names and self.reader != "folder":
            raise ValueError("names: only a folder of texts has names of files")
        for name in ("ngrams", "one_event", "specifications"):
            if self.language != "en" and getattr(self, name):
                raise ValueError(f"{name}: made for languages with spaces between words only")
        return self

    @property
    def without_words(self) -> bool:
        """Whether the corpus has n-grams instead of the tables of words and sentences."""
        return self.rights == "public" and self.ngrams

    @property
    def by_document(self) -> bool:
        """Whether to count the words and sentences of each document."""
        return self.words_by_document and not self.without_words

    @cached_property
    def default_values(self) -> dict[str, str]:
        """The metadata that the overlay gives for all documents without other values."""
        return self.defaults.model_dump()

    def own_values(self, doc_id: str) -> dict[str, str]:
        """Return the metadata that the overlay gives for this document alone."""
        own = self.documents.get(doc_id)
        return own.model_dump(exclude_defaults=True) if own else {}

    def fields(self, doc_id: str) -> dict[str, str]:
        """Return the metadata of a document: its own values, and defaults for other fields."""
        return {**self.default_values, **self.own_values(doc_id)}


def read_overlay(path: Path) -> Overlay:
    """Read and check an overlay.

    Raises TifaError for broken YAML, for an unknown or bad field, or if the field ``corpus`` is not
    the name of the file. The message names the file and, if possible, line and field.
    """
    state = path.stat() if path.is_file() else None
    return _read_overlay(path, state and (state.st_ino, state.st_size, state.st_mtime_ns))


@lru_cache(maxsize=128)
def _read_overlay(path: Path, state: object) -> Overlay:
    # cached, because building the site reads the same few overlays hundreds of times
    overlay, _ = read_yaml(path, Overlay)
    if overlay.corpus != path.stem:
        raise TifaError(
            f"corpus is {overlay.corpus!r}; expected {path.stem!r} as in the file's name",
            where=path,
        )
    return overlay


class States:
    """A table of the states and governments that the codes of the UN corpus mean in each session.

    Raises TifaError if the table is not UTF-8, lacks a column, or has a bad session number.
    """

    def __init__(self, path: Path) -> None:
        self._rows: dict[str, list[tuple[int, int, str, str]]] = {}
        columns = ["code", "country", "government", "from_session", "to_session"]
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            try:
                for row in reader:
                    code, country, government, first, last = (row[c] for c in columns)
                    self._rows.setdefault(code, []).append(
                        (int(first or 1), int(last or 10**6), country.strip(), government.strip())
                    )
            except (AttributeError, KeyError, TypeError, ValueError, csv.Error):
                raise TifaError(
                    f"expected UTF-8 and the columns {', '.join(columns)}, sessions as numbers",
                    where=path,
                    line=reader.line_num,
                ) from None

    def government(self, code: str, session: int) -> str:
        """Return the government that a code meant in a session; empty if unknown."""
        for first, last, _, government in self._rows.get(code, []):
            if first <= session <= last:
                return government
        return ""

    def country(self, code: str) -> str:
        """Return the country's name in plain English; the code itself if unknown."""
        rows = self._rows.get(code)
        return rows[-1][2] if rows else code
