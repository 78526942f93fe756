"""Turn CSL-JSON into RIS, which reference managers read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPES = {
    "article-journal": "JOUR",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "report": "RPRT",
    "software": "COMP",
    "webpage": "ELEC",
}
_FIELDS = {
    "title": "TI",
    "container-title": "T2",
    "volume": "VL",
    "issue": "IS",
    "publisher": "PB",
    "publisher-place": "CY",
    "ISBN": "SN",
    "version": "ET",
    "abstract": "AB",
    "note": "N1",
    "language": "LA",
    "DOI": "DO",
    "URL": "UR",
}


def ris(entry: Mapping[str, Any]) -> str:
    """Write an item of CSL-JSON, with any of the fields that this module knows, as a record in RIS.

    >>> print(ris({"type": "book", "title": "Oars", "author": [{"family": "Reed"}]}))
    TY  - BOOK
    AU  - Reed
    TI  - Oars
    ER  -
    """
    lines = [("TY", _TYPES.get(entry["type"], "GEN"))]
    lines += [("AU", _name(name)) for name in entry.get("author", ())]
    lines += [(tag, str(entry[name])) for name, tag in _FIELDS.items() if entry.get(name)]
    for part in entry.get("issued", {}).get("date-parts", ()):
        lines.append(("PY", f"{part[0]}"))
        lines.append(("DA", "/".join(f"{number:02d}" for number in part)))
    start, _, end = str(entry.get("page", "")).partition("-")
    lines += [(tag, page) for tag, page in (("SP", start), ("EP", end)) if page]
    return "\n".join(f"{tag}  - {' '.join(value.split())}" for tag, value in [*lines, ("ER", "")])


def _name(name: Mapping[str, str]) -> str:
    """Family name first; single names are unchanged."""
    return name.get("literal") or ", ".join(filter(None, (name["family"], name.get("given", ""))))
