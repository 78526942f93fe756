"""A study of your own: from a folder of texts and a spreadsheet to a book."""

import json
import os
import re
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
from conftest import DATA, ROOT, refusal, run_apart, snapshot, written
from pypdf import PdfReader

from tifa.data.corpus import load
from tifa.data.metadata import read_overlay
from tifa.lexicon.model import read_frames, read_phrasebook
from tifa.publish import figures
from tifa.publish.notebook import run, use_style
from tifa.sources.document import Reading, files_below
from tifa.study.template import new_study

LABELS = ROOT / "tests" / "labels"
TEMPLATE = ROOT / "src" / "tifa" / "study" / "templates" / "study"
NOTEBOOKS = sorted(TEMPLATE.glob("notebooks/*.ipynb"))
#: The texts of the labels with their list, as a new user adds them.
USUAL = ["--texts", LABELS / "texts", "--documents", LABELS / "labels.csv"]
USUAL += [f"--column={c}" for c in ("date=issued", "genre=gallery", "author=written by")]


def add(study, *options):
    """Add the corpus of labels to a study, like a new user."""
    return study.run("add", "labels", *(options or (*USUAL, "--rights=public")))


def test_chinese_texts_are_counted_as_they_are_searched(study, tmp_path):
    text = "中国和湖边小镇加强合作。\n中国经济发展，发展再发展！\n"
    texts = written(tmp_path / "in", {"a.txt": text})
    assert "language: zh" in study.add("lake", texts, "--rights=quotable")
    study.extract("lake")
    assert load("lake", data=study.data).documents["words"].tolist() == [22]
    for word, n in (("中国", 2), ("发展", 3), ("發展", 3)):
        for environment in ({}, {"TIFA_TEXTS": str(tmp_path)}):
            counted = study.run("count", word, "--corpus", "lake", **environment)
            assert counted.out.splitlines()[1].split()[:5] == ["lake", str(n), "1", "1", "22"]
            assert "per 10,000 characters" in counted.err
    shown = study.run("kwic", "发展", "--corpus", "lake")
    assert shown.out.count("[发展]") == 3
    # --language overrides what is detected from the texts
    assert "language: zh" not in study.add("en", texts, "--rights=quotable", "--language=en")


# --- the folder ---------------------------------------------------------------------------


def test_a_new_study_is_complete(study):
    for name in ("_config.yml", "_toc.yml", "index.md", "Makefile", ".gitignore", "data/study.yml"):
        assert (study.folder / name).is_file(), name
    assert read_phrasebook(study.data / "lexicon" / "phrases.yml").entries
    assert read_frames(study.data / "lexicon" / "frames.yml").frames
    assert not [p for p in study.folder.rglob("*") if p.is_file() and b"{{" in p.read_bytes()]
    assert "data/texts/" in (study.folder / ".gitignore").read_text()
    assert [p.name for p in study.folder.parent.iterdir()] == ["my study"]


def test_new_never_overwrites(run_cli, study, tmp_path):
    (tmp_path / "file").write_text("a file", "utf-8")
    before = snapshot(tmp_path)
    assert "is there already" in run_cli("new", study.folder).refusal
    for name in ("file", "file/below"):
        assert run_cli("new", tmp_path / name).refusal
    assert "without < and >" in run_cli("new", tmp_path / "x", "--title", "<script>").refusal
    assert snapshot(tmp_path) == before | {"elsewhere": None}
    empty = tmp_path / "empty"
    empty.mkdir()
    folder = os.open(empty, os.O_RDONLY)  # like a shell that works in it
    made = run_cli("new", empty, "--title", "中文")
    assert made.code == 0, made.err
    assert 'title: "中文"' in (empty / "_config.yml").read_text("utf-8")
    assert os.path.samestat(os.fstat(folder), empty.stat())
    os.close(folder)


def test_the_wheel_contains_the_template():
    # the wheel leaves out ignored files
    files = [p.relative_to(ROOT) for p in TEMPLATE.rglob("*") if p.is_file()]
    assert run_apart("git", "check-ignore", "--no-index", *files, folder=ROOT).stdout == ""
    assert len(files) >= 12


# --- adding a corpus ----------------------------------------------------------------------


def test_add_reports_what_was_read_and_keeps_the_path_private(study):
    ran = add(study)
    assert ran.code == 0, ran.err
    assert "read 12 of 12 documents" in ran.out
    assert "cannot be told apart, only the year was kept (11 solar oven.txt)" in ran.out
    path = study.data / "metadata" / "labels.yml"
    assert read_overlay(path).columns["date"] == "issued"
    # the path of the texts is private
    assert str(LABELS) not in path.read_text("utf-8")
    assert str(LABELS) in (study.data / "texts" / "labels.place.yml").read_text("utf-8")
    before = snapshot(study.folder)
    assert "labels.yml: is there already" in add(study).refusal
    assert snapshot(study.folder) == before


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("texts", [], "--rights public"),
        ("none", ["--rights=public"], "no such file or folder"),
        ("README.md", ["--rights=public"], "cannot be read"),
        ("labels.csv", ["--rights=public"], "no column for text"),
        ("texts", ["--rights=public", "--column=datum"], "FIELD=COLUMN"),
        ("texts", ["--rights=public", "--column=hue=x"], "no field 'hue'"),
        ("texts", ["--rights=public", "--documents", LABELS / "none.csv"], "no such file"),
    ],
)
def test_add_refuses_in_one_line_and_writes_nothing(study, source, options, said):
    before = snapshot(study.folder)
    assert said in add(study, "--texts", LABELS / source, *options).refusal
    assert snapshot(study.folder) == before


def test_rights_determine_what_is_written(study):
    for name, rights in (("open", "public"), ("short", "quotable"), ("shut", "closed")):
        study.add(name, LABELS / "texts", f"--rights={rights}")
    for name in ("open", "short"):
        assert "read 12 of 12" in study.extract(name).err
        assert (study.data / "corpora" / name / "terms.csv").is_file()
    assert "closed" in study.extract("shut").refusal
    assert "is closed" in study.run("kwic", "drum", "--corpus", "shut").refusal
    assert not (study.data / "corpora" / "shut").exists()
    package = json.loads((study.data / "datapackage.json").read_text("utf-8"))
    assert package["title"] == "Labels: 'all' of them"


# --- to the end ---------------------------------------------------------------------------


def add_and_extract(folder, name, *options):
    """Add a corpus to the study in a folder, and extract it."""
    for arguments in (["add", name, *options], ["extract", name, "-j", "1"]):
        done = run_apart(sys.executable, "-m", "tifa.cli", *arguments, folder=folder)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A study with the labels counted."""
    folder = tmp_path_factory.mktemp("own") / "labels book"
    new_study(folder, title="Labels")
    add_and_extract(folder, "labels", "--rights=quotable", *USUAL)
    return folder


def test_the_tables_of_a_new_study(counted):
    labels = load("labels", data=counted / "data")
    documents = labels.documents.set_index("doc_id")
    assert len(documents) == 12
    assert documents.loc["02-青花瓷", "date"] == "2019-03-12"
    assert documents.loc["09-café-sign", "author"] == "Zoë Ferrand"
    assert documents.loc["11-solar-oven", "date"] == "2023"
    assert pd.isna(documents.loc["12-stone", "year"])
    hits = labels.hits.groupby(["doc_id", "variant"]).size()
    assert hits["06-river-map", "zh"] == 1
    assert hits["06-river-map", "climate-change"] == 1


def test_commands_that_look(counted, run_cli):
    data = ["--data", counted / "data"]

    def ask(command, *words):
        return run_cli(command, *words, "--corpus=labels", *data)

    by_genre = ask("count", "climate change", "--by=genre")
    head, *lines = by_genre.out.splitlines()
    names = ["genre", "n", "docs", "documents", "words", "rate", "share", "share_low", "share_high"]
    assert head.split() == names, by_genre.err
    counts = {line.split("  ")[0]: line.split()[2:5] for line in lines}
    assert counts == {"West $": ["1", "1", "6"], "东 East": ["3", "2", "6"]}
    (row,) = json.loads(ask("count", "drum", "--format=json").out)
    assert [row[c] for c in names[1:4]] == [2, 1, 12]
    top = ask("count", "year", "--by=year", "--top=1", "--format=csv")
    assert [[r[c] for c in ("year", *names[1:4])] for r in top.rows] == [["2021", "2", "2", "4"]]
    assert "1 documents without year are left out" in top.err
    # words that are no entry are counted in the texts
    none = ask("count", "zebra crossing", "--format=csv")
    assert [r["n"] for r in none.rows] == ["0"]
    assert "(from: texts)" in none.err
    for wrong in (["#zebra"], ["drum", "--by", "hue"]):
        assert ask("count", *wrong).refusal
    assert "[气候变化正在改变这条河]" in ask("kwic", "*气候变化*").out
    found = ask("kwic", "wages", "--window=2", "--format=csv").rows
    assert [f"{r['left']} {r['hit']} {r['right']}" for r in found] == [
        *("lost; her wages are known", "source on wages in the")
    ]
    assert "make book" in run_cli("findings", *data).refusal
    assert "entry" in run_cli("phrases", "--format=csv", *data).rows[0]


def test_kwic_is_not_sent_into_a_file_that_git_tracks(counted, tmp_path):
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("the system does not tell where output goes")
    (tmp_path / ".git").mkdir()
    out = tmp_path / "lines.txt"
    with out.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "tifa.cli", "kwic", "wages", "--corpus=labels"],
            cwd=counted,
            env={k: v for k, v in os.environ.items() if k not in ("TIFA_DATA", "TIFA_TEXTS")},
            stdout=file,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, out.read_bytes()) == (2, b"")
    assert b"lines.txt" in done.stderr


def test_findings_of_a_table_and_of_a_site(study):
    site, table = study.folder / "_build" / "html" / "findings.json", study.data / "findings.csv"
    site.parent.mkdir(parents=True)
    finding = {"id": "F1.1", "statement": "Jars are blue.", "estimate": 0.51234, "unit": "of jars"}
    finding |= {"low": None, "high": None, "n": 12, "n_of": "jars", "tables": {}, "values": {}}
    site.write_text(json.dumps({"findings": [finding]}), "utf-8")
    ran = study.run("findings")
    assert ran.out == "F1.1  Jars are blue.\n      0.51 of jars; n = 12 jars\n", ran.err
    table.write_text(
        "id,statement,estimate,low,high,unit,n,n_of\nF1.2,Cups are,2,1,3,cups,4,days\n", "utf-8"
    )
    assert "2 cups (95% interval 1 to 3); n = 4 days" in study.run("findings", "F1.2").out
    assert "no finding 'F1.1'" in study.run("findings", "F1.1").refusal
    for content, said in (("x\n", "no column 'id'"), ("id,statement\n", "is the file cut off?")):
        table.write_text(content, "utf-8")
        assert said in study.run("findings").refusal
    table.unlink()
    for content in ("{", '{"findings": [{"id": "F1.1"}]}'):
        site.write_text(content, "utf-8")
        assert "build the book again" in study.run("findings").refusal
    # a book that is built, but has no finding yet
    site.write_text('{"findings": []}', "utf-8")
    ran = study.run("findings")
    assert (ran.code, ran.out) == (0, ""), ran.err
    assert "no finding 'F1.2'" in study.run("findings", "F1.2").refusal
    ran = study.run("snapshot", site)
    assert (ran.code, ran.out) == (0, "0 findings, 0 differences\n"), ran.err
    assert not table.exists()


def test_parameters_reach_the_notebook_if_it_has_them(tmp_path):
    path, cell = tmp_path / "a b.ipynb", nbformat.v4.new_code_cell
    cells = [cell("x = 1\ny = 'a'", metadata={"tags": ["parameters"]}), cell("print(x, y)")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    before = path.read_bytes()
    ran = run(path, tmp_path / "out" / "b.ipynb", x="it's", y=[1, "气"])
    assert ran.cells[-1].outputs[0]["text"] == "it's [1, '气']\n"
    assert path.read_bytes() == before
    written = nbformat.read(tmp_path / "out" / "b.ipynb", as_version=4)
    assert written.cells[1].source == ran.cells[1].source
    with refusal("no parameter 'z'; there is: x, y"):
        run(path, z=1)
    with refusal("not a notebook"):
        run(LABELS / "labels.csv")
    nbformat.write(nbformat.v4.new_notebook(cells=cells[1:]), path)
    with refusal("no cell is tagged parameters"):
        run(path, x=2)


@pytest.mark.slow
def test_the_book_builds(counted):
    book = Path(sys.executable).with_name("jupyter-book")
    done = run_apart(book, "build", ".", "-W", "-n", "--keep-going", folder=counted)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    page = (counted / "_build" / "html" / "notebooks" / "02-phrases.html").read_text("utf-8")
    assert '<figure class="tifa-figure" id="fig-phrases-by-group-labels">' in page
    assert "common heritage" in page
    # labels missing from our fonts, and dollar signs that are not mathematics
    for label in ("东 East", "West $"):
        assert f">{label}</text>" in page
    home = (counted / "_build" / "html" / "index.html").read_text("utf-8")
    assert 'src="http' not in home + page
    assert "In which frames" in home


@pytest.mark.slow
def test_the_book_of_a_chinese_study(tmp_path, monkeypatch):
    folder = tmp_path / "lake"
    new_study(folder, title="湖边 &lt;b&gt;")
    monkeypatch.setenv("TIFA_PDF", "1")
    rows = "".join(f"d{i},{2000 + i % 4},湖边的合作与气候变化。\n" for i in range(12))
    for name in ("lake", "reeds"):
        (tmp_path / f"{name}.csv").write_text(f"id,date,text\n{rows}", "utf-8")
        add_and_extract(folder, name, "--texts", f"../{name}.csv", "--rights=public")
    done = run_apart(sys.executable, "-m", "tifa_book.build", "--afresh", folder=folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    site = folder / "_build" / "html"
    pages = {
        p.relative_to(site).as_posix(): p.read_text("utf-8")
        for p in site.rglob("*.html")
        if "_static" not in p.parts
    }
    # frames are English words: there is no chapter on them
    assert {"404.html", "index.html", "search.html", "notebooks/02-phrases.html"} <= pages.keys()
    assert "notebooks/03-frames.html" not in pages
    for name, page in pages.items():
        head, scripts = page.split("<title>", 1)[0], re.findall("<script([^>]*)>", page)
        assert "Content-Security-Policy" in head, name
        assert all("src=" in script for script in scripts), name
    often = pages["notebooks/02-phrases.html"]
    for corpus in ("lake", "reeds"):
        assert f"{corpus}: hits and rate per 10,000 characters" in often
    assert "<td>气候变化</td>" in often
    assert "湖边 &amp;lt;b&amp;gt;" in pages["index.html"]
    # two characters inside a word are found by the search of the site
    assert '"\\u53d8\\u5316":' in (site / "searchindex.js").read_text("utf-8")
    printed = PdfReader(site / "book.pdf")
    assert "湖边 &lt;b&gt;" in printed.pages[0].extract_text()
    assert "How often" in printed.pages[1].extract_text()
    assert "气候变化" in "".join(page.extract_text() for page in printed.pages)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_the_notebooks_run_on_any_corpus(path, study, tmp_path, monkeypatch):
    two = sorted((LABELS / "texts").iterdir())[:2]
    study.add("bare", written(tmp_path / "texts", {p.name: p.read_bytes() for p in two}))
    assert study.extract("bare").code == 0
    for data, corpus in ((DATA, "ungdc"), (study.data, "bare")):
        monkeypatch.setenv("TIFA_DATA", str(data))
        assert any(c.get("outputs") for c in run(path, corpus=corpus).cells)


# --- texts that cannot be read ------------------------------------------------------------


#: Puts something in place of a text, as a broken disk or a missing permission would.
UNREADABLE = {
    "empty placeholder": lambda path: path.touch(),
    "link to nowhere": lambda path: path.symlink_to(path.with_name("gone")),
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable_texts_do_not_replace_features(study, tmp_path, kind):
    files = {f"{name}.txt": f"The jar {name} is blue." for name in "abc"}
    source = written(tmp_path / "texts", {**files, "z.txt": "罐子是蓝的。"})
    assert "documents that are mostly Chinese: 1" in study.add("jars", source)
    assert study.extract("jars").code == 0
    before = snapshot(study.folder)
    (source / "b.txt").unlink()
    UNREADABLE[kind](source / "b.txt")
    assert "1 text could not be read (b.txt:" in study.extract("jars").refusal
    assert snapshot(study.folder) == before
    # results printed from the texts are incomplete too
    assert study.run("kwic", "jar", "--corpus", "jars").code == 2
    # on request the others are counted, and the table unread lists the missing one
    assert study.extract("jars", "--skip-unreadable").code == 0
    unread = load("jars", data=study.data).unread
    assert unread["name"].tolist() == ["b.txt"]
    for command in ("count", "dispersion"):
        said = study.run(command, "jar", "--corpus", "jars").err
        assert "1 text of jars could not be read" in said
    kwic = partial(study.run, "kwic", "jar", "--corpus", "jars")
    assert kwic().code == 0
    # only the text that extraction skipped may be missing, not another one that is damaged later
    (source / "later.txt").touch()
    ran = kwic()
    assert ran.code == 2 and "1 text could not be read (later.txt:" in ran.err
    (source / "later.txt").unlink()
    assert study.run("verify", "--against-texts").code == 0


def test_hidden_files_and_folders_are_no_texts(tmp_path):
    names = ("a.txt", ".b.txt", "~$c.docx", ".git/d.txt", "in/.e/f.txt", "in/g.txt")
    found = files_below(written(tmp_path, dict.fromkeys(names, "A jar.")), Reading())
    assert [p.relative_to(tmp_path).as_posix() for p in found] == ["a.txt", "in/g.txt"]


def test_folders_that_cannot_be_listed_or_are_links(tmp_path, monkeypatch):
    written(tmp_path, {"in/a.txt": "A jar.", "out/b.txt": "A jar."})
    (tmp_path / "out/link").symlink_to(tmp_path / "in")
    listed = os.scandir

    def refusing(path):
        if Path(path).name == "in":
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)
    reading = Reading()
    assert [p.name for p in files_below(tmp_path, reading)] == ["b.txt"]
    assert reading.unreadable == [("in", "a folder that cannot be listed: Permission denied")]
    assert "a link to a folder, which is not followed (out/link)" in "\n".join(reading.report())


# --- encodings, long names ----------------------------------------------------------------


def test_texts_in_another_encoding_are_read_as_it_is_named(study, tmp_path):
    french = "Le café ferme à midi, déjà vu.".encode("cp1252")
    source = written(tmp_path / "texts", {"a.txt": french, "b.txt": "Thé à la menthe."})
    assert "say --encoding cp1252" in study.add("c", source)
    # extracted without it, the text is refused, or skipped and recorded
    assert study.extract("c").code == 2
    assert study.extract("c", "--skip-unreadable").code == 0
    assert load("c", data=study.data).unread["name"].tolist() == ["a.txt"]
    assert "read 2 of 2" in study.add("d", source, "--rights=public", "--encoding=cp1252")
    assert study.extract("d").code == 0
    terms = load("d", data=study.data).terms
    assert {"café", "déjà", "thé"} <= set(terms["term"])
    for other in ("x", "rot13", "base64", "idna", "unicode_escape"):
        ran = study.run("add", "e", "--texts", source, "--rights=public", "--encoding", other)
        assert f"no encoding '{other}'" in ran.refusal
    wide = written(tmp_path / "wide", {"a.txt": "Two jars.".encode("utf-16")})
    assert "read 1 of 1" in study.add("f", wide, "--rights=public", "--encoding=utf-16")


def test_groups_with_long_names_leave_room_for_the_figure():
    name = "Information Office of the State Council of the People's Republic of China"
    sources = [name, f"{name} and its {name}", "x"]
    table = pd.DataFrame({"source": sources, "phrase": "a", "rate": 3.0, "low": 1, "high": 5})
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        use_style()
        fig, ax = plt.subplots(figsize=(figures.WIDTH, 2.85))
        figures.forest(table, ax, labels="phrase", groups="source", unit="per 10,000 words")
        fig.canvas.draw()
    plt.close(fig)


def test_the_first_page_says_what_could_not_be_read(study, tmp_path, monkeypatch):
    study.add("jars", written(tmp_path / "in", {"a.txt": "A blue jar.", "lost jar.txt": ""}))
    assert study.extract("jars", "--skip-unreadable").code == 0
    monkeypatch.setenv("TIFA_DATA", str(study.data))
    ran = run(study.folder / "notebooks" / "01-corpus.ipynb", tmp_path / "out.ipynb", corpus="jars")
    shown = [o for c in ran.cells for o in c.get("outputs", ()) if "lost jar.txt" in str(o)]
    assert "Files that could not be read" in str(shown)
