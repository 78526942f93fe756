"""The panel finds an effect that was planted, and none where there is none."""

import numpy as np
import pandas as pd
import pytest
from conftest import refusal

from tifa.analysis import panel as panels
from tifa.util.errors import TifaError

YEARS = range(1998, 2018)


def planted(ratio, *, seed, states=50, entering=6, level=3.0):
    """Invented speeches with a level for each state and year; some states enter in 2007."""
    generator = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(f"S{s:02d}", y) for s in range(states) for y in YEARS], columns=["country", "year"]
    )
    rows["words"] = np.exp(generator.normal(7.5, 0.3, len(rows))).round()
    rows["entered"] = ((rows["country"] < f"S{entering:02d}") & (rows["year"] >= 2007)).astype(int)
    rows["never"] = rows["country"] >= f"S{entering:02d}"
    rows["soviet"] = rows["country"].str.endswith("0").astype(int)
    habit = generator.normal(0, 0.4, states)[rows["country"].str[1:].astype(int)]
    season = generator.normal(0, 0.2, len(YEARS))[rows["year"] - 1998]
    mean = rows["words"] / 1800 * np.exp(level + habit + season) * ratio ** rows["entered"]
    return rows.assign(different=generator.poisson(mean))


@pytest.mark.parametrize(
    "options",
    [
        {"model": "poisson"},
        {"model": "poisson", "length": "offset"},
        {"model": "poisson", "lines": True},
        {"model": "poisson", "apart": "soviet"},
        {"model": "ols"},
        {"model": "log ols"},
        {"model": "negative binomial"},
    ],
    ids=lambda o: " ".join(map(str, o.values())),
)
def test_a_planted_effect_is_found_by_every_model(options):
    row = panels.fit(planted(1.8, seed=1), ["entered"], **options).iloc[0]
    assert row["low"] < row["ratio"] < row["high"]
    assert row["low"] > 1.2
    assert 1.4 < row["ratio"] < 2.3


def test_a_line_of_each_state_tells_a_drift_from_an_entry():
    panel = planted(1.0, seed=4, level=4.0)
    rising = np.exp(0.05 * (panel["year"] - 1998)) ** panel["country"].isin(["S00", "S01", "S02"])
    panel["different"] = np.random.default_rng(4).poisson(panel["different"] * rising)
    plain = panels.fit(panel, ["entered"])["ratio"].iloc[0]
    straight = panels.fit(panel, ["entered"], lines=True)["ratio"].iloc[0]
    assert straight == pytest.approx(1.0, abs=0.15)
    assert plain > 1.25


def test_separate_year_effects_remove_what_a_group_shares():
    panel = planted(1.0, seed=9, level=4.0)
    panel["entered"] = (
        (panel["soviet"] == 1) & (panel["country"] < "S30") & (panel["year"] > 2006)
    ).astype(int)
    shared = 2.0 ** ((panel["soviet"] == 1) & (panel["year"] > 2006))
    panel["different"] = np.random.default_rng(4).poisson(panel["different"] * shared)
    plain = panels.fit(panel, ["entered"])["ratio"].iloc[0]
    apart = panels.fit(panel, ["entered"], apart="soviet")["ratio"].iloc[0]
    assert plain > 1.5
    assert apart == pytest.approx(1.0, abs=0.2)


def test_cohorts_against_those_that_never_enter_find_it_too():
    assert np.exp(panels.by_cohort(planted(1.8, seed=1), "entered")) == pytest.approx(1.8, rel=0.1)


def test_random_assignment_distinguishes_an_effect_from_none():
    for ratio, small in ((1.8, True), (1.0, False)):
        panel = planted(ratio, seed=2)
        estimate = panels.fit(panel, ["entered"])["estimate"].iloc[0]
        assigned = panels.assign_standing(panel, ["entered"], draws=39, seed=3)[:, 0]
        assert (panels.at_least(estimate, assigned) < 0.05) == small


def test_an_interval_from_resampled_states_is_wider_and_covers_the_truth():
    panel = planted(1.5, seed=5)
    draws = panels.draw_states(panel, ["entered"], draws=39, seed=6)[:, 0]
    low, high = np.exp(np.quantile(draws, [0.025, 0.975]))
    assert low < 1.5 < high
    few, again = (panels.draw_states(panel, ["entered"], draws=3, seed=6) for _ in range(2))
    assert (few == again).all()


def test_a_random_assignment_has_as_many_states_and_the_same_dates():
    panel = planted(1.0, seed=1, states=12, entering=2)
    kept = []

    def watch(rows, terms, **_):
        kept.append(rows.loc[rows[terms[0]] == 1].groupby("country")["year"].min().tolist())
        return pd.DataFrame({"estimate": [0.0]})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "fit", watch)
        panels.assign_standing(panel, ["entered"], draws=20, seed=1)
    assert kept == [[2007, 2007]] * 20
    with refusal("2 states have a standing and only 2 can be drawn"):
        panels.assign_standing(panel[panel["country"] < "S02"], ["entered"], draws=1)


def test_a_path_over_blocks_departs_when_the_effect_begins():
    panel = planted(2.0, seed=7)
    states = panel.loc[panel["entered"] == 1, "country"].unique()
    marked, names = panels.blocks(panel, states, size=5, reference=(2002, 2006))
    path = panels.fit(marked, names).set_index("term")["ratio"]
    assert names == ["block_1997", "block_2007", "block_2012", "block_2017"]
    assert path[:1].between(0.7, 1.4).all()
    assert path[1:].between(1.5, 2.7).all()


def test_a_ratio_to_zero_is_refused():
    panel = planted(1.0, seed=1)
    inside = panel["country"].isin(panel.loc[panel["entered"] == 1, "country"])
    panel.loc[inside & (panel["entered"] == 0), "different"] = 0
    with refusal("0 in all other years"):
        panels.fit(panel, ["entered"])
    panel["entered"] = 0
    with pytest.raises(TifaError):
        panels.fit(panel, ["entered"])
