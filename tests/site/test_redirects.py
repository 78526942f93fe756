"""Moved pages redirect."""

import re
from types import SimpleNamespace

import pytest
from browsing import SITE, built, html_of
from docutils import nodes

from tifa_book import theme


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write the old pages of a site with one page; return the folder and the warnings."""

    def write(moved, base=""):
        said = []
        warn = SimpleNamespace(warning=lambda text, *parts: said.append(text % parts))
        monkeypatch.setattr(theme, "logger", warn)
        app = SimpleNamespace(
            outdir=tmp_path,
            builder=SimpleNamespace(format="html"),
            config=SimpleNamespace(tifa_moved=moved, html_baseurl=base),
            env=SimpleNamespace(titles={"quay/boats": nodes.title("", "Boats & oars")}),
        )
        theme.write_redirects(app, None)
        return tmp_path, said

    return write


def test_an_old_page_redirects_to_the_new_one(written):
    old = {"shore/ferries": "quay/boats", "quay/ferries": "quay/boats"}
    folder, said = written(old, base="https://example.org/book/")
    page = (folder / "shore" / "ferries.html").read_text("utf-8")
    assert '<meta http-equiv="refresh" content="0; url=../quay/boats.html">' in page
    assert '<link rel="canonical" href="https://example.org/book/quay/boats.html">' in page
    assert "<title>Moved: Boats &amp; oars</title>" in page
    assert '<a href="../quay/boats.html">' in page
    assert "Content-Security-Policy" in page
    assert 'content="0; url=boats.html"' in (folder / "quay" / "ferries.html").read_text("utf-8")
    assert not said
    # without an address there is no canonical link
    written(old)
    assert "canonical" not in (folder / "quay" / "ferries.html").read_text("utf-8")


@pytest.mark.parametrize("moved", [{"a": "quay/gone"}, {"quay/boats": "quay/boats"}])
def test_an_impossible_redirect_is_reported(written, moved):
    folder, said = written(moved)
    assert len(said) == 1
    assert not list(folder.rglob("*.html"))


@built
@pytest.mark.slow
def test_an_earlier_chapter_redirects_to_its_successor(open_page):
    moved = {"04-retelling": "minister", "05-diffusion": "travel", "06-robustness": "sure"}
    for old, new in moved.items():
        open_page(f"notebooks/{old}.html").wait_for_url(f"**/notebooks/{new}.html")


@built
@pytest.mark.slow
def test_the_root_page_has_title_and_canonical_address():
    root, home = html_of("index.html"), html_of("book/index.html")
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
