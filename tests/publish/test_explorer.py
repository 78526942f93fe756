"""The explorer's files agree with the tables, and its script reads them like the library."""

import itertools
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest
from conftest import PHRASES, ROOT, refusal, written
from hypothesis import given, settings
from hypothesis import strategies as st

import tifa
from tifa.annotation.precision import precision
from tifa.data.files import write_folder
from tifa.features.ngrams import LONGEST, THRESHOLD, TOP_COUNTRIES, WORD_THRESHOLD
from tifa.lexicon.chinese import expand
from tifa.lexicon.match import Matcher, find_hits
from tifa.lexicon.model import Phrasebook
from tifa.lexicon.names import fold_names
from tifa.publish import explorer
from tifa.publish.explorer import Debates, encode_number, explorer_files, phrasebook_file
from tifa.publish.explorer_rooms import related_entries
from tifa.stats import shares
from tifa.text.language import sentence_table, stream
from tifa.text.words import words
from tifa.util.errors import TifaError
from tifa_book import explorer as site_explorer

JS_TESTS = sorted((ROOT / "tests" / "js").glob("*.test.js"))


@cache
def node():
    """Path of Node: the one that comes with Playwright, or else an installed one."""
    try:
        from playwright._impl._driver import compute_driver_executable

        own = Path(compute_driver_executable()[0])
    except ImportError:
        own = None
    return str(own) if own is not None and own.is_file() else shutil.which("node")


needs_node = pytest.mark.skipif(node() is None, reason="no Node on this machine (or Playwright)")


def ask(**questions):
    """Ask the explorer's script, run by Node; returns its answers."""
    done = subprocess.run(
        [node(), str(ROOT / "tests" / "js" / "bridge.js")],
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
    edges = [0, base - 3, base, base**2, base**3]  # where numbers get another digit
    numbers = [n + more for n in edges for more in (-1, 0, 1) if n + more >= 0]
    numbers += random.Random(1).sample(range(70_000_000), 200 - len(numbers) % 2)
    written = "".join(map(encode_number, numbers))
    assert [n for pair in ask(pairs=written)["pairs"] for n in pair] == numbers


def test_numbers_out_of_range_are_refused():
    with refusal("too large"):
        encode_number(92**4)


# --- a small explorer ---------------------------------------------------------------------


INVENTED = Phrasebook.model_validate(PHRASES)


SPEECH = pl.DataFrame(
    {"doc_id": "a", "year": 2001, "country": "AAA", "government": "A", "words": 9, "speaker": "A"}
)


def small(gram="boat", book=INVENTED, documents=SPEECH, hits=None, **options):
    """Files of an explorer of invented speeches with one n-gram, and an entry in each speech."""
    found = documents.select("doc_id", entry=pl.lit("lakeside-spirit"), variant=pl.lit("plain"))
    debates = Debates(
        documents=documents,
        ngrams=pl.DataFrame({"ngram": [gram], "year": [2001], "n": [40], "docs": [1]}),
        ngram_countries=pl.DataFrame({"ngram": [gram], "country": ["AAA"], "n": [40]}),
        hits=found if hits is None else hits,
    )
    return explorer_files(debates, [], book, {}, **options)


@needs_node
@pytest.mark.parametrize("groups", [3, 12, 100])
def test_a_chosen_country_leaves_its_group_whatever_the_number_of_groups(tmp_path, groups):
    """Country A speaks in another group each year; country B stays in the last group."""
    names = [f"group {n}" for n in range(groups)]
    last = names[-1]
    rows = [("AAA", 2001 + n, name) for n, name in enumerate(names)]
    rows += [("BBB", year, last) for _, year, _ in rows]
    documents = pl.DataFrame(rows, schema=["country", "year", "speaker"], orient="row")
    documents = documents.with_columns(
        doc_id=pl.format("{}{}", "country", "year"), government="country", words=9
    )
    write_folder(tmp_path / "files", small(documents=documents, speakers=names))
    lines = {}
    for chosen in ([], ["AAA"]):
        answer = ask(folder=str(tmp_path / "files"), queries=["lakeside spirit"], countries=chosen)
        for line in answer["results"][0]["lines"]:
            # a point counts five years together, and there is none for a year without a speech
            most = max((year["documents"] for year in line["years"]), default=0)
            lines.setdefault(line["label"], []).append(most)
    together = min(5, groups)
    expected = {name: [1, 0] for name in names} | {last: [together + 1, together]}
    assert {name: lines[name] for name in names} == expected


def test_an_entry_that_mostly_means_something_else_warns():
    said = site_explorer.notes()
    assert said["three-evil-forces"]["mind"].startswith("In UN texts three forces and three evils")
    assert said["peaceful-development"]["mind"].startswith("Bare peaceful development")
    table = precision().set_index(["corpus", "entry"])
    for (corpus, entry), row in table.iterrows():
        told, where = said.get(entry, {}), site_explorer.READ_IN[corpus]
        read, right = int(row["documents"]), int(row["n"]) or "none"
        few = rf"Most hits {where} are ordinary \w+: of {read} read, {right} were the formulation"
        share = row["share"] if read >= 5 else 1
        before = corpus == "ungdc"  # such a note stands before the number of UN speeches
        found = re.search(few, told.get("doubt" if before else "mind", ""))
        assert bool(found) == (share < 0.5), (corpus, entry)
        some = f"Of {read} hits read {where}, {right} were the formulation."
        assert (some in told.get("mind", "")) == (0.5 <= share < 0.8), (corpus, entry)


def test_the_page_says_why_the_chapters_count_fewer_texts():
    hits = tifa.load("xwlb").hits
    spirit, organisation = (
        set(hits.query("entry == @entry")["doc_id"]) for entry in ("shanghai-spirit", "sco")
    )
    assert spirit - organisation
    expected = f"Evening news (CCTV) {len(spirit & organisation)} of {len(spirit)}"
    assert expected in site_explorer.notes()["shanghai-spirit"]["naming"]


def test_no_note_on_hegemonism_contradicts_its_count():
    hits = tifa.load("ungdc").hits.query("entry == 'hegemonism'")
    years = hits["doc_id"].map(tifa.load("ungdc").documents.set_index("doc_id")["year"])
    first = years.groupby(hits["variant"]).min()
    assert first["hegemonism"] == 1973 > first["hegemony"]
    said = site_explorer.notes()["hegemonism"]["mind"]
    assert "The count includes hegemony" in said
    assert "hegemonism itself came into the UN debates with China in 1973" in said


@needs_node
def test_the_script_knows_the_names_that_the_library_knows(tmp_path):
    named = tifa.phrasebook().named
    write_folder(tmp_path / "data", small(book=tifa.phrasebook()))
    answer = ask(folder=str(tmp_path / "data"))
    assert (answer["names"], answer["wordings"]) == (named.names, named.wordings)


def test_same_tables_same_bytes_and_an_ngram_that_browsers_sort_otherwise_is_refused():
    assert small() == small()
    with refusal("U+FFFF"):
        small("𝒷oat")


def test_the_script_never_reads_text_as_markup_or_code():
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextual"
    for path in (ROOT / "book" / "_assets" / "explorer").glob("*.js"):
        found = re.search(rf"{markup}|\beval\b|new Function", path.read_text("utf-8"))
        assert not found, (path.name, found)


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
    ids = [e.id for e in book.entries]
    different = 0
    for text, found in zip(texts, answer, strict=True):
        language = found["language"]
        table = sentence_table(pl.DataFrame({"doc_id": ["a"], "text": [text]}), language)
        matcher = Matcher(stream(table["text"], language))
        hits = find_hits(matcher, book.patterns(language), not_within=book.not_within(language))
        expected = Counter(ids.index(h.entry) for h in hits)
        different += len(expected)
        assert found["length"] == table["words"].sum(), text
        assert {int(e): n for e, n in found["counts"].items()} == expected, text
    assert different > 500
    assert {f["language"] for f in answer} == {"en", "zh"}


@needs_node
def test_a_pasted_text_is_searched_with_capitals_wildcards_and_points():
    patterns = ["=US navy", "(=UN|=WHO) rule*", "st. john*"]
    book = phrasebook_file(INVENTED) | {"entries": [[[[patterns, []]], []]]}
    text = (
        "The US navy met us; us navy, UN rules, un rules, St. Johns, St John. WHO rule US Navy's."
    )
    assert ask(own=[text], phrasebook=book)["own"][0]["counts"] == {"0": 5}


def test_the_page_states_the_actual_thresholds():
    page = (ROOT / "book" / "explorer.md").read_text(encoding="utf-8")
    assert f"single words seen {WORD_THRESHOLD} times or more" in page
    assert f"n-grams of two to four words seen {THRESHOLD} times or more" in page
    assert f"at most {explorer.WILDCARD} of them" in page
    assert (LONGEST, TOP_COUNTRIES) == (4, 10)  # the page says "four" and "ten" in words


# --- the whole explorer ---------------------------------------------------------------------


@pytest.fixture
def app(tmp_path):
    seen = SimpleNamespace(found_docs={site_explorer.PAGE}, findings_seen={"data": "0" * 64})
    return SimpleNamespace(env=seen, outdir=tmp_path)


def test_files_are_made_once_and_old_ones_are_removed(app, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        site_explorer, "make_files", lambda: made.append(1) or {"index.json": b"{}"}
    )
    # data of an earlier build, and of an interrupted one
    earlier = ("0123456789ab/index.json", ".0123.new.x/1/0.json")
    written(tmp_path / "explorer", dict.fromkeys(earlier, "{}"))
    site_explorer.write(app)
    site_explorer.write(app)
    assert len(made) == 1
    assert [p.name for p in (tmp_path / "explorer").iterdir()] == ["0" * 12]


@pytest.mark.parametrize("works", [True, False])
def test_a_process_makes_the_files_and_its_failure_is_told(app, tmp_path, monkeypatch, works):
    folder = tmp_path / "explorer" / ("0" * 12)
    make = f"import pathlib; p = pathlib.Path({str(folder)!r}); p.mkdir(parents=True)"
    make += "; (p / 'index.json').touch()" if works else "; raise SystemExit(3)"
    monkeypatch.setattr(site_explorer, "_MAKER", (sys.executable, "-c", make))

    def fails():
        raise TifaError("no table of n-grams")

    monkeypatch.setattr(site_explorer, "make_files", fails)
    site_explorer.start(app, app.env, [])
    with nullcontext() if works else refusal("n-grams"):
        site_explorer.write(app)
    assert (folder / "index.json").is_file() == works


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Asks the script about the explorer of the book; ``folder`` has its files."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    write_folder(folder, site_explorer.make_files())
    index = json.loads((folder / "index.json").read_bytes())
    return SimpleNamespace(folder=folder, index=index, ask=partial(ask, folder=str(folder)))


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
    assert {g.count(" ") for g in sample} == set(range(LONGEST))
    by_year = table[table["ngram"].isin(sample)].groupby("ngram")
    bases = ungdc.documents.groupby("year").agg(
        documents=("doc_id", "size"), words=("words", "sum")
    )
    tops = ungdc.ngram_countries.groupby("ngram")
    names = [country.split()[0] for country in whole.index["countries"].split("|")]
    english = {e for e, _ in tifa.phrasebook().patterns("en")}
    phrases = [*sample, *sorted(ids)]
    queries = [p if p in ids else f'"{p}"' for p in phrases]
    answers = whole.ask(queries=queries)["results"]
    for phrase, result in zip(phrases, answers, strict=True):
        if phrase in ids - english:  # without a variant there is no count, not even a zero
            assert (result["years"], result["places"]) == ([], None)
            continue
        if phrase in ids:
            expected = tifa.count(ungdc, phrase, by="year")
        else:
            # only these words: the library adds possessives and compounds
            rows = by_year.get_group(phrase).set_index("year")[["n", "docs"]]
            expected = bases.join(rows).fillna(0).astype(int).reset_index()
            top = tops.get_group(phrase).set_index("country")["n"]
            found = {names[c]: n for c, n in result["countries"]}
            assert found == top.to_dict()
            assert [*found.values()] == sorted(top, reverse=True)
        assert result["kind"] == ("entry" if phrase in ids else "ngram")
        for column in ("year", "n", "docs", "documents", "words"):
            assert [y[column] for y in result["years"]] == expected[column].tolist(), phrase
        assert (result["n"], result["docs"]) == (expected["n"].sum(), expected["docs"].sum())


@pytest.mark.slow
@needs_node
def test_counts_in_the_reports_and_in_xi_are_those_of_the_library(whole):
    xi, briefing = tifa.load("xi"), tifa.load("briefing")
    labels = [p[0] for p in whole.index["places"]]
    assert labels[:2] == ["ECNS", "Belt & Road News"]
    chance = random.Random(9)
    every = set(xi.terms["term"]) | set(briefing.terms["term"])
    # a Chinese word is looked for in Chinese texts only
    terms = chance.sample(sorted(t for t in every if not re.search(r"[\u4e00-\u9fff]", t)), 200)
    words = [f'"{term}"' for term in terms]
    answers = whole.ask(queries=words)["results"]
    for term, answer in zip(terms, answers, strict=True):
        by_source = briefing.terms[briefing.terms["term"] == term].set_index("doc_id")["n"]
        by_source = by_source.groupby(briefing.documents.set_index("doc_id")["source"]).sum()
        in_xi = xi.terms[xi.terms["term"] == term]
        pairs = answer["places"]
        assert [n for n, _ in pairs[:2]] == [by_source.get(s, 0) for s in labels[:2]], term
        assert pairs[2] == [in_xi["n"].sum(), len(in_xi)], term
    entries = sorted({e for e, _ in tifa.phrasebook().patterns("en")})
    answers = whole.ask(queries=entries)["results"]
    for entry, answer in zip(entries, answers, strict=True):
        hits = xi.hits[xi.hits["entry"] == entry]
        assert answer["places"][2] == [len(hits), hits["doc_id"].nunique()]
    # every wording of this entry has these words
    [answer] = whole.ask(queries=['"chinese characteristics"'])["results"]
    hits = xi.hits[xi.hits["entry"] == "socialism-with-chinese-characteristics"]
    assert (answer["kind"], answer["places"][2][0]) == ("wording", len(hits))
    assert (hits["variant"] == "chinese-characteristics").sum() < len(hits)


@pytest.mark.slow
@needs_node
def test_a_wildcard_is_the_sum_of_all_words_with_that_beginning(whole):
    table = tifa.load("ungdc").ngrams
    starts = ["multilateral", "non-", "o'", "climate chang", "shanghai ", "the shanghai "]
    answers = whole.ask(queries=[f"{s}*" for s in starts])["results"]
    for start, answer in zip(starts, answers, strict=True):
        rows = table[table["ngram"].str.startswith(start)]
        rows = rows[rows["ngram"].str.count(" ") == start.count(" ")]
        assert answer["kind"] == "wildcard", start
        assert answer["n"] == rows["n"].sum() > 0
        assert answer["parts"] == rows["ngram"].nunique() <= explorer.WILDCARD
        by_year = {y["year"]: y["n"] for y in answer["years"] if y["n"]}
        assert by_year == rows.groupby("year")["n"].sum().to_dict()
        assert answer["docs"] is None


@pytest.mark.slow
@needs_node
def test_the_most_frequent_words_are_suggested(whole):
    table = tifa.load("ungdc").ngrams.groupby("ngram")["n"].sum()
    labels = set(tifa.phrases()["label"])
    starts = ["b", "multi", "shang", "united n", "the peace", "zz"]
    answer = whole.ask(suggest=starts)
    for start, found in zip(starts, answer["suggestions"], strict=True):
        size = start.count(" ")
        fitting = table[table.index.str.startswith(start) & (table.index.str.count(" ") == size)]
        fitting = sorted(fitting.items(), key=lambda pair: (-pair[1], pair[0]))
        # entries of the phrasebook come first, and are not given twice
        entries = [*itertools.takewhile(labels.__contains__, found)]
        named = {label.lower() for label in entries}
        grams = [gram for gram, _ in fitting[: explorer.SUGGESTIONS] if gram not in named]
        # words that are too rare for this table, such as shang, come last
        offered = [gram for gram in found[len(entries) :] if gram in table.index]
        assert offered == grams[: 8 - len(entries)], start


@pytest.mark.slow
@needs_node
def test_one_look_up_fetches_under_60_kb(whole):
    """For any query, and with the index, although only the first look-up fetches that."""
    folder = whole.folder

    def largest(pattern):
        return max(path.stat().st_size for path in folder.glob(pattern))

    assert sum(p.stat().st_size for p in folder.rglob("*.json")) < 30_000_000
    index = largest("index.json")
    assert index + largest("sections/*") + max(largest("[0-9]/*"), largest("zh/*")) < 60_000
    assert index + largest("entry/*") < 60_000
    # files of countries, which are fetched if the reader chooses one
    assert largest("country/*") < 10_000
    # a missing phrase is explained by its words (at most four) and similar spellings
    assert max(largest("*/*"), largest("[!i]*.json")) < 40_000
    found = ["sco", "multilateral*", "security council", "共同体"]
    missing = ["a*", "the *", "no wombat of note", "the wombat", "xyzzy", "teh wrold ordre"]
    answers = whole.ask(cold=[*found, *missing])["cold"]
    for query, fetched in zip([*found, *missing], answers, strict=True):
        most = 60_000 if query in found else 150_000
        assert sum(fetched.values()) < most, f"{query}: {fetched}"


@pytest.mark.slow
@needs_node
def test_rooms_speakers_and_countries_are_those_of_the_library(whole):
    corpora = {name: tifa.load(name) for name in site_explorer.ROOMS}
    ungdc = tifa.load("ungdc")
    ids = ["win-win-cooperation", "shanghai-spirit", "terrorism", "sco"]
    answers = whole.ask(queries=ids)["results"]
    chosen = whole.ask(queries=ids, countries=["FRA", "KAZ"])["results"]
    for entry, answer, beside in zip(ids, answers, chosen, strict=True):
        for room, corpus in zip(answer["rooms"], corpora.values(), strict=True):
            expected = tifa.count(corpus, entry, by="year")
            assert [y["n"] for y in room["years"]] == expected["n"].tolist(), entry
            assert [y["words"] for y in room["years"]] == expected["words"].tolist()
            assert room["docs"] == expected["docs"].sum()
        table = site_explorer.by_speaker(entry)
        groups = table.groupby("speaker", sort=False)
        for line, (group, rows) in zip(answer["lines"], groups, strict=False):
            assert line["label"] == group
            drawn = pd.DataFrame(line["years"])[["year", "docs", "share", "low"]]
            assert drawn.to_numpy() == pytest.approx(
                rows[["year", "n", "share", "low"]].to_numpy(), abs=1e-9
            )
        # a chosen country is not in the line of its group
        having = set(ungdc.hits.loc[ungdc.hits["entry"] == entry, "doc_id"])
        last = ungdc.documents[ungdc.documents["year"] >= 2022]
        group = site_explorer.speaker(last).mask(last["country"] == "FRA", "France")
        group = group.mask(last["country"] == "KAZ", "Kazakhstan")
        labels = [*site_explorer.SPEAKERS, "France", "Kazakhstan"]
        for line, label in zip(beside["lines"], labels, strict=True):
            assert line["label"] == label
            own = last.loc[group == label, "doc_id"]
            point = [line["years"][-1][key] for key in ("from", "to", "docs", "documents")]
            assert point == [2022, 2024, own.isin(having).sum(), len(own)]


@pytest.mark.slow
@needs_node
def test_chinese_words_and_parts_of_entries_are_found(whole):
    chance = random.Random(5)
    names = [n for n in site_explorer.ROOMS if n != "xi"]
    years = {name: tifa.load(name).word_years for name in names}

    def counted(word):
        """Counts of the tables; that of the news has no word that it says one to four times."""
        found = {name: t.loc[t["word"] == word, "n"].sum() for name, t in years.items()}
        return found | ({} if found["xwlb"] else {"xwlb": None})

    every = sorted(set().union(*(set(t["word"]) for t in years.values())))
    known = tifa.phrasebook().named
    entries = set(known.names) | set(known.wordings)
    words = [w for w in chance.sample(every, 80) if re.fullmatch("[\u4e00-\u9fff]+", w)]
    words = ["共同体", *(w for w in words if w not in entries)]
    answers = whole.ask(queries=words)["results"]
    for word, answer in zip(words, answers, strict=True):
        assert answer["kind"] == "chinese", word
        counts = dict(zip(site_explorer.ROOMS, answer["rooms"], strict=True))
        found = {name: counts[name] and counts[name]["n"] for name in names}
        assert found == counted(word)
        assert counts["xi"] is None
    assert answers[0]["n"] > 5000
    plain, *others = whole.ask(queries=["台湾", "台灣", "臺灣"])["results"]
    assert [other["n"] for other in others] == [plain["n"]] * 2
    assert plain["n"] > 1000
    assert "community with a shared future" in str(answers[0]["partOf"])
    words = ["g20", "5g", "wto", "562", *chance.sample([w for w in every if w.isascii()], 40)]
    answers = whole.ask(queries=[f'"{word}"' for word in words])["results"]
    for word, answer in zip(words, answers, strict=True):
        counts = dict(zip(site_explorer.ROOMS, answer["rooms"], strict=True))
        found = {name: counts[name] and counts[name]["n"] for name in names}
        assert found == counted(word), word


def test_a_spirit_never_said_is_compared_with_its_organisation_and_that_of_bandung():
    entries = tifa.phrasebook().entries
    counts = {"sco": 60, "good-neighbourliness": 300, "spirit-of-bandung": 15}
    counts |= {"spirit-of-the-charter": 543, "spirit-of-geneva": 40, "spirit-of-rio": 13}
    found = related_entries(entries, counts)
    spirits = [f"spirit-of-{place}" for place in ("bandung", "the-charter", "geneva")]
    assert found["shanghai-spirit"] == ["sco", *spirits]
    assert "sco" not in found
