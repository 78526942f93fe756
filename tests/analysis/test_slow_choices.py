"""The committed table has what the command computes, and only choices that were registered."""

import pandas as pd
import pytest

import tifa
from tifa.analysis.registered import registration
from tifa.analysis.slow_choices import SLOW, slow_choices

COMMITTED = pd.read_csv(tifa.data_folder() / "slow_choices.csv").set_index(["claim", "choice"])


def test_the_first_choice_of_each_claim_is_computed_again():
    kind, choice, *numbers = next(slow_choices(tifa.data_folder(), "panel"))
    row = COMMITTED.loc[("panel", choice)]
    assert kind == row["kind"]
    assert numbers == pytest.approx(row[["ratio", "low", "high"]].tolist(), abs=1e-4)
    # the interval takes a hundred draws, the ratio none
    kind, choice, ratio, *_ = next(slow_choices(tifa.data_folder(), "panel-families", draws=2))
    row = COMMITTED.loc[("panel-families", choice)]
    assert (kind, ratio) == (row["kind"], pytest.approx(row["ratio"], abs=1e-4))
    for kind, choice, ratio, *_ in slow_choices(tifa.data_folder(), "panel-draws", draws=2):
        row = COMMITTED.loc[("panel-draws", choice)]
        assert kind == row["kind"]
        assert choice.endswith("at random") or ratio == pytest.approx(row["ratio"], abs=1e-4)


def test_random_states_rise_as_seldom_as_others_have_found():
    chances = COMMITTED.loc["panel-draws", "ratio"]
    # as in an independent recount from 400 other draws: best year is compared with best year
    for name, share in (("founders since 2013", 0.01), ("founders in their best year", 0.02)):
        assert chances[f"{name}, at random"] == pytest.approx(share, abs=0.02)


def test_choices_are_those_registered():
    claims = {c.id: c.choices for c in registration().claims}
    for claim, rows in COMMITTED.drop("panel-draws", level="claim").reset_index().groupby("claim"):
        assert set(rows["kind"]) <= set(claims[claim])
    of_panel = [o for options in claims["panel"].values() for o in options]
    assert set(SLOW) <= set(of_panel) & set(COMMITTED.loc["panel"].index)
    assert COMMITTED.index.is_unique
    given = COMMITTED.dropna()
    assert ((given["low"] <= given["ratio"]) & (given["ratio"] <= given["high"])).all()
