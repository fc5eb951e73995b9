"""A clock that is moved by hand, for tests of an author's own parts: time stands until it is set, timers tell when they
would have fired.

(A strategy on a node in a simulation needs none: its clock follows the simulation.)
"""

from __future__ import annotations

from collections.abc import Callable

from nautilus_live.errors import ProgrammerError
from nautilus_live.live.clock import LiveClock, Timer
from nautilus_live.trading.clock import TimeEvent


class TimeEventHandler:
    """An event of a timer, and what is to take it."""

    __slots__ = ("event", "handler")

    def __init__(self, event: TimeEvent, handler: Callable[[TimeEvent], None]) -> None:
        self.event = event
        self.handler = handler

    def handle(self) -> None:
        """Hand the event over."""
        self.handler(self.event)


class TestClock(LiveClock):
    """A clock that begins at 1970, and stands still until `set_time` or `advance_time` moves it."""

    __test__ = False  # not a test, whatever its name

    def __init__(self) -> None:
        super().__init__(self)
        self._now_ns = 0

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970 (UTC)."""
        return self._now_ns

    def set_time(self, to_time_ns: int) -> None:
        """Let it be that time; no timer fires."""
        self._now_ns = to_time_ns

    def advance_time(self, to_time_ns: int, set_time: bool = True) -> list[TimeEventHandler]:
        """Let the timers run until that time; return their events in order, each to be handled by the caller.

        The clock shows that time then, unless `set_time` is False.

        Raises:
            ProgrammerError: if the time is past.

        """
        if to_time_ns < self._now_ns:
            raise ProgrammerError(f"time must not go back, was {self._now_ns} and was to be {to_time_ns}")
        events: list[TimeEventHandler] = []
        while due := [timer for timer in self._timers.values() if timer.due_ns <= to_time_ns]:
            events.append(self._next_event(min(due, key=lambda timer: timer.due_ns)))
        if set_time:
            self._now_ns = to_time_ns
        return events

    def _next_event(self, timer: Timer) -> TimeEventHandler:
        due_ns = timer.due_ns
        timer.due_ns += timer.interval_ns
        if not timer.interval_ns or (timer.stop_ns is not None and timer.due_ns > timer.stop_ns):
            del self._timers[timer.name]
        self._fired += 1
        event = TimeEvent(timer.name, f"T-{timer.name}-{self._fired}", due_ns, due_ns)
        return TimeEventHandler(event, timer.callback)

    def _arm(self, timer: Timer, rest_s_min: float = 0.0) -> None:
        # Nothing fires by itself. What was due before it was set is due now.
        timer.due_ns = max(timer.due_ns, self._now_ns)
