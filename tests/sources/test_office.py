"""Texts as Markdown, Word, PDF and Excel: their words, and one line for what cannot be read."""

import contextlib
import io
import time
import zipfile
from datetime import date

import docx
import openpyxl
import pypdf
import pytest
from conftest import one_line, refusal
from test_own_sources import folder, read_all

from tifa.data.metadata import read_overlay
from tifa.sources import office, workbook
from tifa.sources.open import read
from tifa.sources.own import guess_reader
from tifa.util.errors import TifaError


def pdf(*pages, password=None):
    """A PDF with a page for each text."""
    import matplotlib.figure
    from matplotlib.backends.backend_pdf import PdfPages

    made = io.BytesIO()
    with PdfPages(made) as file:
        for text in pages:
            figure = matplotlib.figure.Figure()
            figure.text(0.1, 0.5, text)
            file.savefig(figure)
    if password is None:
        return made.getvalue()
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(made))
    writer.encrypt(password, "the owner's", algorithm="AES-128")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


def edited(packed, old, new):
    """The content of a Word file or a workbook, with some of its XML replaced."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return made.getvalue()


def word(*paragraphs, body=""):
    """A Word file; ``body`` is inserted unchanged at the beginning of its XML."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    made = io.BytesIO()
    document.save(made)
    return edited(made.getvalue(), b"<w:body>", b"<w:body>" + body.encode())


def run(text):
    """A run of text, as it stands in the XML of a Word file."""
    return f"<w:r><w:t>{text}</w:t></w:r>"


def sheet(rows, path, merged="", **others):
    book = openpyxl.Workbook()
    for name, page in {"Sheet": rows, **others}.items():
        for row in page:
            (book[name] if name in book else book.create_sheet(name)).append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


def take(setting):
    found, reading = read_all(setting)
    return {d.doc_id: d for d in found}, reading


def test_a_folder_of_every_kind(make_data):
    inserted = f"<w:p><w:ins>{run('Put in later.')}</w:ins></w:p>"
    deleted = "<w:p><w:del><w:r><w:delText>Crossed out.</w:delText></w:r></w:del></w:p>"
    setting = folder(
        make_data,
        {
            "a.md": b"---\ntitle: Jars\ndate: 2020-11-05\n---\n# Reeds\n\nThey *grow* [so](x.md).",
            "b.docx": word("Rushes bend.", body=inserted + deleted),
            "c.pdf": pdf("Sedges stand", "and wait."),
            "d.pdf": pdf("Anybody may read it.", "", password=""),
            "e.MD": b"---\n\nA rule above, no head.\n\n---\n",
            "documents.csv": b"file,author\nb.docx,Ada Reed\n",
        },
    )
    got, reading = take(setting)
    assert {d: " ".join(got[d].text.split()) for d in got} == {
        "a": "Reeds They grow so.",
        "b": "Put in later. Rushes bend.",
        "c": "Sedges stand and wait.",
        "d": "Anybody may read it.",
        "e": "A rule above, no head.",
    }
    assert (got["a"].fields["title"], got["a"].fields["date"]) == ("Jars", "2020-11-05")
    assert got["b"].fields["author"] == "Ada Reed"
    assert not reading.reasons
    assert "pages without text (pictures?) (d.pdf)" in "\n".join(reading.report())


#: Name and content of a file, and the message about it.
BROKEN = [
    ("x.pdf", pdf(""), "a PDF of pictures, without text"),
    ("x.pdf", pdf("Secret", password="x"), "a PDF that needs a password"),
    ("x.pdf", pdf("Cut off")[:600], "not a complete PDF"),
    ("x.pdf", b"no PDF", "not a complete PDF"),
    ("x.docx", word("Cut off")[:600], "not a complete Office file"),
    ("x.docx", b"\xd0\xcf\x11\xe0 and more", "with a password, or in an old format"),
    ("x.docx", word(body="<w:ins>" * 5_000 + "</w:ins>" * 5_000), "not a complete Word file"),
]
WITHOUT_WORDS = [
    ("x.txt", "Two jars.".encode("utf-16"), "not UTF-8"),
    ("x.txt", "青花瓷".encode()[:-1], "not UTF-8"),
    ("x.txt", b"A jar.\0 And a lamp.", "NUL bytes"),
    ("x.txt", "… ‽ —\n".encode(), "contains no word"),
    ("x.txt", b"", "empty: contains no word"),
    ("x.html", b"<script>never closed", "<script> is never closed"),
    ("x.docx", word("..."), "contains no word"),
]


@pytest.mark.parametrize(("name", "content", "said"), BROKEN + WITHOUT_WORDS)
def test_what_gives_no_text_is_told_or_refused(make_data, name, content, said):
    files = {"a.txt": b"A jar.", name: content}
    got, reading = take(folder(make_data, files))
    assert list(got) == ["a"]
    ((file, reason),) = reading.unreadable
    assert file == name and said in reason
    assert all(map(one_line, reading.report()))
    with refusal(name, said):
        take(folder(make_data, files, strict=True))


def test_office_files_that_unpack_to_much_are_not_unpacked(make_data, tmp_path, monkeypatch):
    monkeypatch.setattr(office, "_MAX_WORD", 200_000)
    with refusal("unpacks to"):
        take(folder(make_data, {"b.docx": word(body="<w:p/>" * 40_000)}))
    monkeypatch.setattr(workbook, "MAX_WORKBOOK", 100_000)
    with refusal("unpacks to"):
        workbook_of(make_data, tmp_path, [HEAD, *([n, "", "Jar."] for n in range(5_000))])


@pytest.mark.parametrize("kind", office.READ_BY)
def test_a_missing_extra_refuses_the_folder(make_data, monkeypatch, kind):
    module, package = office.READ_BY[kind]
    setting = folder(make_data, {"a.txt": b"A jar.", f"b{kind}": b"x"})
    monkeypatch.setattr(office, "find_spec", lambda name: None if name == module else name)
    with refusal("extra [office]; install it", f"holds {kind} files", f'pip install "{package}"'):
        take(setting)


@pytest.mark.parametrize("piece", ["*a ", "[a]: b\n", "![", "~~a ", "a <?", "> ", "|a", "<!--"])
def test_markdown_takes_time_that_grows_with_the_text(piece):
    start = time.monotonic()
    with contextlib.suppress(TifaError):
        office.read_markdown(piece * 50_000)
    assert time.monotonic() - start < 10


# --- Excel --------------------------------------------------------------------------------


def workbook_of(make, tmp_path, rows, **others):
    path = sheet(rows, tmp_path / "x.xlsx", **others)
    return read_all(make(texts={}, reader=guess_reader(path), own=["party"]), path)


def test_an_excel_table_as_people_keep_it(make_data, tmp_path):
    rows = [
        ["speech_id", "speaker", "party", "created_at", "body", None],
        [7, "Ada Reed", "Reeds", date(2020, 11, 5), "Mutual trust grows.", None],
        [],
        [8, "Bo Rush", None, "5 November 2020", "Nothing grows."],
    ]
    got, _ = workbook_of(make_data, tmp_path, rows, empty=[])
    assert [(d.doc_id, d.text, d.own) for d in got] == [
        ("7", "Mutual trust grows.", {"party": "Reeds"}),
        ("8", "Nothing grows.", {}),
    ]
    assert [d.fields["date"] for d in got] == ["2020-11-05"] * 2
    assert [d.fields["author"] for d in got] == ["Ada Reed", "Bo Rush"]


HEAD = ["id", "party", "text"]


def test_what_a_workbook_claims_is_not_believed(make_data, tmp_path):
    path = sheet([HEAD, [1, "", "reed_x000D_\nboat"], [2, "", "Cup."]], tmp_path / "x.xlsx")
    about, whole = read_overlay(make_data(texts={}, reader="table").overlay), path.read_bytes()
    path.write_bytes(edited(whole, b'ref="A1:C3"', b'ref="A1:XFD1048576"'))
    assert [d.text.split() for d in read(path, about)] == [["reed", "boat"], ["Cup."]]
    # rows that openpyxl would wait for, or lose
    for number in (2_000_000_000, 2):
        path.write_bytes(edited(whole, b'<row r="3"', b'<row r="%d"' % number))
        with refusal(f"a row with the number {number} after row 2"):
            list(read(path, about))
    for content in (b"no zip", b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0"):
        path.write_bytes(content)
        with refusal("x.xlsx: "):
            list(read(path, about))


@pytest.mark.parametrize(
    ("rows", "others", "said"),
    [
        ([HEAD, [1, "", "Jar."]], {"more": [["x"]]}, "2 sheets with cells ('Sheet', 'more')"),
        ([HEAD, [1, "", "Jar.", "Cup."]], {}, "x.xlsx:2: 4 cells; expected 3"),
        ([HEAD, [1, "", "=A1&B1"]], {}, "x.xlsx:2: a formula without a value"),
        ([HEAD, [1, "#REF!", "Jar."]], {}, "x.xlsx:2: a formula without a value"),
        ([HEAD, [1, "A", ""], [2, "", "Cup."]], {"merged": "B2:B3"}, "x.xlsx:2: the cells B2:B3"),
        ([[]], {}, "empty; expected a row with the names"),
    ],
)
def test_a_workbook_that_is_refused(make_data, tmp_path, rows, others, said):
    with refusal(said):
        workbook_of(make_data, tmp_path, rows, **others)


def test_a_list_of_documents_may_be_a_workbook_and_names_files_by_their_kind(make_data, tmp_path):
    setting = folder(make_data, {"a.md": b"One jar.", "a.txt": b"Two jars."})
    listing = sheet([["file", "title"], ["a.txt", "Jar"]], tmp_path / "list.xlsx")
    found = read(setting.source, read_overlay(setting.overlay), listing=listing)
    assert {d.name: d.fields["title"] for d in found} == {"a.md": "", "a.txt": "Jar"}


# --- what was lost without a word -------------------------------------------------------------


def test_fields_breaks_and_ruby_of_a_word_file_are_read_and_a_formula_is_noted(make_data):
    maths = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    body = (
        f'<w:p><w:fldSimple w:instr="TITLE">{run("From a field.")}</w:fldSimple></w:p>'
        "<w:p><w:r><w:t>reed</w:t><w:cr/><w:t>boat</w:t></w:r></w:p>"
        f"<w:p><w:r><w:ruby><w:rubyPr/><w:rt>{run('chá')}</w:rt>"
        f"<w:rubyBase>{run('茶')}</w:rubyBase></w:ruby></w:r></w:p>"
        f"<w:p><m:oMath {maths}><m:r><m:t>x</m:t></m:r></m:oMath></w:p>"
    )
    texts, reading = take(folder(make_data, {"a.docx": word("The end.", body=body)}))
    read_as = texts["a"].text.split()
    assert read_as[:3] == ["From", "a", "field."]
    assert {"reed", "boat", "茶", "end."} <= set(read_as)
    assert "chá" not in texts["a"].text
    assert "formulas" in "".join(reading.notes)


def test_directions_and_tabs_of_a_word_file_are_read_and_a_shape_is_noted(make_data):
    compatible = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    shape = (
        f'<w:r><mc:AlternateContent xmlns:mc="{compatible}"><mc:Choice Requires="x"><w:drawing>'
        f"<w:txbxContent><w:p>{run('in a shape')}</w:p></w:txbxContent></w:drawing></mc:Choice>"
        "</mc:AlternateContent></w:r>"
    )
    body = (
        f'<w:p><w:dir w:val="rtl">{run("שלום")}</w:dir><w:bdo w:val="rtl">{run(" سلام")}</w:bdo>'
        "<w:r><w:t> reed</w:t><w:ptab/><w:t>boat</w:t></w:r></w:p>"
    )
    moved = f"<w:p><w:moveFrom>{run('gone')}</w:moveFrom></w:p>"
    files = {"a.docx": word("End.", body=body + moved)}
    texts, reading = take(folder(make_data, files))
    assert texts["a"].text.split() == ["שלום", "سلام", "reed", "boat", "End."]
    assert not reading.notes
    files = {"b.docx": word("End.", body=f"<w:p>{shape}</w:p>")}
    _, reading = take(folder(make_data, files))
    assert "text in shapes" in "".join(reading.notes)


def test_the_numbers_of_footnotes_are_no_words_and_the_notes_are_read(make_data):
    body = '<w:p><w:r><w:t>合</w:t><w:footnoteReference w:id="2"/><w:t>作</w:t></w:r></w:p>'
    packed = io.BytesIO(word(body=body))
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(packed, "a") as file:
        file.writestr(
            "word/footnotes.xml",
            f'<w:footnotes xmlns:w="{main}"><w:footnote w:id="2"><w:p><w:r><w:t>Of old.</w:t></w:r>'
            "</w:p></w:footnote></w:footnotes>",
        )
    page = b"The jar.[^1] Blue[^b] too.\n\n[^1]: From *here*.\n[^b]: Or there.\n"
    texts, _ = take(folder(make_data, {"a.md": page, "b.docx": packed.getvalue()}))
    assert " ".join(texts["a"].text.split()) == "The jar. Blue too. From here. Or there."
    assert texts["b"].text.split() == ["合作", "Of", "old.", "↑"]


@pytest.mark.parametrize(
    ("page", "text", "noted"),
    [
        ("+++\ntitle = 1\n+++\nJar.", "+++ title = 1 +++ Jar.", True),
        ("---\rtitle: T\r---\rJar.\r", "Jar.", False),
        ("# Jars {#one}\n\n- [x] blue ~~red~~\n", "Jars blue", False),
        ("---\ntitle: Trust: a history\n---\nJar.", "title: Trust: a history Jar.", True),
        # an alias can stand for more than memory holds
        ("---\na: &a [x, x]\nb: *a\n---\nJar.", "a: &a [x, x] b: *a Jar.", True),
        ("---\nJust words.\n---\nJar.", "Just words. Jar.", False),
    ],
)
def test_heads_and_marks_of_markdown(make_data, page, text, noted):
    texts, reading = take(folder(make_data, {"a.md": page}))
    assert " ".join(texts["a"].text.split()) == text
    assert ("a head that is no YAML" in "".join(reading.notes)) == noted
