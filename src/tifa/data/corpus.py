"""Load the features of a corpus as pandas tables: ``tifa.load("xi")``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from tifa.data.files import read_table, table_file
from tifa.data.metadata import Overlay, read_overlay
from tifa.data.schema import TABLES
from tifa.data.word_settings import read_word_settings
from tifa.lexicon.load import phrasebook
from tifa.lexicon.model import Phrasebook
from tifa.text.language import UNITS
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError


def _table(about: str, *, may_lack: bool = False) -> cached_property[pd.DataFrame]:
    """Make a property that, on first use, reads the table with the property's name.

    ``about`` is its docstring. With ``may_lack``, a missing table is read as an empty one.
    """

    def read(self: Corpus) -> pd.DataFrame:
        name = str(found.attrname)
        if may_lack and table_file(self.folder, name) is None:
            return pl.DataFrame(schema=TABLES[name].schema).to_pandas()
        return self.table(name)

    read.__doc__ = about
    found = cached_property(read)
    return found


@dataclass(frozen=True)
class Corpus:
    """The features of one corpus; each table is a pandas DataFrame that is read on first use."""

    name: str
    folder: Path
    about: Overlay
    #: Ids of the documents, if this is a part made by :meth:`where`; None for the whole corpus.
    part: frozenset[str] | None = None

    def __getattribute__(self, name: str) -> Any:
        """Raise an audit event at each use of a table (see :mod:`tifa.publish.origin`).

        The event is not raised where a table is read from its file, because that happens only at
        the first use.
        """
        table = {"_every_hit": "hits", "ngram_rows": "ngrams"}.get(name, name)
        if table in TABLES and (path := table_file(self.folder, table)):
            sys.audit("tifa.read", str(path))
        return super().__getattribute__(name)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder.parents[1]

    @cached_property
    def documents(self) -> pd.DataFrame:
        """One row per document: metadata, length, and the columns that only this corpus has."""
        documents = self.table("documents")
        if table_file(self.folder, "variables") is None:
            return documents
        own = self.table("variables").pivot(index="doc_id", columns="variable", values="value")
        return documents.join(own.rename_axis(columns=None), on="doc_id")

    rules = _table(
        "One row per rule of words.yml that was active at extraction; empty if there was none.",
        may_lack=True,
    )
    unread = _table(
        "One row per file that could not be read at extraction; empty if there was none.",
        may_lack=True,
    )

    @property
    def stop_words(self) -> frozenset[str]:
        """The stop words of words.yml, which lists of words leave out."""
        return read_word_settings(self.data).stopped

    @cached_property
    def hits(self) -> pd.DataFrame:
        """One row per hit; warns if entries of the phrasebook have changed since extraction."""
        self._warn_of_changed()
        return self._every_hit.to_pandas()

    def _warn_of_changed(self) -> None:
        if changed := self.changed_entries(phrasebook(data=self.data)):
            warnings.warn(self._advice(changed), stacklevel=4)

    @cached_property
    def _every_hit(self) -> pl.DataFrame:
        return self._rows("hits")

    def hits_of(self, entries: Sequence[str], *, book: Phrasebook | None = None) -> pd.DataFrame:
        """Return the rows of ``hits`` for entries with these ids.

        ``book`` is the phrasebook, by default that of the data folder. Raises TifaError for an id
        that is not in the phrasebook, and for an entry that is new or has changed since the corpus
        was extracted, because its hits are unknown.
        """
        self.check_entries(entries, book or phrasebook(data=self.data))
        # filter before converting to pandas, because most hits are of other entries
        return self._every_hit.filter(pl.col("entry").is_in(entries)).to_pandas()

    def check_entries(self, entries: Sequence[str], book: Phrasebook) -> None:
        """Raise TifaError for unknown, new or changed entries (see :meth:`hits_of`)."""
        wanted = {book.entry(entry).id for entry in entries}
        if changed := wanted.intersection(self.changed_entries(book)):
            raise TifaError(self._advice(sorted(changed)))

    def changed_entries(self, book: Phrasebook) -> list[str]:
        """Return the ids of entries that are new, changed or gone since the corpus was extracted.

        Returns all ids if the corpus has no record of the phrasebook at extraction.
        """
        now = book.digests(self.about.language).items()
        return sorted({entry for entry, _ in now ^ self._digests.items()})

    @cached_property
    def _digests(self) -> dict[str, str]:
        """A hash of the patterns of each entry at extraction; empty if there is no record of it."""
        if table_file(self.folder, "entries") is None:
            return {}
        return dict(read_table(self.folder, "entries").rows())

    def _advice(self, changed: Sequence[str]) -> str:
        names = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if changed[5:] else "")
        return (
            f"the features of {self.name} were extracted with another phrasebook, and say nothing "
            f"of {names}; with the texts at hand run: tifa extract {self.name}"
        )

    terms = _table("One row per document and word; only for small corpora (briefing, xi).")
    frames = _table(
        "One row per document and frame: number of sentences that have it, by the dictionary."
    )
    sentences = _table("One row per sentence: its number and length.")
    sentence_frames = _table("One row per sentence that has a frame, by the dictionary.")
    similarity = _table(
        "One row per pair of sentences, for documents on the same event (briefing only)."
    )
    specifications = _table(
        "One row per document and count with other choices (other tokenisers and so on)."
    )
    ngrams = _table("One row per year and n-gram (UN General Debates only).")
    word_years = _table("One row per year and word (Chinese corpora only).")
    ngram_countries = _table(
        "One row per n-gram and country, for the ten countries that use it most."
    )

    @cached_property
    def collocates(self) -> pd.DataFrame:
        """One row per word near a phrasebook entry; warns like :attr:`hits`."""
        self._warn_of_changed()
        return self.table("collocates")

    @cached_property
    def ngram_rows(self) -> pl.DataFrame:
        """One row per n-gram: its first row in the table ngrams, and the number of its rows."""
        names = read_table(self.folder, "ngrams")["ngram"].rle().struct.unnest()
        return names.select(
            ngram="value", first=pl.col("len").cum_sum() - pl.col("len"), rows="len"
        )

    def check_column(self, name: str) -> None:
        """Raise TifaError if there is no such column; the message lists the columns with values."""
        if name in self.documents.columns:
            return
        field = next((f for f, column in self.about.columns.items() if column == name), "")
        became = f"; {name!r} of your list became {field!r}" if field else ""
        filled = self.documents.columns[self.documents.notna().any()]
        raise TifaError(f"no column {name!r}{became}; with values there is: {', '.join(filled)}")

    @property
    def unit(self) -> str:
        """The unit of length: words, or characters in Chinese."""
        return UNITS[self.about.language]

    @property
    def tables(self) -> list[str]:
        """The names of the tables of this corpus; a part of a corpus does not have all of them."""
        names = sorted(p.stem for p in self.folder.glob("[!.]*"))
        return [n for n in names if self.part is None or _of_documents(n)]

    def table(self, name: str) -> pd.DataFrame:
        """Load a table by its name; raises TifaError if this corpus or part lacks it."""
        return self._rows(name).to_pandas()

    def _rows(self, name: str) -> pl.DataFrame:
        rows = read_table(self.folder, name)
        if self.part is None:
            return rows
        if not _of_documents(name):
            raise TifaError(
                f"the table {name} was counted over all documents of {self.name}; it has no part"
            )
        for column in ("doc_id", "other_doc_id"):
            if column in rows.columns:
                rows = rows.filter(pl.col(column).is_in(self.part))
        return rows

    def where(self, mask: pd.Series[bool] | npt.ArrayLike) -> Corpus:
        """Return a part of the corpus: some of its documents, and their rows in other tables.

        ``mask`` is True or False for each row of ``documents``. The part lacks the tables that are
        counted over all documents at once (collocates, n-grams).

        Raises TifaError if the mask has another length or index than ``documents``, has values
        other than True and False, or selects no document.

        >>> import tifa
        >>> xi = tifa.load("xi")
        >>> xi.where(xi.documents["audience"] == "sco")
        xi (part): 2 documents, 3,518 words
        """
        if isinstance(mask, pd.Series) and not mask.index.equals(self.documents.index):
            raise TifaError("the mask has a different index from the documents of the corpus")
        chosen = np.asarray(mask)
        if chosen.shape != (len(self.documents),) or chosen.dtype != bool:
            raise TifaError(
                f"expected True or False for each of {len(self.documents):,} documents, none "
                f"missing; got {chosen.dtype} for {len(chosen) if chosen.ndim else 1:,}"
            )
        if not chosen.any():
            raise TifaError(f"no document of {self.name} is left")
        return replace(self, part=frozenset(self.documents.loc[chosen, "doc_id"]))

    def __repr__(self) -> str:
        name = self.name if self.part is None else f"{self.name} (part)"
        words = self.documents["words"]
        return f"{name}: {len(words):,} documents, {int(words.sum()):,} {self.unit}"


def _of_documents(name: str) -> bool:
    return name not in TABLES or "doc_id" in TABLES[name].columns


def load(corpus: str, *, data: Path | None = None) -> Corpus:
    """Load a corpus by the name of its folder in data/corpora: briefing, xi, or one of your own.

    ``data`` is the data folder; if it is not given, :func:`data_folder` finds it. The result has
    ``documents``, ``hits``, ``terms`` and the other tables as pandas DataFrames.

    Raises TifaError, which lists all corpora, if there is none with this name. Warns if words.yml
    has other rules now than when the corpus was extracted.
    """
    data = data or data_folder()
    folder = data / "corpora" / corpus
    if Path(corpus).name != corpus or table_file(folder, "documents") is None:
        known = ", ".join(corpora(data)) or "none yet"
        raise TifaError(f"no corpus {corpus!r} in {data / 'corpora'}; there is: {known}")
    then = read_table(folder, "rules")["rule"].to_list() if table_file(folder, "rules") else []
    if then != (now := read_word_settings(data).rules):
        before, after = (", ".join(rules) or "no rule" for rules in (then, now))
        warnings.warn(
            f"{corpus} was extracted with {before}, and words.yml now says {after}; "
            f"with the texts at hand run: tifa extract {corpus}",
            stacklevel=2,
        )
    return Corpus(corpus, folder, read_overlay(data / "metadata" / f"{corpus}.yml"))


def corpora(data: Path | None = None) -> list[str]:
    """Return the sorted names of the corpora that have features."""
    folder = (data or data_folder()) / "corpora"
    return sorted(p.name for p in folder.glob("[!.]*") if table_file(p, "documents"))
