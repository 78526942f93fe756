"""Measure which of two groups of states moves towards a profile of formulations."""

import pandas as pd
import pytest
from conftest import refusal

from tifa.analysis.closeness import approach

# Two states of each group, a speech in each period. One state of the first takes up "win-win".
SPEECHES = pd.DataFrame(
    [(country, country in "AB", late) for country in "ABCD" for late in (False, True)],
    columns=["country", "inside", "late"],
)
HAS = pd.DataFrame({"win-win": [0, 1, 0, 0, 0, 0, 0, 0], "peace": [1, 0, 1, 1, 1, 1, 1, 1]})
PROFILE = pd.Series({"peace": 0.0, "win-win": 0.5})


def test_a_group_half_of_which_takes_up_the_formulation_moves_by_its_cosine():
    # shares 0 and 1 become one half each: the cosine with (1, 0) rises from 0 to 1 / sqrt(2)
    found = approach(SPEECHES, HAS, PROFILE)
    assert found.apart == pytest.approx(2**-0.5)
    # a draw has A twice (cosine 1), B twice (cosine 0), or both
    assert (found.low, found.high) == (0, 1)


def test_a_group_without_speeches_in_a_period_is_an_error():
    early = SPEECHES[~(SPEECHES["inside"] & SPEECHES["late"])]
    with refusal("in both periods"):
        approach(early, HAS.loc[early.index], PROFILE, draws=9)
