"""Matching: one test per rule, then a comparison with plain regular expressions."""

import re
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.patterns import parse
from tifa.text.tokens import stream
from tifa.text.words import normalise


def flow_of(*sentences):
    column = pl.Series("text", list(sentences), dtype=pl.String)
    return stream(pl.select(normalise(pl.lit(column))).to_series())


def said(flow, hit):
    """The words of a hit, as in the sentence."""
    first, behind = flow.part_word[hit.start], flow.part_stop[hit.stop - 1]
    return " ".join(flow.vocabulary[i] for i in flow.words[first:behind])


def matches(variants, *sentences, scope="key"):
    flow = flow_of(*sentences)
    parsed = {key: [parse(p) for p in patterns] for key, patterns in variants.items()}
    found = find_hits(Matcher(flow), parsed, scope=scope)
    return [(h.entry, h.variant, said(flow, h)) for h in found]


def found(pattern, *sentences):
    return [text for _, _, text in matches({("e", "v"): [pattern]}, *sentences)]


# --- what does not matter -----------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        *("The Lakeside Spirit.", "the LAKESIDE sPiRiT", "lakeside spirit", "Lakeside\nSpirit"),
        *("Lakeside\u00a0Spirit", "Lakeside\t \r\n Spirit", "Lakeside-Spirit"),
        *("Lakeside\u2010Spirit", "Lakeside-\nSpirit", "Lake\u00adside Spirit"),
        *("“Lakeside Spirit”", "the ‘Lakeside Spirit’", "Lakeside “Spirit”", "“Lakeside” Spirit"),
        *("Lakeside ‘Spirit’", "(Lakeside Spirit)", "Lakeside Spirit's", "Lakeside Spirit’s"),
        "—Lakeside Spirit—",
    ],
)
def test_case_quotes_spaces_and_hyphens_do_not_matter(sentence):
    assert len(found("lakeside spirit", sentence)) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        *("Lakeside, Spirit", "Lakeside. Spirit", "Lakeside; Spirit", "Lakeside (Spirit)"),
        *("Lakeside/Spirit", "Lakeside – Spirit", "Lakeside — Spirit", "Lakeside - Spirit"),
        *("Lakeside_Spirit", "Lakeside | Spirit", "Lakeside… Spirit", "“Lakeside,” Spirit"),
        *("Lakesides Spirit", "Lakeside's Spirit", "Lakeside old Spirit", "LakesideSpirit"),
        *("Lakeside Spirited", "Spirit Lakeside"),
    ],
)
def test_other_marks_and_other_words_block(sentence):
    assert found("lakeside spirit", sentence) == []


#: A pattern, sentences, and the matches that are found in them.
FOUND = [
    # a comma in the pattern must be in the text, and a wildcard is none
    (
        "reeds, rushes and lilies",
        ["Reeds, rushes and lilies", "“reeds,” ‘rushes’ and lilies"],
        ["reeds rushes and lilies"] * 2,
    ),
    ("reeds, rushes", ["Reeds rushes", "reeds; rushes", "reeds,, rushes"], []),
    ("reeds * lilies", ["reeds, lilies", "reeds,lilies", "reeds – lilies", "reeds lilies"], []),
    # a match never crosses a sentence, and may be at both edges of one
    ("slow boat", ["So slow", "boat", "Slow boat", "A slow boat", "…", "!", ""], ["slow boat"] * 2),
    # a hyphen reads as a space; if a part of a hyphenated word matches, the hit is the whole word
    ("row-row boat", ["row row boat", "row-row-boat"], ["row row boat", "row-row-boat"]),
    ("side path", ["the lake-side path"], ["lake-side path"]),
    # a possessive counts at the end only
    ("ferryman", ["the ferryman's oar"], ["ferryman's"]),
    ("ferryman oar", ["the ferryman's oar"], []),
    ("ferryman's oar", ["the ferryman’s oar"], ["ferryman's oar"]),
    ("ferryman's", ["the ferryman slept"], []),
    # accents matter, their encoding does not
    ("étang", ["E\u0301tang vert", "l'étang", "Etang vert"], ["étang"]),
    # a star inside a word, and alone as exactly one word
    ("*boat*", ["boat boats boat's aboat oar"], ["boat", "boats", "boat's", "aboat"]),
    ("for * shores", ["for many shores", "for shores", "for the many shores"], ["for many shores"]),
    # a question mark is exactly one letter
    ("organi?ation", ["organisation organization organiation"], ["organisation", "organization"]),
    # one of several alternatives must match
    ("for (mankind|all)", ["for Mankind, for all's, for some"], ["for mankind", "for all's"]),
    # matches that overlap count once
    ("boat boat", ["boat boat boat"], ["boat boat"]),
    ("boat", ["boat boat-boat"], ["boat", "boat-boat", "boat-boat"]),
]


@pytest.mark.parametrize(("pattern", "sentences", "expected"), FOUND)
def test_what_a_pattern_finds(pattern, sentences, expected):
    assert found(pattern, *sentences) == expected


@pytest.mark.parametrize("pattern", ["reed & rush", "reed and rush"])
def test_ampersand_reads_as_and(pattern):
    sentences = ["Reed & Rush", "Reed and Rush", "Reed&Rush", "reed AND rush"]
    assert len(found(pattern, *sentences)) == 4


# --- overlap ------------------------------------------------------------------------------

NESTED = {
    ("spirit", "short"): ["lakeside spirit"],
    ("spirit", "long"): ["old lakeside spirit"],
    ("town", "town"): ["lakeside"],
}


@pytest.mark.parametrize(
    ("variants", "sentence", "scope", "expected"),
    [
        # within an entry the longest wins; across entries nested matches both count
        (NESTED, "the old Lakeside Spirit", "key", ["spirit long", "town town"]),
        (NESTED, "a Lakeside Spirit", "key", ["town town", "spirit short"]),
        (NESTED, "old Lakeside Spirit of Lakeside", "dictionary", ["spirit long", "town town"]),
        # the longest wins, also where it begins later
        ({("e", "ab"): ["a b"], ("e", "bcd"): ["b c d"]}, "a b c d", "key", ["e bcd"]),
        # of matches of equal length, the first in the text wins; of the same words, the variant
        # that is named first
        ({("e", "later"): ["b c"], ("e", "earlier"): ["a b"]}, "a b c", "key", ["e earlier"]),
        ({("e", "1"): ["slow boat*"], ("e", "2"): ["slow boats"]}, "slow boats", "key", ["e 1"]),
        # a chain of overlaps keeps the longest first
        (
            {("e", "abc"): ["a b c"], ("e", "cd"): ["c d"], ("e", "de"): ["d e"]},
            *("a b c d e", "key", ["e abc", "e de"]),
        ),
    ],
)
def test_of_matches_that_overlap(variants, sentence, scope, expected):
    assert [f"{e} {v}" for e, v, _ in matches(variants, sentence, scope=scope)] == expected


# --- quotation marks ----------------------------------------------------------------------


QUOTED = ["the “Lakeside Spirit” lives", "the 'Lakeside Spirit' lives"]
QUOTED += ["the “Lakeside Spirit,” he said", "the “Lakeside Spirit.”"]
UNQUOTED = ["the Lakeside Spirit lives", "“the Lakeside Spirit” lives", "“Lakeside Spirit lives”"]
UNQUOTED += ["the Lakeside Spirit”", "the Lakeside “Spirit”", "Lakeside Spirit's"]


@pytest.mark.parametrize("sentence", [*QUOTED, *UNQUOTED])
def test_quoted_means_marks_on_both_sides(sentence):
    flow = flow_of(sentence)
    (hit,) = find_hits(Matcher(flow), {("e", "v"): [parse("lakeside spirit")]})
    assert (flow.opens[hit.start] and flow.closes[hit.stop - 1]) == (sentence in QUOTED)


# --- against plain regular expressions ----------------------------------------------------
#
# The oracle does not use streams: it works on the characters of the normalised sentence.

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+(?:'[^\W_]+)*|,")
_BEFORE = r"(?<![^\W_])(?<![^\W_]')"
_AFTER = r"(?![^\W_])(?!'[^\W_])"
_AND = "\x01"  # marks an "and" written as "&", which is not a word
_GAP = rf"""(?:-|[ "'{_AND}]+)"""
_NO_GAP = rf"""[ "'{_AND}]*"""  # next to a comma


def _expression(pattern):
    """A regular expression for a pattern of the generated kind, and its number of parts."""
    slots = []
    # an apostrophe at the end of a word is a quotation mark
    inner = r"[^\W_]|'(?=[^\W_])"
    for token in pattern.replace("&", "and").replace("-", " ").replace(",", " , ").split():
        if token == ",":
            slots.append(token)
            continue
        members = token.strip("()").split("|")
        globs = (
            "".join({"*": rf"(?:{inner})*", "?": f"(?:{inner})"}.get(c, c) for c in m)
            for m in members
        )
        slots.append(f"(?=[^\\W_])(?:{'|'.join(globs)})")
    slots[-1] += "(?:'s)?"
    whole = slots[0]
    for left, right in pairwise(slots):
        gap = _NO_GAP if "," in (left, right) else _GAP
        whole += ("" if left == "," else _AFTER) + gap + ("" if right == "," else _BEFORE) + right
    return re.compile(f"(?={_BEFORE}{whole}{_AFTER})"), len(slots)


def oracle(sentence, variants, scope):
    """(entry, variant, first word, word after the last) of the hits in one normalised sentence."""
    text = sentence.lower().replace("&", f" {_AND}and ")
    parts = [m.span() for m in _PART.finditer(text)]
    starts = [start for start, _ in parts]
    words = [m.span() for m in _WORD.finditer(text) if text[m.start() - 1 : m.start()] != _AND]
    pools = {}
    listed = [(*key, pattern) for key, patterns in variants.items() for pattern in patterns]
    for order, (entry, variant, pattern) in enumerate(listed):
        expression, size = _expression(pattern)
        pool = pools.setdefault(entry if scope == "key" else "", [])
        for m in expression.finditer(text):
            pool.append((-size, starts.index(m.start()), order, entry, variant))
    hits = []
    for pool in pools.values():
        kept = []
        for size, at, _, entry, variant in sorted(pool):
            if all(at >= b or at - size <= a for a, b in kept):
                kept.append((at, at - size))
                first = sum(end <= parts[at][0] for _, end in words)
                behind = sum(start < parts[at - size - 1][1] for start, _ in words)
                hits.append((entry, variant, first, behind))
    return sorted(hits)


_words = st.sampled_from(["a", "b", "ab", "ba", "a's", "b's", "and", "a-b", "b-a-b", "1"])
_gaps = st.sampled_from(
    [" ", " ", " ", "-", ", ", '"', ' "', '" ', " '", "' ", " - ", ".", "_", "–", " & ", "&"]
)


@st.composite
def _sentences(draw):
    pieces = draw(st.lists(st.tuples(_words, _gaps), min_size=1, max_size=9))
    return "".join(w + g for w, g in pieces)


_globs = st.sampled_from(["a", "b", "ab", "a*", "*b", "?", "a?", "?b", "b's", "and", "a*b", "1"])
_slot = st.one_of(
    _globs,
    _globs,
    st.just("*"),
    st.lists(_globs, min_size=2, max_size=3).map(lambda g: "(" + "|".join(g) + ")"),
)


def _has_letters(pattern):
    return any(
        all(m.strip("*?") for m in t.strip("()").split("|"))
        for t in re.split(r"[ -]", pattern.replace(",", ""))
    )


@st.composite
def _patterns(draw):
    first, *rest = draw(st.lists(_slot, min_size=1, max_size=4))
    text = first
    for token in rest:
        # parentheses contain whole words, so no hyphen next to them
        plain = "(" not in text.split(" ")[-1] and "(" not in token
        gaps = [" ", " ", "-", ", "] if plain else [" ", " ", ", "]
        text += draw(st.sampled_from(gaps)) + token
    return text


_variants = st.dictionaries(
    st.tuples(st.sampled_from(["e", "f"]), st.sampled_from(["v", "w"])),
    st.lists(_patterns().filter(_has_letters), min_size=1, max_size=2),
    min_size=1,
)


@settings(max_examples=200)
@given(
    sentences=st.lists(_sentences(), min_size=1, max_size=3),
    variants=_variants,
    scope=st.sampled_from(["key", "dictionary"]),
)
def test_the_same_as_plain_regular_expressions(sentences, variants, scope):
    column = pl.Series("text", sentences, dtype=pl.String)
    normal = pl.select(normalise(pl.lit(column))).to_series()
    flow = stream(normal)
    parsed = {key: [parse(p) for p in patterns] for key, patterns in variants.items()}
    got = [[] for _ in sentences]
    for h in find_hits(Matcher(flow), parsed, scope=scope):
        row = flow.part_row[h.start]
        before = int((flow.word_row < row).sum())
        first, behind = flow.part_word[h.start] - before, flow.part_stop[h.stop - 1] - before
        got[row].append((h.entry, h.variant, first, behind))
    for row, sentence in enumerate(normal):
        assert sorted(got[row]) == oracle(sentence, variants, scope), sentence
