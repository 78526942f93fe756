"""Titles are text, whatever they contain: the theme prints them, no browser runs them."""

import json
import sys

from bs4 import BeautifulSoup
from conftest import run_apart

CONF = """\
project = html_title = {title}
author = {title}
extensions = ["myst_nb", "tifa_book.study"]
html_theme = "sphinx_book_theme"
html_theme_options = {{"home_page_in_toc": True}}
"""
#: Markup as entities, once and twice, as numbers, as tags, and of templates.
TITLE = (
    "Jars &lt;img src=x onerror=alert(1)&gt; &amp;lt;img src=x onerror=alert(1)&amp;gt; "
    "&#60;img src=x onerror=alert(1)&#62; <img src=x onerror=alert(1)> {{ 7 * 7 }} {% raw %}"
)


def test_no_title_becomes_markup(tmp_path):
    (tmp_path / "conf.py").write_text(CONF.format(title=json.dumps(TITLE)), "utf-8")
    heading = TITLE.replace("<", "&lt;").replace(">", "&gt;")
    for name in ("index", "page"):
        text = f"# {heading}\n\nA boat.\n"
        tree = "\n```{toctree}\npage\n```\n" if name == "index" else ""
        (tmp_path / f"{name}.md").write_text(text + tree, "utf-8")
    out = tmp_path / "out"
    done = run_apart(sys.executable, "-m", "sphinx", "-q", "-b", "html", tmp_path, out)
    assert done.returncode == 0, done.stderr
    for page in out.glob("*.html"):
        made = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        assert not made.select("[onerror]"), page.name
        assert "49" not in made.get_text()
