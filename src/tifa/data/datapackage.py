"""Describe every table in data/datapackage.json, as a Frictionless Data Package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from tifa.data.files import changing, sha256, write_file
from tifa.data.metadata import Overlay, read_overlay
from tifa.data.schema import FINDING_COLUMNS, FUNCTIONS, TABLES, Table
from tifa.lexicon.model import read_frames
from tifa.text.words import TOKENISER
from tifa.util.errors import TifaError
from tifa.util.yamlfile import read_yaml
from tifa.version import __version__

_LICENCES = {
    "CC-BY-4.0": {
        "name": "CC-BY-4.0",
        "path": "https://creativecommons.org/licenses/by/4.0/",
        "title": "Creative Commons Attribution 4.0",
    },
    "CC0-1.0": {
        "name": "CC0-1.0",
        "path": "https://creativecommons.org/publicdomain/zero/1.0/",
        "title": "CC0 1.0",
    },
}


class Study(BaseModel):
    """What a data folder is called; a study of one's own says so in study.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="shanghai-spirit", pattern=r"^[a-z0-9._-]+$")
    title: str = "The Shanghai Spirit, traced: features"
    description: str = (
        "Counts, positions, codes and short quotations. "
        "No text can be read off them; every page of the compendium is computed from them."
    )


def write_package(data: Path) -> Path:
    """Describe what is in the data folder now."""
    path = data / "datapackage.json"
    text = _text(package(data))
    if not path.is_file() or path.read_bytes() != text:
        write_file(path, text)
    return path


@contextmanager
def described(data: Path, path: Path, staged: Path) -> Iterator[None]:
    """Let a table, or the folder of a corpus, change together with its description.

    Parameters
    ----------
    data
        The data folder.
    path
        The table or folder that changes.
    staged
        What will be renamed to it.

    """
    with changing(data, path, staged, _text(package(data, staged={path: staged}))):
        yield


def _text(described: dict[str, Any]) -> bytes:
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def package(
    data: Path, *, without: str = "", staged: Mapping[Path, Path] | None = None
) -> dict[str, Any]:
    """Describe the data folder as it is: a resource for each table, with its SHA-256.

    Parameters
    ----------
    data
        The data folder.
    without
        A corpus to do without.
    staged
        What is to be described in place of a table, or of the folder of a corpus.

    Raises
    ------
    TifaError
        Where a corpus (other than the one to do without) has no overlay or a broken table.

    """
    resources = []
    staged = staged or {}
    corpora = data / "corpora"
    folders = {f for f in corpora.glob("[!.]*") if f.is_dir()}
    folders |= {f for f in staged if f.parent == corpora}
    for folder in sorted(f for f in folders if f.name != without):
        overlay = read_overlay(data / "metadata" / f"{folder.name}.yml")
        for name, table in TABLES.items():
            for file in (f"{name}.csv", f"{name}.parquet"):
                path = staged.get(folder, folder) / file
                if path.is_file():
                    where = f"corpora/{folder.name}/{file}"
                    resources.append(_resource(where, path, table, overlay))
    resources += _lists(data, staged)
    own = data / "study.yml"
    study = read_yaml(own, Study)[0] if own.is_file() else Study()
    return {
        "profile": "data-package",
        **study.model_dump(),
        "version": __version__,
        "licenses": [_LICENCES["CC-BY-4.0"]],
        "tokeniser": TOKENISER,
        "sentences": f"sentencex {version('sentencex')}",
        "resources": resources,
    }


def _resource(where: str, path: Path, table: Table, overlay: Overlay) -> dict[str, Any]:
    try:
        table_rows = pl.scan_csv(path) if path.suffix == ".csv" else pl.scan_parquet(path)
        rows = table_rows.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise TifaError(
            f"not the table {table.name!r} ({error}); extract the corpus again", where=path
        ) from None
    return {
        "name": f"{overlay.corpus}-{table.name.replace('_', '-')}",
        "title": f"{overlay.title}: {table.name.replace('_', ' ')}",
        "description": f"A row is {table.row}.",
        **_file(where, path, rows),
        "licenses": [_LICENCES[overlay.licence_features]],
        "sources": [{"title": overlay.source}],
        "schema": {
            "fields": [
                {"name": name, "type": column.kind, "description": column.about}
                for name, column in table.columns.items()
            ],
            "missingValues": [""],
        }
        | ({"primaryKey": list(table.key)} if table.name != "hits" else {}),
    }


def _file(where: str, path: Path, rows: int) -> dict[str, Any]:
    csv = where.endswith(".csv")
    return {
        "path": where,
        "scheme": "file",
        "format": "csv" if csv else "parquet",
        "mediatype": "text/csv" if csv else "application/vnd.apache.parquet",
        **({"encoding": "utf-8"} if csv else {}),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
        "rows": rows,
    }


_CODES = "annotations/codes.csv"
#: Tables that people keep by hand, or that rest on such: path, title, columns.
_HAND_MADE: list[tuple[str, str, dict[str, tuple[str, str]]]] = [
    (
        "annotations/units.csv",
        "Sentences that were coded, by number and without text",
        {
            "unit": ("string", "identifier; u: first round of coding, v: second"),
            "corpus": ("string", "briefing, xi or ungdc"),
            "doc_id": ("string", "identifier of the document"),
            "sentence": ("integer", "number of the sentence in the document, from 1"),
        },
    ),
    (
        _CODES,
        "Codes of two machine annotators: frames and functions of each sentence",
        {
            "unit": ("string", "identifier of the sentence, as in units"),
            "annotator": ("string", "A or B; both are large language models"),
        }
        # and a column a frame of the dictionary
        | dict.fromkeys(FUNCTIONS, ("integer", "1 where the sentence has the function")),
    ),
    (
        "annotations/predictions.csv",
        "Frames that models predict of the coded sentences; the dictionary was tuned on them",
        {
            "unit": ("string", "identifier of the sentence, as in units"),
            "model": (
                "string",
                "bag-of-words, dictionary, dictionary-cv, dictionary-cv-seen or keywords",
            ),
            "fold": ("integer", "fold in which it was held out; empty if not cross-validated"),
            "frame": ("string", "id of the frame"),
            "predicted": ("integer", "1 where the model gives the sentence the frame"),
        },
    ),
    (
        "annotations/alignment.csv",
        "Sentences of the two reports that tell the same, by one machine reader",
        {
            "ecns_sentence": ("integer", "number of the sentence in ecns-2020-11-05"),
            "beltandroad_sentence": ("integer", "number in beltandroad-news-2020-11-06"),
            "relation": ("string", "same, or partial: at least one shared proposition"),
            "content": ("string", "what both tell, in the reader's words"),
        },
    ),
    (
        "annotations/alignment_doubtful.csv",
        "Pairs of sentences of the two reports on which that reader was in doubt",
        {
            "ecns_sentence": ("integer", "number of the sentence in ecns-2020-11-05"),
            "beltandroad_sentence": ("integer", "number in beltandroad-news-2020-11-06"),
            "listed": ("boolean", "whether the pair stands in alignment.csv all the same"),
            "doubt": ("string", "what speaks against it, in the reader's words"),
        },
    ),
    (
        "annotations/voices.csv",
        "Whose voice carries each sentence of the two reports, by one machine reader",
        {
            "doc_id": ("string", "identifier of the document"),
            "sentence": ("integer", "number of the sentence in the document, from 1"),
            "voice": ("string", "le or paper"),
            "marker": ("string", "reporting-verb, direct-quotation, carried-over or none"),
            "about": ("string", "main actor of the sentence"),
        },
    ),
    (
        "findings.csv",
        "The findings as last agreed on: sentence, estimate, interval",
        FINDING_COLUMNS,
    ),
    (
        "lexicon/intensifiers.csv",
        "Words that evaluate or intensify, sorted by how they do it",
        {
            "word": ("string", "a word as the tokeniser gives it, lower-cased"),
            "kind": ("string", "degree, vigour, worth, or increase (verbs of making more)"),
        },
    ),
    (
        "facts/memberships.csv",
        "Standing of states in the Shanghai Cooperation Organisation, to the end of 2024",
        {
            "country_code": ("string", "ISO 3166-1 alpha-3"),
            "country": ("string", "name in plain English"),
            "status": ("string", "member, observer or dialogue partner"),
            "from": ("string", "ISO 8601, as precise as is known"),
            "to": ("string", "day on which the next status begins; empty if still so"),
            "source": ("string", "where the date can be checked"),
        },
    ),
    (
        "metadata/states.csv",
        "What the codes of the UN corpus stand for, by session",
        {
            "code": ("string", "code in the file names of the corpus"),
            "country": ("string", "name in plain English"),
            "government": ("string", "whose government speaks in these sessions"),
            "from_session": ("integer", "first session"),
            "to_session": ("integer", "last session"),
            "kind": ("string", "member, observer, former or organisation"),
            "note": ("string", "why the row begins or ends here"),
        },
    ),
]


def _columns(name: str, data: Path) -> dict[str, tuple[str, str]]:
    """Columns of a list; of the codes with the frames of the dictionary, before the functions."""
    columns = next(c for n, _, c in _HAND_MADE if n == name)
    if name != _CODES:
        return columns
    frames = [f.id for f in read_frames(data / "lexicon" / "frames.yml").frames]
    functions = {c: columns[c] for c in FUNCTIONS}
    before = {c: about for c, about in columns.items() if c not in functions}
    carried = dict.fromkeys(frames, ("integer", "1 where the sentence carries the frame"))
    return before | carried | functions


def _lists(data: Path, staged: Mapping[Path, Path]) -> list[dict[str, Any]]:
    found = []
    for name, title, _ in _HAND_MADE:
        path = staged.get(data / name, data / name)
        if path.is_file():
            found.append(
                {
                    "name": Path(name).stem.replace("_", "-"),
                    "title": title,
                    **_file(name, path, pl.read_csv(path, infer_schema=False).height),
                    "licenses": [_LICENCES["CC-BY-4.0"]],
                    "schema": {
                        "fields": [
                            {"name": c, "type": kind, "description": about}
                            for c, (kind, about) in _columns(name, data).items()
                        ],
                        "missingValues": [""],
                    },
                }
            )
    return found
