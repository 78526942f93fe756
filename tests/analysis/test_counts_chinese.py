"""Chinese counts include every occurrence of a string, however a segmenter would cut."""

import pytest

from tifa.analysis.collocates import collocates
from tifa.analysis.counts import count_phrase
from tifa.analysis.in_texts import count_in_texts
from tifa.data.corpus import load
from tifa.features.concordance import keyword_in_context
from tifa.lexicon.find import find
from tifa.lexicon.load import phrasebook
from tifa.lexicon.model import Phrasebook
from tifa.sources.document import Document
from tifa.util.errors import TifaError

TEXTS = [
    Document("a", "湖边中国茶馆开门。中国客人来了！", {}),
    Document("b", "中國茶葉很香。SCO开会。", {}),
    Document("c", "没有茶。", {}),
]


@pytest.mark.parametrize(
    ("phrase", "counts"), [("中国", [2, 1, 0]), ("茶", [1, 1, 1]), ("sco", [0, 1, 0])]
)
def test_every_place_of_a_string_counts(phrase, counts):
    sought = find(phrasebook(), f'"{phrase}"', "zh")
    counted = dict(count_in_texts(TEXTS, sought.patterns, language="zh"))
    assert [counted[d.doc_id] for d in TEXTS] == counts
    lines = list(keyword_in_context(TEXTS, sought.patterns, language="zh"))
    assert len(lines) == sum(counts)


def test_chinese_that_is_looked_for_among_other_languages_is_known():
    """Of an entry as of words: in an English corpus such a count misses occurrences."""
    book = phrasebook()
    tea = {"id": "tea", "label": "tea", "gloss": "A drink.", "family": "sco"}
    entries = [tea | {"variants": [{"id": "tea", "patterns": ["茶"]}]}]
    own = Phrasebook.model_validate(book.model_dump() | {"entries": entries})
    assert find(own, "茶").entry.id == "tea"
    assert find(own, "茶").chinese
    assert find(book, '"茶"').chinese
    # an entry with a Chinese name is looked for by its English patterns only
    assert find(book, "上海精神").chinese
    assert not find(book, "Shanghai Spirit").chinese


@pytest.mark.parametrize("by", ["corpus", "year"])
def test_without_texts_words_are_counted_by_year(by):
    corpus = load("reports-zh")
    rows = corpus.word_years[corpus.word_years["word"] == "共同体"]
    table = count_phrase(corpus, "共同体", by=by, texts=False)
    assert table.attrs["source"] == "table word_years"
    assert table["n"].sum() == rows["n"].sum() > 0
    assert table["words"].sum() == corpus.documents["words"].sum()
    # traditional characters give the same result
    assert count_phrase(corpus, "共同體", by=by, texts=False)["n"].equals(table["n"])


def test_unpublished_counts_are_not_zero():
    corpus = load("reports-zh")
    with pytest.raises(TifaError, match="does not mean that it never"):
        count_phrase(corpus, "木舟木舟", by="year", texts=False)
    with pytest.raises(TifaError, match="by year only"):
        count_phrase(corpus, "共同体", by="genre", texts=False)


def test_context_is_characters_without_spaces():
    sought = find(phrasebook(), '"茶馆"', "zh")
    (line,) = keyword_in_context(TEXTS, sought.patterns, language="zh", window=2)
    assert (line.left, line.hit, line.right) == ("中国", "茶馆", "开门。")


def test_a_longer_word_does_not_count_for_the_entry_inside_it():
    sought = find(phrasebook(), "equality", "zh")
    texts = [Document("a", "船夫讲平等，不讲不平等。", {})]
    lines = keyword_in_context(texts, sought.patterns, language="zh", not_within=sought.not_within)
    assert [line.hit for line in lines] == ["平等"]


def test_collocates_are_words_as_they_are_cut():
    corpus = load("xwlb")
    table = collocates(corpus, "上海精神")
    assert (table["node"] == len(corpus.hits_of(["shanghai-spirit"]))).all()
    # 弘扬上海精神: to carry it forward
    assert "弘扬" in set(table.nlargest(10, "log_dice")["term"])
