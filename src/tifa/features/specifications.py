"""Count features by other rules, for the multiverse analysis (:mod:`tifa.analysis.multiverse`).

Other researchers could have chosen other tokenisers, other sentence splitters, and other ways to
use the phrasebook and the frame dictionary. This module counts hits, words, sentences and frames by
such other rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain, product

import numpy as np
import polars as pl

from tifa.lexicon.frames import code_rows, lost_without
from tifa.lexicon.letters import may_match
from tifa.lexicon.match import Hit, Matcher, find_hits
from tifa.lexicon.model import Entry, Frame, FrameDictionary, Phrasebook
from tifa.lexicon.patterns import Glob, Pattern, parse
from tifa.text.tokens import Int32s, Stream, stream, token_stream
from tifa.text.words import WORD, fold, normalise

#: Names of the default tokeniser and sentence splitter, with which all other tables are made.
TOKENISER, SPLITTER = "tifa", "sentencex"


@dataclass(frozen=True)
class Tokeniser:
    """A way to split a sentence into tokens.

    ``token`` is a regular expression for one token of a text. Patterns of the phrasebook must be
    split in the same way as texts. To do so, each hyphen and apostrophe in a pattern is replaced by
    ``apart``, in which ``{}`` stands for that hyphen or apostrophe.
    """

    token: str
    apart: str = "{}"


TOKENISERS = {
    TOKENISER: Tokeniser(WORD),
    # tokens are separated by white space and lose the punctuation at their ends; so a phrase can
    # match across a comma, as if the comma were not there
    "whitespace": Tokeniser(r"[\p{L}\p{N}](?:\S*[\p{L}\p{M}\p{N}])?"),
    "letters": Tokeniser(r"[\p{L}\p{M}]+", " "),
    # like nltk's wordpunct_tokenize: punctuation marks count as words
    "wordpunct": Tokeniser(r"\w+|[^\w\s]+", " {} "),
}
#: The ways to split texts into units: sentences found by sentencex, sentences found by
#: :func:`mark_table`, and paragraphs.
SPLITTERS = (SPLITTER, "marks", "paragraphs")

_COLUMNS = {
    **dict.fromkeys(("doc_id", "measure", "tokeniser", "splitter", "rule"), pl.String),
    **dict.fromkeys(("entry", "variant", "frame"), pl.String),
    **dict.fromkeys(("indicator", "n"), pl.Int32),
}


def specification_table(
    texts: pl.DataFrame,
    sentences: pl.DataFrame,
    matcher: Matcher,
    phrasebook: Phrasebook,
    dictionary: FrameDictionary,
    *,
    entries: Sequence[str],
    open_text: bool,
) -> pl.DataFrame:
    """Count hits, words, sentences and frames by other rules.

    ``texts`` has the columns ``doc_id`` and ``text`` (not normalised); ``sentences`` is the result
    of :func:`tifa.text.words.sentence_table` for these texts, and ``matcher`` searches these
    sentences. ``entries`` are the ids of the phrasebook entries to count. If ``open_text`` is true,
    only hits are counted. Returns one row per count above 0, with the columns of the table
    ``specifications``.
    """
    wanted = [phrasebook.entry(e) for e in entries]
    parts = [*_by_rule(sentences, matcher, phrasebook, wanted)]
    paragraphs = paragraph_table(texts)
    if open_text:
        paragraphs = candidates(paragraphs, wanted)
    tables = {SPLITTER: sentences, "marks": mark_table(paragraphs), "paragraphs": paragraphs}
    for splitter, units in tables.items():
        parts += _by_tokeniser(units, splitter, wanted)
        if not open_text:
            counts = units.group_by("doc_id").len("n")
            parts.append(_rows(counts, "sentences", splitter=splitter))
            if splitter != SPLITTER:
                other = Matcher(stream(units["text"]))
                parts.append(_framed(units, other, dictionary, "full", splitter=splitter))
    if not open_text:
        parts += _words(sentences)
        parts += _by_dictionary(sentences, matcher, dictionary, wanted)
    return pl.concat(parts).filter(pl.col("n") > 0)


def _rows(
    counts: pl.DataFrame,
    measure: str,
    *,
    tokeniser: str = TOKENISER,
    splitter: str = SPLITTER,
    rule: str | None = None,
) -> pl.DataFrame:
    """Add the missing columns of ``specifications``, filled with the arguments or with null."""
    given = {"measure": measure, "tokeniser": tokeniser, "splitter": splitter, "rule": rule}
    own = {c: pl.col(c) for c in counts.columns}
    every = {c: own.get(c, pl.lit(given.get(c))).cast(t) for c, t in _COLUMNS.items()}
    return counts.select(**every)


# --- words and sentences ------------------------------------------------------------------


def _words(sentences: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for name, tokeniser in TOKENISERS.items():
        count = pl.col("text").str.to_lowercase().str.count_matches(tokeniser.token)
        counts = sentences.group_by("doc_id").agg(n=count.sum())
        yield _rows(counts, "words", tokeniser=name)


def paragraph_table(texts: pl.DataFrame) -> pl.DataFrame:
    """Split texts at blank lines; return doc_id and normalised text, one row per paragraph.

    >>> texts = pl.DataFrame({"doc_id": ["a"], "text": ["Mr. Li came.\\nHe left.\\n\\nThe end"]})
    >>> paragraph_table(texts)["text"].to_list()
    ['Mr. Li came. He left.', 'The end']
    """
    return _split(texts, re.compile(r"\n\s*\n")).with_columns(normalise(pl.col("text")))


def mark_table(paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Split paragraphs at the spaces after a full stop, question mark or exclamation mark.

    A closing quotation mark or bracket may follow the mark. The columns remain the same.

    >>> paragraphs = pl.DataFrame({"doc_id": ["a"], "text": ["Mr. Li came. He left."]})
    >>> mark_table(paragraphs)["text"].to_list()
    ['Mr.', 'Li came.', 'He left.']
    """
    return _split(paragraphs, re.compile(r"(?<=[.!?]) +|(?<=[.!?][\"')]) +"))


def _split(texts: pl.DataFrame, at: re.Pattern[str]) -> pl.DataFrame:
    units = [[u for u in at.split(t) if u.strip()] for t in texts["text"]]
    return (
        texts.select("doc_id", pl.Series("text", units, pl.List(pl.String)))
        .filter(pl.col("text").list.len() > 0)
        .explode("text")
    )


# --- hits ---------------------------------------------------------------------------------


@lru_cache(maxsize=10_000)
def cut(text: str, apart: str) -> tuple[Pattern, ...]:
    """Split a pattern of the phrasebook into tokens in the same way as a tokeniser splits texts.

    ``apart`` is an attribute of :class:`Tokeniser`. Returns one pattern for each combination of
    alternatives such as "all|mankind".

    >>> [len(p.slots) for p in cut("co-operation for (all|mankind)", " ")]
    [4, 4]
    """
    folded = fold(text).replace('"', " ").replace("&", " and ")
    choices = [token.strip("()").split("|") for token in re.findall(r"\([^()]*\)|[^\s()]+", folded)]
    patterns = []
    for chosen in product(*choices):
        separated = re.sub(r"[-']", lambda mark: apart.format(mark[0]), " ".join(chosen))
        patterns.append(Pattern(text, tuple((Glob(word),) for word in separated.split())))
    return tuple(patterns)


def _compiled(
    entries: Iterable[Entry], apart: str | None = None
) -> dict[tuple[str, str], list[Pattern]]:
    """Parse the patterns of entries, and return them by the ids of entry and variant.

    With ``apart``, patterns are split for another tokeniser (see :func:`cut`).
    """

    def parsed(text: str) -> Iterable[Pattern]:
        return [parse(text)] if apart is None else cut(text, apart)

    return {
        (e.id, v.id): [*chain.from_iterable(map(parsed, v.patterns))]
        for e in entries
        for v in e.variants
    }


def candidates(units: pl.DataFrame, entries: Iterable[Entry]) -> pl.DataFrame:
    """Select the units (sentences or paragraphs) that may contain a hit, whatever the tokeniser.

    >>> from tifa.lexicon.load import phrasebook
    >>> texts = ["In the spirit of Geneva", "Geneva, in good spirits", "In good spirits"]
    >>> units = pl.DataFrame({"doc_id": ["a"] * 3, "text": texts})
    >>> candidates(units, [phrasebook().entry("spirit-of-geneva")]).height
    2
    """
    patterns = chain.from_iterable(_compiled(entries).values())
    return units.filter(may_match(units["text"], patterns))


def _by_tokeniser(
    units: pl.DataFrame, splitter: str, entries: Sequence[Entry]
) -> Iterator[pl.DataFrame]:
    """Count the hits in these units with each tokeniser, by the rule "key" (see :func:`_by_rule`).

    The default tokeniser with the default splitter is left out, because :func:`_by_rule` counts it.
    """
    units = candidates(units, entries)
    for name, tokeniser in TOKENISERS.items():
        if name != TOKENISER:
            flow = token_stream(units["text"], tokeniser.token)
            patterns = _compiled(entries, tokeniser.apart)
        elif splitter != SPLITTER:
            flow, patterns = stream(units["text"]), _compiled(entries)
        else:
            continue
        found = find_hits(Matcher(flow), patterns)
        yield _hits(units, flow, found, "key", tokeniser=name, splitter=splitter)


def _by_rule(
    sentences: pl.DataFrame, matcher: Matcher, phrasebook: Phrasebook, entries: Sequence[Entry]
) -> Iterator[pl.DataFrame]:
    """Count hits by each rule, with the default tokeniser and sentence splitter.

    With the rule "key", all hits are counted, even if those of different entries overlap. With
    "dictionary", only the longest of overlapping hits is counted, whatever their entries. With
    "main", only hits of the first variant of an entry are counted. With "loose", each sentence that
    contains all words of the first pattern of the first variant, in any order, is counted once.
    """
    flow = matcher.stream
    yield _hits(sentences, flow, find_hits(matcher, _compiled(entries)), "key")
    names = {e.id for e in entries}
    longest = find_hits(matcher, phrasebook.compiled, scope="dictionary")
    yield _hits(sentences, flow, [h for h in longest if h.entry in names], "dictionary")
    main = [e.model_copy(update={"variants": e.variants[:1]}) for e in entries]
    yield _hits(sentences, flow, find_hits(matcher, _compiled(main)), "main")
    for entry in main:
        slots = set(parse(entry.variants[0].patterns[0]).slots)
        rows_of_words = [flow.part_row[matcher.starts(Pattern("", (slot,)))] for slot in slots]
        counts = _per_document(sentences, reduce(np.intersect1d, rows_of_words)).with_columns(
            entry=pl.lit(entry.id), variant=pl.lit(entry.variants[0].id)
        )
        yield _rows(counts, "hits", rule="loose")


def _hits(
    units: pl.DataFrame,
    flow: Stream,
    found: Sequence[Hit],
    rule: str,
    *,
    tokeniser: str = TOKENISER,
    splitter: str = SPLITTER,
) -> pl.DataFrame:
    rows = flow.part_row[np.array([h.start for h in found], dtype=np.int64)]
    counts = (
        pl.DataFrame(
            {
                "doc_id": units["doc_id"].gather(rows),
                "entry": pl.Series([h.entry for h in found], dtype=pl.String),
                "variant": pl.Series([h.variant for h in found], dtype=pl.String),
            }
        )
        .group_by("doc_id", "entry", "variant")
        .len("n")
    )
    return _rows(counts, "hits", tokeniser=tokeniser, splitter=splitter, rule=rule)


def _per_document(units: pl.DataFrame, rows: Int32s) -> pl.DataFrame:
    return units.select("doc_id")[np.unique(rows)].group_by("doc_id").len("n")


# --- frames -------------------------------------------------------------------------------


def _framed(
    units: pl.DataFrame,
    matcher: Matcher,
    dictionary: FrameDictionary,
    rule: str,
    *,
    splitter: str = SPLITTER,
) -> pl.DataFrame:
    coded = code_rows(matcher, units.height, dictionary)
    return _rows(_frame_counts(units, coded), "frame", splitter=splitter, rule=rule)


def _frame_counts(units: pl.DataFrame, coded: pl.DataFrame) -> pl.DataFrame:
    return (
        pl.concat([units.select("doc_id"), coded.cast(pl.Int32)], how="horizontal")
        .group_by("doc_id")
        .sum()
        .unpivot(index="doc_id", variable_name="frame", value_name="n")
    )


def _by_dictionary(
    sentences: pl.DataFrame,
    matcher: Matcher,
    dictionary: FrameDictionary,
    entries: Sequence[Entry],
) -> Iterator[pl.DataFrame]:
    """Count the sentences with each frame, by each rule.

    With the rule "full", the dictionary is used as it is. With "equal-weights", every indicator has
    the weight 1. With "no-context", the context conditions of indicators are ignored. With
    "masked", the words of an entry's hits are ignored; this is done for one entry at a time. With
    "without-indicator", one indicator at a time is removed, and the sentences that lose their frame
    are counted, as the measure "frame lost". The measure "frame beside" counts only sentences with
    a hit of an entry, by the rules "full" and "masked".
    """
    flow = matcher.stream
    coded = code_rows(matcher, sentences.height, dictionary)
    yield _rows(_frame_counts(sentences, coded), "frame", rule="full")
    yield _framed(sentences, matcher, _changed(dictionary, weight=1.0), "equal-weights")
    none: list[str] = []
    plain = _changed(dictionary, not_before=none, not_after=none, requires=none, without=none)
    yield _framed(sentences, matcher, plain, "no-context")
    for frame, number, lost in lost_without(matcher, sentences.height, dictionary):
        counts = _per_document(sentences, lost).with_columns(
            frame=pl.lit(frame), indicator=pl.lit(number)
        )
        yield _rows(counts, "frame lost", rule="without-indicator")
    for entry in entries:
        patterns = [parse(p) for v in entry.variants for p in v.patterns]
        hits = matcher.covered(patterns)
        masked = code_rows(matcher, sentences.height, dictionary, blank=hits)
        name = pl.lit(entry.id)
        counts = _frame_counts(sentences, masked).with_columns(entry=name)
        yield _rows(counts, "frame", rule="masked")
        beside = np.unique(flow.part_row[hits])
        for rule, codes in {"full": coded, "masked": masked}.items():
            counts = _frame_counts(sentences[beside], codes[beside])
            yield _rows(counts.with_columns(entry=name), "frame beside", rule=rule)


def _changed(dictionary: FrameDictionary, **update: object) -> FrameDictionary:
    """Change every indicator in the same way, and remove indicators that become duplicates."""

    def change(frame: Frame) -> Frame:
        changed = [i.model_copy(update=update) for i in frame.indicators]
        different = [i for n, i in enumerate(changed) if i not in changed[:n]]
        return frame.model_copy(update={"indicators": different})

    return dictionary.model_copy(update={"frames": [change(f) for f in dictionary.frames]})
