"""A multiverse: one claim, computed under every combination of reasonable choices.

A claim says that a number is above (or below) a certain limit. A specification is a combination of
choices, one of each kind, such as a tokeniser and a range of years. The first choice of each kind
is the one that the book made. The caller passes a function that computes the number under a
specification.
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
#: Columns of every table of specifications; the other columns are kinds of choice.
_FIXED = ["finding", "estimate", "verdict", "own"]
#: If a choice changes the number by less than this, it makes no difference.
IDLE = 1e-9


@dataclass(frozen=True)
class Claim:
    """A claim of a finding: its ``quantity`` is above ``line``, or below it if ``below`` is set."""

    finding: str
    says: str
    quantity: str
    line: float
    below: bool = False
    #: The registered claim, if it failed its own criterion and this claim replaces it.
    refuted: str = ""

    def verdict(self, estimate: float) -> str:
        """Return "holds" or "turns" (the claim fails) for a number, or "empty" if it is nan.

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
    """Compute the number of a claim under every specification, and judge the claim by it.

    The first specification must be the book's own; repeated specifications are computed once.
    ``estimate`` returns the number under a specification, or nan if there is nothing to count.

    Returns one row per specification, in the order given: ``finding``, ``estimate``, ``verdict``
    (see :meth:`Claim.verdict`), ``own`` (true in the first row), and one column per kind of choice.
    Raises TifaError if there is no specification, or if the claim fails under the first one.
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

    ``rows`` is the result of :func:`run` for one claim. Returns one row per choice, in order of
    first occurrence: ``kind``, ``choice``, ``specifications`` (how many have this choice),
    ``turns`` (in how many of these the claim fails) and ``empty`` (how many of these have nothing
    to count).
    """
    kinds = [c for c in rows.columns if c not in _FIXED]
    each = rows.melt("verdict", kinds, "kind", "choice").dropna(subset="choice")
    given = each["verdict"]
    each = each.assign(specifications=1, turns=given == TURNS, empty=given == EMPTY)
    return each.drop(columns="verdict").groupby(["kind", "choice"], sort=False).sum().reset_index()


def changed_alone(rows: pd.DataFrame) -> pd.DataFrame:
    """Select the specifications in which only one choice differs from the book's choices.

    ``rows`` are results of :func:`run` for one claim or several. Returns one row per finding and
    choice: ``finding``, ``kind``, ``choice``, ``own`` (the number under the book's choices),
    ``estimate`` (the number with this choice instead) and ``verdict``.
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
    """Drop specifications with a choice that, changed alone, makes no difference to the number.

    Such choices would multiply the specifications, so that the claim would look better tested than
    it is.
    """
    alone = changed_alone(rows)
    idle = alone[(alone["estimate"] - alone["own"]).abs() < IDLE]
    kept = pd.Series(True, index=rows.index)
    for kind, choice in zip(idle["kind"], idle["choice"], strict=True):
        kept &= rows[kind] != choice
    return rows[kept].reset_index(drop=True)


def reasons(rows: pd.DataFrame) -> str:
    """Name the choices that make a claim fail, worst first, until every failure is explained.

    The worst choice is the one with the largest share of failures among its specifications that
    have something to count. If several have the same share, it is the one with the most failures;
    if these are equal too, it is the first. It is named, all specifications with it are dropped,
    and the search starts again with the rest. Returns a string such as "uses: quoted only (8 of 8);
    base: sentences (2 of 4)". The second part means that 4 specifications with this choice and
    something to count were left, and that 2 of them failed. The string is empty if the claim always
    holds.
    """
    named: list[str] = []
    left = rows
    while (left["verdict"] == TURNS).any():
        table = choices_made(left)
        table = table[table["turns"] > 0].assign(
            share=lambda t: t["turns"] / (t["specifications"] - t["empty"])
        )
        worst = table.sort_values(["share", "turns"], ascending=False, kind="stable").iloc[0]
        kind, choice = str(worst["kind"]), str(worst["choice"])
        asked = int(worst["specifications"] - worst["empty"])
        named.append(f"{kind}: {choice} ({int(worst['turns'])} of {asked})")
        left = left[left[kind] != choice]
    return "; ".join(named)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the specifications in which each claim holds, and those in which it fails.

    ``rows`` are results of :func:`run` for one claim or several. Returns one row per finding:
    ``specifications`` (how many have something to count), ``hold`` and ``turn`` (in how many of
    them the claim holds or fails), ``empty`` (how many have nothing to count), ``numbers`` (how
    many distinct estimates there are), ``own`` (the estimate under the book's choices), ``lowest``
    and ``highest`` (of all estimates) and ``why`` (see :func:`reasons`).
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

#: Name of the way of finding a phrase that the book uses.
OWN = "as published"


def matchings() -> dict[str, tuple[str, str, str]]:
    """Map the name of each way of finding a phrase to its tokeniser, sentence splitter and rule."""
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
    """Counts of a corpus under each way of counting (by tokeniser, sentence splitter and rule).

    The counts of hits, words and sentences are arrays with one value per document; the counts of
    frames are a table.

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
        """Return the number of hits of an entry in each document.

        ``matching`` is a name from :func:`matchings`, or "loose" to count the sentences that have
        all words of the entry's first pattern, in any order. ``without`` are ids of variants to
        leave out. Raises TifaError if the corpus has no such counts of this entry.
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
        """Return the number of words in each document by one of the tokenisers."""
        return self._array(self._parts.get(("words", tokeniser, SPLITTER, "")))

    def sentences(self, splitter: str = SPLITTER) -> Floats:
        """Return the number of sentences in each document by one of the sentence splitters."""
        return self._array(self._parts.get(("sentences", TOKENISER, splitter, "")))

    def frames(self, rule: str = "full", splitter: str = SPLITTER) -> pd.DataFrame:
        """Return the number of sentences with each frame, one row per document.

        There is one column per frame. Raises TifaError if the corpus has no such counts for this
        rule and sentence splitter.
        """
        part = self._parts.get(("frame", TOKENISER, splitter, rule))
        if part is None:
            raise TifaError(f"no frames by rule {rule!r} and splitter {splitter!r}")
        table = part.pivot_table(index="doc_id", columns="frame", values="n", aggfunc="sum")
        return table.reindex(self.documents["doc_id"]).fillna(0)
