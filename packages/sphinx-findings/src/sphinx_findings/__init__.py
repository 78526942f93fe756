"""Findings that can be cited: sentences whose every number is computed.

A cell of a notebook records a finding; Sphinx quotes it on any page by its id, lists all of them
on one page, each with an anchor that never changes, and writes them to findings.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_findings.errors import FindingsError
from sphinx_findings.glue import glue
from sphinx_findings.record import Finding, finding, note, percent, plain, tables_in, verdict

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


def setup(app: Sphinx) -> dict[str, Any]:
    """Load the extension; notebooks, which only record findings, do not need Sphinx."""
    from sphinx_findings.extension import setup_extension  # noqa: PLC0415

    return setup_extension(app)
