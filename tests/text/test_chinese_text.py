"""Chinese: characters as tokens, sentences by their marks, and matches that are plain counts."""

import re
from itertools import chain

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tifa.lexicon.chinese import chinese_patterns
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.patterns import parse
from tifa.text import chinese
from tifa.text.han import HAN
from tifa.text.language import sentence_table, sentences, stream
from tifa.text.segment import known_words, word_stream

TEXTS = st.text("山水木石ab1 。，、！“”《》\n\u3000", max_size=60)


def _stream(*sentences):
    return stream(pl.Series(sentences, dtype=pl.String), "zh")


def _found(text, *patterns):
    """The words of every match of the patterns in a text."""
    flow = _stream(*sentences(text, "zh"))
    hits = find_hits(Matcher(flow), {("", ""): [*chain(*map(chinese_patterns, patterns))]})
    words = [flow.words[flow.part_word[h.start] : flow.part_stop[h.stop - 1]] for h in hits]
    return ["".join(flow.vocabulary[i] for i in found) for found in words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("船走了。人走了！", ["船走了。", "人走了！"]),
        ("他问：“船呢？”没人答；", ["他问：“船呢？”", "没人答；"]),
        ("他说……然后走了", ["他说……", "然后走了"]),
        # a line break between characters is removed, between Latin words it becomes a space
        ("渡\n口很\r\n大", ["渡口很大"]),
        ("the old\nferry 走了", ["the old ferry 走了"]),
        # a blank or an indented line begins a paragraph
        ("渡口\n\n大船", ["渡口", "大船"]),
        ("渡口\n\u3000\u3000大船", ["渡口", "大船"]),
        # punctuation alone is not a sentence
        ("渡口。\n\n……\n\n——", ["渡口。"]),
        ("重3.5吨", ["重3.5吨"]),
    ],
)
def test_sentences_end_at_their_marks(text, expected):
    assert sentences(text, "zh") == expected


def test_every_character_is_a_token_and_so_is_a_run_of_letters():
    flow = _stream("渡口GDP增21％，COVID-19。")
    tokens = [flow.vocabulary[i] for i in flow.words]
    assert tokens == ["渡", "口", "gdp", "增", "21", "covid", "19"]


@given(st.lists(TEXTS, max_size=4))
def test_counts_of_tokens_agree(texts):
    column = pl.Series(texts, dtype=pl.String)
    doc_ids = pl.Series(range(len(texts)), dtype=pl.Int32).cast(pl.String)
    table = sentence_table(pl.DataFrame({"doc_id": doc_ids, "text": column}), "zh")
    flow = stream(table["text"], "zh")
    assert table["words"].sum() == len(flow.words)
    rows = pl.Series(flow.word_row).value_counts().sort("")["count"].to_list()
    assert rows == [n for n in table["words"].to_list() if n]
    # only spaces and marks are dropped
    said = "".join(flow.vocabulary[i] for i in flow.words)
    assert said == re.sub(r"[^山水木石ab1]", "", "".join(texts))


@given(TEXTS)
def test_a_pattern_matches_where_a_plain_count_finds_it(text):
    # if ignored characters are removed, each sentence has as many matches as str.count finds
    plain = [re.sub("[“”《》]", "", s) for s in sentences(text, "zh")]
    for pattern in ("山水", "水、木", "山，水"):
        assert len(_found(text, pattern)) == sum(s.count(pattern) for s in plain)


def test_matches_see_through_print():
    # traditional characters, full width, quotation marks, titles, line breaks
    assert _found("弘揚“木舟精神”", "弘扬木舟精神") == ["弘扬木舟精神"]
    assert _found("第２１世紀", "21世纪") == ["21世纪"]
    assert _found("《木舟宪章》宗旨", "木舟宪章宗旨") == ["木舟宪章宗旨"]
    assert _found("木舟\n精神", "木舟精神") == ["木舟精神"]
    # but not across a space, a mark or the end of a sentence
    assert _found("木舟 精神，木舟、精神。木舟。精神", "木舟精神") == []
    assert _found("木舟、精神", "木舟、精神") == ["木舟精神"]
    assert _found("木舟，精神,木舟", "木舟，精神，木舟") == ["木舟精神木舟"]


def test_what_patterns_may_contain():
    assert _found("大山水小山水", "(大|)山水", "小?水") == ["大山水", "小山水"]
    assert _found("山水和山与水", "山(和|与|)水") == ["山水", "山与水"]


def test_longer_strings_exclude_a_match():
    # a match before a longer string is kept, one at its beginning or end is not
    flow = _stream("山水，山水画，山水画家，大山水，好山水。")
    longer = [*chinese_patterns("山水画"), *chinese_patterns("大山水")]
    kept = find_hits(
        Matcher(flow),
        {("landscape", "v"): chinese_patterns("山水")},
        not_within={"landscape": longer, "other": chinese_patterns("好山水")},
    )
    assert [flow.part_word[h.start] for h in kept] == [0, 13]


def test_english_patterns_match_in_latin_letters():
    flow = _stream("加强 Ferry Spirit，FERRY-SPIRIT与渡口")
    assert len(find_hits(Matcher(flow), {("", ""): [parse("ferry spirit")]})) == 2


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("弘扬“木舟”吧", True),
        ("弘扬「木舟」吧", True),
        ("他说“弘扬木舟。”", False),
        ("他说“木舟，”", True),
        ("“好”木舟“好”", False),
        ('弘扬"木舟"吧', True),
    ],
)
def test_quotation_marks_around_a_match_are_seen(text, quoted):
    flow = _stream(text)
    (hit,) = find_hits(Matcher(flow), {("", ""): chinese_patterns("木舟")})
    assert (flow.opens[hit.start] and flow.closes[hit.stop - 1]) == quoted


def test_words_are_cut_without_loss_and_names_kept_whole():
    characters = chinese.characters(pl.Series(["他们提倡木舟精神，", "GDP增长3.5%。"]))
    words, of_token = word_stream(characters, ("木舟精神",))
    names = [words.vocabulary[i] for i in words.words]
    assert "木舟精神" in names
    assert "".join(names) == "他们提倡木舟精神gdp增长3.5"
    flow = chinese.stream(characters)
    assert len(of_token) == len(flow.words)
    assert of_token.max() == len(words.words) - 1
    assert [words.word_row[of_token[0]], words.word_row[of_token[-1]]] == [0, 1]


@given(st.lists(st.sampled_from(["中国", "人", "共同", "体", "命运", "，", "发展"]), max_size=30))
def test_known_words_are_counted_as_plain_strings(parts):
    text = "".join(parts)
    vocabulary, counts = known_words([text])
    counted = {vocabulary[word]: n for word, n in counts.select("word", "n").rows()}
    for word in ("中国", "国人", "共同", "共同体", "命运", "发展"):
        assert counted.get(word, 0) == text.count(word)


def test_chinese_characters_are_the_same_everywhere():
    characters = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    column = pl.Series(characters)
    of_the_tokeniser = column.filter(column.str.contains(r"^\p{Han}$")).to_list()
    assert of_the_tokeniser == re.findall(f"[{HAN}]", "".join(characters))
