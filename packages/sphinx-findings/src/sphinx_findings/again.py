"""Make Sphinx write a page again if content that it takes from other pages has changed.

:func:`depend` records that a page has such content; :func:`made_again` returns the recorded pages
if the content has changed since the last build.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def pages_by_kind(env: BuildEnvironment) -> dict[str, set[str]]:
    """Return the pages that depend on each kind of content, as stored in Sphinx's environment."""
    pages: dict[str, set[str]] = env.__dict__.setdefault("findings_pages", {})
    return pages


def seen(env: BuildEnvironment) -> dict[str, str]:
    """Return the state of each kind of content at the last build, from Sphinx's environment."""
    states: dict[str, str] = env.__dict__.setdefault("findings_seen", {})
    return states


def depend(env: BuildEnvironment, kind: str, page: str = "") -> None:
    """Record that a page, by default the current one, depends on this kind of content."""
    pages_by_kind(env).setdefault(kind, set()).add(page or env.docname)


def made_again(env: BuildEnvironment, kind: str, state: str) -> list[str]:
    """Return the pages that depend on a kind of content if its state has changed, else none.

    ``state`` is the current state as a string; it is stored for the next build.
    """
    if seen(env).get(kind) == state:
        return []
    seen(env)[kind] = state
    return sorted(pages_by_kind(env).get(kind, set()) & env.found_docs)


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Delete what is recorded about a page, which will be read again or was removed."""
    for pages in pages_by_kind(env).values():
        pages.discard(page)


def merge(app: Sphinx, env: BuildEnvironment, read: list[str], other: BuildEnvironment) -> None:
    """Copy what another process of Sphinx has recorded about the pages that it ``read``."""
    for kind, pages in pages_by_kind(other).items():
        for page in pages & set(read):
            depend(env, kind, page)
