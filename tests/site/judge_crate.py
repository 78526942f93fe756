# /// script
# requires-python = ">=3.11"
# dependencies = ["roc-validator==0.13.0"]
# ///
"""Let the validator of RO-Crate judge a crate, without a network: uv run --script judge_crate.py.

It runs in a separate environment, because it cannot be installed with the other tools (it asks for
an older rich). The context of RO-Crate, which it would fetch, is given as a file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import rdflib.plugins.shared.jsonld.context as rdf_context
import rdflib.plugins.shared.jsonld.util as rdf_util
from requests import Response
from rocrate_validator import models, services
from rocrate_validator.utils import http


def main(crate: str, context: str, profile: str, level: str) -> int:
    """Print the problems, one per line; returns 1 if there are any."""
    known = Path(context).read_bytes()

    def get(self: Any, url: str, *words: Any, **more: Any) -> Response:
        answer = Response()
        answer.status_code = 200 if "ro/crate" in str(url) else 504
        answer._content = known
        answer.headers["Content-Type"] = "application/ld+json"
        answer.url = str(url)
        return answer

    def read(source: Any, *words: Any, **more: Any) -> Any:
        if isinstance(source, str) and "w3id.org/ro/crate" in source:
            return json.loads(known), None
        return fetch(source, *words, **more)

    fetch = rdf_util.source_to_json
    http.HttpRequester.get = get
    rdf_util.source_to_json = rdf_context.source_to_json = read
    settings = services.ValidationSettings(
        rocrate_uri=crate,
        profile_identifier=profile,
        requirement_severity=getattr(models.Severity, level.upper()),
        skip_availability_check=True,
        offline=True,
    )
    issues = services.validate(settings).get_issues()
    for issue in issues:
        entity = getattr(issue, "violatingEntity", "")
        print(issue.severity.name, issue.check.identifier, issue.message, entity)
    print(f"{profile}, {level}: {len(issues)} issues")
    return 1 if issues else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
