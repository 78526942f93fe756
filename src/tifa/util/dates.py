"""Parse dates in the forms that people write; ambiguous parts of a date are left out."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field

#: The order of day and month in dates such as 11/05/2020; empty if it is not known.
DateOrder = Literal["", "day-first", "month-first"]


def _as_date(value: Any) -> Any:
    """Convert a date to a string, because YAML reads days as dates, and years as numbers."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


#: A year, a month or a day in ISO 8601: 2020, 2020-11 or 2020-11-05.
PartialDate = Annotated[str, BeforeValidator(_as_date), Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]

_NAMES = "january february march april may june july august september october november december"
_MONTHS = {
    form: number for number, name in enumerate(_NAMES.split(), start=1) for form in (name, name[:3])
} | {"sept": 9}
_DAY = r"(?P<day>\d{1,2})"
_NAMED = r"(?P<name>[a-z]+)\.?"
_SHAPES = [
    # 2020, 2020-11, 2020-11-05, 2020-11-05T10:30:00Z; also 2020.0, a year from a spreadsheet
    re.compile(
        r"(?P<year>\d{4})(\.0|(?P<mark>[-/.])(?P<month>\d{1,2})"
        rf"((?P=mark){_DAY}(t\d{{1,2}}:\d{{2}}.*)?)?)?"
    ),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(rf"(?P<year>\d{{4}})\s*年(\s*(?P<month>\d{{1,2}})\s*月(\s*{_DAY}\s*[日号])?)?"),
    # 5 November 2020, November 2020; November 5, 2020
    re.compile(rf"({_DAY}(st|nd|rd|th|\.)?[\s-]+)?{_NAMED},?[\s-]+(?P<year>\d{{4}})"),
    re.compile(rf"{_NAMED}\s+{_DAY}(st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"),
    # the format of tweets: Nov 05 10:30:00 +0000 2020
    re.compile(rf"{_NAMED}\s+{_DAY}\s+\d{{1,2}}:\d{{2}}:\d{{2}}\s+\S+\s+(?P<year>\d{{4}})"),
]
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_WEEKDAY = re.compile(r"(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?\.?,?\s+")
#: A time after a date, with or without a time zone, such as 10:30, 23:15:00.5 +0800, at 5:30 p.m.
#: EST, or 10:30 (UTC).
_TIME = re.compile(
    r",?\s+(at\s+)?\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s*[ap]\.?m\.?)?"
    r"(\s*(z|[a-z]{2,5}|[+-]\d{2}:?\d{2}))?(\s*\([^()]*\))?"
)
_UNCLEAR = "day and month cannot be told apart, only the year was kept"


class Read(NamedTuple):
    """A parsed date."""

    #: Year, month or day in ISO 8601; empty if nothing could be parsed.
    iso: str
    #: A message if the text, or a part of it, could not be parsed; otherwise empty.
    problem: str = ""


@lru_cache(maxsize=10_000)
def read_date(text: str, *, order: DateOrder = "") -> Read:
    """Parse a date such as 2020-11-05, 5 November 2020, 2020年11月5日, 11/05/2020 or Nov. 2020.

    A weekday or a time, as in e-mails and tweets, is ignored. ``order`` says whether the day or the
    month comes first in dates such as 11/05/2020. Without ``order``, only the year of such a date
    is returned, unless one of the two numbers cannot be a month or both are equal.

    >>> [read_date(t).iso for t in ("5 November 2020", "Nov. 5, 2020", "2020年11月5日", "1987")]
    ['2020-11-05', '2020-11-05', '2020-11-05', '1987']
    >>> read_date("25/12/2020").iso, read_date("11/05/2020", order="day-first").iso
    ('2020-12-25', '2020-05-11')
    >>> read_date("11/05/2020").iso, read_date("1920-00-00").iso
    ('2020', '1920')
    >>> read_date("٥ November ٢٠٢٠").iso, read_date("Thu, 5 Nov 2020 10:30:00 +0800").iso
    ('2020-11-05', '2020-11-05')
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split()).lower()
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    if not plain:
        return Read("")
    plain = _WEEKDAY.sub("", plain, count=1) if _WEEKDAY.match(plain) else plain
    if (time := re.search(rf"(?<=[^\s,])(?:{_TIME.pattern})$", plain)) is not None:
        plain = plain[: time.start()]
    if found := _NUMBERS.fullmatch(plain):
        return _by_order(int(found[1]), int(found[3]), found[4], order)
    for shape in _SHAPES:
        parts = found.groupdict() if (found := shape.fullmatch(plain)) else {}
        month = _MONTHS.get(parts["name"]) if "name" in parts else parts.get("month")
        if parts and ("name" not in parts or month):
            # library catalogues write zeros for an unknown month or day
            if parts.get("month") in ("0", "00"):
                return _checked(parts["year"], None, None)
            day = None if parts["day"] in ("0", "00") else parts["day"]
            return _checked(parts["year"], month, day)
    return Read("", "not a date that can be read")


def _by_order(first: int, second: int, year: str, order: DateOrder) -> Read:
    if order == "day-first" or (not order and (first > 12 or first == second)):
        return _checked(year, second, first)
    if order == "month-first" or second > 12:
        return _checked(year, first, second)
    whole = _checked(year, None, None)
    return whole if whole.problem else whole._replace(problem=_UNCLEAR)


def _checked(year: str, month: str | int | None, day: str | int | None) -> Read:
    """Join year, month and day to an ISO date, or return a problem if there is no such day."""
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return Read("", "no such day")
    parts = [year, *(f"{int(part):02d}" for part in (month, day) if part)]
    return Read("-".join(parts))
