"""The clock port of the simulation: wall time as a function of virtual time.

May know: the loop's time and the current host. Virtual time is a small float that starts at 0 (a double holds
nanoseconds exactly for 104 days from there); the epoch is an integer. Added in floats, a nanosecond would be lost at
today's Unix time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from scenarios.world.host import CURRENT_HOST, Host

EPOCH_NS = 1_767_225_600_000_000_000
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class HasTime(Protocol):
    """What the clock needs of a loop."""

    def time(self) -> float: ...


class VirtualClock:
    """Wall time: the epoch, plus the loop's time, plus what the clock of a host is off by.

    Without a host of its own it shows the skew of whichever host asks, so that one clock serves a world.
    """

    def __init__(self, loop: HasTime, host: Host | None = None, *, epoch_ns: int = EPOCH_NS) -> None:
        self._loop = loop
        self._host = host
        self._epoch_ns = epoch_ns
        self._shown_s = -1.0
        self._shown_ns = 0

    def timestamp_ns(self) -> int:
        """Nanoseconds since 1970."""
        host = self._host or CURRENT_HOST.get()
        now_s = self._loop.time()
        if now_s != self._shown_s:  # asked many times at one moment
            self._shown_s, self._shown_ns = now_s, self._epoch_ns + round(now_s * 1e9)
        if host is None:
            return self._shown_ns
        return self._shown_ns + (host.clock_offset_ns(now_s) if host.drift_ns_per_s else host.skew_ns)

    def timestamp_ms(self) -> int:
        """Milliseconds since 1970, rounded down."""
        return self.timestamp_ns() // 1_000_000

    def timestamp(self) -> float:
        """Seconds since 1970; a double holds about 0.2 us there."""
        return self.timestamp_ns() / 1e9

    def utc_now(self) -> datetime:
        """The time of day in UTC, rounded down to microseconds."""
        return EPOCH + timedelta(microseconds=(self.timestamp_ns() - EPOCH_NS) // 1_000)
