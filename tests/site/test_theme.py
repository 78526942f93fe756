"""Pages are light and have their icons; titles are text; moved pages and addresses lead on."""

import html
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pydata_sphinx_theme
import pytest
from browsing import SITE, built, html_of
from bs4 import BeautifulSoup
from conftest import ROOT, run_apart, written
from docutils import nodes
from fontTools.ttLib import TTFont

from tifa_book import theme


@pytest.fixture
def warned(monkeypatch):
    said = []
    warn = SimpleNamespace(warning=lambda text, *parts: said.append(text % parts))
    monkeypatch.setattr(theme, "logger", warn)
    return said


def test_only_icons_of_the_font_are_kept(tmp_path, warned):
    kept = 'i{color:red}.fa-lg{font-size:2em}.fa-sun:before{content:"\\f185"}'
    files = {
        "_static/styles/pier.css": f'{kept}.fa-anchor:before{{content:"\\f13d"}}',
        "_static/vendor/quay.js": "",
        "page.html": '<i class="fa-solid fa-lg fa-sun"></i>',
    }
    theme.tidy_up(SimpleNamespace(outdir=written(tmp_path, files)))
    assert not (tmp_path / "_static" / "vendor").exists()
    assert (tmp_path / "_static" / "styles" / "pier.css").read_text("utf-8") == kept
    assert not warned


def test_the_font_has_the_icons_of_the_list():
    static = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
    sheet = (static / "styles" / "pydata-sphinx-theme.css").read_text("utf-8")
    style = theme.cut_icons(sheet)
    numbers = {ord(letter) for letter in re.findall("[\ue000-\uf8ff]", style)}
    numbers |= {int(n, 16) for n in re.findall(r"\\([ef][0-9a-f]{3})\b", style)}
    assert len(numbers) >= len(theme.ICONS)
    (whole,) = static.rglob("fa-solid-900.ttf")
    with TTFont(ROOT / "book" / "_assets" / "icons.woff") as font, TTFont(whole) as known:
        assert set(font.getBestCmap()) == numbers & set(known.getBestCmap())


#: Markup that is escaped once, escaped twice, in numeric entities, in tags, and in template code.
TITLE = (
    "Jars &lt;img src=x onerror=alert(1)&gt; &amp;lt;img src=x onerror=alert(1)&amp;gt; "
    "&#60;img src=x onerror=alert(1)&#62; <img src=x onerror=alert(1)> {{ 7 * 7 }} {% raw %}"
)
CONF = """\
project = html_title = author = {title}
extensions = ["myst_nb", "tifa_book.study"]
html_theme = "sphinx_book_theme"
html_theme_options = {{"home_page_in_toc": True}}
"""


def test_no_title_becomes_markup(tmp_path):
    page = "# " + TITLE.replace("<", "&lt;").replace(">", "&gt;") + "\n\nA boat.\n"
    files = {
        "conf.py": CONF.format(title=json.dumps(TITLE)),
        "index.md": f"{page}\n```{{toctree}}\npage\n```\n",
        "page.md": page,
    }
    written(tmp_path, files)
    out = tmp_path / "out"
    done = run_apart(sys.executable, "-m", "sphinx", "-q", "-b", "html", tmp_path, out)
    assert done.returncode == 0, done.stderr
    for page in out.glob("*.html"):
        made = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        assert not made.select("[onerror]"), page.name
        assert "49" not in made.get_text()


def redirect(folder, moved, base=""):
    """Write the old pages of a site with one page."""
    theme.write_redirects(
        SimpleNamespace(
            outdir=folder,
            config=SimpleNamespace(tifa_moved=moved, html_baseurl=base),
            env=SimpleNamespace(titles={"quay/boats": nodes.title("", "Boats & oars")}),
        )
    )


def test_an_old_page_redirects_to_the_new_one(tmp_path, warned):
    old = {"shore/ferries": "quay/boats", "quay/ferries": "quay/boats"}
    redirect(tmp_path, old, base="https://example.org/book/")
    page = (tmp_path / "shore" / "ferries.html").read_text("utf-8")
    for part in (
        '<meta http-equiv="refresh" content="0; url=../quay/boats.html">',
        '<link rel="canonical" href="https://example.org/book/quay/boats.html">',
        "<title>Moved: Boats &amp; oars</title>",
        '<a href="../quay/boats.html">',
        "Content-Security-Policy",
    ):
        assert part in page
    assert not warned
    # without an address there is no canonical link
    redirect(tmp_path, old)
    page = (tmp_path / "quay" / "ferries.html").read_text("utf-8")
    assert 'content="0; url=boats.html"' in page
    assert "canonical" not in page


@pytest.mark.parametrize("moved", [{"a": "quay/gone"}, {"quay/boats": "quay/boats"}])
def test_an_impossible_redirect_is_reported(tmp_path, warned, moved):
    redirect(tmp_path, moved)
    assert len(warned) == 1
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize("address", ["https://github.com/a/boats", "https://github.com/a/boats/"])
def test_links_to_run_a_chapter_name_repository_branch_and_notebook(address):
    made = theme.launch(address, "notebooks/01-corpus.ipynb")
    links = [html.unescape(a) for a in re.findall(r'href="([^"]+)"', made)]
    assert links == [
        "https://mybinder.org/v2/gh/a/boats/main?urlpath=lab/tree/notebooks/01-corpus.ipynb",
        "https://colab.research.google.com/github/a/boats/blob/main/notebooks/01-corpus.ipynb",
    ]
    assert "git clone --depth 1 https://github.com/a/boats" in made


@pytest.mark.parametrize("address", ["https://example.org/a/boats", "javascript:x", '"><script>'])
def test_only_web_addresses_become_links(address):
    assert theme.launch(address, "notebooks/01-corpus.ipynb") == ""


@pytest.mark.parametrize(
    ("address", "tags"),
    [
        ("", []),
        ("https://example.org/a/boats", ["repository"]),
        ("https://github.com/a/boats.git", ["repository", "launch"]),
    ],
)
def test_pages_say_where_site_and_repository_are_only_if_it_is_known(monkeypatch, address, tags):
    monkeypatch.setenv("TIFA_REPOSITORY_URL", address)
    monkeypatch.setenv("TIFA_SITE_URL", "https://example.org/boats")
    app, config = Mock(), SimpleNamespace(html_title="Boats", html_theme_options={})
    theme.configure(app, config)
    assert config.html_baseurl == config.ogp_site_url == "https://example.org/boats/"
    assert [call.args[0] for call in app.tags.add.call_args_list] == tags
    if address:
        assert f"git clone {address}\ncd boats\n" in config.myst_substitutions["clone"]


@built
@pytest.mark.slow
class TestBuilt:
    def test_code_has_marks_only_for_colours_of_their_own(self):
        page = html_of("notebooks/travel.html")
        assert '<span class="k">' in page
        assert not re.search(r'<span class="(n|nn|o|p|w)">', page)

    def test_an_earlier_chapter_redirects_to_its_successor(self, open_page):
        moved = {"04-retelling": "minister", "05-diffusion": "travel", "06-robustness": "sure"}
        for old, new in moved.items():
            open_page(f"notebooks/{old}.html").wait_for_url(f"**/notebooks/{new}.html")

    def test_the_root_page_has_title_and_canonical_address(self):
        root, home = html_of("index.html"), html_of("book/index.html")
        assert root.startswith("<!DOCTYPE html>")
        assert "<title>The Shanghai Spirit, traced</title>" in root
        assert '<meta property="og:title"' in root
        if canonical := re.search(r'<link rel="canonical" href="([^"]+)"', home):
            assert f'<link rel="canonical" href="{canonical[1]}">' in root
            sitemap = (SITE / "sitemap.xml").read_text(encoding="utf-8")
            assert canonical[1] in sitemap
            assert not re.search("search.html|genindex", sitemap)
