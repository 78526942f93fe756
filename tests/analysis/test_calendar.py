"""Assigning days to events."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.dates(pd.Timestamp("2019-01-01").date(), pd.Timestamp("2021-12-31").date()))
def test_no_event_is_nearer_than_the_assigned_one(day):
    found = around_events(pd.Series([day.isoformat()]), EVENTS).iloc[0]
    for begin, end in EVENTS[["date_from", "date_to"]].to_numpy():
        inside = begin <= day.isoformat() <= end
        away = min(abs((pd.Timestamp(day) - pd.Timestamp(edge)).days) for edge in (begin, end))
        assert abs(found["days"]) <= (0 if inside else away)


@pytest.mark.parametrize(
    "events",
    [EVENTS.iloc[:0], EVENTS.assign(date_to=None), EVENTS.assign(date_to="2019-01-01")],
    ids=["no event", "no last day", "ends before it begins"],
)
def test_events_that_cannot_be_are_refused(events):
    with pytest.raises(ValueError, match="event"):
        around_events(pd.Series(["2020-01-16"]), events)
