"""The command: what it writes, and how it reports mistakes (one line, status 2, no change)."""

import io
import json
import re
import shutil
import subprocess
import sys
import tarfile

import pytest
from conftest import snapshot

from tifa.cli import COMMANDS
from tifa.version import __version__

FILES = [
    "collocates.csv",
    "documents.csv",
    "entries.csv",
    "frames.csv",
    "hits.csv",
    "sentence_frames.csv",
    "sentences.csv",
    "terms.csv",
]


def extract(run_cli, setting, *options):
    return run_cli(
        "extract",
        setting.corpus,
        "--data",
        setting.data,
        "--texts",
        setting.source,
        "-j",
        "1",
        *options,
    )


def test_version_and_help(run_cli):
    version = run_cli("--version", alone=True)
    assert (version.code, version.out.strip(), version.err) == (0, f"tifa {__version__}", "")
    help_ = run_cli("--help")
    assert help_.code == 0
    assert "extract" in help_.out
    commands = "new add extract phrases count kwic findings annotate agreement evaluate"
    for command in commands.split():
        assert command in help_.out
        own = run_cli(command, "--help")
        assert own.code == 0
        assert f"Example: tifa {command} " in own.out


def test_a_misspelt_command(run_cli):
    ran = run_cli("extrakt")
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert "extrakt" in ran.err


def test_extract_writes_the_tables_and_describes_them(make_data, run_cli):
    setting = make_data()
    ran = extract(run_cli, setting)
    assert (ran.code, "Traceback" in ran.err) == (0, False), ran.err
    assert sorted(p.name for p in setting.folder.iterdir()) == FILES
    assert ran.out.startswith("lake: 3 documents, ")
    described = json.loads((setting.data / "datapackage.json").read_text("utf-8"))
    assert sorted(r["path"] for r in described["resources"]) == [f"corpora/lake/{f}" for f in FILES]
    # some versions of filelock leave their empty file
    assert sorted(p.name for p in setting.data.iterdir() if p.name != ".lock") == [
        "corpora",
        "datapackage.json",
        "lexicon",
        "metadata",
    ]
    # a second run finds nothing to change
    before = snapshot(setting.data)
    assert extract(run_cli, setting).code == 0
    assert snapshot(setting.data) == before


def test_extract_finds_texts_and_data_by_environment_variable(make_data, run_cli):
    setting = make_data()
    ran = run_cli(
        "extract", "lake", "-j", "1", TIFA_DATA=str(setting.data), TIFA_TEXTS=str(setting.texts)
    )
    assert ran.code == 0, ran.err
    assert (setting.folder / "hits.csv").is_file()


def test_a_broken_table_of_the_same_corpus_is_replaced(make_data, run_cli):
    setting = make_data()
    setting.folder.mkdir(parents=True)
    (setting.folder / "hits.parquet").write_bytes(b"no parquet")
    (setting.data / "corpora" / "notes.txt").write_text("a note, no corpus", "utf-8")
    ran = extract(run_cli, setting)
    assert ran.code == 0, ran.err
    assert sorted(p.name for p in setting.folder.iterdir()) == FILES


def test_any_number_of_jobs_writes_the_same_bytes(make_data, run_cli):
    setting = make_data()
    assert extract(run_cli, setting).code == 0
    before = snapshot(setting.data)
    shutil.rmtree(setting.folder)
    assert extract(run_cli, setting, "-j", "2").code == 0
    assert snapshot(setting.data) == before


def test_skipped_documents_are_reported(make_data, run_cli):
    setting = make_data("un", texts={}, reader="ungdc", rights="public", ngrams=True)
    with tarfile.open(setting.source / "x.tar", "w") as archive:
        for name in ("AAA_01_1946.txt", "notes.txt"):
            info = tarfile.TarInfo(name)
            info.size = 5
            archive.addfile(info, io.BytesIO(b"Boats"))
    ran = extract(run_cli, setting)
    assert ran.code == 0, ran.err
    assert "notes.txt" in ran.err


# --- bad input ----------------------------------------------------------------------------


def _replace(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _empty_text(s):
    (s.source / "birch-2002.txt").write_bytes(b"")


def _listing(rows):
    def write(s):
        (s.source / "documents.csv").write_text(rows, "utf-8")

    return write


def _broken_yaml(s):
    _replace(s.data / "lexicon" / "phrases.yml", "entries:", "entries: [")


def _latin_lexicon(s):
    path = s.data / "lexicon" / "frames.yml"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")


def _no_overlay(s):
    s.overlay.unlink()


def _closed(s):
    _replace(s.overlay, "rights: quotable", "rights: closed")


def _unknown_field(s):
    with s.overlay.open("a", encoding="utf-8") as file:
        file.write("colour: blue\n")


def _latin_states(s):
    (s.data / "metadata" / "states.csv").write_bytes(b"code,country\nAAA,\xff\n")


def _other_corpus_without_overlay(s):
    (s.data / "corpora" / "pond").mkdir()
    (s.data / "corpora" / "pond" / "hits.csv").write_text("doc_id\n", "utf-8")


def _other_corpus_with_broken_overlay(s):
    _other_corpus_without_overlay(s)
    (s.data / "metadata" / "pond.yml").write_text("corpus: [", "utf-8")


def _other_corpus_with_broken_table(s):
    (s.data / "corpora" / "pond").mkdir()
    (s.data / "corpora" / "pond" / "hits.parquet").write_bytes(b"no parquet")
    text = s.overlay.read_text("utf-8").replace("corpus: lake", "corpus: pond")
    (s.data / "metadata" / "pond.yml").write_text(text, "utf-8")


BAD = {
    "empty text": (_empty_text, "birch-2002.txt"),
    "no texts": (lambda s: shutil.rmtree(s.source), "TIFA_TEXTS"),
    "duplicate doc_id": (_listing("doc_id\nalder-2001\nalder-2001\n"), "documents.csv:3"),
    "broken YAML": (_broken_yaml, "phrases.yml:"),
    "lexicon not UTF-8": (_latin_lexicon, "frames.yml:"),
    "no overlay": (_no_overlay, "lake.yml"),
    "closed": (_closed, "closed"),
    "unknown field": (_unknown_field, "'colour'|colour:"),
    "states not UTF-8": (_latin_states, "states.csv"),
    "other overlay": (_other_corpus_with_broken_overlay, "pond.yml"),
    "other table": (_other_corpus_with_broken_table, "hits.parquet"),
}


@pytest.mark.parametrize(
    ("case", "jobs"), [(c, "1") for c in BAD] + [("empty text", "2"), ("closed", "2")]
)
def test_bad_input_is_one_line_and_leaves_everything(make_data, run_cli, case, jobs):
    spoil, said = BAD[case]
    setting = make_data()
    # a file existed before
    setting.folder.mkdir(parents=True)
    (setting.folder / "documents.csv").write_text("before\n", "utf-8")
    (setting.data / "datapackage.json").write_text("{}\n", "utf-8")
    spoil(setting)
    before = snapshot(setting.data)
    ran = extract(run_cli, setting, "-j", jobs)
    lines = [line for line in ran.err.splitlines() if line.strip()]
    assert ran.code == 2, (ran.code, ran.err)
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("tifa: ")
    assert any(s in lines[0] for s in said.split("|")), lines[0]
    assert ran.out == ""
    assert snapshot(setting.data) == before


@pytest.mark.parametrize("corpus", ["../lake", "", ".", "pond", "lake/../lake"])
def test_an_invalid_corpus_name(make_data, run_cli, corpus):
    setting = make_data()
    before = snapshot(setting.data)
    ran = run_cli("extract", corpus, "--data", setting.data, "--texts", setting.source, "-j", "1")
    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1), ran.err
    assert snapshot(setting.data) == before


def test_no_data_folder(run_cli, tmp_path):
    ran = run_cli("extract", "lake", TIFA_DATA=str(tmp_path / "none"))
    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1)
    assert "TIFA_DATA" in ran.err


def test_a_data_folder_that_cannot_be_written(make_data, run_cli):
    setting = make_data()
    (setting.data / "corpora").write_text("a file where a folder should be", "utf-8")
    before = snapshot(setting.data)
    ran = extract(run_cli, setting)
    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1), ran.err
    assert snapshot(setting.data) == before


def test_phrases_are_listed_by_family(make_data, run_cli):
    setting = make_data()
    every = run_cli("phrases", "--data", str(setting.data))
    assert every.code == 0, every.err
    assert len(every.out.splitlines()) >= 1
    assert all(line.count("\t") == 2 for line in every.out.splitlines())
    wrong = run_cli("phrases", "--family", "no-such", "--data", str(setting.data))
    assert wrong.code == 2
    assert "no family 'no-such'" in wrong.err


def test_the_commands_start_without_what_only_some_of_them_need():
    slow = (
        "sklearn",
        "nltk",
        "statsmodels",
        "scipy.stats",
        "matplotlib",
        "openpyxl",
        "distributed",
    )
    code = f"import sys, tifa.cli.query; print([m for m in {slow!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = done.stderr.strip().splitlines()[-1]
    assert said == "AttributeError: module 'tifa' has no attribute 'nothing'"


def test_a_list_of_the_commands_loads_none_of_them():
    code = (
        "import sys\nfrom tifa.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'pandas', 'polars', 'numpy', 'pydantic', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for name in COMMANDS:
        assert re.search(rf"│ {name} +\w", done.stdout), name


def test_a_second_column_is_crossed_or_refused_never_dropped(run_cli):
    both = ("--corpus", "xi", "--by", "year", "--by", "audience")
    ran = run_cli("count", "trust", *both, "--format", "csv")
    head, *rows = (line.split(",") for line in ran.out.splitlines())
    # one limit's name says what it limits
    assert head[:4] + head[-3:] == [
        "year", "audience", "n", "docs", "share", "share_low", "share_high"
    ]  # fmt: skip
    assert ["2020", "international", "9", "7", "13"] in [row[:5] for row in rows]
    for n, alone in ((2, 20), (4, 42)):  # hits, and documents, of the whole corpus
        assert sum(int(row[n]) for row in rows) == alone
    for wrong in (["count", "trust", *both, "--by", "year"], ["dispersion", "trust", *both]):
        ran = run_cli(*wrong)
        assert (ran.code, ran.out) == (2, ""), wrong


@pytest.mark.parametrize("command", [["count", "trust"], ["dispersion"]])
def test_a_column_without_any_value_makes_no_groups(run_cli, command):
    ran = run_cli(*command, "--corpus", "briefing", "--by", "session")
    assert ran.code == 2
    assert "no document has a value in the column 'session'" in ran.err
