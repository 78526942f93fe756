"""Published files reveal no more of a protected Chinese text than the bounds allow."""

import json
import random
import zipfile

import polars as pl
import pytest
from conftest import DATA, ROOT
from quotation import check_file, check_files, site_files, tracked
from quotation_chinese import ChineseChecker
from test_quotation_bounds import (
    WORD_LISTS,
    as_parquet,
    form_is_within_the_bounds,
    hits,
    official_names,
    protected_documents,
)

from tifa.data.files import read_table
from tifa.lexicon.chinese import expand
from tifa.lexicon.load import phrasebook

PROTECTED = ("xi-zh", "mfa-zh", "xwlb")
SENTENCE = "老渡口的船夫都知道，涂好焦油的慢船总会比任何争吵更早到达对岸，从不例外。"
TOKENS = "".join(c for c in SENTENCE if c.isalnum())
RANDOM = random.Random(7)
FILLER = "".join(chr(RANDOM.randrange(0x4E00, 0x9FA0)) for _ in range(170))
TEXT = f"{FILLER[:90]}。{SENTENCE}{FILLER[90:]}。"


def checked(name, content, *, names=(), wordings=()):
    checker = ChineseChecker([("shore", TEXT)], names, wordings)
    check_file(checker, name, name, content.encode() if isinstance(content, str) else content)
    return checker


#: Formats of files are tested with English texts.
PLANTED = {
    "plain": ("a.md", f"He wrote: {SENTENCE[:24]} and so on"),
    "other marks": ("a.txt", " -- ".join(TOKENS[:21])),
    "traditional": ("a.md", "老渡口的船夫都知道，塗好焦油的慢船總會比任何爭吵更早到達對岸"),
    "down a column": ("a.csv", "n,term\n" + "".join(f"{n},{c}\n" for n, c in enumerate(TOKENS))),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_run_is_found(planted):
    assert checked(*PLANTED[planted]).problems()


def test_runs_of_twenty_characters_are_allowed_and_nine_count():
    checker = checked("a.md", TOKENS[:20])
    assert checker.problems() == []
    assert len(checker.documents[0].quoted) == 20
    for size, counted in ((8, 0), (9, 9)):
        short = checked("a.md", TOKENS[:size])
        short.look()
        assert len(short.documents[0].quoted) == counted


def test_many_short_runs_are_too_much_in_all():
    assert "shore" in checked("a.md", f"{TOKENS[:11]} | {TOKENS[12:23]}").problems()[0]
    # the same run twice counts once
    assert checked("a.md", " | ".join([TOKENS[:11]] * 9)).problems() == []


def test_a_variant_alone_is_no_quotation_but_with_more_words_it_is():
    wording = TOKENS[5:21]
    alone = checked("a.md", wording, wordings=(wording,))
    assert alone.problems() == []
    assert not alone.documents[0].quoted
    assert checked("a.md", TOKENS[:21], wordings=(wording,)).problems()


def test_names_are_excepted():
    assert checked("a.md", TOKENS[:25]).problems()
    assert checked("a.md", TOKENS[:25], names=(TOKENS[5:21],)).problems() == []


def test_the_context_of_a_hit_is_measured_in_characters():
    def problems(right):
        row = (40, 4, "甲乙丙丁戊己庚辛", right)
        return checked("a.parquet", as_parquet(hits(row))).problems()

    assert problems("甲乙丙丁戊己庚辛壬")
    assert not problems("甲乙丙丁戊己庚辛")


def but_word_lists(files, data):
    """Files except tables of words in alphabetical order, which a test below checks."""
    corpora = data / "corpora"
    kept = []
    for path in files:
        if path.suffix == ".zip" and path.parent == data:
            same_files(path)
        elif path.parent.name == "zh" and "explorer" in path.parts:
            # the words of word_years, sorted by character
            words = list(json.loads(path.read_text("utf-8")))
            assert words == sorted(words), path
        elif path.parent.parent != corpora or path.stem not in WORD_LISTS:
            kept.append(path)
    return kept


def same_files(archive):
    """Check that a ZIP of the site has the same files as the folder, except its description."""
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            if name != "datapackage.json":
                assert members.read(name) == (archive.parent / name).read_bytes(), (archive, name)


@pytest.mark.texts
@pytest.mark.slow
def test_tracked_files_and_the_built_site_are_within_the_bounds(texts):
    """Checked together, because a reader has both, and to read all the texts takes a minute."""
    documents = [(d.doc_id, d.text) for d in protected_documents(texts, PROTECTED)]
    names = official_names((*PROTECTED, "reports-zh"))
    entries = phrasebook().entries
    patterns = [p for e in entries for v in e.variants for p in v.zh_patterns]
    wordings = [e.zh for e in entries if e.zh] + [s for p in patterns for s in expand(p)]
    checker = ChineseChecker(documents, names, wordings)
    # positions in the tables refer to the same tokens
    sizes = pl.concat(
        read_table(DATA / "corpora" / c, "documents").select("doc_id", "words") for c in PROTECTED
    )
    assert {d.doc_id: len(d.words) for d in checker.documents} == dict(sizes.rows())
    check_files(checker, but_word_lists(tracked(ROOT), DATA), ROOT)
    site = ROOT / "_build" / "html"
    if built := (site / "index.html").is_file():
        check_files(checker, but_word_lists(site_files(site, DATA), site / "data"), site)
    assert checker.problems() == []
    # the committed contexts alone are quotations, so a checker that finds none is broken
    assert sum(len(d.quoted) for d in checker.documents) > 100
    if not built:
        pytest.skip("tracked files are within the bounds; no built site (make book)")


@pytest.mark.parametrize("corpus", PROTECTED)
def test_tables_are_those_allowed_and_positions_within_the_bounds(corpus):
    form_is_within_the_bounds(corpus, ChineseChecker([]))


def test_of_news_only_what_names_the_spirit_is_told():
    folder = DATA / "corpora" / "xwlb"
    names = {p.name.split(".")[0] for p in folder.iterdir()}
    assert names == {"documents", "entries", "hits", "collocates", "word_years"}
    documents, found = read_table(folder, "documents"), read_table(folder, "hits")
    named = set(found.filter(pl.col("entry") == "shanghai-spirit")["doc_id"])
    told = documents.filter(pl.col("title").is_not_null() | pl.col("url").is_not_null())
    assert set(told["doc_id"]) == named
