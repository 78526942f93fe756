"""Registered choices that take minutes: slow models of the panel, and single families of words.

The notebooks read the results from data/slow_choices.csv. The choices and their names are
those of the claims ``panel`` and ``panel-families`` in data/registered.yml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tifa.analysis import panel as panels
from tifa.analysis.entering import Entering, Specification
from tifa.analysis.registered import registration
from tifa.data.corpus import load
from tifa.lexicon.load import phrasebook
from tifa.lexicon.model import Phrasebook
from tifa.util.errors import TifaError

#: Options of the claim ``panel`` that take too long for a notebook.
SLOW = ("negative binomial", "a straight line for each state")
#: The family of common diplomatic words.
PLACEBO = "diplomatic"
Row = tuple[str, str, float, float, float]


def slow_choices(data: Path, claim: str, *, draws: int = 99) -> Iterator[Row]:
    """Compute the slow choices of a claim, "panel" or "panel-families", each changed alone.

    Yields kind of choice, choice, ratio, lower and upper limit (95 %). Of "panel" this is the rate
    ratio after accession, with standard errors clustered by state; of "panel-families" that of the
    formulations over that of the diplomatic words, with ``draws`` draws of states. Missing where
    nothing can be divided.

    >>> from tifa.util.data_folder import data_folder
    >>> next(slow_choices(data_folder(), "panel"))[:2]
    ('left out', 'the state AFG')
    """
    corpus, registered = load("ungdc", data=data), registration(data=data)
    book = phrasebook(data=data)
    speeches = corpus.documents.reset_index(drop=True)
    ours = speeches["government"].fillna("").str.contains("People's Republic of China")
    question = Entering(
        speeches,
        corpus.hits,
        pd.read_csv(data / "facts" / "memberships.csv"),
        frozenset(speeches.loc[ours, "doc_id"]),
        book,
        registered.lists["distinctive"].entries,
    )
    choices = registered.claim("panel").choices
    main = {kind: options[0] for kind, options in choices.items()}
    if claim == "panel":
        yield from _each_state(question, main)
        yield from _models(question, main, choices)
    else:
        yield from _families(question, main, book, draws)


def _models(
    question: Entering, main: Specification, choices: dict[str, list[str]]
) -> Iterator[Row]:
    for kind, options in choices.items():
        for option in options:
            if option in SLOW:
                yield kind, option, *_ratio(question, {**main, kind: option})


def _each_state(question: Entering, main: Specification) -> Iterator[Row]:
    for state in sorted(set(question.panel(main)["country"])):
        option = f"the state {state}"
        yield "left out", option, *_ratio(question, {**main, "left out": option})


def _ratio(question: Entering, specification: Specification) -> tuple[float, float, float]:
    options = question.options(specification)
    try:
        row = panels.fit(question.panel(specification), ["entered"], **options).iloc[0]
    except TifaError:  # nothing to divide by
        return np.nan, np.nan, np.nan
    return float(row["ratio"]), float(row["low"]), float(row["high"])


def _families(
    question: Entering, main: Specification, book: Phrasebook, draws: int
) -> Iterator[Row]:
    """Formulations against diplomatic words: by family, without each word, by another standing."""
    listed, _ = question.formulas(main)
    words = [e.id for e in book.entries if e.family == PLACEBO]
    own, placebo = (_drawn(question, main, e, draws) for e in (listed, words))
    for word in words:
        rest = [w for w in words if w != word]
        yield "placebo", f"without {word}", *_apart(own, _drawn(question, main, rest, draws))
    family = {e: book.entry(e).family for e in listed}
    for name in dict.fromkeys(family.values()):
        some = [e for e in listed if family[e] == name]
        yield "listed", name, *_apart(_drawn(question, main, some, draws), placebo)
    standing = "any standing by the decision"
    both = (_drawn(question, {**main, "standing": standing}, e, draws) for e in (listed, words))
    yield "standing", standing, *_apart(*both)


def _drawn(
    question: Entering, specification: Specification, entries: Iterable[str], draws: int
) -> Any:
    """Log ratio of some entries, and then of each draw of states; missing if there is none."""
    table = question.panel(specification).drop(columns=["different", "places"])
    table = panels.speech_panel(table, question.hits, entries)
    options = question.options(specification)
    try:
        found = panels.fit(table, ["entered"], **options)["estimate"].to_numpy()
    except TifaError:
        return np.full(1 + draws, np.nan)
    drawn = panels.draw_states(table, ["entered"], draws=draws, **options)[:, 0]
    return np.concatenate([found, drawn])


def _apart(one: Any, other: Any) -> tuple[float, float, float]:
    """Ratio of two ratios that were computed in the same draws, with its interval."""
    apart = one - other
    if np.isnan(apart[0]):
        return np.nan, np.nan, np.nan
    low, high = np.nanquantile(apart[1:], [0.025, 0.975])
    return float(np.exp(apart[0])), float(np.exp(low)), float(np.exp(high))
