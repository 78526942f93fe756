"""Pages that lead on: the root, moved pages, and the answer where there is no page."""

from __future__ import annotations

from pathlib import Path
from posixpath import relpath
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

from tifa_book.citations import the_work
from tifa_book.markup import render
from tifa_book.theme import TAG

logger = logging.getLogger(__name__)


def write(app: Sphinx, error: Exception | None) -> None:
    """Write a small page at each old address of ``tifa_moved`` (old page to new page)."""
    if error is not None or app.builder.format != "html":
        return
    for old, new in app.config.tifa_moved.items():
        if new not in app.env.titles or old in app.env.titles:
            logger.warning(
                "tifa_moved: %s to %s: expected a page that is gone and one there", old, new
            )
            continue
        base = app.config.html_baseurl
        page = render(
            "moved.html",
            policy=TAG,
            title=app.env.titles[new].astext(),
            target=relpath(f"{new}.html", Path(old).parent.as_posix()),
            canonical=f"{base.rstrip('/')}/{new}.html" if base else "",
        )
        _put(app, f"{old}.html", page)


def write_root(app: Sphinx, error: Exception | None) -> None:
    """Write the root, which leads to the first page, and 404.html.

    A server shows 404.html under whatever address was asked for, so its links begin at the root of
    the site: the path of the public address, or / where none is set.
    """
    if error is not None or app.builder.format != "html":
        return
    base, first = app.config.html_baseurl, app.config.root_doc
    page = render(
        "root.html",
        policy=TAG,
        title=app.config.html_title,
        about=the_work(app).abstract,
        target=f"{first}.html",
        canonical=f"{base.rstrip('/')}/{first}.html" if base else "",
    )
    _put(app, "index.html", page)
    root = f"{urlsplit(base).path.rstrip('/')}/"
    _put(app, "404.html", render("404.html", policy=TAG, title=app.config.html_title, root=root))


def _put(app: Sphinx, name: str, page: str) -> None:
    path = Path(app.outdir) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
