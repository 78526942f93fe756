"""Citations are valid in their formats, whatever a title or name contains."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import rispy
from citing import in_style
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string
from sphinx_findings.citation import (
    Author,
    Item,
    Reference,
    Work,
    bibtex,
    csl,
    plain,
    read_work,
    ris,
)
from sphinx_findings.errors import FindingsError

WORK = Work(
    title="Boats & {oars}: 100% of a lake",
    authors=(
        Author(name="The ferry people & others"),
        Author(family="Reed", given="Ann", orcid="https://orcid.org/0000-0002-1825-0097"),
    ),
    version="1.2.0",
    licence="MIT",
    keywords=("boats",),
    doi="10.1234/boats",
    references=(
        Reference("Boats: features", scope="data set of this compendium", kind="data"),
        Reference("Reeds", doi="10.1234/reeds", scope="source of the texts", kind="data"),
        Reference("Rafts", doi="10.1234/rafts", kind="article"),
    ),
)
CHAPTER = Item(
    "chapter", "Who rows?", key="01-rowers", url="https://a.org/b_c.html", date="2026-03-01"
)
FINDING = Item("finding", "“Boat” stands in 3 places.", key="F2.1", number="F2.1")
LONG = replace(
    FINDING,
    title=f"Of 9 boats 8 left. {30 * 'It rained. '}The clock was slow.",
    mark="true in 7 of 8 ways of counting",
    abstract=f"Of 9 boats 8 left. {30 * 'It rained. '}The clock was slow. Estimate: 88% of boats.",
    date="2026-03-01",
)
FIGURE = Item("figure", "Boats by lake.", key="fig-boats", number="7", url="https://a.org/#fig")
ITEMS = [
    CHAPTER,
    FINDING,
    FIGURE,
    Item("work", ""),
    Item("page", "Cite it", key="x"),
    Item("dataset", "D"),
]


def parsed(text):
    entries = parse_string(text, "bibtex").entries
    assert len(entries) == 1
    return next(iter(entries.values()))


@pytest.mark.parametrize("item", ITEMS, ids=lambda i: i.kind)
def test_every_kind_parses_in_every_format(item):
    entry = parsed(bibtex(WORK, item))
    entity, _ = entry.persons["author"]  # the name of an entity is not split
    assert not entity.first_names
    assert len(entity.last_names) == 1
    assert "1.2.0" in entry.fields["note"]
    assert ("url" in entry.fields) == bool(item.url)
    assert ("year" in entry.fields) == bool(item.date)

    made = json.loads(json.dumps(csl(WORK, item)))
    assert {"id", "type", "title", "author"} <= made.keys()
    assert made["author"][1] == {"family": "Reed", "given": "Ann"}
    assert ("issued" in made) == bool(item.date)

    (record,) = rispy.loads(ris(csl(WORK, item)))
    assert record["authors"] == ["The ferry people & others", "Reed, Ann"]
    assert record["type_of_reference"] in rispy.config.TYPE_OF_REFERENCE_MAPPING
    assert "1.2.0" in record["notes"][0]

    assert bibtex(WORK, item).startswith(f"@{entry.type}{{{made['id']},")

    assert item.kind == "dataset" or WORK.title in plain(WORK, item)
    assert "Version 1.2.0" in plain(WORK, item)
    # nothing that confuses reference managers and styles: styles add a full stop of their own,
    # Zotero reads GEN as a journal article, BibTeX requires a publisher for a part of a book
    assert not made["title"].endswith(".")
    assert not entry.fields["title"].rstrip("}").endswith(".")
    assert record["type_of_reference"] != "GEN"
    assert entry.type != "incollection" or entry.fields["publisher"]


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=30))
def test_no_title_breaks_a_format(title, name):
    work = Work(title="W " + title, authors=(Author(name="N" + name),), version="1")
    item = Item("finding", title, key="F1.1", number="F1.1", url="https://a.org/" + title)
    assert parsed(bibtex(work, item)).fields["note"] == "Version 1"
    # one field per line, even if the title has line breaks
    assert all(line[2:6] == "  - " for line in ris(csl(work, item)).split("\n"))
    assert json.loads(json.dumps(csl(work, item)))["id"]
    page = replace(item, kind="page", number="", abstract=title)
    assert csl(work, page)["title"] == title.removesuffix(".")
    assert parsed(bibtex(work, page)).fields["title"]


def test_a_finding_is_quoted_with_its_number_and_version():
    assert plain(WORK, FINDING) == (
        "The ferry people & others; Ann Reed. Finding F2.1 of Boats & {oars}: 100% of a lake. "
        "“‘Boat’ stands in 3 places.” Version 1.2.0. "
        "https://doi.org/10.1234/boats"
    )
    # the work prefers its DOI to an address
    assert plain(WORK, Item("work", "", url="https://a.org")).endswith("doi.org/10.1234/boats")


def test_a_long_finding_has_a_short_title_and_is_told_in_full():
    made = csl(WORK, LONG)
    assert made["title"] == f"Finding F2.1 of {WORK.short_title} [true in 7 of 8 ways of counting]"
    assert made["abstract"] == LONG.abstract
    entry = parsed(bibtex(WORK, LONG))
    assert entry.fields["abstract"] == LONG.abstract.replace("%", r"\%")
    assert [entry.fields[k] for k in ("year", "month", "day")] == ["2026", "March", "1"]
    assert "month = mar," in bibtex(WORK, LONG)  # biber does not read months in another form
    (record,) = rispy.loads(ris(made))
    assert record["abstract"] == LONG.abstract
    said = plain(WORK, LONG)
    assert f"Finding F2.1 of {WORK.title} [true in 7 of 8 ways of counting]. “{LONG.title}”" in said
    for style in ("apa", "ieee", "chicago-author-date"):
        assert len(in_style(made, style).split()) < 40


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- a list", "expected fields"),
        ("title: x\nversion: 1", "authors"),
        ("title: [", "not YAML"),
        ("title: x\nversion: 1\nauthors: [{given-names: Ann}]", "family-names"),
        ("title: x\nversion: 1\nauthors: [{name: 'Oars, and others'}]", "comma"),
        ("title: x\nversion: 1\nauthors: [{name: A}]\nlicense: [MIT, CC0-1.0]", "may choose"),
    ],
)
def test_a_broken_file_is_reported_with_the_missing_part(tmp_path, content, said):
    path = tmp_path / "CITATION.cff"
    path.write_text(content)
    with pytest.raises(FindingsError, match=said) as caught:
        read_work(path)
    assert "CITATION.cff" in str(caught.value)
    with pytest.raises(FindingsError, match=r"none\.cff"):
        read_work(tmp_path / "none.cff")


def test_between_releases_a_citation_names_the_commit():
    work = replace(WORK, state="0a1b2c3")
    assert "Version 1.2.0, commit 0a1b2c3" in plain(work, FINDING)
    assert "commit 0a1b2c3" in parsed(bibtex(work, FINDING)).fields["note"]
    made = csl(work, FINDING)
    assert made["container-title"].endswith(
        "(version 1.2.0, commit 0a1b2c3; https://doi.org/10.1234/boats)"
    )
    assert csl(work, Item("work", ""))["version"] == "1.2.0+0a1b2c3"
    assert "commit 0a1b2c3" in rispy.loads(ris(made))[0]["notes"][0]
    changed = replace(WORK, state="0a1b2c3.changed")
    for said in (plain(changed, FINDING), bibtex(changed, FINDING), str(csl(changed, FINDING))):
        assert "built from files changed after commit 0a1b2c3, not to be cited" in said
    assert "Version 1.2.0, unreleased" in plain(replace(WORK, state="unreleased"), FINDING)


@pytest.mark.parametrize(
    "style", ["apa", "chicago-author-date", "modern-language-association", "ieee"]
)
@pytest.mark.parametrize("item", [FINDING, FIGURE, CHAPTER], ids=lambda i: i.kind)
def test_a_part_keeps_its_address_in_print_when_the_whole_has_a_doi(style, item):
    item = replace(item, url="https://a.org/findings.html#f2-1", date="2026-03-01")
    printed = in_style(csl(WORK, item), style)
    assert printed.lower().count("version 1.2.0") == 1
    assert "https://a.org/findings.html#f2-1" in printed
    assert "10.1234/boats" in printed
    assert "The ferry people & others" in printed
    # and in the citation in one line of text
    assert plain(WORK, item).endswith(
        "https://doi.org/10.1234/boats. https://a.org/findings.html#f2-1"
    )
    whole = in_style(csl(WORK, Item("work", "", url="https://a.org", date="2026-03-01")), style)
    assert "10.1234/boats" in whole
