"""The same texts counted by other rules."""

import re
import string
from itertools import product

import polars as pl
import pytest
from conftest import entries_of, extract_setting, frames_of, refusal
from hypothesis import example, given
from hypothesis import strategies as st
from nltk.tokenize import wordpunct_tokenize
from test_extract import many

from tifa.data.schema import TABLES
from tifa.features import specifications
from tifa.features.specifications import SPLITTER, SPLITTERS, TOKENISER, TOKENISERS
from tifa.lexicon.model import Entry
from tifa.text.words import normalise

RULES = ("key", "dictionary", "main", "loose")
ENTRIES = ["lakeside-spirit", "mutual-patience", "compact", "lakeside"]


def counted(setting):
    return extract_setting(setting)["specifications"]


def hits_of(table, tokeniser, splitter, rule):
    """Hits by (doc_id, entry, variant) under a tokeniser, splitter and rule."""
    rows = table.filter(measure="hits", tokeniser=tokeniser, splitter=splitter, rule=rule)
    return {(d, e, v): n for d, e, v, n in rows.select("doc_id", "entry", "variant", "n").rows()}


def test_the_compendiums_own_choices_reproduce_the_other_tables(make_data):
    tables = extract_setting(make_data(texts=many(), specifications=ENTRIES))
    table = tables["specifications"]
    hits = tables["hits"].group_by("doc_id", "entry", "variant").agg(n=pl.len())
    assert hits_of(table, TOKENISER, SPLITTER, "key") == {r[:3]: r[3] for r in hits.rows()}
    assert len(hits) > 50
    for measure in ("words", "sentences"):
        own = table.filter(measure=measure, tokeniser=TOKENISER, splitter=SPLITTER)
        expected = tables["documents"].select("doc_id", measure).rows()
        assert own.select("doc_id", "n").rows() == expected
    own = table.filter(measure="frame", rule="full", splitter=SPLITTER)
    expected = tables["frames"].filter(pl.col("sentences") > 0).rows()
    assert own.select("doc_id", "frame", "n").rows() == expected


def test_every_choice_is_extracted_and_nothing_else(make_data):
    table = counted(make_data(texts=many(), specifications=ENTRIES))
    assert set(table["tokeniser"]) == set(TOKENISERS)
    assert set(table["splitter"]) == set(SPLITTERS)
    rules = set(table["rule"].drop_nulls())
    applied = {"full", "masked", "equal-weights", "no-context", "without-indicator"}
    assert rules == {*RULES, *applied}
    described = TABLES["specifications"].columns
    for name in (*TOKENISERS, *SPLITTERS, *rules, *set(table["measure"])):
        assert any(name in column.about for column in described.values()), name
    assert table.select(TABLES["specifications"].key).is_duplicated().sum() == 0
    assert table["n"].min() == 1


def test_only_requested_measures_are_computed(make_data):
    named = make_data(specifications=["compact"])
    assert "specifications" not in extract_setting(named, robustness=False)
    with refusal("names no entries"):
        extract_setting(make_data(), robustness=True)
    large = {"rights": "public", "ngrams": True, "defaults": {"date": "2001"}}
    public = counted(make_data(texts=many(), specifications=["compact"], **large))
    assert set(public["measure"]) == {"hits"}
    assert set(public["entry"]) == {"compact"}
    with refusal("did you mean: lakeside-spirit"):
        counted(make_data(specifications=["lakeside-spirits"]))


LETTERS = string.ascii_letters + "éß"
TEXT = st.text(st.sampled_from(LETTERS + "0123456789" + " " * 9 + ".,;'\"-()!?&"), max_size=60)


def tokens(name, text):
    column = pl.Series([text]).str.to_lowercase().str.extract_all(TOKENISERS[name].token)
    return list(column.item())


@given(TEXT)
def test_tokenisers_cut_as_their_models_do(text):
    lower = text.lower()
    stripped = [t.strip(string.punctuation) for t in lower.split()]
    assert tokens("whitespace", text) == [t for t in stripped if t]
    assert tokens("letters", text) == re.findall(r"[^\W\d_]+", lower)
    assert tokens("wordpunct", text) == wordpunct_tokenize(lower)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a slow-boat race", {"tifa", "letters"}),
        ("a slow boat race", {"tifa", "whitespace", "letters", "wordpunct"}),
        ("too slow, boat!", {"whitespace", "letters"}),
        ("the slow boat's oar", {"tifa", "whitespace", "letters", "wordpunct"}),
        ("slow boats", set()),
    ],
)
def test_a_phrase_under_each_tokeniser(make_data, text, found):
    phrases = entries_of({"boat": ["slow boat"]})
    table = counted(make_data(texts={"a": text}, phrases=phrases, specifications=["boat"]))
    assert {t for t in TOKENISERS if hits_of(table, t, SPLITTER, "key")} == found


def test_patterns_are_cut_as_texts_are(make_data):
    # a hyphen in the pattern matches one in the text under every tokeniser
    phrases = entries_of({"ferry": ["nine-day (ferry|people's) boat"]})
    texts = {"a": "The nine-day ferry boat. A nine-day people's boat."}
    table = counted(make_data(texts=texts, phrases=phrases, specifications=["ferry"]))
    for name in TOKENISERS:
        assert hits_of(table, name, SPLITTER, "key") == {("a", "ferry", "v0"): 2}, name


def test_splitters_by_hand(make_data):
    text = "Ms. Oar saw the slow. Boat after boat came.\nIt was late\n\nThe slow\nboat left"
    phrases = entries_of({"boat": ["slow boat"]})
    table = counted(make_data(texts={"a": text}, phrases=phrases, specifications=["boat"]))
    units = table.filter(measure="sentences").select("splitter", "n").rows()
    assert dict(units) == {"marks": 5, "paragraphs": 2, "sentencex": 4}
    # a tokeniser that drops punctuation finds a phrase across a former end of sentence
    across = {("whitespace", "paragraphs"), ("letters", "paragraphs")}
    for way in product(TOKENISERS, SPLITTERS):
        assert sum(hits_of(table, *way, "key").values()) == (2 if way in across else 1), way


def test_rules_by_hand(make_data):
    entries = {"boat": ["slow boat", "slow boat of hope"], "hope": ["boat of hope"]}
    phrases = entries_of({**entries, "race": ["slow boat race"]})
    text = "A slow boat race. The slow boat of hope. A boat, so slow. No boat of hope."
    table = counted(make_data(texts={"a": text}, phrases=phrases, specifications=[*entries]))
    by_rule = {r: hits_of(table, TOKENISER, SPLITTER, r) for r in RULES}
    first, second, hope = ("a", "boat", "v0"), ("a", "boat", "v1"), ("a", "hope", "v0")
    assert by_rule == {
        "key": {first: 1, second: 1, hope: 2},
        "dictionary": {second: 1, hope: 1},
        "main": {first: 2, hope: 2},
        "loose": {first: 3, hope: 2},
    }


WORDS = [
    *("slow", "boat", "boats", "of", "hope", "and", "&"),
    *("sco", "scope", "people", "people's", "co-operate", ",", "“"),
]
PATTERNS = [
    *("slow boat*", "boat* of (hope|hopes)", "sco"),
    *("scope and people", "people's boat", "co-operate*"),
]
NEVER = pl.DataFrame({"doc_id": ["a"], "text": ["Reeds stood still."]})


@example([["scope", "&", "people"]])
@example([["2slow3boats"], ["sco2"]])
@example([["people", "s", "boat"]])
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=9), max_size=8))
def test_units_skipped_by_the_quick_check_have_no_hit(sentences):
    book = entries_of({f"e{n}": [p] for n, p in enumerate(PATTERNS)})
    entries = [Entry.model_validate(e) for e in book["entries"]]
    rows = [{"doc_id": "a", "text": " ".join(words)} for words in sentences]
    units = pl.DataFrame(rows, NEVER.schema).with_columns(normalise(pl.col("text")))
    # otherwise nothing is skipped, and the test proves nothing
    assert specifications.candidates(units.clear().vstack(NEVER), entries).is_empty()
    few = pl.concat(specifications._by_tokeniser(units, "marks", entries))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specifications, "candidates", lambda units, _: units)
        all_of_them = pl.concat(specifications._by_tokeniser(units, "marks", entries))
    key = ["tokeniser", "entry", "variant"]
    assert few.sort(key).equals(all_of_them.sort(key))


def test_dictionaries_by_hand(make_data):
    indicators = [
        "lakeside spirit",
        {"pattern": "patience", "weight": 0.5},
        {"pattern": "reeds", "weight": 0.5, "not_after": ["tall"]},
    ]
    text = (
        "The Lakeside Spirit came. Patience and tall reeds. Patience is the Lakeside Spirit. "
        "Patience, then reeds. Lakeside Spirit, patience and reeds."
    )
    frames = frames_of(calm=indicators)
    table = counted(make_data(texts={"a": text}, frames=frames, specifications=["lakeside-spirit"]))
    on = table.filter(measure="frame", splitter=SPLITTER).select("rule", "n")
    assert dict(on.rows()) == {"full": 4, "masked": 2, "equal-weights": 5, "no-context": 5}
    lost = table.filter(measure="frame lost").select("indicator", "n")
    assert lost.rows() == [(1, 2), (2, 1), (3, 1)]
    beside = table.filter(measure="frame beside").select("rule", "entry", "n")
    assert beside.rows() == [("full", "lakeside-spirit", 3), ("masked", "lakeside-spirit", 1)]


def test_rules_that_make_two_indicators_one_count_them_once(make_data):
    indicators = [{"pattern": "reeds", "weight": 0.5, "with": [w]} for w in ("oars", "boats")]
    frames = frames_of(calm=indicators)
    texts = {"a": "Reeds, oars and boats. Reeds!"}
    table = counted(make_data(texts=texts, frames=frames, specifications=["lakeside"]))
    on = table.filter(measure="frame", splitter=SPLITTER)
    # one indicator of half weight is not enough
    assert dict(on.select("rule", "n").rows()) == {"full": 1, "masked": 1, "equal-weights": 1}
