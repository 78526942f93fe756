"""Counting any phrase with its base: the same hits by every route."""

import unicodedata
from collections import Counter
from io import StringIO

import pandas as pd
import polars as pl
import pytest
from conftest import PHRASES, build_data, entries_of, entry_of, extract_setting, refusal
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import tifa
from tifa.analysis.counts import count_hits, longest_hits
from tifa.analysis.in_texts import count_in_texts
from tifa.cli import app
from tifa.data.files import write_corpus
from tifa.features.concordance import keyword_in_context
from tifa.lexicon.find import find
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.model import Phrasebook
from tifa.lexicon.patterns import parse
from tifa.sources.document import Document
from tifa.sources.open import read_corpus
from tifa.text.tokens import stream
from tifa.text.words import sentence_table

PATTERNS = ["trump", "econom*", "anti-trump", "the econom*", "grow?", "win-win", "one * of"]
PATTERNS += ["& win"]
ENTRIES = entries_of({f"e{n}": [pattern] for n, pattern in enumerate(PATTERNS)})
TEXTS = {
    "a-2001": "Trump met Obama. Trump's plan; Anti-Trump voices, and anti-trump’s too!\n\n"
    "The econ\u00adomy grows. ECONOMISTS agree & win-\nwin. A win, win.",
    "b-2002": "One deal of many. The economy's growth: one (odd) of them. Win win and win-win-win.",
    "c-2003": "Nothing here of the kind.",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A corpus of three texts, extracted with an entry for each pattern."""
    setting = build_data(tmp_path_factory.mktemp("counts"), texts=TEXTS, phrases=ENTRIES)
    write_corpus(setting.folder, extract_setting(setting))
    return tifa.load("lake", data=setting.data)


def sources(corpus):
    """The folder of the texts of a corpus."""
    return corpus.folder.parents[2] / "texts" / "lake"


@pytest.mark.parametrize(("entry", "pattern"), [(f"e{n}", p) for n, p in enumerate(PATTERNS)])
def test_a_pattern_an_entry_and_a_concordance_have_the_same_places(lake, entry, pattern):
    of_entry = tifa.count(lake, entry)
    in_texts = tifa.count(lake, f'"{pattern}"', texts=sources(lake))
    assert of_entry["n"].tolist() == in_texts["n"].tolist()
    assert of_entry["n"].sum() > 0
    lines = keyword_in_context(
        read_corpus("lake", lake.folder.parents[1], sources(lake))[1], [parse(pattern)]
    )
    by_document = Counter(line.doc_id for line in lines)
    assert [by_document[d] for d in in_texts["doc_id"]] == in_texts["n"].tolist()
    if len(parse(pattern).slots) == 1:
        of_words = tifa.count(lake, f'"{pattern}"', texts=False)
        assert of_words.attrs["source"] == "table terms"
        assert of_words.equals(in_texts)


WORDS = st.sampled_from(
    [
        *("win", "Win's", "win-win", "winner", "WINNERS", "co-win", "wïn", "wi\u0308n"),
        *("w\u00adin", "&", "and", "of", "the", ",", ".", "\n\n", "-\n", "“win”", "sea"),
        *("İwin", "ſea", "\u212a"),
    ]
)
GLOBS = st.sampled_from(["win", "win*", "*win", "w?n", "*", "and", "sea", "k", "(sea|win*)", "wïn"])


@settings(max_examples=120)
@given(st.lists(WORDS, max_size=14), st.lists(GLOBS, min_size=1, max_size=3))
def test_texts_skipped_by_the_quick_check_have_no_match(words, globs):
    if all(g == "*" for g in globs):
        return
    pattern = parse(" ".join(globs))
    document = Document("d", " ".join(["x", *words]), {})
    table = sentence_table(pl.DataFrame({"doc_id": ["d"], "text": [document.text]}))
    matches = find_hits(Matcher(stream(table["text"])), {("", ""): [pattern]})
    assert list(count_in_texts([document], [pattern])) == [("d", len(matches))]
    assert len(list(keyword_in_context([document], [pattern]))) == len(matches)


#: A word as somebody types it, and as it may be printed in a text.
PRINTED = [
    ("İstanbul", "İSTANBUL"),
    ("İstanbul", "İstanbul".lower()),
    ("trust", "tr\u034fu\ufe0fs\u2063t"),
    ("spirit", "ſpirit"),
    ("spirit", "spirit\u02bcs"),
    ("'tis", "\u02bctis"),
    ('צה"ל', "צה״ל"),
    ("ג'ירפה", "ג׳ירפה"),
    ("*and", "R&D"),
    ("and*", "R&D"),
    # letters that Unicode can also write in another way
    *(
        (letter, letter)
        for letter in [*map(chr, range(0x3000)), "\uf900", "\ufb2a", "\U0002f800"]
        if not unicodedata.is_normalized("NFC", letter) and letter.isalpha()
    ),
]


def test_a_word_is_found_however_it_is_typed_and_printed():
    for typed, printed in PRINTED:
        document = [Document("d", f"Here {printed} was.", {})]
        patterns = find(tifa.phrasebook(), typed).patterns
        assert list(count_in_texts(document, patterns)) == [("d", 1)], ascii((typed, printed))
        assert len(list(keyword_in_context(document, patterns))) == 1, ascii((typed, printed))


def test_groups_may_be_a_series():
    xi = tifa.load("xi")
    recent = (xi.documents["year"] >= 2020).rename("recent")
    table = tifa.count(xi, "mutual trust", by=recent)
    assert table.columns.tolist() == ["recent", "n", "docs", "documents", "words"]
    for row in table.itertuples():
        part = xi.where(recent == row.recent)
        assert tifa.count(part, "mutual trust")["n"].sum() == row.n
        assert (row.documents, row.words) == (len(part.documents), part.documents["words"].sum())
    assert table["n"].sum() > 0
    by_id = recent.set_axis(xi.documents["doc_id"]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(tifa.count(xi, "mutual trust", by=by_id), table)


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("party", "no column 'party'"),
        (pd.Series([1, 2, 3]), "indexed by doc_id"),
        (pd.Series([1, 2], name="n"), "rename"),
        ("words", "is a count"),
    ],
)
def test_invalid_groups_are_refused(by, told):
    with refusal(told):
        tifa.count(tifa.load("briefing"), "trust", by=by)


def test_a_part_has_all_tables_of_its_documents_and_no_others():
    xi = tifa.load("xi")
    to_sco = xi.documents["audience"] == "sco"
    part = xi.where(to_sco)
    ids = set(xi.documents.loc[to_sco, "doc_id"])
    for name in part.tables:
        rows, every = part.table(name), xi.table(name)
        assert len(rows) == every["doc_id"].isin(ids).sum(), name
        assert set(rows["doc_id"]) <= ids
    assert "collocates" in xi.tables and "collocates" not in part.tables
    with refusal("over all documents"):
        _ = part.collocates
    assert len(xi.documents) == 42  # the whole corpus is unchanged
    turned = pd.Series([True] * 42).sort_index(ascending=False)
    for mask in ([True], ["a"] * 42, [None] * 42, [False] * 42, turned):
        with refusal():
            xi.where(mask)


def test_counts_keep_zeros():
    briefing = tifa.load("briefing")
    table = tifa.count(briefing, "positive-energy")
    assert sorted(table["n"]) == [0, 1]
    assert table["words"].sum() == briefing.documents["words"].sum()
    assert table.attrs["source"] == "table hits"


def test_an_ngram_is_counted_by_year():
    ungdc = tifa.load("ungdc")
    table = tifa.count(ungdc, "on behalf of", by="year", texts=False)
    assert len(table) == 79
    alone = ungdc.ngrams.query("ngram == 'on behalf of'")
    assert table["n"].sum() == alone["n"].sum() > 1000
    assert table["docs"].sum() == alone["docs"].sum()
    assert tifa.count(ungdc, "on behalf of", by="corpus", texts=False)["n"].tolist() == [
        table["n"].sum()
    ]
    # "win-win" has the word twice
    times = ungdc.ngrams["ngram"].map({"win": 1, "win-win": 2}).fillna(0)
    won = tifa.count(ungdc, '"win"', by="corpus", texts=False)
    assert won["n"].sum() == (ungdc.ngrams["n"] * times).sum()
    # several forms: the number of speeches with any of them is unknown
    several = tifa.count(ungdc, "security council", by="year", texts=False)
    assert several["n"].sum() > table["n"].sum()
    assert several["docs"].isna().all()
    assert "40 times" in several.attrs["source"]


@pytest.mark.parametrize(
    ("corpus", "phrase", "by", "told"),
    [
        ("briefing", "fruitful cooperation of all", "doc_id", "phrases.yml"),
        ("ungdc", "the security council", "country", "by='year'"),
        ("ungdc", "zyzzyva of the realm", "year", "40 times"),
        ("ungdc", "a phrase of five words", "year", "up to 4 words"),
        ("ungdc", "#health", "year", "not a word"),
    ],
)
def test_a_missing_phrase_is_explained_with_the_next_step(corpus, phrase, by, told):
    with refusal(told):
        tifa.count(tifa.load(corpus), phrase, by=by, texts=False)


def test_texts_of_other_documents_are_not_counted(lake, tmp_path):
    (tmp_path / "d-2004.txt").write_text("Trump and the economy.")
    with refusal("3 documents are missing, 1 are new"):
        tifa.count(lake, "Trump and", texts=tmp_path)


@pytest.mark.parametrize("phrase", ["econom*", "the econom*", '"win-win"', "obama", "e5"])
def test_the_command_counts_what_the_concordance_shows(lake, phrase):
    where = ["--corpus", "lake", "--data", str(lake.folder.parents[1])]
    where += ["--texts", str(sources(lake)), "--format", "csv"]
    counted = CliRunner().invoke(app, ["count", phrase, *where])
    shown = CliRunner().invoke(app, ["kwic", phrase, *where])
    assert (counted.exit_code, shown.exit_code) == (0, 0), counted.output + shown.output
    n = pd.read_csv(StringIO(counted.stdout))["n"].sum()
    assert n == shown.stdout.count("\n") - 1 > 0
    assert counted.stderr.startswith("counted: ")
    assert ("shown: entry e5" in shown.stderr) == (phrase == "e5")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_chinese_in_a_corpus_not_declared_chinese_gets_a_warning(make_data, language):
    setting = make_data(texts={"a-2001": "中国和世界。中国 中国"}, language=language)
    where = ["--corpus", "lake", "--data", str(setting.data), "--texts", str(setting.source)]
    shown = CliRunner().invoke(app, ["kwic", "中国", *where])
    assert f"lines: {2 if language == 'en' else 3}\n" in shown.stderr, shown.output
    assert ("say language: zh" in shown.stderr) == (language == "en")


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A corpus with capitals, full stops and apostrophes."""
    texts = {
        "a": "Let us visit the US. The U.S. navy met us; US's boats.",
        "b": "US and =.",
        "c": "L’eau et eau. İzmir’de. Don't, we've.",
    }
    setting = build_data(tmp_path_factory.mktemp("marked"), texts=texts, strict=False)
    at = ["--data", str(setting.data), "--texts", str(setting.source)]
    ran = CliRunner().invoke(app, ["extract", "lake", "-j", "1", *at])
    assert ran.exit_code == 0, ran.output
    return ["--corpus", "lake", "--format", "csv", *at]


@pytest.mark.parametrize(
    ("phrase", "n", "more", "not_counted"),
    [
        ("US", 3, ["--capitals"], ""),
        ("=US", 3, [], ""),
        ("(=US|boats)", 4, [], ""),
        ("us", 5, [], ""),
        ("=us", 2, [], ""),
        ("U.S.", 1, [], ""),
        ("u.s. navy", 1, [], ""),
        ("the =US", 1, [], ""),
        ("eau", 1, [], "l'eau;"),
        ("(eau|*'eau)", 2, [], ""),
        ("izmir", 0, [], "izmir'de;"),
        ("don", 0, [], ""),
    ],
)
def test_capitals_full_stops_and_apostrophes(marked, phrase, n, more, not_counted):
    ran = CliRunner().invoke(app, ["count", phrase, *more, *marked])
    assert ran.stdout.splitlines()[1].split(",")[1] == str(n), ran.output
    assert ("not counted, as other words: " in ran.stderr) == bool(not_counted)
    assert not_counted in ran.stderr


PLANTS = "reed rush sedge"
#: Every pattern of one to three different words: none overlaps itself.
NAMES = st.lists(
    st.lists(st.sampled_from(PLANTS.split()), min_size=1, max_size=3, unique=True).map(" ".join),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(st.lists(st.sampled_from([*PLANTS.split(), "oar"]), max_size=12), NAMES)
def test_the_longest_of_a_table_are_those_of_the_text(words, patterns):
    flow = stream(pl.Series([" ".join(words)], dtype=pl.String))
    variants = {(p, "v"): [parse(p)] for p in patterns}
    nested = pd.DataFrame(
        [(h.entry, "a", h.start, h.stop - h.start) for h in find_hits(Matcher(flow), variants)],
        columns=["entry", "doc_id", "position", "words"],
    )
    kept = longest_hits(nested)
    alone = find_hits(Matcher(flow), variants, scope="dictionary")
    assert [(h.entry, h.start) for h in alone] == list(
        zip(kept["entry"], kept["position"], strict=True)
    )


@pytest.mark.filterwarnings("error")
def test_a_hit_without_a_position_is_kept_and_told():
    hits = pd.DataFrame({"doc_id": "a", "position": [3, None, 3], "words": [2, 1, 1]})
    with pytest.raises(UserWarning, match="1 hits have no published position"):
        longest_hits(hits)


def test_lakeside_inside_its_spirit(extracted):
    texts = {"a": "The Lakeside Spirit of Lakeside.", "b": "A lakeside compact."}
    data, run = extracted(texts=texts)
    corpus = tifa.load("lake", data=data)
    nested = count_hits(corpus, entries=["lakeside", "lakeside-spirit"], by="corpus")
    assert nested["n"].tolist() == [3, 1]
    alone = count_hits(corpus, entries=["lakeside"], by="corpus", overlaps="longest")
    assert alone["n"].tolist() == [1]
    count = ["count", "--corpus", "lake", "--format", "csv"]
    assert run(*count, "lakeside").rows[0]["n"] == "3"
    told = run(*count, "lakeside", "--overlaps", "longest")
    assert told.rows[0]["n"] == "1"
    assert "but not inside longer entries" in told.err
    assert run(*count, '"lakeside"', "--overlaps", "longest").code == 2
    with refusal("is not a phrasebook entry"):
        tifa.count(corpus, "oar", overlaps="longest")


CHINESE = [
    Document("a", "湖边中国茶馆开门。中国客人来了！", {}),
    Document("b", "中國茶葉很香。SCO开会。", {}),
    Document("c", "没有茶。", {}),
]


@pytest.mark.parametrize(
    ("phrase", "counts"), [("中国", [2, 1, 0]), ("茶", [1, 1, 1]), ("sco", [0, 1, 0])]
)
def test_every_place_of_a_string_counts(phrase, counts):
    sought = find(tifa.phrasebook(), f'"{phrase}"', "zh")
    counted = dict(count_in_texts(CHINESE, sought.patterns, language="zh"))
    assert [counted[d.doc_id] for d in CHINESE] == counts
    lines = list(keyword_in_context(CHINESE, sought.patterns, language="zh"))
    assert len(lines) == sum(counts)


def test_chinese_that_is_looked_for_among_other_languages_is_known():
    """Both entries and words say so: in an English corpus, their count misses occurrences."""
    book, own = tifa.phrasebook(), Phrasebook.model_validate(entries_of({"tea": ["茶"]}))
    assert find(own, "茶").entry.id == "tea"
    assert find(own, "茶").chinese
    assert find(book, '"茶"').chinese
    # an entry with a Chinese name is looked for by its English patterns only
    assert find(book, "上海精神").chinese
    assert not find(book, "Shanghai Spirit").chinese


@pytest.mark.parametrize("by", ["corpus", "year"])
def test_without_texts_words_are_counted_by_year(by):
    corpus = tifa.load("reports-zh")
    rows = corpus.word_years[corpus.word_years["word"] == "共同体"]
    table = tifa.count(corpus, "共同体", by=by, texts=False)
    assert table.attrs["source"] == "table word_years"
    assert table["n"].sum() == rows["n"].sum() > 0
    assert table["words"].sum() == corpus.documents["words"].sum()
    # traditional characters give the same result
    assert tifa.count(corpus, "共同體", by=by, texts=False)["n"].equals(table["n"])


def test_unpublished_counts_are_not_zero():
    corpus = tifa.load("reports-zh")
    with refusal("does not mean that it never"):
        tifa.count(corpus, "木舟木舟", by="year", texts=False)
    with refusal("by year only"):
        tifa.count(corpus, "共同体", by="genre", texts=False)


def test_a_longer_word_does_not_count_for_the_entry_inside_it():
    sought = find(tifa.phrasebook(), "equality", "zh")
    texts = [Document("a", "船夫讲平等，不讲不平等。", {})]
    lines = keyword_in_context(texts, sought.patterns, language="zh", not_within=sought.not_within)
    assert [line.hit for line in lines] == ["平等"]


def test_collocates_are_words_as_they_are_cut():
    corpus = tifa.load("xwlb")
    table = tifa.collocates(corpus, "上海精神")
    assert (table["node"] == len(corpus.hits_of(["shanghai-spirit"]))).all()
    # 弘扬上海精神: to carry it forward
    assert "弘扬" in set(table.nlargest(10, "log_dice")["term"])


def test_an_entry_without_wordings_of_the_language_is_refused_and_never_0(extracted):
    """Under any of its names, although the texts contain the very words."""
    english = entry_of("ferry", "Ferry", {"plain": "ferry boat"}, zh="渡船", pinyin="dùchuán")
    chinese = entry_of("tea", "Lake tea", {}, zh="湖茶")
    chinese["variants"] = [{"id": "zh", "zh_patterns": ["湖茶"]}]
    book = PHRASES | {"entries": [*PHRASES["entries"], english, chinese]}
    for name, text, names in [
        ("zh", "渡船来了。渡船走了。", ["渡船", "ferry", "Ferry", "duchuan", "ferry boat"]),
        ("en", "Lake tea. The lake tea!", ["tea", "Lake tea", "湖茶"]),
    ]:
        data, run = extracted(corpus=f"of-{name}", texts={"a": text}, phrases=book, language=name)
        corpus = tifa.load(f"of-{name}", data=data)
        told = "zh_patterns" if name == "zh" else "add patterns"
        again = run("extract", corpus.name, "-j", "1").err
        assert ("ferry" in again, "tea" in again) == (name == "zh", name == "en"), again
        for phrase in names:
            for command in ("count", "kwic", "collocates"):
                assert told in run(command, phrase, "--corpus", corpus.name).refusal
            for count in (tifa.count, tifa.collocates):
                with refusal(told, "quotation marks"):
                    count(corpus, phrase)
        with refusal(told):
            count_hits(corpus, entries=["ferry" if name == "zh" else "tea"])
        # what the message proposes: to count the words in quotation marks
        words = "渡船" if name == "zh" else "lake tea"
        ran = run("count", f'"{words}"', "--corpus", corpus.name, "--format", "csv")
        assert [int(row["n"]) for row in ran.rows] == [2]


def test_a_count_says_what_the_language_of_the_texts_may_hide(extracted):
    book = tifa.phrasebook()
    told = find(book, "上海精神", "en").note("en")
    assert "only the English wordings of the entry count" in told
    for phrase, language in [("Shanghai Spirit", "en"), ("Shanghai Spirit", "zh"), ("茶", "zh")]:
        assert find(book, phrase, language).note(language) == ""
    tea = entry_of("tea", "Tea", {}, zh="湖茶")
    tea["variants"] = [{"id": "zh", "zh_patterns": ["(湖|海)边茶"]}]
    own = Phrasebook.model_validate(PHRASES | {"entries": [tea]})
    assert "none of its wordings" in find(own, "湖茶", "zh").note("zh")
    assert find(own, "湖邊茶", "zh").note("zh") == find(own, "tea", "zh").note("zh") == ""
    data, _ = extracted(texts={"a-2001": "Tea 茶。湖边茶茶 tea."})
    lake = tifa.load("lake", data=data)
    with pytest.warns(UserWarning, match="fill all between two marks"):
        assert tifa.count(lake, "湖边茶", texts=data.parent / "texts" / "lake")["n"].sum() == 0


def test_a_count_names_itself_as_a_figure_may():
    counted = tifa.count(tifa.load("xwlb"), "win-win cooperation", by="corpus")
    assert counted.attrs["called"] == "“合作共赢” in any of its wordings"
    counted = tifa.count(tifa.load("xi"), '"solidarity"', by="corpus", texts=False)
    assert counted.attrs["called"] == "the words “solidarity”"
