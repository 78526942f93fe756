"""A Content-Security-Policy for every page: what it may load, and that only from this site."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

#: Styles may stand in a page (drawings and tables carry them); scripts may not.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
TAG = '\n    <meta http-equiv="Content-Security-Policy" content="{}"/>'.format(
    "; ".join(f"{kind} {sources}" for kind, sources in POLICY.items())
)


def add_policy(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    # it counts only for what comes after it
    context["metatags"] = TAG + context.get("metatags", "")
