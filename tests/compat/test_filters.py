"""When not to trade: sessions of the currency market by the clocks of their places, and announcements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest

from nautilus_live.ecosystem.filters import EconomicNewsEventFilter, ForexSession, ForexSessionFilter, NewsImpact

FRIDAY = datetime(2024, 3, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("session", "local", "next_start", "prev_start", "next_end", "prev_end"),
    [
        # New York puts its clocks forward on the Sunday after: Monday's session begins an hour earlier in UTC.
        ("SYDNEY", "23:00 +11", "10 20:00", "07 20:00", "11 05:00", "08 05:00"),
        ("TOKYO", "21:00 +09", "11 00:00", "08 00:00", "11 09:00", "08 09:00"),
        ("LONDON", "12:00 +00", "11 08:00", "08 08:00", "08 16:00", "07 16:00"),
        ("NEW_YORK", "07:00 -05", "08 13:00", "07 13:00", "08 22:00", "07 22:00"),
    ],
)
def test_sessions_begin_and_end_by_the_clocks_of_their_places(
    session: str, local: str, next_start: str, prev_start: str, next_end: str, prev_end: str
) -> None:
    sessions, where = ForexSessionFilter(), ForexSession[session]
    assert f"{sessions.local_from_utc(where, FRIDAY):%H:%M %z}"[:9] == local
    found = [getattr(sessions, name)(where, FRIDAY) for name in ("next_start", "prev_start", "next_end", "prev_end")]
    assert [f"{one:%d %H:%M}" for one in found] == [next_start, prev_start, next_end, prev_end]


def test_over_a_weekend_in_which_the_clocks_change() -> None:
    evening = datetime(2024, 3, 8, 23, tzinfo=UTC)
    found = ForexSessionFilter().next_start(ForexSession.NEW_YORK, evening)
    assert str(found) == "2024-03-11 12:00:00+00:00"
    assert ForexSessionFilter().next_start(ForexSession.NEW_YORK, found) == found
    assert ForexSessionFilter().prev_start(ForexSession.NEW_YORK, found) == found


NEWS = pd.DataFrame(
    {
        "Currency": ["USD", "GBP", "USD", "EUR"],
        "Impact": ["HIGH", "MEDIUM", "LOW", "HIGH"],
        "Name": ["Payrolls", "Housing", "Survey", "Rates"],
    },
    index=pd.to_datetime(["2024-03-08 13:30", "2024-03-11 09:00", "2024-03-12 12:00", "2024-03-13 13:00"], utc=True),
)


@pytest.mark.parametrize(
    ("hours", "next_name", "prev_name"),
    [(1.5, "Payrolls", "Payrolls"), (2, "Housing", "Payrolls"), (69, "Housing", "Housing"), (100, None, "Housing")],
)
def test_announcements_before_and_after_a_time(hours: float, next_name: str | None, prev_name: str | None) -> None:
    news = EconomicNewsEventFilter(["USD", "GBP"], ["HIGH", "MEDIUM"], NEWS)
    now = FRIDAY + timedelta(hours=hours)
    found: list[Any] = [news.next_event(now), news.prev_event(now)]
    assert [one and one.name for one in found] == [next_name, prev_name]


def test_an_announcement_says_what_is_expected_of_it() -> None:
    news = EconomicNewsEventFilter(["USD"], ["HIGH"], NEWS)
    event = news.next_event(FRIDAY + timedelta(hours=1.5))
    assert event is not None
    assert (event.impact, event.currency.code, event.ts_event) == (NewsImpact.HIGH, "USD", NEWS.index[0].value)
    assert "impact=NewsImpact.HIGH, name=Payrolls, currency=USD" in repr(event)
    assert (news.currencies, news.impacts) == (["USD"], ["HIGH"])


def test_a_time_that_says_nothing_is_refused() -> None:
    news = EconomicNewsEventFilter(["USD"], ["HIGH"], NEWS)
    with pytest.raises(ValueError, match="must be within the data, from 2024-03-08 13:30:00"):
        news.next_event(FRIDAY)
    for wrong in (FRIDAY.replace(tzinfo=None), FRIDAY.astimezone(timezone(timedelta(hours=1)))):
        with pytest.raises(ValueError, match="time_now must be in UTC, was 2024-03-08"):
            ForexSessionFilter().next_end(ForexSession.TOKYO, wrong)
