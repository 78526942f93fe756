"""Normalisation, words and sentences."""

import hashlib
import json
import re
import unicodedata

import polars as pl
import pytest
from conftest import CORPORA, DATA
from hypothesis import assume, given
from hypothesis import strategies as st

from tifa.data.metadata import read_overlay
from tifa.sources.open import read
from tifa.text.words import (
    fold,
    normalise,
    normalise_sentences,
    sentence_table,
    sentences,
    text_hashes,
    words,
)


def normal(text):
    return str(pl.select(normalise(pl.lit(text))).item())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301", "caf\u00e9"),
        ("«slow» „boats‟ “oars”", '"slow" "boats" "oars"'),
        ("‘slow’ ferryman’s ferryman′s ferryman`s", "'slow' ferryman's ferryman's ferryman's"),
        ("slow\u00a0boat\u2028and\t \r\n\u2003oar\n", "slow boat and oar"),
        ("\ufeffhar\u00adbour har\u200bbour\u2060", "harbour harbour"),
        ("self\u2011made self\u2010made", "self-made self-made"),
        # a hyphen at the end of a line joins, whatever the white space
        ("self-\nreliance self- \r\n  made COVID- 19", "self-reliance self-made COVID-19"),
        # except before the second half of a pair
        ("medium-\nand long-term, two- or three", "medium- and long-term, two- or three"),
        ("sub- AND main, short- to long-term", "sub- AND main, short- to long-term"),
        # and "and" must be a separate word
        ("self-\nandante hand-\norganised", "self-andante hand-organised"),
        # dashes are hyphens only without spaces around them
        ("boats - slow – ones win–win a–b–c", "boats - slow – ones win-win a-b-c"),
        ("WEIẞ i\u0307zmir", "WEISS izmir"),
        ("\u200fa\u202eb\u2069 می\u200cخواهد क्\u200dष", "ab میخواهد क्ष"),
        ("a\u034fb\u2063c\ufe0fd 葛\U000e0100城 צה״ל ג׳", "abcd 葛城 צה\"ל ג'"),
        # footnote marks
        ("trust¹, trust[12] and trust†", "trust, trust and trust"),
        ("trust* m² [3] abc¹d", "trust m² [3] abc¹d"),
        ("boats —\nslow -\nboats a-\nb-\nc", "boats — slow - boats a-b-c"),
        (" \n ", ""),
    ],
)
def test_normalises(text, expected):
    assert normal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oars’ rock'n'roll-like", ["oars", "rock'n'roll-like"]),
        ("'quoted' -dash- --twice-- a--b a-'b a'-b", [*("quoted", "dash", "twice"), *"ababab"]),
        ("ÉTANG 上海精神 x² ½ …", ["étang", "上海精神", "x²", "½"]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


ORACLE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# Characters without combining marks, which are no word characters in Python's re, and without
# unassigned ones, because Python and polars may know different versions of Unicode.
_characters = st.one_of(
    st.sampled_from("abcABC019 '’-_.,\"“”\n\t\u00a0\u00ad\u2011–&é上²"),
    st.characters(exclude_categories=("Cs", "Cn", "Co", "Mn", "Mc", "Me")),
)
_texts = st.text(_characters, max_size=40)


def _no_marks(text):
    shown = unicodedata.normalize("NFC", text).lower()
    return not any(unicodedata.category(c).startswith("M") for c in shown)


@given(_texts)
def test_words_are_those_of_a_plain_expression(text):
    plain = normal(text)
    assume(_no_marks(plain))
    assert words(text) == ORACLE.findall(plain.lower())


@given(_texts)
def test_normal_text_is_plain_and_stays_as_it_is(text):
    once = normal(text)
    assert normal(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once
    assert once == once.strip(" \n\t\u00a0")
    assert not set("‘’“”«»\u00ad\u200b\ufeff\u2010\u2011\n\t\u00a0") & set(once)


def test_fold_is_for_comparison():
    # the shortcut for plain strings gives the same result
    for plain in ("Nine-day  ferries", " a ", "ferry- boat", "O'Neil & Co, (a|b)* ?", "-", ""):
        normal = pl.select(normalise(pl.lit(plain))).item().lower()
        assert fold(plain) == normal, plain
    assert fold(" “LAKESIDE”\nCafe\u0301 ") == '"lakeside" café'


@given(st.lists(_texts, max_size=6))
def test_a_text_is_normalised_alike_alone_and_among_others(texts):
    column = pl.Series("t", texts, dtype=pl.String)
    together = pl.select(normalise(pl.lit(column))).to_series().to_list() if texts else []
    assert together == [normal(t) for t in texts]
    # the shortcut for sentences gives the same result
    assert normalise_sentences(column).to_list() == together
    assert column.to_list() == texts


def test_sentences_are_numbered_from_one_without_blank_segments():
    text = "One boat came.\n\nMs. Oar stayed\nat home. \n\n\n“Is it slow?” he asked.\n"
    assert sentences(text) == [
        "One boat came.",
        "Ms. Oar stayed at home.",
        "“Is it slow?” he asked.",
    ]
    table = sentence_table(pl.DataFrame({"doc_id": ["d"], "text": [text]}))
    assert table.select("sentence", "words", "before").rows() == [(1, 3, 0), (2, 5, 3), (3, 5, 8)]


@pytest.mark.parametrize(
    "sentence",
    [
        "They met Ms. Hua and Amb. Roe.",
        "See Vol. 2, Ch. 3 and Para. 4 of it.",
        "At 5 a.m. Li Oar rose, a Ph.D. in hand.",
        "The lake of our town\n\nis deep in May and full of the\n\nReeds that we saw.",
        "Last year the Reed Lake\n\nCompact met.",
        "In this town the Reed Lake\n \n Compact met in\n\nMay.",
    ],
)
def test_abbreviations_and_layout_end_no_sentence(sentence):
    assert sentences(sentence) == [" ".join(sentence.split())]


@pytest.mark.parametrize(
    "text",
    [
        "It began at 5 a.m.\n\nThe town slept.",
        "It began at 5 a.m. The town slept.",
        "She has a Ph.D. We have none.",
        "The Road to Reed Lake\n\nThe town slept.",
        "Mr. President,\n\nDear friends of the lake,\n\nWe met.",
        "The lake is deep\n\nOne came.",
        "It was so.\n\nboats came.",
    ],
)
def test_where_sentences_do_end(text):
    parts = re.split(r"\n\n|(?<=m\.|D\.) ", text)
    assert sentences(text) == parts


def test_many_blank_lines_are_read_once():
    # an expression that begins anew at each of them would take minutes
    for end in ("Deep.", "5 feet."):
        assert sentences("The lake is" + "\n" * 100_000 + end) == ["The lake is", end]
        assert sentences("The lake is" + " \n" * 100_000 + end) == [f"The lake is {end}"]


def test_hash_is_of_the_normalised_text():
    hashes = text_hashes(pl.Series(["“Slow”  boats", '"Slow" boats', '"Slow" boat']))
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[1] == hashlib.sha256(b'"Slow" boats').hexdigest()


@pytest.mark.texts
def test_sentences_are_numbered_as_the_annotations_are(texts):
    listed = texts.parent / "annotations" / "units.jsonl"
    if not listed.is_file():
        pytest.skip("needs the annotations beside the texts: annotations/units.jsonl")
    # the committed numbers refer to the coded sentences, checked by their hashes
    coded = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
    digest = {u["unit"]: u["sha1"] for u in coded}
    units = pl.read_csv(DATA / "annotations" / "units.csv").rows(named=True)
    assert len(units) == len(coded) == 213
    wanted = {u["doc_id"] for u in units}
    found = {}
    for corpus in CORPORA:
        overlay = read_overlay(DATA / "metadata" / f"{corpus}.yml")
        for document in read(texts / corpus, overlay):
            if document.doc_id in wanted:
                found[document.doc_id] = sentences(document.text)
    different = [
        u["unit"]
        for u in units
        if [hashlib.sha1(s.encode()).hexdigest() for s in found[u["doc_id"]]][u["sentence"] - 1]
        != digest[u["unit"]]
    ]
    assert different == []
