"""The command: what it writes, and how it reports mistakes (one line, status 2, no change)."""

import json
import re
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest
from conftest import DATA, replace_in, run_apart, snapshot, tarred, written

from tifa.cli import COMMANDS
from tifa.version import __version__


def extract(run_cli, setting, *options):
    where = ("--data", setting.data, "--texts", setting.source)
    return run_cli("extract", setting.corpus, *where, "-j", "1", *options)


def test_version_and_help(run_cli):
    version = run_cli("--version", alone=True)
    assert (version.code, version.out.strip(), version.err) == (0, f"tifa {__version__}", "")
    wrong = run_cli("extrakt")
    assert (wrong.code, "extrakt" in wrong.err, "Traceback" in wrong.err) == (2, True, False)
    for command in COMMANDS:
        shown = run_cli(command, "--help")
        assert (shown.code, f"Example: tifa {command}" in shown.out) == (0, True), command


def test_extract_writes_the_tables_and_describes_them(make_data, run_cli):
    setting = make_data()
    ran = extract(run_cli, setting)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("lake: 3 documents, ")
    described = json.loads((setting.data / "datapackage.json").read_text("utf-8"))
    paths = [r["path"] for r in described["resources"]]
    names = "collocates documents entries frames hits sentence_frames sentences terms"
    assert " ".join(sorted(Path(p).stem for p in paths)) == names
    before = snapshot(setting.data)
    assert {name for name in before if name.startswith("corpora/lake/")} == set(paths)
    assert {n.split("/")[0] for n in before} == {
        "corpora",
        "datapackage.json",
        "lexicon",
        "metadata",
    }
    # a second run finds nothing to change; texts and data are found by environment variables
    at = {"TIFA_DATA": str(setting.data), "TIFA_TEXTS": str(setting.texts)}
    assert run_cli("extract", "lake", "-j", "1", **at).code == 0
    assert snapshot(setting.data) == before
    # any number of jobs writes the same bytes
    shutil.rmtree(setting.folder)
    assert extract(run_cli, setting, "-j", "2").code == 0
    assert snapshot(setting.data) == before


def test_skipped_documents_are_reported(make_data, run_cli):
    setting = make_data("un", texts={}, reader="ungdc", rights="public", ngrams=True)
    files = {"AAA_01_1946.txt": b"Boats", "notes.txt": b"Boats"}
    (setting.source / "x.tar").write_bytes(tarred(files))
    ran = extract(run_cli, setting)
    assert ran.code == 0, ran.err
    assert "notes.txt" in ran.err


#: A file below the folder of the test; its new content, None to remove it, or a text in it and the
#: replacement; and what the error mentions.
BAD = [
    ("texts/lake/birch-2002.txt", b"", "birch-2002.txt"),
    ("texts/lake", None, "TIFA_TEXTS"),
    ("texts/lake/documents.csv", b"doc_id\nalder-2001\nalder-2001\n", "documents.csv:3"),
    ("data/lexicon/phrases.yml", ("entries:", "entries: ["), "phrases.yml:"),
    ("data/lexicon/frames.yml", b"version: 1 # caf\xe9\n", "frames.yml:"),
    ("data/metadata/lake.yml", None, "lake.yml"),
    ("data/metadata/lake.yml", ("rights: quotable", "rights: closed"), "closed"),
    ("data/metadata/lake.yml", ("rights: quotable", "rights: quotable\ncolour: blue"), "colour:"),
    ("data/metadata/states.csv", b"code,country\nAAA,\xff\n", "states.csv"),
    ("data/metadata/pond.yml", b"corpus: [", "pond.yml"),
    ("data/corpora/pond/terms.parquet", b"no parquet", "terms.parquet"),
]


@pytest.mark.parametrize(("name", "content", "said"), BAD)
def test_bad_input_is_one_line_and_leaves_everything(make_data, run_cli, name, content, said):
    setting = make_data()
    path = setting.data.parent / name
    # there are earlier files of this corpus and of another one
    pond = setting.overlay.read_text("utf-8").replace("corpus: lake", "corpus: pond")
    earlier = {"corpora/lake/documents.csv": "before\n", "corpora/pond/hits.csv": "doc_id\n"}
    written(setting.data, earlier | {"datapackage.json": "{}\n", "metadata/pond.yml": pond})
    if content is None:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif isinstance(content, tuple):
        replace_in(path, *content)
    else:
        written(setting.data.parent, {name: content})
    before = snapshot(setting.data)
    for jobs in ("1", "2") if name == "texts/lake/birch-2002.txt" else ("1",):
        line = extract(run_cli, setting, "-j", jobs).refusal
        assert line.startswith("tifa: ")
        assert said in line
        assert snapshot(setting.data) == before


@pytest.mark.parametrize("corpus", ["../lake", "", ".", "pond", "lake/../lake"])
def test_an_invalid_corpus_name(make_data, run_cli, corpus):
    setting = make_data()
    before = snapshot(setting.data)
    where = ("--data", setting.data, "--texts", setting.source)
    assert run_cli("extract", corpus, *where, "-j", "1").refusal
    assert snapshot(setting.data) == before


def test_a_data_folder_that_is_not_there_or_cannot_be_written(make_data, run_cli, tmp_path):
    ran = run_cli("extract", "lake", TIFA_DATA=str(tmp_path / "none"))
    assert "TIFA_DATA" in ran.refusal
    setting = make_data()
    written(setting.data, {"corpora": "a file where a folder should be"})
    before = snapshot(setting.data)
    assert extract(run_cli, setting).refusal
    assert snapshot(setting.data) == before


def test_phrases_are_listed_by_family(make_data, run_cli):
    setting = make_data()
    names = run_cli("phrases", "--family", "names", "--data", setting.data)
    assert names.out == "compact\tLakeside Compact\t\nlakeside\tLakeside\t\n", names.err
    wrong = run_cli("phrases", "--family", "no-such", "--data", setting.data)
    assert "no family 'no-such'" in wrong.refusal
    # characters that a terminal lacks are written as numbers
    shown = run_cli("phrases", "--data", DATA, PYTHONIOENCODING="koi8-r")
    assert shown.code == 0, shown.err
    assert "\\u4e0a\\u6d77" in shown.out


def test_importing_tifa_loads_nothing_unneeded():
    code = (
        "import sys, tifa\n"
        "assert 'pandas' not in sys.modules and 'polars' not in sys.modules\n"
        "assert set(tifa.__all__) <= set(dir(tifa))\n"
        "assert all(getattr(tifa, name) is not None for name in tifa.__all__)\n"
        "from tifa import Corpus, count; from tifa.analysis.counts import count_phrase\n"
        "assert count is count_phrase\n"
        "tifa.nothing"
    )
    done = run_apart(sys.executable, "-c", code)
    said = done.stderr.strip().splitlines()[-1]
    assert said == "AttributeError: module 'tifa' has no attribute 'nothing'"


HELP = "from tifa.cli import app\ntry:\n    app(['--help'])\nexcept SystemExit:\n    pass"
LIBRARIES = "sklearn nltk statsmodels scipy.stats matplotlib openpyxl distributed"


@pytest.mark.parametrize(
    ("code", "heavy"),
    [(HELP, "pandas polars numpy pydantic scipy"), ("import tifa.cli.query", LIBRARIES)],
)
def test_a_command_loads_only_what_it_needs(code, heavy):
    code += f"\nimport sys\nprint([m for m in {heavy!r}.split() if m in sys.modules])"
    done = run_apart(sys.executable, "-c", code)
    assert done.stdout.splitlines()[-1] == "[]"
    if "help" in code:
        for name in COMMANDS:
            assert re.search(rf"│ {name} +\w", done.stdout), name


def test_a_second_column_is_crossed_or_refused_never_dropped(run_cli):
    both = ("--corpus", "xi", "--by", "year", "--by", "audience")
    ran = run_cli("count", "trust", *both, "--format", "csv")
    head, *rows = (line.split(",") for line in ran.out.splitlines())
    # the names of the limits say what they limit
    assert " ".join(head[:4] + head[-3:]) == "year audience n docs share share_low share_high"
    assert ["2020", "international", "9", "7", "13"] in [row[:5] for row in rows]
    assert sum(int(row[2]) for row in rows) == 20  # hits
    assert sum(int(row[4]) for row in rows) == 42  # documents
    for wrong in (["count", "trust", *both, "--by", "year"], ["dispersion", "trust", *both]):
        assert run_cli(*wrong).refusal


@pytest.mark.parametrize("command", [["count", "trust"], ["dispersion"]])
def test_a_column_without_any_value_makes_no_groups(run_cli, command):
    ran = run_cli(*command, "--corpus", "briefing", "--by", "session")
    assert "no document has a value in the column 'session'" in ran.refusal


def test_a_small_rate_is_not_printed_as_0_and_chinese_has_characters(run_cli):
    def count(*options):
        return run_cli("count", "shanghai-spirit", "--corpus", "xwlb", "--data", DATA, *options)

    head, row = count("--by", "corpus").out.splitlines()
    assert head.split()[:6] == ["corpus", "n", "docs", "documents", "characters", "rate"]
    rate = dict(zip(head.split(), row.split(), strict=True))["rate"]
    assert 0 < float(rate) < 0.1
    assert len(rate.replace("0", "").replace(".", "")) == 2
    ran = count("--format", "json")
    assert "95% interval" not in ran.err  # nothing explains what a program reads
    (exact,) = json.loads(ran.out)
    assert float(rate) == pytest.approx(exact["rate"], rel=0.05)
    assert "words" in exact


@pytest.mark.parametrize(
    ("corpus", "said"), [("xwlb", "tifa fetch xwlb"), ("mfa-zh", "TIFA_TEXTS")]
)
def test_a_phrase_that_needs_texts_says_how_to_get_them(run_cli, tmp_path, corpus, said):
    asked = ("count", "青花瓷的茶馆", "--corpus", corpus, "--by", "year", "--data", DATA)
    line = run_cli(*asked, TIFA_TEXTS=str(tmp_path)).refusal
    assert said in line
    assert "which does not mean that it never occurs" in line
    assert ("fetch" in line) == ("fetch" in said)


TEXTS = {
    "a": 'The (slow) boat, they said, left. "Boat" is a word.',
    "b": "A new boat came; every Boat-house was open.",
}


@pytest.fixture
def kwic(extracted):
    _, run = extracted(texts=TEXTS)
    return partial(run, "kwic", "boat", "--corpus", "lake")


def test_marks_are_shown_where_they_are(kwic):
    ran = kwic("--window", "3")
    assert ran.code == 0, ran.err
    assert [line.split("  ", 1)[1].strip() for line in ran.out.splitlines()] == [
        "The (slow) [boat], they said, left.",
        '"[Boat]" is a word.',
        "A new [boat] came; every Boat-house",
        "boat came; every [Boat-house] was open.",
    ]


@pytest.mark.parametrize(
    ("sort", "right"),
    [
        ("left", ['" is', "was open", "came; every", ", they said,"]),
        ("right", ["came; every", '" is', ", they said,", "was open"]),
        ("hit", ["came; every", '" is', ", they said,", "was open"]),
    ],
)
def test_lines_are_sorted_by_words_not_by_marks(kwic, sort, right):
    asked = ("--window", "2", "--sort", sort, "--format", "csv")
    rows = kwic(*asked).rows
    # the right side of the window, which has two words, begins with the expected one
    assert [r["right"].startswith(x) for r, x in zip(rows, right, strict=True)] == [True] * 4
    assert kwic(*asked, "--most", "1").rows == rows[:1]


@pytest.mark.parametrize("command", ["count", "kwic", "collocates"])
def test_a_misspelt_corpus_is_answered_with_those_there_are(run_cli, command):
    refused = run_cli(command, "trust", "--corpus", "ungcd", "--data", DATA).refusal
    assert "no corpus 'ungcd'" in refused
    assert "ungdc, xi" in refused
