"""Find the event that is nearest to a date, and the number of days between them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def around_events(dates: pd.Series[str], events: pd.DataFrame) -> pd.DataFrame:
    """Find for each date, such as 2018-06-10, the nearest event and the number of days to it.

    Texts about one event resemble each other, so a bootstrap should resample them as a group. The
    texts nearest to one event can serve as such a group. ``events`` has one row per event:
    ``event`` (a name), ``date_from`` and ``date_to`` (its first and last day).

    Returns a table indexed like ``dates``: ``event`` (the earlier one if two are equally near) and
    ``days`` (0 during the event, negative before it, positive after it). Raises ValueError if there
    is no event, or if an event lacks a date or ends before it begins.

    >>> events = pd.DataFrame({"event": ["Lake", "Hill"], "date_from": ["2018-06-09", "2019-06-14"],
    ...     "date_to": ["2018-06-10", "2019-06-14"]})
    >>> around_events(pd.Series(["2018-06-07", "2018-06-10", "2019-06-20"]), events).values.tolist()
    [['Lake', -2], ['Lake', 0], ['Hill', 6]]
    """
    if events.empty:
        raise ValueError("no events; expected one row or more")
    events = events.sort_values("date_from")
    begin, end = (
        pd.to_datetime(events[c]).to_numpy("datetime64[D]").astype(np.int64)
        for c in ("date_from", "date_to")
    )
    if events[["date_from", "date_to"]].isna().to_numpy().any() or (end < begin).any():
        raise ValueError("an event needs a first day and a last day that is not before it")
    days = pd.to_datetime(dates).to_numpy("datetime64[D]").astype(np.int64)[:, None]
    away = np.where(days < begin, days - begin, np.where(days > end, days - end, 0))
    nearest = np.abs(away).argmin(axis=1)
    return pd.DataFrame(
        {
            "event": events["event"].to_numpy()[nearest],
            "days": away[np.arange(len(away)), nearest],
        },
        index=dates.index,
    )
