"""The clock as a strategy sees it: what time it is, and timers.

May know: nothing of loops and operating systems. The node brings the implementation (`live/clock.py`), the same one
in production and in simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from msgspec import Struct

from nautilus_live.model.shown import full_line_of
from nautilus_live.model.timestamps import Timestamp
from nautilus_live.model.uuids import UUID4

TimerCallback = Callable[["TimeEvent"], None]


class TimeEvent(Struct, frozen=True, gc=False):
    """A timer or an alert fired: `ts_event` is when it was due, `ts_init` when it fired, in nanoseconds since 1970."""

    name: str
    event_id: str
    ts_event: int
    ts_init: int

    __repr__ = full_line_of

    def __str__(self) -> str:
        return self.name

    @property
    def id(self) -> UUID4:
        """The event's own id."""
        return UUID4.from_str(self.event_id)


class TimerClock(Protocol):
    """Wall time and timers of one component."""

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970 (UTC)."""
        ...

    def timestamp_us(self) -> int:
        """Return microseconds since 1970, rounded down."""
        ...

    def timestamp_ms(self) -> int:
        """Return milliseconds since 1970, rounded down."""
        ...

    def timestamp(self) -> float:
        """Return seconds since 1970."""
        ...

    def utc_now(self) -> Timestamp:
        """Return the time of day in UTC."""
        ...

    @property
    def timer_names(self) -> list[str]:
        """The names of the timers and alerts that are set, in the order they were set."""
        ...

    @property
    def timer_count(self) -> int:
        """How many timers and alerts are set."""
        ...

    def next_time_ns(self, name: str) -> int:
        """Return when the timer of that name is due next, in nanoseconds; 0 if there is none."""
        ...

    def register_default_handler(self, handler: TimerCallback) -> None:
        """Let `handler` take the events of timers that were set without a callback."""
        ...

    def local_now(self, tz: tzinfo | None = None) -> Timestamp:
        """Return the time of day in a time zone (UTC)."""
        ...

    def set_time_alert(
        self,
        name: str,
        alert_time: datetime | int,
        callback: TimerCallback | None = None,
        override: bool = False,
        allow_past: bool = True,
    ) -> None:
        """Call `callback` once at `alert_time` (a datetime, UTC if it has no time zone, or nanoseconds)."""
        ...

    def set_time_alert_ns(
        self, name: str, alert_time_ns: int, callback: TimerCallback | None = None, allow_past: bool = True
    ) -> None:
        """Call `callback` once at `alert_time_ns`."""
        ...

    def set_timer_ns(
        self,
        name: str,
        interval_ns: int,
        start_time_ns: int = 0,
        stop_time_ns: int = 0,
        callback: TimerCallback | None = None,
        allow_past: bool = True,
        fire_immediately: bool = False,
    ) -> None:
        """Call `callback` every `interval_ns` after `start_time_ns` (0: now), until `stop_time_ns` (0: for ever)."""
        ...

    def set_timer(
        self,
        name: str,
        interval: timedelta,
        start_time: datetime | int | None = None,
        stop_time: datetime | int | None = None,
        callback: TimerCallback | None = None,
        allow_past: bool = True,
        fire_immediately: bool = False,
    ) -> None:
        """Call `callback` every `interval` after `start_time` (now), until `stop_time` (for ever)."""
        ...

    def cancel_timer(self, name: str) -> None:
        """Cancel the timer of that name, if there is one."""
        ...

    def cancel_timers(self) -> None:
        """Cancel all timers and alerts."""
        ...
