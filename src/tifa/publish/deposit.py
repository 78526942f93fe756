"""Describe a release for Zenodo: .zenodo.json, made from CITATION.cff.

``python -m tifa.publish.deposit`` writes the file next to CITATION.cff in the current folder.
"""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path

from sphinx_findings.citation import Reference, Work, read_work
from sphinx_findings.errors import FindingsError

from tifa.data.files import write_file
from tifa.util.errors import TifaError


def zenodo_text(work: Work) -> str:
    """Return the text of .zenodo.json, which Zenodo reads from the repository."""
    creators = []
    for author in work.authors:
        creator = {"name": author.inverted}
        if author.orcid:
            creator["orcid"] = author.orcid.rpartition("/")[2]
        if author.affiliation:
            creator["affiliation"] = author.affiliation
        creators.append(creator)
    content = {
        "title": work.title,
        "upload_type": "software",
        "description": f"<p>{escape(work.abstract, quote=False)}</p>",
        "creators": creators,
        "version": work.version,
        "access_right": "open",
        "license": work.licence,
        "notes": (
            f"The licence is that of the code. Prose, figures and data: CC-BY-4.0; the features "
            f"of the UN General Debate Corpus: CC0-1.0. {work.data.title} are described as one "
            "data set in data/datapackage.json."
        ),
        "keywords": list(work.keywords),
        "language": "eng",
        "related_identifiers": [
            {
                "identifier": r.doi or r.url,
                "relation": _relation(work, r),
                "scheme": "doi" if r.doi else "url",
            }
            for r in work.references
            if r.address
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _relation(work: Work, reference: Reference) -> str:
    if reference == work.data:
        return "hasPart"
    return "isDerivedFrom" if reference in work.sources else "cites"


def main(root: Path) -> None:
    """Write .zenodo.json of a checkout from its CITATION.cff."""
    text = zenodo_text(read_work(root / "CITATION.cff"))
    write_file(root / ".zenodo.json", text.encode())


if __name__ == "__main__":
    try:
        main(Path.cwd())
    except (TifaError, FindingsError) as problem:
        sys.exit(f"tifa: {problem}")
