"""Redirects from the root and from moved pages, and the page for unknown addresses."""

from __future__ import annotations

from pathlib import Path
from posixpath import relpath
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx_findings.imprint import the_work

from tifa_book.markup import render
from tifa_book.theme import TAG

logger = logging.getLogger(__name__)

#: Declared on every page, because browsers otherwise request an icon from the server.
ICON = "_static/favicon.svg"


def write(app: Sphinx, error: Exception | None) -> None:
    """Write a redirect at each old address of ``tifa_moved`` (old page to new page)."""
    if error is not None or app.builder.format != "html":
        return
    for old, new in app.config.tifa_moved.items():
        if new not in app.env.titles or old in app.env.titles:
            logger.warning(
                "tifa_moved: %s to %s: expected a page that is gone and one there", old, new
            )
            continue
        title = app.env.titles[new].astext()
        folder = Path(old).parent.as_posix()
        page = _leads_on(
            app,
            new,
            target=relpath(f"{new}.html", folder),
            icon=relpath(ICON, folder),
            title=f"Moved: {title}",
            heading="This page has moved",
            says="It is now",
            link=title,
        )
        _put(app, f"{old}.html", page)


def write_root(app: Sphinx, error: Exception | None) -> None:
    """Write the root, which redirects to the first page, and 404.html.

    A server shows 404.html at any unknown address, so its links begin at the root of the site: the
    path of the public address, or / if it is not set.
    """
    if error is not None or app.builder.format != "html":
        return
    title, first = app.config.html_title, app.config.root_doc
    page = _leads_on(
        app,
        first,
        target=f"{first}.html",
        icon=ICON,
        title=title,
        heading=title,
        about=the_work(app).abstract,
        says="The site begins",
        link="here",
    )
    _put(app, "index.html", page)
    root = f"{urlsplit(app.config.html_baseurl).path.rstrip('/')}/"
    page = render("404.html", policy=TAG, title=title, root=root, icon=f"{root}{ICON}")
    _put(app, "404.html", page)


def _leads_on(app: Sphinx, page: str, *, about: str = "", **parts: str) -> str:
    """Fill in the template of a redirect."""
    base = app.config.html_baseurl
    canonical = f"{base.rstrip('/')}/{page}.html" if base else ""
    return render("moved.html", policy=TAG, canonical=canonical, about=about, **parts)


def _put(app: Sphinx, name: str, page: str) -> None:
    path = Path(app.outdir) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
