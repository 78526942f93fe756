"""Cite the compendium, a page of it or a finding: plain text, BibTeX, RIS, CSL-JSON.

Everything comes from one CITATION.cff and from what is cited; nothing is typed twice.
``python -m tifa.publish.citation`` writes .zenodo.json beside CITATION.cff.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml

from tifa.data.files import write_file
from tifa.util.errors import TifaError

Kind = Literal["work", "chapter", "page", "dataset", "finding"]

_CSL: dict[str, str] = {
    "work": "document",
    "chapter": "chapter",
    "page": "webpage",
    "dataset": "dataset",
    "finding": "webpage",
}
_RIS: dict[str, str] = {
    "work": "GEN",
    "chapter": "CHAP",
    "page": "ELEC",
    "dataset": "DATA",
    "finding": "ELEC",
}
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}


@dataclass(frozen=True)
class Author:
    """A person (family and given names) or an entity (name)."""

    name: str = ""
    family: str = ""
    given: str = ""
    orcid: str = ""
    affiliation: str = ""

    @property
    def full(self) -> str:
        """Given name first."""
        return self.name or f"{self.given} {self.family}".strip()

    @property
    def inverted(self) -> str:
        """Family name first; an entity has one form."""
        return self.name or ", ".join(filter(None, (self.family, self.given)))


@dataclass(frozen=True)
class Work:
    """The compendium as CITATION.cff describes it."""

    title: str
    authors: tuple[Author, ...]
    version: str
    abstract: str = ""
    licences: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    doi: str = ""
    repository: str = ""
    released: str = ""
    #: DOIs of the works that it rests on
    references: tuple[str, ...] = ()

    @property
    def byline(self) -> str:
        """All authors in one line."""
        return "; ".join(a.full for a in self.authors)

    @property
    def short_title(self) -> str:
        """The title without its subtitle."""
        return self.title.partition(": ")[0]


@dataclass(frozen=True)
class Item:
    """What is cited: the whole work, a chapter, a page, the data, or a finding."""

    kind: Kind
    title: str
    #: last part of the citation's key; empty for the work
    key: str = ""
    #: public address; empty where it is not known
    url: str = ""
    #: ISO date; empty where it is not known
    date: str = ""
    #: number of a finding
    number: str = ""


def read_work(path: Path) -> Work:
    """Read a CITATION.cff.

    Parameters
    ----------
    path
        The file, in the Citation File Format 1.2.

    Raises
    ------
    TifaError
        Where it is missing, is no YAML, or has no title, author or version.

    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TifaError(f"cannot be read: {error.strerror}", where=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TifaError(f"is no YAML: {str(error).splitlines()[0]}", where=path) from None
    if not isinstance(content, dict):
        raise TifaError("expected fields like title and authors", where=path)
    for name in ("title", "authors", "version"):
        if not content.get(name):
            raise TifaError(f"has no {name!r}; a citation needs it", where=path)
    licence = content.get("license", [])
    return Work(
        title=str(content["title"]),
        authors=tuple(_author(a, path) for a in content["authors"]),
        version=str(content["version"]),
        abstract=" ".join(str(content.get("abstract", "")).split()),
        licences=(licence,) if isinstance(licence, str) else tuple(licence),
        keywords=tuple(content.get("keywords", ())),
        doi=str(content.get("doi", "")),
        repository=str(content.get("repository-code", "")),
        released=str(content.get("date-released", "")),
        references=tuple(r["doi"] for r in content.get("references", ()) if r.get("doi")),
    )


def _author(given: Any, path: Path) -> Author:
    if not isinstance(given, dict) or not (given.get("name") or given.get("family-names")):
        raise TifaError(f"author {given!r}: expected a name, or family-names", where=path)
    return Author(
        name=given.get("name", ""),
        family=given.get("family-names", ""),
        given=given.get("given-names", ""),
        orcid=given.get("orcid", ""),
        affiliation=given.get("affiliation", ""),
    )


def plain(work: Work, item: Item) -> str:
    """Cite in a line of text.

    Examples
    --------
    >>> work = Work("Ferries: a study", (Author(name="The ferry people"),), "1.2")
    >>> plain(work, Item("chapter", "Who rows?", date="2026-03-01"))
    'The ferry people. “Who rows?” In: Ferries: a study. Version 1.2, 2026.'

    """
    imprint = f"Version {work.version}{', ' + item.date[:4] if item.date else ''}."
    address = _address(work, item)
    title = work.title if item.kind == "work" else f"“{_stopped(_nested(item.title))}”"
    if item.kind == "work":
        parts = [_stopped(title)]
    elif item.kind == "finding":
        parts = [title, f"Finding {item.number} of {_stopped(work.title)}"]
    else:
        parts = [title, f"In: {_stopped(work.title)}"]
    return " ".join(filter(None, [_stopped(work.byline), *parts, imprint, address]))


def bibtex(work: Work, item: Item) -> str:
    """Cite as a BibTeX entry, in UTF-8 and with LaTeX's own signs escaped.

    Examples
    --------
    >>> work = Work("Ferries: a study", (Author(name="Oar & Sons"),), "1.2")
    >>> print(bibtex(work, Item("work", "Ferries", date="2026-03-01")))
    @misc{ferries,
      author = {{Oar \\& Sons}},
      title = {{Ferries: a study}},
      year = {2026},
      note = {Version 1.2}
    }

    """
    fields = {"author": " and ".join(_bibtex_author(a) for a in work.authors)}
    fields["title"] = f"{{{_latex(_title(work, item))}}}"
    if item.kind == "chapter":
        fields["booktitle"] = f"{{{_latex(work.title)}}}"
    elif item.kind != "work":
        fields["howpublished"] = f"In: {{{_latex(work.title)}}}"
    if item.date:
        fields["year"] = item.date[:4]
    # every style prints a note; few know a field for the version
    fields["note"] = f"Version {_latex(work.version)}"
    if work.doi:
        fields["doi"] = _latex(work.doi)
    if item.url:
        # braces and percent signs would end or hide the rest of the field
        fields["url"] = quote(item.url, safe=":/?#[]@!$&'()*+,;=~%")
    kind = "incollection" if item.kind == "chapter" else "misc"
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{kind}{{{_key(work, item)},\n{lines}\n}}"


def ris(work: Work, item: Item) -> str:
    """Cite in RIS, for reference managers."""
    lines = [("TY", _RIS[item.kind])]
    lines += [("AU", a.inverted) for a in work.authors]
    lines.append(("TI", _title(work, item)))
    if item.kind != "work":
        lines.append(("T2", work.title))
    if item.date:
        lines += [("PY", item.date[:4]), ("DA", item.date.replace("-", "/"))]
    lines += [("ET", work.version), ("LA", "en")]
    if work.doi:
        lines.append(("DO", work.doi))
    if item.url:
        lines.append(("UR", item.url))
    return "\n".join(f"{tag}  - {' '.join(value.split())}" for tag, value in [*lines, ("ER", "")])


def csl(work: Work, item: Item) -> dict[str, Any]:
    """Cite as an item of CSL-JSON, the format of citation processors."""
    entry: dict[str, Any] = {
        "id": _key(work, item),
        "type": _CSL[item.kind],
        "title": _title(work, item),
        "author": [_csl_author(a) for a in work.authors],
        "version": work.version,
        "language": "en",
    }
    if item.kind != "work":
        entry["container-title"] = work.title
    if item.date:
        entry["issued"] = {"date-parts": [[int(part) for part in item.date.split("-")]]}
    if work.doi:
        entry["DOI"] = work.doi
    if item.url:
        entry["URL"] = item.url
    return entry


def zenodo(work: Work) -> dict[str, Any]:
    """Describe a release as .zenodo.json, which Zenodo reads from the repository."""
    creators = []
    for author in work.authors:
        creator = {"name": author.inverted}
        if author.orcid:
            creator["orcid"] = author.orcid.rpartition("/")[2]
        if author.affiliation:
            creator["affiliation"] = author.affiliation
        creators.append(creator)
    return {
        "title": work.title,
        "upload_type": "software",
        "description": f"<p>{escape(work.abstract, quote=False)}</p>",
        "creators": creators,
        "version": work.version,
        "access_right": "open",
        # Zenodo takes one; the others stand in the notes
        "license": work.licences[0] if work.licences else "",
        "notes": f"Licences: {', '.join(work.licences)}; LICENSE says what is under which.",
        "keywords": list(work.keywords),
        "language": "eng",
        "related_identifiers": [
            {"identifier": doi, "relation": "cites", "scheme": "doi"} for doi in work.references
        ],
    }


def zenodo_text(work: Work) -> str:
    """Content of .zenodo.json."""
    return json.dumps(zenodo(work), ensure_ascii=False, indent=2) + "\n"


def _title(work: Work, item: Item) -> str:
    if item.kind == "work":
        return work.title
    return f"Finding {item.number}: {item.title}" if item.kind == "finding" else item.title


def _key(work: Work, item: Item) -> str:
    """Key of an entry: ASCII letters, digits and hyphens, as every format allows."""
    slug = re.sub(r"[^a-z0-9]+", "", re.sub(r"^the ", "", work.short_title.lower()))
    part = re.sub(r"[^a-z0-9]+", "-", item.key.lower()).strip("-")
    return "-".join(filter(None, (slug or "work", part)))


def _address(work: Work, item: Item) -> str:
    if item.kind == "work" and work.doi:
        return f"https://doi.org/{work.doi}"
    return item.url


def _stopped(text: str) -> str:
    """A text that ends as a sentence does."""
    return text if text.endswith((".", "?", "!", ".’", ".”")) else f"{text}."


def _nested(text: str) -> str:
    """Quotation marks as they stand inside others."""
    return text.replace("“", "‘").replace("”", "’")


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in " ".join(text.split()))


def _bibtex_author(author: Author) -> str:
    # an entity in braces of its own, so that no part of it is taken for a family name
    return f"{{{_latex(author.name)}}}" if author.name else _latex(author.inverted)


def _csl_author(author: Author) -> dict[str, str]:
    if author.name:
        return {"literal": author.name}
    return {"family": author.family} | ({"given": author.given} if author.given else {})


def main(root: Path) -> None:
    """Write .zenodo.json of a checkout from its CITATION.cff."""
    text = zenodo_text(read_work(root / "CITATION.cff"))
    write_file(root / ".zenodo.json", text.encode())


if __name__ == "__main__":
    try:
        main(Path.cwd())
    except TifaError as problem:
        sys.exit(f"tifa: {problem}")
