"""Cite a work, its data, a page, a figure or a finding as text, BibTeX, CSL-JSON or RIS.

A citation is made from two things: the work, as CITATION.cff describes it, and the cited item,
which is the work itself, its data or a part of it. RIS, which reference managers read, is converted
from CSL-JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml

from sphinx_findings.choices import quoted
from sphinx_findings.errors import FindingsError

Kind = Literal["work", "dataset", "chapter", "page", "figure", "finding"]

_CSL: dict[str, str] = {
    "work": "software",
    "dataset": "dataset",
    "chapter": "chapter",
    "page": "webpage",
    "figure": "webpage",  # not "graphic", for which IEEE style leaves out the work
    "finding": "webpage",
}
#: Kinds of item that can have a DOI. Items of all other kinds are parts of the work.
WHOLES: tuple[Kind, ...] = ("work", "dataset")
#: Values of ``scope`` in CITATION.cff, which says what a reference has to do with the work.
OWN_DATA = "data set of this compendium"
SOURCE = "source of the texts"
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}

_RIS_TYPES = {"chapter": "CHAP", "dataset": "DATA", "software": "COMP", "webpage": "ELEC"}
_RIS_FIELDS = {
    "title": "TI",
    "container-title": "T2",
    "version": "ET",
    "abstract": "AB",
    "note": "N1",
    "language": "LA",
    "DOI": "DO",
    "URL": "UR",
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


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
        """The full name, with the given name first."""
        return self.name or f"{self.given} {self.family}".strip()

    @property
    def inverted(self) -> str:
        """The name with the family name first; the name of an entity is unchanged."""
        return self.name or ", ".join(filter(None, (self.family, self.given)))


@dataclass(frozen=True)
class Reference:
    """A reference in CITATION.cff."""

    title: str
    doi: str = ""
    url: str = ""
    kind: str = ""
    scope: str = ""

    @property
    def address(self) -> str:
        """The address of the DOI if the reference has one, else its URL."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


@dataclass(frozen=True)
class Work:
    """A work as its CITATION.cff describes it, built from one state of its source."""

    title: str
    authors: tuple[Author, ...]
    version: str
    abstract: str = ""
    licence: str = ""
    keywords: tuple[str, ...] = ()
    doi: str = ""
    repository: str = ""
    released: str = ""
    references: tuple[Reference, ...] = ()
    #: the commit from which the work was built (see Source.state); empty for a release
    state: str = ""

    @property
    def byline(self) -> str:
        """The names of all authors in one line."""
        return "; ".join(a.full for a in self.authors)

    @property
    def short_title(self) -> str:
        """The title without its subtitle."""
        return self.title.partition(": ")[0]

    @property
    def exact(self) -> str:
        """The version for a field of a citation: 1.2.0 or, between releases, 1.2.0+0a1b2c3."""
        return f"{self.version}+{self.state}" if self.state else self.version

    @property
    def imprint(self) -> str:
        """The version in words; between releases also the commit, and whether files changed."""
        commit, changed, _ = self.state.partition(".changed")
        if changed:
            # must not be cited, because nobody else can get the changed files
            note = f", built from files changed after commit {commit}, not to be cited"
        elif re.fullmatch("[0-9a-f]{7,}", self.state):
            note = f", commit {commit}"
        else:
            note = f", {self.state.replace('-', ' ')}" if self.state else ""
        return f"Version {self.version}{note}"

    @property
    def data(self) -> Reference:
        """The data set of the work; if CITATION.cff has none, a reference with only a title."""
        own = [r for r in self.references if r.scope == OWN_DATA]
        return own[0] if own else Reference(f"{self.short_title}: features")

    @property
    def sources(self) -> tuple[Reference, ...]:
        """The sources of the texts from which the data are derived."""
        return tuple(r for r in self.references if r.scope == SOURCE)


@dataclass(frozen=True)
class Item:
    """A citable item: the whole work, its data, a chapter, a page, a figure, or a finding."""

    kind: Kind
    title: str
    #: last part of the citation key; empty for the work
    key: str = ""
    #: public address; empty if unknown
    url: str = ""
    #: ISO date; empty if unknown
    date: str = ""
    #: number of a finding or figure
    number: str = ""
    #: printed after the number of a finding, such as "true in 7 of 8 ways of counting"
    mark: str = ""
    #: the full text of a finding, whose title in a citation is only its number
    abstract: str = ""


@lru_cache(maxsize=1)
def _fields(text: str) -> Any:
    # cached, because every page reads the same file
    return yaml.safe_load(text)


def read_work(path: Path) -> Work:
    """Read a CITATION.cff, in the Citation File Format 1.2.

    Raises FindingsError if the file is missing, is not YAML, lacks title, authors or version, names
    several licences, or has an author without a name or with a comma in the name of an entity.
    """
    try:
        content = _fields(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FindingsError(f"cannot be read: {error.strerror}", where=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FindingsError(f"is not YAML: {str(error).splitlines()[0]}", where=path) from None
    if not isinstance(content, dict):
        raise FindingsError("expected fields like title and authors", where=path)
    for name in ("title", "authors", "version"):
        if not content.get(name):
            raise FindingsError(f"has no {name!r}; a citation needs it", where=path)
    licence = content.get("license", "")
    if not isinstance(licence, str):
        raise FindingsError(
            f"license {licence}: a list means that readers may choose; name the licence of the "
            "software, and those of data and prose with their references",
            where=path,
        )
    return Work(
        title=str(content["title"]),
        authors=tuple(_author(a, path) for a in content["authors"]),
        version=str(content["version"]),
        abstract=" ".join(str(content.get("abstract", "")).split()),
        licence=licence,
        keywords=tuple(content.get("keywords", ())),
        doi=str(content.get("doi", "")),
        repository=str(content.get("repository-code", "")),
        released=str(content.get("date-released", "")),
        references=tuple(
            Reference(
                title=str(r.get("title", "")),
                doi=str(r.get("doi", "")),
                url=str(r.get("url", "")),
                kind=str(r.get("type", "")),
                scope=str(r.get("scope", "")),
            )
            for r in content.get("references", ())
        ),
    )


def _author(given: Any, path: Path) -> Author:
    if not isinstance(given, dict) or not (given.get("name") or given.get("family-names")):
        raise FindingsError(f"author {given!r}: expected a name, or family-names", where=path)
    if "," in given.get("name", ""):
        raise FindingsError(
            f"author {given['name']!r}: a comma; reference managers would read the part "
            "before it as a family name",
            where=path,
        )
    return Author(
        name=given.get("name", ""),
        family=given.get("family-names", ""),
        given=given.get("given-names", ""),
        orcid=given.get("orcid", ""),
        affiliation=given.get("affiliation", ""),
    )


def plain(work: Work, item: Item) -> str:
    """Return the citation of an item as one line of text.

    >>> work = Work("Ferries: a study", (Author(name="The ferry people"),), "1.2")
    >>> plain(work, Item("chapter", "Who rows?", date="2026-03-01"))
    'The ferry people. “Who rows?” In: Ferries: a study. Version 1.2, 2026.'
    """
    imprint = f"{work.imprint}{', ' + item.date[:4] if item.date else ''}."
    title = quoted(_stopped(item.title))
    if item.kind == "work":
        parts = [_stopped(work.title)]
    elif item.kind == "dataset":
        parts = [f"{item.title} [data set]."]
    elif item.kind == "finding":
        # the number is the title, because the sentence may have sixty words
        parts = [_stopped(_numbered(item, work.title)), title]
    elif item.kind == "figure":
        parts = [title, _stopped(_numbered(item, work.title))]
    else:
        parts = [title, f"In: {_stopped(work.title)}"]
    if doi := own_doi(work, item):
        address = _resolved(doi)
    elif item.kind not in WHOLES and work.doi:
        # a part has no DOI: print that of the work, then the address of the part
        address = ". ".join(filter(None, (_resolved(work.doi), item.url)))
    else:
        address = item.url
    return " ".join(filter(None, [_stopped(work.byline), *parts, imprint, address]))


def bibtex(work: Work, item: Item) -> str:
    """Return the citation of an item as a BibTeX entry, with LaTeX's special characters escaped.

    >>> work = Work("Ferries: a study", (Author(name="Oar & Sons"),), "1.2")
    >>> print(bibtex(work, Item("work", "Ferries", date="2026-03-01")))
    @misc{ferries,
      author = {{Oar \\& Sons}},
      title = {{Ferries: a study}},
      year = {2026},
      month = mar,
      day = {1},
      note = {Version 1.2}
    }
    """
    fields = {"author": " and ".join(_bibtex_author(a) for a in work.authors)}
    fields["title"] = f"{{{_latex(_title(work, item))}}}"
    if item.kind == "chapter":
        fields["booktitle"] = f"{{{_latex(work.title)}}}"
        # BibTeX requires a publisher: here the authors themselves
        fields["publisher"] = f"{{{_latex(work.byline)}}}"
    elif item.kind == "dataset":
        fields["howpublished"] = "Data set"
    elif item.kind != "work":
        fields["howpublished"] = f"In: {{{_latex(work.title)}}}"
    if item.abstract:
        fields["abstract"] = _latex(item.abstract)
    if item.date:
        year, month, day = item.date.split("-")
        # no braces around the month: "mar" is a macro that every style, and biber, define
        fields |= {"year": year, "month": _MONTHS[int(month) - 1], "day": f"{int(day)}"}
    # the version is in the note, because few styles have a field for it
    fields["note"] = _latex(_note(work, item))
    if doi := own_doi(work, item):
        fields["doi"] = _latex(doi)
    if item.url:
        # percent-encode braces and spaces, which would break the field
        fields["url"] = quote(item.url, safe=":/?#[]@!$&'()*+,;=~%")
    kind = "incollection" if item.kind == "chapter" else "misc"
    lines = ",\n".join(
        f"  {name} = {value if name == 'month' else f'{{{value}}}'}"
        for name, value in fields.items()
    )
    return f"@{kind}{{{_key(work, item)},\n{lines}\n}}"


def csl(work: Work, item: Item) -> dict[str, Any]:
    """Return the citation of an item in CSL-JSON, the format of citation processors.

    For a part of the work, DOI and version are added to the title of the work, not put into fields.
    From fields, styles would print the DOI instead of the address of the part, and APA and IEEE
    would leave out the version.
    """
    entry: dict[str, Any] = {
        "id": _key(work, item),
        "type": _CSL[item.kind],
        "title": _title(work, item),
        "author": [_csl_author(a) for a in work.authors],
        "note": _note(work, item),
        "language": "en",
    }
    if item.kind in WHOLES:
        entry["version"] = work.exact
    else:
        doi = f"; {_resolved(work.doi)}" if work.doi else ""
        entry["container-title"] = f"{work.title} (v{work.imprint[1:]}{doi})"
    if item.abstract:
        entry["abstract"] = item.abstract
    if item.date:
        entry["issued"] = {"date-parts": [[int(part) for part in item.date.split("-")]]}
    if doi := own_doi(work, item):
        entry["DOI"] = doi
    if item.url:
        entry["URL"] = item.url
    return entry


def ris(entry: Mapping[str, Any]) -> str:
    """Convert an item of CSL-JSON, as :func:`csl` returns it, into a record in RIS.

    >>> print(ris({"type": "chapter", "title": "Oars", "author": [{"family": "Reed"}]}))
    TY  - CHAP
    AU  - Reed
    TI  - Oars
    ER  -
    """
    lines = [("TY", _RIS_TYPES[entry["type"]])]
    lines += [("AU", _ris_name(name)) for name in entry["author"]]
    lines += [(tag, str(entry[name])) for name, tag in _RIS_FIELDS.items() if entry.get(name)]
    for part in entry.get("issued", {}).get("date-parts", ()):
        lines.append(("PY", f"{part[0]}"))
        lines.append(("DA", "/".join(f"{number:02d}" for number in part)))
    return "\n".join(f"{tag}  - {' '.join(value.split())}" for tag, value in [*lines, ("ER", "")])


def own_doi(work: Work, item: Item) -> str:
    """Return the DOI of an item; empty for a part of the work, which has none."""
    return {"work": work.doi, "dataset": work.data.doi}.get(item.kind, "")


def _resolved(doi: str) -> str:
    return f"https://doi.org/{doi}"


def _note(work: Work, item: Item) -> str:
    """Return the version and, for a part of a work with a DOI, the DOI of the work."""
    if item.kind in WHOLES or not work.doi:
        return work.imprint
    return f"{work.imprint}. Part of {_resolved(work.doi)}"


def _numbered(item: Item, title: str) -> str:
    mark = f" [{item.mark}]" if item.mark else ""
    return f"{item.kind.capitalize()} {item.number} of {title}{mark}"


def _title(work: Work, item: Item) -> str:
    if item.kind == "work":
        return work.title
    if item.kind == "finding":
        # the sentence may have sixty words, so it is in the abstract
        return _numbered(item, work.short_title)
    # citation styles add their own full stop
    title = item.title.removesuffix(".")
    return f"{item.kind.capitalize()} {item.number}: {title}" if item.number else title


def _key(work: Work, item: Item) -> str:
    """Return the key of a citation: ASCII letters, digits and hyphens, which all formats allow."""
    slug = re.sub(r"[^a-z0-9]+", "", re.sub(r"^the ", "", work.short_title.lower()))
    part = re.sub(r"[^a-z0-9]+", "-", item.key.lower()).strip("-")
    return "-".join(filter(None, (slug or "work", part)))


def _stopped(text: str) -> str:
    return text if text.endswith((".", "?", "!", ".’", ".”")) else f"{text}."


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in " ".join(text.split()))


def _bibtex_author(author: Author) -> str:
    # with braces around the name of an entity, BibTeX takes no part of it for a family name
    return f"{{{_latex(author.name)}}}" if author.name else _latex(author.inverted)


def _csl_author(author: Author) -> dict[str, str]:
    if author.name:
        return {"literal": author.name}
    return {"family": author.family} | ({"given": author.given} if author.given else {})


def _ris_name(name: Mapping[str, str]) -> str:
    return name.get("literal") or ", ".join(filter(None, (name["family"], name.get("given", ""))))
