"""The node's clock: wall time from a source, timers from the event loop.

May know: asyncio's `call_later` and the Clock port. The source is the operating system in production and a virtual
clock in a simulation; nothing else differs. Promises:

1. A timer keeps to its grid: it is due at start + n x interval, however late an event fires. Ticks missed altogether
   (the process was paused) are one event, not a burst.
2. Nothing fires before its time by the wall clock: if the loop's clock ran ahead of it, the rest is waited for.
3. What a callback raises goes to the guard that the clock was made with, and the timer lives on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from nautilus_live.adapters.ports import Clock
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.timestamps import Timestamp, duration_ns, nanoseconds_of
from nautilus_live.trading.clock import TimeEvent, TimerCallback

NANOSECONDS_PER_SECOND = 1_000_000_000
REST_S_MIN = 1e-6

Guard = Callable[[TimerCallback, TimeEvent], None]


class SystemClock:
    """The operating system's wall clock."""

    __slots__ = ()

    # Bound, not wrapped: it is asked about eight times an order.
    timestamp_ns = staticmethod(time.time_ns)
    """Return nanoseconds since 1970 (UTC)."""


def _call(callback: TimerCallback, event: TimeEvent) -> None:
    callback(event)


class Timer:
    """A timer or an alert that is set; `interval_ns` 0 for an alert."""

    __slots__ = ("callback", "due_ns", "handle", "interval_ns", "name", "stop_ns")

    def __init__(self, name: str, callback: TimerCallback, due_ns: int, interval_ns: int, stop_ns: int | None) -> None:
        self.name = name
        self.callback = callback
        self.due_ns = due_ns
        self.interval_ns = interval_ns
        self.stop_ns = stop_ns
        self.handle: asyncio.TimerHandle | None = None


class LiveClock:
    """Wall time and timers of one component.

    Args:
        source: where wall time comes from.
        loop: the loop that timers run on; `None` for a clock that is asked for the time only.
        guard: calls the callback and contains what it raises.

    """

    def __init__(self, source: Clock, loop: asyncio.AbstractEventLoop | None = None, guard: Guard = _call) -> None:
        self._source = source
        self._loop = loop
        self._guard = guard
        self._timers: dict[str, Timer] = {}
        self._default: TimerCallback | None = None
        self._fired = 0

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970 (UTC)."""
        return self._source.timestamp_ns()

    def timestamp_us(self) -> int:
        """Return microseconds since 1970, rounded down."""
        return self.timestamp_ns() // 1_000

    def timestamp_ms(self) -> int:
        """Return milliseconds since 1970, rounded down."""
        return self.timestamp_ns() // 1_000_000

    def timestamp(self) -> float:
        """Return seconds since 1970; a double holds about 0.2 us there."""
        return self.timestamp_ns() / NANOSECONDS_PER_SECOND

    def utc_now(self) -> Timestamp:
        """Return the time of day in UTC."""
        return Timestamp.from_ns(self.timestamp_ns())

    def local_now(self, tz: tzinfo | None = None) -> Timestamp:
        """Return the time of day in a time zone (UTC)."""
        return Timestamp.from_ns(self.timestamp_ns(), tz or UTC)

    @property
    def timer_names(self) -> list[str]:
        """The names of the timers and alerts that are set, in the order they were set."""
        return list(self._timers)

    @property
    def timer_count(self) -> int:
        """How many timers and alerts are set."""
        return len(self._timers)

    def next_time_ns(self, name: str) -> int:
        """Return when the timer of that name is due next, in nanoseconds; 0 if there is none."""
        timer = self._timers.get(name)
        return timer.due_ns if timer else 0

    def register_default_handler(self, handler: TimerCallback) -> None:
        """Let `handler` take the events of timers that were set without a callback."""
        self._default = handler

    def set_time_alert(
        self,
        name: str,
        alert_time: datetime | int,
        callback: TimerCallback | None = None,
        override: bool = False,
        allow_past: bool = True,
    ) -> None:
        """Call `callback` once at `alert_time`; a time in the past fires at once.

        Raises:
            ProgrammerError: if the name is taken (unless `override`), there is no callback, the time has no time zone,
                or it is past and must not be (`allow_past` False).

        """
        due_ns = nanoseconds_of(alert_time)
        self._check_past(name, due_ns, allow_past)
        self._add(name, callback, due_ns, 0, None, override)

    def set_time_alert_ns(
        self, name: str, alert_time_ns: int, callback: TimerCallback | None = None, allow_past: bool = True
    ) -> None:
        """Call `callback` once at `alert_time_ns`. Raises as `set_time_alert`."""
        self.set_time_alert(name, alert_time_ns, callback, allow_past=allow_past)

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
        """Call `callback` at start + interval, start + 2 x interval, ... up to and including `stop_time`.

        With `fire_immediately` it is called at the start, too.

        Raises:
            ProgrammerError: if the name is taken, there is no callback, the interval is not positive, a time has no
                time zone, `stop_time` lets it never fire, or the first time is past and must not be (`allow_past`
                False).

        """
        start_ns = 0 if start_time is None else nanoseconds_of(start_time)
        stop_ns = 0 if stop_time is None else nanoseconds_of(stop_time)
        self.set_timer_ns(name, duration_ns(interval), start_ns, stop_ns, callback, allow_past, fire_immediately)

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
        """Set a timer as `set_timer` does, in nanoseconds; 0 means now for the start, and never for the end."""
        if interval_ns <= 0:
            raise ProgrammerError(f"timer {name!r}: interval must be positive, was {interval_ns} ns")
        start_ns = start_time_ns or self.timestamp_ns()
        stop_ns = stop_time_ns or None
        if stop_ns is not None and stop_ns <= start_ns:
            raise ProgrammerError(f"timer {name!r}: stop_time must be after start_time {start_ns}, was {stop_ns}")
        first_ns = start_ns if fire_immediately else start_ns + interval_ns
        if stop_ns is not None and stop_ns < first_ns:
            raise ProgrammerError(f"timer {name!r}: stop_time must let it fire once, at {first_ns}, was {stop_ns}")
        self._check_past(name, first_ns, allow_past)
        self._add(name, callback, first_ns, interval_ns, stop_ns)

    def _check_past(self, name: str, due_ns: int, allow_past: bool) -> None:
        if not allow_past and due_ns < self.timestamp_ns():
            raise ProgrammerError(f"timer {name!r}: must be due in the future, was due at {due_ns}")

    def cancel_timer(self, name: str) -> None:
        """Cancel the timer of that name, if there is one."""
        timer = self._timers.pop(name, None)
        if timer is not None and timer.handle is not None:
            timer.handle.cancel()

    def cancel_timers(self) -> None:
        """Cancel all timers and alerts."""
        for name in list(self._timers):
            self.cancel_timer(name)

    def _add(
        self,
        name: str,
        callback: TimerCallback | None,
        due_ns: int,
        interval_ns: int,
        stop_ns: int | None,
        override: bool = False,
    ) -> None:
        handler = callback or self._default
        if handler is None:
            raise ProgrammerError(
                f"timer {name!r}: a callback must be given or a default handler registered, was neither"
            )
        if name in self._timers:
            if not override:
                raise ProgrammerError(f"timer {name!r}: the name must not be in use, was")
            self.cancel_timer(name)
        timer = self._timers[name] = Timer(name, handler, due_ns, interval_ns, stop_ns)
        self._arm(timer)

    def _arm(self, timer: Timer, rest_s_min: float = 0.0) -> None:
        if self._loop is None:
            raise ProgrammerError(f"timer {timer.name!r}: this clock must have an event loop to run timers, has none")
        rest_s = (timer.due_ns - self.timestamp_ns()) / NANOSECONDS_PER_SECOND
        timer.handle = self._loop.call_later(max(rest_s, rest_s_min), self._fire, timer)

    def _fire(self, timer: Timer) -> None:
        now = self.timestamp_ns()
        if now < timer.due_ns:
            # The loop counts elapsed time, the wall clock was set back or rounds differently.
            self._arm(timer, REST_S_MIN)
            return
        due_ns = timer.due_ns
        if timer.interval_ns:
            # After a pause the grid goes on; the ticks in between are gone.
            timer.due_ns += (now - due_ns) // timer.interval_ns * timer.interval_ns + timer.interval_ns
        if timer.interval_ns and (timer.stop_ns is None or timer.due_ns <= timer.stop_ns):
            self._arm(timer)
        else:
            del self._timers[timer.name]
        self._fired += 1
        self._guard(timer.callback, TimeEvent(timer.name, f"T-{timer.name}-{self._fired}", due_ns, now))
