"""The Sphinx extension: what it adds to pages, and when.

Sphinx calls the functions of an event in the order in which they were connected, so the order of
the lines in ``HOOKS`` and :func:`setup` matters.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from tifa_book import (
    basis,
    crate,
    dependencies,
    edition,
    explorer,
    figures,
    glossary,
    metadata,
    page_weight,
    phrasebook,
    provenance,
    results,
    running,
    theme,
)

ROLES = {
    "phrase": phrasebook.PhraseRole,
    "reliability": results.ReliabilityRole,
}
DIRECTIVES = {
    "notebook-figure": figures.FigureDirective,
    "corpus-citations": metadata.CorpusCitations,
    "phrasebook": phrasebook.PhrasebookDirective,
    "explorer": explorer.ExplorerDirective,
    "benchmark": results.BenchmarkDirective,
    "reliability": results.ReliabilityDirective,
    "tables": provenance.TablesDirective,
    "data-dictionary": provenance.DictionaryDirective,
    "colophon": provenance.Colophon,
    "pdf-edition": edition.EditionDirective,
}
TRANSFORMS = (
    figures.FillIn,
    edition.NameEdition,
    basis.RegisteredClaims,
    theme.PlainBibliography,
    theme.FoldBoxes,
    theme.FoldSettings,
    theme.JoinCode,
    phrasebook.LinkPhrases,
)
Hooks = list[tuple[str, Callable[..., Any]]]
HOOKS: Hooks = [
    ("config-inited", theme.configure),
    ("config-inited", edition.set_edition),
    # which pages to read and write again
    ("env-get-outdated", dependencies.read_again),
    ("env-before-read-docs", running.run_notebooks),
    ("doctree-read", dependencies.note_words),
    ("doctree-read", glossary.note_terms),
    ("doctree-read", basis.anchor_notes),
    ("env-updated", figures.write_again),
    ("env-updated", glossary.write_again),
    # processing each page
    ("missing-reference", theme.print_types),
    ("doctree-resolved", page_weight.drop_live_code),
    ("html-page-context", theme.add_launch),
    ("html-page-context", figures.add_numbers),
    ("html-page-context", metadata.add_metadata),
    ("html-page-context", explorer.add_script),
    ("html-page-context", glossary.add_definitions),
    ("html-page-context", edition.tell_templates),
    ("html-page-context", theme.name_folds),
    ("builder-inited", page_weight.search_prose),
    ("builder-inited", lambda app: connect(app, LATE_HOOKS)),
]
#: Connected after those of the theme, which is loaded when the builder starts.
LATE_HOOKS: Hooks = [
    ("html-page-context", theme.escape_titles),
    ("html-page-context", theme.name_sidebar_folds),
    ("html-page-context", basis.link_tables),
    ("html-page-context", basis.add_panels),  # after the ledger has marked findings
    ("html-page-context", basis.add_values),
    ("html-page-context", theme.set_type),
    ("html-page-context", page_weight.thin_code),
    ("html-page-context", page_weight.drop_unused),
    ("html-page-context", theme.add_policy),
    # after all pages are written
    ("build-finished", explorer.write),
    ("build-finished", figures.write_files),
    ("build-finished", theme.copy_notebooks),
    ("build-finished", provenance.copy_data),
    ("build-finished", provenance.write_log),
    ("build-finished", page_weight.tidy_up),
    ("build-finished", theme.write_redirects),
    ("build-finished", theme.write_root),
    ("build-finished", edition.write_edition),
    ("build-finished", crate.write_crate),  # lists the files that the others have written
    ("build-finished", dependencies.drop_state_after_warnings),
]


def connect(app: Sphinx, hooks: Hooks) -> None:
    """Connect hooks in order."""
    for event, hook in hooks:
        app.connect(event, hook)


def setup(app: Sphinx) -> dict[str, bool]:
    """Load the extension."""
    if not os.environ.get("SOURCE_DATE_EPOCH", "").strip("0 "):
        # 0 means an unknown time, but Sphinx would read it as the year 1970
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
    app.add_search_language(page_weight.Search)
    theme.load_autodoc(app)
    connect(app, HOOKS)
    theme.load_extensions(app)  # these extensions use what the hooks above have added to a page
    return {"parallel_read_safe": True, "parallel_write_safe": True}
