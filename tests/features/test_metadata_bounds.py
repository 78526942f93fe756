"""Metadata of protected texts keep the same bounds of quotation as the texts."""

from collections import Counter

import pytest
from conftest import ABOUT, refusal
from quotation import LONGEST_RUN, Checker, protect

from tifa.data.metadata import DocumentFields, Overlay
from tifa.data.schema import TABLES
from tifa.features.extract import extract
from tifa.features.metadata_bounds import within_bounds
from tifa.features.quotation import BOUNDS
from tifa.lexicon.load import frame_dictionary, phrasebook
from tifa.lexicon.model import Lexicon
from tifa.sources.document import Document

SENTENCE = (
    "The harbour master would rather mend the old crane himself than wait another winter for "
    "letters from the ministry of ports and for the long cold silence that always follows them"
)
TEXT = f"{SENTENCE}. " + " ".join(f"Day {n} brought fog and a late ferry." for n in range(60))
FREE = sorted(set(DocumentFields.model_fields) - {"date", "rights", "country", "remove_prefix"})


def overlay(**more):
    return Overlay.model_validate(ABOUT | {"rights": "quotable"} | more)


def bounded(name, cell, text=TEXT, **more):
    own = {"own": ["gallery"]} if name == "gallery" else {}
    place = {"own": {name: cell}, "fields": {}} if own else {"fields": {name: cell}, "own": {}}
    about = overlay(**own, **more)
    (kept,), cut = within_bounds([Document("a", text, **place)], about, BOUNDS[about.language])
    return {**kept.fields, **kept.own}[name], cut


@pytest.mark.parametrize("name", [*FREE, "gallery"])
def test_no_column_contains_more_than_a_quotation(name):
    text = SENTENCE if name != "url" else "https://x.org/" + SENTENCE.replace(" ", "-")
    cell, cut = bounded(name, text)
    checker = Checker([protect("a", TEXT)])
    checker.text(name, cell)
    assert not checker.problems()
    assert cut == {name: 1}
    # an address is removed, other text is cut to the length of a quotation
    assert len(cell.removesuffix(" ...").split()) == (0 if name == "url" else LONGEST_RUN)
    # columns under publish, open texts and values of the overlay itself are kept
    assert bounded(name, text, publish=[name]) == (text, {})
    assert bounded(name, text, rights="public") == (text, {})
    if name != "gallery":
        assert bounded(name, text, defaults={name: text}) == (text, {})


def test_every_column_of_the_table_is_bounded_or_of_a_fixed_form():
    counted = {"words", "sentences", "doc_id", "government", "post"}
    forms = {"date", "year", "session", "rights", "country", "sha256", "corpus"}
    assert set(TABLES["documents"].columns) - counted - forms - set(FREE) == set()


def test_a_short_text_is_not_identified_by_its_title():
    text = "Nine boats came home today."
    assert bounded("title", text, text) == ("", {"title": 1})
    # a title that does not occur in the text is no quotation
    assert bounded("title", "Good news from the harbour of Reedham", text)[1] == {}


def test_all_cells_of_a_document_together_quote_at_most_a_tenth():
    words = [f"w{n}" for n in range(160)]
    text = " ".join(words)
    # three cells; the second quotes two separate runs of five words
    cells = {
        "title": " ".join(words[:6]),
        "event": " ".join([*words[20:25], "and", *words[40:45]]),
        "source": " ".join(words[60:65]),
    }
    (kept,), cut = within_bounds([Document("a", text, cells)], overlay(), BOUNDS["en"])
    assert kept.fields == {**cells, "source": ""}  # 16 words of 160 are a tenth
    assert cut == {"source": 1}
    longer = f"{text} " + " ".join(f"x{n}" for n in range(50))
    assert within_bounds([Document("a", longer, cells)], overlay(), BOUNDS["en"])[1] == {}


def test_chinese_is_bounded_by_characters():
    text = "今天港口来了九条船船长们都很高兴因为他们带回来许多鱼和新的消息" * 2
    cell, cut = bounded("title", text, "别的内容" * 200, language="zh")
    assert (len(cell), cut) == (len("今天港口来了九条船船长们都很高兴因为他们 ..."), {"title": 1})


def test_a_name_that_tells_the_text_is_refused():
    name = SENTENCE.replace(" ", "-")
    with refusal("a doc_id quotes more than 11 words"):
        within_bounds([Document(name, TEXT, {})], overlay(), BOUNDS["en"])
    within_bounds([Document(name, TEXT, {})], overlay(publish=["doc_id"]), BOUNDS["en"])


def test_extracted_features_are_within_the_bounds():
    cut = Counter()
    documents = [Document("a", TEXT, {"title": SENTENCE}, {"gallery": SENTENCE})]
    lexicon = Lexicon(phrasebook(), frame_dictionary())
    tables = extract(documents, overlay(own=["gallery"]), lexicon, cut=cut)
    assert cut == {"title": 1, "gallery": 1}
    assert len(tables["documents"]["title"][0].split()) == LONGEST_RUN + 1
    assert tables["variables"].rows()[0][:2] == ("a", "gallery")
    assert len(tables["variables"]["value"][0].split()) == LONGEST_RUN + 1
