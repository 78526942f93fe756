"""The words of a chapter: claims, captions and statements in a YAML file beside its notebook.

A cell passes the numbers; the tables that they rest on are recorded (:mod:`tifa.publish.origin`).
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from pydantic import BaseModel, ConfigDict
from sphinx_findings import Finding, FindingsError, finding, plain

from tifa.publish import figures
from tifa.publish.notebook import running_shell, use_style
from tifa.publish.origin import Origin
from tifa.publish.sentence_map import show_map
from tifa.util.errors import TifaError
from tifa.util.yamlfile import line_of, read_yaml


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FigureWords(_Model):
    """What is said about a figure; a map has no alt text, because its table says the same.

    ``otherwise`` is the claim where the reader has set other parameters.
    """

    caption: str
    claim: str = ""
    otherwise: str = ""
    alt: str = ""
    columns: dict[str, str] = {}


class FindingWords(_Model):
    """What is said about a finding."""

    statement: str
    unit: str
    n_of: str
    method: str


class Words(_Model):
    """A file of words."""

    figures: dict[str, FigureWords] = {}
    findings: dict[str, FindingWords] = {}


class Chapter:
    """A notebook with its words; sets the style of figures and tables, too.

    Parameters
    ----------
    file
        The YAML file, beside the notebook. Its texts may have fields in braces; cells pass their
        values, numbers or texts.

    Raises
    ------
    TifaError
        For a file that is not there or malformed. The methods raise it for an unknown id, a field
        without value, a value without field.

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
    ) -> figures.Shown:
        """Show a figure (:func:`tifa.publish.figures.show`) with its words.

        ``columns`` are those whose names are only known here; ``otherwise`` takes the other claim.
        """
        words = self._of_figure(name, values)
        other = words.pop("otherwise")
        words["columns"] = {**words["columns"], **(columns or {})}
        return figures.show(
            fig, name=name, data=data, **(words | {"claim": other} if otherwise else words)
        )

    def show_map(
        self, table: pd.DataFrame, name: str, *, frames: list[str], **values: Any
    ) -> figures.Shown:
        """Show a map of sentences (:func:`tifa.publish.sentence_map.show_map`) with its words."""
        words = self._of_figure(name, values)
        said = {key: words[key] for key in ("claim", "caption", "tables")}
        return show_map(table, name=name, frames=frames, **said)

    def finding(
        self,
        id: str,
        *,
        estimate: float,
        low: float | None = None,
        high: float | None = None,
        n: int,
        **values: Any,
    ) -> Finding:
        """Record a finding (:func:`sphinx_findings.finding`) with its words."""
        words = self._words("findings", id, values)
        statement = words.pop("statement")  # it is checked, and filled in, by the function
        said = _filled(words, values)
        tables = sorted(self._origin.statement) if self._origin else []
        numbers: dict[str, Any] = {"estimate": estimate, "low": low, "high": high, "n": n}
        try:
            return finding(id, statement, **said, **numbers, tables=tables, **values)
        except FindingsError as error:
            raise self._error("findings", id, str(error)) from None

    def _of_figure(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        said = _filled(self._words("figures", name, values), values)
        tables = self._origin.cell | self._origin.statement if self._origin else ()
        return said | {"tables": sorted(tables)}

    def _words(self, kind: str, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The texts of a figure or finding, with a field for each of the values and no other."""
        known: Mapping[str, BaseModel] = getattr(self.words, kind)
        if name not in known:
            raise self._error(kind, name, f"no such id; there is: {', '.join(known) or 'none'}")
        texts = known[name].model_dump()
        said = " ".join(text for text in texts.values() if isinstance(text, str))
        try:
            fields = {f for _, f, *_ in string.Formatter().parse(said) if f is not None}
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


def _filled(words: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: plain(value) for key, value in values.items()}
    return {k: v.format_map(shown) if isinstance(v, str) else v for k, v in words.items()}
