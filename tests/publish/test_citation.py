"""Citations parse in the formats that they claim, whatever stands in a title or a name."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

import tifa
from tifa.publish.citation import (
    Author,
    Item,
    Work,
    bibtex,
    csl,
    plain,
    read_work,
    ris,
    zenodo_text,
)

WORK = Work(
    title="Boats & {oars}: 100% of a lake",
    authors=(
        Author(name="The ferry people, and others"),
        Author(family="Reed", given="Ann", orcid="https://orcid.org/0000-0002-1825-0097"),
    ),
    version="1.2.0",
    licences=("MIT", "CC0-1.0"),
    keywords=("boats",),
    doi="10.1234/boats",
    references=("10.1234/reeds",),
)
CHAPTER = Item(
    "chapter", "Who rows?", key="01-rowers", url="https://a.org/b_c.html", date="2026-03-01"
)
FINDING = Item("finding", "“Boat” stands in 3 places.", key="F2.1", number="F2.1")
ITEMS = [CHAPTER, FINDING, Item("work", ""), Item("page", "Cite it", key="x"), Item("dataset", "D")]


def parsed(text):
    entries = parse_string(text, "bibtex").entries
    assert len(entries) == 1
    return next(iter(entries.values()))


@pytest.mark.parametrize("item", ITEMS, ids=lambda i: i.kind)
def test_every_kind_parses_in_every_format(item):
    entry = parsed(bibtex(WORK, item))
    assert len(entry.persons["author"]) == 2
    assert "1.2.0" in entry.fields["note"]
    assert ("url" in entry.fields) == bool(item.url)
    assert ("year" in entry.fields) == bool(item.date)

    made = json.loads(json.dumps(csl(WORK, item)))
    assert {"id", "type", "title", "author"} <= made.keys()
    assert made["author"][1] == {"family": "Reed", "given": "Ann"}
    assert ("issued" in made) == bool(item.date)

    lines = ris(WORK, item).splitlines()
    assert lines[0].startswith("TY  - ")
    assert lines[-1] == "ER  - "
    assert all(line[2:6] == "  - " for line in lines)

    assert WORK.title in plain(WORK, item)
    assert "Version 1.2.0" in plain(WORK, item)


def test_an_entity_is_not_split_into_names():
    entry = parsed(bibtex(WORK, CHAPTER))
    entity = entry.persons["author"][0]
    assert not entity.first_names
    assert len(entity.last_names) == 1


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_title_breaks_a_format(title, name):
    work = Work(title="W " + title, authors=(Author(name="N" + name),), version="1")
    item = Item("finding", title, key="F1.1", number="F1.1", url="https://a.org/" + title)
    assert parsed(bibtex(work, item)).fields["note"] == "Version 1"
    # one field a line, whatever line breaks the title has
    assert all(line[2:6] == "  - " for line in ris(work, item).split("\n"))
    assert json.loads(json.dumps(csl(work, item)))["title"].endswith(title)


def test_a_finding_is_quoted_with_its_number_and_version():
    assert plain(WORK, FINDING) == (
        "The ferry people, and others; Ann Reed. “‘Boat’ stands in 3 places.” "
        "Finding F2.1 of Boats & {oars}: 100% of a lake. Version 1.2.0."
    )


def test_the_work_prefers_its_doi_to_an_address():
    assert plain(WORK, Item("work", "", url="https://a.org")).endswith(
        "https://doi.org/10.1234/boats"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- a list", "expected fields"),
        ("title: x\nversion: 1", "authors"),
        ("title: [", "no YAML"),
        ("title: x\nversion: 1\nauthors: [{given-names: Ann}]", "family-names"),
    ],
)
def test_a_broken_file_is_named_with_what_it_lacks(tmp_path, content, said):
    path = tmp_path / "CITATION.cff"
    path.write_text(content)
    with pytest.raises(tifa.TifaError, match=said) as caught:
        read_work(path)
    assert "CITATION.cff" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(tifa.TifaError, match=r"CITATION\.cff"):
        read_work(tmp_path / "CITATION.cff")


def test_one_version_everywhere():
    assert read_work(ROOT / "CITATION.cff").version == tifa.__version__


def test_zenodo_is_told_what_the_citation_file_says():
    made = (ROOT / ".zenodo.json").read_text(encoding="utf-8")
    assert made == zenodo_text(read_work(ROOT / "CITATION.cff")), "run make metadata"


def test_zenodo_takes_an_orcid_without_its_address():
    creators = json.loads(zenodo_text(WORK))["creators"]
    assert creators[1] == {"name": "Reed, Ann", "orcid": "0000-0002-1825-0097"}
