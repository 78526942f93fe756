"""The PDF edition: one file that reads like a book, linked only if it is made."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import weasyprint
from browsing import SITE, built, html_of
from conftest import ROOT, written
from pypdf import PdfReader
from sphinx_findings.citation import Author, Work, read_work

from tifa_book import edition, render

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: Read
    numbered: true
    chapters:
      - file: notebooks/boats
      - file: book/shore
        sections:
          - file: book/shore/reeds
"""
ARTICLE = """<html><body><article class="bd-article">
<section id="{id}"><h1>{title}<a class="headerlink" href="#{id}">#</a></h1>{body}</section>
</article></body></html>"""
PAGES = {
    "book/index": (
        "lake",
        "The Lake",
        '<p>See <a href="../notebooks/boats.html#oars">oars</a>.</p>',
    ),
    "notebooks/boats": (
        "boats",
        "Boats & “oars”",
        '<section id="oars"><h2>Oars</h2><p>Two 桨 each.</p></section>'
        '<figure class="tifa-map"><noscript><p>It is drawn by a script.</p></noscript></figure>'
        '<details class="admonition hide"><summary>Show the code</summary>'
        "<pre>x = 1</pre></details>"
        '<figure><svg viewBox="0 0 100 50"><defs><clipPath id="c"></clipPath></defs>'
        '<g clip-path="url(#c)"></g></svg><figcaption>Oars. '
        "<button hidden>Data (CSV)</button></figcaption></figure>"
        '<p><a href="https://example.org/a">a page</a>, '
        '<a href="https://doi.org/10.1/b">doi:10.1/b</a>, <a href="../data/t.csv">t</a></p>',
    ),
    "book/shore": ("shore", "The shore", "<p>" + "Reeds and mud. " * 900 + "</p>"),
    "book/shore/reeds": ("reeds", "Reeds", '<p><a href="../../book/index.html">home</a></p>'),
}
WORK = Work("Boats: a study", (Author(family="Reed", given="Ann"),), "1.2", abstract="On boats.")


@pytest.fixture
def site(tmp_path):
    for name, (id, title, body) in PAGES.items():
        write_page(tmp_path / "html", name, id, title.replace("&", "&amp;"), body)
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    return tmp_path / "html"


def write_page(site, name, id, title, body):
    written(site, {f"{name}.html": ARTICLE.format(id=id, title=title, body=body)})


def one_page(site, base=""):
    pages = edition.read_contents(site.parent / "_toc.yml")
    made = [edition.read_printed(site, page, pages, base) for page in pages]
    return render("edition.html", chapters=made, **edition.title_page(WORK, "2026-03-01", base))


def test_links_lead_inside_the_book_or_show_their_address(site):
    html = one_page(site)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    inside = re.findall(r'href="#([^"]+)"', html) + re.findall(r"url\(#([^)]+)\)", html)
    assert "notebooks-boats--oars" in inside
    assert set(inside) <= set(ids)
    assert '<span class="address"> (example.org/a)</span>' in html
    assert "(doi.org" not in html  # the text of the link is the address already
    assert "data/t.csv" not in html  # a file of the site, whose address is unknown
    addressed = one_page(site, base="https://a.org/x/")
    assert 'href="https://a.org/x/data/t.csv"' in addressed


def test_ids_and_references_stay_consistent_and_words_unchanged(site):
    body = """<a href="#">up</a><svg><style>.w { fill: url( "#wave" ) }</style>
    <linearGradient id=wave></linearGradient><use xlink:href="#wave"/>
    <path style="fill:url('#wave')" aria-labelledby="quay pier"/></svg>
    <pre>&lt;a id="quay" href="#quay"&gt; url(#wave)</pre>"""
    write_page(site, "book/shore", "shore", "Shore", body)
    html = one_page(site).partition('id="book-shore"')[2]
    for made in (
        'href="#"',
        'id="book-shore--wave"',
        'xlink:href="#book-shore--wave"',
        "url('#book-shore--wave')",
        'url( "#book-shore--wave" )',
        'aria-labelledby="book-shore--quay book-shore--pier"',
        '&lt;a id="quay" href="#quay"&gt; url(#wave)</pre>',
    ):
        assert made in html, made


def test_what_a_page_of_the_screen_becomes_on_paper(site):
    body = """<p><a href="x.png"><img src="x.png" alt="A boat"></a></p>
    <svg><path style="fill: var(--tifa-red, #b3372b)"/></svg>"""
    write_page(site, "notebooks/boats", "b", "&lt;script&gt;x(1)", body)
    html = one_page(site, base="https://a.org/")
    # the link around a picture is removed
    assert 'alt="A boat"' in html
    assert "x.png</a>" not in html
    assert 'href="https://a.org/notebooks/x.png"' not in html
    # colour variables are replaced by their print colours
    assert "fill: #b3372b" in html
    # a title cannot insert markup into the page
    assert "<script" not in html
    assert "&lt;script&gt;x(1)" in html


def make(site):
    title = edition.title_page(WORK, "2026-03-01", "")
    return edition.make_edition(site, site.parent / "_toc.yml", title, base="")


def test_equal_books_get_equal_bytes(site):
    made = make(site)
    assert made == make(site)
    read = PdfReader(io.BytesIO(made))
    assert read.metadata["/CreationDate"].startswith("D:20260301")
    assert read.metadata["/Title"] == "Boats: a study"
    assert read.metadata["/Author"] == "Reed, Ann"


def test_a_broken_link_and_a_picture_without_alt_text_are_reported(site, monkeypatch):
    said = []
    monkeypatch.setattr(edition.logger, "warning", lambda text, *parts: said.append(text % parts))
    make(site)
    assert said == []
    body = '<p><a href="#gone">gone</a></p><p><img src="x.png"></p>'
    write_page(site, "book/shore", "shore", "Shore", body)
    make(site)
    assert any("book-shore--gone" in line for line in said)
    assert any("x.png" in line for line in said)


@pytest.fixture(scope="module")
def printed_file(tmp_path_factory):
    """The book as PDF: that of the built site, else printed from it."""
    if (SITE / edition.NAME).is_file():
        return SITE / edition.NAME
    path = tmp_path_factory.mktemp("printed") / edition.NAME
    title = edition.title_page(read_work(ROOT / "CITATION.cff"), "2026-01-01", "")
    path.write_bytes(edition.make_edition(SITE, ROOT / "_toc.yml", title, base=""))
    return path


@pytest.fixture(scope="module")
def printed(printed_file):
    assert printed_file.stat().st_size < 5_000_000
    return PdfReader(printed_file)


def beyond_the_margin(path, folder):
    """The pages of a PDF on which anything is drawn in the last 20 mm at the right."""
    strip = ["-x", "270", "-y", "0", "-W", "28", "-H", "421"]  # in pixels of two points, on A4
    command = ["pdftoppm", "-r", "36", "-gray", *strip, str(path), str(folder / "strip")]
    subprocess.run(command, check=True)
    drawn = {p.stem: p.read_bytes().split(b"\n", 3)[3] for p in folder.glob("strip*.pgm")}
    return len(drawn), [name for name, dots in drawn.items() if min(dots) < 250]


def children(node):
    """The dictionaries directly below an element of the structure tree of a PDF."""
    below = node.get("/K", [])
    found = [child.get_object() for child in (below if isinstance(below, list) else [below])]
    return [child for child in found if isinstance(child, dict)]


def elements(node):
    """All elements of the structure tree of a PDF."""
    for child in children(node):
        if "/S" in child:
            yield child
            yield from elements(child)


def said(page):
    """The text of a page; pypdf returns two bytes per letter for fonts with Chinese."""
    return page.extract_text().replace("\x00", "")


@pytest.mark.parametrize("lines", range(44, 56, 2))  # so that the table is near the end of a page
def test_the_caption_of_a_table_stays_with_its_rows(lines):
    above = "".join(f"<p>Boat {n}.</p>" for n in range(lines))
    table = "".join(f"<tr><td>skiff {n}</td></tr>" for n in range(8))
    fleet = f"<title>Boats</title>{above}<table><caption>The fleet</caption>{table}</table>"
    style = weasyprint.CSS(string=edition.STYLE.read_text("utf-8"))
    made = weasyprint.HTML(string=fleet).write_pdf(stylesheets=[style])
    [page] = [p for p in map(said, PdfReader(io.BytesIO(made)).pages) if "fleet" in p]
    assert "skiff 0" in page


@pytest.fixture(scope="module")
def texts(printed_file):
    """The text of each page."""
    if shutil.which("pdftotext") is None and "CI" not in os.environ:
        pytest.skip("needs poppler-utils")
    return pages_of(printed_file)


def pages_of(file, *options):
    done = subprocess.run(["pdftotext", *options, file, "-"], capture_output=True, check=True)
    return [" ".join(text.split()) for text in done.stdout.decode().split("\f")[:-1]]


@pytest.mark.slow
@built
class TestBuilt:
    def test_it_is_a_book_with_heads_and_numbers(self, printed, printed_file, texts):
        assert 80 < len(printed.pages) < 400
        assert "The Shanghai Spirit, traced" in texts[0]
        assert "code of the chapters is not printed" in texts[0]
        assert len(texts) == len(printed.pages)
        # the uppermost 70 points of each page have only the running head and the number
        heads = pages_of(printed_file, "-x", "0", "-y", "0", "-W", "700", "-H", "70")
        for number, head in enumerate(heads[1:], start=2):
            assert re.fullmatch(rf".{{3,90}} {number}", head), f"page {number}: {head}"
        assert "上海精神" in "".join(texts)
        assert "Show the code" not in "".join(texts)
        # from this page on, code is printed, because it is what readers come for
        walk_through = printed.named_destinations["book-rerun"]
        end = printed.get_destination_page_number(walk_through)
        assert end > 50
        assert not any("import pandas as pd" in text for text in texts[:end])

    def test_contents_give_page_numbers(self, printed, texts):
        contents = " ".join(texts[1:5])
        chapters = {"notebooks-travel": "Does it travel?", "book-colophon": "Colophon"}
        for anchor, title in chapters.items():
            place = printed.named_destinations[anchor]
            number = printed.get_destination_page_number(place) + 1
            assert re.search(rf"{re.escape(title)} ?\.+ {number}\b", contents), title
            # the running head and the number, then the chapter's own title
            head, _, page = texts[number - 1].partition(f" {number} ")
            assert head.endswith(title), head[:90]
            assert title in page[:90], page[:90]

    def test_it_is_as_pdf_ua_asks(self, printed):
        # the checker of PDF/UA, below, looks at language, title, alternative texts and the like
        root = printed.trailer["/Root"]
        titles = [o.title for o in printed.outline if not isinstance(o, list)]
        assert "1. What did the vice minister say?" in titles
        assert printed.metadata.title.startswith("The Shanghai Spirit, traced")
        assert all(page["/Tabs"] == "/S" for page in printed.pages)
        found = [*elements(root["/StructTreeRoot"])]
        headers = [e for e in found if e["/S"] == "/TH"]
        assert len(headers) > 100
        assert all(e["/A"]["/Scope"] in ("/Column", "/Row") for e in headers)
        assert sum(e["/S"] == "/Figure" for e in found) > 20
        levels = [int(e["/S"][2:]) for e in found if re.fullmatch(r"/H[1-6]", e["/S"])]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        links = [e["/S"] for e in found for child in children(e) if "/Obj" in child]
        assert set(links) == {"/Link"}
        assert len(links) == sum(len(page.get("/Annots") or []) for page in printed.pages)

    def test_the_checker_of_pdf_ua_finds_nothing(self, printed_file):
        tool = Path(sys.executable).with_name("pdfua")
        if not tool.exists():
            pytest.skip("needs pdfua (make setup-dev)")
        command = [tool, "check", printed_file]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "PASS (no findings)" in done.stdout

    def test_links_in_the_pdf_lead_to_pages_of_the_book(self, printed):
        named = printed.named_destinations
        inside = outside = 0
        for page in printed.pages:
            for link in page.get("/Annots") or []:
                about = link.get_object()
                if "/Dest" in about:
                    assert str(about["/Dest"]) in named, about["/Dest"]
                    inside += 1
                else:
                    address = about["/A"]["/URI"]
                    assert str(address).startswith(("http://", "https://", "mailto:")), address
                    outside += 1
        assert inside > 100
        assert outside > 20

    @pytest.mark.skipif(
        shutil.which("pdftoppm") is None and "CI" not in os.environ, reason="needs poppler-utils"
    )
    def test_nothing_is_cut_off_at_the_right(self, printed, printed_file, tmp_path):
        assert beyond_the_margin(printed_file, tmp_path) == (len(printed.pages), [])
        wide = weasyprint.HTML(string="<div style='width: 190mm; background: #ddd'>A boat</div>")
        (tmp_path / "wide").mkdir()
        wide.write_pdf(tmp_path / "wide.pdf")
        assert len(beyond_the_margin(tmp_path / "wide.pdf", tmp_path / "wide")[1]) == 1

    def test_the_site_links_the_edition_only_where_it_is(self):
        made = (SITE / edition.NAME).is_file()
        for name in ("book/cite.html", "book/colophon.html"):
            html = html_of(name)
            article = html.partition("<article")[2].partition("</article>")[0]
            assert (f'href="../{edition.NAME}"' in article) == made
            assert ("This copy of the site has no PDF" in article) != made
            sidebar = html.partition('id="pst-primary-sidebar"')[2].partition("<main")[0]
            assert (edition.NAME in sidebar) == made
