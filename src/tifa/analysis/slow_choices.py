"""Compute those results about states joining the SCO that take too long for a notebook.

The notebooks read these results from data/slow_choices.csv. The choices and their names are those
of the claims ``panel`` and ``panel-families`` in data/registered.yml. The rows of ``panel-draws``,
which is not a claim, have intervals and p-values that a notebook shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tifa.analysis import panel as panels
from tifa.analysis.debate_choices import OFTEN, RIVALS, members_of
from tifa.analysis.entering import BEFORE as LOW
from tifa.analysis.entering import FOUNDERS, PERIODS, Entering, ratio_of_ratios, two_periods
from tifa.analysis.membership import standing
from tifa.analysis.multiverse import Specification
from tifa.analysis.registered import registration
from tifa.data.corpus import load
from tifa.lexicon.load import phrasebook

#: Options of the claim ``panel`` whose models take minutes.
SLOW = ("negative binomial", "a straight line for each state")
#: The family of common diplomatic words, with which formulations are compared.
PLACEBO = "diplomatic"
#: How often states are drawn for each claim; for "panel-draws", also how often the status is
#: assigned at random.
DRAWS = {"panel-families": 99, "panel-draws": 999}
#: Years to try as the beginning of the founders' later period: the book's choice, 2013, was made
#: after the averages had been seen.
SINCE = range(2006, 2020)
#: Years (first and last) with which all others are compared; the claim ``panel-time`` names them.
REFERENCE = (1998, 2000)
#: Other groups of states that some states joined or left in the years of the panel.
CLUBS = ("CIS", "CSTO", "ASEAN")
#: Choices that use the founders without Russia; added after the claims had been registered.
CENTRAL = {"who enters": "founders of 2001", "left out": "Russia"}
Row = tuple[str, str, float, float, float]


def slow_choices(data: Path, claim: str, *, draws: int | None = None) -> Iterator[Row]:
    """Compute the ratio of a claim under each of its slow choices; all others are the book's.

    Yields kind of choice, choice, ratio, lower and upper limit (95 %); numbers that cannot be
    computed are missing. For the claim "panel", the ratio is the rate after accession divided by
    the rate before, with limits from standard errors clustered by state. For "panel-families", it
    is this ratio for the formulations divided by the same ratio for common diplomatic words, with
    limits from ``draws`` random draws of states. For "panel-draws", see :func:`_many_draws`.

    >>> from tifa.util.data_folder import data_folder
    >>> next(slow_choices(data_folder(), "panel"))[:2]
    ('left out', 'the state AFG')
    """
    corpus, registered = load("ungdc", data=data), registration(data=data)
    question = Entering(
        corpus.documents.reset_index(drop=True),
        corpus.hits,
        pd.read_csv(data / "facts" / "memberships.csv"),
        phrasebook(data=data),
        registered,
    )
    choices, main = registered.claim("panel").choices, registered.claim("panel").main
    if claim == "panel":
        states = sorted({*question.panel(main)["country"]})
        single = [("left out", f"the state {state}") for state in states]
        single += [(kind, o) for kind, options in choices.items() for o in options if o in SLOW]
        for kind, option in single:
            yield kind, option, *question.ratio({**main, kind: option})
    elif claim == "panel-draws":
        clubs = pd.read_csv(data / "facts" / "clubs.csv")
        yield from _many_draws(question, main, clubs, draws or DRAWS[claim])
    else:
        yield from _families(question, main, draws or DRAWS[claim])


def _many_draws(
    question: Entering, main: Specification, clubs: pd.DataFrame, draws: int
) -> Iterator[Row]:
    """Compute the numbers of ``panel-draws``, from draws of states and from random assignments.

    Draws of states give ratios with limits. Random assignments of the status give two kinds of
    rows. If the name of the choice ends in "at random", the row has a p-value instead of a ratio:
    the share of assignments with at least as large a rise (for later members and for the years from
    2001, with at least as large a fall). If it ends in "by their spread", the row has a ratio with
    limits: on the log scale, 1.96 standard deviations of the assignments' estimates on each side.
    The last rows come from ``_best_years`` and ``_paths``, and are about the founders only.
    """
    options = question.options(main)
    everybody, of_founders = question.panel(main), question.panel({**main, **FOUNDERS})
    since_2013 = two_periods(of_founders)
    for name, table, terms in (
        ("all that entered", everybody, ["entered"]),
        ("founders since 2013", since_2013, PERIODS),
    ):
        found = panels.fit(table, terms, **options)["estimate"].iloc[-1]
        drawn = panels.draw_states(table, terms, draws=draws, **options)[:, -1]
        yield "states drawn anew", name, *np.exp([found, *np.nanquantile(drawn, [0.025, 0.975])])

    def at_random(
        name: str, table: pd.DataFrame, terms: list[str] = PERIODS, sign: int = 1
    ) -> Iterator[Row]:
        found = panels.fit(table, terms, **options)["estimate"].iloc[-1]
        given = panels.assign_standing(table, terms, draws=draws, **options)[:, -1]
        chance = panels.at_least(sign * found, sign * given)
        yield "random assignments", f"{name}, at random", chance, np.nan, np.nan
        half = 1.96 * np.nanstd(given)
        limits = np.exp([found, found - half, found + half])
        yield "random assignments", f"{name}, by their spread", *limits

    for name, changed, sign in (
        ("all that entered", {}, 1),
        ("founders of 2001", {"who enters": "founders of 2001"}, 1),
        ("central founders", CENTRAL, 1),
        ("later members", {"who enters": "those who entered later"}, -1),
        ("from 2001", {"years": "2001-2024"}, -1),
    ):
        yield from at_random(name, question.panel({**main, **changed}), ["entered"], sign)
    for club in CLUBS:
        inside = standing(everybody, clubs[clubs["club"] == club]) == "member"
        yield from at_random(club, everybody.assign(entered=inside.astype(int)), ["entered"])
    yield from at_random("founders since 2013", since_2013)
    yield from at_random("against {}-{}".format(*LOW), two_periods(of_founders, before=LOW))
    listed, _ = question.formulas(main)
    for part, share in OFTEN.items():
        rare = {*listed} - {*question.often_said(listed, share)}
        table = panels.speech_panel(since_2013, question.hits, rare)
        yield from at_random(f"without what {part} say", table)
    states = sorted(set(of_founders.loc[of_founders["entered"] == 1, "country"]))
    others = of_founders[~of_founders["country"].isin(states)]
    for group, at in RIVALS.items():
        inside = others["country"].isin(members_of(clubs, *at)) & (others["year"] >= 2001)
        yield from at_random(group, two_periods(others.assign(entered=inside.astype(int))))
    yield from _best_years(of_founders, draws, options)
    yield from _paths(since_2013, states, draws, options)


def _best_years(of_founders: pd.DataFrame, draws: int, options: dict[str, Any]) -> Iterator[Row]:
    """Compute a p-value for the founders' rise from the year in which it would be largest.

    The years of :data:`SINCE` are tried. For each random assignment, its own largest rise over
    these years is used, too.
    """
    found, given = [], []
    for year in SINCE:
        table = two_periods(of_founders, year)
        found.append(panels.fit(table, PERIODS, **options)["estimate"].iloc[-1])
        given.append(panels.assign_standing(table, PERIODS, draws=draws, **options)[:, -1])
    chance = panels.at_least(max(found), np.nanmax(given, axis=0))
    yield "random assignments", "founders in their best year, at random", chance, np.nan, np.nan


def _paths(
    since_2013: pd.DataFrame, states: list[str], draws: int, options: dict[str, Any]
) -> Iterator[Row]:
    """Yield the founders' path over the years, and its largest rises between blocks before 2013.

    A path has one ratio per block of years: the rate in this block, relative to other states and to
    the rate in the years of :data:`REFERENCE`. The path is in blocks of three years; largest rises
    are also computed for blocks of one and of five. Limits come from the paths of random states. A
    p-value is the share of these paths with a largest rise at least as large as the founders' rise
    since 2013.
    """
    rise = panels.fit(since_2013, PERIODS, **options)["ratio"].iloc[-1]
    for size in (3, 1, 5):
        marked, blocks = panels.blocks(since_2013, states, size=size, reference=REFERENCE)
        path = panels.fit(marked, blocks, **options)
        given = np.exp(panels.assign_standing(marked, blocks, draws=draws, **options))
        if size == 3:
            low, high = np.nanquantile(given, [0.025, 0.975], axis=0)
            for row, term in enumerate(path["term"]):
                yield "random path", term, path["ratio"].iloc[row], low[row], high[row]
        begins = path["term"].str.removeprefix("block_").astype(int)
        own = largest_step(pd.Series(path["ratio"].to_numpy(), begins), size)
        yield "largest step", f"blocks of {size}", own, np.nan, np.nan
        steps = np.array([largest_step(pd.Series(g, begins).dropna(), size) for g in given])
        chance = panels.at_least(rise, steps)
        yield "random assignments", f"blocks of {size}, at random", chance, np.nan, np.nan


def largest_step(ratios: pd.Series[float], size: int) -> float:
    """Return the largest rise from one block of years to the next before 2013, as a factor.

    ``ratios`` has the ratio of each block to the years of :data:`REFERENCE`, indexed by first year.
    These years are added as one more block, with the ratio 1.

    >>> largest_step(pd.Series({1995: 0.8, 2001: 1.2, 2004: 1.8, 2013: 9.0}), 3)
    1.5
    """
    path = pd.concat([ratios, pd.Series({REFERENCE[0]: 1.0})]).sort_index()
    before = path[path.index + size <= 2013]
    return float((before / before.shift()).max())


def _families(question: Entering, main: Specification, draws: int) -> Iterator[Row]:
    """Divide the ratio for formulations by the ratio for common diplomatic words.

    This is done under several choices. Each of them leaves out one of the words, or uses a single
    family of formulations, or uses another status.
    """
    listed, _ = question.formulas(main)
    words = [e.id for e in question.book.entries if e.family == PLACEBO]
    own, placebo = (question.drawn(main, e, draws) for e in (listed, words))
    for word in words:
        others = [w for w in words if w != word]
        drawn = question.drawn(main, others, draws)
        yield "placebo", f"without {word}", *ratio_of_ratios(own, drawn)
    family = {e: question.book.entry(e).family for e in listed}
    for name in dict.fromkeys(family.values()):
        of_family = [e for e in listed if family[e] == name]
        yield "listed", name, *ratio_of_ratios(question.drawn(main, of_family, draws), placebo)
    standing = "any standing by the decision"
    both = (question.drawn({**main, "standing": standing}, e, draws) for e in (listed, words))
    yield "standing", standing, *ratio_of_ratios(*both)
