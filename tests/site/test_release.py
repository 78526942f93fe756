"""A release has version, date and changes, which can be checked later."""

import json
import shutil
import zipfile

import pytest
from conftest import ROOT, replace_in, written
from sphinx_findings.citation import read_work
from sphinx_findings.imprint import git as ask
from sphinx_findings.snapshot import differences, read_snapshot, to_csv
from test_source import git

import tifa
from tifa.util.errors import TifaError
from tifa_book.release import LEDGER, freeze, ledger_changes, prepare, released_ledger

FILES = ("CITATION.cff", "CHANGELOG.md", "src/tifa/version.py", "data/findings.csv")
BUILT = "_build/html/findings.json"


def as_built(rows):
    number = {"estimate", "low", "high"}
    findings = [
        {k: (float(v) if v else None) if k in number else v for k, v in row.items()}
        | {"tables": dict.fromkeys(row["tables"].split(), "0" * 64), "n": int(row["n"])}
        for row in rows
        if row["status"] == "current"
    ]
    return json.dumps({"findings": findings})


@pytest.fixture
def checkout(tmp_path):
    written(tmp_path, {name: (ROOT / name).read_bytes() for name in FILES})
    built = as_built(read_snapshot(tmp_path / LEDGER))
    changes = "# Changes\n\n## Unreleased\n\n- Boats are new.\n"
    written(tmp_path, {"CHANGELOG.md": changes, BUILT: built})
    git(tmp_path, "init")
    git(tmp_path, "add", *FILES)
    git(tmp_path, "commit", "-m", "Boats")
    return tmp_path


def test_a_release_has_version_date_and_what_changed(checkout):
    said = prepare(checkout, "0.1.0", "2026-12-01")
    assert "F2.1 new" in said
    work = read_work(checkout / "CITATION.cff")
    assert (work.version, work.released) == ("0.1.0", "2026-12-01")
    changes = (checkout / "CHANGELOG.md").read_text("utf-8")
    assert "## Unreleased\n\n## 0.1.0, 2026-12-01\n\n- Findings: F2.1 new" in changes
    git(checkout, "commit", "-am", "Version 0.1.0")
    git(checkout, "tag", "v0.1.0")
    with pytest.raises(TifaError, match="is released"):
        prepare(checkout, "0.1.0", "2026-12-02")

    # the next release: a finding has a new number, which is reported and dated
    rows = read_snapshot(checkout / LEDGER)
    first, second = [row for row in rows if row["status"] == "current"][:2]
    first["estimate"] = "7.25"
    written(checkout, {LEDGER: to_csv(rows), BUILT: as_built(rows)})
    replace_in(checkout / "CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n- Oars.\n")
    git(checkout, "commit", "-am", "Oars")
    assert prepare(checkout, "0.2.0", "2027-01-02") == f"{first['id']} changed (estimate)."
    versions = {row["id"]: row["version"] for row in read_snapshot(checkout / LEDGER)}
    assert (versions[first["id"]], versions[second["id"]]) == ("0.2.0", "0.1.0")
    assert (checkout / "src/tifa/version.py").read_text("utf-8").endswith('"0.2.0"\n')
    cited = (checkout / "CITATION.cff").read_text("utf-8")
    assert cited.count("\ndate-released: 2027-01-02\n") == 1
    assert "2026-12-01" not in cited


def test_a_release_that_is_not_ready_is_refused(checkout):
    with pytest.raises(TifaError, match="three numbers"):
        prepare(checkout, "1.0", "2026-12-01")
    (checkout / "CITATION.cff").open("a").write("# more\n")
    with pytest.raises(TifaError, match="commit them first"):
        prepare(checkout, "0.1.0", "2026-12-01")
    git(checkout, "commit", "-am", "More")
    (checkout / BUILT).write_text(as_built([]), "utf-8")
    with pytest.raises(TifaError, match="gone"):
        prepare(checkout, "0.1.0", "2026-12-01")
    (checkout / "CHANGELOG.md").write_text("## Unreleased\n\n## 0.0.1\n")
    git(checkout, "commit", "-am", "Nothing")
    with pytest.raises(TifaError, match="Unreleased is empty"):
        prepare(checkout, "0.1.0", "2026-12-01")
    # without git the released state is unknown
    shutil.rmtree(checkout / ".git")
    with pytest.raises(TifaError, match="made from a clone"):
        prepare(checkout, "0.1.0", "2026-12-01")


def test_a_withdrawn_finding_is_called_so():
    first = {**read_snapshot(ROOT / LEDGER)[0], "status": "current"}
    gone = {**first, "status": "withdrawn"}
    assert ledger_changes([first], [gone]) == f"{first['id']} withdrawn."


def test_a_released_version_keeps_its_numbers():
    tag = f"v{tifa.__version__}"
    if tag not in ask(ROOT, "tag").split():
        pytest.skip(f"{tag} is not released yet")
    now, then = read_snapshot(ROOT / LEDGER), released_ledger(ROOT)
    changed = differences(then, now)
    assert not changed, f"{changed[0]}: set the next version in version.py and CITATION.cff"


# --- released versions stay unchanged, and link to the newest ---


PAGE = '<!DOCTYPE html><html lang="en"><title>x</title><body class="a">{}</body></html>'


@pytest.fixture
def folders(tmp_path):
    site = written(tmp_path / "site", {"book/boats.html": PAGE.format("new")})
    archives = written(tmp_path / "archives", {"notes.zip": "something else"})
    with zipfile.ZipFile(archives / "site-0.1.0.zip", "w") as archive:
        archive.writestr("book/boats.html", PAGE.format("old"))
        archive.writestr("book/oars.html", PAGE.format("gone"))
        archive.writestr("findings.json", "{}")
    return site, archives


def test_a_released_page_leads_to_its_newest_version(folders):
    site, archives = folders
    assert freeze(site, archives) == ["0.1.0"]
    version = site / "v" / "0.1.0"
    old = (version / "book" / "boats.html").read_text()
    for part in ("old", 'href="../../../book/boats.html"', "version 0.1.0, kept as it was"):
        assert part in old
    assert 'href="../../../index.html"' in (version / "book" / "oars.html").read_text()
    assert (version / "findings.json").read_text() == "{}"
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
