"""What several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tifa.metadata import Overlay, States, read_overlay
from tifa.texts import Document, Place, Reading, find_texts, read

Data = Annotated[
    Path | None,
    typer.Option(help="The data folder; found by itself inside a clone.", metavar="DIR"),
]
Texts = Annotated[
    Path | None,
    typer.Option(help="Folder or archive of the texts; else TIFA_TEXTS/CORPUS.", metavar="PATH"),
]


def read_corpus(
    corpus: str, data: Path, texts: Path | None, reading: Reading | None = None
) -> tuple[Overlay, Iterator[Document]]:
    """Read the overlay and the documents of a corpus, with what data/ says of them."""
    overlay = read_overlay(data / "metadata" / f"{corpus}.yml")
    states = data / "metadata" / "states.csv"
    place = Place(texts=texts) if texts else find_texts(data, corpus)
    documents = read(
        place.texts,
        overlay,
        states=States(states) if states.exists() else None,
        reading=reading,
        listing=place.documents,
    )
    return overlay, documents
