"""Count the phrasebook in each document."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import ahocorasick_rs
import polars as pl
from context import Context
from flashtext import KeywordProcessor
from measure import Row, in_turn, rows_of
from sample import Sample

from tifa.lexicon.load import phrasebook
from tifa.lexicon.match import Matcher, find
from tifa.lexicon.patterns import COMMA, Pattern, Slot
from tifa.text.tokens import Stream, stream

Counts = Counter[str]
#: Documents per batch.
BATCH = 110


def ours(batches: list[pl.Series]) -> Counts:
    return found_in([stream(sentences) for sentences in batches])


def found_in(flows: list[Stream]) -> Counts:
    """Hits in a prepared stream, as during an extraction."""
    return Counter(h.entry for f in flows for h in find(Matcher(f), phrasebook().compiled))


def in_batches(sample: Sample) -> list[pl.Series]:
    """Sentences in batches of the size that an extraction uses."""
    rows = sample.sentences
    ids = rows["doc_id"].unique(maintain_order=True)
    return [
        rows.filter(pl.col("doc_id").is_in(ids[start : start + BATCH].implode()))["text"]
        for start in range(0, len(ids), BATCH)
    ]


# --- re -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """Regular expressions for a word character and for the gap between words."""

    word: str
    between: str


PYTHON = Dialect(word=r"\w", between=r'(?:["\s]|-)+')
#: ASCII only: with Unicode classes it is many times slower.
POLARS = Dialect(word="a-z0-9", between=r'[ \n"-]+')


def expression(pattern: Pattern, dialect: Dialect = PYTHON) -> str:
    wild = {"*": f"[{dialect.word}']*", "?": f"[{dialect.word}]"}

    def slot(globs: Slot) -> str:
        if globs == COMMA:
            return ","
        members = ["".join(wild.get(c) or re.escape(c) for c in g.text) for g in globs]
        return f"(?:{'|'.join(members)})"

    between = dialect.between
    return between.join(slot(s) for s in pattern.slots).replace(between + ",", ",")


def entries(dialect: Dialect = PYTHON) -> dict[str, list[str]]:
    """The expressions of each entry, longest first, because the first match wins."""
    parts: dict[str, list[str]] = {}
    for (entry, _), patterns in phrasebook().compiled.items():
        parts.setdefault(entry, []).extend(expression(p, dialect) for p in patterns)
    return {e: sorted(found, key=len, reverse=True) for e, found in parts.items()}


def all_in_one(dialect: Dialect) -> str:
    """One alternation of all entries, longest first."""
    every = {x for found in entries(dialect).values() for x in found}
    return f"(?:{'|'.join(sorted(every, key=lambda x: (-len(x), x)))})"


def by_re(texts: list[str], compiled: dict[str, re.Pattern[str]]) -> Counts:
    counts: Counts = Counter()
    for text in texts:
        lower = text.lower().replace(" & ", " and ")
        for entry, one in compiled.items():
            counts[entry] += sum(1 for _ in one.finditer(lower))
    return counts


def by_alternation(texts: list[str], one: re.Pattern[str]) -> int:
    # matches never overlap, so an entry inside another is not counted
    return sum(sum(1 for _ in one.finditer(text.lower().replace(" & ", " and "))) for text in texts)


def by_polars(texts: pl.Series, one: str) -> int:
    # matches never overlap, and there are no positions
    lower = texts.str.to_lowercase().str.replace_all(" & ", " and ", literal=True)
    return int(lower.str.count_matches(one).sum())


# --- fixed strings ------------------------------------------------------------------------


def wordings(flows: list[Stream]) -> dict[str, str]:
    """Wordings that occur in these texts, and their entries: the best case for fixed strings."""
    return {
        " ".join(flow.part_vocabulary[part] for part in flow.parts[hit.start : hit.stop]): hit.entry
        for flow in flows
        for hit in find(Matcher(flow), phrasebook().compiled)
    }


def plain(text: str) -> str:
    return re.sub(r'["\s-]+', " ", text.lower().replace(" & ", " and "))


def by_ahocorasick(texts: list[str], machine: ahocorasick_rs.AhoCorasick, to: list[str]) -> Counts:
    counts: Counts = Counter()
    for text in texts:
        lower = plain(text)
        end = len(lower)
        last: dict[str, int] = {}
        for which, start, stop in machine.find_matches_as_indexes(lower, overlapping=True):
            if (start and lower[start - 1].isalnum()) or (stop < end and lower[stop].isalnum()):
                continue
            # overlapping matches of one entry count once
            if start >= last.get(to[which], 0):
                counts[to[which]] += 1
                last[to[which]] = stop
    return counts


def by_flashtext(texts: list[str], processor: KeywordProcessor) -> int:
    # matches never overlap, so an entry inside another is not counted
    return sum(len(processor.extract_keywords(plain(text))) for text in texts)


def by_document(sample: Sample) -> list[str]:
    return (
        sample.sentences.group_by("doc_id", maintain_order=True)
        .agg(pl.col("text").str.join("\n"))["text"]
        .to_list()
    )


def run(context: Context) -> list[Row]:
    sample, small = context.sample, context.small
    batches, texts, few = in_batches(sample), by_document(sample), by_document(small)
    flows = [stream(sentences) for sentences in batches]
    compiled = {e: re.compile(rf"\b(?:{'|'.join(x)})(?:'s)?\b") for e, x in entries().items()}
    alternation = re.compile(rf"\b{all_in_one(PYTHON)}(?:'s)?\b")
    scanned = rf"(?-u:\b){all_in_one(POLARS)}(?-u:\b)"
    column = pl.Series(texts)
    known = wordings(flows)
    to = list(known.values())
    machine = ahocorasick_rs.AhoCorasick(list(known))
    processor = KeywordProcessor()
    for wording, entry in known.items():
        processor.add_keyword(wording, entry)

    mine, theirs = ours(in_batches(small)), by_re(few, compiled)
    differ = sum(abs(mine[e] - theirs[e]) for e in mine.keys() | theirs.keys())
    if differ > 0.01 * sum(mine.values()):
        raise AssertionError(f"{differ} of {sum(mine.values())} hits differ from re's")
    whole, fixed = ours(batches), by_ahocorasick(texts, machine, to)
    apart = sum(abs(whole[e] - fixed[e]) for e in whole.keys() | fixed.keys())
    if apart > 0.05 * sum(whole.values()):
        raise AssertionError(f"{apart} of {sum(whole.values())} hits differ from ahocorasick_rs")

    fast = in_turn(
        {
            "tifa": lambda: ours(batches),
            "tifa, words numbered already": lambda: found_in(flows),
            "ahocorasick_rs": lambda: by_ahocorasick(texts, machine, to),
            "flashtext": lambda: by_flashtext(texts, processor),
            "polars, one alternation": lambda: by_polars(column, scanned),
            "re, an expression for each entry": lambda: by_re(few, compiled),
            "re, one alternation": lambda: by_alternation(few, alternation),
        },
        rounds=context.rounds,
    )
    big, little = sample.megabytes, small.megabytes
    sizes = {who: little if who.startswith("re") else big for who in fast.seconds}
    context.nltk_per_mb["phrases"] = fast.median("re, an expression for each entry") / little
    return rows_of(
        f"phrasebook of {len(phrasebook().entries)} entries per document",
        fast,
        sizes,
        goals={"re, an expression for each entry": 30, "ahocorasick_rs": 10},
        notes={
            "tifa, words numbered already": "what phrases add to an extraction",
            "re, an expression for each entry": f"{differ} of {sum(mine.values()):,} hits differ",
            "re, one alternation": "entries inside others are not counted",
            "polars, one alternation": "counts alone, no places; entries inside others are not "
            "counted",
            "flashtext": "fixed wordings only; entries inside others are not counted",
            "ahocorasick_rs": f"{apart} of {sum(whole.values()):,} hits differ: fixed wordings "
            "only, boundaries checked in Python",
        },
    )
