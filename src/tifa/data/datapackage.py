"""Describe every table in data/datapackage.json, as a Frictionless Data Package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from tifa.data.files import only_writer, write_file
from tifa.data.hand_made import HAND_MADE, code_columns
from tifa.data.metadata import Overlay, read_overlay
from tifa.data.rights import CC0, CC_BY
from tifa.data.schema import TABLES, Column, Table
from tifa.lexicon.load import frame_dictionary
from tifa.text import chinese
from tifa.text.language import Language
from tifa.text.words import TOKENISER
from tifa.util.disk import listed, read_bytes
from tifa.util.errors import TifaError
from tifa.util.yamlfile import read_yaml
from tifa.version import __version__

_LICENCES = {
    "CC-BY-4.0": {"name": "CC-BY-4.0", "path": CC_BY, "title": "Creative Commons Attribution 4.0"},
    "CC0-1.0": {"name": "CC0-1.0", "path": CC0, "title": "CC0 1.0"},
}


class Study(BaseModel):
    """Name, title and description of a data folder; another study gives its own in study.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="shanghai-spirit", pattern=r"^[a-z0-9._-]+$")
    title: str = "The Shanghai Spirit, traced: features"
    description: str = (
        "Counts, positions, codes and short quotations. "
        "No text can be read off them; every page of the compendium is computed from them."
    )


def read_package(data: Path) -> dict[str, Any]:
    """Read the datapackage.json of a data folder."""
    return dict(json.loads(read_bytes(data / "datapackage.json")))


def write_package(data: Path) -> None:
    """Write datapackage.json for the current tables of the data folder, unless it is up to date."""
    path = data / "datapackage.json"
    text = (json.dumps(package(data), ensure_ascii=False, indent=1) + "\n").encode()
    if not path.is_file() or read_bytes(path) != text:
        write_file(path, text)


def replace_table(data: Path, name: str, text: str) -> Path:
    """Write a CSV table that belongs to no corpus, and update datapackage.json.

    ``name`` is the path of the table in the data folder, ``text`` its whole content. Returns the
    full path.
    """
    path = data / name
    with only_writer(data):
        if not path.is_file() or read_bytes(path) != text.encode():
            write_file(path, text.encode())
        # also if this table is unchanged, because other tables may have been edited by hand
        write_package(data)
    return path


def package(data: Path, *, without: str = "") -> dict[str, Any]:
    """Return the content of datapackage.json: one resource per table, with its SHA-256.

    ``without`` is the name of a corpus to leave out. Raises TifaError if any other corpus has no
    valid overlay (its metadata file), or has a table that cannot be read.
    """
    resources = []
    languages: set[Language] = set()
    for folder in listed(data / "corpora"):
        if not folder.is_dir() or folder.name == without:
            continue
        overlay = read_overlay(data / "metadata" / f"{folder.name}.yml")
        languages.add(overlay.language)
        files = listed(folder)
        found = {p.stem: p for form in (".parquet", ".csv") for p in files if p.suffix == form}
        resources += [
            _resource(found[name], table, overlay, found)
            for name, table in TABLES.items()
            if name in found
        ]
    resources += _lists(data)
    names = {r["name"] for r in resources}
    for schema in (r["schema"] for r in resources):
        keys = schema.pop("foreignKeys")
        if present := [key for key in keys if key["reference"]["resource"] in names]:
            schema["foreignKeys"] = present
    about_chinese = {
        "tokeniser": chinese.TOKENISER,
        "words": f"rjieba {version('rjieba')}",
        "simplified": f"opencc {version('opencc')}",
    }
    own = data / "study.yml"
    study = read_yaml(own, Study)[0] if own.is_file() else Study()
    return {
        "profile": "data-package",
        **study.model_dump(),
        "version": __version__,
        "licenses": [_LICENCES["CC-BY-4.0"]],
        "tokeniser": TOKENISER,
        "sentences": f"sentencex {version('sentencex')}",
        **({"chinese": about_chinese} if "zh" in languages else {}),
        "resources": resources,
    }


def _resource(
    path: Path, table: Table, overlay: Overlay, tables: Collection[str]
) -> dict[str, Any]:
    """Describe a table of a corpus; ``tables`` are the names of all its tables."""
    content = read_bytes(path)
    csv = path.suffix == ".csv"
    try:
        rows = pl.scan_csv(content, infer_schema=False) if csv else pl.scan_parquet(content)
        size = rows.select(pl.len()).collect().item()
        empty = {c for c, n in rows.null_count().collect().row(0, named=True).items() if n}
    except pl.exceptions.PolarsError as error:
        raise TifaError(
            f"not the table {table.name!r} ({error}); extract the corpus again", where=path
        ) from None
    columns = dict(table.columns)
    for name in empty & columns.keys():
        # describe integers with missing values as numbers without limits: frictionless reads
        # Parquet with pandas, which makes them floats with nan, and nan is outside any limits
        if not csv and columns[name].kind == "integer":
            columns[name] = replace(columns[name], kind="number", constraints={})
    # the table hits has no primary key, because two rows may be equal if positions are hidden
    unique = table.name != "hits" and not empty & set(table.key)
    return {
        "name": f"{overlay.corpus}-{table.name.replace('_', '-')}",
        "title": f"{overlay.title}: {table.name.replace('_', ' ')}",
        "description": f"A row is {table.row}.",
        **_file(f"corpora/{overlay.corpus}/{path.name}", content, size),
        "licenses": [_LICENCES[overlay.licence_features]],
        "sources": [{"title": overlay.source}],
        "schema": _schema(
            columns, table.key if unique else (), _references(table, overlay.corpus, tables)
        ),
    }


def _file(where: str, content: bytes, rows: int) -> dict[str, Any]:
    if where.endswith(".csv"):
        form = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
        size, digest = "bytes", "hash"
    else:
        form = {"format": "parquet", "mediatype": "application/vnd.apache.parquet"}
        # not named "bytes" and "hash" as for CSV: frictionless does not compute these for Parquet,
        # and would report them as wrong
        size, digest = "fileSize", "fileHash"
    return {
        "path": where,
        "scheme": "file",
        **form,
        size: len(content),
        digest: f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": rows,
    }


def _lists(data: Path) -> list[dict[str, Any]]:
    """Describe the tables that hand_made.yml lists."""
    found = []
    for table in HAND_MADE:
        path = data / table.path
        if not path.is_file():
            continue
        columns = table.columns
        if table.path.endswith("codes.csv"):
            dictionary = frame_dictionary(data=data)
            columns = columns | code_columns(f.id for f in dictionary.frames)
        content = read_bytes(path)
        rows = pl.read_csv(content, infer_schema=False).height
        found.append(
            {
                "name": Path(table.path).stem.replace("_", "-"),
                "title": table.title,
                **_file(table.path, content, rows),
                "licenses": [_LICENCES["CC-BY-4.0"]],
                "schema": _schema(columns, table.key, table.references),
            }
        )
    return found


def _schema(
    columns: Mapping[str, Column],
    key: Sequence[str],
    references: Iterable[tuple[Sequence[str], str, Sequence[str]]],
) -> dict[str, Any]:
    fields = [
        {"name": name, "type": column.kind, "description": column.about}
        | ({"constraints": dict(column.constraints)} if column.constraints else {})
        for name, column in columns.items()
    ]
    foreign = [
        {"fields": list(own), "reference": {"resource": resource, "fields": list(other)}}
        for own, resource, other in references
    ]
    return {
        "fields": fields,
        "missingValues": [""],
        **({"primaryKey": list(key)} if key else {}),
        "foreignKeys": foreign,
    }


def _references(
    table: Table, corpus: str, tables: Collection[str]
) -> Iterator[tuple[list[str], str, list[str]]]:
    """Yield the foreign keys from a table to the documents and sentences of its corpus."""
    for prefix in ("", "other_"):
        for name, key in (("documents", ["doc_id"]), ("sentences", ["doc_id", "sentence"])):
            own = [f"{prefix}{column}" for column in key]
            if name != table.name and name in tables and set(own) <= table.columns.keys():
                yield own, f"{corpus}-{name}", key
