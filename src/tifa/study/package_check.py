"""Compare the files of a data folder with datapackage.json.

frictionless checks the columns, types, constraints and keys of the CSV files. It would need minutes
for the Parquet files, which may have a million rows, so polars does the same checks for them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import frictionless
import polars as pl

from tifa.data.datapackage import package
from tifa.data.files import sha256
from tifa.study.difference import SHOWN, Difference, more, rows_differ, values
from tifa.util.disk import listed
from tifa.util.errors import TifaError

NAME = "datapackage.json"
#: For each file format, the fields of datapackage.json with the size and the hash of a file.
_FILE_FIELDS = {"csv": ("bytes", "hash"), "parquet": ("fileSize", "fileHash")}
#: For each type in datapackage.json, the types that a column of a Parquet file may have. Integers
#: with missing values have the type "number" in datapackage.json.
_DTYPES: dict[str, set[Any]] = {
    "string": {pl.String},
    "boolean": {pl.Boolean},
    "integer": {pl.Int32},
    "number": {pl.Int32, pl.Float64},
}


def package_differences(data: Path) -> Iterator[Difference]:
    """Compare datapackage.json with the files, and with a description of them that is made now."""
    try:
        described = json.loads((data / NAME).read_text("utf-8"))
        resources = {r["path"]: r for r in described["resources"]}
        for path, resource in resources.items():
            for key in ("name", "rows", "schema", *_FILE_FIELDS[resource["format"]]):
                if key not in resource:
                    yield Difference(NAME, f"no {path}: {key}", "one")
                    return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Difference(NAME, f"no description ({error!r})", "a Frictionless Data Package")
        return
    for fault in islice(frictionless.Package.metadata_validate(described), SHOWN):
        yield Difference(NAME, str(fault.note), "a valid Frictionless Data Package")
    yield from _resource_differences(data, described)
    folders = [f for f in listed(data / "corpora") if f.is_dir()]
    files = {p.relative_to(data).as_posix() for f in folders for p in listed(f)}
    new: dict[str, Any] = {}
    try:
        new = package(data)
    except TifaError as error:
        yield Difference(NAME, str(error), "a data folder that can be described")
    files |= {resource["path"] for resource in new.get("resources", [])}
    for path in sorted(files - resources.keys()):
        yield Difference(path, f"a table that {NAME} does not describe", "a description")
    if new:
        yield from _description_differences(described, new)


def _description_differences(
    described: dict[str, Any], new: dict[str, Any]
) -> Iterator[Difference]:
    """Compare datapackage.json with a new one, except for sizes, hashes and numbers of rows."""
    for field in sorted((described.keys() | new.keys()) - {"resources"}):
        if described.get(field) != new.get(field):
            yield Difference(NAME, repr(described.get(field)), repr(new.get(field)), column=field)
    counted = {"bytes", "hash", "fileSize", "fileHash", "rows"}
    before = {r["path"]: r for r in described["resources"]}
    after = {r["path"]: r for r in new["resources"]}
    for path in sorted(before.keys() & after.keys()):
        old, fresh = before[path], after[path]
        for field in sorted((old.keys() | fresh.keys()) - counted):
            if old.get(field) != fresh.get(field):
                found = f"for {path} another {field} than the library gives"
                yield Difference(NAME, found, "tifa extract to be run again", column=field)


def _resource_differences(data: Path, described: dict[str, Any]) -> Iterator[Difference]:
    logging.getLogger("frictionless").setLevel(logging.ERROR)
    here = []
    for resource in described["resources"]:
        path = data / resource["path"]
        if not path.resolve().is_relative_to(data.resolve()) or not path.is_file():
            yield Difference(resource["path"], "no file", f"the table that {NAME} describes")
            continue
        here.append(resource)
        of_size, of_hash = _FILE_FIELDS[resource["format"]]
        size, digest = path.stat().st_size, f"sha256:{sha256(path)}"
        if size != resource[of_size]:
            yield Difference(resource["path"], f"{size:,} bytes", f"{resource[of_size]:,}")
        if digest != resource[of_hash]:
            yield Difference(resource["path"], digest, str(resource[of_hash]))
    # frictionless need not check sizes, hashes and numbers of rows: this module does that, with
    # better messages
    compared = ("bytes", "hash", "rows")
    plain = [{k: v for k, v in r.items() if k not in compared} for r in here]
    tables = {r["name"]: data / r["path"] for r in plain}
    for resource in plain:
        keys = resource["schema"].get("foreignKeys", [])
        keys = [k for k in keys if k["reference"]["resource"] in tables]
        resource["schema"] = resource["schema"] | {"foreignKeys": keys}
    whole = frictionless.Package.from_descriptor({"resources": plain}, basepath=str(data))
    for resource in here:
        if resource["format"] == "csv":
            yield from _csv_differences(whole, resource)
        else:
            yield from _parquet_differences(resource, tables)


def _csv_differences(whole: frictionless.Package, resource: dict[str, Any]) -> Iterator[Difference]:
    path = resource["path"]
    report = whole.get_resource(resource["name"]).validate()
    errors = [e for task in report.tasks for e in task.errors] or report.errors
    about = {f["name"]: f"{f['type']}: {f['description']}" for f in resource["schema"]["fields"]}
    for error in errors[:SHOWN]:
        column = getattr(error, "field_name", "")
        if error.type == "primary-key":
            column = resource["schema"]["primaryKey"][0]
        elif error.type == "foreign-key":
            # if the key consists of document and sentence, report the column of the sentence
            column = getattr(error, "field_names", [""])[-1]
        cell, row = getattr(error, "cell", None), getattr(error, "row_number", None)
        yield Difference(
            path,
            f"{cell!r} ({error.note})" if cell is not None else f"{error.title}: {error.note}",
            about.get(column, f"the columns {', '.join(about)}"),
            # frictionless counts the header line as row 1
            row - 1 if row is not None else None,
            column,
        )
    if len(errors) > SHOWN:
        yield more(path, len(errors) - SHOWN)
    rows = report.tasks[0].stats.get("rows") or 0 if report.tasks else 0
    if not errors and rows != resource["rows"]:
        yield Difference(path, f"{rows:,} rows", f"{resource['rows']:,}")


def _parquet_differences(resource: dict[str, Any], tables: dict[str, Path]) -> Iterator[Difference]:
    path, schema = resource["path"], resource["schema"]
    fields = {f["name"]: f for f in schema["fields"]}
    try:
        rows = pl.scan_parquet(tables[resource["name"]]).with_row_index("row", offset=1)
        found = dict(rows.drop("row").collect_schema())
        height = rows.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        yield Difference(path, f"no Parquet file ({error})", "a table")
        return
    if list(found) != list(fields):
        yield Difference(path, f"columns {values(found)}", values(fields))
        return
    if height != resource["rows"]:
        yield Difference(path, f"{height:,} rows", f"{resource['rows']:,}")
    for name, field in fields.items():
        if found[name] not in _DTYPES[field["type"]]:
            yield Difference(path, str(found[name]), field["type"], column=name)
            return
        for rule, limit in field.get("constraints", {}).items():
            if limit is False:  # "required: false" is not a constraint
                continue
            bad = rows.filter(_broken(pl.col(name), rule, limit)).collect()
            yield from rows_differ(path, bad, name, f"{rule}: {limit}")
    if key := schema.get("primaryKey"):
        # the rows of a correct table are sorted by key, so duplicates are adjacent
        twice = pl.all_horizontal(pl.col(k).eq_missing(pl.col(k).shift()) for k in key)
        yield from rows_differ(path, rows.filter(twice).collect(), key[0], "each key once")
    for key in schema.get("foreignKeys", []):
        target = tables[key["reference"]["resource"]]
        other = pl.scan_csv(target) if target.suffix == ".csv" else pl.scan_parquet(target)
        names, wanted = key["fields"], key["reference"]["fields"]
        other = other.select(pl.col(w).cast(found[n]) for n, w in zip(names, wanted, strict=True))
        lost = rows.join(other, left_on=names, right_on=wanted, how="anti").collect()
        expected = f"{values(wanted)} of the table {key['reference']['resource']}"
        yield from rows_differ(path, lost, names[0], expected)


def _broken(cell: pl.Expr, rule: str, limit: Any) -> pl.Expr:
    """Return an expression that is true where a cell violates a constraint.

    ``rule`` is the name of the constraint, and ``limit`` its value. An empty cell violates only
    ``required``. Raises TifaError for an unknown constraint.
    """
    broken: dict[str, Callable[[], pl.Expr]] = {
        "required": cell.is_null,
        "minimum": lambda: cell < limit,
        "maximum": lambda: cell > limit,
        "enum": lambda: ~cell.is_in(limit),
        "pattern": lambda: ~cell.str.contains(f"^(?:{limit})$"),
    }
    if rule not in broken:
        raise TifaError(f"the constraint {rule!r} is not known here", where=NAME)
    return broken[rule]()
