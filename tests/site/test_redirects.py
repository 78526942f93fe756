"""Moved pages redirect."""

import re
from types import SimpleNamespace

import pytest
from conftest import ROOT
from docutils import nodes

from tifa_book import redirects

SITE = ROOT / "_build" / "html"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write the old pages of a site with one page; return the folder and the warnings."""

    def write(moved, base=""):
        said = []
        warn = SimpleNamespace(warning=lambda text, *parts: said.append(text % parts))
        monkeypatch.setattr(redirects, "logger", warn)
        app = SimpleNamespace(
            outdir=tmp_path,
            builder=SimpleNamespace(format="html"),
            config=SimpleNamespace(tifa_moved=moved, html_baseurl=base),
            env=SimpleNamespace(titles={"quay/boats": nodes.title("", "Boats & oars")}),
        )
        redirects.write(app, None)
        return tmp_path, said

    return write


def test_an_old_page_redirects_to_the_new_one(written):
    folder, said = written({"shore/ferries": "quay/boats"}, base="https://example.org/book/")
    page = (folder / "shore" / "ferries.html").read_text("utf-8")
    assert '<meta http-equiv="refresh" content="0; url=../quay/boats.html">' in page
    assert '<link rel="canonical" href="https://example.org/book/quay/boats.html">' in page
    assert "<title>Moved: Boats &amp; oars</title>" in page
    assert '<a href="../quay/boats.html">' in page
    assert "Content-Security-Policy" in page
    assert not said


def test_without_an_address_there_is_no_canonical_link(written):
    folder, _ = written({"quay/ferries": "quay/boats"})
    page = (folder / "quay" / "ferries.html").read_text("utf-8")
    assert 'content="0; url=boats.html"' in page
    assert "canonical" not in page


@pytest.mark.parametrize("moved", [{"a": "quay/gone"}, {"quay/boats": "quay/boats"}])
def test_an_impossible_redirect_is_reported(written, moved):
    folder, said = written(moved)
    assert len(said) == 1
    assert not list(folder.rglob("*.html"))


@pytest.mark.skipif(not SITE.is_dir(), reason="the site is not built (make book)")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [("04-retelling", "minister"), ("05-diffusion", "travel"), ("06-robustness", "sure")],
)
def test_an_earlier_chapter_redirects_to_its_successor(browser, server, old, new):
    page = browser.new_page()
    page.goto(f"{server}notebooks/{old}.html")
    page.wait_for_url(f"**/notebooks/{new}.html")
    page.close()


def test_the_root_has_a_title_and_an_unknown_address_gets_an_answer(tmp_path):
    app = SimpleNamespace(
        srcdir=ROOT,
        outdir=tmp_path,
        builder=SimpleNamespace(format="html"),
        config=SimpleNamespace(
            html_baseurl="https://example.org/book/",
            html_title="Boats",
            root_doc="quay/boats",
            findings_imprint={"state": ""},
        ),
    )
    redirects.write_root(app, None)
    root = (tmp_path / "index.html").read_text("utf-8")
    assert "<title>Boats</title>" in root
    assert '<link rel="canonical" href="https://example.org/book/quay/boats.html">' in root
    lost = (tmp_path / "404.html").read_text("utf-8")
    # it is shown at any address, so its links begin at the root
    assert set(re.findall(r'(?:href|action)="(/[a-z]*/)', lost)) == {"/book/"}
    assert "<title>No such page – Boats</title>" in lost


@pytest.mark.skipif(not SITE.is_dir(), reason="the site is not built (make book)")
@pytest.mark.slow
def test_the_root_page_has_title_and_canonical_address():
    root = (SITE / "index.html").read_text(encoding="utf-8")
    home = (SITE / "book" / "index.html").read_text(encoding="utf-8")
    assert root.startswith("<!DOCTYPE html>")
    assert "<title>The Shanghai Spirit, traced</title>" in root
    assert '<meta property="og:title"' in root
    canonical = re.search(r'<link rel="canonical" href="([^"]+)"', home)
    if canonical:
        assert f'<link rel="canonical" href="{canonical[1]}">' in root
        sitemap = (SITE / "sitemap.xml").read_text(encoding="utf-8")
        assert canonical[1] in sitemap
        assert "search.html" not in sitemap
        assert "genindex" not in sitemap
