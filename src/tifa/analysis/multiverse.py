"""A multiverse: one claim, computed under every combination of reasonable choices.

A claim is a number and a line that it must not cross. A specification takes one choice of each
kind; the first of each kind is the compendium's own. Nothing here depends on a corpus: the caller
passes a function that computes the number under a specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from tifa.data.corpus import Corpus
from tifa.features.specifications import SPLITTER, SPLITTERS, TOKENISER, TOKENISERS
from tifa.stats.check import Floats
from tifa.util.errors import TifaError

Specification = dict[str, str]

HOLDS, TURNS, EMPTY = "holds", "turns", "empty"
#: Columns of every table of specifications.
_FIXED = ["finding", "estimate", "verdict", "own"]
#: Floats that differ by less than this count as equal.
IDLE = 1e-9


@dataclass(frozen=True)
class Claim:
    """What a finding claims: a number, and the line that it must stay above (or below)."""

    finding: str
    says: str
    quantity: str
    line: float
    below: bool = False
    #: The registered claim that this one replaces because it was refuted by its own criterion.
    refuted: str = ""

    def verdict(self, estimate: float) -> str:
        """Judge a number: the claim "holds" or "turns" (that is, fails); "empty" for no number.

        >>> claim = Claim("F1.1", "One is more than the other.", "difference", 0.0)
        >>> [claim.verdict(v) for v in (2.0, 0.0, float("nan"))]
        ['holds', 'turns', 'empty']
        """
        if np.isnan(estimate):
            return EMPTY
        held = estimate < self.line if self.below else estimate > self.line
        return HOLDS if held else TURNS


def grid(**choices: Sequence[str]) -> list[Specification]:
    """List every combination of choices, starting with the first choice of each kind.

    >>> grid(words=["tifa", "letters"], uses=["all"])
    [{'words': 'tifa', 'uses': 'all'}, {'words': 'letters', 'uses': 'all'}]
    """
    kinds = list(choices)
    return [dict(zip(kinds, chosen, strict=True)) for chosen in product(*choices.values())]


def run(
    claim: Claim,
    specifications: Iterable[Specification],
    estimate: Callable[[Specification], float],
) -> pd.DataFrame:
    """Compute a claim under every specification, the first of which is the book's own.

    Duplicate specifications count once. ``estimate`` returns the number under a specification, or
    nan where nothing is left to count. Returns one row per specification, in the order given:
    ``finding``, ``estimate``, ``verdict`` (holds, turns, which means that it fails, or empty),
    ``own``, and one column per kind of choice. Raises TifaError if there is no specification, or if
    the claim fails in the first.
    """
    rows: list[dict[str, Any]] = []
    for choices in dict.fromkeys(tuple(s.items()) for s in specifications):
        value = float(estimate(dict(choices)))
        fixed = (claim.finding, value, claim.verdict(value), not rows)
        rows.append(dict(zip(_FIXED, fixed, strict=True)) | dict(choices))
    if not rows or rows[0]["verdict"] != HOLDS:
        raise TifaError(
            f"{claim.finding}: the claim {claim.says!r} does not hold as the chapter counts it; "
            "correct the claim or the chapter"
        )
    return pd.DataFrame(rows)


def choices_made(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the specifications with each choice, and in how many of them the claim fails.

    ``rows`` are those that :func:`run` returns for one claim. Returns one row per choice, in the
    order in which the choices occur: ``kind``, ``choice``, ``specifications``, ``turns`` (in which
    the claim fails) and ``empty`` (with nothing to count).
    """
    kinds = [c for c in rows.columns if c not in _FIXED]
    each = rows.melt("verdict", kinds, "kind", "choice").dropna(subset="choice")
    given = each["verdict"]
    each = each.assign(specifications=1, turns=given == TURNS, empty=given == EMPTY)
    return each.drop(columns="verdict").groupby(["kind", "choice"], sort=False).sum().reset_index()


def changed_alone(rows: pd.DataFrame) -> pd.DataFrame:
    """Select the specifications in which only one choice differs from the compendium's own.

    ``rows`` come from :func:`run`. Returns one row per finding and choice: ``finding``, ``kind``,
    ``choice``, ``own`` and ``estimate`` (the number without and with this choice), ``verdict``.
    """
    found = []
    for finding, rows_of in rows.groupby("finding", sort=False):
        mine = rows_of.dropna(axis=1, how="all")
        kinds = [c for c in mine.columns if c not in _FIXED]
        own = mine[mine["own"]].iloc[0]
        other = mine[kinds].ne(own[kinds]) & mine[kinds].notna()
        for row in mine.index[other.sum(axis=1) == 1]:
            kind = str(other.columns[other.loc[row]][0])
            choice, estimate, verdict = mine.loc[row, [kind, "estimate", "verdict"]]
            found.append((finding, kind, choice, own["estimate"], estimate, verdict))
    columns = ["finding", "kind", "choice", "own", "estimate", "verdict"]
    return pd.DataFrame(found, columns=columns)


def without_idle(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out choices that make no difference when they are changed alone.

    They would multiply the specifications and make the claim look better tested than it is.
    """
    alone = changed_alone(rows)
    idle = alone[(alone["estimate"] - alone["own"]).abs() < IDLE]
    kept = pd.Series(True, index=rows.index)
    for kind, choice in zip(idle["kind"], idle["choice"], strict=True):
        kept &= rows[kind] != choice
    return rows[kept].reset_index(drop=True)


def reasons(rows: pd.DataFrame) -> str:
    """Name the choices that make a claim fail, worst first, until every failure is explained.

    Each step names the choice with the largest share of failures (among equal shares, the one with
    more failures, then the first), and drops the specifications with this choice. Returns a text
    such as "uses: quoted only (8 of 8); base: sentences (2 of 4)", in which the numbers count only
    the specifications that were left; empty if the claim always holds.
    """
    told: list[str] = []
    left = rows
    while (left["verdict"] == TURNS).any():
        table = choices_made(left)
        table = table[table["turns"] > 0].assign(
            share=lambda t: t["turns"] / (t["specifications"] - t["empty"])
        )
        worst = table.sort_values(["share", "turns"], ascending=False, kind="stable").iloc[0]
        kind, choice = str(worst["kind"]), str(worst["choice"])
        asked = int(worst["specifications"] - worst["empty"])
        told.append(f"{kind}: {choice} ({int(worst['turns'])} of {asked})")
        left = left[left[kind] != choice]
    return "; ".join(told)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the specifications in which each claim holds, and in which it fails.

    ``rows`` come from :func:`run`. Returns one row per finding: ``specifications`` (with something
    to count), ``hold``, ``turn``, ``empty`` (with nothing to count), ``numbers`` (how many
    different estimates there are, because many specifications give the same), ``own``, ``lowest``
    and ``highest`` estimate, ``why`` (see :func:`reasons`).
    """
    found = []
    for finding, rows_of in rows.groupby("finding", sort=False):
        asked = rows_of[rows_of["verdict"] != EMPTY]
        found.append(
            {
                "finding": finding,
                "specifications": len(asked),
                "hold": int((asked["verdict"] == HOLDS).sum()),
                "turn": int((asked["verdict"] == TURNS).sum()),
                "empty": len(rows_of) - len(asked),
                "numbers": int(asked["estimate"].round(6).nunique()),
                "own": float(rows_of.loc[rows_of["own"], "estimate"].iloc[0]),
                "lowest": float(asked["estimate"].min()),
                "highest": float(asked["estimate"].max()),
                "why": reasons(rows_of.dropna(axis=1, how="all")),
            }
        )
    return pd.DataFrame(found)


# --- ways to match ------------------------------------------------------------------------

#: The compendium's own way of finding a phrase.
OWN = "as published"


def matchings() -> dict[str, tuple[str, str, str]]:
    """Return the ways of finding a phrase: for each name its tokeniser, sentence splitter, rule."""
    ways = {OWN: (TOKENISER, SPLITTER, "key")}
    for splitter, tokeniser in product(SPLITTERS, TOKENISERS):
        named = [tokeniser] if tokeniser != TOKENISER else []
        named += [splitter] if splitter != SPLITTER else []
        if named:
            ways[" + ".join(named)] = (tokeniser, splitter, "key")
    ways["longest wins"] = (TOKENISER, SPLITTER, "dictionary")
    ways["main wording"] = (TOKENISER, SPLITTER, "main")
    return ways


class Counts:
    """Counts of a corpus under each way of counting: its tokeniser, sentence splitter and rule.

    Hits, words and sentences are arrays with one value per document; frames are a table.

    >>> import tifa
    >>> counts = Counts(tifa.load("briefing"))
    >>> counts.hits("shanghai-spirit", "letters").tolist()
    [1.0, 3.0]
    """

    def __init__(self, corpus: Corpus) -> None:
        self.documents = corpus.documents
        self._place = pd.Series(self.documents.index, index=self.documents["doc_id"])
        self.rows = corpus.specifications
        by = ["measure", "tokeniser", "splitter", "rule"]
        self._parts = dict(list(self.rows.fillna({"rule": ""}).groupby(by, sort=False)))
        self._asked = corpus.about.specifications
        self._known: dict[tuple[str, ...], Floats] = {}

    def _array(self, part: pd.DataFrame | None) -> Floats:
        if part is None:
            return np.zeros(len(self.documents))
        places = self._place[part["doc_id"]].to_numpy()
        weights = part["n"].to_numpy(dtype=float)
        return np.asarray(
            np.bincount(places, weights=weights, minlength=len(self.documents)), dtype=float
        )

    def hits(self, entry: str, matching: str = OWN, *, without: Sequence[str] = ()) -> Floats:
        """Return the hits of an entry in each document, found by one of :func:`matchings`.

        ``matching`` may also be "loose"; ``without`` are ids of variants to leave out. Raises
        TifaError if the corpus has no counts of this entry under other ways of counting.
        """
        key = (entry, matching, *without)
        if key not in self._known:
            if entry not in self._asked:
                raise TifaError(
                    f"{entry!r} is not counted by other rules; there is: {', '.join(self._asked)}"
                )
            way = (TOKENISER, SPLITTER, "loose") if matching == "loose" else matchings()[matching]
            part = self._parts.get(("hits", *way))
            if part is not None:
                part = part[(part["entry"] == entry) & ~part["variant"].isin(without)]
            self._known[key] = self._array(part)
        return self._known[key]

    def words(self, tokeniser: str = TOKENISER) -> Floats:
        """Return the number of words in each document, as a tokeniser counts them."""
        return self._array(self._parts.get(("words", tokeniser, SPLITTER, "")))

    def sentences(self, splitter: str = SPLITTER) -> Floats:
        """Return the number of sentences in each document, as a sentence splitter counts them."""
        return self._array(self._parts.get(("sentences", TOKENISER, splitter, "")))

    def frames(self, rule: str = "full", splitter: str = SPLITTER) -> pd.DataFrame:
        """Return the number of sentences with each frame: a row per document, a column per frame.

        Raises TifaError if the corpus has no such counts for this rule and sentence splitter.
        """
        part = self._parts.get(("frame", TOKENISER, splitter, rule))
        if part is None:
            raise TifaError(f"no frames by rule {rule!r} and splitter {splitter!r}")
        table = part.pivot_table(index="doc_id", columns="frame", values="n", aggfunc="sum")
        return table.reindex(self.documents["doc_id"]).fillna(0)
