"""Pages that have moved: their old addresses lead on to the new ones."""

from __future__ import annotations

from pathlib import Path
from posixpath import relpath

from sphinx.application import Sphinx
from sphinx.util import logging

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
        path = Path(app.outdir) / f"{old}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
