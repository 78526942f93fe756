"""Extract the tables of features of a corpus from its texts.

:func:`extract_batch` extracts the features of one batch of documents; :func:`extract` calls it for
all batches of a corpus, in this process or in several, and combines the results.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl

from tifa.data.metadata import Overlay, Rights
from tifa.data.schema import TABLES
from tifa.features import quotation as rights
from tifa.features.collocates import (
    LEAST_OPEN,
    LEAST_PROTECTED,
    BatchWindows,
    WindowTotals,
    count_near_hits,
)
from tifa.features.metadata_bounds import within_bounds
from tifa.features.ngrams import BatchWords, Words, batch_words, ngram_tables
from tifa.features.scratch import BatchTables, scratch_folder
from tifa.features.similarity import similarity_table
from tifa.features.specifications import specification_table
from tifa.features.tokenised import LEAST, all_years, tokenise, words_by_year
from tifa.features.workers import Workers, in_order, processes
from tifa.lexicon.frames import code_rows
from tifa.lexicon.match import Hit, Matcher, find_hits
from tifa.lexicon.model import Lexicon, Phrasebook
from tifa.sources.document import Document, Reading, batches, text_table
from tifa.text.chinese import joined
from tifa.text.language import Language, split_table
from tifa.text.tokens import Stream, WordStream
from tifa.text.words import text_hashes, with_words
from tifa.util.errors import TifaError

#: Number of characters in a batch of texts, by language. Larger batches would need more memory,
#: smaller ones more time. In Chinese each character is a token, so batches are smaller.
EXTRACTION_BATCH: dict[Language, int] = {"en": 2_000_000, "zh": 200_000}


@dataclass(frozen=True)
class Batch:
    """Features of one batch of documents."""

    tables: dict[str, pl.DataFrame]
    near: BatchWindows
    words: BatchWords | None
    #: For each metadata column, the number of cells that were shortened or emptied, so that they
    #: cannot quote too much of a text.
    cut: Counter[str]


def extract_batch(
    documents: list[Document], overlay: Overlay, lexicon: Lexicon, *, robustness: bool = False
) -> Batch:
    """Extract the features of one batch of documents.

    If ``robustness`` is true, the table ``specifications`` is made too. It has counts with other
    tokenisers, other sentence splitters and other rules.

    Raises TifaError if the corpus is closed, if a document has stricter rights than its corpus, if
    the doc_id of a protected text quotes too much of the text, or if a protected text in the
    language "en" has a long run of letters in a script without spaces.
    """
    if overlay.rights == "closed":
        raise TifaError(f"the corpus {overlay.corpus!r} is closed: no feature may be written")
    order = get_args(Rights)
    for document in documents:
        own = document.fields.get("rights") or overlay.rights
        if order.index(own) > order.index(overlay.rights):
            raise TifaError(
                f"the document {document.doc_id!r} is {own}, its corpus {overlay.corpus!r} only "
                f"{overlay.rights}; give it a corpus of its own"
            )
    texts = text_table(documents)
    book, language = lexicon.phrasebook, overlay.language
    split = split_table(texts, language)
    batch = tokenise(split["text"], language, book.chinese_words)
    flow = batch.flow
    words = np.bincount(flow.word_row, minlength=split.height)
    sentences = with_words(split, pl.Series(words))
    doc_ids = texts["doc_id"].to_list()
    document_of = sentences["doc_id"].cast(pl.Enum(doc_ids)).to_physical().to_numpy()
    row_document = document_of.astype(np.int32)
    if overlay.rights != "public" and language == "en":
        _refuse_unspaced(batch.words, sentences["doc_id"])

    matcher = Matcher(flow)
    found = find_hits(matcher, book.patterns(language), not_within=book.not_within(language))
    hits = _hits(flow, found, sentences, book, overlay)
    named = hits.filter(pl.col("entry").is_in(overlay.titles_with))["doc_id"]
    kept, cut = within_bounds(documents, overlay, rights.BOUNDS[language])
    tables = {"documents": _documents(kept, texts["text"], sentences, overlay, set(named))}
    if overlay.own:
        tables["variables"] = pl.DataFrame(
            [(d.doc_id, name, cell) for d in kept for name, cell in d.own.items() if cell],
            dict.fromkeys(("doc_id", "variable", "value"), pl.String),
            orient="row",
        )
    tables["hits"] = hits
    if language == "en":
        frames = code_rows(matcher, sentences.height, lexicon.frames)
        coded = pl.concat([sentences.select("doc_id", "sentence"), frames], how="horizontal")
        tables["frames"] = (
            coded.drop("sentence")
            .group_by("doc_id")
            .sum()
            .unpivot(index="doc_id", variable_name="frame", value_name="sentences")
        )
        if overlay.by_document:
            tables["sentence_frames"] = (
                coded.unpivot(index=["doc_id", "sentence"], variable_name="frame")
                .filter(pl.col("value") == 1)
                .drop("value")
            )
    else:
        years = tables["documents"]["year"].cast(pl.Int32)
        tables["word_years"] = words_by_year(batch, row_document, years, book.chinese_words)
    if overlay.by_document:
        tables["sentences"] = sentences.select("doc_id", "sentence", "words")
        tables["terms"] = _terms(batch.words, sentences)
    if overlay.one_event:
        tables["similarity"] = similarity_table(sentences)
    if robustness:
        tables["specifications"] = specification_table(
            texts,
            sentences,
            matcher,
            book,
            lexicon.frames,
            entries=overlay.specifications,
            open_text=overlay.without_words,
        )
    return Batch(
        {name: TABLES[name].tidy(rows) for name, rows in tables.items()},
        count_near_hits(batch, found),
        batch_words(flow, row_document, doc_ids) if overlay.ngrams else None,
        cut,
    )


def _refuse_unspaced(words: WordStream, doc_ids: pl.Series) -> None:
    """Raise TifaError if a protected text has a long run of letters in a script without spaces.

    Such a run would count as one word. Words of any length are published, so whole sentences could
    be published in this way.
    """
    longest = rights.BOUNDS["zh"].longest
    scripts = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan")
    letters = "".join(rf"\p{{{script}}}" for script in scripts)
    vocabulary = pl.Series(words.vocabulary, dtype=pl.String)
    unspaced = vocabulary.str.contains(rf"[{letters}]{{{longest + 1},}}").to_numpy()
    found = np.flatnonzero(unspaced[words.words])
    if len(found):
        raise TifaError(
            f"{doc_ids[int(words.word_row[found[0]])]}: has more than {longest} letters without a "
            "space in a script that writes none, and would be published as one word. Put texts in "
            "Chinese into a corpus of their own with language: zh; of other such languages only "
            "texts that are public can be counted"
        )


def _documents(
    documents: list[Document],
    texts: pl.Series,
    sentences: pl.DataFrame,
    overlay: Overlay,
    named: set[str],
) -> pl.DataFrame:
    """Return the documents table, without the titles and addresses that must not be published.

    If the overlay has ``titles_with``, title and address of documents not in ``named`` are emptied.
    """
    sizes = sentences.group_by("doc_id").agg(words=pl.col("words").sum(), sentences=pl.len())
    columns = [c for c in TABLES["documents"].columns if c not in sizes.columns[1:]]
    rows = []
    for document, digest in zip(documents, text_hashes(texts), strict=True):
        fields = {**dict.fromkeys(columns, ""), **document.fields}
        fields |= {
            "doc_id": document.doc_id,
            "corpus": overlay.corpus,
            "year": fields["year"] or fields["date"][:4],
            "sha256": digest,
        }
        if overlay.titles_with and document.doc_id not in named:
            fields["title"] = fields["url"] = ""
        if overlay.rights != "public" and _opens(document.text, fields["title"], overlay):
            fields["title"] = ""
        rows.append({name: value or None for name, value in fields.items()})
    table = pl.DataFrame(rows, dict.fromkeys(columns, pl.String))
    return table.join(sizes, on="doc_id", how="left")


def _opens(text: str, title: str, overlay: Overlay) -> bool:
    """Return whether a Chinese title is the beginning of the text, and too long to be quoted."""
    if overlay.language != "zh":
        return False
    start, whole = ("".join(filter(str.isalnum, s)) for s in (title, text[: 4 * len(title)]))
    return len(start) > rights.BOUNDS["zh"].longest and whole.startswith(start)


def _terms(words: WordStream, sentences: pl.DataFrame) -> pl.DataFrame:
    doc_ids = sentences["doc_id"].gather(words.word_row)
    terms = pl.Series(words.vocabulary, dtype=pl.String).gather(words.words)
    return pl.DataFrame({"doc_id": doc_ids, "term": terms}).group_by("doc_id", "term").len("n")


# --- hits ---------------------------------------------------------------------------------


def _hits(
    flow: Stream,
    found: list[Hit],
    sentences: pl.DataFrame,
    phrasebook: Phrasebook,
    overlay: Overlay,
) -> pl.DataFrame:
    """Return the table ``hits``, with one row per hit.

    Values that would reveal too much of a protected text are null. Only hits of entries with a
    concordance have context.
    """
    start = np.array([h.start for h in found], dtype=np.int64)
    stop = np.array([h.stop for h in found], dtype=np.int64)
    row = flow.part_row[start]
    first, behind = flow.part_word[start], flow.part_stop[stop - 1]
    # for each hit, the index of the first word of its sentence in the stream
    row_start = np.searchsorted(flow.word_row, row)
    before = sentences["before"].to_numpy()
    position = before[row] + first - row_start if found else np.empty(0, dtype=np.int64)
    table = pl.DataFrame(
        {
            "doc_id": sentences["doc_id"].gather(row),
            "sentence": sentences["sentence"].gather(row),
            "position": position,
            "words": behind - first,
            "entry": pl.Series([h.entry for h in found], dtype=pl.String),
            "variant": pl.Series([h.variant for h in found], dtype=pl.String),
            "quoted": flow.opens[start] & flow.closes[stop - 1],
        }
    )
    empty = pl.lit(None, dtype=pl.String)
    if overlay.without_words or not found:
        return table.with_columns(left=empty, right=empty)
    bounded = _within_bounds(table, flow, sentences, phrasebook, overlay.language)
    # in public texts nothing needs to be hidden, so restore the columns in which _within_bounds may
    # have hidden values
    whole = table.select("position", "words", "variant")
    return bounded.with_columns(whole) if overlay.rights == "public" else bounded


def _within_bounds(
    table: pl.DataFrame,
    flow: Stream,
    sentences: pl.DataFrame,
    phrasebook: Phrasebook,
    language: Language,
) -> pl.DataFrame:
    """Add context to hits of entries with a concordance, and hide what would reveal too much.

    The columns ``left`` and ``right`` get the context. ``position``, and if necessary ``words`` and
    ``variant``, become null in rows that would reveal too much of the text.
    """
    wanted = table["entry"].is_in([e.id for e in phrasebook.entries if e.concordance]).to_list()
    bounds = rights.BOUNDS[language]
    join = joined if language == "zh" else " ".join

    def wording(start: int, stop: int) -> str:
        return join(flow.vocabulary[w] for w in flow.words[start:stop].tolist())

    # the sentences of a document are adjacent, and so are its words and its hits
    documents = sentences["doc_id"].rle().struct.unnest()
    ends = np.searchsorted(flow.word_row, documents["len"].cum_sum().to_numpy()).tolist()
    words_of = dict(zip(documents["value"], pairwise([0, *ends]), strict=True))
    spans = [rights.Span(p, p + w) for p, w in table.select("position", "words").rows()]
    hidden, unsaid = [False] * len(spans), [False] * len(spans)
    left: list[str | None] = [None] * len(spans)
    right: list[str | None] = [None] * len(spans)
    first = 0
    for n_hits, doc_id in table["doc_id"].rle().struct.unnest().rows():
        rows = range(first, first := first + n_hits)
        own = spans[rows.start : rows.stop]
        begin, end = words_of[doc_id]
        # if all hits together are too short to count as a quotation, nothing needs to be hidden
        if sum(s.stop - s.start for s in own) >= bounds.counted:
            hide = rights.hide_positions(own, end - begin, bounds)
            hidden[rows.start : rows.stop] = hide
            unsaid[rows.start : rows.stop] = rights.hide_wordings(own, hide, end - begin, bounds)
        chosen = [i for i in rows if wanted[i] and not hidden[i]]
        if not chosen:
            continue
        covered = rights.cover((spans[i] for i in rows if not hidden[i]), end - begin)
        sentence = flow.word_row[begin:end]
        grown = rights.grow_contexts([spans[i] for i in chosen], covered, sentence, bounds)
        for i, span in zip(chosen, grown, strict=True):
            left[i] = wording(begin + span.start, begin + spans[i].start)
            right[i] = wording(begin + spans[i].stop, begin + span.stop)
    return table.with_columns(
        pl.when(~pl.Series(unsaid, dtype=pl.Boolean)).then(pl.col("words", "variant")).name.keep(),
        pl.when(~pl.Series(hidden, dtype=pl.Boolean)).then("position"),
        left=pl.Series(left, dtype=pl.String),
        right=pl.Series(right, dtype=pl.String),
    )


# --- a whole corpus -----------------------------------------------------------------------


def extract(
    documents: Iterable[Document],
    overlay: Overlay,
    lexicon: Lexicon,
    *,
    jobs: int = 1,
    cluster: Workers | None = None,
    robustness: bool = False,
    characters: int | None = None,
    progress: Callable[[int], object] = lambda _: None,
    scratch: Path | None = None,
    cut: Counter[str] | None = None,
) -> dict[str, pl.DataFrame]:
    """Extract the tables of a corpus, and return them by name (see :mod:`tifa.data.schema`).

    Documents are processed in batches of about ``characters`` characters of text (by default
    :data:`EXTRACTION_BATCH`). Reports on one event are processed in a single batch. The tables of
    each batch are written to a new folder in ``scratch``, which must be private, or by default in
    the system's temporary folder. Therefore memory has to hold only a few batches, the vocabulary,
    the counts of collocates and, at the end, the resulting tables. The folder takes about as much
    space as the texts.

    ``jobs`` is the number of local processes. If a ``cluster``
    (``tifa.features.workers.dask_cluster``) is given, it extracts the batches instead. Neither
    changes the result. ``robustness`` is explained in :func:`extract_batch`; it doubles the time.
    ``progress`` is called with the number of documents done since the last call. The numbers of
    metadata cells that were shortened or emptied (see :class:`Batch`) are added to ``cut``.

    Raises TifaError in the cases of :func:`extract_batch`, and if the corpus has no document, the
    scratch folder cannot be written, a process dies, a document lacks the year that n-grams need,
    or the overlay lists no ``specifications`` although ``robustness`` is set.
    """
    if robustness and not overlay.specifications:
        raise TifaError(
            f"the overlay of {overlay.corpus!r} names no entries to count by other rules; list "
            "their ids under specifications"
        )
    # the sentences of all reports on one event are compared, so they must be in the same batch
    size = characters or EXTRACTION_BATCH[overlay.language]
    work = batches(documents, characters=sys.maxsize if overlay.one_event else size)
    with scratch_folder(scratch, overlay.corpus) as folder:
        saved, near, words = BatchTables(folder), WindowTotals(), Words(folder)
        count = partial(extract_batch, overlay=overlay, lexicon=lexicon, robustness=robustness)
        with nullcontext(cluster) if cluster else processes(jobs) as workers:
            for batch in in_order(count, work, workers):
                saved.add(batch.tables)
                near.add(batch.near)
                if batch.words is not None:
                    words.add(batch.words)
                if cut is not None:
                    cut.update(batch.cut)
                progress(batch.tables["documents"].height)
        if not saved.batches:
            raise TifaError(f"the corpus {overlay.corpus!r} has no document")
        least = LEAST_OPEN if overlay.without_words else LEAST_PROTECTED
        collocates = TABLES["collocates"].tidy(near.table(least=least))
        del near
        # if the words of each document are published anyway, the counts by year have rare words too
        fewest = 1 if overlay.by_document else LEAST
        tables = {
            name: TABLES[name].tidy(
                all_years(saved.each(name), least=fewest)
                if name == "word_years"
                else pl.concat(saved.each(name))
            )
            for name in saved.names
        }
        tables["collocates"] = collocates
        looked_for = list(lexicon.phrasebook.digests(overlay.language).items())
        tables["entries"] = TABLES["entries"].tidy(
            pl.DataFrame(looked_for, schema=["entry", "patterns"], orient="row")
        )
        if overlay.ngrams:
            facts = tables["documents"].select("doc_id", "year", "country")
            # this starts new processes, because the old ones do not release the memory they used
            tables["ngrams"], tables["ngram_countries"] = ngram_tables(words, facts, jobs=jobs)
    return tables


def reading_tables(reading: Reading) -> dict[str, pl.DataFrame]:
    """Return the tables ``unread`` and ``rules``, by name.

    ``unread`` lists the files that could not be read; ``rules`` has, for each rule of words.yml,
    how often it was applied. A table without rows is left out.
    """
    found = {
        "unread": pl.DataFrame(reading.unreadable, ["name", "reason"], orient="row"),
        "rules": pl.DataFrame(list(reading.by_rule.items()), ["rule", "n"], orient="row"),
    }
    return {name: TABLES[name].tidy(rows) for name, rows in found.items() if rows.height}
