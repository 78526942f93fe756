"""Time the library and others (its peers) on the same texts, after comparing their counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ahocorasick_rs
import jieba
import numpy as np
import pandas as pd
import polars as pl
import spacy
from lindera import TokenizerBuilder
from measure import Row, compared
from sample import CHINESE, PEER_WORD, Sample, chinese_text
from scattertext import CorpusFromPandas
from scattertext.features.UnigramsFromSpacyDoc import UnigramsFromSpacyDoc
from scattertext.WhitespaceNLP import Doc, Tok
from sklearn.feature_extraction.text import CountVectorizer
from spacy.matcher import PhraseMatcher
from textacy.representations import Vectorizer

from tifa.features.ngrams import (
    LONGEST,
    THRESHOLD,
    WORD_THRESHOLD,
    Words,
    batch_words,
    ngram_tables,
)
from tifa.lexicon.load import phrasebook
from tifa.lexicon.match import Matcher, find_hits
from tifa.text.language import Language, sentence_table
from tifa.text.language import stream as sentence_stream
from tifa.text.segment import segment
from tifa.text.tokens import Stream, stream
from tifa.text.words import words_of

Counts = Counter[str]
LANGUAGES: dict[str, Language] = {"English": "en", "Chinese": "zh"}


# --- words of each document ---------------------------------------------------------------


def count_words(texts: list[str]) -> pl.DataFrame:
    """Count the words of each text, in parallel on the threads of polars."""
    table = pl.DataFrame({"text": texts}).with_row_index("doc_id")
    counted = words_of(pl.col("text")).list.eval(pl.element().value_counts()).alias("counted")
    size = -(-table.height // pl.thread_pool_size())
    parts = (table.lazy().slice(at, size) for at in range(0, table.height, size))
    return (
        pl.concat(pl.collect_all([part.select("doc_id", counted) for part in parts]))
        .explode("counted")
        .drop_nulls("counted")
        .with_columns(pl.col("counted").struct.rename_fields(["word", "n"]))
        .unnest("counted")
    )


def sklearn_words(texts: list[str]) -> tuple[Any, list[str]]:
    vectorizer = CountVectorizer(token_pattern=PEER_WORD)
    matrix = vectorizer.fit_transform(texts)
    return matrix, vectorizer.get_feature_names_out().tolist()


def textacy_words(texts: list[str]) -> tuple[Any, list[str]]:
    vectorizer = Vectorizer(tf_type="linear")
    matrix = vectorizer.fit_transform(re.findall(PEER_WORD, text.lower()) for text in texts)
    return matrix, vectorizer.terms_list


def scattertext_words(texts: list[str]) -> tuple[Any, list[str]]:
    def parse(text: str) -> Doc:
        found = re.findall(PEER_WORD, text.lower())
        return Doc([[Tok("", "", word, "", "") for word in found]], raw=text)

    corpus = CorpusFromPandas(
        pd.DataFrame({"text": texts, "of": "all"}),
        category_col="of",
        text_col="text",
        nlp=parse,
        feats_from_spacy_doc=UnigramsFromSpacyDoc(),
    ).build()
    return corpus.get_term_doc_mat(), corpus.get_terms()


WORD_PEERS = {
    "CountVectorizer": sklearn_words,
    "textacy's Vectorizer": textacy_words,
    "scattertext": scattertext_words,
}


def check_words(texts: list[str]) -> None:
    """Raise AssertionError if our word counts and those of a peer are not the same."""
    mine: list[dict[str, int]] = [{} for _ in texts]
    for document, word, n in count_words(texts).rows():
        mine[document][word] = n
    for who, peer in WORD_PEERS.items():
        matrix, names = peer(texts)
        for number, counted in enumerate(mine):
            row = matrix[number]
            if counted != dict(
                zip((names[i] for i in row.indices), row.data.tolist(), strict=True)
            ):
                raise AssertionError(f"{who}: the word counts of document {number} differ")


def words(sample: Sample, rounds: int) -> list[Row]:
    texts = sample.texts
    check_words(texts[:: max(1, len(texts) // 300)])
    tasks: dict[str, Callable[[], object]] = {"tifa": lambda: count_words(texts)}
    tasks |= {who: partial(peer, texts) for who, peer in WORD_PEERS.items()}
    goals = {"CountVectorizer": ("4.8x", 4.0)}
    notes = dict.fromkeys(list(WORD_PEERS)[1:], "given words that re has cut")
    return compared("words per document", tasks, rounds, sample.megabytes, goals=goals, notes=notes)


# --- n-grams by year ----------------------------------------------------------------------


def ngrams(sample: Sample) -> pl.DataFrame:
    with TemporaryDirectory() as folder:
        found = Words(Path(folder))
        for ids, rows in sample.batches:
            place = {d: i for i, d in enumerate(ids)}
            document = np.array([place[d] for d in rows["doc_id"]], dtype=np.int32)
            found.add(batch_words(stream(rows["text"]), document, ids))
        return ngram_tables(found, sample.facts)[0]


def sklearn_ngrams(years: dict[int, list[str]]) -> dict[tuple[str, int], int]:
    total: Counts = Counter()
    each = {}
    for year, sentences in years.items():
        vectorizer = CountVectorizer(token_pattern=PEER_WORD, ngram_range=(1, LONGEST))
        counts = np.asarray(vectorizer.fit_transform(sentences).sum(axis=0)).ravel()
        each[year] = dict(zip(vectorizer.get_feature_names_out(), counts.tolist(), strict=True))
        total.update(each[year])
    kept = {g for g, n in total.items() if n >= (THRESHOLD if " " in g else WORD_THRESHOLD)}
    return {(g, y): n for y, counts in each.items() for g, n in counts.items() if g in kept}


def yearly(sample: Sample, rounds: int) -> list[Row]:
    sample = sample.every(2)
    joined = sample.sentences.select("doc_id", "text").join(sample.facts, on="doc_id")
    years = {int(y): rows["text"].to_list() for (y,), rows in joined.group_by("year")}
    if {(g, y): n for g, y, n, _ in ngrams(sample).rows()} != sklearn_ngrams(years):
        raise AssertionError("the yearly counts differ")
    tasks: dict[str, Callable[[], object]] = {
        "tifa": lambda: ngrams(sample),
        "CountVectorizer": lambda: sklearn_ngrams(years),
    }
    return compared(
        "n-grams by year",
        tasks,
        rounds,
        sample.megabytes,
        goals={"CountVectorizer": ("13x", 4.0)},
        notes={"tifa": "with documents and countries, which the peer does not count"},
    )


# --- phrases ------------------------------------------------------------------------------


def phrases_in(flows: list[Stream]) -> Counts:
    return Counter(h.entry for f in flows for h in find_hits(Matcher(f), phrasebook().compiled))


def wordings(flows: list[Stream]) -> dict[str, str]:
    """Map the wordings that occur in these texts to their entries.

    Peers that can only find fixed strings are given no other wordings, which is their best case.
    """
    return {
        " ".join(flow.part_vocabulary[part] for part in flow.parts[hit.start : hit.stop]): hit.entry
        for flow in flows
        for hit in find_hits(Matcher(flow), phrasebook().compiled)
    }


def plain(text: str) -> str:
    """Return a text in lower case; spaces replace quotation marks, hyphens and white space."""
    lower = text.lower().replace(" & ", " and ").replace('"', " ").replace("-", " ")
    return " ".join(lower.split())


def each_once(found: list[tuple[str, int, int]]) -> Counts:
    """Count matches (entry, start, stop) by entry; overlapping matches of an entry count once."""
    counts: Counts = Counter()
    last: dict[str, int] = {}
    for entry, start, stop in found:
        if start >= last.get(entry, 0):
            counts[entry] += 1
            last[entry] = stop
    return counts


def by_ahocorasick(texts: list[str], machine: ahocorasick_rs.AhoCorasick, to: list[str]) -> Counts:
    counts: Counts = Counter()
    for lower in map(plain, texts):
        found = [
            (to[which], start, stop)
            for which, start, stop in machine.find_matches_as_indexes(lower, overlapping=True)
            if not (start and lower[start - 1].isalnum()) and not lower[stop : stop + 1].isalnum()
        ]
        counts += each_once(found)
    return counts


def scanned_first(batches: list[pl.Series], machine: ahocorasick_rs.AhoCorasick) -> Counts:
    """Find entries only in those sentences in which ahocorasick_rs finds a wording."""
    counts: Counts = Counter()
    for sentences in batches:
        lower = sentences.str.to_lowercase().str.replace_all(" & ", " and ", literal=True)
        ready = lower.str.replace_all(r'["\s-]+', " ")
        held = [bool(machine.find_matches_as_indexes(text)) for text in ready]
        counts += phrases_in([stream(sentences.filter(pl.Series(held)))])
    return counts


def by_spacy(texts: list[str], nlp: spacy.Language, matcher: PhraseMatcher) -> Counts:
    counts: Counts = Counter()
    for text in texts:
        found = sorted(matcher(nlp.make_doc(plain(text))), key=lambda m: (m[1], -m[2]))
        counts += each_once([(nlp.vocab.strings[which], a, b) for which, a, b in found])
    return counts


def apart(one: Counts, other: Counts) -> str:
    """Return a note on how many hits differ; more than 5% raise AssertionError."""
    differ = sum(abs(one[e] - other[e]) for e in one.keys() | other.keys())
    if differ > 0.05 * sum(one.values()):
        raise AssertionError(f"{differ} of {sum(one.values())} hits differ")
    return f"{differ} of {sum(one.values()):,} hits differ: fixed wordings only"


def phrases(sample: Sample, rounds: int) -> list[Row]:
    sample = sample.every(3)
    batches = [rows["text"] for _, rows in sample.batches]
    documents = sample.sentences.group_by("doc_id", maintain_order=True)
    texts = documents.agg(pl.col("text").str.join("\n"))["text"].to_list()
    flows = [stream(sentences) for sentences in batches]
    known = wordings(flows)
    machine, to = ahocorasick_rs.AhoCorasick(list(known)), list(known.values())
    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab)
    for wording, entry in known.items():
        matcher.add(entry, [nlp.make_doc(wording)])
    mine = phrases_in(flows)
    tasks: dict[str, Callable[[], object]] = {
        "tifa": lambda: phrases_in([stream(sentences) for sentences in batches]),
        "tifa, words numbered already": lambda: phrases_in(flows),
        "tifa, where ahocorasick_rs finds a wording": lambda: scanned_first(batches, machine),
        "ahocorasick_rs": lambda: by_ahocorasick(texts, machine, to),
        "ahocorasick_rs, letters made ready alone": lambda: [plain(text) for text in texts],
        "spaCy's PhraseMatcher": lambda: by_spacy(texts, nlp, matcher),
    }
    return compared(
        f"phrasebook of {len(phrasebook().entries)} entries per document",
        tasks,
        rounds,
        sample.megabytes,
        goals={"ahocorasick_rs": ("0.74x", 3.0)},
        notes={
            "tifa, words numbered already": "what phrases add to an extraction",
            "tifa, where ahocorasick_rs finds a wording": apart(
                mine, scanned_first(batches, machine)
            ),
            "ahocorasick_rs, letters made ready alone": "part of its time above",
            "ahocorasick_rs": apart(mine, by_ahocorasick(texts, machine, to)),
            "spaCy's PhraseMatcher": apart(mine, by_spacy(texts, nlp, matcher)),
        },
    )


# --- Chinese ------------------------------------------------------------------------------


def by_lindera() -> Callable[[str], list[str]]:
    """Return lindera's segmenter with the dictionary CC-CEDICT.

    Our words are not added, because this would require building another dictionary.
    """
    builder = TokenizerBuilder()
    builder.set_mode("normal")
    builder.set_dictionary("embedded://cc-cedict")
    tokenizer = builder.build()

    def cut(text: str) -> list[str]:
        # lindera leaves out white space, so put it back
        found, at = [], 0
        for token in tokenizer.tokenize(text):
            place = text.index(token.surface, at)
            found += [text[at:place], token.surface] if place > at else [token.surface]
            at = place + len(token.surface)
        return [*found, text[at:]] if at < len(text) else found

    return cut


def names_kept(text: str, pieces: list[str], names: list[tuple[int, int]]) -> str:
    """Return a note on how many names are one word, and how many begin or end within a word."""
    if "".join(pieces) != text:
        raise AssertionError("the pieces are not the text")
    ends = list(accumulate(map(len, pieces), initial=0))
    words, cuts = set(pairwise(ends)), set(ends)
    whole = sum(name in words for name in names)
    across = sum(not cuts.issuperset(name) for name in names)
    return f"of {len(names)} names of entries {whole} are one word, {across} cut across"


def segmenters(_: Sample, rounds: int) -> list[Row]:
    text, own = chinese_text(), phrasebook().chinese_words
    names = [m.span() for word in own for m in re.finditer(word, text)]
    peer, lindera = jieba.Tokenizer(), by_lindera()
    for word in own:
        peer.add_word(word)
    if segment(text, own) != peer.lcut(text):
        raise AssertionError("rjieba and jieba cut differently")
    tasks: dict[str, Callable[[], list[str]]] = {
        "rjieba, as here": lambda: segment(text, own),
        "rjieba, its own dictionary alone": lambda: segment(text, ()),
        "jieba": lambda: peer.lcut(text),
        "lindera, dictionary CC-CEDICT": lambda: lindera(text),
    }
    notes = {who: names_kept(text, cut(), names) for who, cut in tasks.items()}
    size = len(text.encode()) / 1e6
    return compared("Chinese cut into words", dict(tasks), rounds, size, notes=notes)


def matching(sample: Sample, rounds: int) -> list[Row]:
    """Time the search for all entries in English and in Chinese texts of about the same size."""
    book = phrasebook()
    chinese = pl.DataFrame({"doc_id": ["zh"], "text": [chinese_text(10 * CHINESE)]})
    texts: dict[Language, pl.Series] = {
        "en": sample.sentences["text"],
        "zh": sentence_table(chinese, "zh")["text"],
    }
    size = int(texts["zh"].str.len_bytes().sum())
    texts["en"] = texts["en"].filter(texts["en"].str.len_bytes().cum_sum() <= size)
    patterns = {language: book.patterns(language) for language in texts}

    def match(language: Language) -> object:
        flow = sentence_stream(texts[language], language)
        return find_hits(Matcher(flow), patterns[language], not_within=book.not_within(language))

    rows = compared(
        "phrasebook by language",
        {who: partial(match, language) for who, language in LANGUAGES.items()},
        rounds,
        size / 1e6,
        notes={
            who: f"{sum(map(len, patterns[language].values())):,} wordings"
            for who, language in LANGUAGES.items()
        },
    )
    times = rows[1].seconds / rows[0].seconds
    rows[1].goal, rows[1].reached = "at most 2x", "yes" if times <= 2 else f"no: {times:.2g}x"
    return rows
