"""The ledger of findings: sentences whose every number is computed.

A notebook records a finding; the site's pages quote it, the Findings page lists it, and
findings.json carries it for machines. A value that is no finding of its own (the number of
documents, say) is noted in the same way.
"""

from __future__ import annotations

import html
import json
import math
import re
import string
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tifa.data.files import sha256
from tifa.publish.glue import glue
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError

_ID = re.compile(r"F\d+\.\d+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")

Value = int | float | str


@dataclass(frozen=True)
class Finding:
    """A finding: the sentence that states it, its estimate and interval, what it rests on."""

    id: str
    statement: str
    estimate: float
    low: float | None
    high: float | None
    unit: str
    n: int
    n_of: str
    method: str
    tables: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.id}. {self.statement}"

    def _repr_html_(self) -> str:
        return (
            f'<aside class="tifa-finding" aria-label="Finding {self.id}">'
            f'<span class="tifa-finding-id">{self.id}</span> '
            f"<span>{html.escape(self.statement)}</span> "
            f'<span class="tifa-finding-interval">{html.escape(self.interval)}</span></aside>'
        )

    @property
    def interval(self) -> str:
        """Estimate, interval, unit and method in one line."""
        limits = (
            f"95% interval {plain(self.low)} to {plain(self.high)}; "
            if self.low is not None and self.high is not None
            else ""
        )
        # "8.0%", as in the sentences
        unit = self.unit if self.unit.startswith("%") else f" {self.unit}"
        return (
            f"{plain(self.estimate)}{unit} ({limits}{self.method}; n = {plain(self.n)} {self.n_of})"
        )


def finding(
    id: str,
    statement: str,
    *,
    estimate: float,
    low: float | None,
    high: float | None,
    unit: str,
    n: int,
    n_of: str,
    method: str,
    tables: Sequence[str],
    **values: Value,
) -> Finding:
    """Record a finding, show it, and hand it to the site.

    Parameters
    ----------
    id
        F, the number of the notebook, a dot, a running number: F2.1. It never changes.
    statement
        The sentence, with a field in braces for every number; digits may not be typed in it.
    estimate, low, high, unit
        The number, its 95 % interval and what they are measured in. Limits are None where
        everything there is was counted; the method then says so.
    n, n_of
        How many observations it rests on, and what they are ("speeches").
    method
        How the interval was made.
    tables
        Files below data/ that it was computed from; their hashes are kept.
    values
        The fields of the statement.

    Raises
    ------
    TifaError
        For a malformed id, a typed digit, a field without value, an estimate outside its
        interval, a table that is not there.

    """
    if not _ID.fullmatch(id):
        raise TifaError(f"finding {id!r}: expected an id like F2.1")
    fixed = "".join(literal for literal, *_ in string.Formatter().parse(statement))
    if re.search(r"\d", fixed):
        raise TifaError(f"finding {id}: a number is typed into the statement; put it in a field")
    if (low is None) != (high is None):
        raise TifaError(f"finding {id}: give both limits or neither")
    if low is not None and high is not None and not low <= estimate <= high:
        raise TifaError(f"finding {id}: {estimate} is not within {low} to {high}")
    shown = {name: plain(value) for name, value in values.items()}
    try:
        sentence = statement.format_map(shown)
    except KeyError as error:
        raise TifaError(f"finding {id}: the field {error} has no value") from None
    data = data_folder()
    hashes = {}
    for name in tables:
        if not (data / name).is_file():
            raise TifaError(f"finding {id}: no table {name} in {data}")
        hashes[name] = sha256(data / name)
    made = Finding(
        id,
        sentence,
        float(estimate),
        None if low is None else float(low),
        None if high is None else float(high),
        unit,
        int(n),
        n_of,
        method,
        hashes,
        shown,
    )
    glue(f"finding:{id}", asdict(made))
    return made


def verdict(
    id: str,
    *,
    claim: str,
    specifications: int,
    turn: int,
    empty: int,
    why: str,
    figure: str = "specifications",
) -> None:
    """Say in how many specifications a finding was tried, and in how many it turns.

    The site marks a finding that turns wherever it prints it.

    Parameters
    ----------
    id
        Of the finding.
    claim
        What was tried: the finding as a claim that can fail.
    specifications, turn, empty
        Specifications in which there was something to count, those among them in which the
        claim turns, and those in which nothing was left to count.
    why
        Which choices turn it; empty where none does.
    figure
        Name of the figure, in the same notebook, to which the mark of the finding leads.

    Raises
    ------
    TifaError
        For a malformed id, or counts that cannot be.

    """
    if not _ID.fullmatch(id):
        raise TifaError(f"verdict on {id!r}: expected the id of a finding, like F2.1")
    if specifications < 1 or not 0 <= turn <= specifications or empty < 0:
        raise TifaError(
            f"verdict on {id}: {turn} of {specifications} specifications, {empty} empty, cannot be"
        )
    if bool(why) != bool(turn):
        raise TifaError(f"verdict on {id}: say why it turns where it does, and only there")
    content = {
        "claim": claim,
        "figure": figure,
        "specifications": int(specifications),
        "turn": int(turn),  # numpy's would not be written as JSON
        "empty": int(empty),
        "why": why,
    }
    glue(f"verdict:{id}", content)


def note(topic: str, **values: Value) -> None:
    """Note values for the site's prose, where the role ``value`` prints one by topic.name.

    Raises
    ------
    TifaError
        For a name that is not lower case letters, digits and underscores.

    """
    for name in (topic, *values):
        if not _NAME.fullmatch(name):
            raise TifaError(f"value {name!r}: expected lower case letters, digits, underscores")
    glue(f"values:{topic}", {name: plain(value) for name, value in values.items()})


def plain(value: Any) -> str:
    """A number as readers expect it: thousands set apart, no false precision.

    >>> [plain(v) for v in (10952, 49.8339, 0.0629, 3.0, "none")]
    ['10,952', '49.8', '0.063', '3', 'none']
    """
    if isinstance(value, str):
        return value
    number = float(value)
    if math.isnan(number):
        return "not defined"
    if number == int(number):
        return f"{int(number):,}"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    if abs(number) >= 1:
        return f"{number:.3g}"
    return f"{number:.2g}"


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.0629)
    '6.29%'
    """
    return f"{plain(100 * share)}%"


#: Columns of a table of findings that every such table has.
NEEDED = ("id", "statement")


def read_findings(data: Path) -> pd.DataFrame:
    """Read the findings: data/findings.csv if it is there, else those of the site built last.

    Parameters
    ----------
    data
        The data folder; the site is looked for in _build/html beside it.

    Returns
    -------
    One row a finding: ``id``, ``statement``, and what else the source says of it.

    Raises
    ------
    TifaError
        Where there is neither, or it holds no findings.

    """
    table = data / "findings.csv"
    site = data.parent / "_build" / "html" / "findings.json"
    path = table if table.is_file() else site
    if not path.is_file():
        raise TifaError(
            "no findings here; the compendium's are computed when its book is built (make book)",
            where=site,
        )
    try:
        if path is table:
            found = pd.read_csv(path, dtype="str", keep_default_na=False)
        else:
            found = pd.DataFrame(json.loads(path.read_text("utf-8"))["findings"])
            found = found.drop(columns=["tables", "values"], errors="ignore")
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise TifaError(
            f"no table of findings ({error}); build the book again", where=path
        ) from None
    for name in NEEDED:
        if name not in found.columns:
            raise TifaError(f"no column {name!r}; build the book again", where=path)
    return found
