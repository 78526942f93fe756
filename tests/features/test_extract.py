"""From texts to tables."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import entries_of, extract_setting, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from tifa.data.files import to_bytes
from tifa.data.metadata import read_overlay
from tifa.data.schema import TABLES
from tifa.features import quotation as rights
from tifa.features.extract import extract
from tifa.features.quotation import BOUNDS, LARGEST_SHARE, Span
from tifa.lexicon.load import read_lexicon
from tifa.sources.open import read
from tifa.text.words import sentences, words
from tifa.util.errors import TifaError


def many(seed=0, documents=23):
    """Texts of invented sentences, full of phrases of the phrasebook."""
    rng = random.Random(seed)
    pieces = [
        "Lakeside Compact", "“Lakeside Spirit”", "mutual patience", "spirit of the Lakeside",
        "Lakeside", "Lakeside Compact Organisation’s", "slow boats", "cargo", "trade", "clinic",
        "Harbour Health Office", "the", "of", "and", "nine-day ferries", "reeds", "at dawn",
        "self-\nreliance", "& Co", "it is said", "old oars", "reed by reed", "Oarsmen",
    ]  # fmt: skip
    return {
        f"doc-{n:02d}-{2000 + n}": " ".join(
            "Then "
            + " ".join(rng.choices(pieces, k=rng.randint(3, 25)))
            + rng.choice([".", "!", ".\n\n"])
            for _ in range(rng.randint(2, 12))
        )
        for n in range(documents)
    }


def tables_of(setting, *, shuffle, **options):
    """The tables of a setting, from its documents in another order."""
    overlay = read_overlay(setting.overlay)
    documents = list(read(setting.source, overlay))
    random.Random(shuffle).shuffle(documents)
    robustness = bool(overlay.specifications)
    return extract(documents, overlay, read_lexicon(setting.data), robustness=robustness, **options)


def as_bytes(tables):
    return {name: to_bytes(TABLES[name], rows) for name, rows in tables.items()}


def test_the_small_corpus_by_hand(make_data):
    tables = extract_setting(make_data())
    documents = tables["documents"].select("doc_id", "corpus", "year", "words", "sentences").rows()
    assert documents == [
        ("alder-2001", "lake", None, 38, 5),
        ("birch-2002", "lake", None, 18, 3),
        ("cedar-2003", "lake", None, 14, 2),
    ]
    hits = tables["hits"].select(
        "doc_id", "sentence", "position", "words", "entry", "variant", "quoted"
    )
    assert hits.rows() == [
        ("alder-2001", 1, 1, 2, "compact", "name", False),
        ("alder-2001", 1, 1, 1, "lakeside", "plain", False),
        ("alder-2001", 2, 7, 1, "lakeside", "plain", False),
        ("alder-2001", 2, 7, 2, "lakeside-spirit", "plain", True),
        ("alder-2001", 2, 11, 2, "mutual-patience", "plain", False),
        ("birch-2002", 2, 7, 3, "compact", "organi-ation", False),
        ("birch-2002", 2, 7, 1, "lakeside", "plain", False),
        ("birch-2002", 3, 16, 1, "lakeside", "plain", False),
    ]
    coded = tables["sentence_frames"].rows()
    # the office is a name and does not indicate a frame; boats and cargo only together
    assert coded == [
        ("alder-2001", 3, "health"),
        ("birch-2002", 1, "trade"),
        ("birch-2002", 2, "trade"),
    ]


def test_rows_carry_no_sentence(make_data):
    # hits of the one entry with a concordance have context; there is no other text
    tables = extract_setting(make_data())
    for name, rows in tables.items():
        for column in rows.select(pl.col(pl.String)).columns:
            if (name, column) in {("hits", "left"), ("hits", "right"), ("documents", "sha256")}:
                continue
            longest = max((len(words(v)) for v in rows[column].drop_nulls()), default=0)
            assert longest <= 2 or name == "documents", (name, column)
    with_context = tables["hits"].filter(pl.col("left").is_not_null())
    assert with_context["entry"].unique().to_list() == ["lakeside-spirit"]


@pytest.fixture
def made(make_data):
    """The tables of many texts, and the words of each sentence of each document."""
    texts = many()
    tables = extract_setting(make_data(texts=texts))
    return tables, {d: [words(s) for s in sentences(text)] for d, text in texts.items()}


def test_every_word_of_a_text_is_counted(made):
    """Counts each text again; that tables agree with each other is tested with ``tifa verify``."""
    tables, words_in = made
    assert tables["frames"].height == tables["documents"].height * 2
    for (doc_id,), rows in tables["terms"].group_by("doc_id"):
        counted = Counter(w for sentence in words_in[doc_id] for w in sentence)
        assert rows.select("term", "n").rows() == sorted(counted.items())


WORDINGS = {
    ("lakeside-spirit", "plain"): "lakeside spirit",
    ("lakeside-spirit", "of-the-lakeside"): "spirit of the lakeside",
    ("mutual-patience", "plain"): "mutual patience",
    ("compact", "name"): "lakeside compact",
    ("compact", "organi-ation"): "lakeside compact organisation's",
    ("lakeside", "plain"): "lakeside",
}


def test_positions_point_at_the_words(made):
    tables, words_in = made
    seen = set()
    for doc_id, sentence, position, n, entry, variant, _, left, right in tables["hits"].rows():
        if position is None:
            continue
        own = words_in[doc_id][sentence - 1]
        at = position - sum(map(len, words_in[doc_id][: sentence - 1]))
        assert " ".join(own[at : at + n]) == WORDINGS[entry, variant]
        seen.add((entry, variant))
        before, after = (left or "").split(), (right or "").split()
        assert own[at - len(before) : at + n + len(after)] == [*before, *own[at : at + n], *after]
    assert seen == set(WORDINGS)


def test_quotation_stays_within_the_bounds(made):
    tables, _ = made
    total = dict(tables["documents"].select("doc_id", "words").rows())
    hidden = 0
    for (doc_id,), hits in tables["hits"].group_by("doc_id"):
        n = total[doc_id]
        spans = [
            Span(p - len((left or "").split()), p + w + len((right or "").split()))
            for p, w, left, right in hits.select("position", "words", "left", "right").rows()
            if p is not None
        ]
        assert _within(rights.cover(spans, n), BOUNDS["en"])
        without = hits.filter(pl.col("position").is_null())
        hidden += len(without)
        assert without["left"].null_count() == len(without)
    # in texts this dense some positions must be hidden, or the test proves nothing
    assert hidden > 0


def test_public_texts_have_all_that_quotable_ones_have_and_every_position(make_data):
    less = extract_setting(make_data(texts=many(), rights="quotable"))
    more = extract_setting(make_data(texts=many(), rights="public"))
    assert set(more) == set(less)
    assert less["hits"]["position"].null_count() > 0
    assert more["hits"]["position"].null_count() == 0
    assert more["hits"].height == less["hits"].height
    shown = less["hits"].filter(pl.col("position").is_not_null())
    assert shown.join(more["hits"], on=shown.columns, nulls_equal=True).height == shown.height
    for name in set(less) - {"hits", "documents"}:
        assert more[name].equals(less[name]), name


@pytest.mark.parametrize(
    "sentence",
    [
        "渡船在黎明之前离开了旧的码头然后慢慢地驶过了湖",
        "เรือออกจากท่าก่อนรุ่งสาง",
        "船は夜明け前に古い港を出てゆっくりと湖を渡りました",
    ],
)
def test_a_sentence_without_spaces_is_not_published_as_a_word(make_data, sentence):
    texts = {"reed": f"The ferry left. {sentence}. It was cold."}
    with refusal("reed: has more than 20 letters without a space"):
        extract_setting(make_data(texts=texts))
    terms = extract_setting(make_data(texts=texts, rights="public"))["terms"]
    assert terms["term"].str.len_chars().max() > 20
    name = extract_setting(make_data(texts={"reed": "The ferry 渡船公司 left."}))
    assert "渡船公司" in name["terms"]["term"].to_list()


def test_large_public_texts_have_ngrams_in_place_of_words(make_data):
    documents = {d: {"date": "2001"} for d in many()}
    made = make_data(texts=many(), rights="public", ngrams=True, documents=documents)
    tables = extract_setting(made)
    assert tables["hits"]["position"].null_count() == 0
    assert tables["hits"]["left"].null_count() == tables["hits"].height
    ngrams = {"ngrams", "ngram_countries"}
    assert set(tables) == {"collocates", "documents", "entries", "hits", "frames", *ngrams}


def test_the_last_word_of_a_hit_that_ends_in_an_ampersand(make_data):
    phrases = entries_of({"before": ["reed and"], "after": ["and rush"], "both": ["reed & rush"]})
    texts = {"a": "Here reed & rush. Then reed & Then"}
    hits = extract_setting(make_data(phrases=phrases, texts=texts, rights="public"))["hits"]
    assert sorted(hits.select("entry", "position", "words").rows()) == [
        ("after", 2, 1),
        ("before", 1, 1),
        ("before", 4, 1),
        ("both", 1, 2),
    ]


@pytest.mark.parametrize("ngrams", [False, True])
def test_batches_jobs_and_order_do_not_matter(make_data, ngrams):
    setting = make_data(
        texts=many(documents=40 if ngrams else 23),
        rights="public" if ngrams else "quotable",
        ngrams=ngrams,
        defaults={"country": "AAA", "date": "2001"},
        specifications=[] if ngrams else ["lakeside-spirit", "mutual-patience", "compact"],
    )
    once = as_bytes(extract_setting(setting))
    assert ngrams or len(once["specifications"][1]) > 5_000
    if ngrams:
        assert len(once["ngrams"][1]) > 500
        assert len(once["ngram_countries"][1]) > 500
    assert as_bytes(tables_of(setting, characters=900, shuffle=1)) == once
    if ngrams:
        assert as_bytes(extract_setting(setting, characters=1)) == once
    else:
        assert as_bytes(tables_of(setting, characters=300, jobs=2, shuffle=2)) == once


def test_closed_texts_and_stricter_rights_than_the_corpus_are_refused(make_data):
    for corpus, document, said in (
        ("closed", "closed", "closed"),
        ("quotable", "closed", "alder-2001"),
        ("public", "quotable", "alder-2001"),
    ):
        # an overlay that lists documents must list all of them
        listed = {"alder-2001": {"rights": document}, "birch-2002": {}, "cedar-2003": {}}
        with refusal(said):
            extract_setting(make_data(documents=listed, rights=corpus))


def test_no_document(make_data):
    setting = make_data()
    with refusal("no document"):
        extract([], read_overlay(setting.overlay), read_lexicon(setting.data))


@pytest.mark.parametrize(("at", "jobs"), [(39, 1), (0, 2), (39, 2)])
def test_a_bad_text_is_reported_with_any_number_of_jobs(make_data, at, jobs):
    setting = make_data(texts=many(documents=40))
    overlay = read_overlay(setting.overlay)

    def documents():
        for n, document in enumerate(read(setting.source, overlay)):
            if n == at:
                raise TifaError("contains no word", where=Path(f"{document.doc_id}.txt"))
            yield document

    with refusal("contains no word"):
        extract(documents(), overlay, read_lexicon(setting.data), jobs=jobs, characters=500)


@st.composite
def _document(draw):
    bounds = draw(st.sampled_from(list(BOUNDS.values())))
    lengths = draw(st.lists(st.integers(1, 4 * bounds.longest), min_size=1, max_size=12))
    n = sum(lengths)
    sentence = np.repeat(np.arange(1, len(lengths) + 1, dtype=np.int32), lengths)
    spans = []
    # some hits have no word: "&" matches "and", but is not a word
    hit = st.tuples(st.integers(0, n - 1), st.integers(0, bounds.longest - 2))
    for start, size in draw(st.lists(hit, max_size=25)):
        end = int(np.searchsorted(sentence, sentence[start], side="right"))
        spans.append(Span(start, min(start + size, end)))
    return n, spans, sentence, bounds


def _within(covered, bounds):
    longest = max((r.stop - r.start for r in rights.runs(covered)), default=0)
    quoted = rights.quoted_words(covered, bounds)
    return longest <= bounds.longest and quoted <= LARGEST_SHARE * len(covered)


def _run_at(covered, place):
    first = last = place
    while first > 0 and covered[first - 1]:
        first -= 1
    while last + 1 < len(covered) and covered[last + 1]:
        last += 1
    return last - first + 1


def _hidden_plainly(spans, words, bounds):
    """The rule, implemented naively: checks the whole document for each hit."""
    hidden = [False] * len(spans)
    for index in sorted(range(len(spans)), key=lambda i: (spans[i].stop - spans[i].start, i)):
        covered = rights.cover((s for s, h in zip(spans, hidden, strict=True) if not h), words)
        if _within(covered, bounds):
            break
        if _run_at(covered, spans[index].start) >= bounds.counted:
            hidden[index] = True
    return hidden


def _grown_plainly(wanted, covered, sentence, bounds):
    """The rule, implemented naively: checks the whole document for each word."""
    grown = list(wanted)
    for step in range(2 * bounds.context):
        for index, span in enumerate(grown):
            place = span.start - 1 if step % 2 == 0 else span.stop
            if not 0 <= place < len(covered) or sentence[place] != sentence[span.start]:
                continue
            more = covered.copy()
            more[place] = True
            before, after = (rights.quoted_words(c, bounds) for c in (covered, more))
            if after > max(before, rights.CONTEXT_SHARE * len(covered)):
                continue
            if _run_at(more, place) > bounds.longest:
                continue
            covered[place] = True
            grown[index] = Span(place, span.stop) if step % 2 == 0 else Span(span.start, place + 1)
    return grown


@settings(max_examples=200)
@given(_document())
def test_hits_and_contexts_follow_the_plain_rules_within_the_bounds(document):
    n, spans, sentence, bounds = document
    hidden = rights.hide_positions(spans, n, bounds)
    assert hidden == _hidden_plainly(spans, n, bounds)
    shown = [s for s, h in zip(spans, hidden, strict=True) if not h]
    covered = rights.cover(shown, n)
    assert _within(covered, bounds)
    # variants without a position count as quoted too, unless they are hidden
    unsaid = rights.hide_wordings(spans, hidden, n, bounds)
    assert not any(u and not h for u, h in zip(unsaid, hidden, strict=True))
    told = [s.stop - s.start for s, h, u in zip(spans, hidden, unsaid, strict=True) if h and not u]
    counted = sum(size for size in told if size >= bounds.counted)
    assert rights.quoted_words(covered, bounds) + counted <= LARGEST_SHARE * n

    wanted = [s for s in shown if s.stop > s.start][::2]
    plainly = covered.copy()
    grown = rights.grow_contexts(wanted, covered, sentence, bounds)
    assert grown == _grown_plainly(wanted, plainly, sentence, bounds)
    assert np.array_equal(covered, rights.cover([*shown, *grown], n))
    assert _within(covered, bounds)


def test_a_long_document_full_of_hits_is_extracted(make_data):
    # 0.7 MB without a full stop; every fifth word is a hit, and some hits are adjacent
    text = "Then " + "the Lakeside Compact and mutual patience, mutual patience " * 12_000
    tables = extract_setting(make_data(texts={"a": text}))
    hits = tables["hits"].select("position", "words").rows()
    assert len(hits) > 35_000
    covered = [Span(p, p + w) for p, w in hits if p is not None]
    assert _within(rights.cover(covered, tables["documents"]["words"].item()), BOUNDS["en"])
