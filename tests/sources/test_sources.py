"""Readers of texts: what they read, and the one-line errors for what they cannot read."""

import io
import os
import tarfile

import openpyxl
import pytest
import yaml
from conftest import one_line

from tifa.data.metadata import States, read_overlay
from tifa.sources.document import Reading
from tifa.sources.open import read
from tifa.sources.places import texts_folder
from tifa.sources.ungdc import read_speakers
from tifa.util.errors import TifaError


def taken(setting, source=None, **options):
    return list(read(source or setting.source, read_overlay(setting.overlay), **options))


def refused(setting, source=None):
    with pytest.raises(TifaError) as error:
        taken(setting, source)
    assert one_line(str(error.value))
    return str(error.value)


# --- a folder -----------------------------------------------------------------------------


def test_a_folder_without_listing_is_read_completely(make_data):
    got = taken(make_data())
    assert [d.doc_id for d in got] == ["alder-2001", "birch-2002", "cedar-2003"]
    assert got[1].text.startswith("Trade between")


def test_listing_gives_fields_and_the_overlay_wins(make_data):
    setting = make_data(
        defaults={"genre": "report", "author": "nobody"},
        documents={"birch-2002": {"date": 2002, "title": "From the overlay"}},
    )
    (setting.source / "documents.csv").write_text(
        "doc_id,date,title,author\nbirch-2002,2001-01-01,From the list,Ms. Oar\n"
        'alder-2001,2001-05-06,"Boats, slow",\ncedar-2003,,,\n',
        "utf-8",
    )
    alder, birch, cedar = taken(setting)
    assert (alder.fields["date"], alder.fields["title"]) == ("2001-05-06", "Boats, slow")
    assert alder.fields["author"] == cedar.fields["author"] == "nobody"
    assert (birch.fields["date"], birch.fields["title"]) == ("2002", "From the overlay")
    assert (birch.fields["author"], birch.fields["genre"]) == ("Ms. Oar", "report")
    assert cedar.fields["date"] == ""


def test_listing_with_bom_and_windows_lines(make_data):
    setting = make_data()
    (setting.source / "documents.csv").write_bytes(
        b"\xef\xbb\xbfdoc_id,title\r\nalder-2001,A\r\nbirch-2002,B\r\ncedar-2003,C\r\n"
    )
    assert [d.fields["title"] for d in taken(setting)] == ["A", "B", "C"]


def test_line_separators_in_a_title_become_spaces(make_data):
    setting = make_data(texts={"alder-2001": "A boat."})
    (setting.source / "documents.csv").write_text(
        "doc_id,title\nalder-2001,A\u2028B\x85C\n", "utf-8"
    )
    assert taken(setting)[0].fields["title"] == "A B C"


def test_byte_order_mark_is_no_part_of_a_text(make_data):
    setting = make_data(texts={})
    (setting.source / "alder-2001.txt").write_bytes(b"\xef\xbb\xbfSlow boats.")
    assert taken(setting)[0].text == "Slow boats."


@pytest.mark.parametrize("start", ["", " ", "\ufeff \n"])
def test_prefix_of_the_crawler_is_removed_once(make_data, start):
    setting = make_data(
        texts={"alder-2001": start + "date 1 date 1 Boats."},
        documents={"alder-2001": {"remove_prefix": "date 1 "}},
    )
    (document,) = taken(setting)
    assert document.text == "date 1 Boats."
    assert "remove_prefix" not in document.fields


def test_a_missing_prefix_is_a_mistake(make_data):
    setting = make_data(
        texts={"alder-2001": "Boats. date 1 Boats."},
        documents={"alder-2001": {"remove_prefix": "date 1 "}},
    )
    assert "alder-2001.txt" in refused(setting)


def test_a_folder_named_like_a_text_cannot_be_read(make_data):
    setting = make_data()
    (setting.source / "dir.txt").mkdir()
    assert "dir.txt: cannot be read" in refused(setting)


def test_a_broken_link_is_unreadable(make_data):
    setting = make_data()
    (setting.source / "gone.txt").symlink_to(setting.source / "nowhere")
    assert "gone.txt: cannot be read" in refused(setting)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_a_text_without_permission_cannot_be_read(make_data):
    setting = make_data()
    (setting.source / "birch-2002.txt").chmod(0)
    assert "birch-2002.txt: cannot be read" in refused(setting)


LISTINGS = {
    "missing": ("doc_id,title\nalder-2001,A\n,B\ncedar-2003,C\n", "documents.csv:3", "missing"),
    "blank": ("doc_id,title\nalder-2001,A\n  ,B\ncedar-2003,C\n", "documents.csv:3", "missing"),
    "duplicate": (
        "doc_id,title\nalder-2001,A\nbirch-2002,B\nalder-2001,C\n",
        "documents.csv:4",
        "'alder-2001' appears twice",
    ),
    "unknown": (
        "doc_id\nalder-2001\nbirch-2002\ncedar-2003\ndogwood\n",
        "documents.csv",
        "unknown doc_id 'dogwood'",
    ),
    "unlisted": ("doc_id\nalder-2001\nbirch-2002\n", "cedar-2003.txt", "not listed"),
    "path": ("doc_id\n../alder-2001\n", "documents.csv:2", "'../alder-2001'"),
    "no column": ("name,title\nalder-2001,A\n", "documents.csv", "no column for doc_id"),
    "unknown column": ("doc_id,colour\nalder-2001,A\n", "documents.csv:1", "'colour'"),
    "computed column": ("doc_id,words\nalder-2001,5\n", "documents.csv:1", "'words'"),
    "too few": ("doc_id,title\nalder-2001\n", "documents.csv:2", "expected 2"),
    "too many": ("doc_id,title\nalder-2001,A,B\n", "documents.csv:2", "expected 2"),
    "open quote": ('doc_id,title\nalder-2001,"A\n', "documents.csv", "broken CSV"),
    "no row": ("doc_id,title\n", "documents.csv", "lists no document"),
    "empty": ("", "documents.csv", "names of the columns"),
    "column twice": ("doc_id,title,title\nalder-2001,A,B\n", "documents.csv:1", "twice"),
    "bad date": (
        "doc_id,date\nalder-2001,2001\nbirch-2002,5 May\ncedar-2003,\n",
        "documents.csv:3",
        "'5 May'",
    ),
    "bad rights": (
        "doc_id,rights\nalder-2001,free\nbirch-2002,\ncedar-2003,\n",
        "documents.csv:2",
        "'free'",
    ),
}


@pytest.mark.parametrize("case", LISTINGS)
def test_bad_listing_is_named(make_data, case):
    content, place, said = LISTINGS[case]
    setting = make_data()
    (setting.source / "documents.csv").write_text(content, "utf-8")
    message = refused(setting)
    assert place in message
    assert said in message


def test_an_overlay_that_names_missing_documents(make_data):
    setting = make_data(documents={"dogwood": {"title": "D"}})
    assert "dogwood" in refused(setting)
    rows = "doc_id\nalder-2001\nbirch-2002\ncedar-2003\n"
    (setting.source / "documents.csv").write_text(rows, "utf-8")
    assert "dogwood" in refused(setting)


def test_nothing_there(make_data, tmp_path):
    setting = make_data()
    assert "TIFA_TEXTS" in refused(setting, tmp_path / "none")
    (tmp_path / "bare").mkdir()
    assert "no .txt, .html, .md, .docx or .pdf file" in refused(setting, tmp_path / "bare")
    assert "expected a folder" in refused(setting, setting.source / "alder-2001.txt")


def test_the_listing_is_checked_before_the_first_text_is_read(make_data):
    setting = make_data()
    (setting.source / "documents.csv").write_text("doc_id\nnobody\n", "utf-8")
    with pytest.raises(TifaError):
        read(setting.source, read_overlay(setting.overlay))


def test_texts_folder_by_environment_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("TIFA_TEXTS", str(tmp_path / "far"))
    assert texts_folder(tmp_path) == tmp_path / "far"
    monkeypatch.setenv("TIFA_TEXTS", "")
    assert texts_folder(tmp_path) == tmp_path / "texts"


# --- the UN archive -----------------------------------------------------------------------

SPEECHES = {
    "TXT/Session 01 - 1946/AAA_01_1946.txt": b"The Lakeside Compact is young.",
    "TXT/Session 01 - 1946/BBB_01_1946.txt": b"Boats are slow.",
    "TXT/Session 12 - 1957/AAA_12_1957.txt": "Ferries «at last».".encode(),
}
STATES = (
    "code,country,government,from_session,to_session,kind,note\n"
    "AAA,Alderland,Kingdom of Alderland,1,11,member,\n"
    "AAA,Alderland,Republic of Alderland,12,,member,\n"
)


def member(name, content=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def tar(path, members, mode="w"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return path


def speeches():
    folder = member("TXT", type=tarfile.DIRTYPE, mode=0o755)
    return [folder, *(member(n, c) for n, c in SPEECHES.items())]


def workbook(path, rows, header=None):
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        header or ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]
    )
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def un(make_data):
    """A data folder for a corpus in the form of the UN archive; no texts yet."""
    return make_data("un", texts={}, reader="ungdc", rights="public", ngrams=True)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("x.tar", "w"),
        ("x.tar.gz", "w:gz"),
        ("x.tgz", "w:gz"),
        ("x.tar.xz", "w:xz"),
        ("x.tar.bz2", "w:bz2"),
    ],
)
@pytest.mark.parametrize("direct", [True, False])
def test_archive_in_any_compression(un, name, mode, direct):
    path = tar(un.source / name, speeches(), mode)
    workbook(
        un.source / "Speakers_by_session.xlsx",
        [
            [1946, 1, "AAA", "Alderland", "Ms.  Oar ", None],
            [1957, "12", "AAA", "", "Mr. Reed", "Ferryman"],
        ],
    )
    (un.data / "metadata" / "states.csv").write_text(STATES, "utf-8")
    states = States(un.data / "metadata" / "states.csv")
    got = taken(un, path if direct else None, states=states)
    assert [d.doc_id for d in got] == ["AAA_01_1946", "BBB_01_1946", "AAA_12_1957"]
    assert got[2].text == "Ferries «at last»."
    shown = [
        (
            d.fields["country"],
            d.fields["session"],
            d.fields["year"],
            d.fields["author"],
            d.fields["post"],
        )
        for d in got
    ]
    assert shown == [
        ("AAA", "1", "1946", "Ms. Oar", ""),
        ("BBB", "1", "1946", "", ""),
        ("AAA", "12", "1957", "Mr. Reed", "Ferryman"),
    ]
    assert [d.fields["government"] for d in got] == [
        "Kingdom of Alderland",
        "",
        "Republic of Alderland",
    ]


def test_unpacked_folder(un):
    for name, content in SPEECHES.items():
        path = un.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert [d.doc_id for d in taken(un)] == ["AAA_01_1946", "BBB_01_1946", "AAA_12_1957"]


def test_files_not_named_like_a_speech_are_skipped_and_reported(un):
    strange = "TXT/Session 01 - 1946/.DS_Store-to-UTF-8.txt"
    # skipped files are not read, so their bytes do not matter
    tar(un.source / "x.tar", [member(strange, b"\x00\xff"), *speeches(), member("README", b"x")])
    reading = Reading()
    assert len(taken(un, reading=reading)) == 3
    assert reading.skipped == [strange, "README"]


@pytest.mark.parametrize(
    "bad",
    [
        member("TXT/AAA_02_1947.txt", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("TXT/AAA_02_1947.txt", type=tarfile.SYMTYPE, linkname="AAA_01_1946.txt"),
        member("TXT/AAA_02_1947.txt", type=tarfile.LNKTYPE, linkname="TXT/AAA_01_1946.txt"),
        member("TXT/AAA_02_1947.txt", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        member("TXT/AAA_02_1947.txt", type=tarfile.FIFOTYPE),
    ],
    ids=["symlink", "symlink-near", "hard", "device", "fifo"],
)
def test_a_speech_that_is_no_plain_file_is_refused(un, bad):
    tar(un.source / "x.tar.gz", [*speeches(), bad], "w:gz")
    message = refused(un)
    assert "x.tar.gz" in message
    assert "link or a device" in message


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_truncated_archive_is_always_noticed(un, mode):
    path = tar(un.source / "x.tar", speeches(), mode)
    whole = path.read_bytes()
    everything = taken(un)
    refusals = 0
    for cut in sorted({*range(0, len(whole), 37), *range(0, len(whole), 512), len(whole) - 1}):
        path.write_bytes(whole[:cut])
        try:
            got = taken(un)
        except TifaError as error:
            assert one_line(str(error))
            assert "x.tar" in str(error)
            refusals += 1
        else:
            # truncated in the padding after the last speech: nothing is missing
            assert got == everything, f"cut at {cut} of {len(whole)} bytes"
    assert refusals > 3


def test_damage_in_the_middle_is_no_end_of_the_archive(un):
    path = tar(un.source / "x.tar", speeches())
    whole = bytearray(path.read_bytes())
    at = whole.index(b"TXT/Session 01 - 1946/BBB")
    whole[at : at + 3] = b"???"
    path.write_bytes(whole)
    assert "not a complete tar archive" in refused(un)


def test_no_archive_at_all(un):
    (un.source / "x.tar").write_bytes(b"This is a note, not an archive. " * 40)
    assert "not a complete tar archive" in refused(un)


def test_two_archives(un):
    for name in ("a.tar", "b.tar.gz"):
        tar(un.source / name, speeches())
    assert "2 archives" in refused(un)


def test_archive_without_a_speech(un):
    tar(un.source / "x.tar", [member("README", b"x")])
    assert "no speech here" in refused(un)


def test_a_duplicate_speech(un):
    tar(un.source / "x.tar", [*speeches(), member("again/AAA_1_1946.txt", b"Boats.")])
    assert "AAA_01_1946 appears twice" in refused(un)


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "no word"), (b"\xff", "UTF-8"), (b"a\x00", "NUL")]
)
def test_unfit_speech_is_named(un, content, said):
    tar(un.source / "x.tar", [*speeches(), member("TXT/CCC_01_1946.txt", content)])
    message = refused(un)
    assert "x.tar" in message
    assert "CCC_01_1946.txt" in message
    assert said in message


def test_a_speech_beyond_all_size(un, monkeypatch):
    monkeypatch.setattr("tifa.sources.archive.MAX_TEXT_BYTES", 20)
    tar(un.source / "x.tar", speeches())
    assert "AAA_01_1946.txt" in refused(un)


def test_nothing_is_unpacked(un, tmp_path):
    tar(un.source / "x.tar", speeches())
    before = sorted(tmp_path.rglob("*"))
    taken(un)
    assert sorted(tmp_path.rglob("*")) == before


def test_speakers(tmp_path):
    path = workbook(
        tmp_path / "Speakers_by_session.xlsx",
        [
            [1946, 1, " AAA ", "", "Ms.\nOar", " President "],
            [1946, 1, "AAA", "", "Second Row", "x"],
            [None, None, None, None, None, None],
            [1947, "n/a", "BBB", "", "Nobody", ""],
        ],
    )
    assert read_speakers(path) == {("AAA", 1): ("Ms. Oar", "President")}


@pytest.mark.parametrize("kind", ["no column", "no sheet", "empty"])
def test_bad_speakers_is_one_line(un, kind):
    tar(un.source / "x.tar", speeches())
    path = un.source / "Speakers_by_session.xlsx"
    if kind == "no column":
        workbook(path, [], ["Session", "ISO Code", "Post"])
    elif kind == "no sheet":
        path.write_bytes(b"PK\x03\x04 not a workbook")
    else:
        openpyxl.Workbook().save(path)
    message = refused(un)
    assert "Speakers_by_session.xlsx" in message
    assert kind != "no column" or "Name of Person Speaking" in message


def test_bad_states_are_named(tmp_path):
    path = tmp_path / "states.csv"
    path.write_text(STATES.replace(",1,11,", ",one,11,"), "utf-8")
    with pytest.raises(TifaError, match=r"states\.csv:2"):
        States(path)
    path.write_text("code,country\nAAA,Alderland\n", "utf-8")
    with pytest.raises(TifaError, match=r"states\.csv"):
        States(path)
    path.write_bytes(STATES.encode() + b"BBB,\xff,,1,,member,\n")
    with pytest.raises(TifaError, match=r"states\.csv"):
        States(path)
    path.write_text(STATES + "CCC,Short\n", "utf-8")
    with pytest.raises(TifaError, match=r"states\.csv:4"):
        States(path)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("rights", "free", "rights"),
        ("corpus", "pond", "'pond'"),
        ("colour", "blue", "colour"),
        ("documents", {"alder-2001": {"date": "5 May"}}, "date"),
        ("documents", {"alder-2001": {"url": "ftp://x"}}, "https"),
        ("documents", {"alder-2001": {"colour": "blue"}}, "colour"),
    ],
)
def test_bad_overlay_is_named(make_data, field, value, said):
    setting = make_data()
    content = yaml.safe_load(setting.overlay.read_text("utf-8")) | {field: value}
    setting.overlay.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(TifaError) as error:
        read_overlay(setting.overlay)
    assert "lake.yml" in str(error.value)
    assert said in str(error.value)
    assert one_line(str(error.value))


def test_overlay_fields_fall_back_to_defaults(make_data):
    setting = make_data(defaults={"genre": "speech"}, documents={"alder-2001": {"voice": "own"}})
    overlay = read_overlay(setting.overlay)
    assert overlay.fields("alder-2001")["genre"] == "speech"
    assert overlay.fields("alder-2001")["voice"] == "own"
    assert overlay.fields("else")["voice"] == ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("my file.txt", "Boats.", "not listed"),
        ("notes.odt", "x", "not .txt, .html"),
        ("sub/alder-2001.txt", "Boats.", "not listed"),
        ("alder-2001.html", "<p>Boats.", "the same doc_id as"),
        ("dogwood.txt", "", "not listed"),
    ],
)
def test_what_is_an_error_if_strict_is_reported_otherwise(make_data, name, content, said):
    rows = "file,date\nalder-2001,5 November 2020\nbirch-2002,2002\ncedar-2003,\n"
    setting = make_data()
    (setting.source / "documents.csv").write_text(rows, "utf-8")
    assert taken(setting)[0].fields["date"] == "2020-11-05"
    (setting.source / name).parent.mkdir(exist_ok=True)
    (setting.source / name).write_text(content, "utf-8")
    assert said in refused(setting)
    text = setting.overlay.read_text("utf-8").replace("strict: true", "strict: false")
    setting.overlay.write_text(text, "utf-8")
    reading = Reading()
    ids = [d.doc_id for d in taken(setting, reading=reading)]
    assert {"alder-2001", "birch-2002", "cedar-2003"} <= set(ids)
    assert name.rpartition("/")[2].partition(".")[0] in "\n".join(reading.report()) or len(ids) > 3
