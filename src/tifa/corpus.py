"""Load the features of a corpus: what notebooks start from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from tifa.errors import TifaError
from tifa.frames import code_sentences
from tifa.lexicon import FrameDictionary, Phrasebook, read_frames, read_phrasebook
from tifa.metadata import Overlay, read_overlay
from tifa.store import read_table, recover
from tifa.together import settle

_MARK = Path("lexicon") / "phrases.yml"


def data_folder(start: Path | None = None) -> Path:
    """Find data/.

    By this rule: ``TIFA_DATA`` if it is set; else data/ in the working folder or in one of
    the folders above it; else data/ of the checkout that the package was installed from.

    Raises
    ------
    TifaError
        Where none of these holds a phrasebook.

    """
    named = os.environ.get("TIFA_DATA", "")
    if named:
        folders = [Path(named)]
    else:
        here = (start or Path.cwd()).resolve()
        checkout = Path(__file__).resolve().parents[2]
        folders = [p / "data" for p in (here, *here.parents, checkout)]
    for folder in folders:
        if (folder / _MARK).is_file():
            return folder
    raise TifaError(
        f"no data folder with {_MARK.as_posix()} found"
        + (f" in TIFA_DATA={named}" if named else " here or above")
        + "; start in a clone of the compendium, or set TIFA_DATA to its data folder"
    )


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
        For an unknown corpus, naming those there are.

    """
    data = data or data_folder()
    folder = data / "corpora" / corpus
    if Path(corpus).name == corpus and corpus:
        settle(data)
        recover(folder)
    if Path(corpus).name != corpus or not (folder / "documents.csv").is_file():
        there = ", ".join(corpora(data)) or "none yet"
        raise TifaError(f"no corpus {corpus!r} in {data / 'corpora'}; there is: {there}")
    return Corpus(corpus, folder, read_overlay(data / "metadata" / f"{corpus}.yml"))


def corpora(data: Path | None = None) -> list[str]:
    """Names of the corpora whose features are there."""
    folder = (data or data_folder()) / "corpora"
    return sorted(p.parent.name for p in folder.glob("[!.]*/documents.csv"))


@cache
def _phrasebook(path: Path, _: int) -> Phrasebook:
    return read_phrasebook(path)


def phrasebook(*, data: Path | None = None) -> Phrasebook:
    """Read the phrasebook."""
    path = (data or data_folder()) / _MARK
    return _phrasebook(path, path.stat().st_mtime_ns)


def frame_dictionary(*, data: Path | None = None) -> FrameDictionary:
    """Read the frame dictionary."""
    return read_frames((data or data_folder()) / "lexicon" / "frames.yml")


def phrases(*, data: Path | None = None) -> pd.DataFrame:
    """Make the phrasebook a table.

    Returns
    -------
    One row an entry: entry (index), label, zh, pinyin, gloss, family, role.

    """
    book = phrasebook(data=data)
    rows = [
        {
            "entry": e.id,
            "label": e.label,
            "zh": e.zh,
            "pinyin": e.pinyin,
            "gloss": e.gloss,
            "family": e.family,
            "role": book.families[e.family].role,
        }
        for e in book.entries
    ]
    return pd.DataFrame(rows).set_index("entry", drop=False)


def beside_pages(table: str, *, data: Path | None = None) -> bool:
    """Whether a table may stand on the site beside the pages that quote from the same texts.

    The hits of a protected corpus say where words stand. They are within the bounds of quotation
    by themselves, but not together with the pages: they stay in the repository.
    """
    parts = Path(table).parts
    if len(parts) != 3 or parts[0] != "corpora" or Path(table).stem != "hits":
        return True
    overlay = read_overlay((data or data_folder()) / "metadata" / f"{parts[1]}.yml")
    return overlay.rights == "public"


def code_frames(sentences: Sequence[str]) -> pd.DataFrame:
    """Code sentences by the frame dictionary of the compendium.

    Parameters
    ----------
    sentences
        Any list of strings, each taken as one sentence.

    Returns
    -------
    One row a sentence in the order given, one column a frame, 0 or 1.

    Examples
    --------
    >>> import tifa
    >>> coded = tifa.code_frames(["Vaccines must reach every village."])
    >>> coded.loc[0, "health"]
    np.int8(1)

    """
    return code_sentences(sentences, frame_dictionary())
