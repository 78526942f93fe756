"""What was tried of a finding, as CSV with a description of its columns (CSV on the Web)."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from sphinx_findings.choices import in_words, way_of
from sphinx_findings.citation import Work
from sphinx_findings.imprint import the_work
from sphinx_findings.ledger import licence, make_anchor, read_ledger

#: The folder next to the pages.
FOLDER = "findings"
COLUMNS = {
    "choice": "what was changed, alone, as the notebook names it",
    "in_words": "the same in words: the claim was tried if ...",
    "way": "the way of counting it belongs to: rows with the same are one in the number of ways",
    "value": "the quantity under this choice",
    "fails": "whether the claim fails under this choice",
    "published": "the quantity as published",
    "line": "the value that the claim must not cross; empty where it is no single one",
}


def list_of(finding: str, given: Mapping[str, Any] | None) -> str:
    """Path of the list below the site; empty where single choices were not recorded."""
    if given is None or not given["tried"]:
        return ""
    return f"{FOLDER}/{make_anchor(finding)}-tried.csv"


def to_csv(given: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """The choices of a verdict, one a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    same = [given["published"], given["line"]]
    for choice, value, fails in given["tried"]:
        numbers = ["" if n is None else f"{n:.6g}" for n in (value, *same)]
        said = [choice, in_words(choice, words), way_of(choice)]
        writer.writerow([*said, numbers[0], str(fails).lower(), *numbers[1:]])
    return text.getvalue()


def sidecar(
    finding: str, given: Mapping[str, Any], name: str, work: Work, rights: str
) -> dict[str, Any]:
    """Describe the list as CSV on the Web."""
    ways, empty = given["specifications"], given["empty"]
    note = f"{len(given['tried']):,} choices were changed alone"
    if ways > len(given["tried"]):
        note += f"; with their combinations {ways:,} ways were tried, {given['turn']:,} fail"
    if empty:
        note += f"; in {empty:,} more nothing was left to count"
    kinds = {"value": "number", "published": "number", "line": "number", "fails": "boolean"}
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dc:title": f"What was tried of finding {finding}",
        "dc:description": f"{given['claim']}. Quantity: {given['quantity'] or 'not named'}.",
        "dc:creator": work.byline,
        "dc:license": {"@id": rights},
        "dc:hasVersion": work.exact,
        "dc:relation": finding,
        "notes": [f"{note}."],
        "tableSchema": {
            "columns": [
                {
                    "name": column,
                    "titles": column,
                    "datatype": kinds.get(column, "string"),
                    "dc:description": about,
                }
                for column, about in COLUMNS.items()
            ]
        },
    }


def write_lists(app: Sphinx, error: Exception | None) -> None:
    """Write the lists next to the pages."""
    if error is not None or app.builder.format != "html":
        return
    out, work = Path(app.outdir), the_work(app)
    shutil.rmtree(out / FOLDER, ignore_errors=True)
    for finding, given in read_ledger(app).verdicts.items():
        if name := list_of(finding, given):
            path = out / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(to_csv(given, app.config.findings_choices), encoding="utf-8")
            about = sidecar(finding, given, path.name, work, licence(app))
            said = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
            path.with_name(f"{path.name}-metadata.json").write_text(said, encoding="utf-8")
