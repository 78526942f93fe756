"""The explorer's files agree with the tables, and its script reads them like the library."""

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest
from conftest import PHRASES, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

import tifa
from tifa.data.files import write_folder
from tifa.features.ngrams import LONGEST, THRESHOLD, TOP_COUNTRIES, WORD_THRESHOLD
from tifa.lexicon.chinese import expand
from tifa.lexicon.match import Matcher, find
from tifa.lexicon.model import Phrasebook
from tifa.lexicon.names import fold_names
from tifa.publish import explorer
from tifa.publish.explorer import (
    Debates,
    SmallCorpus,
    encode_number,
    explorer_files,
    phrasebook_file,
)
from tifa.publish.explorer_rooms import Room, related_entries
from tifa.stats import shares
from tifa.text.language import sentence_table, stream
from tifa.text.words import words
from tifa_book import explorer as site_explorer

SCRIPT = ROOT / "book" / "_assets" / "explorer"
MODULES = sorted(SCRIPT.glob("*.js"))
JS_TESTS = sorted((ROOT / "tests" / "js").glob("*.test.js"))


@cache
def node():
    """Node: this machine's, or the one that comes with Playwright."""
    try:
        from playwright._impl._driver import compute_driver_executable

        own = Path(compute_driver_executable()[0])
    except ImportError:
        own = None
    return str(own) if own is not None and own.is_file() else shutil.which("node")


needs_node = pytest.mark.skipif(node() is None, reason="no Node on this machine (or Playwright)")


def ask(**questions):
    """The answer of the explorer's script."""
    program = node()
    assert program is not None
    done = subprocess.run(
        [program, str(ROOT / "tests" / "js" / "bridge.js")],
        input=json.dumps(questions),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@needs_node
def test_numbers_come_back():
    base = len(explorer.ALPHABET)
    edges = [0, base - 3, base, base**2, base**3]  # where a number gets a digit more
    numbers = [n + more for n in edges for more in (-1, 0, 1) if n + more >= 0]
    numbers += random.Random(1).sample(range(70_000_000), 200 - len(numbers) % 2)
    written = "".join(map(encode_number, numbers))
    assert [n for pair in ask(pairs=written)["pairs"] for n in pair] == numbers


def test_numbers_out_of_range_are_refused():
    with pytest.raises(tifa.TifaError, match="too large"):
        encode_number(92**4)


# --- a small explorer ---------------------------------------------------------------------


def small(extra=None):
    """Invented debates of three years, with enough n-grams for several shards."""
    chance = random.Random(7)
    syllables = ["ba", "de", "ki", "lo", "mu", "na", "ri", "so", "ta", "vu"]
    vocabulary = sorted({"".join(chance.choices(syllables, k=3)) for _ in range(250)})
    grams = [*vocabulary, *(f"{a} {b}" for a in vocabulary[::20] for b in vocabulary[::20])]
    grams += ["lakeside", "lakeside spirit", "d'état", "win-win"] + ([extra] if extra else [])
    rows, top = [], []
    for gram in sorted(set(grams)):
        for year in sorted(chance.sample([2001, 2002, 2004], chance.randint(1, 3))):
            docs = chance.randint(1, 4)
            rows.append((gram, year, docs + chance.choice([0, 0, 0, 1, 90, 9000]), docs))
        top += [(gram, c, chance.randint(1, 300)) for c in chance.sample(["AAA", "BBB", "CCC"], 2)]
    debates = Debates(
        documents=pl.DataFrame(
            [
                (f"{c}_{y}_{i}", y, c, 100 + i)
                for y in (2001, 2002, 2004)
                for c in ("AAA", "BBB", "CCC")
                for i in range(4)
            ],
            schema=["doc_id", "year", "country", "words"],
            orient="row",
        ).with_columns(
            speaker=pl.when(pl.col("country") == "AAA")
            .then(pl.lit("AAA"))
            .otherwise(pl.lit("others"))
        ),
        ngrams=pl.DataFrame(rows, schema=["ngram", "year", "n", "docs"], orient="row"),
        ngram_countries=pl.DataFrame(top, schema=["ngram", "country", "n"], orient="row"),
        hits=pl.DataFrame(
            {
                "doc_id": ["AAA_2001_0", "AAA_2001_0", "BBB_2004_1"],
                "entry": ["lakeside-spirit"] * 3,
                "variant": ["plain", "plain", "of-the-lakeside"],
            }
        ),
    )
    place = SmallCorpus(
        label="The Ferry News",
        documents=pl.DataFrame({"doc_id": ["f1", "f2"], "words": [50, 70]}),
        terms=pl.DataFrame(
            {"doc_id": ["f1", "f2", "f2"], "term": ["lakeside", "lakeside", "oar"], "n": [2, 1, 3]}
        ),
        hits=pl.DataFrame({"doc_id": ["f1"], "entry": ["mutual-patience"], "variant": ["plain"]}),
    )
    return debates, [place], Phrasebook.model_validate(PHRASES)


def small_room():
    """Invented Chinese texts of two years, the year between them without any."""
    hits = {"doc_id": ["q1", "q1", "q3"], "entry": "lakeside-spirit", "variant": "plain"}
    counts = [("湖泊", 2001, 4, 2), ("湖泊", 2003, 1, 1), ("船", 2003, 2, 1)]
    schema = {"word": pl.String, "year": pl.Int32, "n": pl.Int32, "docs": pl.Int32}
    return Room(
        id="quay",
        label="The quay",
        language="zh",
        documents=pl.DataFrame(
            {"doc_id": ["q1", "q2", "q3"], "year": [2001, 2001, 2003], "words": [50, 60, 70]}
        ),
        hits=pl.DataFrame(hits),
        word_years=pl.DataFrame(counts, schema=schema, orient="row"),
        least=5,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer") / "data"
    debates, places, book = small()
    files = explorer_files(
        debates,
        places,
        book,
        {"AAA": "Aland"},
        rooms=[small_room()],
        speakers=["AAA", "others"],
        shard=900,
    )
    write_folder(folder, files)
    return folder


def index_of(folder):
    return json.loads((folder / "index.json").read_bytes())


def cells(years):
    """(year, n, docs) of the years with a hit."""
    return [(y["year"], y["n"], y["docs"]) for y in years if y["n"]]


@needs_node
def test_every_ngram_is_found_with_its_counts(built):
    debates, _, _ = small()
    assert all(len(list(built.glob(f"{size}/*.json"))) > 1 for size in (1, 2))
    countries = [code for code, *_ in index_of(built)["countries"]]
    grams = [g for (g,), _ in debates.ngrams.group_by("ngram")]
    answers = ask(folder=str(built), queries=[f'"{g}"' for g in grams])["results"]
    for gram, answer in zip(grams, answers, strict=True):
        rows = debates.ngrams.filter(pl.col("ngram") == gram).sort("year")
        assert cells(answer["years"]) == rows.select("year", "n", "docs").rows()
        assert [(y["year"], y["documents"]) for y in answer["years"]] == [
            (year, 12) for year in (2001, 2002, 2004)
        ]  # no speech, no row
        top = debates.ngram_countries.filter(pl.col("ngram") == gram)
        top = top.sort("n", "country", descending=[True, False]).select("country", "n").rows()
        assert [(countries[c], n) for c, n in answer["countries"]] == top


@needs_node
def test_words_of_other_corpora_entries_and_chinese_words_are_counted(built):
    queries = ['"lakeside"', "oar", "lakeside-spirit", "湖泊", "湖"]
    answer = ask(folder=str(built), queries=queries, countries=["BBB"])
    lakeside, oar, spirit, lake, part = answer["results"]
    assert lakeside["places"] == [[3, 2]]
    assert (oar["kind"], oar["places"]) == ("none", [[3, 1]])  # not in any debate
    # an entry with its variants, by speaker and country
    assert cells(spirit["years"]) == [(2001, 2, 1), (2004, 1, 1)]
    entry = json.loads((built / "entry" / "lakeside-spirit.json").read_bytes())
    assert [v[1:] for v in entry["variants"]] == [[2, 0], [1, 0]]
    lines = {line["label"]: line["years"] for line in spirit["lines"]}
    assert list(lines) == ["AAA", "others", "BBB"]
    assert lines["AAA"][0]["docs"] == 1

    (room,) = lake["rooms"]
    assert cells(room["years"]) == [(2001, 4, 2), (2003, 1, 1)]
    assert [y["words"] for y in room["years"]] == [110, 70]
    assert part["kind"] != "chinese"


@needs_node
def test_the_script_knows_the_names_that_the_library_knows(built, tmp_path):
    named = small()[2].named
    answer = ask(folder=str(built))
    assert answer["names"] == named.names
    assert answer["wordings"] == named.wordings
    own = tifa.phrasebook()
    files = explorer_files(small()[0], [], own, {})
    write_folder(tmp_path / "own", files)
    answer = ask(folder=str(tmp_path / "own"))
    assert answer["names"] == own.named.names
    assert answer["wordings"] == own.named.wordings


def test_same_tables_same_bytes_and_an_ngram_that_browsers_sort_otherwise_is_refused():
    assert explorer_files(*small(), {}) == explorer_files(*small(), {})
    with pytest.raises(tifa.TifaError, match="U\\+FFFF"):
        explorer_files(*small("𝒷oat"), {})


# --- the script -----------------------------------------------------------------------------


@needs_node
def test_the_units_of_the_script():
    done = subprocess.run(
        [node(), "--test", *map(str, JS_TESTS)], capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert len(JS_TESTS) >= 3


# letters of many scripts, marks, digits, spaces, and all characters with special rules; without
# characters newer than Unicode 14, which not all engines know
SIGNS = st.one_of(
    st.sampled_from(
        [
            *"aAzZ09é'’‚‛ʼ′`´\"“”„‟«»″-\u2010\u2011\u00ad\u200b\u2060\ufeff",
            *" \n\t\u0085\u00a0\u2028_.\x00",
            *("and ", "through", "- ", "-\n", "e\u0301", "İ", "i\u0307"),
            *("ΑΣ", "ſ", "ß", "上海", "२", "צה״ל"),
        ]
    ),
    st.characters(exclude_categories=["Cs", "Cn", "Co"], max_codepoint=0x1FFFF),
)


@needs_node
@settings(max_examples=15)
@given(st.lists(st.lists(SIGNS, max_size=12).map("".join), min_size=40, max_size=60))
def test_the_script_finds_the_words_that_the_library_finds(texts):
    answer = ask(words=texts, fold=texts)
    assert answer["words"] == [words(t) for t in texts]
    assert answer["fold"] == fold_names(texts)


@needs_node
def test_the_script_computes_the_same_intervals_as_the_library():
    pairs = [(n, of) for of in (1, 2, 35, 193, 10952) for n in {0, 1, of // 3, of - 1, of}]
    table = shares(pd.DataFrame(pairs, columns=["n", "documents"]))
    for ours, row in zip(ask(wilson=pairs)["wilson"], table.itertuples(), strict=True):
        assert (ours["share"], ours["low"], ours["high"]) == pytest.approx(
            (row.share, row.low, row.high), abs=1e-12
        )


@needs_node
def test_the_most_frequent_words_are_suggested(built):
    totals = dict(small()[0].ngrams.group_by("ngram").agg(pl.col("n").sum()).iter_rows())
    starts = ["b", "ba", "bade", "lo", "na ", "nana ba", "vuvu", "x"]
    answer = ask(folder=str(built), suggest=starts)
    for start, found in zip(starts, answer["suggestions"], strict=True):
        size = start.count(" ")
        fitting = [g for g in totals if g.startswith(start) and g.count(" ") == size]
        fitting.sort(key=lambda g: (-totals[g], g))
        assert found == fitting[: explorer.SUGGESTIONS], start


def own_texts(seed, n):
    """Invented texts around variants of the phrasebook, English and Chinese, with noise."""
    chance = random.Random(seed)
    book = tifa.phrasebook()
    english = [re.sub(r"[()?*]", "", p.split("|")[0]) for e in book.entries for v in e.variants
               for p in v.patterns]  # fmt: skip
    chinese = [s for e in book.entries for v in e.variants for p in v.zh_patterns
               for s in expand(p)]  # fmt: skip
    chinese += [s for e in book.entries for s in e.zh_not_within]
    noise = ["’s", ",", "-", "-", "and", "&", "self-", "self-\n", "\n", "\n\n"]
    noise += ["ﬁne", "é", "the", "boats", "(2020)", "“", "”", "."]
    marks = [*"，。《》“” \n\u3000的与與-、", "\n\n", "SCO", "２１世纪"]
    texts = []
    for _ in range(n):
        pool, more, space = chance.choice([(english, noise, " "), (chinese, marks, "")])
        pieces = chance.choices(pool, k=12) + chance.choices(more, k=14)
        pieces += [chance.choice(english)] if pool is chinese else []
        chance.shuffle(pieces)
        text = space.join(pieces)
        texts.append(text.title() if chance.random() < 0.1 else text)
    return texts


@needs_node
def test_a_pasted_text_is_counted_as_in_the_library():
    book = tifa.phrasebook()
    texts = own_texts(11, 120)
    answer = ask(own=texts, phrasebook=phrasebook_file(book))["own"]
    own = phrasebook_file(book) | {
        "entries": [[[[["=US navy", "(=UN|=WHO) rule*", "st. john*"], []]], []]]
    }
    said = (
        "The US navy met us; us navy, UN rules, un rules, St. Johns, St John. WHO rule US Navy's."
    )
    assert ask(own=[said], phrasebook=own)["own"][0]["counts"] == {"0": 5}
    ids = [e.id for e in book.entries]
    different = 0
    for text, found in zip(texts, answer, strict=True):
        language = found["language"]
        table = sentence_table(pl.DataFrame({"doc_id": ["a"], "text": [text]}), language)
        matcher = Matcher(stream(table["text"], language))
        hits = find(matcher, book.patterns(language), not_within=book.not_within(language))
        expected = Counter(ids.index(h.entry) for h in hits)
        different += len(expected)
        assert found["length"] == table["words"].sum(), text
        assert {int(e): n for e, n in found["counts"].items()} == expected, text
    assert different > 500
    assert {f["language"] for f in answer} == {"en", "zh"}


FORBIDDEN = {
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment": (
        "typed text must never be read as HTML"
    ),
    r"\beval\b|new Function|set(?:Timeout|Interval)\(\s*[\"'`]|javascript:": "no code from strings",
    r"setAttribute\(\s*[\"'](?:style|on)|cssText|[\"'{ ]on[a-z]+: ": "no inline style or handler",
    r"\bconsole\.|\bdebugger\b|\balert\(": "left over",
    r"\bvar\s|[^=!]==[^=]|!=[^=]": "const, let, === and !==",
    # but names of a namespace and of the licence
    r"https?://(?!www\.w3\.org/(2000/svg|ns/csvw)|creativecommons\.org/licenses/)": "no other host",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.name)
def test_the_script_is_clean(path):
    source = path.read_text(encoding="utf-8")
    code = re.sub(r"//[^\n\"']*$|/\*.*?\*/", "", source, flags=re.DOTALL | re.MULTILINE)
    for pattern, why in FORBIDDEN.items():
        found = re.search(pattern, code, flags=re.MULTILINE)
        assert not found, f"{found[0]!r}: {why}"


def test_the_markup_has_no_inline_script_handler_or_style():
    markup = (Path(site_explorer.__file__).parent / "templates" / "explorer.html").read_text(
        encoding="utf-8"
    )
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", markup)


def test_the_page_states_the_actual_thresholds():
    page = (ROOT / "book" / "explorer.md").read_text(encoding="utf-8")
    assert f"single words seen {WORD_THRESHOLD} times or more" in page
    assert f"n-grams of two to four words seen {THRESHOLD} times or more" in page
    assert f"at most {explorer.WILDCARD} of them" in page
    assert (LONGEST, TOP_COUNTRIES) == (4, 10)  # "four", "ten" in words


# --- the whole explorer ---------------------------------------------------------------------


def test_files_are_made_once_and_old_ones_are_removed(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        site_explorer, "make_files", lambda: made.append(1) or {"index.json": b"{}"}
    )
    app = SimpleNamespace(
        builder=SimpleNamespace(format="html"),
        env=SimpleNamespace(found_docs={site_explorer.PAGE}, findings_seen={"data": "0" * 64}),
        outdir=tmp_path,
    )
    # data of an earlier build, and of an interrupted one
    for name in ("0123456789ab/index.json", ".0123.new.x/1/0.json"):
        (tmp_path / "explorer" / name).parent.mkdir(parents=True)
        (tmp_path / "explorer" / name).write_text("{}")
    site_explorer.write(app, None)
    site_explorer.write(app, None)
    assert len(made) == 1
    assert [p.name for p in (tmp_path / "explorer").iterdir()] == ["0" * 12]
    site_explorer.write(app, RuntimeError("a failed build"))
    app.builder.format = "latex"
    site_explorer.write(app, None)
    assert len(made) == 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "data"
    write_folder(folder, site_explorer.make_files())
    return folder


@pytest.mark.slow
@needs_node
def test_counts_are_those_of_the_library(whole):
    """200 random n-grams and every entry."""
    ungdc = tifa.load("ungdc")
    table = ungdc.ngrams
    ids = {e.id for e in tifa.phrasebook().entries}
    chance = random.Random(2020)
    every = table["ngram"].drop_duplicates().tolist()
    sample = [g for g in chance.sample(every, 220) if g not in ids][:200]
    assert len(sample) == 200
    assert {g.count(" ") for g in sample} == set(range(LONGEST))
    by_year = table[table["ngram"].isin(sample)].groupby("ngram")
    bases = ungdc.documents.groupby("year").agg(
        documents=("doc_id", "size"), words=("words", "sum")
    )
    of_country = ungdc.ngram_countries
    of_country = of_country[of_country["ngram"].isin(sample)]
    queries = [f'"{g}"' for g in sample] + sorted(ids)
    answers = ask(folder=str(whole), queries=queries)["results"]
    names = [code for code, *_ in index_of(whole)["countries"]]
    english = {e for e, _ in tifa.phrasebook().patterns("en")}
    assert english < ids
    for place, phrase in enumerate([*sample, *sorted(ids)]):
        if phrase in ids - english:  # without a variant there is no count, not even a zero
            assert (answers[place]["years"], answers[place]["places"]) == ([], None)
            continue
        if phrase in ids:
            expected = tifa.count(ungdc, phrase, by="year")
        else:
            # only these words: the library adds possessives and compounds
            rows = by_year.get_group(phrase).set_index("year")[["n", "docs"]]
            expected = bases.join(rows).fillna(0).astype(int).reset_index()
        result = answers[place]
        assert result["kind"] == ("entry" if phrase in ids else "ngram")
        for column in ("year", "n", "docs", "documents", "words"):
            assert [y[column] for y in result["years"]] == expected[column].tolist(), phrase
        assert (result["n"], result["docs"]) == (expected["n"].sum(), expected["docs"].sum())
        if phrase in ids:
            continue
        top = of_country[of_country["ngram"] == phrase].set_index("country")["n"].to_dict()
        numbers = [n for _, n in result["countries"]]
        assert {names[c]: n for c, n in result["countries"]} == top
        assert numbers == sorted(numbers, reverse=True)


@pytest.mark.slow
@needs_node
def test_counts_in_the_reports_and_in_xi_are_those_of_the_library(whole):
    xi, briefing = tifa.load("xi"), tifa.load("briefing")
    labels = [p[0] for p in index_of(whole)["places"]]
    assert labels[:2] == ["ECNS", "Belt & Road News"]
    chance = random.Random(9)
    every = set(xi.terms["term"]) | set(briefing.terms["term"])
    # a Chinese word is looked for in Chinese texts only
    terms = chance.sample(sorted(t for t in every if not re.search(r"[\u4e00-\u9fff]", t)), 200)
    words = [f'"{term}"' for term in terms]
    answers = ask(folder=str(whole), queries=words)["results"]
    for term, answer in zip(terms, answers, strict=True):
        by_source = briefing.terms[briefing.terms["term"] == term].set_index("doc_id")["n"]
        by_source = by_source.groupby(briefing.documents.set_index("doc_id")["source"]).sum()
        in_xi = xi.terms[xi.terms["term"] == term]
        pairs = answer["places"]
        assert [n for n, _ in pairs[:2]] == [by_source.get(s, 0) for s in labels[:2]], term
        assert pairs[2] == [in_xi["n"].sum(), len(in_xi)], term
    entries = [e for e in tifa.phrasebook().entries if any(v.patterns for v in e.variants)]
    answers = ask(folder=str(whole), queries=[e.id for e in entries])["results"]
    for entry, answer in zip(entries, answers, strict=True):
        hits = xi.hits[xi.hits["entry"] == entry.id]
        assert answer["places"][2] == [len(hits), hits["doc_id"].nunique()]


@pytest.mark.slow
@needs_node
def test_a_wildcard_is_the_sum_of_all_words_with_that_beginning(whole):
    table = tifa.load("ungdc").ngrams
    starts = ["multilateral", "win-", "cooperat", "climate chang", "shanghai ", "the shanghai "]
    answers = ask(folder=str(whole), queries=[f"{s}*" for s in starts])["results"]
    for start, answer in zip(starts, answers, strict=True):
        prefix = start.rstrip("-")
        size = start.count(" ")
        rows = table[table["ngram"].str.startswith(prefix)]
        rows = rows[rows["ngram"].str.count(" ") == size]
        assert answer["kind"] == "wildcard", start
        assert answer["n"] == rows["n"].sum() > 0
        assert answer["parts"] == rows["ngram"].nunique() <= explorer.WILDCARD
        by_year = rows.groupby("year")["n"].sum()
        assert [y["n"] for y in answer["years"]] == [
            by_year.get(y["year"], 0) for y in answer["years"]
        ]
        assert answer["docs"] is None


@pytest.mark.slow
@needs_node
def test_one_look_up_fetches_under_60_kb(whole):
    """For any query, including the index, which later look-ups have already."""
    sizes = {p.relative_to(whole).as_posix(): p.stat().st_size for p in whole.rglob("*.json")}
    assert sum(sizes.values()) < 30_000_000
    index = sizes["index.json"]
    single = max(size for name, size in sizes.items() if name != "index.json")
    sections = max(size for name, size in sizes.items() if name.startswith("sections/"))
    shard = max(size for name, size in sizes.items() if re.match(r"(\d|zh)/", name))
    entry = max(size for name, size in sizes.items() if name.startswith("entry/"))
    assert index + sections + shard < 60_000
    assert index + entry < 60_000
    # a chosen country
    assert max(size for name, size in sizes.items() if name.startswith("country/")) < 10_000
    # a missing phrase is explained by its words (at most four) and similar spellings
    assert single < 40_000
    found = ["sco", "multilateral*", "security council", "共同体"]
    missing = ["a*", "the *", "no wombat of note", "the wombat", "xyzzy", "teh wrold ordre"]
    answers = ask(folder=str(whole), cold=[*found, *missing])["cold"]
    for query, fetched in zip([*found, *missing], answers, strict=True):
        most = 60_000 if query in found else 150_000
        assert sum(fetched.values()) < most, f"{query}: {fetched}"


@pytest.mark.slow
@needs_node
def test_rooms_speakers_and_countries_are_those_of_the_library(whole):
    corpora = {name: tifa.load(name) for name in site_explorer.ROOMS}
    ungdc = tifa.load("ungdc")
    ids = ["win-win-cooperation", "shanghai-spirit", "terrorism", "sco"]
    answers = ask(folder=str(whole), queries=ids, countries=["FRA"])["results"]
    for entry, answer in zip(ids, answers, strict=True):
        for room, corpus in zip(answer["rooms"], corpora.values(), strict=True):
            expected = tifa.count(corpus, entry, by="year")
            assert [y["n"] for y in room["years"]] == expected["n"].tolist(), entry
            assert [y["words"] for y in room["years"]] == expected["words"].tolist()
            assert room["docs"] == expected["docs"].sum()
        table = site_explorer.by_speaker(entry)
        for line, (group, rows) in zip(
            answer["lines"], table.groupby("speaker", sort=False), strict=False
        ):
            assert line["label"] == group
            assert [y["year"] for y in line["years"]] == rows["year"].tolist()
            assert [y["docs"] for y in line["years"]] == rows["n"].tolist()
            assert [y["share"] for y in line["years"]] == pytest.approx(rows["share"].tolist())
            assert [y["low"] for y in line["years"]] == pytest.approx(
                rows["low"].tolist(), abs=1e-9
            )
        france = ungdc.documents[ungdc.documents["country"] == "FRA"]
        having = set(ungdc.hits.loc[ungdc.hits["entry"] == entry, "doc_id"])
        last = france[france["year"] >= france["year"].max() - 2]
        point = answer["lines"][3]["years"][-1]
        assert answer["lines"][3]["label"] == "France"
        assert (point["docs"], point["documents"]) == (last["doc_id"].isin(having).sum(), len(last))


@pytest.mark.slow
@needs_node
def test_chinese_words_and_parts_of_entries_are_found(whole):
    chance = random.Random(5)
    names = [n for n in site_explorer.ROOMS if n != "xi"]
    years = {name: tifa.load(name).word_years for name in names}
    every = sorted(set().union(*(set(t["word"]) for t in years.values())))
    known = tifa.phrasebook().named
    entries = set(known.names) | set(known.wordings)
    words = [w for w in chance.sample(every, 80) if re.fullmatch("[\u4e00-\u9fff]+", w)]
    words = ["共同体", *(w for w in words if w not in entries)]
    answers = ask(folder=str(whole), queries=words)["results"]
    for word, answer in zip(words, answers, strict=True):
        assert answer["kind"] == "chinese", word
        expected = {name: t.loc[t["word"] == word, "n"].sum() for name, t in years.items()}
        counts = dict(zip(site_explorer.ROOMS, answer["rooms"], strict=True))
        assert {name: counts[name]["n"] for name in names} == expected
        assert counts["xi"] is None
    assert answers[0]["n"] > 5000
    assert "community with a shared future" in str(answers[0]["partOf"])


def test_a_spirit_never_said_is_compared_with_its_organisation_and_that_of_bandung():
    entries = tifa.phrasebook().entries
    counts = {"sco": 60, "good-neighbourliness": 300, "spirit-of-bandung": 15}
    counts |= {"spirit-of-the-charter": 543, "spirit-of-geneva": 40, "spirit-of-rio": 13}
    found = related_entries(entries, counts)
    assert found["shanghai-spirit"] == [
        "sco",
        "spirit-of-bandung",
        "spirit-of-the-charter",
        "spirit-of-geneva",
    ]
    assert "sco" not in found
