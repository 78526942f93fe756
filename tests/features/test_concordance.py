"""A phrase in its context."""

import pytest
from test_extract import many

from tifa.features import concordance
from tifa.features.concordance import keyword_in_context
from tifa.lexicon.patterns import parse
from tifa.sources.document import Document

PATTERNS = [parse(p) for p in ("lakeside *", "reed*", "said")]


@pytest.mark.parametrize("characters", [1, 700, 10**6])
def test_lines_do_not_depend_on_how_documents_are_grouped(monkeypatch, characters):
    documents = [Document(name, text, {}) for name, text in many().items()]
    one_by_one = [line for d in documents for line in keyword_in_context([d], PATTERNS, window=3)]
    assert len({line.doc_id for line in one_by_one}) > 15
    assert any(line.sentence > 5 and line.left and line.right for line in one_by_one)
    monkeypatch.setattr(concordance, "CONCORDANCE_BATCH", characters)
    assert list(keyword_in_context(documents, PATTERNS, window=3)) == one_by_one


def test_a_long_text_without_a_full_stop():
    text = "Then " + "the boats carried reeds and oars " * 8_000
    lines = list(keyword_in_context([Document("a", text, {})], [parse("reeds")], window=2))
    assert len(lines) == 8_000
    assert {line[2:] for line in lines} == {("boats carried", "reeds", "and oars")}
