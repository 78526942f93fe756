"""Assigning days to events."""

import pandas as pd
import pytest

from tifa.analysis.calendar import around_events

EVENTS = pd.DataFrame(
    {
        "event": ["first", "second"],
        "date_from": ["2020-01-10", "2020-01-20"],
        "date_to": ["2020-01-12", "2020-01-20"],
    }
)


def test_a_day_half_way_belongs_to_the_earlier_event():
    found = around_events(pd.Series(["2020-01-16", "2020-01-17"]), EVENTS)
    assert found["event"].tolist() == ["first", "second"]
    assert found["days"].tolist() == [4, -3]


@pytest.mark.parametrize(
    "events",
    [EVENTS.iloc[:0], EVENTS.assign(date_to=None), EVENTS.assign(date_to="2019-01-01")],
    ids=["no event", "no last day", "ends before it begins"],
)
def test_events_that_cannot_be_are_refused(events):
    with pytest.raises(ValueError, match="event"):
        around_events(pd.Series(["2020-01-16"]), events)
