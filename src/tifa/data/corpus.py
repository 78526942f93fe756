"""Load the features of a corpus: what notebooks start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from tifa.data.files import check_whole, read_table
from tifa.data.metadata import Overlay, read_overlay
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError


@dataclass(frozen=True)
class Corpus:
    """The features of one corpus; each table is a pandas DataFrame, read when first asked for."""

    name: str
    folder: Path
    about: Overlay

    @cached_property
    def documents(self) -> pd.DataFrame:
        """A row a document: what is known of it, its words and sentences."""
        return self.table("documents").set_index("doc_id", drop=False)

    @cached_property
    def hits(self) -> pd.DataFrame:
        """A row a match of a phrasebook entry."""
        return self.table("hits")

    @cached_property
    def terms(self) -> pd.DataFrame:
        """A row a word in a document; only for corpora small enough (briefing, xi)."""
        return self.table("terms")

    @cached_property
    def frames(self) -> pd.DataFrame:
        """A row a frame in a document: sentences coded by the dictionary."""
        return self.table("frames")

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """A row a sentence: its number and length."""
        return self.table("sentences")

    @cached_property
    def sentence_frames(self) -> pd.DataFrame:
        """A row a sentence with a frame, by the dictionary."""
        return self.table("sentence_frames")

    @cached_property
    def collocates(self) -> pd.DataFrame:
        """A row a word beside a phrasebook entry, with the totals that measures need."""
        return self.table("collocates")

    @cached_property
    def similarity(self) -> pd.DataFrame:
        """A row a pair of sentences of documents that tell one event (briefing only)."""
        return self.table("similarity")

    @cached_property
    def specifications(self) -> pd.DataFrame:
        """A row a count of a document by other rules (other tokenisers and so on)."""
        return self.table("specifications")

    @cached_property
    def ngrams(self) -> pd.DataFrame:
        """A row an n-gram in a year (UN General Debates only)."""
        return self.table("ngrams")

    @cached_property
    def ngram_countries(self) -> pd.DataFrame:
        """A row an n-gram in the speeches of one of the ten countries that use it most."""
        return self.table("ngram_countries")

    @property
    def tables(self) -> list[str]:
        """Names of the tables that this corpus has."""
        return sorted(p.stem for p in self.folder.glob("[!.]*"))

    def table(self, name: str) -> pd.DataFrame:
        """Any table by its name.

        Raises
        ------
        TifaError
            Where this corpus does not have it.

        """
        return read_table(self.folder, name).to_pandas()

    def __repr__(self) -> str:
        d = self.documents
        return f"{self.name}: {len(d):,} documents, {int(d['words'].sum()):,} words"


def load(corpus: str, *, data: Path | None = None) -> Corpus:
    """Load a corpus by name.

    Parameters
    ----------
    corpus
        A folder of data/corpora: briefing, xi, ungdc, or one of your own.
    data
        The data folder, if the rule of :func:`data_folder` should not decide.

    Returns
    -------
    Corpus
        With ``documents``, ``hits``, ``terms`` and the other tables as pandas DataFrames.

    Raises
    ------
    TifaError
        For an unknown corpus, naming those there are; where a command that wrote features was
        cut off.

    """
    data = data or data_folder()
    folder = data / "corpora" / corpus
    check_whole(data)
    if Path(corpus).name != corpus or not (folder / "documents.csv").is_file():
        there = ", ".join(corpora(data)) or "none yet"
        raise TifaError(f"no corpus {corpus!r} in {data / 'corpora'}; there is: {there}")
    return Corpus(corpus, folder, read_overlay(data / "metadata" / f"{corpus}.yml"))


def corpora(data: Path | None = None) -> list[str]:
    """Names of the corpora whose features are there."""
    folder = (data or data_folder()) / "corpora"
    return sorted(p.parent.name for p in folder.glob("[!.]*/documents.csv"))
