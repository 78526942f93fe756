"""The PDF edition: one file that reads like a book, linked only where it is made."""

from __future__ import annotations

import io
import re

import pytest
from browsing import CHROMIUM, SITE
from conftest import ROOT

from tifa.publish.citation import Author, Work, read_work
from tifa.util.errors import TifaError
from tifa_book import print_edition, print_html, print_pdf

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
    folder = tmp_path / "html"
    for name, (id, title, body) in PAGES.items():
        path = folder / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        html = ARTICLE.format(id=id, title=title.replace("&", "&amp;"), body=body)
        path.write_text(html, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    return folder


def make_book(site, base=""):
    pages = print_html.read_contents(site.parent / "_toc.yml")
    return print_html.Book(site, pages, title="T", title_page="<p>T</p>", base=base)


def test_the_book_follows_the_table_of_contents(site):
    book = make_book(site)
    assert [(h.text, h.level) for h in book.headings] == [
        ("In short", 1),
        ("Read", 0),
        ("Boats & “oars”", 1),
        ("Oars", 2),
        ("The shore", 1),
        ("Reeds", 2),
    ]
    html = book.html({"notebooks-boats": 7})
    assert re.search(r'href="#notebooks-boats".*?<span class="number">7</span>', html)
    assert '@top-left { content: "Boats & “oars”" }' in html


def test_links_lead_inside_the_book_or_show_their_address(site):
    html = make_book(site).html({})
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    inside = re.findall(r'href="#([^"]+)"', html) + re.findall(r"url\(#([^)]+)\)", html)
    assert "notebooks-boats--oars" in inside
    assert set(inside) <= set(ids)
    assert '<span class="address"> (example.org/a)</span>' in html
    assert "(doi.org" not in html  # the words of the link say it
    assert "data/t.csv" not in html  # a file of the site, whose address is not known
    addressed = make_book(site, base="https://a.org/x/").html({})
    assert 'href="https://a.org/x/data/t.csv"' in addressed


def test_ids_and_what_points_to_them_stay_together_and_words_stay_as_they_are(site):
    page = site / "book" / "shore.html"
    body = """<h2 id='quay'>Quay</h2><p class="a" id = "pier"><a href='#quay'>to the quay</a>
    <a href="#">up</a></p><svg><style>.w { fill: url( "#wave" ) }</style>
    <linearGradient id=wave></linearGradient><use xlink:href="#wave"/>
    <path style="fill:url('#wave')" aria-labelledby="quay pier"/></svg>
    <table><tr><th id="h">x</th><td headers="h">y</td></tr></table>
    <pre>&lt;a id="quay" href="#quay"&gt; url(#wave)</pre>"""
    page.write_text(ARTICLE.format(id="shore", title="Shore", body=body), "utf-8")
    html = make_book(site).html({}).partition('id="book-shore"')[2]
    for made in (
        'id="book-shore--quay"',
        'id="book-shore--pier"',
        'href="#book-shore--quay"',
        'href="#"',
        'id="book-shore--wave"',
        'xlink:href="#book-shore--wave"',
        "url('#book-shore--wave')",
        'url( "#book-shore--wave" )',
        'aria-labelledby="book-shore--quay book-shore--pier"',
        'headers="book-shore--h"',
        '&lt;a id="quay" href="#quay"&gt; url(#wave)</pre>',
    ):
        assert made in html, made


def test_a_page_that_is_built_otherwise_is_refused(site):
    (site / "book" / "shore.html").write_text("<main><h1>Shore</h1></main>", "utf-8")
    with pytest.raises(TifaError, match=r"shore\.html: no <article"):
        make_book(site)


def test_what_only_a_screen_can_use_is_not_printed(site):
    html = make_book(site).html({}).partition("</style>")[2]
    assert "x = 1" not in html
    assert "Show the code" not in html
    assert "<button" not in html
    assert "drawn by a script" in html
    assert '<span lang="zh-Hans">桨</span>' in html


def test_no_browser_is_said_in_one_line(monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TifaError, match="install chromium, or set CHROMIUM"):
        print_pdf.find_browser()


def test_a_browser_that_prints_nothing_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", "/bin/false")
    page = tmp_path / "book.html"
    page.write_text("<p>x</p>", encoding="utf-8")
    with pytest.raises(TifaError, match=r"printed no PDF of book\.html"):
        print_pdf.print_page(page, tmp_path / "book.pdf")


def test_a_browser_without_running_heads_is_refused(tmp_path):
    old = tmp_path / "chromium"
    old.write_text("#!/bin/sh\necho Chromium 130.0.6723.58 built on Debian\n", encoding="utf-8")
    old.chmod(0o755)
    with pytest.raises(TifaError, match="is version 130; the PDF edition needs Chromium 131"):
        print_pdf.check_browser(str(old))
    old.write_text("#!/bin/sh\necho Google Chrome 131.0.1.2\n", encoding="utf-8")
    print_pdf.check_browser(str(old))
    with pytest.raises(TifaError, match="does not start"):
        print_pdf.check_browser(str(tmp_path / "none"))


def test_no_title_breaks_out_of_the_style(site):
    page = site / "notebooks" / "boats.html"
    hostile = page.read_text(encoding="utf-8").replace("Boats &amp;", "&lt;/style&gt;\\ &quot;")
    page.write_text(hostile, encoding="utf-8")
    html = make_book(site).html({})
    assert html.count("</style>") == 1
    assert r'content: "\3c /style>\\ \" “oars”"' in html


def test_numbers_that_never_settle_are_an_error(monkeypatch, tmp_path):
    passes = []
    monkeypatch.setattr(print_pdf, "find_browser", lambda: "")
    monkeypatch.setattr(print_pdf, "check_browser", lambda _: None)
    monkeypatch.setattr(print_pdf, "print_page", lambda page, pdf: passes.append(pdf))
    monkeypatch.setattr(print_pdf, "page_numbers", lambda pdf: {"a": len(passes)})
    with pytest.raises(TifaError, match="did not settle"):
        print_pdf.print_book(lambda numbers: "", ["a"], tmp_path)
    assert len(passes) == print_pdf.MOST_PASSES
    with pytest.raises(TifaError, match="no page for b"):
        print_pdf.print_book(lambda numbers: "", ["b"], tmp_path)


needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (set CHROMIUM to its path)"
)


@pytest.mark.slow
@pytest.mark.browser
@needs_chromium
def test_equal_books_get_equal_bytes(site, tmp_path):
    made = [
        print_edition.make_edition(
            site,
            site.parent / "_toc.yml",
            WORK,
            date="2026-03-01",
            base="",
            folder=tmp_path / str(turn),
        )
        for turn in range(2)
    ]
    assert made[0] == made[1]
    from pypdf import PdfReader

    about = PdfReader(io.BytesIO(made[0])).metadata
    assert about["/CreationDate"].startswith("D:20260301")
    assert about["/Title"] == "Boats: a study"


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The book as PDF, printed anew from the built site."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    from pypdf import PdfReader

    made = print_edition.make_edition(
        SITE,
        ROOT / "_toc.yml",
        read_work(ROOT / "CITATION.cff"),
        date="2026-01-01",
        base="",
        folder=tmp_path_factory.mktemp("print"),
    )
    return PdfReader(io.BytesIO(made))


def squeezed(text):
    return " ".join(text.split())


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)")
class TestBuilt:
    def test_it_is_a_book_of_some_size(self, edition):
        assert 80 < len(edition.pages) < 400
        first = squeezed(edition.pages[0].extract_text())
        assert "The Shanghai Spirit, traced" in first
        assert "code of the chapters is not printed" in first
        text = "".join(page.extract_text() for page in edition.pages)
        assert "上海精神" in text
        assert "Show the code" not in text
        assert "import pandas as pd" not in text.partition("Look up")[0]

    def test_contents_name_the_pages_that_chapters_stand_on(self, edition):
        contents = squeezed(edition.pages[1].extract_text() + edition.pages[2].extract_text())
        chapters = {
            "notebooks-02-term-frequency": "2. How often, and where",
            "notebooks-05-diffusion": "5. Do the formulas travel?",
            "book-colophon": "Colophon",
        }
        for anchor, title in chapters.items():
            place = edition.named_destinations[f"/{anchor}"]
            number = edition.get_destination_page_number(place) + 1
            assert re.search(rf"{re.escape(title)} {number}\b", contents), title
            page = squeezed(edition.pages[number - 1].extract_text())
            # the running head, the number of the page, and the chapter's own title
            assert page.count(title) >= 2, page[:200]
            assert re.search(rf"\b{number}\b", page.partition(title)[2][:8] + page[:8]), page[:80]

    def test_every_page_after_the_first_has_its_head_and_number(self, edition):
        for place, page in enumerate(edition.pages[1:], start=2):
            head = squeezed(page.extract_text())[:90]
            assert re.search(rf"\b{place}\b", head), f"page {place}: {head}"

    def test_all_letters_are_in_the_file(self, edition):
        fonts = {}
        for page in edition.pages:
            for font in (page["/Resources"].get("/Font") or {}).values():
                fonts[font.indirect_reference.idnum] = font.get_object()
        assert fonts
        for font in fonts.values():
            for inner in font.get("/DescendantFonts", [font]):
                described = inner.get_object().get("/FontDescriptor", {})
                drawn = font["/Subtype"] == "/Type3"  # its letters are drawings in the file
                assert drawn or any(f"/FontFile{n}" in described for n in ("", "2", "3")), font

    def test_it_can_be_heard_and_navigated(self, edition):
        root = edition.trailer["/Root"]
        assert root["/Lang"] == "en"
        assert root["/MarkInfo"]["/Marked"]
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        titles = [o.title for o in edition.outline if not isinstance(o, list)]
        assert "4. Two reports of one briefing" in titles
        assert edition.metadata.title.startswith("The Shanghai Spirit, traced")

    def test_links_inside_lead_to_pages_of_the_book(self, edition):
        named = edition.named_destinations
        inside = outside = 0
        for page in edition.pages:
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

    def test_nothing_is_cut_off_at_the_right(self, browser, tmp_path):
        pages = print_html.read_contents(ROOT / "_toc.yml")
        book = print_html.Book(SITE, pages, title="T", title_page="", base="")
        path = tmp_path / "book.html"
        path.write_text(book.html({}), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1000, "height": 1000})
        page.emulate_media(media="print")
        page.goto(path.as_uri())
        beyond = page.evaluate(
            """() => {
              const edge = document.body.getBoundingClientRect().right + 1;
              return [...document.querySelectorAll("body :not(svg *)")]
                .filter((e) => e.getBoundingClientRect().right > edge)
                .map((e) => e.outerHTML.slice(0, 120));
            }"""
        )
        page.close()
        assert beyond == []

    def test_this_machine_has_letters_for_chinese(self, browser):
        page = browser.new_page()
        drawn = page.evaluate(
            """() => [..."上海精神"].map((sign) => {
              const canvas = document.createElement("canvas");
              const pen = canvas.getContext("2d");
              pen.font = '40px "Noto Serif CJK SC", "Songti SC", serif';
              pen.fillText(sign, 10, 60);
              return canvas.toDataURL();
            })"""
        )
        page.close()
        # without a font all are the same empty box
        assert len(set(drawn)) == len(drawn), "install fonts-noto-cjk"

    def test_the_site_links_the_edition_only_where_it_is(self):
        made = (SITE / print_edition.NAME).is_file()
        for name in ("book/cite.html", "book/colophon.html"):
            html = (SITE / name).read_text(encoding="utf-8")
            article = html.partition("<article")[2].partition("</article>")[0]
            assert (f'href="../{print_edition.NAME}"' in article) == made
            assert ("The whole book as one PDF, without the code" in article) != made
            sidebar = html.partition('id="pst-primary-sidebar"')[2].partition("<main")[0]
            assert (print_edition.NAME in sidebar) == made
