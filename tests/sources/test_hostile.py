"""Broken and hostile input: refused in one line, or treated as plain text."""

import csv
import gzip
import io
import json
import os
import re
import sys
import time
import tracemalloc
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from browsing import serve
from conftest import (
    ABOUT,
    FRAMES,
    entry_of,
    refusal,
    run_apart,
    write_yaml,
    written,
)
from hostile import FORMULAS, LONG, MARKUP, PIECES, SCRIPT
from hypothesis import example, given
from hypothesis import strategies as st

from tifa.data.metadata import Overlay, read_overlay
from tifa.lexicon.match import Matcher
from tifa.lexicon.model import read_frames, read_phrasebook
from tifa.lexicon.patterns import Glob, parse
from tifa.sources.document import MAX_TEXT_BYTES, Reading
from tifa.sources.open import read
from tifa.sources.rows import source_rows
from tifa.study.template import new_study
from tifa.text.tokens import stream
from tifa.text.words import sentence_table
from tifa.util.dates import read_date
from tifa.util.errors import TifaError
from tifa.util.spreadsheet import safe_cell


def overlay(reader, **more):
    return Overlay.model_validate({**ABOUT, "reader": reader, **more})


def of_table(name):
    """An overlay of a table in a file of this name."""
    return overlay("jsonl" if "jsonl" in name else "table")


# --- characters that few expect -----------------------------------------------------------


def test_right_to_left_and_combining_characters_are_words(extracted):
    texts = {
        "a": "שלום לכולם. مرحبا بالعالم!",
        "b": "Z" + "\u0334" * 500 + " cafe\u0301 café.",
        "c": "\u202eA lamp\u202c and a la\u200dmp.",
        "d": "हिन्दी में लेख",
    }
    _, run = extracted(texts=texts)
    assert run("verify", "--against-texts").code == 0


def test_half_a_character_is_replaced(tmp_path, study):
    line = '{"id": "a", "text": "A jar \\ud800 and.", "title": "x\\udfff \\u0000 \\u202ey"}'
    study.add("half", written(tmp_path, {"x.jsonl": line}) / "x.jsonl")
    assert study.extract("half").code == 0
    table = pd.read_csv(study.data / "corpora" / "half" / "documents.csv")
    assert table["title"].tolist() == ["x? y"]


# --- far too much -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["line.txt", "line.csv", "line.jsonl", "documents.csv"])
def test_a_line_of_200_mb_is_refused_in_bounded_memory(tmp_path, name):
    start = {"csv": b"id,text\na,", "jsonl": b'{"id": "a", "text": "'}.get(name[5:], b"")
    folder = written(tmp_path, {"a.txt": "A jar.", name: start})
    with (folder / name).open("ab") as file:
        for _ in range(200):
            file.write(b"jar " * 250_000)
    reader = {"csv": "table", "jsonl": "jsonl"}.get(name[5:], "folder")
    tracemalloc.start()
    with refusal("bytes"):
        list(read(folder if reader == "folder" else folder / name, overlay(reader, strict=True)))
    # the long line is not copied many times
    assert tracemalloc.get_traced_memory()[1] < 1_200_000_000
    tracemalloc.stop()


def test_a_text_over_the_limit_is_not_read(tmp_path):
    # a sparse file: large, but without data on disk
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(MAX_TEXT_BYTES + 1)
    with refusal("expected at most"):
        list(read(tmp_path, overlay("folder")))


# --- YAML ---------------------------------------------------------------------------------

BOMBS = {
    "laughs": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi"))  # noqa: B905
    + "version: 1\n",
    "deep": "[" * 5_000,
    "a loop": "&a [*a]",
    "python object": "!!python/object/apply:os.system ['touch struck']",
    "a large number": "version: " + "9" * 5_000,
    "base 60": "version: " + "59:" * 3_000 + "59",
    "many fields": "\n".join(f"k{n}: 1" for n in range(100_001)),
    "NUL": "version: 1\0",
    "empty": "",
}


@pytest.mark.parametrize("name", BOMBS)
def test_yaml_that_is_a_trap_is_refused_soon(tmp_path, name):
    path = tmp_path / "phrases.yml"
    path.write_text(BOMBS[name], "utf-8")
    start = time.process_time()
    with refusal() as error:
        read_phrasebook(path)
    assert len(str(error.value)) < 3_000
    assert not Path("struck").exists()
    assert time.process_time() - start < 20


# --- patterns built to blow up ------------------------------------------------------------


@pytest.mark.parametrize("glob", ["*a*a*a*a*ab", "a?" * 6 + "*b", "*" * 30 + "b"])
def test_matching_a_glob_takes_linear_time(glob):
    start = time.process_time()
    assert not Glob(glob).matches("a" * 100_000 + "c")
    # backtracking would take an hour for one star, and would never end for five
    assert time.process_time() - start < 20


EVIL = ["a", "a-", '"', "a'", " ", ". ", "Mr. ", "a-\n", "a\u0301\u0301", "("]


@pytest.mark.parametrize("piece", EVIL)
def test_time_grows_in_proportion_to_the_text(piece):
    start = time.process_time()
    text = piece * (1_000_000 // len(piece))
    table = sentence_table(pl.DataFrame({"doc_id": ["d"], "text": [text]}))
    if table.height:
        Matcher(stream(table["text"])).starts(parse("a* a* a* a* (a*|b*)"))
    # a quadratic method would take an hour
    assert time.process_time() - start < 60


# --- cells that a spreadsheet computes ----------------------------------------------------


def test_formulas_of_a_corpus_reach_no_export(tmp_path, study):
    rows = [
        {"id": f"d{n}", "text": f"{cell} jar {cell}", "author": cell}
        for n, cell in enumerate(FORMULAS)
    ]
    rows.append({"id": "e", "text": "A jar.", "author": "Ola\x1b[31m"})
    assert all(safe_cell(cell).startswith("'") for cell in FORMULAS)
    lines = "\n".join(json.dumps(r) for r in rows)
    study.add("x", written(tmp_path, {"x.jsonl": lines}) / "x.jsonl")
    assert study.extract("x").code == 0
    for command in (
        ["count", "climate change", "--corpus=x", "--by=author"],
        ["kwic", "jar", "--corpus=x"],
        ["phrases"],
    ):
        ran = study.run(*command, "--format=csv")
        assert ran.code == 0, ran.err
        cells = [c for row in csv.reader(io.StringIO(ran.out, newline="")) for c in row]
        numbers = re.compile(r"-?[\d.]+(e[+-]\d+)?")
        assert all(c == safe_cell(c) or numbers.fullmatch(c) for c in cells), cells
    # and no output has control characters for a terminal
    assert "\x1b" not in study.run("count", "jar", "--corpus=x", "--by=author").out
    sheet = tmp_path / "sheet.csv"
    assert study.run("annotate", "x", "--out", sheet, "--annotator==1+1").code == 0
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        assert all(c == safe_cell(c) for row in csv.reader(file) for c in row)


# --- a site of hostile texts --------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory):
    """A study built from hostile texts."""
    folder = tmp_path_factory.mktemp("hostile") / "book"
    title = "Jars & {{x}} {% raw %} [a](javascript:window.struck=1) {raw}`html` $x$ `a` ![b](x)"
    new_study(folder, title=title, author="A {{x}} & {raw}`html`")
    source = folder.parent / "texts.jsonl"
    rows = [
        {
            "id": f"d{n}-{n % 3}",
            "text": f"{bad} The Lakeside Spirit met {bad}. A clinic and health. lakeside spirit.",
            "title": bad,
            "author": bad,
            "source": f"{bad} press",
            "genre": MARKUP[n % 4],
            "country": bad,
            "date": f"20{10 + n}",
            "url": ("javascript:window.struck=1", "https://x.example/'><script>")[n % 2],
        }
        for n, bad in enumerate(MARKUP)
    ]
    source.write_text("\n".join(json.dumps(r) for r in rows), "utf-8")
    entries = [
        entry_of(f"e{n}", bad, {"plain": "lakeside spirit"}, gloss=bad, concordance=True)
        for n, bad in enumerate(MARKUP)
    ]
    frames = [FRAMES["frames"][0] | {"id": f"f{n}", "label": bad} for n, bad in enumerate(MARKUP)]
    lexicon = folder / "data" / "lexicon"
    phrases = {"version": 1, "families": {"lake": {"label": SCRIPT}}, "entries": entries}
    write_yaml(lexicon / "phrases.yml", phrases)
    write_yaml(lexicon / "frames.yml", {"version": 1, "frames": frames})
    tool = [sys.executable, "-m", "tifa.cli"]
    build = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "--keep-going"]
    for command in (
        [*tool, "add", "bad", "--texts", source, "--rights=quotable", "--title", MARKUP[1]],
        [*tool, "extract", "bad", "-j", "1"],
        build,
    ):
        done = run_apart(*command, folder=folder)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    # no notebook failed
    reports = (folder / "_build" / "html" / "reports").rglob("*.log")
    assert [r.read_text("utf-8")[-1500:] for r in reports] == []
    return folder / "_build" / "html"


@pytest.fixture
def served(hostile_site):
    with serve(hostile_site) as address:
        yield address


#: Elements and attributes that only markup from the texts could create.
MADE = """() => {
  const main = document.querySelector("main") ?? document.body;
  const found = [];
  for (const e of main.querySelectorAll("*")) {
    for (const a of e.attributes) {
      if (/^on/i.test(a.name) && /struck|alert/.test(a.value)) found.push(`${e.tagName} ${a.name}`);
      if (/^(href|src|action|xlink:href)$/i.test(a.name) && /javascript:|evil/i.test(a.value))
        found.push(`${e.tagName} ${a.name}=${a.value}`);
    }
    if (e.tagName === "IFRAME") found.push("IFRAME");
    if (e.tagName === "SCRIPT" && /struck/.test(e.textContent)) found.push("SCRIPT");
    if (e.tagName === "STYLE" && !e.closest("svg")) found.push("STYLE");
  }
  return found;
}"""


@pytest.mark.slow
@pytest.mark.browser
def test_a_site_of_hostile_texts_is_inert(hostile_site, served, browser):
    pages = [p.relative_to(hostile_site).as_posix() for p in hostile_site.rglob("*.html")]
    pages = [p for p in pages if not p.startswith("_static")]
    assert len(pages) >= 5
    shown = ""
    for width in (390, 1280):
        # without the Content-Security-Policy of the pages, so that only the escaping is tested
        context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
        page = context.new_page()
        problems = []

        def outside(request, problems=problems):
            # only the theme's fonts and MathJax may come from other hosts
            if "evil" in request.url or request.url.endswith("/x"):
                problems.append(f"request {request.url}")

        page.on("request", outside)
        page.on("dialog", lambda d, p=problems: p.append(f"dialog {d.message}") or d.dismiss())
        for path in pages:
            page.goto(served + path, wait_until="domcontentloaded")
            page.wait_for_timeout(300)
            assert page.evaluate("window.struck") is None, path
            assert page.evaluate(MADE) == [], path
            shown += page.inner_text("body")
            # neither long words nor injected styles break the page
            assert page.evaluate("document.documentElement.scrollWidth") <= width + 1, (path, width)
            assert page.evaluate("getComputedStyle(document.querySelector('h1')).display") != "none"
        assert problems == []
        context.close()
    # the hostile strings are shown as text
    assert SCRIPT in shown
    assert LONG[:100] in shown


# --- no traceback -------------------------------------------------------------------------


def test_an_invalid_time_zone_and_deep_nesting_are_reported_in_one_line(tmp_path):
    when = pa.array([0], pa.timestamp("ms", tz="Mars/Base"))
    path = tmp_path / "mars.parquet"
    pq.write_table(pa.table({"id": ["a"], "text": ["A jar."], "date": when}), path)
    with refusal("Mars/Base"):
        list(read(path, overlay("table")))
    deep = tmp_path / "deep.jsonl"
    nested = "[" * 900 + '"x"' + "]" * 900
    deep.write_text(f'{{"id": "a", "text": {nested}}}\n{{"id": "b", "text": "A jar."}}\n', "utf-8")
    reading = Reading()
    assert [d.doc_id for d in read(deep, overlay("jsonl"), reading=reading)] == ["b"]
    assert "nested too deep (line 1)" in "\n".join(reading.report())


# --- tables that do not end, or hide what they hold -----------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.xlsx", "a.csv.gz", "a.txt"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_or_a_device_in_place_of_a_file_is_refused(tmp_path, name, make):
    make(tmp_path / name)
    with refusal("not a plain file"):
        list(read(tmp_path, overlay("folder") if name == "a.txt" else of_table(name)))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_packed_table_of_next_to_nothing_is_not_read_for_hours(tmp_path, name):
    head = b"id,text\n1,A jar.\n" if "csv" in name else b'{"id": 1, "text": "A jar."}\n'
    (tmp_path / name).write_bytes(gzip.compress(head + b"\n" * 1_500_000))
    with refusal("unpacks to more than 1,000,000 bytes"):
        list(read(tmp_path / name, of_table(name)))


def test_one_long_string_in_every_row_of_a_parquet_file_is_in_memory_a_few_times(tmp_path):
    long = "A jar. " * 2_000_000
    rows = {"id": [str(n) for n in range(30)], "text": [long] * 30}
    path = tmp_path / "long.parquet"
    pq.write_table(pa.table(rows), path, compression="zstd", dictionary_pagesize_limit=2**30)
    before = pa.default_memory_pool().max_memory()
    assert sum(1 for _ in source_rows(path)[1]) == 30
    assert pa.default_memory_pool().max_memory() - before < 10 * len(long)


def test_binary_cells_of_a_parquet_file_are_texts_or_refused(tmp_path):
    path = tmp_path / "bytes.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["A café.".encode(), None]}), path)
    assert [d.text for d in read(path, overlay("table"))] == ["A café."]
    pq.write_table(pa.table({"id": ["a"], "text": ["A café.".encode("latin-1")]}), path)
    with refusal("utf-8"):
        list(read(path, overlay("table")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": 2, "te', "not JSON (line 3)"),
        ("[3]", "no JSON object (line 3)"),
        ('{"id": 2, "text": "A\\u0000jar"}', "contains NUL bytes"),
    ],
)
def test_a_broken_row_stops_the_extraction(tmp_path, study, line, said):
    (tmp_path / "x.jsonl").write_text(f'{{"id": 1, "text": "A jar."}}\n\n{line}\n', "utf-8")
    added = study.add("x", tmp_path / "x.jsonl")
    assert "tifa extract refuses" in added and f"skipped 1: {said}" in added
    assert study.extract("x").code == 2
    assert study.extract("x", "--skip-unreadable").code == 0


# --- any bytes; the targets of ``make fuzz`` are tried in test_reliability ------------------


@given(PIECES.map(lambda b: b.decode("utf-8", "ignore")), st.sampled_from(["", "day-first"]))
@example("5\N{MICRO SIGN}55", "")
@example("5 55\N{ARABIC-INDIC DIGIT FIVE}", "")
def test_a_date_is_iso_or_empty(text, order):
    found = read_date(text, order=order)
    assert re.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?", found.iso, re.ASCII)


@given(PIECES)
@pytest.mark.parametrize("reader", [read_phrasebook, read_frames, read_overlay])
def test_yaml_is_read_or_refused(tmp_path, reader, content):
    path = tmp_path / "c.yml"
    path.write_bytes(content)
    try:
        reader(path)
    except TifaError as error:
        assert str(error).isprintable()
