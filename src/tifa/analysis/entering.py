"""Do states that join the Shanghai Cooperation Organisation (SCO) adopt China's formulations?

The answer is the rate after joining divided by the rate before, under any combination of choices.
The choices and their names are those of the claim ``panel`` in data/registered.yml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from tifa.analysis import panel as panels
from tifa.analysis.membership import standing
from tifa.analysis.multiverse import Specification
from tifa.analysis.registered import Registration
from tifa.lexicon.model import Phrasebook
from tifa.stats.check import Floats
from tifa.util.errors import TifaError

#: ISO codes of the states whose territory was in the Soviet Union.
POST_SOVIET = frozenset(
    "ARM AZE BLR EST GEO KAZ KGZ LTU LVA MDA RUS TJK TKM UKR UZB".split()  # noqa: SIM905
)
T = TypeVar("T")
#: Choices that compare the founders with states that never had any status in the SCO.
FOUNDERS = {
    "who enters": "founders of 2001",
    "compared with": "states that never had a standing",
}
#: An earlier period (first and last year) to compare with the years since 2013; it leaves out 2009
#: to 2012, in which rates were low.
BEFORE = (2005, 2008)
#: The columns that :func:`two_periods` adds.
PERIODS = ["founding", "later"]

_MODELS: dict[str, panels.Model] = {
    "Poisson": "poisson",
    "least squares on the count": "ols",
    "least squares on the log of 1 + count": "log ols",
    "negative binomial": "negative binomial",
}
_LENGTHS: dict[str, panels.Length] = {
    "log words as a covariate": "covariate",
    "as an offset": "offset",
    "left out": "left out",
}
_OUTCOMES = {"different formulas": "different", "all places": "places"}
_TRENDS: dict[str, dict[str, Any]] = {
    "none": {},
    "a straight line for each state": {"lines": True},
    "a constant of each year for post-Soviet states apart": {"apart": "soviet"},
}
_DATES = {"decision": "decided", "memorandum": "memorandum"}
_LISTS = {
    "in 3 speeches of China since 1972": (3, 1972, 2024),
    "in 2 speeches": (2, 1972, 2024),
    "in 5 speeches": (5, 1972, 2024),
    "in 3 speeches of 1972-2012": (3, 1972, 2012),
    "in 3 speeches of 1992-2024": (3, 1992, 2024),
}
#: For each estimator, whether it uses :func:`tifa.analysis.panel.by_cohort`.
_ESTIMATORS = {
    "two-way fixed effects": False,
    "difference in differences by cohort against states that never had a standing": True,
}
_LEFT_OUT: dict[str, tuple[set[str], set[int]]] = {
    "nothing": (set(), set()),
    "Russia": ({"RUS"}, set()),
    "Afghanistan": ({"AFG"}, set()),
    "session 79 (2024; wording in part a machine's)": (set(), {2024}),
    "sessions 75 and 76 (pandemic)": (set(), {2020, 2021}),
}


@dataclass(frozen=True)
class Entering:
    """The tables that answer the question of this module, with methods that compute the answer.

    ``documents`` has ``doc_id``, ``country``, ``year``, ``words`` and ``government`` of all
    speeches in the UN General Debate; ``hits`` has ``doc_id`` and ``entry``; ``memberships`` is as
    for :func:`tifa.analysis.membership.standing`, with two more dates: ``decided`` (of the decision
    to give the status) and ``memorandum`` (of the memorandum on accession), empty if there was
    none.
    """

    documents: pd.DataFrame
    hits: pd.DataFrame
    memberships: pd.DataFrame
    book: Phrasebook
    registered: Registration
    _panels: dict[tuple[str, ...], pd.DataFrame] = field(default_factory=dict, repr=False)

    @cached_property
    def is_china(self) -> pd.Series[bool]:
        """For each speech, whether the People's Republic of China gave it."""
        return by_china(self.documents)

    @cached_property
    def _dated(self) -> pd.DataFrame:
        speeches = self.documents[["doc_id", "year", "country"]].assign(is_china=self.is_china)
        return self.hits[["doc_id", "entry"]].merge(speeches, on="doc_id")

    @cached_property
    def _first_by_china(self) -> pd.Series[Any]:
        return self._dated[self._dated["is_china"]].groupby("entry")["year"].min()

    def said_earlier(
        self, entries: Sequence[str], countries: set[str] | None = None, *, since: int = 0
    ) -> set[str]:
        """Return those of ``entries`` that another state used in an earlier year than China.

        ``countries`` are the other states to look at, by default all. Speeches of other states
        before ``since`` are ignored.
        """
        others = self._dated[~self._dated["is_china"] & (self._dated["year"] >= since)]
        if countries is not None:
            others = others[others["country"].isin(countries)]
        first = others.groupby("entry")["year"].min().reindex(list(entries))
        return set(first.index[first < self._first_by_china.reindex(list(entries))])

    def often_said(self, entries: Sequence[str], share: float) -> list[str]:
        """Return those of ``entries`` that many speeches of other states since 2001 contain.

        An entry must occur in at least the given ``share`` of these speeches. The entry in the
        largest number of speeches comes first.
        """
        others = self.documents[~self.is_china & (self.documents["year"] >= 2001)]
        hits = self.hits[self.hits["doc_id"].isin(others["doc_id"])]
        hits = hits[hits["entry"].isin(entries)].drop_duplicates(["doc_id", "entry"])
        use = hits["entry"].value_counts() / len(others)
        return [str(entry) for entry in use.index[use >= share]]

    def formulas(self, specification: Specification) -> tuple[list[str], pd.Series[Any] | None]:
        """Return the entries to count, and a Series of the first year in which each one counts.

        Only one option limits the years; under all others, None is returned instead of the Series.
        Raises TifaError for an unknown option.
        """
        how, without = specification["formulas listed"], specification["formulas left out"]
        since = None
        if how == "the list distinctive below":
            found = sorted(self.registered.lists["distinctive"].entries)
        elif how == "only from the year on in which China has said the formula itself":
            found, since = self._listed(3, 1972, 2024), self._first_by_china
        else:
            found = self._listed(*_chosen("formulas listed", how, _LISTS))
        if without == "the six components of the Spirit":
            out = set(self.book.entry("shanghai-spirit").components)
        elif without == "entries of a single word":
            out = {e for e in found if self._single_word(e)}
        elif without == "those that Russia or the Soviet Union said first in these debates":
            out = self.said_earlier(found, {"RUS"})
        elif without == "those that another state said first in these debates":
            out = self.said_earlier(found)
        else:
            out = _chosen("formulas left out", without, {"none": set[str]()})
        return [e for e in found if e not in out], since

    def _listed(self, least: int, first: int, last: int) -> list[str]:
        """Return the formulations that occur in ``least`` or more of China's speeches in a period.

        ``first`` and ``last`` are the first and the last year of the period.
        """
        role = {e.id: self.book.families[e.family].role for e in self.book.entries}
        said = self._dated[self._dated["is_china"] & self._dated["year"].between(first, last)]
        speeches = said.groupby("entry")["doc_id"].nunique()
        return [str(e) for e in speeches.index[speeches >= least] if role.get(str(e)) == "tifa"]

    def _single_word(self, entry: str) -> bool:
        patterns = [p for v in self.book.entry(entry).variants for p in v.patterns]
        return all(" " not in p and "-" not in p for p in patterns)

    def panel(self, specification: Specification) -> pd.DataFrame:
        """Return other states' speeches with their counts of formulations under a specification.

        Columns are those of :func:`tifa.analysis.panel.speech_panel`, and ``entered`` (1 if the
        state has the chosen status in that year, else 0), ``never`` (true if the state never had
        any status) and ``soviet`` (1 if the state is post-Soviet, else 0). Raises TifaError for an
        unknown option.
        """
        key = (specification["formulas listed"], specification["formulas left out"])
        if key not in self._panels:
            found, since = self.formulas(specification)
            counted = panels.speech_panel(self._speeches, self.hits, found, since=since)
            self._panels[key] = counted
        return self._choose_states(self._panels[key], specification)

    @cached_property
    def _speeches(self) -> pd.DataFrame:
        china = self.documents.loc[self.is_china, "country"].unique()
        others = self.documents[~self.documents["country"].isin(china)]
        table = others[["doc_id", "country", "year", "words"]].reset_index(drop=True)
        dated = self.memberships.copy()
        for column in _DATES.values():
            dated[column] = dated[column].fillna(dated["from"])
        for name, column in _DATES.items():
            begins = dated.assign(**{"from": dated[column]})
            # a status ends when the next one begins, so both dates must be decisions or both
            # memoranda
            nexts = begins.sort_values("from").groupby("country_code")["from"].shift(-1)
            table[name] = standing(table, begins.assign(to=nexts.fillna(begins["to"])))
        return table

    def _choose_states(self, panel: pd.DataFrame, specification: Specification) -> pd.DataFrame:
        kind, _, date = specification["standing"].rpartition(" by the ")
        column = date.removeprefix("summit's ")
        has, country = panel[_chosen("standing", column, {c: c for c in _DATES})], panel["country"]
        inside = {"member": has == "member", "any standing": has != "none"}
        panel = panel.assign(
            entered=_chosen("standing", kind, inside).astype(int),
            soviet=country.isin(POST_SOVIET).astype(int),
            # a status that began after the last speech of these tables counts too, as Myanmar's did
            never=~country.isin(set(self.memberships["country_code"])),
        )
        entering = set(country[panel["entered"] == 1].unique())
        founders = set(country[(has == "member") & (panel["year"] <= 2002)].unique())
        not_entering = {
            "all": set[str](),
            "founders of 2001": entering - founders,
            "those who entered later": founders,
        }
        compared = {
            "all other states": set(country.unique()),
            "states that never had a standing": set(country[panel["never"]].unique()),
            "post-Soviet states that never were members": POST_SOVIET
            - set(country[has == "member"].unique()),
        }
        others = _chosen("compared with", specification["compared with"], compared)
        not_compared = _chosen("who enters", specification["who enters"], not_entering)
        left_out = specification["left out"]
        if left_out.startswith("the state "):
            states, years = {left_out.removeprefix("the state ")}, set[int]()
        else:
            states, years = _chosen("left out", left_out, _LEFT_OUT)
        first, last = (int(y) for y in specification["years"].split("-"))
        keep = country.isin((others | entering) - not_compared - states)
        keep &= panel["year"].between(first, last) & ~panel["year"].isin(years)
        return panel[keep].reset_index(drop=True)

    def options(self, specification: Specification) -> dict[str, Any]:
        """Return the options of :func:`tifa.analysis.panel.fit` under a specification."""
        return {
            "outcome": _OUTCOMES[specification["outcome"]],
            "model": _MODELS[specification["model"]],
            "length": _LENGTHS[specification["length of the speech"]],
            **_TRENDS[specification["trends"]],
        }

    def drawn(self, specification: Specification, entries: Iterable[str], draws: int) -> Floats:
        """Return the log ratio for some entries, then the log ratio in each random draw of states.

        All these numbers are missing if the log ratio of the real states cannot be estimated.
        """
        table = panels.speech_panel(self.panel(specification), self.hits, entries)
        options = self.options(specification)
        found = panels.estimates(table, ["entered"], **options)
        if np.isnan(found).any():
            return np.full(1 + draws, np.nan)
        drawn = panels.draw_states(table, ["entered"], draws=draws, **options)[:, 0]
        return np.concatenate([found, drawn])

    def ratio(
        self, specification: Specification, entries: Iterable[str] | None = None
    ) -> tuple[float, float, float]:
        """Return the rate after joining divided by the rate before, and the ratio's 95% limits.

        ``entries``, if given, are counted instead of the formulations of the specification. All
        three numbers are missing if the model cannot be estimated under these choices. If the
        estimator compares by cohort, only the limits are missing.
        """
        panel, options = self.panel(specification), self.options(specification)
        if entries is not None:
            panel = panels.speech_panel(panel, self.hits, entries)
        by_cohort = _chosen("estimator", specification["estimator"], _ESTIMATORS)
        try:
            if not by_cohort:
                return panels.ratio(panel, ["entered"], **options)
            joined = float(np.exp(panels.by_cohort(panel, "entered", **options)))
        except TifaError:
            joined = np.nan
        return joined, np.nan, np.nan


def by_china(documents: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each speech is by the People's Republic of China.

    The code of the country is not enough, because Taiwan spoke for China until 1971.
    """
    return documents["government"].fillna("").str.contains("People's Republic of China")


def ratio_of_ratios(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Return the ratio of two ratios and its 95% limits, from two results of Entering.drawn.

    Both results must come from the same specification, with the same number of draws; the same
    states are then drawn for both.
    """
    apart = one - other
    if np.isnan(apart[0]):
        return np.nan, np.nan, np.nan
    found, low, high = np.exp([apart[0], *np.nanquantile(apart[1:], [0.025, 0.975])])
    return float(found), float(low), float(high)


def two_periods(
    panel: pd.DataFrame, since: int = 2013, *, before: tuple[int, int] | None = None
) -> pd.DataFrame:
    """Add two terms for :func:`tifa.analysis.panel.fit`, to estimate a change from ``since`` on.

    ``founding`` is 1 in all years in which the state has the status, and ``later`` is 1 in such
    years from ``since`` on. ``before`` is a period, given as its first and last year. If it is
    given, rows outside it are dropped from the years between the first accession of a state and
    ``since``.

    >>> panel = pd.DataFrame({"year": [2000, 2012, 2013], "entered": [0, 1, 1]})
    >>> two_periods(panel)[PERIODS].values.tolist()
    [[0, 0], [1, 0], [1, 1]]
    """
    year, inside = panel["year"], panel["entered"] == 1
    table = panel.assign(founding=panel["entered"], later=(inside & (year >= since)).astype(int))
    if before is None:
        return table
    earlier = year.between(year[inside].min(), since - 1)
    return table[~earlier | year.between(*before)]


def _chosen(kind: str, option: str, options: Mapping[str, T]) -> T:
    if option not in options:
        raise TifaError(f"{kind}: no option {option!r}; data/registered.yml lists those there are")
    return options[option]
