"""When not to trade: the hours of currency markets, and announcements that move them.

May know: the standard library's time zones, and tables of news as a strategy's author brings them; nothing here fetches
any.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from enum import Enum, unique
from typing import Any
from zoneinfo import ZoneInfo

from nautilus_live.model.data import Data
from nautilus_live.model.objects import Currency
from nautilus_live.model.timestamps import Timestamp, nanoseconds_of

_SATURDAY = 5


@unique
class ForexSession(Enum):
    """The places whose working hours are the sessions of the currency market, Monday to Friday."""

    SYDNEY = 1
    TOKYO = 2
    LONDON = 3
    NEW_YORK = 4


_HOURS: dict[ForexSession, tuple[str, time, time]] = {
    ForexSession.SYDNEY: ("Australia/Sydney", time(7), time(16)),
    ForexSession.TOKYO: ("Asia/Tokyo", time(9), time(18)),
    ForexSession.LONDON: ("Europe/London", time(8), time(16)),
    ForexSession.NEW_YORK: ("America/New_York", time(8), time(17)),
}
"""For each its time zone, and when it begins and ends by the clocks there."""


class ForexSessionFilter:
    """Tells when sessions begin and end, in UTC; summer time is that of the place."""

    def local_from_utc(self, session: ForexSession, time_now: datetime) -> Timestamp:
        """Return what the clocks of a session's place show.

        Raises:
            ValueError: if the time is not in UTC.

        """
        return Timestamp.from_ns(_utc_ns(time_now), ZoneInfo(_HOURS[session][0]))

    def next_start(self, session: ForexSession, time_now: datetime) -> Timestamp:
        """Return when a session begins next, now at the earliest. Raises as `local_from_utc`."""
        return self._find(session, time_now, _HOURS[session][1], 1)

    def prev_start(self, session: ForexSession, time_now: datetime) -> Timestamp:
        """Return when a session began last, now at the latest. Raises as `local_from_utc`."""
        return self._find(session, time_now, _HOURS[session][1], -1)

    def next_end(self, session: ForexSession, time_now: datetime) -> Timestamp:
        """Return when a session ends next, now at the earliest. Raises as `local_from_utc`."""
        return self._find(session, time_now, _HOURS[session][2], 1)

    def prev_end(self, session: ForexSession, time_now: datetime) -> Timestamp:
        """Return when a session ended last, now at the latest. Raises as `local_from_utc`."""
        return self._find(session, time_now, _HOURS[session][2], -1)

    def _find(self, session: ForexSession, time_now: datetime, at: time, step: int) -> Timestamp:
        now = self.local_from_utc(session, time_now)
        day = now.date()
        while True:
            found = Timestamp.of(datetime.combine(day, at, now.tzinfo))
            if day.weekday() < _SATURDAY and (found >= now if step > 0 else found <= now):
                return found.tz_convert("UTC")
            day += timedelta(days=step)


_SESSIONS = ForexSessionFilter()
fx_local_from_utc = _SESSIONS.local_from_utc
fx_next_start, fx_prev_start = _SESSIONS.next_start, _SESSIONS.prev_start
fx_next_end, fx_prev_end = _SESSIONS.next_end, _SESSIONS.prev_end


@unique
class NewsImpact(Enum):
    """How much an announcement is expected to move the market."""

    NONE = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4


class NewsEvent(Data):
    """An economic announcement: of which currency, how much it may move it, and when (nanoseconds since 1970)."""

    def __init__(self, impact: NewsImpact, name: str, currency: Currency, ts_event: int, ts_init: int) -> None:
        self.impact = impact
        self.name = name
        self.currency = currency
        self.ts_event = ts_event
        self.ts_init = ts_init

    def __repr__(self) -> str:
        about = f"impact={self.impact}, name={self.name}, currency={self.currency}"
        return f"NewsEvent({about}, ts_event={self.ts_event}, ts_init={self.ts_init})"


class EconomicNewsEventFilter:
    """Finds the announcements of some currencies and impacts before and after a time.

    Args:
        currencies: codes, such as `USD`.
        impacts: names of `NewsImpact`.
        news_data: a pandas DataFrame, or what can be read like one: an index of times in UTC, oldest first, and the
            columns `Currency`, `Impact` and `Name`.

    """

    def __init__(self, currencies: Sequence[str], impacts: Sequence[str], news_data: Any) -> None:
        self.currencies = list(currencies)
        self.impacts = list(impacts)
        times = [nanoseconds_of(moment) for moment in news_data.index]
        self.unfiltered_data_start = Timestamp.from_ns(times[0])
        self.unfiltered_data_end = Timestamp.from_ns(times[-1])
        told = zip(times, news_data["Impact"], news_data["Name"], news_data["Currency"], strict=True)
        self._events = [
            NewsEvent(NewsImpact[impact], name, Currency.from_str(currency), moment, moment)
            for moment, impact, name, currency in told
            if currency in self.currencies and impact in self.impacts
        ]
        self._times = [event.ts_event for event in self._events]

    def next_event(self, time_now: datetime) -> NewsEvent | None:
        """Return the next announcement, now at the earliest; None if there is none.

        Raises:
            ValueError: if the time is not in UTC, or not within the times of the data: what comes then is not known.

        """
        at = bisect_left(self._times, self._known_ns(time_now))
        return self._events[at] if at < len(self._events) else None

    def prev_event(self, time_now: datetime) -> NewsEvent | None:
        """Return the last announcement, now at the latest; None if there is none. Raises as `next_event`."""
        at = bisect_right(self._times, self._known_ns(time_now))
        return self._events[at - 1] if at else None

    def _known_ns(self, time_now: datetime) -> int:
        now_ns = _utc_ns(time_now)
        begin, end = self.unfiltered_data_start, self.unfiltered_data_end
        if not begin.value <= now_ns <= end.value:
            raise ValueError(f"time_now must be within the data, from {begin} to {end}, was {time_now}")
        return now_ns


def _utc_ns(time_now: datetime) -> int:
    if time_now.utcoffset() != timedelta(0):
        raise ValueError(f"time_now must be in UTC, was {time_now}")
    return nanoseconds_of(time_now)
