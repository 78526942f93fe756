"""Released versions stay unchanged, and link to the newest."""

import zipfile

import pytest

from tifa.util.errors import TifaError
from tifa_book.release import freeze

PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>x</title></head><body class="a">{}</body></html>'
)


@pytest.fixture
def folders(tmp_path):
    site, archives = tmp_path / "site", tmp_path / "archives"
    (site / "book").mkdir(parents=True)
    archives.mkdir()
    (site / "book" / "boats.html").write_text(PAGE.format("new"))
    with zipfile.ZipFile(archives / "site-0.1.0.zip", "w") as archive:
        archive.writestr("book/boats.html", PAGE.format("old"))
        archive.writestr("book/oars.html", PAGE.format("gone"))
        archive.writestr("findings.json", "{}")
    (archives / "notes.zip").write_text("something else")
    return site, archives


def test_a_released_page_leads_to_its_newest_version(folders):
    site, archives = folders
    assert freeze(site, archives) == ["0.1.0"]
    old = (site / "v" / "0.1.0" / "book" / "boats.html").read_text()
    assert "old" in old
    assert 'href="../../../book/boats.html"' in old
    assert "version 0.1.0, kept as it was" in old
    gone = (site / "v" / "0.1.0" / "book" / "oars.html").read_text()
    assert 'href="../../../index.html"' in gone
    assert (site / "v" / "0.1.0" / "findings.json").read_text() == "{}"
    assert "kept as it was" not in (site / "book" / "boats.html").read_text()


def test_an_archive_with_paths_outside_it_is_refused(folders):
    site, archives = folders
    with zipfile.ZipFile(archives / "site-0.2.0.zip", "w") as archive:
        archive.writestr("../../x.html", "x")
    with pytest.raises(TifaError, match="leads out"):
        freeze(site, archives)
    (archives / "site-0.2.0.zip").write_text("x")
    with pytest.raises(TifaError, match="not an archive"):
        freeze(site, archives)
