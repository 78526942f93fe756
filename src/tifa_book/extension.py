"""One Sphinx extension: what it puts into pages, and when.

Sphinx calls what is connected to an event in the order in which it was connected: the lines of
``HOOKS`` and of :func:`setup` are the order of work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from tifa_book import (
    accessible,
    address,
    citing,
    colophon,
    corpus_citations,
    crate,
    data_files,
    explorer_data,
    freshness,
    glossary_terms,
    launch,
    lean,
    ledger,
    library,
    measured,
    page_metadata,
    phrase_links,
    phrasebook_page,
    policy,
    print_edition,
    reliability,
    sentence_map,
    social_cards,
    tables_list,
)

ROLES = {
    "finding": ledger.FindingRole,
    "value": ledger.ValueRole,
    "phrase": phrasebook_page.PhraseRole,
    "tried": reliability.TriedRole,
}
DIRECTIVES = {
    "findings": ledger.LedgerDirective,
    "notebook-figure": ledger.FigureDirective,
    "cite-the-work": citing.CitationDirective,
    "corpus-citations": corpus_citations.CorpusCitations,
    "phrasebook": phrasebook_page.PhrasebookDirective,
    "explorer": explorer_data.ExplorerDirective,
    "measured": measured.Measured,
    "tried": reliability.TriedDirective,
    "tables": tables_list.TablesDirective,
    "colophon": colophon.Colophon,
    "pdf-edition": print_edition.EditionDirective,
}
TRANSFORMS = (
    ledger.FillIn,
    print_edition.NameEdition,
    accessible.PlainBibliography,
    phrase_links.LinkPhrases,
)
Hooks = list[tuple[str, Callable[..., Any]]]
HOOKS: Hooks = [
    ("config-inited", address.configure),
    ("config-inited", citing.set_imprint),
    ("config-inited", print_edition.set_edition),
    # which pages are read and written again
    ("env-get-outdated", freshness.outdated),
    ("env-get-outdated", citing.outdated),
    ("env-purge-doc", ledger.forget),
    ("env-merge-info", ledger.merge),
    ("env-updated", ledger.rewrite_users),
    ("env-updated", glossary_terms.outdated),
    # what becomes of a page
    ("missing-reference", library.print_types),
    ("doctree-resolved", lean.drop_live_code),
    ("html-page-context", launch.add_launch),
    ("html-page-context", page_metadata.add_metadata),
    ("html-page-context", social_cards.add_card),
    ("html-page-context", glossary_terms.add_definitions),
    ("html-page-context", explorer_data.add_script),
    ("html-page-context", sentence_map.add_script),
    ("html-page-context", print_edition.tell_templates),
    ("html-page-context", accessible.name_folds),
    ("html-page-context", accessible.name_sidebar_folds),
]
#: After the extensions that write the sitemap and the tags for sharing.
LATE_HOOKS: Hooks = [
    ("html-page-context", lean.drop_unused),
    ("html-page-context", policy.add_policy),
    # when all pages are written
    ("build-finished", ledger.write_json),
    ("build-finished", explorer_data.write),
    ("build-finished", data_files.copy_data),
    ("build-finished", social_cards.drop_strays),
    ("build-finished", colophon.write_log),
    ("build-finished", lean.tidy_up),
    ("build-finished", print_edition.write_edition),
    ("build-finished", crate.write_crate),  # lists what the others have written
    ("build-finished", freshness.drop_state_after_warnings),
]


def setup(app: Sphinx) -> dict[str, bool]:
    """Load the extension."""
    app.add_config_value("tifa_imprint", {}, "html", [dict])
    app.add_config_value("tifa_edition", False, "html", [bool])
    for name, role in ROLES.items():
        app.add_role(name, role())
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    for transform in TRANSFORMS:
        app.add_post_transform(transform)
    library.load_autodoc(app)
    for event, hook in HOOKS:
        app.connect(event, hook)
    address.load_extensions(app)
    for event, hook in LATE_HOOKS:
        app.connect(event, hook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
