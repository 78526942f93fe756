"""Chinese patterns expand to exactly the strings that their grammar allows."""

import pytest

from tifa.lexicon.chinese import chinese_patterns, expand, lies_within
from tifa.util.errors import TifaError


@pytest.mark.parametrize(
    ("pattern", "strings"),
    [
        ("山水", {"山水"}),
        ("山(和|与|)水", {"山和水", "山与水", "山水"}),
        ("(大|小)山(上|)", {"大山上", "小山上", "大山", "小山"}),
        ("山、水，木", {"山、水，木"}),
        ("21世纪", {"21世纪"}),
        ("山?水", {"山?水"}),
    ],
)
def test_a_pattern_expands_to_its_strings(pattern, strings):
    assert set(expand(pattern)) == strings
    assert list(map(len, expand(pattern))) == sorted(map(len, expand(pattern)), reverse=True)


def test_a_pattern_in_traditional_characters_matches_as_the_simplified_one():
    def strings(pattern):
        return sorted(str(p.slots) for p in chinese_patterns(pattern))

    assert strings("山與水，(發|)") == strings("山与水，(发|)")
    assert strings("山(与|與)水") == strings("山与水")


MISTAKES = {
    "empty": ["", "(山|)"],
    "bracket": ["(山", "山)", "(山(水|)|木)"],
    "quotation": ["山 水", "“山水”", "Mountain", "山|水"],
    "Chinese character": ["?", "(山|abc)"],
    "split it": ["(山|水|木|石)" * 6],
}


@pytest.mark.parametrize(("said", "patterns"), MISTAKES.items())
def test_a_mistake_in_a_pattern_is_named(said, patterns):
    for pattern in patterns:
        with pytest.raises(TifaError, match=said):
            expand(pattern)


def test_inside_means_inside_a_longer_string():
    assert lies_within("(山|小山)水", "大山水")
    assert lies_within("山?", "大山水")
    assert not lies_within("山水", "山水")
    assert not lies_within("山水", "水山石")
