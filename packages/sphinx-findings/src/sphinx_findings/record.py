"""Functions for notebooks: record a finding, its robustness, or a value."""

from __future__ import annotations

import hashlib
import html
import json
import math
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sphinx_findings.errors import FindingsError

_ID = re.compile(r"F\d+\.\d+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: The beginning of the type of outputs that MyST-NB stores but does not show.
_KEPT = "application/papermill.record/"

Value = int | float | str


def nearest_data() -> Path:
    """Return the path of data/ in the working directory or, if not there, in the nearest parent."""
    here = Path.cwd()
    found = [p / "data" for p in (here, *here.parents) if (p / "data").is_dir()]
    return found[0] if found else here / "data"


_find_tables: list[Callable[[], Path]] = [nearest_data]


def tables_in(find: Callable[[], Path]) -> None:
    """Call ``find`` instead of :func:`nearest_data` to find the folder of the tables."""
    _find_tables[:] = [find]


@dataclass(frozen=True)
class Finding:
    """A finding: its sentence, estimate, interval, method and tables."""

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
    limits: str = ""

    def __repr__(self) -> str:
        return f"{self.id}. {self.statement}"

    def _repr_html_(self) -> str:
        limits = f' <span class="findings-limits">{html.escape(self.limits)}</span>'
        return (
            f'<aside class="findings-box" id="at-{self.id.lower().replace(".", "-")}" '
            f'aria-label="Finding {self.id}">'
            f'<span class="findings-id">{self.id}</span> '
            f"<span>{html.escape(self.statement)}</span>{limits if self.limits else ''} "
            f'<span class="findings-interval">{html.escape(self.interval)}</span></aside>'
        )

    @property
    def short(self) -> str:
        """The estimate with its unit and interval."""
        return self._measured + (f" ({self._limits})" if self._limits else "")

    @property
    def interval(self) -> str:
        """The estimate with its unit, interval, method and number of observations."""
        limits = f"95% interval {self._limits}; " if self._limits else ""
        how = f"{limits}{self.method}; n = {plain(self.n)} {self.n_of}"
        return f"{self._measured} ({how})"

    @property
    def _measured(self) -> str:
        # no space before a percent sign, as in the sentences
        space = "" if self.unit.startswith("%") else " "
        return f"{plain(self.estimate)}{space}{self.unit}"

    @property
    def _limits(self) -> str:
        return "" if self.low is None else f"{plain(self.low)} to {plain(self.high)}"


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
    limits: str = "",
    **values: Value,
) -> Finding:
    """Record a finding for the site, and return it; Jupyter shows it as a box.

    Parameters
    ----------
    id
        The letter F and two numbers, like F2.1. It never changes, even if the finding moves to
        another chapter.
    statement
        The sentence, with a field in braces for every number; it may not contain digits.
    estimate, low, high, unit
        The number, the limits of its 95 % interval, and their unit. ``low`` and ``high`` are None
        if there is no interval because everything was counted; ``method`` then says so.
    n, n_of
        The number of observations from which the estimate is computed, and what they are, such as
        "speeches".
    method
        How the interval was computed.
    tables
        Paths of the files from which the finding was computed, relative to the folder of the tables
        (data/, see :func:`tables_in`). The hashes of the files are recorded too.
    limits
        Sentences that say what the statement does not mean or cover, shown after it in smaller
        letters. Numbers are fields, as in the statement.
    values
        The values of the fields in statement and limits.

    Raises
    ------
    FindingsError
        If the id is malformed, the statement or the limits contain a digit, a brace is not closed,
        or a field has no value; if a number is not finite, only one of ``low`` and ``high`` is
        given, or the estimate is outside its interval; or if a table does not exist.

    """
    if not _ID.fullmatch(id):
        raise FindingsError(f"finding {id!r}: expected an id like F2.1")
    try:
        whole = f"{statement}{limits}"
        fixed = "".join(literal for literal, *_ in string.Formatter().parse(whole))
    except ValueError as error:
        raise FindingsError(f"finding {id}: {error} in the statement") from None
    if re.search(r"\d", fixed):
        raise FindingsError(f"finding {id}: a number is typed in the statement; put it in a field")
    if not all(math.isfinite(number) for number in (estimate, low, high) if number is not None):
        raise FindingsError(f"finding {id}: {estimate}, {low} to {high}, is no number")
    if (low is None) != (high is None):
        raise FindingsError(f"finding {id}: give both limits or neither")
    if low is not None and high is not None and not low <= estimate <= high:
        raise FindingsError(f"finding {id}: {estimate} is not within {low} to {high}")
    shown = {name: plain(value) for name, value in values.items()}
    try:
        sentence, bounds = statement.format_map(shown), limits.format_map(shown)
    except (KeyError, IndexError, ValueError) as error:
        raise FindingsError(f"finding {id}: the field {error} has no value") from None
    data = _find_tables[0]()
    hashes = {}
    for name in tables:
        if not (data / name).is_file():
            raise FindingsError(f"finding {id}: no table {name} in {data}")
        with (data / name).open("rb") as file:
            hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    low, high = (None if limit is None else float(limit) for limit in (low, high))
    made = Finding(
        id, sentence, float(estimate), low, high, unit, int(n), n_of, method, hashes, shown, bounds
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
    figure: str = "",
    draws: bool = True,
    quantity: str = "",
    line: float | None = None,
    published: float | None = None,
    tried: Sequence[tuple[str, float, bool]] = (),
    refuted: str = "",
) -> None:
    """Record in how many specifications a finding was tried, and in how many it fails.

    A specification is a combination of choices. Wherever the site prints the finding, it also says
    how often the claim of the finding is true.

    Parameters
    ----------
    id
        The id of the finding.
    claim
        The finding in the form of a claim that can fail.
    specifications, turn, empty
        The number of specifications with something to count, the number of these in which the claim
        fails, and the number of specifications in which there was nothing to count.
    why
        The choices under which the claim fails, the worst first, separated by semicolons. Each is
        written "kind: option", or in words that can follow "if". Empty if the claim never fails.
    figure
        Name of a figure in the same notebook, whose anchor is fig-NAME.
    draws
        Whether that figure shows the choices; if not, it shows the finding itself.
    quantity, line, published
        What is computed in each specification (in words), the value that this quantity must not
        cross, and its published value.
    tried
        For each choice that was changed alone: the choice, the value of the quantity, and whether
        the claim fails. If the name of a kind ends in "in turn", because its choices leave out one
        state after another, all its choices are together one way of counting.
    refuted
        The claim that was registered first, if it failed its own criterion and ``claim`` replaces
        it.

    Raises
    ------
    FindingsError
        If the id is malformed, the counts are impossible, ``why`` is empty although the claim
        fails, or ``why`` is given although it never fails.

    """
    if not _ID.fullmatch(id):
        raise FindingsError(f"verdict on {id!r}: expected the id of a finding, like F2.1")
    if specifications < 1 or not 0 <= turn <= specifications or empty < 0:
        raise FindingsError(
            f"verdict on {id}: {turn} of {specifications} specifications, {empty} empty, impossible"
        )
    if bool(why) != bool(turn):
        raise FindingsError(f"verdict on {id}: say why it fails where it does, and only there")
    content = {
        "claim": claim,
        "figure": figure,
        "draws": bool(draws),
        "specifications": int(specifications),
        "turn": int(turn),  # numpy numbers cannot be written as JSON
        "empty": int(empty),
        "why": why,
        "quantity": quantity,
        "line": None if line is None else float(line),
        "published": None if published is None else float(published),
        "tried": [[choice, float(value), bool(fails)] for choice, value, fails in tried],
        "refuted": refuted,
    }
    glue(f"verdict:{id}", content)


def glue(name: str, content: Mapping[str, Any]) -> None:
    """Store content as JSON in the output of a notebook, where Sphinx finds it by its name.

    MyST-NB calls this "glue". ``name`` consists of a kind and an id, such as ``finding:F2.1``.
    Outside a notebook, nothing is stored.
    """
    try:
        from IPython.core.getipython import get_ipython  # noqa: PLC0415 - scripts may lack IPython
        from IPython.display import publish_display_data  # noqa: PLC0415
    except ImportError:
        return
    if get_ipython() is not None:
        written = json.dumps(content, ensure_ascii=False, sort_keys=True)
        # this gives the output of myst_nb.glue, which is not used because it takes a second to load
        publish_display_data(  # type: ignore[no-untyped-call]
            {f"{_KEPT}text/plain": written}, {"scrapbook": {"name": name, "mime_prefix": _KEPT}}
        )


def note(topic: str, **values: Value) -> None:
    """Record values for the prose of the site; the role ``value`` prints one, given topic.name.

    Raises
    ------
    FindingsError
        If a topic or a name does not begin with a lower case letter, or has other characters than
        lower case letters, digits and underscores.

    """
    for name in (topic, *values):
        if not _NAME.fullmatch(name):
            raise FindingsError(f"value {name!r}: expected lower case letters, digits, underscores")
    glue(f"values:{topic}", {name: plain(value) for name, value in values.items()})


def plain(value: Any) -> str:
    """Format a number with thousands separators and without false precision.

    >>> [plain(v) for v in (10952, 49.8339, 0.0629, -3.0, "none")]
    ['10,952', '49.8', '0.063', '−3', 'none']
    """
    if isinstance(value, str):
        return value
    number = float(value)
    if math.isnan(number):
        return "not defined"
    if number == int(number):
        text = f"{int(number):,}"
    elif abs(number) >= 100:
        text = f"{number:,.0f}"
    else:
        text = f"{number:.3g}" if abs(number) >= 1 else f"{number:.2g}"
    return f"−{text[1:]}" if text.startswith("-") else text


def percent(share: float) -> str:
    """Format a share as a percentage with two digits; only a share of 1 becomes 100%.

    From 99 % on, the distance to 100 % is rounded to one digit instead.

    >>> [percent(v) for v in (0.4492, 0.0898, 0.0017, 0.996, 0.99962, 1.0)]
    ['45%', '9%', '0.17%', '99.6%', '99.96%', '100%']
    """
    value = 100 * share
    if 99 <= value < 100:
        return f"{100 - float(f'{100 - value:.1g}'):.10g}%"
    return f"{plain(value if value >= 100 else float(f'{value:.2g}'))}%"
