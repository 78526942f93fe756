"""Rebuild pages that show content which is only known when all pages are read.

A page declares such content with :func:`depend`; :func:`made_again` lists these pages whenever
the content has changed since the last build.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def pages_by_kind(env: BuildEnvironment) -> dict[str, set[str]]:
    """Pages by kind of dependency; stored in Sphinx's environment."""
    pages: dict[str, set[str]] = env.__dict__.setdefault("findings_pages", {})
    return pages


def seen(env: BuildEnvironment) -> dict[str, str]:
    """The last known state by kind of dependency."""
    states: dict[str, str] = env.__dict__.setdefault("findings_seen", {})
    return states


def depend(env: BuildEnvironment, kind: str, page: str = "") -> None:
    """Record that a page, by default the current one, depends on this kind of content."""
    pages_by_kind(env).setdefault(kind, set()).add(page or env.docname)


def made_again(env: BuildEnvironment, kind: str, state: str) -> list[str]:
    """Pages that depend on this kind, if its state has changed since the last build."""
    if seen(env).get(kind) == state:
        return []
    seen(env)[kind] = state
    return sorted(pages_by_kind(env).get(kind, set()) & env.found_docs)


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget a page that will be read again or has been removed."""
    for pages in pages_by_kind(env).values():
        pages.discard(page)


def merge(app: Sphinx, env: BuildEnvironment, read: list[str], other: BuildEnvironment) -> None:
    """Merge the records of another process for the pages that it read."""
    for kind, pages in pages_by_kind(other).items():
        for page in pages & set(read):
            depend(env, kind, page)
