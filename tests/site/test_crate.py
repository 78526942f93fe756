"""The RO-Crate describes all files, and the colophon the software and data used."""

import hashlib
import html
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import frictionless
import pytest
import rocrate
from browsing import SITE, built, html_of, json_of, sources
from conftest import ROOT, written
from pybtex.database import parse_string
from rocrate.rocrate import ROCrate
from sphinx_findings.citation import Author, Work

import tifa
import tifa.stats
from tifa_book import edition
from tifa_book import metadata as crate
from tifa_book import tables as published
from tifa_book.extension import AT_END

JUDGE = Path(__file__).with_name("judge_crate.py")
CONTEXT = Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld"
#: This profile builds on RO-Crate 1.1, so the rules of RO-Crate are checked, too.
PROFILE = "process-run-crate-0.5"


@pytest.fixture
def site(tmp_path):
    licence = {"path": "https://creativecommons.org/publicdomain/zero/1.0/"}
    resource = {"path": "a.csv", "title": "Oars", "licenses": [licence]}
    files = {
        "book/index.html": "<p>Boats</p>",
        "notebooks/01.html": "<p>Oars</p>",
        "data/a.csv": "n\n1\n",
        "data/datapackage.json": json.dumps({"resources": [resource]}),
        "findings.json": "[]",
    }
    return written(tmp_path, files)


def many(value):
    """Values of a property; a single one is not in a list."""
    return value if isinstance(value, list) else [value]


def references(value):
    """The ids that a value refers to."""
    for part in many(value):
        if isinstance(part, dict) and set(part) == {"@id"}:
            yield part["@id"]


def check(made, folder):
    """Check that the graph is flat and complete, and describes the files as they are."""
    graph = {e["@id"]: e for e in made["@graph"]}
    assert len(graph) == len(made["@graph"]), "an @id appears twice"
    for entity in made["@graph"]:
        for name in entity.keys() - {"about", "@id", "conformsTo"}:
            for target in references(entity[name]):
                assert target in graph, f"{entity['@id']}: {name}: {target}"
        if "File" in entity["@type"]:
            assert entity["license"], entity["@id"]
            content = (folder / entity["@id"]).read_bytes()
            assert entity["sha256"] == hashlib.sha256(content).hexdigest()
            assert int(entity["contentSize"]) == len(content)
    files = {i for i, e in graph.items() if "File" in e["@type"]}
    assert files == set(references(graph["./"]["hasPart"]))
    return graph


def judged(folder, level):
    """The output of RO-Crate's validator, which runs in a separate environment."""
    command = ["uv", "run", "--quiet", "--script", str(JUDGE), str(folder), str(CONTEXT)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PATH": path}
    try:
        done = subprocess.run(
            [*command, PROFILE, level], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("needs uv (make setup-dev)")
    if not done.stdout:
        reason = done.stderr.strip().splitlines()
        assert reason
        if re.search("error sending request|dns|network|connect|offline", done.stderr, re.I):
            pytest.skip(f"roc-validator is not here and cannot be fetched ({reason[-1].strip()})")
    return done.stdout + done.stderr


ADDRESS = "https://example.org/boats/"


def test_a_small_crate_is_complete(site):
    orcid = "https://orcid.org/0000-0002-1825-0097"
    author = Author(family="Reed", given="Ann", orcid=orcid, affiliation="Lake University")
    work = Work("Boats", (author, Author(name="Rowers")), "1", abstract="B.", keywords=("oar",))
    notebook = site / "notebooks" / "01.ipynb"
    notebook.write_text("{}")
    library = {"@id": f"{ADDRESS}{crate.LIBRARY}", "@type": "SoftwareApplication", "name": "tifa"}
    about = ("notebooks/01", "Oars", notebook, {"data/a.csv"}, [], "2026-03-01", ADDRESS)
    parts, titles = [library, *crate.run(*about)], {"notebooks/01": "Oars"}
    made = crate.crate(site, work, "2026-03-01", parts, titles, ADDRESS)
    graph = check(made, site)
    run = graph["#run-01"]
    assert run["agent"] == {"@id": orcid}
    assert graph[graph[orcid]["affiliation"]["@id"]]["name"] == "Lake University"
    instrument = graph[run["instrument"]["@id"]]
    assert instrument["@id"] == f"{ADDRESS}notebooks/01.ipynb"
    assert graph["notebooks/01.ipynb"]["sameAs"] == {"@id": instrument["@id"]}
    assert run["object"] == {"@id": "data/a.csv"}
    assert run["endTime"] == "2026-03-01"
    assert (graph["data/a.csv"]["name"], graph["notebooks/01.html"]["name"]) == ("Oars", "Oars")
    # the official library of RO-Crate can read it
    (site / "ro-crate-metadata.json").write_text(json.dumps(made))
    read = ROCrate(site)
    assert read.root_dataset["datePublished"] == "2026-03-01"
    assert read.get("data/a.csv")["encodingFormat"] == "text/csv"
    assert {e.id for e in read.data_entities} == {*crate.described(site), "notebooks/01.ipynb"}


def test_a_crate_without_a_date_and_with_the_edition(site):
    work = Work("Boats", (Author(name="Rowers"),), "1")
    graph = check(crate.crate(site, work, "", [], {}), site)
    assert edition.NAME not in graph
    assert "datePublished" not in graph["./"]
    (site / edition.NAME).write_bytes(b"%PDF-1.4")
    described = check(crate.crate(site, work, "", [], {}), site)[edition.NAME]
    assert described["encodingFormat"] == "application/pdf"
    assert described["name"] == "The whole book as PDF"
    assert described["license"]["@id"].startswith("https://creativecommons.org/licenses/by/")


def test_the_crate_is_written_after_the_edition():
    assert AT_END.index(edition.write_edition) < AT_END.index(crate.write_crate)


def test_texts_are_never_published(tmp_path):
    package = '{"resources": [{"path": "a.csv"}]}'
    written(tmp_path, {"texts/xi/private.txt": "x", "a.csv": "n\n", "datapackage.json": package})
    assert published.published(tmp_path) == ["a.csv", "datapackage.json"]


def test_an_archive_describes_what_is_in_it_and_nothing_else(tmp_path):
    texts = {"corpora/lake/terms.csv": "n\n", "corpora/sea/terms.csv": "n\n", "README.md": "Read"}
    tables = [{"path": name} for name in texts if name.endswith(".csv")]
    described = json.dumps({"name": "waters", "resources": tables})
    written(tmp_path, texts | {"datapackage.json": described})
    names = [*texts, "datapackage.json"]
    published.write_archives(tmp_path, names)
    first = (tmp_path / "all.zip").read_bytes()
    lake = {"corpora/lake/terms.csv", "README.md"}
    for name, held in {"all.zip": set(texts), "lake.zip": lake}.items():
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert {*archive.namelist()} == held | {"datapackage.json"}
            package = json.loads(archive.read("datapackage.json"))
        assert {r["path"] for r in package["resources"]} == {h for h in held if "csv" in h}
    published.write_archives(tmp_path, names)
    assert (tmp_path / "all.zip").read_bytes() == first


@built
@pytest.mark.slow
class TestBuilt:
    def test_the_crate_describes_the_site(self):
        made = json_of("ro-crate-metadata.json")
        graph = check(made, SITE)
        actions = [e for e in made["@graph"] if e["@type"] == "CreateAction"]
        assert len(actions) == len(list((ROOT / "notebooks").glob("*.ipynb")))
        results = {r["@id"]: a["@id"] for a in actions for r in many(a["result"])}
        for finding in json_of("findings.json")["findings"]:
            run = graph[results[finding["anchor"]]]
            inputs = [f["@id"] for f in many(run["object"])]
            used = {name.lstrip("#").removeprefix("data/"): name for name in inputs}
            assert set(finding["tables"]) <= used.keys()
            for table, digest in finding["tables"].items():
                assert graph[used[table]]["sha256"] == digest

    def test_the_validator_accepts_the_crate_of_the_site(self):
        # without a public address neither notebooks nor authors have one, which is recommended
        public = re.search(r'"@id": "https?://[^"]+\.ipynb"', html_of("ro-crate-metadata.json"))
        level = "recommended" if public else "required"
        assert f"{PROFILE}, {level}: 0 issues" in judged(SITE, level)

    def test_the_data_on_the_site_are_a_complete_data_package(self):
        package = json_of("data/datapackage.json")
        assert list(frictionless.Package.metadata_validate(package)) == []
        for resource in package["resources"]:
            assert (SITE / "data" / resource["path"]).is_file(), resource["path"]
        names = {r["name"] for r in package["resources"]}
        for resource in package["resources"]:
            for key in resource["schema"].get("foreignKeys", ()):
                assert key["reference"]["resource"] in names | {""}, resource["name"]
        dictionary = html.unescape(html_of("book/dictionary.html")).replace("’", "'")
        for field in (f for r in package["resources"] for f in r["schema"]["fields"]):
            assert field["description"].replace(" %", "%")[:30] in dictionary, field

    def test_every_archive_is_a_complete_data_package(self):
        assert len(list((SITE / "data").glob("*.zip"))) == len(tifa.corpora()) + 1
        for path in (SITE / "data").glob("*.zip"):
            with zipfile.ZipFile(path) as archive:
                package = json.loads(archive.read("datapackage.json"))
                assert list(frictionless.Package.metadata_validate(package)) == []
                missing = {r["path"] for r in package["resources"]} - {*archive.namelist()}
            assert not missing, path.name

    def test_the_colophon_names_the_lock_and_every_table(self):
        page = html_of("book/colophon.html")
        lock = hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest()
        assert lock in page
        for name, digest in published.tables(tifa.data_folder()):
            assert name in page
            assert digest in page

    def test_the_site_contains_no_run_times(self):
        log = json_of("../run-log.json")
        assert len(log) == len(list((ROOT / "notebooks").glob("*.ipynb")))
        for name in ("ro-crate-metadata.json", "book/colophon.html"):
            for run in log.values():
                assert str(run["runtime"]) not in html_of(name)

    def test_every_corpus_has_a_citation_for_its_source(self):
        page = html_of("book/cite.html")
        for corpus in tifa.corpora():
            fold = page[page.index(f"Cite the source: {corpus}") :].partition("</details>")[0]
            text, bib = map(html.unescape, re.findall(r"<pre>(.*?)</pre>", fold, re.S))
            keys = {k.strip() for k in tifa.load(corpus).about.citation.split(",")}
            assert set(parse_string(bib, "bibtex").entries) == keys
            assert "{" not in text
            assert len(text.split("\n\n")) == len(keys)

    def test_the_whole_library_is_documented(self):
        shown = "".join(html for _, html in sources("book/library/"))
        for name in set(tifa.__all__) - {"Corpus", "TifaError"}:
            if callable(getattr(tifa, name)) and not name.startswith("__"):
                assert f'id="tifa.{name}"' in shown, name
        for name in tifa.stats.__all__:
            assert re.search(rf'id="tifa\.stats\.\w+\.{name}"', shown), name
