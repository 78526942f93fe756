"""Check the committed tables: against their description, each other, and the texts.

Every difference names file, row, column, what was found and what was expected. Nothing is
changed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, get_args

import polars as pl

from tifa.data.datapackage import package
from tifa.data.files import read_table, sha256, to_bytes
from tifa.data.metadata import Overlay, Rights, read_overlay
from tifa.data.schema import FUNCTIONS, TABLES
from tifa.features.collocates import KEPT, LEAST_OPEN, LEAST_PROTECTED, WINDOWS
from tifa.features.specifications import SPLITTER
from tifa.features.specifications import TOKENISER as SPECIFIED
from tifa.lexicon.model import FrameDictionary, Phrasebook, read_frames, read_phrasebook
from tifa.util.errors import TifaError, one_line

#: Rows that one check names; of the others it says how many there are.
SHOWN = 5

_POLARS = {"string": pl.String, "integer": pl.Int32, "number": pl.Float64, "boolean": pl.Boolean}


@dataclass(frozen=True)
class Difference:
    """Something that is not as it should be."""

    file: str
    found: str
    expected: str
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        parts = [self.file]
        parts += [f"row {self.row:,}"] if self.row is not None else []
        parts += [f"column {self.column}"] if self.column else []
        return one_line(f"{': '.join(parts)}: found {self.found}; expected {self.expected}")


def verify(data: Path) -> Iterator[Difference]:
    """Check every table of a data folder against its description and the other tables.

    Parameters
    ----------
    data
        The data folder. Nothing in it is changed.

    Yields
    ------
    What differs. A row is counted from 1, without the line of names. Each check names the first
    rows that fail it, and then how many more there are.

    """
    yield from package_differences(data)
    yield from table_differences(data)
    yield from hand_made_differences(data)


# --- against the data package -------------------------------------------------------------


def package_differences(data: Path) -> Iterator[Difference]:
    """Compare the files with datapackage.json: there, whole, of the columns and types it says."""
    import frictionless  # noqa: PLC0415 - takes a second to load

    name = "datapackage.json"
    try:
        described = json.loads((data / name).read_text("utf-8"))
        resources = {r["path"]: r for r in described["resources"]}
        # what is missing shows here, once
        needed = ("name", "format", "bytes", "hash", "rows", "schema")
        lacking = [f"{p}: {k}" for p, r in resources.items() for k in needed if k not in r]
        if lacking:
            yield Difference(name, f"no {lacking[0]}", "it there")
            return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Difference(name, f"no description ({error!r})", "a Frictionless Data Package")
        return
    for fault in islice(frictionless.Package.metadata_validate(described), SHOWN):
        yield Difference(name, str(fault.note), "a valid Frictionless Data Package")
    there = _tables_there(data)
    for path, resource in resources.items():
        yield from _resource_differences(data, path, resource)
    try:
        fresh: dict[str, Any] | None = package(data)
    except TifaError as error:
        yield Difference(name, str(error), "a data folder that can be described")
        fresh = None
    # also those of names that no description would hold, each once
    there |= {r["path"] for r in fresh["resources"]} if fresh else set()
    for path in sorted(there - resources.keys()):
        yield Difference(path, "a table that datapackage.json does not describe", "a description")
    if fresh is None:
        return
    yield from _description_differences(described, fresh)


def _tables_there(data: Path) -> set[str]:
    folders = data / "corpora"
    return {p.relative_to(data).as_posix() for p in folders.glob("[!.]*/[!.]*") if p.is_file()}


def _resource_differences(data: Path, path: str, resource: dict[str, Any]) -> Iterator[Difference]:
    file = data / path
    inside = (data / path).resolve().is_relative_to(data.resolve())
    if not inside or not file.is_file():
        yield Difference(path, "no file", "the table that datapackage.json describes")
        return
    if (size := file.stat().st_size) != resource["bytes"]:
        yield Difference(path, f"{size:,} bytes", f"{resource['bytes']:,}")
    if (digest := f"sha256:{sha256(file)}") != resource["hash"]:
        yield Difference(path, digest, str(resource["hash"]))
    if resource["format"] == "csv":
        yield from _csv_differences(data, path, resource)
    else:
        yield from _parquet_differences(file, path, resource)


def _csv_differences(data: Path, path: str, resource: dict[str, Any]) -> Iterator[Difference]:
    import frictionless  # noqa: PLC0415

    logging.getLogger("frictionless").setLevel(logging.ERROR)
    # size and hash were compared above, with a better message
    plain = {k: v for k, v in resource.items() if k not in ("bytes", "hash", "rows")}
    checked = frictionless.Package.from_descriptor(
        {"name": "tables", "resources": [plain]}, basepath=str(data)
    )
    report = checked.validate()
    errors = [e for task in report.tasks for e in task.errors] or report.errors
    for error in errors[:SHOWN]:
        row = getattr(error, "row_number", None)
        cell = getattr(error, "cell", None)
        yield Difference(
            path,
            f"{cell!r} ({error.note})" if cell is not None else f"{error.title}: {error.note}",
            _field_says(resource, getattr(error, "field_name", "")),
            # frictionless counts the line of names
            row - 1 if row is not None else None,
            getattr(error, "field_name", ""),
        )
    if len(errors) > SHOWN:
        yield _more(path, len(errors) - SHOWN)
    try:
        rows = pl.read_csv(data / path, infer_schema=False).height
    except (pl.exceptions.PolarsError, OSError) as error:
        yield Difference(path, f"no CSV ({error})", "a table")
        return
    if rows != resource["rows"]:
        yield Difference(path, f"{rows:,} rows", f"{resource['rows']:,}")


def _field_says(resource: dict[str, Any], column: str) -> str:
    fields = {f["name"]: f for f in resource["schema"]["fields"]}
    if column in fields:
        return f"{fields[column]['type']}: {fields[column]['description']}"
    return f"the columns {', '.join(fields)}"


def _parquet_differences(file: Path, path: str, resource: dict[str, Any]) -> Iterator[Difference]:
    try:
        schema = pl.read_parquet_schema(file)
        rows = pl.scan_parquet(file).select(pl.len()).collect().item()
        key = resource["schema"].get("primaryKey", [])
        wanted = {f["name"]: _POLARS[f["type"]] for f in resource["schema"]["fields"]}
    except (pl.exceptions.PolarsError, OSError, KeyError) as error:
        yield Difference(path, f"no Parquet file ({error})", "a table")
        return
    if list(schema) != list(wanted):
        yield Difference(path, f"columns {', '.join(schema)}", ", ".join(wanted))
        return
    for column, kind in wanted.items():
        if schema[column] != kind:
            yield Difference(path, str(schema[column]), str(kind), column=column)
    if rows != resource["rows"]:
        yield Difference(path, f"{rows:,} rows", f"{resource['rows']:,}")
    if key:
        # sorted by the key, so that a row that stands twice follows the other
        table = pl.scan_parquet(file).select(key)
        twice = pl.all_horizontal(pl.col(k).eq_missing(pl.col(k).shift()) for k in key)
        rows_twice = table.with_row_index("row", offset=1).filter(twice).head(SHOWN).collect()
        for row, *values in rows_twice.rows():
            yield Difference(path, f"{_said(values)} a second time", "each once", row, key[0])


def _description_differences(
    described: dict[str, Any], fresh: dict[str, Any]
) -> Iterator[Difference]:
    """What the description says of things other than size and hash."""
    name = "datapackage.json"
    old = {r["path"]: r for r in described["resources"]}
    new = {r["path"]: r for r in fresh["resources"]}
    for field in sorted((described.keys() | fresh.keys()) - {"resources"}):
        if described.get(field) != fresh.get(field):
            yield Difference(name, repr(described.get(field)), repr(fresh.get(field)), None, field)
    for path in sorted(old.keys() & new.keys()):
        for field in sorted((old[path].keys() | new[path].keys()) - {"bytes", "hash", "rows"}):
            if old[path].get(field) != new[path].get(field):
                yield Difference(
                    name,
                    f"for {path} another {field} than the library gives",
                    "tifa extract to be run again",
                    column=field,
                )


# --- the tables of a corpus against each other --------------------------------------------

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class _Corpus:
    """The tables of a corpus, and what they are checked with."""

    overlay: Overlay
    files: Mapping[str, str]
    tables: Tables
    phrasebook: Phrasebook
    dictionary: FrameDictionary

    def has(self, *names: str) -> bool:
        return all(name in self.tables for name in names)

    def rows(self, name: str) -> pl.DataFrame:
        """A table with the number of each row."""
        return self.tables[name].with_row_index("row", offset=1)

    def differ(
        self, name: str, bad: pl.DataFrame, column: str, expected: str | pl.Expr
    ) -> Iterator[Difference]:
        """Rows that fail a check."""
        said = pl.lit(expected) if isinstance(expected, str) else expected.cast(pl.String)
        shown = bad.sort("row").head(SHOWN)
        for row, found, wanted in shown.select("row", pl.col(column).alias("f"), said).rows():
            yield Difference(self.files[name], _value(found), str(wanted), row, column)
        if bad.height > SHOWN:
            yield _more(self.files[name], bad.height - SHOWN)


def table_differences(data: Path) -> Iterator[Difference]:
    """Compare the tables of each corpus with each other, the lexicon and the overlay."""
    try:
        phrasebook = read_phrasebook(data / "lexicon" / "phrases.yml")
        dictionary = read_frames(data / "lexicon" / "frames.yml")
    except TifaError as error:
        yield Difference("lexicon", str(error), "a phrasebook and a frame dictionary")
        return
    for folder in sorted(f for f in (data / "corpora").glob("[!.]*") if f.is_dir()):
        files = {
            p.stem: p.relative_to(data).as_posix()
            for p in sorted(folder.glob("[!.]*"))
            if p.suffix in (".csv", ".parquet")
        }
        for name in sorted(files.keys() - TABLES.keys()):
            yield Difference(files[name], "a table of an unknown name", ", ".join(TABLES))
        tables: dict[str, pl.DataFrame] = {}
        for name in sorted(files.keys() & TABLES.keys()):
            try:
                tables[name] = read_table(folder, name)
            except TifaError as error:
                yield Difference(files[name], str(error), f"the table {name}")
        try:
            overlay = read_overlay(data / "metadata" / f"{folder.name}.yml")
        except TifaError as error:
            yield Difference(f"metadata/{folder.name}.yml", str(error), "an overlay")
            continue
        if "documents" not in tables:
            yield Difference(f"corpora/{folder.name}", "no table of documents", "one")
            continue
        corpus = _Corpus(overlay, files, tables, phrasebook, dictionary)
        for check in _CHECKS:
            yield from check(corpus)


def _order(corpus: _Corpus) -> Iterator[Difference]:
    """Rows stand in the order of their key, and no key twice."""
    for name, rows in corpus.tables.items():
        table = TABLES[name]
        tidy = table.tidy(rows)
        if not rows.equals(tidy):
            place = next(i for i, (a, b) in enumerate(zip(rows.rows(), tidy.rows(), strict=True))
                         if a != b)  # fmt: skip
            yield Difference(
                corpus.files[name],
                _said(rows.row(place)[:4]),
                f"rows in the order of {', '.join(table.key)}",
                place + 1,
            )
        if name not in ("hits", "ngrams", "ngram_countries"):
            twice = corpus.rows(name).filter(pl.struct(table.key).is_duplicated())
            yield from corpus.differ(name, twice, table.key[0], "each key once")


def _documents(corpus: _Corpus) -> Iterator[Difference]:
    rows, name = corpus.rows("documents"), corpus.overlay.corpus
    differ = partial(corpus.differ, "documents")
    yield from differ(rows.filter(pl.col("corpus").ne_missing(name)), "corpus", name)
    for column in ("words", "sentences"):
        bad = rows.filter(pl.col(column).fill_null(0) < 1)
        yield from differ(bad, column, "1 or more")
    hashes = pl.col("sha256").str.contains(r"^[0-9a-f]{64}$")
    yield from differ(rows.filter(~hashes.fill_null(False)), "sha256", "64 hexadecimal digits")
    year = pl.col("date").str.slice(0, 4).cast(pl.Int32, strict=False)
    dated = rows.filter(pl.col("date").is_not_null())
    yield from differ(dated.filter(pl.col("year").ne_missing(year)), "year", year)
    order = list(get_args(Rights))
    wide = order[: order.index(corpus.overlay.rights) + 1]
    own = pl.col("rights").fill_null(corpus.overlay.rights)
    yield from differ(rows.filter(~own.is_in(wide)), "rights", f"one of {', '.join(wide)}")


def _ids(corpus: _Corpus) -> Iterator[Difference]:
    """Documents and sentences that are pointed at are there."""
    last = corpus.tables["documents"].select("doc_id", last="sentences")
    for name in sorted(corpus.tables.keys() - {"documents"}):
        rows = corpus.rows(name)
        for prefix in ("", "other_"):
            doc_id, sentence = f"{prefix}doc_id", f"{prefix}sentence"
            if doc_id not in rows.columns:
                continue
            joined = rows.join(last, left_on=doc_id, right_on="doc_id", how="left")
            unknown = joined.filter(pl.col("last").is_null())
            yield from corpus.differ(name, unknown, doc_id, "a document of the table documents")
            if sentence in rows.columns:
                outside = joined.filter(~pl.col(sentence).is_between(1, pl.col("last")))
                said = pl.format("1 to {}", "last")
                yield from corpus.differ(name, outside, sentence, said)


def _terms(corpus: _Corpus) -> Iterator[Difference]:
    if not corpus.has("terms"):
        return
    rows = corpus.rows("terms")
    yield from corpus.differ("terms", rows.filter(pl.col("n") < 1), "n", "1 or more")
    counted = corpus.tables["terms"].group_by("doc_id").agg(counted=pl.col("n").sum())
    yield from _totals(corpus, counted, "words", "words that the table terms adds up to")


def _totals(corpus: _Corpus, counted: pl.DataFrame, column: str, what: str) -> Iterator[Difference]:
    """Each document's total is the sum of another table."""
    joined = corpus.rows("documents").join(counted, on="doc_id", how="left")
    total = pl.col("counted").fill_null(0)
    bad = joined.filter(pl.col(column).ne_missing(total.cast(pl.Int32)))
    yield from corpus.differ("documents", bad, column, pl.format("{} " + what, total))


def _sentences(corpus: _Corpus) -> Iterator[Difference]:
    if not corpus.has("sentences"):
        return
    rows = corpus.rows("sentences")
    number = pl.int_range(1, pl.len() + 1).over("doc_id").cast(pl.Int32)
    gaps = rows.filter(pl.col("sentence") != number)
    yield from corpus.differ(
        "sentences", gaps, "sentence", "the sentences of a document numbered 1, 2, 3 ..."
    )
    yield from corpus.differ("sentences", rows.filter(pl.col("words") < 0), "words", "0 or more")
    by_document = corpus.tables["sentences"].group_by("doc_id")
    counts = by_document.agg(counted=pl.len().cast(pl.Int32))
    yield from _totals(corpus, counts, "sentences", "sentences of the table sentences")
    words = by_document.agg(counted=pl.col("words").sum())
    yield from _totals(corpus, words, "words", "words that the table sentences adds up to")


def _hits(corpus: _Corpus) -> Iterator[Difference]:
    if not corpus.has("hits"):
        return
    differ = partial(corpus.differ, "hits")
    total = corpus.tables["documents"].select("doc_id", total="words")
    rows = corpus.rows("hits").join(total, on="doc_id", how="left").sort("row")
    yield from differ(rows.filter(pl.col("words") < 1), "words", "1 or more")
    stop = pl.col("position") + pl.col("words")
    outside = rows.filter((pl.col("position") < 0) | (stop > pl.col("total")))
    yield from differ(outside, "position", pl.format("a place in the {} words", "total"))
    entries = [e.id for e in corpus.phrasebook.entries]
    unknown = rows.filter(~pl.col("entry").fill_null("").is_in(entries))
    yield from differ(unknown, "entry", "an entry of the phrasebook")
    variants = [f"{e.id}/{v.id}" for e in corpus.phrasebook.entries for v in e.variants]
    named = pl.format("{}/{}", "entry", pl.col("variant").fill_null(""))
    unknown = rows.filter(pl.col("entry").is_in(entries) & ~named.is_in(variants))
    yield from differ(unknown, "variant", "a variant of the entry")
    placed = rows.filter(pl.col("position").is_not_null()).sort("doc_id", "entry", "position")
    before = stop.shift(1).over("doc_id", "entry")
    overlap = placed.with_columns(before=before).filter(pl.col("position") < pl.col("before"))
    yield from differ(overlap, "position", pl.format("{} or later: hits overlap", "before"))
    quotable = corpus.overlay.rights == "quotable"
    wanted = [e.id for e in corpus.phrasebook.entries if e.concordance] if quotable else []
    for column in ("left", "right"):
        bad = rows.filter(pl.col(column).is_not_null() & ~pl.col("entry").is_in(wanted))
        yield from differ(bad, column, "no context: the entry has no concordance here")
    if corpus.has("sentences"):
        span = corpus.tables["sentences"].with_columns(
            first=(pl.col("words").cum_sum() - pl.col("words")).over("doc_id")
        )
        span = span.select("doc_id", "sentence", "first", length="words")
        inside = rows.join(span, on=["doc_id", "sentence"], how="inner").filter(
            (pl.col("position") < pl.col("first")) | (stop > pl.col("first") + pl.col("length"))
        )
        said = pl.format(
            "a place in its sentence, {} to {}", "first", pl.col("first") + pl.col("length") - 1
        )
        yield from differ(inside, "position", said)


def _frames(corpus: _Corpus) -> Iterator[Difference]:
    ids = [f.id for f in corpus.dictionary.frames]
    for name in ("frames", "sentence_frames", "specifications"):
        if corpus.has(name):
            rows = corpus.rows(name).filter(pl.col("frame").is_not_null())
            bad = rows.filter(~pl.col("frame").is_in(ids))
            yield from corpus.differ(name, bad, "frame", "a frame of the dictionary")
    if not corpus.has("frames"):
        return
    last = corpus.tables["documents"].select("doc_id", last="sentences")
    rows = corpus.rows("frames").join(last, on="doc_id", how="left")
    outside = rows.filter(~pl.col("sentences").is_between(0, pl.col("last")))
    said = pl.format("0 to {}", "last")
    yield from corpus.differ("frames", outside, "sentences", said)
    counts = corpus.tables["frames"].group_by("doc_id").agg(frames=pl.len())
    joined = corpus.rows("documents").join(counts, on="doc_id", how="left")
    short = joined.filter(pl.col("frames").fill_null(0) != len(ids)).with_columns(
        doc_id=pl.format("{} frames for {}", pl.col("frames").fill_null(0), "doc_id")
    )
    yield from corpus.differ("documents", short, "doc_id", f"{len(ids)} rows in the table frames")
    if corpus.has("sentence_frames"):
        coded = corpus.tables["sentence_frames"].group_by("doc_id", "frame")
        both = rows.join(
            coded.agg(coded=pl.len().cast(pl.Int32)), on=["doc_id", "frame"], how="left"
        ).with_columns(pl.col("coded").fill_null(0))
        bad = both.filter(pl.col("sentences") != pl.col("coded"))
        said = pl.format("{}, as in sentence_frames", "coded")
        yield from corpus.differ("frames", bad, "sentences", said)


def _collocates(corpus: _Corpus) -> Iterator[Difference]:
    if not corpus.has("collocates"):
        return
    differ = partial(corpus.differ, "collocates")
    rows = corpus.rows("collocates")
    total = int(corpus.tables["documents"]["words"].sum())
    bad = rows.filter(pl.col("corpus_words") != total)
    yield from differ(bad, "corpus_words", f"{total}, the words of the documents")
    yield from differ(
        rows.filter(~pl.col("window").is_in(list(WINDOWS))), "window", ", ".join(WINDOWS)
    )
    least = LEAST_OPEN if corpus.overlay.rights == "public" else LEAST_PROTECTED
    yield from differ(rows.filter(pl.col("n") < least), "n", f"{least} or more")
    for column, what in (("term_n", "the word"), ("window_words", "all words in the windows")):
        bad = rows.filter(pl.col("n") > pl.col(column))
        yield from differ(bad, "n", pl.format(f"at most {{}}, {what}", column))
    for keys, column in ((["entry", "window"], "window_words"), (["term"], "term_n")):
        first = pl.col(column).first().over(keys)
        bad = rows.with_columns(first=first).filter(pl.col(column) != pl.col("first"))
        yield from differ(bad, column, pl.format("{}, as in the row above", "first"))
    many = rows.filter(pl.len().over("entry", "window") > KEPT)
    yield from differ(many, "entry", f"at most {KEPT} terms in a window")
    if corpus.has("hits"):
        hits = corpus.tables["hits"].group_by("entry").agg(hits=pl.len().cast(pl.Int32))
        both = rows.join(hits, on="entry", how="left").with_columns(pl.col("hits").fill_null(0))
        bad = both.filter(pl.col("entry_n") != pl.col("hits"))
        yield from differ(bad, "entry_n", pl.format("{}, the rows in hits", "hits"))
    for name, term in (("terms", "term"), ("ngrams", "ngram")):
        if corpus.has(name):
            counts = corpus.tables[name].group_by(term).agg(counted=pl.col("n").sum())
            # the table of n-grams leaves rare words out, that of terms none
            how: Any = "left" if name == "terms" else "inner"
            both = rows.join(counts, left_on="term", right_on=term, how=how)
            bad = both.filter(pl.col("term_n").ne_missing(pl.col("counted")))
            said = pl.format(f"{{}}, the sum in {name}", pl.col("counted").fill_null(0))
            yield from differ(bad, "term_n", said)


def _similarity(corpus: _Corpus) -> Iterator[Difference]:
    if not corpus.has("similarity"):
        return
    rows = corpus.rows("similarity")
    for column in ("cosine", "containment"):
        bad = rows.filter(~pl.col(column).is_between(0, 1).fill_null(False))
        yield from corpus.differ("similarity", bad, column, "0 to 1")
    if corpus.has("sentences"):
        lengths = corpus.tables["sentences"].rename({"words": "length"})
        both = rows.join(lengths, on=["doc_id", "sentence"], how="inner").join(
            lengths.rename({"doc_id": "other_doc_id", "sentence": "other_sentence"}),
            on=["other_doc_id", "other_sentence"],
            suffix="_of_other",
        )
        most = pl.min_horizontal("length", "length_of_other")
        bad = both.filter(~pl.col("common_run").is_between(0, most))
        said = pl.format("0 to {}, the shorter sentence", most)
        yield from corpus.differ("similarity", bad, "common_run", said)
        with_words = lengths.filter(pl.col("length") > 0).height
        pairs = with_words * (with_words - 1) // 2
        if rows.height != pairs:
            yield Difference(
                corpus.files["similarity"], f"{rows.height:,} rows", f"{pairs:,}, a row each pair"
            )


def _specifications(corpus: _Corpus) -> Iterator[Difference]:
    """What is counted by the compendium's own rules is what the other tables say."""
    if not corpus.has("specifications"):
        return
    rows = corpus.rows("specifications")
    differ = partial(corpus.differ, "specifications")
    yield from differ(rows.filter(pl.col("n") < 1), "n", "1 or more; what is 0 is left out")
    usual = (pl.col("tokeniser") == SPECIFIED) & (pl.col("splitter") == SPLITTER)
    ours = rows.filter(usual)
    wanted = pl.col("entry").is_in(corpus.overlay.specifications)
    counts: list[tuple[str, pl.Expr, list[str], pl.DataFrame]] = []
    documents = corpus.tables["documents"]
    for measure, column in (("words", "words"), ("sentences", "sentences")):
        table = documents.select("doc_id", counted=column)
        # the words and sentences of open corpora are not counted by other rules
        if ours.filter(pl.col("measure") == measure).height:
            counts.append((measure, pl.lit(True), ["doc_id"], table))
    if corpus.has("hits"):
        keys = ["doc_id", "entry", "variant"]
        table = corpus.tables["hits"].filter(wanted)
        hits = table.group_by(keys).agg(counted=pl.len().cast(pl.Int32))
        counts.append(("hits", pl.col("rule") == "key", keys, hits))
    frames = ours.filter((pl.col("measure") == "frame") & (pl.col("rule") == "full"))
    if corpus.has("frames") and frames.height:
        table = corpus.tables["frames"].rename({"sentences": "counted"})
        rule = (pl.col("rule") == "full") & pl.col("entry").is_null()
        counts.append(("frame", rule, ["doc_id", "frame"], table))
    for measure, rule, keys, table in counts:
        here = ours.filter((pl.col("measure") == measure) & rule)
        both = here.join(table, on=keys, how="left").with_columns(pl.col("counted").fill_null(0))
        bad = both.filter(pl.col("n") != pl.col("counted"))
        yield from differ(bad, "n", pl.format("{}, as in the other tables", "counted"))
        gone = table.filter(pl.col("counted") > 0).join(here, on=keys, how="anti")
        for row in gone.select(keys).head(SHOWN).rows():
            yield Difference(
                corpus.files["specifications"],
                f"no row {measure} for {_said(row)}",
                "one",
                None,
                "n",
            )


def _ngrams(corpus: _Corpus) -> Iterator[Difference]:
    if not corpus.has("ngrams"):
        return
    differ = partial(corpus.differ, "ngrams")
    rows = corpus.rows("ngrams")
    speeches = corpus.tables["documents"].group_by("year").agg(speeches=pl.len())
    elsewhere = rows.join(speeches, on="year", how="anti")
    yield from differ(elsewhere, "year", "a year of the documents")
    both = rows.join(speeches, on="year", how="inner")
    most = pl.min_horizontal("n", "speeches")
    bad = both.filter(~pl.col("docs").is_between(1, most))
    yield from differ(bad, "docs", pl.format("1 to {}", most))
    words = corpus.tables["documents"].group_by("year").agg(words=pl.col("words").sum())
    one = rows.filter(~pl.col("ngram").str.contains(" ", literal=True))
    sums = one.group_by("year").agg(pl.col("n").sum(), row=pl.col("row").min())
    over = sums.join(words, on="year", how="left").filter(pl.col("n") > pl.col("words"))
    yield from differ(over, "n", pl.format("single words of the year to be at most {}", "words"))
    if corpus.has("terms"):
        terms = corpus.tables["terms"].group_by(ngram="term").agg(counted=pl.col("n").sum())
        listed = one.group_by("ngram").agg(pl.col("n").sum(), row=pl.col("row").min())
        bad = listed.join(terms, on="ngram", how="left").filter(
            pl.col("n").ne_missing(pl.col("counted"))
        )
        said = pl.format("{}, the sum in terms", pl.col("counted").fill_null(0))
        yield from differ(bad, "n", said)
    yield from _ngram_parts(corpus, rows)


def _ngram_parts(corpus: _Corpus, rows: pl.DataFrame) -> Iterator[Difference]:
    """No n-gram is more frequent than its first or last word; countries add up to the years."""
    total = rows.group_by("ngram").agg(pl.col("n").sum(), row=pl.col("row").min())
    word = total.select(word="ngram", word_n="n")
    for end in (pl.col("ngram").str.extract(r"^(\S+)"), pl.col("ngram").str.extract(r"(\S+)$")):
        part = total.with_columns(word=end).join(word, on="word", how="left")
        bad = part.filter(pl.col("n") > pl.col("word_n").fill_null(0))
        said = pl.format(
            "at most {}, as often as its word {}", pl.col("word_n").fill_null(0), "word"
        )
        yield from corpus.differ("ngrams", bad, "n", said)
    if not corpus.has("ngram_countries"):
        return
    of = corpus.rows("ngram_countries").group_by("ngram").agg(
        pl.col("n").sum(), pl.col("row").min(), countries=pl.len()
    )  # fmt: skip
    both = of.join(total.select("ngram", total="n"), on="ngram", how="left")
    wrong = (pl.col("n") > pl.col("total").fill_null(0)) | (
        (pl.col("countries") < 10) & (pl.col("n") != pl.col("total"))
    )
    said = pl.format("{}, the sum in ngrams", pl.col("total").fill_null(0))
    yield from corpus.differ("ngram_countries", both.filter(wrong), "n", said)
    # a document without country counts for the country without name
    known = corpus.tables["documents"].select(pl.col("country").fill_null("")).unique()
    rows = corpus.rows("ngram_countries").with_columns(pl.col("country").fill_null(""))
    bad = rows.join(known, on="country", how="anti")
    yield from corpus.differ("ngram_countries", bad, "country", "a country of the documents")


_CHECKS: list[Callable[[_Corpus], Iterator[Difference]]] = [
    _order,
    _documents,
    _ids,
    _terms,
    _sentences,
    _hits,
    _frames,
    _collocates,
    _similarity,
    _specifications,
    _ngrams,
]


# --- tables that people keep --------------------------------------------------------------


@dataclass(frozen=True)
class _List:
    """A table kept by hand: every cell as it stands, with the number of its row."""

    file: str
    rows: pl.DataFrame

    def differ(self, bad: pl.DataFrame, column: str, expected: str) -> Iterator[Difference]:
        for row, found in bad.select("row", column).head(SHOWN).rows():
            yield Difference(self.file, _value(found), expected, row, column)
        if bad.height > SHOWN:
            yield _more(self.file, bad.height - SHOWN)

    def twice(self, *key: str) -> Iterator[Difference]:
        bad = self.rows.filter(~pl.struct(key).is_first_distinct())
        yield from self.differ(bad, key[0], f"each {' and '.join(key)} once")

    def one_of(self, column: str, known: Iterable[str], what: str) -> Iterator[Difference]:
        values = pl.col(column).fill_null("")
        yield from self.differ(self.rows.filter(~values.is_in(list(known))), column, what)


def hand_made_differences(data: Path) -> Iterator[Difference]:
    """Compare the tables that people keep with the tables of the corpora and the lexicon."""
    sentences = {
        (f.name, doc_id): int(last or 0)
        for f in sorted((data / "corpora").glob("[!.]*"))
        if (f / "documents.csv").is_file()
        for doc_id, last in _documents_of(f)
    }
    for name, check in _HAND_CHECKS.items():
        path = data / name
        if not path.is_file():
            continue
        try:
            table = pl.read_csv(path, infer_schema=False).with_row_index("row", offset=1)
            yield from check(data, _List(name, table), sentences)
        except (pl.exceptions.PolarsError, OSError, TifaError) as error:
            yield Difference(name, f"not what it should be ({error})", "a table as described")


def _documents_of(folder: Path) -> list[tuple[str, int]]:
    try:
        return read_table(folder, "documents").select("doc_id", "sentences").rows()
    except TifaError:
        return []  # already told


Sentences = Mapping[tuple[str, str], int]


def _pointing(
    table: _List, corpus: str | None, doc_id: str | None, sentence: str, sentences: Sentences
) -> Iterator[Difference]:
    """Rows that point at a sentence point at one that is there."""
    told = 0
    for row in table.rows.iter_rows(named=True):
        key = (corpus or row["corpus"], doc_id or row["doc_id"])
        number = str(row[sentence] or "")
        last = sentences.get(key)
        if last is None:
            difference = Difference(
                table.file, _said(key), "a document of that corpus", row["row"], "doc_id"
            )
        elif not number.isdigit() or not 1 <= int(number) <= last:
            difference = Difference(table.file, number, f"1 to {last}", row["row"], sentence)
        else:
            continue
        told += 1
        if told <= SHOWN:
            yield difference
    if told > SHOWN:
        yield _more(table.file, told - SHOWN)


def _units(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    yield from table.twice("unit")
    yield from _pointing(table, None, None, "sentence", sentences)


def _unit_ids(data: Path) -> list[str]:
    return pl.read_csv(data / "annotations" / "units.csv", infer_schema=False)["unit"].to_list()


def _frame_ids(data: Path) -> list[str]:
    return [f.id for f in read_frames(data / "lexicon" / "frames.yml").frames]


def _codes(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    yield from table.one_of("unit", _unit_ids(data), "a unit of annotations/units.csv")
    yield from table.twice("unit", "annotator")
    for column in (c for c in (*_frame_ids(data), *FUNCTIONS) if c in table.rows.columns):
        yield from table.one_of(column, ["0", "1", ""], "0, 1 or empty")


def _predictions(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    yield from table.one_of("unit", _unit_ids(data), "a unit of annotations/units.csv")
    yield from table.one_of("frame", _frame_ids(data), "a frame of the dictionary")
    yield from table.one_of("predicted", ["0", "1"], "0 or 1")
    yield from table.twice("unit", "model", "frame")


def _voices(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    yield from _pointing(table, "briefing", None, "sentence", sentences)
    yield from table.twice("doc_id", "sentence")


def _alignment(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    documents = {"ecns": "ecns-2020-11-05", "beltandroad": "beltandroad-news-2020-11-06"}
    for name, doc_id in documents.items():
        yield from _pointing(table, "briefing", doc_id, f"{name}_sentence", sentences)
    yield from table.twice("ecns_sentence", "beltandroad_sentence")
    if "relation" in table.rows.columns:
        yield from table.one_of("relation", ["same", "partial"], "same or partial")


def _findings(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    yield from table.twice("id")
    yield from table.one_of("status", ["current", "withdrawn"], "current or withdrawn")
    for row in table.rows.iter_rows(named=True):
        tell = partial(Difference, table.file, row=row["row"])
        found = re.fullmatch(r"F(\d+)\.\d+", row["id"] or "")
        if not found:
            yield tell(row["id"] or "nothing", "an id like F2.1", column="id")
            continue
        if not re.match(rf"(?:.*/)?0*{found[1]}-", row["page"] or ""):
            yield tell(_value(row["page"]), f"the notebook of {row['id']}", column="page")
        if row["status"] == "current":
            for name in (row["tables"] or "").split() or [""]:
                if not (data / name).is_file():
                    yield tell(_value(name), "a table that is there", column="tables")
        try:
            low, high = row["low"], row["high"]
            limits = [float(x) for x in (low, row["estimate"], high) if x is not None]
            whole = (low is None) == (high is None) and bool(limits)
        except (TypeError, ValueError):
            limits, whole = [], False
        if not whole or any(a > b for a, b in pairwise(limits)):
            yield tell(
                f"{row['low']}, {row['estimate']}, {row['high']}",
                "low, estimate and high in this order, or no limits",
                column="estimate",
            )


def _memberships(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    known = ["member", "observer", "dialogue partner"]
    yield from table.one_of("status", known, ", ".join(known))
    until: dict[str, str] = {}
    for row in table.rows.sort("country_code", "from", maintain_order=True).iter_rows(named=True):
        first, last = row["from"] or "", row["to"] or "9999"
        if last < first or until.get(row["country_code"], "") > first:
            yield Difference(
                table.file,
                f"{first} to {row['to'] or 'today'}",
                "spells of a country that follow each other",
                row["row"],
                "from",
            )
        until[row["country_code"]] = last


def _words(data: Path, table: _List, sentences: Sentences) -> Iterator[Difference]:
    yield from table.twice("word")


_HAND_CHECKS: dict[str, Callable[[Path, _List, Sentences], Iterator[Difference]]] = {
    "annotations/units.csv": _units,
    "annotations/codes.csv": _codes,
    "annotations/predictions.csv": _predictions,
    "annotations/voices.csv": _voices,
    "annotations/alignment.csv": _alignment,
    "annotations/alignment_doubtful.csv": _alignment,
    "findings.csv": _findings,
    "facts/memberships.csv": _memberships,
    "lexicon/intensifiers.csv": _words,
}


# --- against the texts --------------------------------------------------------------------


def fresh_differences(
    data: Path, corpus: str, fresh: Mapping[str, pl.DataFrame]
) -> Iterator[Difference]:
    """Compare the tables of a corpus with tables just extracted, by rows and by bytes.

    Parameters
    ----------
    data
        The data folder.
    corpus
        Name of the corpus.
    fresh
        Name of table to rows, as :func:`tifa.features.extract.extract` gives them.

    """
    folder = data / "corpora" / corpus
    there = {p.stem for p in folder.glob("[!.]*")} if folder.is_dir() else set()
    for name in sorted(there - fresh.keys()):
        yield Difference(f"corpora/{corpus}/{name}", "a table", "none: the texts do not give it")
    for name, rows in fresh.items():
        file_name, content = to_bytes(TABLES[name], rows)
        path = folder / file_name
        shown = f"corpora/{corpus}/{file_name}"
        if not path.is_file():
            yield Difference(shown, "no file", f"{rows.height:,} rows that the texts give")
            continue
        digest = hashlib.sha256(content).hexdigest()
        if sha256(path) == digest:
            continue
        try:
            committed = read_table(folder, name)
        except TifaError as error:
            yield Difference(shown, str(error), f"the table {name}")
            continue
        if canonical_hash(committed) == canonical_hash(rows):
            yield Difference(
                shown,
                f"equal rows in other bytes (sha256 {sha256(path)})",
                f"sha256 {digest}; is the environment that of the lock?",
            )
        else:
            yield from row_differences(shown, committed, rows, TABLES[name].key)


def canonical_hash(rows: pl.DataFrame) -> str:
    """SHA-256 of the rows of a table, whatever their order and the file that held them.

    >>> a = pl.DataFrame({"x": [1, 2], "y": ["p", None]})
    >>> canonical_hash(a) == canonical_hash(a.reverse())
    True
    >>> canonical_hash(a) == canonical_hash(a.with_columns(x=pl.lit(1)))
    False
    """
    ordered = rows.select(sorted(rows.columns))
    ordered = ordered.sort(ordered.columns, nulls_last=True)
    digest = hashlib.sha256(json.dumps([ordered.columns, ordered.height]).encode())
    for start in range(0, ordered.height, 200_000):
        part = ordered.slice(start, 200_000)
        digest.update(part.write_ndjson().encode())
    return digest.hexdigest()


def row_differences(
    file: str, found: pl.DataFrame, expected: pl.DataFrame, key: tuple[str, ...]
) -> Iterator[Difference]:
    """Name the rows and cells in which a table differs from another of the same columns."""
    # rows of one key (hits without position) are told apart by their place among each other
    twins = pl.int_range(pl.len()).over(key).alias("twin")
    keys = [*key, "twin"]
    old = found.with_row_index("row", offset=1).with_columns(twins)
    new = expected.with_columns(twins)
    extra = old.join(new, on=keys, how="anti", nulls_equal=True).sort("row")
    for row in extra.head(SHOWN).iter_rows(named=True):
        said = _said([row[k] for k in key])
        yield Difference(file, f"a row for {said}", "none: the texts do not give it", row["row"])
    gone = new.join(old, on=keys, how="anti", nulls_equal=True)
    for row in gone.head(SHOWN).iter_rows(named=True):
        said = _said([row[k] for k in key])
        yield Difference(file, f"no row for {said}", "the row that the texts give")
    both = old.join(new, on=keys, how="inner", nulls_equal=True, suffix="_fresh").sort("row")
    columns = [c for c in found.columns if c not in key]
    cells = 0
    for column in columns:
        bad = both.filter(pl.col(column).ne_missing(pl.col(f"{column}_fresh")))
        cells += max(0, bad.height - SHOWN)
        shown = bad.select("row", column, f"{column}_fresh").head(SHOWN)
        for row_number, was, now in shown.rows():
            yield Difference(file, _value(was), _value(now), row_number, column)
    more = max(0, extra.height - SHOWN) + max(0, gone.height - SHOWN) + cells
    if more:
        yield _more(file, more)


def _more(file: str, n: int) -> Difference:
    return Difference(file, f"{n:,} more such rows", "none")


def _value(value: object) -> str:
    return "nothing" if value is None or value == "" else str(value)


def _said(values: Iterable[object]) -> str:
    return ", ".join(_value(v) for v in values)
