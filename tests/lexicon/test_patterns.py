"""The grammar of patterns."""

import re

import pytest
from conftest import refusal
from hypothesis import given
from hypothesis import strategies as st

from tifa.lexicon.patterns import Glob, parse


def slots(text):
    return [[glob.text for glob in slot] for slot in parse(text).slots]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Lakeside \n SPIRIT ", [["lakeside"], ["spirit"]]),
        ("row-row\u2011row", [["row"], ["row"], ["row"]]),
        ("reed & rush&sedge", [["reed"], ["and"], ["rush"], ["and"], ["sedge"]]),
        ("“'lakeside' spirit”", [["lakeside"], ["spirit"]]),
        ("(one|one) ferryman’s oar", [["one"], ["ferryman's"], ["oar"]]),
        ("(boat*|organi?ation) * 19", [["boat*", "organi?ation"], ["*"], ["19"]]),
        ("caf\u00e9 cafe\u0301 ÉTANG", [["caf\u00e9"], ["caf\u00e9"], ["étang"]]),
        ("संरक्षण* দু’টি தமிழ்", [["संरक्षण*"], ["দু'টি"], ["தமிழ்"]]),
        ("(reed|rush), sedge", [["reed", "rush"], [","], ["sedge"]]),
        ("row-(boat|ferry)-house", [["row"], ["boat", "ferry"], ["house"]]),
    ],
)
def test_parses(text, expected):
    assert slots(text) == expected


REFUSED = {
    "empty": ["", '""', "...", "-"],
    "any text": ["*", "?", "(*|boat)"],
    "full stop must follow a word": [".boat", "boat,. rush"],
    "between two words": [", rush", "reed,", "reed,, rush"],
    "without space, hyphen or comma": ["(reed,rush)", "(slow boat|ferry)", "(row-boat|ferry)"],
    "not a word": ["boat [x]", "boat_house", "(boat|)", "|boat", "boat\\b", "boat+"],
    "not closed, or in another": ["(boat", "boat)", "((boat))", "(boat|(ferry|raft))"],
    "whole words": ["boat(s|house)", "(row|sail)boat"],
}


@pytest.mark.parametrize(("said", "texts"), REFUSED.items())
def test_refuses(said, texts):
    for text in texts:
        with refusal(said, repr(text)):
            parse(text)


_LETTERS = st.text("ab'", max_size=7)


@given(glob=st.text("ab*?'", min_size=1, max_size=6), word=_LETTERS)
def test_glob_is_the_same_as_a_regular_expression(glob, word):
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob)
    assert Glob(glob).matches(word) == bool(re.fullmatch(expression, word))
