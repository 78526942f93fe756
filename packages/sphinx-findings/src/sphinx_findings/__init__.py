"""Findings that can be cited: sentences in which every number is computed.

A cell of a notebook records a finding. Sphinx can quote the finding on any page, given its id. It
also lists all findings on one page, each with an anchor that never changes, and writes them to
findings.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_findings.errors import FindingsError
from sphinx_findings.record import Finding, finding, glue, note, percent, plain, tables_in, verdict

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__version__ = "0.1.0"
__all__ = [
    "Finding",
    "FindingsError",
    "finding",
    "glue",
    "note",
    "percent",
    "plain",
    "tables_in",
    "verdict",
]

#: Settings of the extension in conf.py or _config.yml, with their defaults. One more setting, the
#: dictionary findings_choices, is added in setup().
SETTINGS = {
    "findings_page": "findings",
    "findings_snapshot": "data/findings.csv",
    "findings_licence": "",
    "findings_software": "",
    "findings_style": True,
}
STATIC = Path(__file__).parent / "static"


def add_style(app: Sphinx) -> None:
    """Add the style sheet to all pages, unless the setting ``findings_style`` is false."""
    if app.config.findings_style:
        app.config.html_static_path.append(str(STATIC))
        app.add_css_file("findings.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Load the extension.

    Sphinx is imported only here, because notebooks, which only record findings, do not need it.
    """
    from sphinx_findings import again, imprint, ledger, pages  # noqa: PLC0415

    for name, value in SETTINGS.items():
        app.add_config_value(name, value, "html")
    app.add_config_value("findings_choices", {}, "html", [dict])
    app.add_config_value("findings_imprint", {}, "html", [dict])
    app.add_role("finding", pages.PendingRole(pages.pending_finding))
    app.add_role("finding-mark", pages.PendingRole(pages.pending_finding, mark=True))
    app.add_role("value", pages.PendingRole(pages.pending_value))
    app.add_directive("findings", pages.LedgerDirective)
    app.add_directive("cite-the-work", imprint.CitationDirective)
    app.add_post_transform(pages.FillIn)
    # a high number runs late: functions of the book may have to set the address of the site first
    app.connect("config-inited", imprint.set_imprint, priority=900)
    app.connect("builder-inited", add_style)
    app.connect("env-get-outdated", imprint.read_again)
    app.connect("env-purge-doc", again.forget)
    app.connect("env-merge-info", again.merge)
    app.connect("env-updated", pages.write_again)
    app.connect("html-page-context", pages.add_marks)
    app.connect("build-finished", ledger.write_json)
    app.connect("build-finished", ledger.write_lists)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
