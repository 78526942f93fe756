"""Check the committed tables for consistency with each other, the lexicon and the metadata.

The data package describes the values of each table and its foreign keys, and frictionless checks
these (:mod:`tifa.study.package_check`). This module checks what a data package cannot express:
sums, bounds, and agreement with the phrasebook and the frame dictionary. Nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import get_args

import polars as pl

from tifa.data.files import read_table
from tifa.data.metadata import Overlay, Rights, read_overlay
from tifa.data.schema import TABLES
from tifa.features.collocates import KEPT, LEAST_OPEN, LEAST_PROTECTED
from tifa.features.specifications import SPLITTER, TOKENISER
from tifa.lexicon.model import FrameDictionary, Phrasebook, read_frames, read_phrasebook
from tifa.study.difference import SHOWN, Difference, rows_differ, value, values
from tifa.study.package_check import package_differences
from tifa.util.errors import TifaError


def verify(data: Path) -> Iterator[Difference]:
    """Check every table of a data folder against its description and the other tables.

    Parameters
    ----------
    data
        The data folder. Nothing in it is changed.

    Yields
    ------
    The differences. Rows are counted from 1, without the header line. Each check lists the first
    rows that fail it, and then how many more there are.

    """
    yield from package_differences(data)
    yield from table_differences(data)
    yield from hand_made_differences(data)


# --- the tables of a corpus against each other --------------------------------------------


@dataclass(frozen=True)
class _Corpus:
    """The tables of a corpus, and the lexicon and metadata to check them with."""

    overlay: Overlay
    files: Mapping[str, str]
    tables: Mapping[str, pl.DataFrame]
    phrasebook: Phrasebook
    dictionary: FrameDictionary

    def rows(self, name: str) -> pl.DataFrame:
        """A table with the number of each row, from 1."""
        return self.tables[name].with_row_index("row", offset=1)

    def sums(self, name: str, *by: str, of: str = "", **renamed: str) -> pl.DataFrame:
        """Rows of a table, or sums of a column, by other columns; the sum is called ``wanted``."""
        total = pl.col(of).sum() if of else pl.len()
        keys = [*map(pl.col, by), *(pl.col(old).alias(new) for new, old in renamed.items())]
        return self.tables[name].group_by(keys).agg(wanted=total.cast(pl.Int64))

    def differ(
        self, name: str, rows: pl.DataFrame, bad: pl.Expr, column: str, said: str | pl.Expr
    ) -> Iterator[Difference]:
        """Rows of a table that fail a check."""
        return rows_differ(self.files[name], rows.filter(bad), column, said)

    def unequal(
        self,
        name: str,
        rows: pl.DataFrame,
        sums: pl.DataFrame,
        column: str,
        what: str,
        *,
        skip: bool = False,
    ) -> Iterator[Difference]:
        """Rows that differ from ``wanted`` in another table; missing rows count as 0 (or any)."""
        on = [c for c in sums.columns if c != "wanted"]
        both = rows.join(sums, on=on, how="inner" if skip else "left", nulls_equal=True)
        both = both.with_columns(pl.col("wanted").fill_null(0))
        bad = pl.col(column).ne_missing(pl.col("wanted"))
        return self.differ(name, both, bad, column, pl.format("{}, " + what, "wanted"))


def table_differences(data: Path) -> Iterator[Difference]:
    """Compare the tables of each corpus with each other, the lexicon and the overlay."""
    try:
        phrasebook = read_phrasebook(data / "lexicon" / "phrases.yml")
        dictionary = read_frames(data / "lexicon" / "frames.yml")
    except TifaError as error:
        yield Difference("lexicon", str(error), "a phrasebook and a frame dictionary")
        return
    for folder in sorted(f for f in (data / "corpora").glob("[!.]*") if f.is_dir()):
        found = [p for p in sorted(folder.glob("[!.]*")) if p.suffix in (".csv", ".parquet")]
        files = {p.stem: p.relative_to(data).as_posix() for p in found}
        tables: dict[str, pl.DataFrame] = {}
        for name, file in files.items():
            if name not in TABLES:
                yield Difference(file, "a table of an unknown name", ", ".join(TABLES))
                continue
            try:
                tables[name] = read_table(folder, name)
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
        corpus = _Corpus(overlay, files, tables, phrasebook, dictionary)
        for needs, check in _CHECKS:
            if needs <= tables.keys():
                yield from check(corpus)


def _order(corpus: _Corpus) -> Iterator[Difference]:
    """Rows are sorted by key; a key with missing values is not in the data package."""
    for name, rows in corpus.tables.items():
        table = TABLES[name]
        tidy = table.tidy(rows)
        if not rows.equals(tidy):
            pairs = enumerate(zip(rows.iter_rows(), tidy.iter_rows(), strict=True), 1)
            row = next(i for i, (a, b) in pairs if a != b)
            found = values(rows.row(row - 1)[:4])
            said = f"rows in the order of {', '.join(table.key)}"
            yield Difference(corpus.files[name], found, said, row)
        if name == "specifications":
            twice = pl.struct(table.key).is_duplicated()
            yield from corpus.differ(name, corpus.rows(name), twice, table.key[0], "each key once")


def _entries(corpus: _Corpus) -> Iterator[Difference]:
    """The features were extracted with the phrasebook that is there now."""
    if "entries" not in corpus.tables:
        name = f"corpora/{corpus.overlay.corpus}/entries.csv"
        yield Difference(name, "no table", "the entries that were looked for; extract again")
        return
    now = corpus.phrasebook.digests(corpus.overlay.language)
    rows = corpus.rows("entries")
    known = pl.DataFrame(list(now.items()), schema=["entry", "now"], orient="row")
    rows = rows.join(known, on="entry", how="full", coalesce=True).sort("entry")
    other = pl.col("patterns").ne_missing(pl.col("now"))
    said = pl.format("the patterns of {}, as in the phrasebook; extract again", "entry")
    yield from corpus.differ("entries", rows, other, "patterns", said)


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
    for table, of, total in (
        ("terms", "n", "words"),
        ("sentences", "words", "words"),
        ("sentences", "", "sentences"),
    ):
        # a document has fewer Chinese words, as a segmenter cuts them, than characters
        if table in corpus.tables and (table, corpus.overlay.language) != ("terms", "zh"):
            sums = corpus.sums(table, "doc_id", of=of)
            yield from corpus.unequal(
                "documents", rows, sums, total, f"what the table {table} adds up to"
            )


def _sentence_numbers(corpus: _Corpus) -> Iterator[Difference]:
    """Sentences are numbered from 1 to the last one of the document."""
    last = corpus.tables["documents"].select("doc_id", last="sentences")
    for name, table in corpus.tables.items():
        if name == "sentences":
            number = pl.int_range(1, pl.len() + 1).over("doc_id").cast(pl.Int32)
            gap = pl.col("sentence") != number
            said = "the sentences of a document numbered 1, 2, 3 ..."
            yield from corpus.differ(name, corpus.rows(name), gap, "sentence", said)
        elif "sentence" in table.columns and "sentences" not in corpus.tables:
            rows = corpus.rows(name).join(last, on="doc_id", how="left")
            over = pl.col("sentence") > pl.col("last")
            yield from corpus.differ(name, rows, over, "sentence", pl.format("1 to {}", "last"))


def _hits(corpus: _Corpus) -> Iterator[Difference]:
    total = corpus.tables["documents"].select("doc_id", total="words")
    rows = corpus.rows("hits").join(total, on="doc_id", how="left")
    differ = partial(corpus.differ, "hits")
    start, stop = pl.col("position"), pl.col("position") + pl.col("words")
    said = pl.format("within the {} words of the document", "total")
    yield from differ(rows, stop > pl.col("total"), "position", said)
    book = corpus.phrasebook.entries
    known = pl.col("entry").is_in([e.id for e in book])
    yield from differ(rows, ~known, "entry", "an entry of the phrasebook")
    variants = [f"{e.id}/{v.id}" for e in book for v in e.variants]
    strange = known & ~pl.format("{}/{}", "entry", "variant").is_in(variants)
    yield from differ(rows, strange, "variant", "a variant of the entry")
    placed = rows.filter(start.is_not_null()).sort("doc_id", "entry", "position")
    placed = placed.with_columns(before=stop.shift(1).over("doc_id", "entry"))
    said = pl.format("{} or later: hits of an entry overlap", "before")
    yield from differ(placed, start < pl.col("before"), "position", said)
    with_words = not corpus.overlay.without_words
    shown = pl.col("entry").is_in([e.id for e in book if e.concordance and with_words])
    for column in ("left", "right"):
        spare = pl.col(column).is_not_null() & ~shown
        yield from differ(rows, spare, column, "no context: the entry has no concordance here")
    if "sentences" in corpus.tables:
        end = pl.col("words").cum_sum().over("doc_id")
        span = corpus.tables["sentences"].select(
            "doc_id", "sentence", first=end - pl.col("words"), end=end
        )
        inside = rows.join(span, on=["doc_id", "sentence"])
        said = pl.format("in its sentence, {} to {}", "first", pl.col("end") - 1)
        out = (start < pl.col("first")) | (stop > pl.col("end"))
        yield from differ(inside, out, "position", said)


def _frames(corpus: _Corpus) -> Iterator[Difference]:
    ids = [f.id for f in corpus.dictionary.frames]
    for name in {"frames", "sentence_frames", "specifications"} & corpus.tables.keys():
        strange = pl.col("frame").is_not_null() & ~pl.col("frame").is_in(ids)
        yield from corpus.differ(
            name, corpus.rows(name), strange, "frame", "a frame of the dictionary"
        )
    if "frames" not in corpus.tables:
        return
    last = corpus.tables["documents"].select("doc_id", last="sentences")
    rows = corpus.rows("frames").join(last, on="doc_id", how="left")
    over = pl.col("sentences") > pl.col("last")
    said = pl.format("at most {}, the sentences of the document", "last")
    yield from corpus.differ("frames", rows, over, "sentences", said)
    counts = corpus.rows("documents").join(corpus.sums("frames", "doc_id"), on="doc_id", how="left")
    short = pl.col("wanted").fill_null(0) != len(ids)
    every = f"{len(ids)} rows in the table frames"
    yield from corpus.differ("documents", counts, short, "doc_id", every)
    if "sentence_frames" in corpus.tables:
        sums = corpus.sums("sentence_frames", "doc_id", "frame")
        yield from corpus.unequal("frames", rows, sums, "sentences", "as in sentence_frames")


def _collocates(corpus: _Corpus) -> Iterator[Difference]:
    rows = corpus.rows("collocates")
    differ = partial(corpus.differ, "collocates", rows)
    total = int(corpus.tables["documents"]["words"].sum())
    if corpus.overlay.language == "en":
        wrong = pl.col("corpus_words") != total
        yield from differ(wrong, "corpus_words", f"{total}, the words of the documents")
    else:
        # documents count characters, collocates count words from the segmenter
        wrong = (pl.col("corpus_words") != pl.col("corpus_words").first()) | (
            pl.col("corpus_words") > total
        )
        yield from differ(wrong, "corpus_words", f"one number for all, at most {total}")
    least = LEAST_OPEN if corpus.overlay.without_words else LEAST_PROTECTED
    yield from differ(pl.col("n") < least, "n", f"{least} or more")
    for column, what in (("term_n", "the word"), ("window_words", "all words in the windows")):
        said = pl.format(f"at most {{}}, {what}", column)
        yield from differ(pl.col("n") > pl.col(column), "n", said)
    for keys, column in ((["entry", "window"], "window_words"), (["term"], "term_n")):
        first = rows.with_columns(first=pl.col(column).first().over(keys))
        said = pl.format("{}, as in the first row of its kind", "first")
        bad = first.filter(pl.col(column) != pl.col("first"))
        yield from rows_differ(corpus.files["collocates"], bad, column, said)
    many = pl.len().over("entry", "window") > KEPT
    yield from differ(many, "entry", f"at most {KEPT} terms in a window")
    if "hits" in corpus.tables:
        sums = corpus.sums("hits", "entry")
        yield from corpus.unequal("collocates", rows, sums, "entry_n", "the rows in hits")
    for name, key in (("terms", "term"), ("ngrams", "ngram")):
        if name in corpus.tables:
            sums = corpus.sums(name, of="n", term=key)
            # the table of n-grams leaves out rare words, the table of terms does not
            yield from corpus.unequal(
                "collocates", rows, sums, "term_n", f"the sum in {name}", skip=name == "ngrams"
            )


def _similarity(corpus: _Corpus) -> Iterator[Difference]:
    lengths = corpus.tables["sentences"].rename({"words": "length"})
    others = lengths.rename({c: f"other_{c}" for c in lengths.columns})
    rows = corpus.rows("similarity").join(lengths, on=["doc_id", "sentence"])
    rows = rows.join(others, on=["other_doc_id", "other_sentence"])
    most = pl.min_horizontal("length", "other_length")
    said = pl.format("at most {}, the shorter sentence", most)
    yield from corpus.differ("similarity", rows, pl.col("common_run") > most, "common_run", said)
    with_words = lengths.filter(pl.col("length") > 0).height
    pairs, found = with_words * (with_words - 1) // 2, corpus.tables["similarity"].height
    if found != pairs:
        file = corpus.files["similarity"]
        yield Difference(file, f"{found:,} rows", f"{pairs:,}, a row each pair")


def _specifications(corpus: _Corpus) -> Iterator[Difference]:
    """Counts by the compendium's own rules agree with the other tables."""
    usual = (pl.col("tokeniser") == TOKENISER) & (pl.col("splitter") == SPLITTER)
    ours = corpus.rows("specifications").filter(usual)
    documents, any_rule = corpus.tables["documents"], pl.lit(True)
    tables = [
        ("words", any_rule, documents.select("doc_id", wanted="words")),
        ("sentences", any_rule, documents.select("doc_id", wanted="sentences")),
    ]
    if "frames" in corpus.tables:
        full = (pl.col("rule") == "full") & pl.col("entry").is_null()
        frames = corpus.tables["frames"].select("doc_id", "frame", wanted="sentences")
        tables.append(("frame", full, frames))
    # open corpora have only some of these counts
    tables = [t for t in tables if (ours["measure"] == t[0]).any()]
    if "hits" in corpus.tables:
        hits = corpus.sums("hits", "doc_id", "entry", "variant")
        hits = hits.filter(pl.col("entry").is_in(corpus.overlay.specifications))
        tables.append(("hits", pl.col("rule") == "key", hits))
    for measure, rule, table in tables:
        here = ours.filter((pl.col("measure") == measure) & rule)
        yield from corpus.unequal("specifications", here, table, "n", "as in the other tables")
        keys = [c for c in table.columns if c != "wanted"]
        gone = table.filter(pl.col("wanted") > 0).join(here, on=keys, how="anti")
        for row in gone.select(keys).head(SHOWN).rows():
            found = f"no row {measure} for {values(row)}"
            yield Difference(corpus.files["specifications"], found, "one", None, "n")


def _word_years(corpus: _Corpus) -> Iterator[Difference]:
    years = corpus.tables["documents"].group_by("year").agg(documents=pl.len())
    rows = corpus.rows("word_years").join(years, on="year", how="left", nulls_equal=True)
    differ = partial(corpus.differ, "word_years", rows)
    yield from differ(pl.col("documents").is_null(), "year", "a year of the documents")
    most = pl.min_horizontal("n", "documents")
    yield from differ(pl.col("docs") > most, "docs", pl.format("at most {}", most))


def _ngrams(corpus: _Corpus) -> Iterator[Difference]:
    differ = partial(corpus.differ, "ngrams")
    years = (
        corpus.tables["documents"]
        .group_by("year")
        .agg(documents=pl.len(), words=pl.col("words").sum())
    )
    rows = corpus.rows("ngrams").join(years, on="year", how="left")
    yield from differ(rows, pl.col("documents").is_null(), "year", "a year of the documents")
    most = pl.min_horizontal("n", "documents")
    yield from differ(rows, pl.col("docs") > most, "docs", pl.format("at most {}", most))
    single = rows.filter(~pl.col("ngram").str.contains(" ", literal=True))
    sums = single.group_by("year", "words").agg(pl.col("n").sum(), pl.col("row").min())
    said = pl.format("single words of the year to be at most {}", "words")
    yield from differ(sums, pl.col("n") > pl.col("words"), "n", said)
    total = rows.group_by("ngram").agg(pl.col("n").sum(), pl.col("row").min())
    if "terms" in corpus.tables:
        words = total.filter(~pl.col("ngram").str.contains(" ", literal=True))
        terms = corpus.sums("terms", of="n", ngram="term")
        yield from corpus.unequal("ngrams", words, terms, "n", "the sum in terms")
    word = total.select(word="ngram", word_n="n")
    for end in (r"^(\S+)", r"(\S+)$"):
        part = total.with_columns(word=pl.col("ngram").str.extract(end))
        part = part.join(word, on="word", how="left").with_columns(pl.col("word_n").fill_null(0))
        said = pl.format("at most {}, as often as its word {}", "word_n", "word")
        yield from differ(part, pl.col("n") > pl.col("word_n"), "n", said)
    if "ngram_countries" not in corpus.tables:
        return
    rows = corpus.rows("ngram_countries")
    sums = rows.group_by("ngram").agg(pl.col("n").sum(), pl.col("row").min(), countries=pl.len())
    both = sums.join(total.select("ngram", total="n"), on="ngram", how="left")
    both = both.with_columns(pl.col("total").fill_null(0))
    # only ten countries are kept; if there are fewer, none is left out
    few = (pl.col("countries") < 10) & (pl.col("n") != pl.col("total"))
    said = pl.format("{}, the sum in ngrams", "total")
    yield from corpus.differ(
        "ngram_countries", both, few | (pl.col("n") > pl.col("total")), "n", said
    )
    # documents without a country count as an unnamed country
    known = corpus.tables["documents"]["country"].fill_null("").unique()
    strange = ~pl.col("country").fill_null("").is_in(known.implode())
    yield from corpus.differ(
        "ngram_countries", rows, strange, "country", "a country of the documents"
    )


#: The tables that a check needs, and the check.
_CHECKS: list[tuple[set[str], Callable[[_Corpus], Iterator[Difference]]]] = [
    (set(), _order),
    (set(), _entries),
    (set(), _documents),
    (set(), _sentence_numbers),
    ({"hits"}, _hits),
    (set(), _frames),
    ({"collocates"}, _collocates),
    ({"similarity", "sentences"}, _similarity),
    ({"specifications"}, _specifications),
    ({"ngrams"}, _ngrams),
    ({"word_years"}, _word_years),
]


# --- tables that people keep --------------------------------------------------------------


def hand_made_differences(data: Path) -> Iterator[Difference]:
    """Compare hand-made tables with the tables of the corpora and the lexicon."""
    last: dict[tuple[str, str], int] = {}
    for folder in sorted((data / "corpora").glob("[!.]*")):
        try:
            documents = read_table(folder, "documents").select("doc_id", "sentences").rows()
        except TifaError:
            continue  # reported above
        last |= {(folder.name, doc_id): int(n or 0) for doc_id, n in documents}
    for name, check in _HAND_CHECKS.items():
        if not (data / name).is_file():
            continue
        try:
            rows = pl.read_csv(data / name, infer_schema=False).with_row_index("row", offset=1)
            yield from check(data, name, rows, last)
        except (pl.exceptions.PolarsError, OSError, TifaError, TypeError, ValueError) as error:
            yield Difference(name, f"not what it should be ({error})", "a table as described")


Sentences = Mapping[tuple[str, str], int]


def _units(data: Path, file: str, table: pl.DataFrame, last: Sentences) -> Iterator[Difference]:
    """Units are existing sentences of the documents in the named corpus."""
    ends = pl.DataFrame(
        [(*key, n) for key, n in last.items()],
        {"corpus": pl.String, "doc_id": pl.String, "last": pl.Int32},
        orient="row",
    )
    rows = table.join(ends, on=["corpus", "doc_id"], how="left")
    unknown = rows.filter(pl.col("last").is_null())
    yield from rows_differ(file, unknown, "doc_id", "a document of that corpus")
    over = rows.filter(pl.col("sentence").cast(pl.Int32, strict=False) > pl.col("last"))
    yield from rows_differ(file, over, "sentence", pl.format("1 to {}", "last"))


def _alignment(data: Path, file: str, table: pl.DataFrame, last: Sentences) -> Iterator[Difference]:
    reports = {"ecns": "ecns-2020-11-05", "beltandroad": "beltandroad-news-2020-11-06"}
    for name, doc_id in reports.items():
        end, column = last.get(("briefing", doc_id), 0), f"{name}_sentence"
        over = table.filter(pl.col(column).cast(pl.Int32, strict=False) > end)
        yield from rows_differ(file, over, column, f"1 to {end}")


def _predictions(
    data: Path, file: str, table: pl.DataFrame, last: Sentences
) -> Iterator[Difference]:
    ids = [f.id for f in read_frames(data / "lexicon" / "frames.yml").frames]
    strange = table.filter(~pl.col("frame").is_in(ids))
    yield from rows_differ(file, strange, "frame", "a frame of the dictionary")


def _records(root: Path, page: str, id: str) -> bool:
    """Whether a page may record a finding: by its number or, where it has none, by its code."""
    chapter = re.match(r"F(\d+)", id)
    if chapter is None:  # the data package reports a malformed id
        return True
    number = re.match(r"(?:.*/)?0*(\d+)-", page)
    if number:
        return number[1] == chapter[1]
    notebook = root / f"{page}.ipynb"
    return notebook.is_file() and f'\\"{id}\\"' in notebook.read_text("utf-8")


def _findings(data: Path, file: str, table: pl.DataFrame, last: Sentences) -> Iterator[Difference]:
    for row in table.iter_rows(named=True):
        differ = partial(Difference, file, row=row["row"])
        if not _records(data.parent, row["page"] or "", row["id"] or ""):
            yield differ(value(row["page"]), f"the notebook of {row['id']}", column="page")
        if row["status"] == "current":
            for name in (row["tables"] or "").split() or [""]:
                if not (data / name).is_file():
                    yield differ(value(name), "a table that is there", column="tables")
        low, high = row["low"], row["high"]
        limits = [float(x) for x in (low, row["estimate"], high) if x is not None]
        if (low is None) != (high is None) or any(a > b for a, b in pairwise(limits)):
            found = values([low, row["estimate"], high])
            said = "low, estimate and high in this order, or no limits"
            yield differ(found, said, column="estimate")


def _memberships(
    data: Path, file: str, table: pl.DataFrame, last: Sentences
) -> Iterator[Difference]:
    rows = table.sort("country_code", "from").with_columns(
        until=pl.col("to").fill_null("9999"),
    )
    before = pl.col("until").shift(1).over("country_code")
    bad = rows.filter((pl.col("until") < pl.col("from")) | (before > pl.col("from")))
    yield from rows_differ(file, bad, "from", "spells of a country that follow each other")
    # a partner's memorandum is signed after the decision, sometimes years later
    early = table.filter(pl.col("decided") > pl.col("from"))
    yield from rows_differ(file, early, "decided", "a day not after the first of the spell")


def _precision(data: Path, file: str, table: pl.DataFrame, last: Sentences) -> Iterator[Difference]:
    """Every hit that somebody has read is in the table of hits."""
    key = ["corpus", "doc_id", "sentence", "entry"]
    id_of = pl.col("hit_id").str.extract_groups(r"^(?<doc_id>.+):(?<sentence>\d+):(?<place>\d+)$")
    rows = table.with_columns(id_of.struct.unnest()).cast({"sentence": pl.Int32, "place": pl.Int32})
    hits = pl.concat(
        read_table(data / "corpora" / corpus, "hits")
        .group_by(key[1:])
        .agg(there=pl.len())
        .with_columns(corpus=pl.lit(corpus))
        for corpus in rows["corpus"].unique(maintain_order=True)
    )
    rows = rows.join(hits, on=key, how="left")
    bad = rows.filter(pl.col("place") > pl.col("there").fill_null(0))
    yield from rows_differ(file, bad, "hit_id", "a hit of that entry")


_HAND_CHECKS: dict[str, Callable[[Path, str, pl.DataFrame, Sentences], Iterator[Difference]]] = {
    "annotations/units.csv": _units,
    "annotations/predictions.csv": _predictions,
    "annotations/alignment.csv": _alignment,
    "annotations/alignment_doubtful.csv": _alignment,
    "annotations/precision.csv": _precision,
    "findings.csv": _findings,
    "facts/memberships.csv": _memberships,
}
