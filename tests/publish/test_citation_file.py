"""CITATION.cff names one version and every source, and what is deposited says the same."""

import json

from conftest import ROOT
from pybtex.database import parse_file
from sphinx_findings.citation import Item, csl, read_work
from test_citation import WORK

import tifa
from tifa.publish.deposit import zenodo_text


def test_one_version_everywhere():
    assert read_work(ROOT / "CITATION.cff").version == tifa.__version__


def test_zenodo_is_told_what_the_citation_file_says():
    made = (ROOT / ".zenodo.json").read_text(encoding="utf-8")
    assert made == zenodo_text(read_work(ROOT / "CITATION.cff")), "run make metadata"


def test_zenodo_takes_an_orcid_without_its_address():
    creators = json.loads(zenodo_text(WORK))["creators"]
    assert creators[1] == {"name": "Reed, Ann", "orcid": "0000-0002-1825-0097"}


def test_the_data_are_one_thing_with_one_name():
    work = read_work(ROOT / "CITATION.cff")
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert work.data.title == package["title"]
    assert work.data.kind == "data"
    made = csl(work, Item("dataset", work.data.title))
    assert made["type"] == "dataset"
    assert "container-title" not in made  # the data set is not a part of the software
    assert "DOI" not in csl(WORK, Item("dataset", "D"))  # and does not have its DOI


def test_every_corpus_has_its_source_in_the_citation_file():
    work = read_work(ROOT / "CITATION.cff")
    addresses = {r.doi for r in work.sources} | {r.url for r in work.sources}
    library = parse_file(ROOT / "book" / "references.bib", "bibtex").entries
    assert "10.7910/DVN/0TJX8Y" in addresses
    for name in tifa.corpora():
        keys = tifa.load(name).about.citation.split(",")
        cited = [library[key.strip()].fields for key in keys]
        named = {entry.get(field) for entry in cited for field in ("doi", "url")} - {None}
        assert named & addresses, f"CITATION.cff names no source of {name}"
    related = {
        r["identifier"]: r["relation"] for r in json.loads(zenodo_text(work))["related_identifiers"]
    }
    assert related["10.7910/DVN/0TJX8Y"] == "isDerivedFrom"
    assert related["10.1177/00223433241275335"] == "cites"
