"""The watchdog of the event loop: says when it stood still, for heartbeats, timers and fills wait with it.

Knows the loop's own time. It looks once in every `threshold_s`; a loop that stands still for twice that long is noticed
in any case, and after the fact: nothing runs beside it that could say so meanwhile. Which callback did it is known only
if it was a strategy's or an actor's (`trading.component` measures those and names them).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)


class LoopWatchdog:
    """Notices that one event loop stood still.

    Args:
        loop: the loop.
        alarm: takes the alarm's kind and text.
        threshold_s: how late a timer may be, in seconds; None looks at nothing.

    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, alarm: Callable[[str, str], object], threshold_s: float | None
    ) -> None:
        self._loop = loop
        self._alarm = alarm
        self._threshold_s = threshold_s
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look."""
        if self._threshold_s is not None and self._timer is None:
            self._arm(self._threshold_s)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, threshold_s: float) -> None:
        due_s = self._loop.time() + threshold_s
        self._timer = self._loop.call_at(due_s, self._look, due_s, threshold_s)

    def _look(self, due_s: float, threshold_s: float) -> None:
        late_s = self._loop.time() - due_s
        self._arm(threshold_s)
        if late_s > threshold_s:
            text = f"the event loop stood still for {late_s:.1f} s or more: nothing was heard, nothing was sent"
            _log.error("loop.stalled: %s", text)
            self._alarm("loop.stalled", text)
