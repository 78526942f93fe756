"""The Sphinx extension of the site: it lists and connects its roles, directives and functions.

Sphinx calls the functions of an event in the order in which they were connected, so the order of
the lines below matters.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from tifa_book import (
    at_end,
    basis,
    edition,
    explorer,
    figures,
    metadata,
    on_page,
    running,
    tables,
    theme,
    words,
)

ROLES = {
    "phrase": words.PhraseRole,
    "reliability": tables.ReliabilityRole,
}
DIRECTIVES = {
    "notebook-figure": figures.FigureDirective,
    "corpus-citations": metadata.CorpusCitations,
    "phrasebook": words.PhrasebookDirective,
    "explorer": explorer.ExplorerDirective,
    "benchmark": tables.BenchmarkDirective,
    "reliability": tables.ResultsDirective,
    "tables": tables.TablesDirective,
    "data-dictionary": tables.DictionaryDirective,
    "colophon": tables.Colophon,
}
TRANSFORMS = (
    figures.FillIn,
    basis.RegisteredClaims,
    theme.PlainBibliography,
    theme.FoldBoxes,
    theme.FoldSettings,
    theme.JoinCode,
    words.LinkPhrases,
)
EVENTS: list[tuple[str, Callable[..., Any]]] = [
    ("config-inited", theme.configure),
    ("config-inited", edition.set_edition),
    # choose the pages to read and write again, and run notebooks
    ("env-get-outdated", running.read_again),
    ("env-before-read-docs", running.run_notebooks),
    ("env-before-read-docs", explorer.start),  # after the notebooks, which use every core
    ("doctree-read", running.note_words),
    ("doctree-read", words.note_terms),
    ("doctree-read", basis.anchor_notes),
    ("env-updated", running.write_again),
    ("env-updated", figures.write_again),
    ("env-updated", words.write_again),
    # change pages and the search index, and write files that pages need
    ("missing-reference", theme.print_types),
    ("doctree-resolved", theme.drop_live_code),
    ("builder-inited", theme.search_prose),
    ("builder-inited", running.copy_style),
    ("builder-inited", running.load_once),
    ("builder-inited", tables.copy_data),  # early, while notebooks may already be running
    ("html-collect-pages", running.keep_index),
]
PAGES = [
    theme.add_launch,
    figures.add_numbers,
    metadata.add_metadata,
    explorer.add_script,
    edition.tell_templates,
    theme.tidy_cells,
]
#: Functions that change a page after the theme's own functions. The theme connects its own only
#: when the builder starts; after that, :func:`connect_late` connects these functions.
LATE_PAGES = [
    theme.escape_titles,
    theme.name_sidebar_folds,
    basis.link_tables,
    basis.add_panels,  # after the ledger has marked findings
    words.add_definitions,  # after the panels, which contain terms too
    basis.add_values,
    theme.set_type,
    theme.thin_code,
    theme.drop_unused,
    theme.add_policy,
]
AT_END = [
    explorer.write,
    figures.write_files,
    theme.copy_notebooks,
    running.write_log,
    theme.tidy_up,
    theme.write_redirects,
    theme.write_root,
    edition.write_edition,
    metadata.write_crate,  # last, because it lists the files that the others have written
]


def connect_late(app: Sphinx) -> None:
    for hook in LATE_PAGES:
        on_page(app, hook)
    for finish in AT_END:
        at_end(app, finish)
    app.connect("build-finished", running.drop_state_after_warnings)


def setup(app: Sphinx) -> dict[str, bool]:
    if not os.environ.get("SOURCE_DATE_EPOCH", "").strip("0 "):
        # 0 means an unknown time, but Sphinx would take it for the year 1970
        os.environ.pop("SOURCE_DATE_EPOCH", None)
    app.add_config_value("tifa_edition", False, "html", [bool])
    app.add_config_value("tifa_moved", {}, "", [dict])
    app.add_config_value("tifa_registered", {}, "html", [dict])
    for name, role in ROLES.items():
        app.add_role(name, role())
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_node(theme.Fold, html=(theme.open_fold, theme.close_fold))
    for transform in TRANSFORMS:
        app.add_post_transform(transform)
    app.setup_extension("sphinx_findings")
    app.add_search_language(theme.Search)
    theme.load_autodoc(app)
    for event, hook in EVENTS:
        app.connect(event, hook)
    for change in PAGES:
        on_page(app, change)
    app.connect("builder-inited", connect_late)
    theme.load_extensions(app)  # last, because they read what the functions above add to a page
    return {"parallel_read_safe": True, "parallel_write_safe": True}
