"""Find out where the private texts of a corpus are on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tifa.util.yamlfile import read_yaml


def texts_folder(data: Path) -> Path:
    """Return the folder of full texts: ``TIFA_TEXTS`` if set, else texts/ in the data folder."""
    named = os.environ.get("TIFA_TEXTS", "")
    return Path(named) if named else data / "texts"


class Place(BaseModel):
    """The path of the texts of a corpus, and the path of its list of documents, if it has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: Path
    documents: Path | None = None


def place_file(data: Path, corpus: str) -> Path:
    """Return the path of the file, ignored by git, that says where the texts of a corpus are."""
    return data / "texts" / f"{corpus}.place.yml"


def find_texts(data: Path, corpus: str) -> Place:
    """Return where the texts of a corpus are, or where to put them.

    This is the path in :func:`texts_folder` named after the corpus. If nothing is there, it is the
    path that ``tifa add`` has stored, if there is one.
    """
    usual = texts_folder(data) / corpus
    stored = place_file(data, corpus)
    if not usual.exists() and stored.is_file():
        return read_yaml(stored, Place)[0]
    return Place(texts=usual)
