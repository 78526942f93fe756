"""How to cite the sources of the texts, in every format: BibTeX verbatim, the others from it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from pybtex.database import Entry, Person, parse_string
from pybtex.exceptions import PybtexError
from pybtex.plugin import find_plugin
from pybtex.richtext import Text
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.imprint import control
from sphinx_findings.markup import raw
from sphinx_findings.ris import ris

import tifa
from tifa.util.errors import TifaError

logger = logging.getLogger(__name__)


class CorpusCitations(SphinxDirective):
    """A paragraph and a fold of citations for each corpus."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "book" / "references.bib"
        self.env.note_dependency(str(path))
        library = verbatim(path)
        made: list[nodes.Node] = []
        for name in tifa.corpora():
            overlay = tifa.load(name).about
            title = nodes.strong("", overlay.title + ".")
            if overlay.citation == "none":
                source = f" Source: {overlay.source.strip()}; no publication to cite."
                made.append(nodes.paragraph("", "", title, nodes.Text(source)))
                continue
            keys = [key.strip() for key in overlay.citation.split(",")]
            missing = [key for key in keys if key not in library]
            if missing:
                logger.warning(
                    "corpus %s: no %s in %s", name, missing, path, location=self.env.docname
                )
                continue
            made.append(nodes.paragraph("", "", title))
            cited = cite_entries([library[key] for key in keys])
            made.append(raw(control(f"Cite the source: {name}", cited, name)))
        return made


def cite_entries(entries: Sequence[str]) -> dict[str, str]:
    """BibTeX entries in each format; BibTeX itself is unchanged."""
    items = read_csl(entries)
    return {
        "text": as_text(entries),
        "bibtex": "\n\n".join(entries),
        "ris": "\n".join(ris(item) for item in items),
        "csl": json.dumps(items, ensure_ascii=False, indent=2),
    }


def as_text(entries: Sequence[str]) -> str:
    """Entries in plain text, one a paragraph."""
    library = parse_string("\n".join(entries), "bibtex")
    style = find_plugin("pybtex.style.formatting", "plain")()
    formatted = style.format_entries(library.entries.values())
    return "\n\n".join(entry.text.render_as("text") for entry in formatted)


# --- BibTeX -------------------------------------------------------------------------------


_TYPES = {"article": "article-journal", "book": "book", "incollection": "chapter"}
_FIELDS = {
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "number": "issue",
    "publisher": "publisher",
    "address": "publisher-place",
    "isbn": "ISBN",
    "doi": "DOI",
    "url": "URL",
}
_MONTHS = "January February March April May June July August September October November December"


def verbatim(path: Path) -> dict[str, str]:
    """Entries of a BibTeX file by key, verbatim: a library that writes them again escapes twice.

    An entry that does not end with a brace at the start of a line is an error.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TifaError(f"cannot be read: {error.strerror}", where=path) from None
    found = {m[1]: m[0] for m in re.finditer(r"^@\w+\{([^,\s]+),.*?^\}", text, re.S | re.M)}
    starts = re.findall(r"^@\w+\{([^,\s]+),", text, re.M)
    lost = [key for key in starts if key not in found]
    if lost:
        raise TifaError(f"{', '.join(lost)}: no brace at the start of a line ends it", where=path)
    return found


def read_csl(entries: Sequence[str]) -> list[dict[str, Any]]:
    """BibTeX entries as items of CSL-JSON.

    Examples
    --------
    >>> read_csl(["@misc{a, author = {{Oar & Sons}}, title = {Boats}, year = 2020}"])
    [{'id': 'a', 'type': 'document', 'author': [{'literal': 'Oar & Sons'}],
      'title': 'Boats', 'issued': {'date-parts': [[2020]]}}]

    """
    try:
        parsed = parse_string("\n".join(entries), "bibtex").entries
    except PybtexError as error:
        raise TifaError(f"is not BibTeX: {error}") from None
    return [_csl(key, entry) for key, entry in parsed.items()]


def _csl(key: str, entry: Entry) -> dict[str, Any]:
    fields = {name: _plain(value) for name, value in entry.fields.items()}
    kind = _TYPES.get(entry.type) or ("webpage" if "url" in fields else "document")
    if fields.get("howpublished", "").endswith("Dataverse"):
        kind, fields["publisher"] = "dataset", fields.pop("howpublished")
    elif fields.get("howpublished", "").startswith("News report"):
        kind = "article-newspaper"  # of a page, IEEE style would not print the date
    made: dict[str, Any] = {"id": key, "type": kind}
    made["author"] = [_person(person) for person in entry.persons.get("author", ())]
    made |= {name: fields[field] for field, name in _FIELDS.items() if field in fields}
    if "pages" in fields:
        made["page"] = re.sub("[–—]|--", "-", fields["pages"])
    if date := _date(fields):
        made["issued"] = {"date-parts": [date]}
    notes = [fields[name] for name in ("howpublished", "note") if name in fields]
    if notes:
        made["note"] = ". ".join(notes)
    return made


def _plain(latex: str) -> str:
    return str(Text.from_latex(latex).render_as("text")).replace("\xa0", " ")


def _person(person: Person) -> dict[str, str]:
    given = " ".join([*person.first_names, *person.middle_names])
    family = _plain(" ".join([*person.prelast_names, *person.last_names]))
    return {"family": family, "given": _plain(given)} if given else {"literal": family}


def _date(fields: dict[str, str]) -> list[int]:
    """Year, month, day, as far as known."""
    if "date" in fields:
        return [int(part) for part in fields["date"].split("-")]
    if "year" not in fields:
        return []
    day, month = re.fullmatch(r"(\d*)\W*(\w*)", fields.get("month", "")).groups()  # type: ignore[union-attr]
    made = [int(fields["year"])]
    if month:
        made.append(_MONTHS.split().index(month) + 1)
        made += [int(day)] if day else []
    return made
