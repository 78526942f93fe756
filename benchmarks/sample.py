"""Texts for the benchmarks: the UN General Debates, or generated ones of the same shape."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import polars as pl
import yaml

from tifa.data.metadata import States, read_overlay
from tifa.sources.document import Document
from tifa.sources.open import read
from tifa.text import chinese
from tifa.text.words import normalise, sentence_table, words_of
from tifa.util.data_folder import data_folder

SAMPLE_BYTES = 30_000_000
GENERATED = 10_952
PEER_WORD = r"[^\W_]+(?:'[^\W_]+)*(?:-[^\W_]+(?:'[^\W_]+)*)*"
#: Number of speeches in a Parquet file, and in a batch of an extraction.
PART, BATCH = 500, 110
#: Number of characters for the segmenters; the slowest one takes half a second for them.
CHINESE = 100_000


@dataclass(frozen=True)
class Sample:
    """Documents from the whole span of a corpus, by default about 30 MB of text."""

    source: str
    documents: list[Document]
    left_out: int

    @cached_property
    def megabytes(self) -> float:
        return sum(len(d.text.encode()) for d in self.documents) / 1e6

    @cached_property
    def texts(self) -> list[str]:
        """The normalised texts of all documents."""
        texts = pl.Series([d.text for d in self.documents])
        return pl.select(normalise(pl.lit(texts))).to_series().to_list()

    @cached_property
    def sentences(self) -> pl.DataFrame:
        rows = [(d.doc_id, d.text) for d in self.documents]
        return sentence_table(pl.DataFrame(rows, schema=["doc_id", "text"], orient="row"))

    def every(self, nth: int) -> Sample:
        """Return every nth document of the sample, for tasks that would take minutes."""
        return Sample(self.source, self.documents[::nth], self.left_out)

    def __str__(self) -> str:
        return (
            f"{self.source}: {len(self.documents):,} documents, {self.megabytes:.1f} MB, "
            f"{self.left_out} left out in which re finds other words than polars"
        )

    @cached_property
    def batches(self) -> list[tuple[list[str], pl.DataFrame]]:
        """Documents and their sentences, in batches of the size that an extraction uses."""
        ids = [d.doc_id for d in self.documents]
        parts = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
        return [(p, self.sentences.filter(pl.col("doc_id").is_in(p))) for p in parts]

    @cached_property
    def facts(self) -> pl.DataFrame:
        """Year and country of each document."""
        rows = [(d.doc_id, int(d.fields["year"]), d.fields["country"]) for d in self.documents]
        return pl.DataFrame(rows, schema=["doc_id", "year", "country"], orient="row")


def debates() -> tuple[str, Iterator[Document]]:
    """Return a description of the speeches, and an iterator over them."""
    named = os.environ.get("TIFA_TEXTS")
    if named and (Path(named) / "ungdc").exists():
        metadata = data_folder() / "metadata"
        overlay = read_overlay(metadata / "ungdc.yml")
        states = States(metadata / "states.csv")
        documents = read(Path(named) / "ungdc", overlay, states=states)
        return "UN General Debates, 1946-2024", documents
    return "generated text of the shape of the UN General Debates", debates_generated()


def debates_generated(documents: int = GENERATED) -> Iterator[Document]:
    chance = random.Random(1)
    words = [chr(97 + i % 26) * (2 + i % 7) + str(i % 90) for i in range(30_000)]
    words += ["mutual trust", "equality", "the spirit of Geneva", "multilateralism"]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for number in range(documents):
        drawn = chance.choices(words, weights, k=2_900)
        ends = range(0, len(drawn), 24)
        text = " ".join(" ".join(drawn[a : a + 24]).capitalize() + "." for a in ends)
        fields = {"year": str(1946 + number * 79 // documents), "country": f"C{number % 193:03d}"}
        yield Document(f"g-{number:05d}", text, fields)


def take_sample(megabytes: float = SAMPLE_BYTES / 1e6) -> Sample:
    """Return a sample with every nth speech, of about ``megabytes`` MB in all.

    A few speeches are left out because Python's ``re`` finds other words in them than polars (owing
    to superscripts or combining marks). In the rest, all peers count the same words.
    """
    source, everything = debates()
    documents = list(everything)
    size = sum(len(d.text.encode()) for d in documents)
    step = max(1, int(size // (megabytes * 1e6)))
    chosen = list(islice(documents, 0, None, step))
    kept = [d for d in chosen if _same_words(d.text)]
    return Sample(f"{source}, every {step}th speech", kept, len(chosen) - len(kept))


def _same_words(text: str) -> bool:
    normal = pl.select(normalise(pl.lit(text))).item()
    ours = pl.select(words_of(pl.lit(normal))).item().to_list()
    return bool(ours == re.findall(PEER_WORD, normal.lower()))


def chinese_text(characters: int = CHINESE) -> str:
    """Return the start of the state reports, or generated text, in simplified characters."""
    named = os.environ.get("TIFA_TEXTS")
    if named and (Path(named) / "reports-zh").exists():
        overlay = read_overlay(data_folder() / "metadata" / "reports-zh.yml")
        texts = (d.text for d in read(Path(named) / "reports-zh", overlay))
    else:
        drawn = random.Random(1).choices("的一国人会和平发展合作共同", k=characters)
        texts = iter(["".join(drawn)])
    return chinese.fold("\n".join(texts))[:characters]


# --- texts as Parquet files ---------------------------------------------------------------


def write_parts(
    folder: Path, documents: Iterator[Document] | list[Document], times: int = 1
) -> int:
    """Write ``times`` copies of documents to Parquet files; return their size in bytes of text."""
    folder.mkdir(parents=True)
    size = number = 0
    every = iter(documents)
    while part := list(islice(every, PART)):
        size += times * sum(len(d.text.encode()) for d in part)
        for copy in range(times):
            rows = [
                (f"{d.doc_id}.{copy}", d.fields["year"], d.fields["country"], d.text) for d in part
            ]
            table = pl.DataFrame(rows, schema=["doc_id", "year", "country", "text"], orient="row")
            table.write_parquet(folder / f"part-{copy}-{number:05d}.parquet")
        number += 1
    return size


def data_for(folder: Path) -> Path:
    """Make a data folder with the lexicon and the metadata of one corpus, ``debates``."""
    here = data_folder()
    shutil.copytree(here / "lexicon", folder / "lexicon")
    about = yaml.safe_load((here / "metadata" / "ungdc.yml").read_text("utf-8"))
    about |= {"corpus": "debates", "reader": "table", "documents": {}}
    about["columns"] = {"doc_id": "doc_id", "text": "text", "date": "year", "country": "country"}
    (folder / "metadata").mkdir()
    (folder / "metadata" / "debates.yml").write_text(yaml.safe_dump(about), "utf-8")
    return folder
