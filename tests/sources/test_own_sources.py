"""Readers of your own sources: what they read, skip with a message, and refuse."""

import gzip
import io
import json
import time

import polars as pl
import pytest
from conftest import refusal, written

import tifa
from tifa.data.metadata import read_overlay
from tifa.sources.document import Reading
from tifa.sources.html import read_page
from tifa.sources.open import read
from tifa.sources.own import guess_reader
from tifa.util.dates import read_date


def read_all(setting, path=None):
    """The documents that are read, and the report of what was skipped."""
    reading = Reading()
    found = read(path or setting.source, read_overlay(setting.overlay), reading=reading)
    return list(found), reading


def told(reading, *said):
    report = "\n".join(reading.report())
    for part in said:
        assert part in report, report


def take(make, name, content, **overlay):
    """Read one file with the reader for its name."""
    path = written(make(texts={}).source, {name: content}) / name
    return read_all(make(texts={}, **{"reader": guess_reader(path), **overlay}), path)


# --- dates --------------------------------------------------------------------------------

#: A date, and the forms it is read from.
DATES = {
    "2020-11-05": "2020-11-05|2020-11-05T23:59:00Z|2020-11-05 00:00:00|20201105|5 November 2020|"
    "5th  nov. 2020|November 5, 2020|2020年11月5日|２０２０年１１月５日|5. November 2020|"
    "05-Nov-2020|Thursday, 5 November 2020|Thu, 05 Nov 2020 10:30:00 +0800 (CST)|"
    "Thu Nov 05 10:30:00 +0000 2020|November 5, 2020 at 5:30 p.m. EST|"
    "2020-11-05 10:30:00.123 UTC",
    "2020-01-05": "2020/1/5",
    "2020-11": "2020-11|2020 年 11 月",
    "1987": "1987|1987.0",
    "2020-05": "May 2020",
    "2020": "2020年",
    "2020-12-25": "25/12/2020|12/25/2020",
    "2020-05-05": "05.05.2020",
    "2024-05-08": "08 May 2024, 23:15",
    "2016-12-30": "2016/12/30 7:11",
    "1920": "1920-00-00",
    "": "",
}
ORDERED = [
    ("11/05/2020", "day-first", "2020-05-11"),
    ("11/05/2020", "month-first", "2020-11-05"),
    ("25/12/2024 10:30", "day-first", "2024-12-25"),
    ("5.11.2024 10:30", "day-first", "2024-11-05"),
]


def test_dates_in_the_usual_forms():
    plain = [(said, "", iso) for iso, forms in DATES.items() for said in forms.split("|")]
    for said, order, iso in plain + ORDERED:
        assert read_date(said, order=order) == (iso, ""), (said, order)


def test_a_date_is_never_guessed():
    for said in ("11/05/20", "44140", "soon", "5 Brumaire 1799", "0000", "2020-02-30"):
        found = read_date(said, order="")
        assert (found.iso, bool(found.problem)) == ("", True)
    assert read_date("11/05/2020").iso == "2020"
    assert read_date("11/05/2020").problem
    assert read_date("25/12/2020", order="month-first").problem


# --- rows ---------------------------------------------------------------------------------

CSV = 'ID,Full text,Year,colour\n"a 1","A jar, blue.",1987,x\nb,"He said ""no"".\nTwice.",,y\n'


FORMS = {"plain": CSV, "byte order mark": "\ufeff" + CSV, "Windows": CSV.replace("\n", "\r\n")} | {
    mark: CSV.replace("jar, blue", "jar blue").replace(",", mark) for mark in (";", "\t")
}


@pytest.mark.parametrize("form", FORMS)
def test_csv_as_programs_write_it(make_data, form):
    got, reading = take(make_data, "labels.csv", FORMS[form])
    assert [(d.doc_id, d.fields["date"]) for d in got] == [("a-1", "1987"), ("b", "")]
    assert got[1].text.split() == ["He", "said", '"no".', "Twice."]
    assert (reading.taken, reading.left_out) == (2, ["colour"])


# --- a table in parts ---------------------------------------------------------------------

ROWS = [
    [("http://x.org/a", ["A jar.", "Blue."], "1987"), ("b", [], "1988")],
    [("c", ["三。"], None), ("http://x.org/a", ["Again."], "1990")],
    [("d", ["A dish."], "1991")],
]
PARTS = [[dict(zip(("id", "text", "year"), r, strict=True)) for r in rows] for rows in ROWS]


def packed(rows, ending):
    """Rows as a file of this kind."""
    if ending == "parquet":
        made = io.BytesIO()
        pl.DataFrame(rows).write_parquet(made)
        return made.getvalue()
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    return gzip.compress(lines) if ending.endswith("gz") else lines


def part_files(make_data, ending, rows=PARTS):
    parts = {f"deep/part-{n:05d}.{ending}": packed(part, ending) for n, part in enumerate(rows)}
    # Spark leaves other files there
    more = {"_SUCCESS": "", f"_temporary/part-00009.{ending}": "x"}
    more[f"deep/.part-00000.{ending}.crc"] = "x"
    setting = make_data(texts={}, reader="table" if ending == "parquet" else "jsonl")
    written(setting.source, parts | more)
    return setting


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "jsonl.gz"])
def test_parts_of_a_table_are_read_one_after_another(make_data, ending):
    setting = part_files(make_data, ending)
    assert guess_reader(setting.source) == ("table" if ending == "parquet" else "jsonl")
    got, reading = read_all(setting)
    assert [(d.doc_id, d.text, d.fields["date"]) for d in got] == [
        ("x.org-a", "A jar.\n\nBlue.", "1987"),
        ("c", "三。", ""),
        ("d", "A dish.", "1991"),
    ]
    told(reading, "read 3 of 5", "appears twice (http://x.org/a)")


def test_json_parts_may_lack_ids_or_a_field_and_may_be_empty(make_data):
    jar, cup, lid = {"text": "A jar."}, {"text": "A cup.", "year": "1990"}, {"text": "A lid."}
    parts = [[jar] * 2, [], [cup], [lid]]
    got, reading = read_all(part_files(make_data, "jsonl", parts))
    assert [d.doc_id for d in got] == [f"row-00000{n}" for n in range(1, 5)]
    assert [d.fields["date"] for d in got] == ["", "", "1990", ""]
    told(reading, "an empty part (part-00001.jsonl)")


def test_parts_of_different_tables_are_refused(make_data):
    setting = part_files(make_data, "parquet", [PARTS[0], [{"id": "e", "content": "A lid."}]])
    with refusal("part-00001.parquet", "content (text)", "text (text)"):
        read_all(setting)
    (setting.source / "other.csv").write_text("id,text\nf,A pot.\n", "utf-8")
    with refusal("several kinds"):
        read_all(setting)


def test_only_one_part_is_open_at_a_time(make_data):
    # the second part is not a Parquet file; rows of the first come before it is opened
    setting = part_files(make_data, "parquet")
    (setting.source / "deep" / "part-00001.parquet").write_bytes(b"no table")
    documents = read(setting.source, read_overlay(setting.overlay))
    assert next(documents).doc_id == "x.org-a"
    with refusal("part-00001"):
        list(documents)


def test_skipped_documents_are_counted_by_reason(make_data):
    content = (
        "id,text,date,url\na,A jar.,soon,www.x.org\na,Again.,,\n,No name.,,\nb,,,\nc,...,,\n"
        "d,A cup.,11/05/2020,https://x.org\n\n"
    )
    got, reading = take(make_data, "x.csv", content)
    assert [d.doc_id for d in got] == ["a", "d"]
    assert got[0].fields["url"] == ""
    assert got[1].fields["date"] == "2020"
    assert sorted(map(len, reading.reasons.values())) == [1, 1, 2]
    told(reading, "read 2 of 6", "appears twice (a)", "doc_id is missing (line 4)", "(b, c)")
    told(reading, "not a date", "cannot be told apart", "no web address")


def test_the_overlay_sets_columns_and_date_order(make_data):
    content = "label,description,when,text\nA,Jar.,11/05/2020,no\n"
    # without a column of ids, the row number is the id
    for named, doc_id in (("label", "A"), ("", "row-000001")):
        columns = {"doc_id": named, "text": "description", "date": "when"}
        (got,), _ = take(make_data, "x.csv", content, columns=columns, date_order="day-first")
        assert (got.doc_id, got.text, got.fields["date"]) == (doc_id, "Jar.", "2020-05-11")
    # "row" is the number of the row only within a composed id
    (got,), _ = take(make_data, "x.csv", content, columns={"doc_id": "label+row", "text": "text"})
    assert got.doc_id == "A-00"
    with refusal("no column 'row' for doc_id"):
        take(make_data, "x.csv", content, columns={"doc_id": "row"})


REFUSED = {
    "formula": ("x.csv", "id,text,title\na,Jar,=A1&B1\n", ["x.csv:2", "formula"]),
    "failed formula": (
        "x.csv.gz",
        gzip.compress(b"id,text,title\na,Jar,#REF!\n"),
        ["x.csv.gz:2", "formula"],
    ),
    "latin": ("x.csv", b"id,text\na,S\xe8vres\n", ["x.csv", "UTF-8"]),
    "utf-16": ("x.csv", "id,text\na,Jar\n".encode("utf-16"), ["x.csv", "UTF-16"]),
    "nul": ("x.csv", b"id,text\na,J\0ar\n", ["x.csv:2", "NUL"]),
    "too few": ("x.csv", "id,text\na\n", ["x.csv:2", "1 cells; expected 2"]),
    "open quote": ("x.csv", 'id,text\na,"Jar\n', ["x.csv:2", "broken CSV"]),
    "no text": ("x.csv", "id,colour\na,red\n", ["no column for text", "--column text="]),
    "column twice": ("x.csv", "id,id,text\na,b,c\n", ["'id' appears twice"]),
    "empty": ("x.csv", b"", ["x.csv", "empty"]),
    "only a header": ("x.csv", "id,text\n", ["x.csv", "no document"]),
    "rights": ("x.csv", "id,text,rights\na,Jar,(c) Museum\n", ["x.csv:2", "rights"]),
    "no parquet": ("x.parquet", b"PAR1 or so", ["x.parquet", "Parquet"]),
    "no json": ("x.jsonl", "[1]\nnonsense\n", ["x.jsonl", "no JSON object"]),
    "cut gzip": (
        "x.jsonl.gz",
        gzip.compress(json.dumps({"text": "Jar"}).encode())[:-9],
        ["x.jsonl.gz", "cannot be read"],
    ),
    "latin lines": ("x.jsonl", b'{"id": "a", "text": "S\xe8vres"}', ["x.jsonl:1", "UTF-8"]),
    "counts only": ("x.jsonl", '{"id": "a", "unigramCount": {"jar": 1}}', ["column for text"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_source_that_cannot_be_trusted_is_refused(make_data, case):
    name, content, said = REFUSED[case]
    with refusal(*said):
        take(make_data, name, content)


def test_a_very_long_cell_is_a_text_and_too_long_a_one_is_skipped(make_data, monkeypatch):
    got, _ = take(make_data, "x.csv", f"id,text\na,{'jar ' * 400_000}\n")
    assert len(got[0].text) == 1_600_000
    monkeypatch.setattr("tifa.sources.document.MAX_TEXT_BYTES", 50)
    got, reading = take(make_data, "x.csv", f"id,text\na,{'jar ' * 20}\nb,Jar.\n")
    assert [d.doc_id for d in got] == ["b"]
    assert list(reading.reasons) == ["more than 50 bytes"]
    monkeypatch.setattr("tifa.sources.rows.MAX_TEXT_BYTES", 50)
    with refusal("x.jsonl:1"):
        take(make_data, "x.jsonl", json.dumps({"text": "jar " * 20}))


def test_the_reader_is_guessed_and_formats_without_one_are_reported(make_data, tmp_path):
    # a table next to texts does not hide them
    setting = make_data()
    (setting.source / "documents.parquet").touch()
    assert guess_reader(setting.source) == "folder"
    advice = {"x.xls": "CSV UTF-8", "x.pdf": "into a folder", "x.bin": ".parquet"}
    written(tmp_path, dict.fromkeys(advice, "x"))
    for name, said in {**advice, "none.csv": "no such file"}.items():
        with refusal(said):
            guess_reader(tmp_path / name)


# --- a folder of files --------------------------------------------------------------------


def folder(make, files, **overlay):
    setting = make(texts={}, reader="folder", **{"strict": False, **overlay})
    written(setting.source, files)
    return setting


def test_a_folder_with_any_names_and_what_is_wrong_in_it(make_data):
    setting = folder(
        make_data,
        {
            'a jar\'s "label".txt': "A jar.",
            "青花瓷.txt": "A vase, 青花瓷.",
            "sub/Sèvres.HTML": "<title>Cup</title><p>A cup.<script>var x = 'no word'</script>",
            "empty.txt": b"",
            "blank.txt": " \n",
            "latin.txt": b"S\xe8vres\nwith\nlines",
            "notes.odt": b"x",
            "README.md": "No.",
            ".hidden.txt": "No.",
            "'!'.txt": "No name.",
            "documents.csv": (
                "filename,date,title\n青花瓷.txt,2020年11月5日,Vase\n"
                'a jar\'s "label".txt,1987,\ngone.txt,,\nSèvres,May 1999,\n'
            ),
        },
    )
    found, reading = read_all(setting)
    got = {d.doc_id: d for d in found}
    assert sorted(got) == ["a-jar-s-label", "sub-Sèvres", "青花瓷"]
    assert got["sub-Sèvres"].text == "A cup."
    fields = [[got[name].fields[f] for f in ("title", "date")] for name in ("sub-Sèvres", "青花瓷")]
    assert fields == [["Cup", "1999-05"], ["Vase", "2020-11-05"]]
    told(
        reading,
        "read 3 of 9",
        "empty: contains no word; expected a text (or remove the file) (empty.txt)",
        "no word; expected a text (or remove the file) (blank.txt)",
        "not UTF-8; save the file as UTF-8 (latin.txt)",
        "not .txt, .html, .md, .docx or .pdf (notes.odt)",
        "a README (README.md)",
        "without a letter or digit ('!'.txt)",
        "a row of documents.csv without a file (gone.txt)",
    )
    # a skipped file does not need a row
    assert ".hidden" not in "".join(reading.report())


def test_names_of_any_script_keep_their_letters_and_marks(make_data):
    names = ["नीति", "नेता", "กิน", "กัน", "مُدَرِّس", "مَدرَسة", "C#", "C++", "C=", "C-2"]
    setting = folder(make_data, {f"{n}.txt": "Jar." for n in names})
    got, reading = read_all(setting)
    assert {d.doc_id for d in got} == {*names[:6], "C", "C-2", "C-2-2", "C-3"}
    told(reading, "counted as C-2 (C++.txt)", "counted as C-3 (C=.txt)")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no document could be read (it is empty)"),
        ({"a.odt": "x"}, "no document could be read (1: not .txt, .html, .md, .docx or .pdf)"),
        ({"a.txt": "Jar.", "documents.csv": "id\na\na.txt\n"}, "documents.csv:3"),
        ({"a.txt": "Jar.", "documents.csv": "id,title\na,=B1\n"}, "documents.csv:2"),
    ],
)
def test_a_folder_that_is_refused(make_data, files, said):
    with refusal(said):
        read_all(folder(make_data, files))


def test_fields_out_of_the_names_of_files(make_data):
    names = [
        "Greens/1987-11-05_Reed_opening.txt",
        "Greens/1988_Rush_reply_2.md",
        "Reds/2020_11_05_Sedge_x.txt",
        "Reds/notes.txt",
    ]
    setting = folder(
        make_data,
        {
            **dict.fromkeys(names, "Jars."),
            "documents.csv": "file,author,chair\nGreens/1988_Rush_reply_2.md,Bo Rush,Ash\n",
        },
        names="{party}/{date}_{speaker}_*",
        own=["party", "chair"],
    )
    got, reading = read_all(setting)
    assert [(d.fields.get("date"), d.fields.get("author"), d.own) for d in got] == [
        ("1987-11-05", "Reed", {"party": "Greens"}),
        ("1988", "Bo Rush", {"party": "Greens", "chair": "Ash"}),
        ("2020-11-05", "Sedge", {"party": "Reds"}),
        ("", "", {}),
    ]
    assert list(reading.notes.values()).count(["Reds/notes.txt"]) == 1
    assert not [reason for reason in reading.notes if "such value" in reason]
    told(reading, "does not fit {party}/{date}_{speaker}_* (Reds/notes.txt)")


def test_a_field_of_file_names_serves_to_compare(tmp_path, study):
    files = {"1987-Reed_Greens.txt": "Trust.", "1988-Rush_Reds.txt": "No trust."}
    pattern = ["--names", "{year}-{speaker}_{party}"]
    added = study.add("c", written(tmp_path / "in", files), "--rights=quotable", *pattern)
    assert "kept to compare by (--by): party" in added
    assert "author: {speaker} of the names of the files" in added
    assert study.extract("c").code == 0
    for by, groups in {"party": "Greens Reds", "author": "Reed Rush", "year": "1987 1988"}.items():
        counted = study.run("count", "trust", "--corpus", "c", "--by", by, "--format", "csv")
        assert {row[by]: row["n"] for row in counted.rows} == dict.fromkeys(groups.split(), "1")


@pytest.mark.parametrize("names", ["no field", "{a}{b}", "{a}_{a}", "{a}_{b", "{date}_{year}"])
def test_a_pattern_of_file_names_that_is_none(make_data, names):
    with refusal("names: "):
        read_all(folder(make_data, {"a.txt": "Jar."}, names=names))


@pytest.mark.parametrize(
    ("column", "date"),
    [("publish_date", "2020-11-05"), ("created_at", "Thu Nov 05 10:30:00 +0000 2020")],
)
def test_known_columns_of_a_table_and_others_kept_to_compare(tmp_path, study, column, date):
    (tmp_path / "t.csv").write_text(
        f"article_id,{column},headline,speaker,party,chair,body,notes,\n"
        f"7,{date},Jars,Ada Reed,Greens,A,A jar.,private,\n8,,,,Reds,B,No jar.,x,\n"
    )
    added = study.add("c", tmp_path / "t.csv", "--rights=quotable")
    assert "kept to compare by (--by): party, chair" in added
    assert "columns not read: notes, column 9" in added
    known = {"doc_id": "article_id", "date": column, "title": "headline", "author": "speaker"}
    for field, name in known.items():
        assert f"{field}: column '{name}'" in added
    assert study.extract("c").code == 0
    row = tifa.load("c", data=study.data).documents.iloc[0]
    kept = ["7", "2020-11-05", "Jars", "Ada Reed", "Greens"]
    assert [str(row[column]) for column in [*known, "party"]] == kept
    counted = study.run("count", "jar", "--corpus", "c", "--by", "party", "--format", "csv")
    assert [(row["party"], row["n"]) for row in counted.rows] == [("Greens", "1"), ("Reds", "1")]
    assert not [p for p in study.data.rglob("*.csv") if "private" in p.read_text("utf-8")]
    assert study.run("verify").code == 0


# --- HTML ---------------------------------------------------------------------------------


def test_only_the_words_of_a_page_are_read():
    page = read_page(
        "<!doctype html><html><head><title>A &amp; B</title><style>p{color:red}</style>"
        '<meta name="date" content="2001-02-03"></head><body><nav><a>Home</a></nav><h1>Jars</h1>'
        "<p>One&nbsp;jar.<script>document.write('<p>no</p>')</script><ul><li>First<li>Second</ul>"
        "<footer>Contact</footer>"
    )
    assert page == ("A & B", "2001-02-03", "Jars\n\nOne jar.\n\nFirst\n\nSecond")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<form id=f><p>One jar.</p><input value=x><select><option>y</select></form>", "One jar."),
        ("<p>A jar of<br>the <em>Han</em> <x-y>river</x-y>.", "A jar of\nthe Han river."),
        ("One.<br> <br/>\n<br>Two.", "One.\n\nTwo."),
        ("<div role=navigation>Home</div><ul role='menu'><li>Up</ul><p>Jar</p>", "Jar"),
        ("<p>Jar<!-- lid --> and lid</p><div hidden>no</div>", "Jar and lid"),
        ("<p><ruby>青<rp>(</rp><rt>qīng</rt><rp>)</rp></ruby>花", "青花"),
        ("<html><body><p>Jar.</body></html><p>Lid.", "Jar.\n\nLid."),
        ("<?xml version='1.0' encoding='utf-8'?><p>Jar &amp; lid", "Jar & lid"),
        ("<p>Jar<p>" + "<div>" * 900 + "deep", "Jar\n\ndeep"),
        ("<p>A jar<![a]> and a lamp", "A jar and a lamp"),
        # raised numbers and deletions are no part of a word
        ("<p>Trust<sup>1</sup> m<sup>2</sup> 10<sup>th</sup>", "Trust¹ m² 10th"),
        ("<p><del>old</del><ins>new</ins>", "new"),
    ],
)
def test_which_elements_of_a_page_are_text(content, text):
    assert read_page(content).text == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<p a " * 80_000, "a tag is never closed"),
        ("<a\n" * 80_000, "a tag is never closed"),
        ("<p>Jar" + "<!--" * 80_000, "a comment is never closed"),
        ("<div>" * 80_000, "nested too deep"),
    ],
)
def test_pages_that_would_take_hours_are_read_in_time(content, said):
    begun = time.process_time()
    with refusal(said):
        read_page(content)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("tag", ["nav", "aside", "script", "style"])
def test_an_unclosed_element_that_swallows_text_is_refused(tag):
    with refusal(f"<{tag}> is never closed"):
        read_page(f"<p>One.</p><{tag}>x<p>Two.</p>")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'<meta charset="iso-8859-1"><p>S\xe8vres \x93cup\x94', "Sèvres “cup”"),
        ('<meta charset="gb2312"><p>青花瓷'.encode("gb2312"), "青花瓷"),
        ('<meta charset="gb2312"><p>朱镕基 𠮷'.encode("gb18030"), "朱镕基 𠮷"),
        ("\ufeff<p>青花瓷".encode(), "青花瓷"),
    ],
)
def test_a_page_is_read_as_it_declares(make_data, content, text):
    ((got,), _) = read_all(folder(make_data, {"a.html": content}))
    assert got.text == text


@pytest.mark.parametrize(
    "charset", ["x-own", "undefined", "punycode", "raw_unicode_escape", "hex", "x" * 99]
)
def test_a_page_that_declares_no_encoding_of_pages_cannot_be_read(make_data, charset):
    pages = {"a.html": f'<meta charset="{charset}"><p>Jar \\ud800', "b.html": b"<p>S\xe8vres"}
    pages["c.html"] = "<p>Jar".encode("utf-16-le")
    said = f"not {charset[:40]}, as the page says", "b.html: not UTF-8; save it"
    with refusal(*said, "c.html: contains NUL bytes"):
        read_all(folder(make_data, pages))


# --- encodings ----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-1", "gb18030"])
@pytest.mark.parametrize("name", ["letters.csv", "letters.csv.gz"])
def test_a_table_in_utf8_is_not_read_in_another_encoding(make_data, name, encoding):
    text = "text,date\nLe café ferme à midi.,2020-01-02\n"
    noted = f"noted 1: read as UTF-8, which it is, and not as {encoding} ({name})"
    for data, report in (
        (text.encode(), noted),
        (text.encode("utf-8-sig"), noted),
        (text.encode(encoding), "read 1 of 1 documents"),
    ):
        content = gzip.compress(data) if name.endswith(".gz") else data
        (document,), reading = take(make_data, name, content, encoding=encoding)
        assert document.text == "Le café ferme à midi."
        assert reading.report()[-1] == report


def test_the_list_of_a_folder_may_be_utf8_beside_texts_that_are_not(make_data):
    texts = {"a.txt": "Le café ferme.".encode("cp1252"), "documents.csv": "doc_id,title\na,Été\n"}
    (document,), reading = read_all(folder(make_data, texts, encoding="cp1252"))
    assert (document.text, document.fields["title"]) == ("Le café ferme.", "Été")
    told(reading, "read as UTF-8, which it is, and not as cp1252 (documents.csv)")
