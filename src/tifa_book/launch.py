"""Where a chapter can be run without setting anything up: Binder and Colab.

Only where TIFA_REPOSITORY_URL names the public repository. Binder builds the locked
environment; Colab starts without the project, so the cell that fetches it stands beside the link.
"""

from __future__ import annotations

import os
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from sphinx.application import Sphinx


def colab_cell(repository: str) -> str:
    """The first cell on Colab: fetch the project and install it."""
    folder = repository.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return (
        f"!git clone --depth 1 {repository}\n"
        f"%pip install --quiet -e {folder}\n"
        f"%cd {folder}/notebooks\n"
        f"import sys; sys.path.insert(0, '../src')"
    )


def launch(repository: str, branch: str, notebook: str) -> str:
    """A fold with both links, for a notebook by its path in the repository."""
    address = urlsplit(repository)
    project = address.path.strip("/").removesuffix(".git")
    if address.hostname != "github.com" or project.count("/") != 1:
        return ""
    path = quote(notebook)
    binder = f"https://mybinder.org/v2/gh/{project}/{branch}?urlpath=lab/tree/{path}"
    colab = f"https://colab.research.google.com/github/{project}/blob/{branch}/{path}"
    cell = escape(colab_cell(f"https://github.com/{project}"))
    return (
        '<details class="tifa-cite tifa-launch"><summary>Run this chapter</summary>'
        f'<p><a href="{escape(binder)}">Open on Binder</a>: the locked environment, in the '
        "browser; it takes some minutes to start.</p>"
        f'<p><a href="{escape(colab)}">Open in Colab</a>: needs a Google account. Put this cell '
        "before the first one and run it:</p>"
        '<div class="tifa-citation" data-name="colab"><p class="tifa-citation-head">'
        '<span>Colab</span> <button type="button" class="tifa-button" data-act="copy" hidden>'
        'Copy the cell</button><span role="status"></span></p>'
        f"<pre>{cell}</pre></div></details>"
    )


def add_launch(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    repository = os.environ.get("TIFA_REPOSITORY_URL")
    if not repository or tree is None or not app.env.doc2path(page, base=False).endswith(".ipynb"):
        return
    branch = os.environ.get("TIFA_REPOSITORY_BRANCH", "main")
    context["body"] += launch(repository, branch, f"{page}.ipynb")
