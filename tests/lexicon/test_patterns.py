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
        ("lakeside spirit", [["lakeside"], ["spirit"]]),
        ("Lakeside SPIRIT", [["lakeside"], ["spirit"]]),
        ("  lakeside \n spirit ", [["lakeside"], ["spirit"]]),
        ("row-row boat", [["row"], ["row"], ["boat"]]),
        ("row\u2011row", [["row"], ["row"]]),
        ("reed & rush", [["reed"], ["and"], ["rush"]]),
        ("reed&rush", [["reed"], ["and"], ["rush"]]),
        ("“lakeside spirit”", [["lakeside"], ["spirit"]]),
        ("'lakeside' spirit", [["lakeside"], ["spirit"]]),
        ("ferryman’s oar", [["ferryman's"], ["oar"]]),
        ("for (mankind|humanity)", [["for"], ["mankind", "humanity"]]),
        ("(one|one) boat", [["one"], ["boat"]]),
        ("(boat*|organi?ation)", [["boat*", "organi?ation"]]),
        ("respect for * shores", [["respect"], ["for"], ["*"], ["shores"]]),
        ("caf\u00e9", [["caf\u00e9"]]),
        ("cafe\u0301", [["caf\u00e9"]]),
        ("ÉTANG", [["étang"]]),
        ("19 boats", [["19"], ["boats"]]),
        ("जल संरक्षण*", [["जल"], ["संरक्षण*"]]),
        ("দু’টি தமிழ்", [["দু'টি"], ["தமிழ்"]]),
        ("reed, rush", [["reed"], [","], ["rush"]]),
        ("(reed|rush), sedge", [["reed", "rush"], [","], ["sedge"]]),
        ("row-(boat|ferry)-house", [["row"], ["boat", "ferry"], ["house"]]),
    ],
)
def test_parses(text, expected):
    assert slots(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ('""', "empty"),
        ("*", "any text"),
        ("?", "any text"),
        ("(*|boat)", "any text"),
        (".boat", "full stop must follow a word"),
        ("boat,. rush", "full stop must follow a word"),
        ("...", "empty"),
        (", rush", "between two words"),
        ("reed,", "between two words"),
        ("reed,, rush", "between two words"),
        ("(reed,rush)", "without space, hyphen or comma"),
        ("-", "empty"),
        ("boat [x]", "not a word"),
        ("boat_house", "not a word"),
        ("(boat|)", "not a word"),
        ("(boat", "not closed"),
        ("boat)", "not closed"),
        ("(slow boat|ferry)", "single words"),
        ("(row-boat|ferry)", "single words"),
        ("|boat", "not a word"),
        ("boat\\b", "not a word"),
        ("boat+", "not a word"),
        ("((boat))", "or in another"),
        ("(boat|(ferry|raft))", "or in another"),
        ("boat(s|house)", "whole words"),
        ("(row|sail)boat", "whole words"),
    ],
)
def test_refuses(text, said):
    with refusal(said, repr(" ".join(text.split()) if text.strip() else " " * bool(text))):
        parse(text)


_LETTERS = st.text("ab'", max_size=7)


@given(glob=st.text("ab*?'", min_size=1, max_size=6), word=_LETTERS)
def test_glob_is_the_same_as_a_regular_expression(glob, word):
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob)
    assert Glob(glob).matches(word) == bool(re.fullmatch(expression, word))
