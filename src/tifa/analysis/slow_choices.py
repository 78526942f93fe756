"""Registered choices that take minutes: slow models of the panel, and single families of words.

The notebooks read the results from data/slow_choices.csv. The choices and their names are those
of the claims ``panel`` and ``panel-families`` in data/registered.yml; ``panel-draws`` has the
intervals and random assignments of the notebook again, with ten times as many draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tifa.analysis import panel as panels
from tifa.analysis.entering import FOUNDERS, PERIODS, Entering, ratio_of_ratios, two_periods
from tifa.analysis.multiverse import Specification
from tifa.analysis.registered import registration
from tifa.data.corpus import load
from tifa.lexicon.load import phrasebook
from tifa.lexicon.model import Phrasebook

#: Options of the claim ``panel`` that take too long for a notebook.
SLOW = ("negative binomial", "a straight line for each state")
#: The family of common diplomatic words.
PLACEBO = "diplomatic"
#: Draws of states, and in "panel-draws" also random assignments.
DRAWS = {"panel-families": 99, "panel-draws": 999}
#: First years of the founders' later period; 2013 was chosen after the averages had been seen.
SINCE = range(2006, 2020)
#: The years that the founders' path is compared with, as registered in the claim "panel-time".
BEFORE = (1998, 2000)
Row = tuple[str, str, float, float, float]


def slow_choices(data: Path, claim: str, *, draws: int | None = None) -> Iterator[Row]:
    """Compute the slow choices of a claim, each changed alone.

    Yields kind of choice, choice, ratio, lower and upper limit (95 %), missing where nothing can be
    divided. Of "panel" this is the rate ratio after accession, with standard errors clustered by
    state; of "panel-families" that of the formulations over that of the diplomatic words, with
    ``draws`` draws of states.

    >>> from tifa.util.data_folder import data_folder
    >>> next(slow_choices(data_folder(), "panel"))[:2]
    ('left out', 'the state AFG')
    """
    corpus, registered = load("ungdc", data=data), registration(data=data)
    book = phrasebook(data=data)
    question = Entering.of_china(
        corpus.documents.reset_index(drop=True),
        corpus.hits,
        pd.read_csv(data / "facts" / "memberships.csv"),
        book,
        registered,
    )
    choices, main = registered.claim("panel").choices, registered.claim("panel").main
    if claim == "panel":
        single = [
            ("left out", f"the state {s}") for s in sorted({*question.panel(main)["country"]})
        ]
        single += [(kind, o) for kind, options in choices.items() for o in options if o in SLOW]
        for kind, option in single:
            yield kind, option, *question.ratio({**main, kind: option})
    elif claim == "panel-draws":
        yield from _many_draws(question, main, draws or DRAWS[claim])
    else:
        yield from _families(question, main, book, draws or DRAWS[claim])


def _many_draws(question: Entering, main: Specification, draws: int) -> Iterator[Row]:
    """The panel and the founders since 2013, as the notebook has them, with more draws.

    Also how many random sets of states rise as much as the founders since 2013 in their own best
    year of :data:`SINCE`.
    """
    of_founders = question.panel({**main, **FOUNDERS})
    since_2013 = two_periods(of_founders)
    options = question.options(main)
    for name, table, terms in (
        ("all that entered", question.panel(main), ["entered"]),
        ("founders since 2013", since_2013, PERIODS),
    ):
        found = panels.fit(table, terms, **options)["estimate"].iloc[-1]
        drawn = panels.draw_states(table, terms, draws=draws, **options)[:, -1]
        yield "states drawn anew", name, *np.exp([found, *np.nanquantile(drawn, [0.025, 0.975])])
        given = panels.assign_standing(table, terms, draws=draws, **options)[:, -1]
        chance = panels.at_least(found, given)
        yield "random assignments", f"{name}, at random", chance, np.nan, np.nan
    by_year = [two_periods(of_founders, year) for year in SINCE]
    highest = np.nanmax(
        [panels.assign_standing(t, PERIODS, draws=draws, **options)[:, -1] for t in by_year], axis=0
    )
    chance = panels.at_least(found, highest)
    yield "random assignments", "founders since any year, at random", chance, np.nan, np.nan
    states = sorted(set(since_2013.loc[since_2013["entered"] == 1, "country"]))
    marked, blocks = panels.blocks(since_2013, states, reference=BEFORE)
    path = panels.fit(marked, blocks, **options)
    given = np.exp(panels.assign_standing(marked, blocks, draws=draws, **options))
    low, high = np.nanquantile(given, [0.025, 0.975], axis=0)
    for row, term in enumerate(path["term"]):
        yield "random path", term, path["ratio"].iloc[row], low[row], high[row]


def _families(
    question: Entering, main: Specification, book: Phrasebook, draws: int
) -> Iterator[Row]:
    """Formulations against diplomatic words: by family, without each word, by another standing."""
    listed, _ = question.formulas(main)
    words = [e.id for e in book.entries if e.family == PLACEBO]
    own, placebo = (question.drawn(main, e, draws) for e in (listed, words))
    for word in words:
        rest = [w for w in words if w != word]
        yield "placebo", f"without {word}", *ratio_of_ratios(own, question.drawn(main, rest, draws))
    family = {e: book.entry(e).family for e in listed}
    for name in dict.fromkeys(family.values()):
        some = [e for e in listed if family[e] == name]
        yield "listed", name, *ratio_of_ratios(question.drawn(main, some, draws), placebo)
    standing = "any standing by the decision"
    both = (question.drawn({**main, "standing": standing}, e, draws) for e in (listed, words))
    yield "standing", standing, *ratio_of_ratios(*both)
