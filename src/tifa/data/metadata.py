"""The hand-edited overlay of a corpus: what its texts do not tell."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tifa.text.language import Language
from tifa.util.dates import DateOrder, PartialDate
from tifa.util.errors import TifaError
from tifa.util.yamlfile import read_yaml

#: public: any feature may be written. quotable: short quotations within bounds. closed: none.
Rights = Literal["public", "quotable", "closed"]


class DocumentFields(BaseModel):
    """Columns of the documents table that an overlay may fill; empty is right if unknown."""

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
    #: A string that the crawler put before the text; removed before anything is counted.
    remove_prefix: str = ""

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("expected an address that begins with https:// or http://")
        return value


class Repository(BaseModel):
    """A public repository that holds the texts; ``tifa fetch`` gets it at one commit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Such as https://github.com/OWNER/NAME, which answers at /archive/COMMIT.tar.gz.
    url: str = Field(pattern=r"^https?://\S+[^/\s]$")
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    #: The files that are read, by a pattern of their paths: assets/*/*.json.
    files: str
    #: What ``sha256sum FILES | sha256sum`` prints, the files sorted by path.
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    #: How they are read: see :mod:`tifa.fetch.layouts`.
    layout: Literal["xwlb", "reports-zh"]


class Overlay(BaseModel):
    """Everything known about a corpus except its texts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str
    title: str
    description: str
    #: Of the texts: zh, or en for any language with spaces between words.
    language: Language = "en"
    reader: Literal["folder", "table", "jsonl", "ungdc"] = "folder"
    #: Whether a folder is refused where anything in it cannot be read, is not listed, or is listed
    #: and not there; otherwise that is skipped and told.
    strict: bool = False
    #: The file that holds the texts, where others lie in the same folder.
    file: str = ""
    #: Field (doc_id, text, or one of the documents table) to its column in the source; an empty
    #: name leaves the field out. What is not named here is found by the names people use. A doc_id
    #: may be made of several columns: date+num.
    columns: dict[str, str] = {}
    #: Columns of the source that are kept as they are, to compare by: party, gallery ...
    own: list[str] = []
    #: What files are written in that are not UTF-8: cp1252, gb18030 ...
    encoding: str = ""
    #: Columns of the documents table (or of one's own) that are published as they stand. Without
    #: it, those of a protected corpus are cut where they are longer than a quotation may be.
    publish: list[str] = []
    #: Column to the values that it has in the documents wanted; other rows are left out.
    only: dict[str, list[str]] = {}
    #: Which number comes first in 11/05/2020; without it only the year of such a date is kept.
    date_order: DateOrder = ""
    rights: Rights
    rights_statement: str
    licence_features: Literal["CC-BY-4.0", "CC0-1.0"]
    source: str
    citation: str
    #: Whether words are counted by document, where there are not too many of them.
    words_by_document: bool = True
    #: Phrasebook entries without which the title and the address of a document stay out.
    titles_with: list[str] = []
    #: Where the texts can be had by anybody, all at once.
    repository: Repository | None = None
    #: Whether n-grams are counted; for public texts in place of words and sentences, since a
    #: corpus that needs n-grams is too large for a row a word and document.
    ngrams: bool = False
    #: Whether the documents tell one event, so that their sentences are compared.
    one_event: bool = False
    #: Phrasebook entries that are counted by other rules as well (other tokenisers and so on).
    specifications: list[str] = []
    defaults: DocumentFields = DocumentFields()
    documents: dict[str, DocumentFields] = {}

    @field_validator("reader", mode="before")
    @classmethod
    def _earlier_name(cls, value: object) -> object:
        # as tifa add wrote it before there was one reader of folders
        return "folder" if value == "files" else value

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
        try:
            return codecs.lookup(value).name if value else ""
        except LookupError:
            raise ValueError(f"no encoding {value!r}; expected cp1252, gb18030 ...") from None

    @model_validator(mode="after")
    def _what_a_language_has(self) -> Self:
        for name in ("ngrams", "one_event", "specifications"):
            if self.language != "en" and getattr(self, name):
                raise ValueError(f"{name}: made for languages with spaces between words only")
        return self

    @property
    def without_words(self) -> bool:
        """Whether n-grams stand in for words: open texts are published so where they are many."""
        return self.rights == "public" and self.ngrams

    @property
    def by_document(self) -> bool:
        """Whether the words and sentences of each document are counted."""
        return self.words_by_document and not self.without_words

    def fields(self, doc_id: str) -> dict[str, str]:
        """Columns of one document: its own, else the defaults."""
        own = self.documents.get(doc_id, DocumentFields()).model_dump(exclude_defaults=True)
        return {**self.defaults.model_dump(), **own}


def read_overlay(path: Path) -> Overlay:
    """Read and check an overlay.

    Raises
    ------
    TifaError
        Naming file, line and field; also where the file's name is not the corpus's.

    """
    overlay, _ = read_yaml(path, Overlay)
    if overlay.corpus != path.stem:
        raise TifaError(
            f"corpus is {overlay.corpus!r}; expected {path.stem!r} as in the file's name",
            where=path,
        )
    return overlay


class States:
    """Which state and government a code of the UN corpus stands for, by session."""

    def __init__(self, path: Path) -> None:
        self._rows: dict[str, list[tuple[int, int, str, str]]] = {}
        columns = ["code", "country", "government", "from_session", "to_session"]
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            try:
                for column in columns:
                    if column not in (reader.fieldnames or []):
                        raise TifaError(f"no column {column!r}", where=path, line=1)
                for row in reader:
                    code, country, government, first, last = (row[c] for c in columns)
                    self._rows.setdefault(code, []).append(
                        (int(first or 1), int(last or 10**6), country.strip(), government.strip())
                    )
            except UnicodeDecodeError:
                raise TifaError("not UTF-8; save the file as UTF-8", where=path) from None
            except (AttributeError, ValueError, TypeError):
                raise TifaError(
                    f"expected {len(columns)} fields or more, from_session and to_session numbers",
                    where=path,
                    line=reader.line_num,
                ) from None
            except csv.Error as error:
                raise TifaError(f"broken CSV: {error}", where=path, line=reader.line_num) from None

    def government(self, code: str, session: int) -> str:
        """The government that spoke under a code in a session; empty where none is known."""
        for first, last, _, government in self._rows.get(code, []):
            if first <= session <= last:
                return government
        return ""

    def country(self, code: str) -> str:
        """The country's name in plain English; the code itself where none is known."""
        rows = self._rows.get(code)
        return rows[-1][2] if rows else code
