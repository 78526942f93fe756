"""Read fields from file names with a pattern such as {date}_{author}_*."""

from __future__ import annotations

import re

from tifa.sources.fields import NAMES, bare
from tifa.util.errors import TifaError

#: A year, month or day such as 2020, 2020-11, 2020_11_05 or 20201105; or a date that ends with the
#: year, such as 05-11-2020.
_DATE = (
    r"\d{4}(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?)?(?!\d)"
    r"|\d{1,2}(?P<mark>[-_.])\d{1,2}(?P=mark)\d{4}(?!\d)"
)
_FIELD = re.compile(r"\{([^{}]+)\}")


class NamePattern:
    """A pattern for file names: fields in braces, ``*`` for anything, other characters literal.

    A field may be written with any common name of its column: ``{year}`` is the field ``date``. The
    value of a field ends at the character after the field in the pattern; only a date may contain
    this character. Neither ``*`` nor a value matches a slash. A pattern with a slash is matched
    against the path within the folder of texts, any other pattern against the file name. Raises
    TifaError for a pattern that cannot be used.

    >>> NamePattern("{year}-{speaker}_*.txt").read("sub/1987-Reed_Ada_on-jars.txt")
    {'date': '1987', 'author': 'Reed'}
    >>> NamePattern("{party}/{date}_*").read("Greens/2020_11_05_opening.txt")
    {'party': 'Greens', 'date': '2020-11-05'}
    >>> NamePattern("{date}_*").read("notes.txt") is None
    True
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        # file names are matched without their extensions, so that of the pattern is removed too
        parts = _FIELD.split(bare(pattern))
        columns = [part.strip() for part in parts[1::2]]
        # for each field, the name that the pattern uses for it
        columns_of = {_field(column): column for column in columns}
        unmatched = re.search(r"[{}]", "".join(parts[::2]))
        if not columns or len(columns_of) < len(columns) or "" in parts[2:-1:2] or unmatched:
            raise TifaError(
                f"names: {pattern!r}; expected each field once, between braces, and a character "
                "between two of them, such as {date}_{author}_*"
            )
        self._fields = list(columns_of)
        #: Names in the pattern that are not fields of the documents table.
        self.own = [field for field in columns_of if field not in NAMES]
        #: For each field of the documents table in the pattern, the name that the pattern uses.
        self.found = {field: c for field, c in columns_of.items() if field in NAMES}
        expression = _fixed(parts[0])
        for number, (field, behind) in enumerate(zip(self._fields, parts[2::2], strict=True)):
            stop = re.escape(behind[0]) if behind and behind[0] != "*" else ""
            what = _DATE if field == "date" else f"[^/{stop}]+"
            expression += f"(?P<f{number}>{what}){_fixed(behind)}"
        self._expression = re.compile(expression)

    def read(self, name: str) -> dict[str, str] | None:
        """Return the values in a path by field, or None if the path does not match."""
        name = bare(name)
        found = self._expression.fullmatch(name if "/" in self.pattern else name.split("/")[-1])
        if found is None:
            return None
        values = {field: found[f"f{n}"].strip() for n, field in enumerate(self._fields)}
        if "date" in values:
            values["date"] = values["date"].replace("_", "-")
        return values


def _field(column: str) -> str:
    """Return the field that has this common name, or ``column`` itself if no field has it.

    The common names of doc_id and text are ignored.
    """
    plain = re.sub(r"[\s_-]", "", column).lower()
    known = (f for f, names in NAMES.items() if plain in names and f not in ("doc_id", "text"))
    return next(known, column)


def _fixed(text: str) -> str:
    return "".join("[^/]*" if c == "*" else re.escape(c) for c in text)
