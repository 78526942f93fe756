"""Every page tells machines what it is, and people how to cite it."""

from __future__ import annotations

import html
import json
import re

import pytest
from browsing import leads_on
from conftest import ROOT
from docutils import nodes
from docutils.utils import new_document
from pybtex.database import parse_string

from tifa.publish.citation import Author, Item, Work
from tifa_book import metadata
from tifa_book.citations import control, source_date
from tifa_book.markup import render

SITE = ROOT / "_build" / "html"


WORK = Work("Boats: a study", (Author(family="Reed", given="Ann"),), "1.2", doi="10.1/b")
HOSTILE = '</script><script>alert("1")</script> & <b>'
built = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)"),
]


def document(*texts):
    made = new_document("test")
    made += [nodes.paragraph("", text) for text in texts]
    return made


def test_no_title_breaks_out_of_a_script():
    thing = metadata.json_ld(WORK, Item("chapter", HOSTILE), HOSTILE, "")
    made = render("metadata.html", tags=[], thing=metadata.script(thing))
    (inside,) = re.findall(r'<script type="application/ld\+json">(.*)</script>', made)
    assert "<" not in inside
    assert json.loads(inside)["headline"] == HOSTILE


def test_no_title_breaks_out_of_a_tag_or_a_citation():
    tags = metadata.highwire(WORK, Item("chapter", f'"{HOSTILE}'))
    shown = render("metadata.html", tags=tags, thing="")
    assert "<b>" not in shown
    assert shown.count("<") == len(tags)
    fold = control("Cite", {"text": HOSTILE}, "x")
    assert "<script" not in fold
    assert html.unescape(re.search("<pre>(.*)</pre>", fold, re.S)[1]) == HOSTILE


def test_what_needs_the_address_is_left_out_without_it():
    item = Item("chapter", "Who rows?", date="2026-03-01")
    names = dict(metadata.highwire(WORK, item))
    assert not any("url" in name for name in names)
    assert names["citation_publication_date"] == "2026/03/01"
    assert names["citation_author"] == "Reed, Ann"
    assert names["citation_doi"] == "10.1/b"
    for kind in ("chapter", "dataset", "work"):
        made = metadata.json_ld(WORK, Item(kind, "x"), "x", "")
        assert "url" not in json.dumps(made).lower()
    addressed = Item("dataset", "x", url="https://a.org/book/data.html")
    made = metadata.json_ld(WORK, addressed, "x", "https://a.org/")
    assert made["distribution"][0]["contentUrl"] == "https://a.org/data/datapackage.json"
    assert metadata.json_ld(WORK, Item("page", "x"), "x", "") is None


def test_a_description_ends_with_a_sentence_or_says_that_it_goes_on():
    assert metadata.describe(document("Boats row. They row well.")) == ("Boats row. They row well.")
    long = metadata.describe(document("Boats row at dawn. " * 30))
    assert len(long) <= metadata.LONGEST
    assert long.endswith("dawn.")
    endless = metadata.describe(document("boats " * 100))
    assert endless.endswith("boats …")
    assert metadata.describe(document("x"), "Given.") == "Given."
    assert metadata.describe(document()) == ""


def test_the_date_is_that_of_the_source(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert source_date(tmp_path, "") == "1970-01-02"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert source_date(tmp_path, "2026-03-01") == "2026-03-01"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert source_date(tmp_path, "") == ""


def pages():
    found = sorted((SITE / "book").glob("*.html")) + sorted((SITE / "notebooks").glob("*.html"))
    found = [p for p in found if not leads_on(p)]
    return [(p.relative_to(SITE).as_posix(), p.read_text(encoding="utf-8")) for p in found]


def tag(page, name):
    return [html.unescape(v) for v in re.findall(rf'<meta name="{name}" content="([^"]*)"', page)]


class TestBuilt:
    pytestmark = built

    def test_every_page_describes_itself_once_and_like_no_other(self):
        said = {}
        for name, page in pages():
            (about,) = tag(page, "description")
            assert 20 < len(about) <= metadata.LONGEST + 2, name
            assert about not in said, f"{name} and {said[about]}"
            assert "{" not in about
            said[about] = name

    def test_only_chapters_are_registered_as_articles(self):
        for name, page in pages():
            titles = tag(page, "citation_title")
            assert len(titles) == name.startswith("notebooks/"), name
            linked = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
            types = [json.loads(text)["@type"] for text in linked]
            if titles:
                assert types == ["ScholarlyArticle"]
                heading = re.sub(r"<[^>]*>", "", re.search(r"<h1>(.*?)<a", page, re.S)[1])
                assert titles[0] in html.unescape(heading)
            elif name == "book/data.html":
                assert types == ["Dataset"]
            else:
                assert types == (["CreativeWork"] if name == "book/index.html" else [])

    def test_every_page_says_how_to_cite_it(self):
        keys = set()
        for name, page in pages():
            fold = page[page.index('id="cite-this-page"') :].partition("</details>")[0]
            text, bib, ris, csl = map(html.unescape, re.findall(r"<pre>(.*?)</pre>", fold, re.S))
            (key,) = parse_string(bib, "bibtex").entries
            assert key not in keys, name
            keys.add(key)
            (entry,) = json.loads(csl)
            assert {"id", "type", "title", "author", "version"} <= entry.keys()
            assert entry["id"] == key
            assert ris.startswith("TY  - ")
            assert ris.splitlines()[-1].startswith("ER  -")
            assert text.count("“") == text.count("”")

    def test_titles_are_not_doubled(self):
        for name, page in pages():
            title = html.unescape(re.search("<title>(.*?)</title>", page)[1])
            parts = title.split(" — ")
            assert len(set(parts)) == len(parts), f"{name}: {title}"

    def test_no_script_of_the_citations_stands_in_a_page(self):
        for name, page in pages():
            fold = page[page.index('id="cite-this-page"') :].partition("</details>")[0]
            assert "<script" not in fold, name
            assert " on" not in re.sub(r">[^<]*<", "><", fold), name

    def test_tags_name_a_picture_that_is_there_or_there_are_none(self):
        for folder in ("book", "notebooks"):
            for page in (SITE / folder).rglob("*.html"):
                text = page.read_text(encoding="utf-8")
                found = re.findall(r'<meta property="og:image" content="([^"]+)"', text)
                address = re.search(r'<link rel="canonical" href="([^"]+)"', text)
                assert len(found) == (address is not None), page.name
                assert ("summary_large_image" in text) == (address is not None)
                for url in found:
                    assert url.startswith("https://")
                    name = url.partition("/_images/")[2]
                    assert (SITE / "_images" / name).stat().st_size < 100_000
