"""Readers of texts: what they read, and the one-line errors for what they cannot read."""

import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import one_line, refusal, tarred, workbook, written

from tifa.data.metadata import States, read_overlay
from tifa.sources.document import Reading
from tifa.sources.open import read
from tifa.util.errors import TifaError


def taken(setting, source=None, **options):
    return list(read(source or setting.source, read_overlay(setting.overlay), **options))


def refused(setting, *said, source=None):
    with refusal(*said):
        taken(setting, source)


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


def test_bytes_that_programs_add_are_no_part_of_text_or_title(make_data):
    setting = make_data(texts={})
    (setting.source / "alder-2001.txt").write_bytes(b"\xef\xbb\xbfSlow boats.")
    (setting.source / "documents.csv").write_bytes(
        "\ufeffdoc_id,title\r\nalder-2001,A\u2028B\x85C\r\n".encode()
    )
    (document,) = taken(setting)
    assert (document.text, document.fields["title"]) == ("Slow boats.", "A B C")


@pytest.mark.parametrize("start", ["", " ", "\ufeff \n"])
def test_prefix_of_the_crawler_is_removed_once(make_data, start):
    documents = {"alder-2001": {"remove_prefix": "date 1 "}}
    setting = make_data(texts={"alder-2001": f"{start}date 1 date 1 Boats."}, documents=documents)
    (document,) = taken(setting)
    assert document.text == "date 1 Boats."
    assert "remove_prefix" not in document.fields
    (setting.source / "alder-2001.txt").write_text("Boats. date 1 Boats.", "utf-8")
    refused(setting, "alder-2001.txt")


LISTINGS = [
    ("doc_id,title\nalder-2001,A\n,B\ncedar-2003,C\n", "documents.csv:3", "missing"),
    ("doc_id\nalder-2001\nbirch-2002\nalder-2001\n", "documents.csv:4", "appears twice"),
    ("doc_id\nalder-2001\nbirch-2002\ncedar-2003\nelm\n", "documents.csv", "doc_id 'elm'"),
    ("doc_id\nalder-2001\nbirch-2002\n", "cedar-2003.txt", "not listed"),
    ("doc_id\n../alder-2001\n", "documents.csv:2", "'../alder-2001'"),
    ("name,title\nalder-2001,A\n", "documents.csv", "no column for doc_id"),
    ("doc_id,colour\nalder-2001,A\n", "documents.csv:1", "'colour'"),
    ("doc_id,title\n", "documents.csv", "lists no document"),
    ("doc_id,date\nalder-2001,2001\nbirch-2002,5 May\ncedar-2003,\n", "documents.csv:3", "'5 May'"),
    ("doc_id,rights\nalder-2001,free\nbirch-2002,\ncedar-2003,\n", "documents.csv:2", "'free'"),
]


@pytest.mark.parametrize(("content", "place", "said"), LISTINGS)
def test_bad_listing_is_named(make_data, content, place, said):
    setting = make_data()
    (setting.source / "documents.csv").write_text(content, "utf-8")
    refused(setting, place, said)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_readable_file_is_named(make_data, make):
    setting = make_data()
    make(setting.source / "a.txt")
    refused(setting, "a.txt: cannot be read")


def test_nothing_there(make_data, tmp_path):
    setting = make_data(documents={"dogwood": {"title": "D"}})
    refused(setting, "unknown doc_id 'dogwood'")
    rows = "doc_id\nalder-2001\nbirch-2002\ncedar-2003\n"
    (setting.source / "documents.csv").write_text(rows, "utf-8")
    refused(setting, "the overlay names 'dogwood', which is not listed")
    (setting.source / "documents.csv").unlink()
    setting = make_data()
    (tmp_path / "bare").mkdir()
    for source, said in {
        tmp_path / "none": "TIFA_TEXTS",
        tmp_path / "bare": "no .txt, .html, .md, .docx or .pdf file",
        setting.source / "alder-2001.txt": "expected a folder",
    }.items():
        refused(setting, said, source=source)


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


def tar(path, files, mode="w"):
    folder = tarfile.TarInfo("TXT")
    folder.type = tarfile.DIRTYPE
    path.write_bytes(tarred(files, folder, mode=mode))
    return path


SPEAKERS = ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]


def speakers(setting, *rows):
    """The workbook of speakers; its first row has the names of the columns."""
    path = setting.source / "Speakers_by_session.xlsx"
    path.write_bytes(workbook(*rows))
    return path


@pytest.fixture
def un(make_data):
    """A data folder for a corpus in the form of the UN archive; no texts yet."""
    return make_data("un", texts={}, reader="ungdc", rights="public", ngrams=True)


@pytest.mark.parametrize("form", ["w", "w:gz", "w:xz", "w:bz2", "the file itself", "unpacked"])
def test_speeches_in_any_form(un, tmp_path, form):
    strange = "TXT/Session 01 - 1946/.DS_Store-to-UTF-8.txt"
    # skipped files are not read, so their bytes do not matter
    files = {**SPEECHES, strange: b"\x00\xff", "README": b"x"}
    path = un.source / "x.tar"
    if form == "unpacked":
        written(un.source, files)
    else:
        tar(path, files, form if form[0] == "w" else "w:gz")
    oar = [1946, 1, "AAA", "Alderland", "Ms.  Oar ", None]
    speakers(un, SPEAKERS, oar, [1957, "12", "AAA", "", "Mr. Reed", "Ferryman"])
    (un.data / "metadata" / "states.csv").write_text(STATES, "utf-8")
    states, reading = States(un.data / "metadata" / "states.csv"), Reading()
    before = sorted(tmp_path.rglob("*"))
    got = taken(un, path if form == "the file itself" else None, states=states, reading=reading)
    columns = ("country", "session", "year", "author", "post", "government")
    assert [(d.doc_id, *(d.fields[c] for c in columns)) for d in got] == [
        ("AAA_01_1946", "AAA", "1", "1946", "Ms. Oar", "", "Kingdom of Alderland"),
        ("BBB_01_1946", "BBB", "1", "1946", "", "", ""),
        ("AAA_12_1957", "AAA", "12", "1957", "Mr. Reed", "Ferryman", "Republic of Alderland"),
    ]
    assert got[2].text == "Ferries «at last»."
    assert form == "unpacked" or set(reading.skipped) == {strange, "README"}
    assert sorted(tmp_path.rglob("*")) == before  # nothing is unpacked


def test_an_archive_that_cannot_be_used(un):
    path = tar(un.source / "x.tar", SPEECHES | {"again/AAA_1_1946.txt": b"Boats."})
    refused(un, "x.tar", "AAA_01_1946 appears twice")
    tar(path, SPEECHES | {"TXT/CCC_01_1946.txt": b"a\x00"})
    refused(un, "x.tar:TXT/CCC_01_1946.txt", "NUL")
    tar(path, SPEECHES)
    # damage in the middle is not taken for the end
    path.write_bytes(
        path.read_bytes().replace(b"TXT/Session 01 - 1946/BBB", b"???/Session 01 - 1946/BBB")
    )
    refused(un, "not a complete tar archive")
    path.write_bytes(b"This is a note, not an archive. " * 40)
    refused(un, "not a complete tar archive")
    tar(path, {"README": b"x"})
    refused(un, "no speech here")
    tar(un.source / "b.tar.gz", SPEECHES)
    refused(un, "2 archives")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_truncated_archive_is_always_noticed(un, mode):
    path = tar(un.source / "x.tar", SPEECHES, mode)
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


def test_bad_speakers_and_states_are_one_line(un, tmp_path):
    tar(un.source / "x.tar", SPEECHES)
    path = speakers(un, ["Session", "ISO Code", "Post", 1946])
    refused(un, "Name of Person Speaking")
    for content in (b"PK\x03\x04 not a workbook", b"", speakers(un).read_bytes()):
        path.write_bytes(content)
        refused(un, "Speakers_by_session.xlsx")
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("other.xml", "<a/>")
    refused(un, "not a readable workbook")
    path = tmp_path / "states.csv"
    for content, place in {
        STATES.replace(",1,11,", ",one,11,").encode(): "states.csv:2",
        b"code,country\nAAA,Alderland\n": "states.csv",
        STATES.encode() + b"BBB,\xff,,1,,member,\n": "states.csv",
        STATES.encode() + b"CCC,Short\n": "states.csv:4",
    }.items():
        path.write_bytes(content)
        with refusal(place):
            States(path)


REPOSITORY = {
    **{"url": "https://x.org/y", "commit": "0" * 40, "files": "*.json"},
    **{"sha256": "0" * 64, "layout": "xwlb"},
}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("rights", "free", "rights"),
        ("corpus", "pond", "'pond'"),
        ("colour", "blue", "colour"),
        ("documents", {"alder-2001": {"date": "5 May"}}, "date"),
        ("documents", {"alder-2001": {"url": "ftp://x"}}, "https"),
        ("documents", {"alder-2001": {"colour": "blue"}}, "colour"),
        *(
            ("repository", REPOSITORY | {f: "?"}, f"repository, {f}")
            for f in REPOSITORY
            if f != "files"
        ),
    ],
)
def test_bad_overlay_is_named(make_data, field, value, said):
    setting = make_data()
    content = yaml.safe_load(setting.overlay.read_text("utf-8")) | {field: value}
    setting.overlay.write_text(yaml.safe_dump(content), "utf-8")
    with refusal("lake.yml", said):
        read_overlay(setting.overlay)


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
    written(setting.source, {name: content})
    refused(setting, said)
    text = setting.overlay.read_text("utf-8").replace("strict: true", "strict: false")
    setting.overlay.write_text(text, "utf-8")
    reading = Reading()
    ids = [d.doc_id for d in taken(setting, reading=reading)]
    assert {"alder-2001", "birch-2002", "cedar-2003"} <= set(ids)
    assert name.rpartition("/")[2].partition(".")[0] in "\n".join(reading.report()) or len(ids) > 3
