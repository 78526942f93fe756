"""Read the full texts of a corpus, in whatever format they are.

Archives are not unpacked to disk, and the package ``tifa.sources`` never writes texts anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tifa.data.metadata import Overlay, States, read_overlay
from tifa.data.word_settings import read_word_settings
from tifa.sources.document import Document, Reading
from tifa.sources.places import Place, find_texts
from tifa.util.errors import TifaError


def read(
    source: Path,
    overlay: Overlay,
    *,
    states: States | None = None,
    reading: Reading | None = None,
    listing: Path | None = None,
) -> Iterator[Document]:
    """Return an iterator over the documents of a corpus.

    They come in the order of paths in a folder, of files in an archive, or of rows in a table.
    ``states`` gives the government of each country in the UN archive. ``listing`` is a table with
    one row per file of a folder.

    Raises TifaError if the source is missing or cannot be used as a whole. A single text that
    cannot be used is skipped and recorded in ``reading``. In the UN archive, and in a folder of
    texts if the overlay is strict, TifaError is raised instead.
    """
    if not source.exists():
        raise TifaError(
            "no texts here; put them there, or set TIFA_TEXTS to the folder that holds "
            f"{overlay.corpus}/",
            where=source,
        )
    reading = reading if reading is not None else Reading()
    if overlay.reader == "ungdc":
        from tifa.sources.ungdc import read_ungdc  # noqa: PLC0415

        return read_ungdc(source, overlay, states, reading)
    from tifa.sources.own import read_source  # noqa: PLC0415 - loads readers of HTML and Parquet

    return read_source(source, overlay, listing=listing, reading=reading)


def read_corpus(
    corpus: str,
    data: Path,
    texts: Path | None = None,
    reading: Reading | None = None,
    *,
    use: str = "",
) -> tuple[Overlay, Iterator[Document]]:
    """Return the overlay of a corpus, and its documents with the rules of words.yml applied.

    ``texts`` is the path of the texts; by default :func:`tifa.sources.places.find_texts` finds it.
    What is skipped or missing is recorded in ``reading``. ``use`` says what the caller does with
    the texts, such as "shown" or "counted". If it is given, a closed corpus is refused.

    Raises TifaError in the cases of :func:`read`, and if ``use`` is given for a closed corpus.
    """
    reading = reading if reading is not None else Reading()
    rules = read_word_settings(data).rules
    overlay = read_overlay(data / "metadata" / f"{corpus}.yml")
    if use and overlay.rights == "closed":
        raise TifaError(f"the corpus {corpus!r} is closed: its texts are not {use}")
    states = data / "metadata" / "states.csv"
    place = Place(texts=texts) if texts else find_texts(data, corpus)
    documents = read(
        place.texts,
        overlay,
        states=States(states) if states.exists() else None,
        reading=reading,
        listing=place.documents,
    )
    if rules:
        from tifa.sources.word_rules import by_rules  # noqa: PLC0415 - few studies have any

        documents = by_rules(documents, rules, reading)
    return overlay, documents
