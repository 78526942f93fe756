"""Every page describes itself to machines, and tells people how to cite it."""

import html
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import rispy
from browsing import SITE, built, html_of, sources
from citing import in_style
from conftest import ROOT
from docutils import nodes
from docutils.utils import new_document
from pybtex.database import parse_string
from sphinx_findings.citation import Author, Item, Work, read_work
from sphinx_findings.imprint import citation_fold, citations
from sphinx_findings.ledger import FEED
from sphinx_findings.snapshot import read_snapshot

from tifa_book import metadata, render

WORK = Work("Boats: a study", (Author(family="Reed", given="Ann"),), "1.2", doi="10.1/b")
HOSTILE = '</script><script>alert("1")</script> & <b>'


def document(*texts):
    made = new_document("test")
    made += [nodes.paragraph("", text) for text in texts]
    return made


def test_the_whole_is_cited_by_its_doi_and_a_page_by_its_address():
    page = Item("page", "Cite it", url="https://a.org/book/cite.html")
    links = dict(metadata.signposts(WORK, page, "book/cite", pdf=False))
    assert links["cite-as"] == "https://a.org/book/cite.html"
    work = Item("work", "Boats", url="https://a.org/book/index.html")
    whole = dict(metadata.signposts(WORK, work, "book/index", pdf=True))
    assert whole["cite-as"] == "https://doi.org/10.1/b"


def test_no_title_breaks_out_of_a_script_a_tag_or_a_citation():
    thing = metadata.of_item(WORK, Item("chapter", HOSTILE), HOSTILE, "")
    tags = metadata.highwire(WORK, Item("chapter", f'"{HOSTILE}'))
    known = {"tags": tags, "links": [("license", HOSTILE)], "feed": ""}
    shown = render("metadata.html", **known, thing=metadata.script(thing))
    (inside,) = re.findall(r'<script type="application/ld\+json">(.*)</script>', shown)
    assert "<" not in inside
    assert json.loads(inside)["headline"] == HOSTILE
    assert "<b>" not in shown
    assert shown.count("<meta") == len(tags)
    fold = citation_fold("Cite", {"text": HOSTILE}, "x")
    assert "<script" not in fold
    assert html.unescape(re.search("<pre>(.*)</pre>", fold, re.S)[1]) == HOSTILE


@pytest.mark.parametrize("address", ["", "https://x.org/a.html"])
def test_citations_without_an_address_say_so(address):
    made = citations(replace(WORK, doi=""), Item("chapter", "Who rows?", url=address))
    assert ("No public address yet." in citation_fold("Cite", made, "x")) == (not address)


def test_tags_that_need_the_address_are_left_out_without_it():
    item = Item("chapter", "Who rows?", date="2026-03-01")
    names = dict(metadata.highwire(WORK, item))
    assert not any("url" in name for name in names)
    assert names["citation_publication_date"] == "2026/03/01"
    assert names["citation_author"] == "Reed, Ann"
    assert "citation_doi" not in names  # a chapter is not the whole book
    assert dict(metadata.highwire(WORK, Item("work", "x")))["citation_doi"] == "10.1/b"
    for kind in ("chapter", "dataset", "work", "page"):
        made = metadata.of_item(WORK, Item(kind, "x"), "x", "")
        assert "url" not in json.dumps(made).lower()


def zotero_name(name):
    """How Zotero's translators split citation_author: at a comma, or else at the last space."""
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.rpartition(" ")
    return {"family": family, "given": given.strip()}


def test_zotero_reads_names_and_kinds_as_they_are():
    work = Work("Boats", (Author(name="The ferry people"), Author(family="Reed", given="Ann")), "1")
    tags = metadata.highwire(work, Item("work", "Boats"))
    assert [zotero_name(said) for name, said in tags if name == "citation_author"] == [
        {"family": "The ferry people", "given": ""},
        {"family": "Reed", "given": "Ann"},
    ]
    kinds = {"work": "computerProgram", "dataset": "Dataset", "chapter": "Text", "page": None}
    for kind, expected in kinds.items():
        made = dict(metadata.dublin_core(work, Item(kind, "Boats"), ""))
        assert made.get("DC.type") == expected
        assert made["prism.edition"] == "1"


def test_the_data_set_names_every_table_and_its_sources():
    work = read_work(ROOT / "CITATION.cff")
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    made = metadata.of_data(work, package, "https://a.org/", "1946/2024")
    archive, *tables = made["distribution"]
    assert archive["contentUrl"] == "https://a.org/data/all.zip"
    assert len(tables) == len(package["resources"])
    assert all(
        t.get("contentUrl", "").startswith("https://a.org/data/") or t["description"]
        for t in tables
    )
    assert "https://doi.org/10.7910/DVN/0TJX8Y" in {s["url"] for s in made["isBasedOn"]}
    assert "contentUrl" not in json.dumps(metadata.of_data(work, package, "", ""))


def test_a_description_ends_with_a_sentence_or_an_ellipsis():
    assert metadata.describe(document("Boats row. They row well.")) == ("Boats row. They row well.")
    long = metadata.describe(document("Boats row at dawn. " * 30))
    assert len(long) <= metadata.LONGEST
    assert long.endswith("dawn.")
    endless = metadata.describe(document("boats " * 100))
    assert endless.endswith("boats …")
    assert metadata.describe(document("x"), "Given.") == "Given."
    assert metadata.describe(document()) == ""


def articles():
    """Address and source of each page, without those of the library's reference."""
    return [(n, html) for n, html in sources("book/") + sources("notebooks/") if n.count("/") == 1]


def tag(page, name):
    return [html.unescape(v) for v in re.findall(rf'<meta name="{name}" content="([^"]*)"', page)]


@built
@pytest.mark.slow
class TestBuilt:
    def test_every_page_describes_itself_once_and_like_no_other(self):
        said = {}
        for name, page in articles():
            (about,) = tag(page, "description")
            assert 20 < len(about) <= metadata.LONGEST + 2, name
            assert about not in said, f"{name} and {said[about]}"
            assert "{" not in about
            said[about] = name
            # titles are not doubled
            parts = html.unescape(re.search("<title>(.*?)</title>", page)[1]).split(" — ")
            assert len(set(parts)) == len(parts), f"{name}: {parts}"

    def test_every_page_names_author_and_date_for_people_and_machines(self):
        kinds = {"book/data.html": "Dataset", "book/index.html": "CreativeWork"}
        for name, page in articles():
            (author,) = (zotero_name(a)["family"] for a in tag(page, "citation_author"))
            (day,) = tag(page, "citation_date")
            text = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1]
            thing = json.loads(text)
            assert thing["datePublished"] == day.replace("/", "-")
            assert thing["author"][0]["name"] == author
            chapter = name.startswith("notebooks/")
            expected = "ScholarlyArticle" if chapter else kinds.get(name, "WebPage")
            assert thing["@type"] == expected, name
            assert len(tag(page, "citation_inbook_title")) == chapter
            line = re.search(r'<p class="tifa-byline">(.*?)</p>', page, re.S)[1]
            assert author in line
            assert f'datetime="{thing["datePublished"]}"' in line
            assert page.count("tifa-byline") == 1
            assert page.index("</h1>") < page.index("tifa-byline")
        # no date is invented
        for path in SITE.rglob("*.html"):
            page = path.read_text("utf-8")
            assert "1970." not in re.sub(r"<main.*</main>", "", page, flags=re.S), path
            assert "1970-01-0" not in page, path

    def test_links_for_machines_work_and_pictures_exist(self):
        for name, page in sources("book/") + sources("notebooks/"):
            pictures = tag(page.replace(" property=", " name="), "og:image")
            public = 'rel="canonical"' in page
            assert len(pictures) == public, name
            assert ("summary_large_image" in page) == public
            for url in pictures:
                assert url.startswith("https://")
                picture = SITE / "_images" / url.partition("/_images/")[2]
                assert picture.stat().st_size < 100_000
            if name.count("/") > 1:
                continue
            found = {}
            for relation, target in re.findall(r'<link rel="([\w-]+)" href="([^"]+)">', page):
                found.setdefault(relation, []).append(target)
                if "://" not in target and relation in ("describedby", "item", "collection"):
                    assert ((SITE / name).parent / target).resolve().is_file(), (name, target)
            assert {"type", "license", "describedby"} <= found.keys(), name
            assert ("cite-as" in found) == public

    def test_every_page_says_how_to_cite_it(self):
        keys = set()
        for name, page in articles():
            fold = page[page.index('id="cite-this-page"') :].partition("</details>")[0]
            # without an inline script
            assert "<script" not in fold, name
            assert " on" not in re.sub(r">[^<]*<", "><", fold), name
            found = re.findall(r"<pre>(.*?)</pre>", fold, re.S)
            text, bib, record, csl = map(html.unescape, found)
            (key,) = parse_string(bib, "bibtex").entries
            assert key not in keys, name
            keys.add(key)
            (entry,) = json.loads(csl)
            assert "version" in entry or "(version " in entry["container-title"]
            assert entry["id"] == key
            assert len(rispy.loads(record)) == 1
            assert text.count("“") == text.count("”")

    def test_the_feed_has_each_change_of_a_finding_once(self):
        path = SITE / FEED
        if not path.is_file():
            pytest.skip("the site has no public address")
        feed = ET.parse(path).getroot()
        atom = "{http://www.w3.org/2005/Atom}"
        told = {row["id"] for row in read_snapshot(ROOT / "data" / "findings.csv") if row["date"]}
        titles = [e.findtext(f"{atom}title").split()[0] for e in feed.findall(f"{atom}entry")]
        assert sorted(titles) == sorted(told)
        ids = [e.findtext(f"{atom}id") for e in feed.findall(f"{atom}entry")]
        assert len(set(ids)) == len(ids)
        assert feed.findtext(f"{atom}updated")
        assert 'type="application/atom+xml"' in html_of("book/findings.html")

    def test_every_citation_of_the_site_goes_through_a_citation_processor(self):
        shown = "".join(path.read_text("utf-8") for path in SITE.rglob("*.html"))
        texts = re.findall(r'data-ending="json">.*?<pre>(.*?)</pre>', shown, re.S)
        found = {i["id"]: i for text in texts for i in json.loads(html.unescape(text))}
        assert len(found) > 60
        for entry in found.values():
            printed = in_style(entry, "apa")
            assert entry["title"][:20].lower() in printed.lower(), printed
