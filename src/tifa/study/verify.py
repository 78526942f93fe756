"""Check that the tables of a data folder agree with each other, the lexicon and the metadata.

:mod:`tifa.study.package_check` checks what datapackage.json describes: values of columns, and keys.
This module checks what a data package cannot express: sums, and agreement with the phrasebook and
the frame dictionary. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import get_args

import polars as pl

from tifa.data.files import read_table
from tifa.data.metadata import Overlay, Rights, read_overlay
from tifa.data.schema import TABLES
from tifa.data.word_settings import read_word_settings
from tifa.lexicon.load import frame_dictionary
from tifa.lexicon.model import FrameDictionary, Phrasebook, read_phrasebook
from tifa.study.difference import Difference, rows_differ, value, values
from tifa.study.package_check import package_differences
from tifa.util.disk import listed
from tifa.util.errors import TifaError


def verify(data: Path) -> Iterator[Difference]:
    """Check all tables of a data folder, and yield the differences from what is expected.

    Rows are counted from 1, without the header line. Each check yields the first rows that fail,
    and then the number of all others.
    """
    yield from package_differences(data)
    yield from table_differences(data)
    yield from hand_made_differences(data)


# --- the tables of one corpus -------------------------------------------------------------


@dataclass(frozen=True)
class _Corpus:
    """The tables of a corpus, with the lexicon and the metadata to compare them with."""

    overlay: Overlay
    files: Mapping[str, str]
    tables: Mapping[str, pl.DataFrame]
    phrasebook: Phrasebook
    dictionary: FrameDictionary
    rules: Sequence[str]

    def rows(self, name: str) -> pl.DataFrame:
        """Return a table with an additional column ``row``: the number of each row, from 1."""
        return self.tables[name].with_row_index("row", offset=1)

    def differ(
        self, name: str, rows: pl.DataFrame, bad: pl.Expr, column: str, expected: str | pl.Expr
    ) -> Iterator[Difference]:
        """List the first rows for which ``bad`` is true, and count the others."""
        return rows_differ(self.files[name], rows.filter(bad), column, expected)


def table_differences(data: Path) -> Iterator[Difference]:
    """Check that the tables of each corpus agree with each other, the lexicon and the overlay."""
    try:
        phrasebook = read_phrasebook(data / "lexicon" / "phrases.yml")
        dictionary = frame_dictionary(data=data)
        rules = read_word_settings(data).rules
    except TifaError as error:
        yield Difference("lexicon", str(error), "a phrasebook, a frame dictionary, rules of words")
        return
    for folder in (f for f in listed(data / "corpora") if f.is_dir()):
        paths = (p for p in listed(folder) if p.suffix in (".csv", ".parquet"))
        files = {p.stem: p.relative_to(data).as_posix() for p in paths}
        tables: dict[str, pl.DataFrame] = {}
        for name, file in files.items():
            if name not in TABLES:
                yield Difference(file, "a table of an unknown name", ", ".join(TABLES))
                continue
            try:
                tables[name] = read_table(folder, name, described=False)
            except TifaError as error:
                yield Difference(file, str(error), f"the table {name}")
        try:
            overlay = read_overlay(data / "metadata" / f"{folder.name}.yml")
        except TifaError as error:
            yield Difference(f"metadata/{folder.name}.yml", str(error), "an overlay")
            continue
        if "documents" not in tables:
            yield Difference(f"corpora/{folder.name}", "no table of documents", "one")
            continue
        corpus = _Corpus(overlay, files, tables, phrasebook, dictionary, rules)
        for check in (_order, _entries, _documents, _sums, _sentence_numbers, _hits, _frames):
            yield from check(corpus)


def _order(corpus: _Corpus) -> Iterator[Difference]:
    """Check that rows are sorted by key, and that keys in hits and specifications are unique.

    Keys of hits whose positions are hidden may occur twice. datapackage.json gives no primary key
    to hits, nor to specifications if cells of its key are empty. The check against datapackage.json
    then does not find duplicates.
    """
    for name, rows in corpus.tables.items():
        table = TABLES[name]
        tidy = table.tidy(rows)
        if not rows.equals(tidy):
            pairs = enumerate(zip(rows.iter_rows(), tidy.iter_rows(), strict=True), 1)
            row = next(i for i, (a, b) in pairs if a != b)
            found = values(rows.row(row - 1)[:4])
            expected = f"rows in the order of {', '.join(table.key)}"
            yield Difference(corpus.files[name], found, expected, row)
        if name in ("specifications", "hits"):
            twice = pl.struct(table.key).is_duplicated()
            if name == "hits":  # hits whose positions are hidden may be equal
                twice &= pl.col("position").is_not_null()
            yield from corpus.differ(name, corpus.rows(name), twice, table.key[0], "each key once")


def _entries(corpus: _Corpus) -> Iterator[Difference]:
    """Check that the phrasebook and words.yml have not changed since the extraction."""
    if "entries" not in corpus.tables:
        name = f"corpora/{corpus.overlay.corpus}/entries.csv"
        yield Difference(name, "no table", "the entries that were looked for; extract again")
        return
    then = corpus.rows("rules")["rule"].to_list() if "rules" in corpus.tables else []
    if then != corpus.rules:
        name = f"corpora/{corpus.overlay.corpus}/rules.csv"
        wanted = f"the rules of words.yml ({', '.join(corpus.rules) or 'none'}); extract again"
        yield Difference(name, ", ".join(then) or "none", wanted)
    now = corpus.phrasebook.digests(corpus.overlay.language)
    rows = corpus.rows("entries")
    known = pl.DataFrame(list(now.items()), schema=["entry", "now"], orient="row")
    rows = rows.join(known, on="entry", how="full", coalesce=True).sort("entry")
    other = pl.col("patterns").ne_missing(pl.col("now"))
    expected = pl.format("the patterns of {}, as in the phrasebook; extract again", "entry")
    yield from corpus.differ("entries", rows, other, "patterns", expected)


def _documents(corpus: _Corpus) -> Iterator[Difference]:
    rows, name = corpus.rows("documents"), corpus.overlay.corpus
    differ = partial(corpus.differ, "documents", rows)
    yield from differ(pl.col("corpus").ne_missing(name), "corpus", name)
    year = pl.col("date").str.slice(0, 4).cast(pl.Int32, strict=False)
    dated = pl.col("date").is_not_null()
    yield from differ(dated & pl.col("year").ne_missing(year), "year", year)
    order = list(get_args(Rights))
    wide = order[: order.index(corpus.overlay.rights) + 1]
    own = pl.col("rights").fill_null(corpus.overlay.rights)
    yield from differ(~own.is_in(wide), "rights", f"one of {', '.join(wide)}")


#: Columns that must equal a sum over another table. Each item has the table, its column, the
#: columns by which rows are matched, the other table, and its column to sum (if empty, rows are
#: counted).
_SUMS = (
    ("documents", "words", ("doc_id",), "terms", "n"),
    ("documents", "words", ("doc_id",), "sentences", "words"),
    ("documents", "sentences", ("doc_id",), "sentences", ""),
    ("frames", "sentences", ("doc_id", "frame"), "sentence_frames", ""),
    ("collocates", "entry_n", ("entry",), "hits", ""),
    ("collocates", "term_n", ("term",), "terms", "n"),
)


def _sums(corpus: _Corpus) -> Iterator[Difference]:
    for name, column, by, other, summed in _SUMS:
        # in Chinese, the length of documents is counted in characters, but terms are words
        chinese = (name, other, corpus.overlay.language) == ("documents", "terms", "zh")
        if not {name, other} <= corpus.tables.keys() or chinese:
            continue
        total = pl.col(summed).sum() if summed else pl.len()
        sums = corpus.tables[other].group_by(by).agg(sum=total.cast(pl.Int64))
        rows = (
            corpus.rows(name).join(sums, on=by, how="left").with_columns(pl.col("sum").fill_null(0))
        )
        expected = pl.format(f"{{}}, what the table {other} adds up to", "sum")
        yield from corpus.differ(name, rows, pl.col(column) != pl.col("sum"), column, expected)


def _sentence_numbers(corpus: _Corpus) -> Iterator[Difference]:
    last = corpus.tables["documents"].select("doc_id", last="sentences")
    for name, table in corpus.tables.items():
        if name == "sentences":
            number = pl.int_range(1, pl.len() + 1).over("doc_id").cast(pl.Int32)
            gap = pl.col("sentence") != number
            expected = "the sentences of a document numbered 1, 2, 3 ..."
            yield from corpus.differ(name, corpus.rows(name), gap, "sentence", expected)
        elif "sentence" in table.columns and "sentences" not in corpus.tables:
            rows = corpus.rows(name).join(last, on="doc_id", how="left")
            over = pl.col("sentence") > pl.col("last")
            yield from corpus.differ(name, rows, over, "sentence", pl.format("1 to {}", "last"))


def _hits(corpus: _Corpus) -> Iterator[Difference]:
    if "hits" not in corpus.tables:
        return
    total = corpus.tables["documents"].select("doc_id", total="words")
    rows = corpus.rows("hits").join(total, on="doc_id", how="left")
    differ = partial(corpus.differ, "hits", rows)
    expected = pl.format("within the {} words of the document", "total")
    yield from differ(pl.col("position") + pl.col("words") > pl.col("total"), "position", expected)
    book = corpus.phrasebook.entries
    known = pl.col("entry").is_in([e.id for e in book])
    yield from differ(~known, "entry", "an entry of the phrasebook")
    variants = [f"{e.id}/{v.id}" for e in book for v in e.variants]
    strange = known & ~pl.format("{}/{}", "entry", "variant").is_in(variants)
    yield from differ(strange, "variant", "a variant of the entry")
    with_words = not corpus.overlay.without_words
    shown = pl.col("entry").is_in([e.id for e in book if e.concordance and with_words])
    for column in ("left", "right"):
        spare = pl.col(column).is_not_null() & ~shown
        yield from differ(spare, column, "no context: the entry has no concordance here")


def _frames(corpus: _Corpus) -> Iterator[Difference]:
    strange = ~pl.col("frame").is_in([f.id for f in corpus.dictionary.frames])
    for name in {"frames", "sentence_frames", "specifications"} & corpus.tables.keys():
        rows = corpus.rows(name)
        yield from corpus.differ(name, rows, strange, "frame", "a frame of the dictionary")


# --- tables not made by extraction ----------------------------------------------------------------


def hand_made_differences(data: Path) -> Iterator[Difference]:
    """Check that tables not made by extraction agree with the corpora and the lexicon."""
    for name, check in _HAND_CHECKS.items():
        if not (data / name).is_file():
            continue
        try:
            rows = pl.read_csv(data / name, infer_schema=False).with_row_index("row", offset=1)
            yield from check(data, name, rows)
        except (pl.exceptions.PolarsError, OSError, TifaError, TypeError, ValueError) as error:
            yield Difference(name, f"not what it should be ({error})", "a table as described")


def _units(data: Path, file: str, table: pl.DataFrame) -> Iterator[Difference]:
    ends = [pl.DataFrame(schema={"doc_id": pl.String, "corpus": pl.String, "last": pl.Int32})]
    for folder in listed(data / "corpora"):
        with suppress(TifaError):  # reported by table_differences
            documents = read_table(folder, "documents", described=False)
            ends.append(documents.select("doc_id", corpus=pl.lit(folder.name), last="sentences"))
    rows = table.join(pl.concat(ends), on=["corpus", "doc_id"], how="left")
    unknown = rows.filter(pl.col("last").is_null())
    yield from rows_differ(file, unknown, "doc_id", "a document of that corpus")
    over = rows.filter(pl.col("sentence").cast(pl.Int32, strict=False) > pl.col("last"))
    yield from rows_differ(file, over, "sentence", pl.format("1 to {}", "last"))


def _predictions(data: Path, file: str, table: pl.DataFrame) -> Iterator[Difference]:
    ids = [f.id for f in frame_dictionary(data=data).frames]
    strange = table.filter(~pl.col("frame").is_in(ids))
    yield from rows_differ(file, strange, "frame", "a frame of the dictionary")


def _findings(data: Path, file: str, table: pl.DataFrame) -> Iterator[Difference]:
    for row in table.iter_rows(named=True):
        differ = partial(Difference, file, row=row["row"])
        if row["status"] == "current":
            for name in (row["tables"] or "").split() or [""]:
                if not (data / name).is_file():
                    yield differ(value(name), "a table that is there", column="tables")
        low, high = row["low"], row["high"]
        limits = [float(x) for x in (low, row["estimate"], high) if x is not None]
        if (low is None) != (high is None) or any(a > b for a, b in pairwise(limits)):
            found = values([low, row["estimate"], high])
            expected = "low, estimate and high in this order, or no limits"
            yield differ(found, expected, column="estimate")


def _memberships(data: Path, file: str, table: pl.DataFrame) -> Iterator[Difference]:
    rows = table.sort("country_code", "from").with_columns(until=pl.col("to").fill_null("9999"))
    before = pl.col("until").shift(1).over("country_code")
    bad = rows.filter((pl.col("until") < pl.col("from")) | (before > pl.col("from")))
    yield from rows_differ(file, bad, "from", "spells of a country that follow each other")
    # the decision may precede the first day by years, because a partner signs its memorandum later
    early = table.filter(pl.col("decided") > pl.col("from"))
    yield from rows_differ(file, early, "decided", "a day not after the first of the spell")
    late = table.filter(pl.col("memorandum") > pl.col("from"))
    yield from rows_differ(file, late, "memorandum", "a day not after the first of the spell")


def _precision(data: Path, file: str, table: pl.DataFrame) -> Iterator[Difference]:
    key = ["corpus", "doc_id", "sentence", "entry"]
    id_of = pl.col("hit_id").str.extract_groups(r"^(?<doc_id>.+):(?<sentence>\d+):(?<place>\d+)$")
    rows = table.with_columns(id_of.struct.unnest()).cast({"sentence": pl.Int32, "place": pl.Int32})
    hits = pl.concat(
        read_table(data / "corpora" / corpus, "hits", described=False)
        .group_by(key[1:])
        .agg(there=pl.len())
        .with_columns(corpus=pl.lit(corpus))
        for corpus in rows["corpus"].unique(maintain_order=True)
    )
    rows = rows.join(hits, on=key, how="left")
    bad = rows.filter(pl.col("place") > pl.col("there").fill_null(0))
    yield from rows_differ(file, bad, "hit_id", "a hit of that entry")


_HAND_CHECKS: dict[str, Callable[[Path, str, pl.DataFrame], Iterator[Difference]]] = {
    "annotations/units.csv": _units,
    "annotations/predictions.csv": _predictions,
    "annotations/precision.csv": _precision,
    "findings.csv": _findings,
    "facts/memberships.csv": _memberships,
}
