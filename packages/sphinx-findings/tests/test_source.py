"""Date and commit come from git, from a git archive, or from CITATION.cff."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
from sphinx_findings.imprint import Source, read_source, set_imprint

#: The fields that git fills in when it makes an archive.
TEMPLATE = "node: $Format:%H$\nday: $Format:%cs$\nnames: $Format:%D$\n"


@pytest.fixture(autouse=True)
def no_time(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def git(folder, *words):
    name = ["-c", "user.name=Ann Reed", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", "-C", str(folder), *name, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / ".gitattributes").write_text(".git_archival.txt export-subst\n")
    (tmp_path / ".git_archival.txt").write_text(TEMPLATE)
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "Oars", "--date", "2026-03-02T12:00:00")
    return tmp_path


def test_a_folder_without_git_has_the_date_of_the_citation_file_or_none(tmp_path, monkeypatch):
    (tmp_path / ".git_archival.txt").write_text(TEMPLATE)  # not filled in, so no archive
    source = read_source(tmp_path)
    assert source == Source()
    assert source.date("1.0", "") == ""
    assert source.state("1.0", "") == "unreleased"
    assert source.date("1.0", "2026-03-01") == "2026-03-01"
    for nothing in ("0", ""):  # tools write 0 if they do not know the time
        monkeypatch.setenv("SOURCE_DATE_EPOCH", nothing)
        assert source.date("1.0", "") == ""


def test_a_folder_that_git_does_not_trust_has_no_commit(tmp_path):
    (tmp_path / ".git").write_text("no repository")
    assert read_source(tmp_path) == Source(checkout=True)
    assert Source(checkout=True).date("1.0", "") == ""
    assert Source(checkout=True).state("1.0", "2026-03-01") == "commit-not-known"


def test_a_commit_between_releases_is_named(checkout):
    source = read_source(checkout)
    assert len(source.commit) == 40
    assert source.state("1.0", "2026-03-01") == source.commit[:7]
    assert source.date("1.0", "2020-03-01") == source.day
    (checkout / ".gitattributes").write_text("")
    assert read_source(checkout).state("1.0", "") == f"{source.commit[:7]}.changed"


def test_a_release_has_its_own_date_whenever_it_is_built(checkout, monkeypatch):
    git(checkout, "tag", "v1.0")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1835000000")  # as if rebuilt in 2028
    source = read_source(checkout)
    assert source.state("1.0", "2026-03-01") == ""
    assert source.date("1.0", "2026-03-01") == "2026-03-01"
    assert source.date("1.1", "2026-03-01") == "2028-02-24"


def test_an_archive_that_git_made_knows_its_commit(checkout, tmp_path_factory):
    git(checkout, "tag", "v1.0")
    folder = tmp_path_factory.mktemp("unpacked")
    git(checkout, "archive", "HEAD", "-o", str(folder / "it.tar"))
    subprocess.run(["tar", "-xf", str(folder / "it.tar"), "-C", str(folder)], check=True)
    known, read = read_source(checkout), read_source(folder)
    assert (read.commit, read.day, read.tags) == (known.commit, known.day, ("v1.0",))
    assert read.state("1.1", "") == known.commit[:7]


CITATION = """title: Ferries
version: "1.0"
authors: [{name: The ferry people}]
"""


def test_pages_are_told_what_can_be_cited(checkout):
    def tags(text, *, address=""):
        (checkout / "CITATION.cff").write_text(text)
        app = SimpleNamespace(srcdir=checkout, tags=set())
        set_imprint(app, SimpleNamespace(html_baseurl=address, findings_snapshot="none.csv"))
        return app.tags

    assert tags(CITATION) == set()
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "Cite")
    person = CITATION.replace("{name: The ferry people}", "{family-names: Reed}")
    assert tags(f"{person}doi: 10.1/b\n", address="https://a.org") == {
        f"cite_{tag}" for tag in ("changed", "named", "doi", "address")
    }
    released = f"{CITATION}date-released: 2026-03-01\n"
    tags(released)
    git(checkout, "commit", "-am", "Release")
    git(checkout, "tag", "v1.0")
    assert tags(released) == {"cite_released"}
