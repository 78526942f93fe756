"""Test each finding about the UN debates under other choices than those of the book.

Each finding has a method, which returns the arguments of :func:`tifa.analysis.multiverse.run`: a
claim, its specifications (combinations of choices, beginning with the book's), and a function that
computes the number of the claim under one specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tifa.analysis import panel as panels
from tifa.analysis.counts import only_named
from tifa.analysis.entering import BEFORE, FOUNDERS, PERIODS, Entering, two_periods
from tifa.analysis.genealogy import period_ratio
from tifa.analysis.membership import standing
from tifa.analysis.multiverse import Claim, Specification, grid
from tifa.analysis.windows import block_changes, share_difference
from tifa.stats import bootstrap_shares
from tifa.stats.shares import exact_share_interval
from tifa.util.errors import TifaError

Tried = tuple[Claim, list[Specification], Callable[[Specification], float]]

#: ISO codes of the founding members of the Shanghai Cooperation Organisation (SCO), without China.
FIRST_MEMBERS = ("RUS", "KAZ", "KGZ", "TJK", "UZB")
#: Places after which a spirit is named, as in "spirit of Geneva". Each has the year in which the
#: phrase was coined (for San Francisco, the year of the first debate), and the ISO code of the
#: state in which the place is.
COINED = {
    "geneva": (1955, "CHE"),
    "bandung": (1955, "IDN"),
    "helsinki": (1975, "FIN"),
    "camp-david": (1959, "USA"),
    "rio": (1992, "BRA"),
    "san-francisco": (1946, "USA"),
}
#: ISO codes of the states that were ever in the European Union, and the code of the Union itself.
EUROPEAN_UNION = frozenset(
    "AUT BEL BGR CYP CZE DEU DNK ESP EST EU FIN FRA GBR GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD "  # noqa: SIM905
    "POL PRT ROU SVK SVN SWE".split()
)
_CITIES = {"Geneva and Bandung": 2, "also Helsinki, Camp David, Rio and San Francisco": 6}
#: Choices that were added after the claims had been registered. Each leaves out the formulations
#: that occur in at least this share of other states' speeches since 2001.
OFTEN = {"a twentieth": 0.05, "a tenth": 0.1}
_OFTEN = {f"what {part} of others' speeches say": share for part, share in OFTEN.items()}
#: Under these choices only a few states join, so limits from standard errors would be too narrow.
#: The limits from random assignments are used instead. Each choice is mapped to the row of the
#: table of slow choices that has these limits.
_WIDE = {
    "2001-2024": "from 2001, by their spread",
    "founders of 2001": "founders of 2001, by their spread",
    "those who entered later": "later members, by their spread",
}
_WIN_WIN = "also as win-win"
_MEMBERS = "members of the SCO (a tenth of their share)"
_INDIA_AND_PAKISTAN = "every speech of India and Pakistan"
#: A choice that leaves out one state has a name such as "the state RUS".
_STATE = "the state "


def outer_limits(found: Sequence[float], slow: pd.DataFrame) -> tuple[float, float, float]:
    """Return the ratio of finding F5.6, with the lowest and the highest limit of three methods.

    So few states join that no method is reliable alone. ``found`` is the ratio with limits from
    standard errors clustered by state; ``slow``, indexed by choice, has the limits of the other two
    methods in ``low`` and ``high``.
    """
    others = slow.loc[["all that entered", "all that entered, by their spread"]]
    ratio, low, high = found
    return ratio, float(min(low, others["low"].min())), float(max(high, others["high"].max()))


def singly(choices: Mapping[str, Sequence[str]]) -> list[Specification]:
    """List the specification with all first choices, then those that differ from it in one choice.

    >>> len(singly({"year": ["2001", "2002"], "who": ["all", "members", "others"]}))
    4
    """
    own = {kind: options[0] for kind, options in choices.items()}
    return [own, *({**own, k: option} for k, options in choices.items() for option in options[1:])]


#: Groups of states to compare the founders with. A group has the states that had joined a club
#: by a given year; the values are this club and this year.
RIVALS = {
    "states of ASEAN": ("ASEAN", "2000"),
    "the Friends of the UN Charter": ("Friends of the Charter", "2024"),
}


def members_of(clubs: pd.DataFrame, club: str, year: str) -> set[str]:
    """Return the codes of the states that had joined a club by a given year."""
    return set(clubs.loc[(clubs["club"] == club) & (clubs["from"] <= year), "country_code"])


def of_destiny(hits: pd.DataFrame, community: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each hit in ``community`` says "common destiny", the earlier translation.

    ``community`` has the rows of ``hits`` with the entry community-with-a-shared-future.
    """
    inner = hits.loc[hits["entry"] == "common-destiny", ["doc_id", "sentence", "position"]]
    beside = community.reset_index().merge(
        inner, on=["doc_id", "sentence"], suffixes=("", "_inner")
    )
    after = beside["position_inner"] - beside["position"]
    inside = beside.loc[after.between(0, beside["words"] - 1), "index"]
    return community["variant"].str.contains("destiny") | community.index.isin(inside)


@dataclass(frozen=True)
class DebateChoices:
    """One method for each finding about the UN debates, and the tables that the methods need.

    ``question`` has the speeches, their hits, and the states that joined the SCO. ``clubs`` has the
    members of other groups of states, and ``slow`` has the results of
    :mod:`tifa.analysis.slow_choices`.
    """

    question: Entering
    clubs: pd.DataFrame
    slow: pd.DataFrame

    @cached_property
    def _standing(self) -> pd.Series[Any]:
        return standing(self.question.documents, self.question.memberships)

    @cached_property
    def _main(self) -> Specification:
        return self.question.registered.claim("panel").main

    @cached_property
    def _choices(self) -> dict[str, list[str]]:
        choices = self.question.registered.claim("panel").choices
        members = self.question.memberships.query("status == 'member'")["country_code"]
        in_turn = [_STATE + c for c in members if c not in {"CHN", "RUS"}]
        left_out = [o for o in choices["left out"] if o != "each state in turn"]
        return choices | {"left out": [*left_out, *in_turn]}

    def _uncommon(self, share: float) -> set[str]:
        """Return the listed formulations in less than this share of others' speeches since 2001."""
        listed, _ = self.question.formulas(self._main)
        return {*listed} - {*self.question.often_said(listed, share)}

    def entering_ratio(self, s: Specification) -> tuple[float, float, float]:
        """Return the ratio of finding F5.6 and its limits under a specification.

        A result that takes minutes to compute, or that needs random assignments, is read from the
        table ``slow``. Under the book's choices, the limits are those of ``outer_limits``.
        """
        slow = self.slow.set_index("choice")[["ratio", "low", "high"]]
        if share := _OFTEN.get(s["left out"]):
            return self.question.ratio(self._main, self._uncommon(share))
        for choice in map(_WIDE.get, s.values(), s.values()):
            if choice in slow.index:
                ratio, low, high = map(float, slow.loc[choice])
                return ratio, low, high
        found = self.question.ratio(s)
        return outer_limits(found, slow) if s == self._main else found

    def entering(self) -> Tried:
        """Set up the test of F5.6: do states that join use more of China's formulations?"""
        choices = self._choices | {"left out": [*self._choices["left out"], *_OFTEN]}

        def undecided(s: Specification) -> float:
            """Return how far the nearer limit is from 1, as a factor.

            The factor is below 1 if 1 is not between the limits.
            """
            _, low, high = self.entering_ratio(s)
            return float(np.minimum(1 / low, high))

        says = "Whether states that enter the SCO use more or fewer of them cannot be told"
        quantity = (
            "the nearer limit of the interval, as a factor beyond 1; below 1 the interval leaves "
            "1 out. Where few states enter (later members, founders, years from 2001) it is as "
            "wide as random assignments spread; clustered by state, the first and the last would "
            "leave 1 out"
        )
        refuted = "states that enter the SCO use more of them"
        return Claim("F5.6", says, quantity, 1, refuted=refuted), singly(choices), undecided

    def founders(self) -> Tried:
        """Set up the test of F5.7: have founders used more of the formulations since 2013?"""
        question, versus = self.question, {**self._main, **FOUNDERS}
        kinds = ("formulas listed", "formulas left out", "outcome")
        states = [_STATE + c for c in FIRST_MEMBERS[1:]]
        choices = {k: self._choices[k] for k in kinds}
        choices["compared with"] = [*self._choices["compared with"][1:], *RIVALS]
        choices["left out"] = ["nothing", "Russia", *states, *_OFTEN]
        choices["years before"] = ["2001-2012", "{}-{} alone".format(*BEFORE)]
        choices["since"] = [str(year) for year in range(2013, 2020)]

        def rise(s: Specification) -> float:
            share, rivals = _OFTEN.get(s["left out"]), RIVALS.get(s["compared with"])
            chosen = {**versus, **{k: v for k, v in s.items() if k in versus}}
            if share:
                chosen = versus
            if rivals:
                chosen["compared with"] = versus["compared with"]
            try:
                table = question.panel(chosen)
                if rivals:
                    states = {*FIRST_MEMBERS, *members_of(self.clubs, *rivals)}
                    table = table[table["country"].isin(states)]
                if share:
                    table = panels.speech_panel(table, question.hits, self._uncommon(share))
                # the earlier years are the same for every choice of ``since``
                before = BEFORE if s["years before"].endswith("alone") else (2001, 2012)
                table = two_periods(table, int(s["since"]), before=before)
                return panels.ratio(table, PERIODS, **question.options(chosen))[0]
            except TifaError:  # the ratio cannot be estimated
                return np.nan

        says = "By estimate the founders use at least a fifth more since 2013"
        # refuted, because a single year before 2013 shows a larger rise
        refuted = "the founders depart from other states only after 2012"
        return Claim("F5.7", says, "times as many", 1.2, refuted=refuted), singly(choices), rise

    def naming(self) -> Tried:
        """Set up the test of F5.5: do founders name the SCO more often than later members?"""
        speeches, hits, own = self.question.documents, self.question.hits, self._standing
        left_out: dict[str, list[str]] = {
            "nothing": [],
            f"{_STATE}RUS": ["RUS"],
            _INDIA_AND_PAKISTAN: ["IND", "PAK"],
        }

        def apart(s: Specification) -> float:
            wide = s["names the SCO"] != "name or acronym"
            rows = hits if wide else only_named(hits)
            names = ["sco", "shanghai-five"] if wide else ["sco"]
            named = set(rows.loc[rows["entry"].isin(names), "doc_id"])
            inside = own == "member" if s["standing"] == "member" else own != "none"
            inside &= ~self.question.is_china & (speeches["year"] >= int(s["since"]))
            spoken = speeches[inside & ~speeches["country"].isin(left_out[s["left out"]])]
            first = spoken["country"].isin(FIRST_MEMBERS)
            share = spoken["doc_id"].isin(named).groupby(first).mean()
            return float(100 * (share[True] - share[False]))

        choices = {
            "names the SCO": ["name or acronym", "every name and the Shanghai Five"],
            "standing": ["member", "any standing"],
            "since": ["2001", "2013", "2017", "2023"],
            "left out": [*left_out],
        }
        says = "Founders name the SCO more often than later members, by 25 points"
        return Claim("F5.5", says, "points", 25), grid(**choices), apart

    def spirits(self) -> Tried:
        """Set up the test of F2.4: is the Shanghai Spirit said less than other places' spirits?"""
        speeches, named = self.question.documents, only_named(self.question.hits)
        in_speech = {
            e: speeches["doc_id"].isin(named.loc[named["entry"] == e, "doc_id"])
            for e in ("sco", "shanghai-spirit", *COINED, *(f"spirit-of-{c}" for c in COINED))
        }

        def over_others(s: Specification, first: int, years: int) -> float:
            """Return the upper limit of the Shanghai Spirit's share minus the largest other share.

            The result is in percentage points. The share of each spirit is counted over ``years``
            years, which begin ``first`` years after the phrase was coined.
            """
            rows = [("shanghai-spirit", "sco", 2001, "CHN")]
            rows += [(f"spirit-of-{c}", c, *COINED[c]) for c in [*COINED][: _CITIES[s["cities"]]]]
            shares = []
            for phrase, place, year, home in rows:
                begins = year + (s["coined"] == "a year later") + first
                base = speeches["year"].between(begins, begins + years - 1)
                if s["left out"] == "the state whose place it is":
                    base &= speeches["country"] != home
                if not s["base"].startswith("all "):
                    base &= in_speech[place]
                says = in_speech[phrase][base]
                states = "states" in s["base"]
                by_unit = says.groupby(speeches["country"]).max() if states else says
                shares.append((int(by_unit.sum()), len(by_unit)))
            limit = exact_share_interval(*shares[0])[1] if shares[0][1] else 1.0
            return 100 * (limit - max(n / size for n, size in shares[1:] if size))

        def over(s: Specification) -> float:
            if s["debates"] == "each by itself":
                return min(over_others(s, first, 1) for first in range(24))
            return over_others(s, 0, int(s["debates"]))

        choices = {
            "debates": ["24", "2", "5", "10", "15", "each by itself"],
            "base": ["states that name it", "speeches that name it", "all states", "all speeches"],
            "coined": ["as listed", "a year later"],
            "cities": list(_CITIES),
            "left out": ["nothing", "the state whose place it is"],
        }
        says = "Whether it is said less, among states that name the place, cannot be told"
        refuted = "the Shanghai Spirit is said less than other spirits of the same age"
        unit = "points by which its limit passes the others"
        return Claim("F2.4", says, unit, 0, refuted=refuted), singly(choices), over

    def community(self) -> Tried:
        """Set up the test of F5.2: do other states say "community with a shared future"?"""
        speeches, hits = self.question.documents, self.question.hits
        rows = hits[hits["entry"] == "community-with-a-shared-future"]
        mankind = hits.loc[hits["entry"] == "shared-future-for-mankind", "doc_id"]
        destiny = of_destiny(hits, rows)
        wordings = {
            "any": {*rows["doc_id"]},
            "destiny only": {*rows.loc[destiny, "doc_id"]},
            "future only": {*rows.loc[~destiny, "doc_id"]},
            "also shared future for mankind": {*rows["doc_id"], *mankind},
        }

        def limit(s: Specification) -> float:
            """Return the upper limit of the share of speeches or states with the phrase, in %.

            The registered criterion is that this limit is below 1%; for members, the criterion is
            that their share itself is below 10%. So a tenth of the share is returned for members,
            and both numbers can be compared with 1. If no speech has the phrase, the limit comes
            from the exact interval.
            """
            base = speeches[~self.question.is_china & (speeches["year"] >= int(s["since"]))]
            if s["others"] != "all":
                own = self._standing[base.index]
                base = base[own == "member" if s["others"] == _MEMBERS else own != "none"]
            says = base["doc_id"].isin(wordings[s["wording"]])
            counted = base.assign(docs=says.astype(int), documents=1)
            if s["counted"] == "states":
                counted = counted.groupby("country", as_index=False)[["docs", "documents"]].max()
            if s["others"] == _MEMBERS:
                return float(100 * counted["docs"].mean() / 10)
            if not counted["docs"].any():
                return 100 * exact_share_interval(0, len(counted))[1]
            return float(100 * bootstrap_shares(counted, cluster="country")["high"].iloc[0])

        choices = {
            "since": ["2013", "2012", "2015", "2017"],
            "wording": list(wordings),
            "counted": ["speeches", "states"],
            "others": ["all", _MEMBERS, "states with any standing"],
        }
        says = "Fewer than one in a hundred speeches of other states have the whole phrase"
        return Claim("F5.2", says, "upper limit, %", 1, below=True), singly(choices), limit

    def multilateralism(self) -> Tried:
        """Set up the test of F5.3: did the share of speeches that say "multilateralism" fall?"""
        speeches = self.question.documents[self.question.documents["year"] >= 1971]
        others = speeches[~self.question.is_china[speeches.index]]
        spoke = speeches.groupby("country")["year"].nunique()
        everybody = set(speeches["country"])
        casts = {
            "all": everybody,
            "fixed panel": set(spoke.index[spoke >= spoke.max() - 3]),
            "without the European Union's members": everybody - EUROPEAN_UNION,
        }
        hits = self.question.hits
        longer, word = (
            hits[hits["entry"] == e] for e in ("true-multilateralism", "multilateralism")
        )
        inside = set(zip(longer["doc_id"], longer["position"] + longer["words"], strict=True))
        ends = zip(word["doc_id"], word["position"] + word["words"], strict=True)
        wordings = {
            "all": set(word["doc_id"]),
            "without true multilateralism": {e[0] for e in ends if e not in inside},
        }

        def deepest_fall(s: Specification) -> float:
            base = others[others["country"].isin(casts[s["states"]])]
            wording, size = wordings[s["wording"]], int(s["block"])
            found = block_changes(base, wording, size=size, first=1971, last=2024)
            near = found[(found["begins"] >= 2002) & (found["turns"] <= 2014)]
            if s["first block"] != "any":
                near = near[near["begins"] == int(s["first block"].removeprefix("begins in "))]
            return float(100 * near["change"].min())

        choices = grid(
            block=["5", "3", "4", "7", "10"],
            states=list(casts),
            wording=list(wordings),
            **{"first block": ["any"]},
        )
        choices += [
            {**choices[0], "first block": f"begins in {year}"} for year in range(2002, 2010)
        ]
        says = (
            "“Multilateralism” fell by 5 points between blocks of years that meet in 2002 to 2014"
        )
        return Claim("F5.3", says, "points", -5, below=True), choices, deepest_fall

    def components(self) -> Tried:
        """Set up the test of F5.4: did the Spirit's components become rarer in China's speeches?"""
        china = self.question.documents[self.question.is_china]
        parts = self.question.book.entry("shanghai-spirit").components
        hits = self.question.hits[self.question.hits["doc_id"].isin(china["doc_id"])]
        win_win = hits["entry"] == "win-win-cooperation"
        with_win_win = hits[hits["entry"].isin(parts) | win_win].replace(
            {"entry": {"win-win-cooperation": "mutual-benefit"}}
        )
        hits = hits[hits["entry"].isin(parts)]

        def fall(s: Specification) -> float:
            shift = {"as registered": 0, "a year earlier": -1, "a year later": 1}[s["periods"]]
            kept = with_win_win if s["mutual benefit"] == _WIN_WIN else hits
            kept = kept[kept["entry"] != s["left out"]]
            if s["left out"] == "equality and mutual benefit":
                kept = kept[kept["variant"] != "with-equality"]
            late, early = (2013 + shift, 2024), (2003 + shift, 2012 + shift)
            if s["measure"] == "places":
                return float(period_ratio(china, kept, late, early)[0])
            # otherwise compare the shares of speeches with this number of components or more
            least = 4 if s["measure"] == "speeches with four or more" else 1
            enough = kept.groupby("doc_id")["entry"].nunique() >= least
            year = china.set_index("doc_id")["year"]
            has = year.index.isin(enough.index[enough])
            before, after = (has[year.between(*period)].mean() for period in (early, late))
            return float(after / before)

        choices = grid(
            periods=["as registered", "a year earlier", "a year later"],
            measure=["places", "speeches with four or more", "speeches with any"],
            **{"left out": ["none", *parts, "equality and mutual benefit"]},
            # this choice was not registered; "win-win" translates 互利共赢, which contains 互利,
            # mutual benefit
            **{"mutual benefit": ["by its name", _WIN_WIN]},
        )
        says = "The Spirit's components fall below half of their earlier rate under Xi"
        return Claim("F5.4", says, "times as frequent", 0.5, below=True), choices, fall

    def first_said(self) -> Tried:
        """Set up the test of F5.8: do members repeat more often what China said first?"""
        main = {**self._main, "formulas left out": self._choices["formulas left out"][-1]}
        coined, _ = self.question.formulas(main)
        standings = ["member by the summit's decision", "any standing by the decision"]
        tables = {s: self.question.panel({**main, "standing": s}) for s in standings}
        panel = tables[standings[1]]
        states = panel.loc[panel["entered"] == 1, "country"].unique()
        said = self.question.hits[self.question.hits["entry"].isin(coined)]
        having = {
            without: set(said.loc[said["entry"] != without, "doc_id"])
            for without in ("nothing", "belt-and-road")
        }

        def more(s: Specification) -> float:
            table = tables[s["standing"]]
            others = table["country"] != s["left out"].removeprefix(_STATE)
            kept = table[others & (table["year"] >= int(s["since"]))]
            inside, never = kept["entered"] == 1, kept["never"]
            return 100 * share_difference(kept, having[s["without"]], inside, never)[1]

        choices = {
            "since": ["2013", "2015", "2017"],
            "standing": standings,
            "without": [*having],
            "left out": ["nothing", *(_STATE + state for state in states)],
        }
        says = "Members repeat what China said first in that wording more often than others do"
        claim = Claim("F5.8", says, "lower limit of the difference, points", 0)
        return claim, grid(**choices), more

    def all(self) -> list[Tried]:
        """Return what each method above returns, one item per finding."""
        return [
            self.entering(),
            self.founders(),
            self.naming(),
            self.spirits(),
            self.community(),
            self.multilateralism(),
            self.components(),
            self.first_said(),
        ]
