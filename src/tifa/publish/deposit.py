"""Make .zenodo.json, which describes a release for Zenodo, from CITATION.cff.

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
    creators = [
        {
            "name": author.inverted,
            "orcid": author.orcid.rpartition("/")[2],
            "affiliation": author.affiliation,
        }
        for author in work.authors
    ]
    content = {
        "title": work.title,
        "upload_type": "software",
        "description": f"<p>{escape(work.abstract, quote=False)}</p>",
        "creators": [{k: v for k, v in creator.items() if v} for creator in creators],
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


if __name__ == "__main__":
    try:
        text = zenodo_text(read_work(Path("CITATION.cff")))
        write_file(Path(".zenodo.json"), text.encode())
    except (TifaError, FindingsError) as problem:
        sys.exit(f"tifa: {problem}")
