"""The Sphinx extension of a study made by `tifa new`.

It runs notebooks in parallel, escapes titles, adds a 404 page and a Content-Security-Policy, and,
if TIFA_PDF=1, prints the PDF. The policy makes browsers run only scripts that are files of the
site, so a script in a title or a table cannot run, even if it was not escaped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx_findings.citation import Author, Work

from tifa.data.corpus import corpora, load
from tifa_book import at_end, on_page, theme
from tifa_book.edition import make_edition, set_edition
from tifa_book.running import run_notebooks

#: Match two inline scripts of the theme. The first sets the light or dark mode, the second
#: activates the search field.
_MODE = re.compile(r'<script data-cfasync="false">.*?</script>', re.DOTALL)
_FOCUS = re.compile(r"<script>\s*// Activate the search field.*?</script>", re.DOTALL)
_FIRST = """for (const name of ["mode", "theme"]) {
  document.documentElement.dataset[name] = localStorage.getItem(name) || "auto";
}
"""
#: An empty icon. If a page names no icon, browsers request one from the server.
_NO_ICON = '<link rel="icon" href="data:,"/>'
FRAMES = "notebooks/03-frames"
PDF = "book.pdf"


def leave_out_frames(app: Sphinx, config: Config) -> None:
    """Leave out the chapter on frames if no corpus has a table of frames.

    Frames are not counted in Chinese texts. If there are no corpora yet, the chapter is kept.
    """
    if not corpora() or any("frames" in load(name).tables for name in corpora()):
        return
    path = Path(app.srcdir, config.external_toc_path)
    contents = yaml.safe_load(path.read_text("utf-8"))
    chapters = contents.get("chapters", [])
    contents["chapters"] = [c for c in chapters if c.get("file") != FRAMES]
    shorter = Path(app.outdir).parent / "toc.yml"
    shorter.parent.mkdir(parents=True, exist_ok=True)
    shorter.write_text(yaml.safe_dump(contents, allow_unicode=True), "utf-8")
    config.external_toc_path = str(shorter)
    config.exclude_patterns.append(f"{FRAMES}.ipynb")


def drop_inline(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Remove inline scripts, which the policy blocks, and scripts of features that are not used."""
    files = context.get("script_files", ())
    context["script_files"] = [file for file in files if theme.is_used(file)]


def finish(app: Sphinx) -> None:
    """Add the policy to every page, and remove the inline scripts of the theme, which it blocks.

    The script that sets the mode is moved to a file.
    """
    site = Path(app.outdir)
    (site / "_static" / "theme-first.js").write_text(_FIRST, "utf-8")
    for path in site.rglob("*.html"):
        if "_static" not in path.parts:
            up = "../" * (len(path.relative_to(site).parts) - 1)
            page = _FOCUS.sub("", path.read_text("utf-8"))
            page = _MODE.sub(f'<script src="{up}_static/theme-first.js"></script>', page, count=1)
            path.write_text(page.replace("<head>", f"<head>{theme.TAG}{_NO_ICON}", 1), "utf-8")


def print_pdf(app: Sphinx) -> None:
    if not app.config.tifa_edition:
        return
    author = str(app.config.author)
    work = Work(str(app.config.html_title), (Author(author),), version="")
    front: dict[str, Any] = dict.fromkeys(("about", "date", "zh", "subtitle"), "")
    front |= {"work": work, "title": work.title, "authors": author, "study": True}
    toc = Path(app.srcdir, app.config.external_toc_path)
    made = make_edition(Path(app.outdir), toc, front, base=app.config.html_baseurl)
    (Path(app.outdir) / PDF).write_bytes(made)


def after_the_theme(app: Sphinx) -> None:
    """Connect the functions that must run after those of the theme.

    Sphinx calls this when the builder has started, because the theme has been loaded only by then.
    """
    on_page(app, theme.escape_titles)
    on_page(app, drop_inline, priority=900)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("tifa_edition", False, "html", [bool])
    app.add_search_language(theme.Search)
    app.connect("config-inited", set_edition)
    # before the table of contents is read
    app.connect("config-inited", leave_out_frames, priority=1)
    app.connect("env-before-read-docs", run_notebooks)
    app.connect("doctree-resolved", theme.drop_live_code)
    app.connect("builder-inited", theme.search_prose)
    app.connect("builder-inited", after_the_theme)
    at_end(app, finish)
    at_end(app, theme.write_404)
    at_end(app, print_pdf)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
