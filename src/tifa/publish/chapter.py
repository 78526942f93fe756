"""Show figures, tables and findings of a notebook with their texts from a YAML file beside it.

The texts (such as claims, captions and statements) have fields for numbers, and the cells of the
notebook pass the numbers. The tables from which numbers were computed are recorded automatically
(:mod:`tifa.publish.origin`).
"""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pydantic import BaseModel, ConfigDict
from sphinx_findings import Finding, FindingsError, finding, plain, verdict

from tifa.publish import figures
from tifa.publish.notebook import running_shell, use_style
from tifa.publish.origin import Origin
from tifa.publish.sentence_map import show_map
from tifa.publish.tables import Shown, show_table
from tifa.util.errors import TifaError
from tifa.util.yamlfile import line_of, read_yaml


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FigureWords(_Model):
    """The texts that are shown with a figure.

    ``otherwise`` replaces ``claim`` when readers run the notebook with other parameters. ``alt``
    describes the figure to readers who cannot see it; a map of sentences needs none, because the
    page also has its content as a table. ``columns`` maps the columns of the figure's data to their
    meaning.
    """

    caption: str
    claim: str = ""
    otherwise: str = ""
    alt: str = ""
    columns: dict[str, str] = {}


class FindingWords(_Model):
    """The texts of a finding; ``limits`` says what the statement does not mean or cover."""

    statement: str
    limits: str = ""
    unit: str
    n_of: str
    method: str


class TableWords(_Model):
    """The caption of a table."""

    caption: str


class VerdictWords(_Model):
    """The texts of a verdict, which is the test of a finding under other choices.

    ``claim`` is what was tested, ``quantity`` what was computed. ``refuted`` is the registered
    claim, if it failed its own criterion and ``claim`` replaces it. The figure named ``figure``
    shows the results of the choices if ``draws`` is true, otherwise the finding itself.
    """

    claim: str
    refuted: str = ""
    quantity: str = ""
    figure: str = ""
    draws: bool = False


class Words(_Model):
    """The content of a chapter's YAML file."""

    figures: dict[str, FigureWords] = {}
    tables: dict[str, TableWords] = {}
    findings: dict[str, FindingWords] = {}
    verdicts: dict[str, VerdictWords] = {}


class Chapter:
    """The texts of a notebook, read from the YAML ``file`` beside it, and methods to show them.

    Making this object also sets the style of figures and tables. The texts may have fields in
    braces, such as ``{share}``, whose values (numbers or texts) are arguments of the methods.
    Raises TifaError if the file is missing or malformed. The methods raise TifaError for an unknown
    id, a field without a value, and a value without a field.
    """

    def __init__(self, file: str | Path) -> None:
        use_style()
        self.path = Path(file)
        if not self.path.is_file():
            raise TifaError(
                "the words of this chapter are in this file: get it too, beside the notebook, and "
                "run the notebook in that folder",
                where=self.path,
            )
        self.words, self._lines = read_yaml(self.path, Words)
        shell = running_shell()
        self._origin = None if shell is None else Origin(shell)

    def show(
        self,
        fig: Figure,
        name: str,
        *,
        data: pd.DataFrame | None = None,
        columns: Mapping[str, str] | None = None,
        otherwise: bool = False,
        **values: Any,
    ) -> Shown:
        """Show a figure (:func:`tifa.publish.figures.show`) with its texts.

        ``columns`` has the meaning of columns whose names are known only when the cell runs. With
        ``otherwise``, the claim for other parameters is shown.
        """
        words = self._of_figure(name, values)
        other = words.pop("otherwise")
        if otherwise:
            words["claim"] = other
        words["columns"] = {**words["columns"], **(columns or {})}
        return figures.show(fig, name=name, data=data, **words)

    def show_map(
        self, table: pd.DataFrame, name: str, *, frames: list[str], **values: Any
    ) -> Shown:
        """Show a map of sentences (:func:`tifa.publish.sentence_map.show_map`) with its texts."""
        words = self._of_figure(name, values)
        texts = {key: words[key] for key in ("claim", "caption", "tables")}
        return show_map(table, name=name, frames=frames, **texts)

    def show_table(
        self,
        table: pd.DataFrame,
        name: str,
        *,
        formats: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Shown:
        """Show a table (:func:`tifa.publish.tables.show_table`) with its caption."""
        caption = _filled(self._words("tables", name, values), values)["caption"]
        return show_table(table, caption=caption, formats=formats)

    def finding(
        self, id: str, *, estimate: float | Sequence[float], n: int, **values: Any
    ) -> Finding:
        """Record a finding (:func:`sphinx_findings.finding`) with its texts.

        ``estimate`` is a number, or three numbers: the estimate, its lower and its upper limit.
        ``n`` is the number of observations.
        """
        words = self._words("findings", id, values)
        # do not fill in the fields of statement and limits here: the function ``finding`` does so
        kept = {"statement": words["statement"], "limits": words["limits"]}
        tables = sorted(self._origin.statement) if self._origin else []
        number, low, high = [*np.atleast_1d(estimate), None, None][:3]
        numbers = {"estimate": number, "low": low, "high": high, "n": n}
        try:
            return finding(id, **_filled(words, values) | kept, **numbers, tables=tables, **values)
        except FindingsError as error:
            raise self._error("findings", id, str(error)) from None

    def verdict(self, id: str, tried: Mapping[str, float] | None = None, **numbers: Any) -> None:
        """Record a verdict (:func:`sphinx_findings.verdict`) with its texts.

        ``tried`` maps each choice to the number that results if only this choice is changed. The
        claim fails with a choice if this number is not on the same side of ``line`` as
        ``published``. If choices were also combined, pass ``specifications``, ``turn`` and ``why``
        for all combinations (see :func:`tifa.analysis.multiverse.summary`).
        """
        words = self._words("verdicts", id, {})
        if tried is not None:
            line, above = numbers["line"], numbers["published"] > numbers["line"]
            results = [(c, v, bool(v <= line if above else v >= line)) for c, v in tried.items()]
            failed = [choice for choice, _, fails in results if fails]
            numbers = {
                "specifications": len(results),
                "turn": len(failed),
                "why": "; ".join(failed),
                "tried": results,
            } | numbers
        verdict(id, **words, empty=0, **numbers)

    def _of_figure(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        texts = _filled(self._words("figures", name, values), values)
        tables = self._origin.cell | self._origin.statement if self._origin else ()
        return texts | {"tables": sorted(tables)}

    def _words(self, kind: str, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the texts of a figure, table, finding or verdict.

        Raises TifaError for an unknown id, or if the texts have other fields than ``values``.
        """
        known: Mapping[str, BaseModel] = getattr(self.words, kind)
        if name not in known:
            raise self._error(kind, name, f"no such id; there is: {', '.join(known) or 'none'}")
        texts = known[name].model_dump()
        joined = " ".join(text for text in texts.values() if isinstance(text, str))
        try:
            fields = {f for _, f, *_ in string.Formatter().parse(joined) if f is not None}
        except ValueError as error:
            raise self._error(kind, name, f"{error} in its text") from None
        if missing := fields - {*values}:
            raise self._error(kind, name, f"no value for {{{min(missing)}}}")
        if idle := {*values} - fields:
            raise self._error(kind, name, f"no field {{{min(idle)}}} for this value")
        return texts

    def _error(self, kind: str, name: str, problem: str) -> TifaError:
        return TifaError(
            f"{name}: {problem}", where=self.path, line=line_of(self._lines, (kind, name))
        )


def interval(found: Sequence[float], form: str = ".2f", *, times: float = 1, unit: str = "") -> str:
    """Write an estimate with its limits, all multiplied by ``times`` (100 for percent).

    >>> interval((0.064, -0.017, 0.113), ".1f", times=100)
    '6.4 (−1.7 to 11.3)'
    """
    value, low, high = (f"{times * number:{form}}".replace("-", "−") for number in found)
    return f"{value}{unit} ({low} to {high})"


def n_of_m(found: Collection[Any], among: Collection[Any] | None = None) -> str:
    """Return "N of M", such as "1 of 2".

    N is the number of distinct items of ``among`` that are in ``found``, and M is the number of all
    distinct items of ``among``. Without ``among``, N is the number of true items of ``found``, and
    M is the number of all its items.

    >>> n_of_m({"a", "x"}, ["a", "b"]), n_of_m([True, False, True])
    ('1 of 2', '2 of 3')
    """
    if among is None:
        return f"{sum(map(bool, found))} of {len(found)}"
    return f"{len({*found} & {*among})} of {len({*among})}"


def _filled(words: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: plain(value) for key, value in values.items()}
    return {k: v.format_map(shown) if isinstance(v, str) else v for k, v in words.items()}
