"""Queues between those who hear and the one who decides.

Knows the event loop and a handler. Promises:
1. `put` never waits and never runs the handler; items are handled in the order they were put; none is dropped.
2. One wake-up of the loop handles many items, but a bounded number, so that connections and timers get their turn.
3. Beyond its capacity a queue still takes items; it says so at most once a second.
4. An error of the handler concerns one item: it goes to `on_error`, and the next item is handled.

Whoever puts may live elsewhere (a simulated venue, another task): what a queue starts belongs to whoever started the
queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

from nautilus_live.errors import ProgrammerError

ITEMS_PER_TURN_MAX = 500
WARNING_INTERVAL_S = 1.0

_log = logging.getLogger(__name__)


class LiveQueue:
    """A queue drained by the event loop.

    Args:
        name: what the log calls it.
        capacity: items from which on it warns.
        handler: called with one item.
        loop: the event loop.
        on_error: called with what the handler raised.
        log: where to log; by default this module's logger.

    """

    def __init__(
        self,
        name: str,
        capacity: int,
        handler: Callable[[Any], object],
        loop: asyncio.AbstractEventLoop,
        on_error: Callable[[Exception], object],
        log: logging.Logger | None = None,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self._handler = handler
        self._loop = loop
        self._on_error = on_error
        self._log = log or _log
        self._items: deque[Any] = deque()
        self._running = False
        self._closed = False
        self._wakeup: asyncio.Handle | None = None
        self._context: Context | None = None
        self._warned_at_s = -WARNING_INTERVAL_S

    def put(self, item: Any) -> None:
        """Take `item`; it is handled in a later turn of the loop.

        Raises:
            ProgrammerError: for None, which no handler expects.

        """
        if item is None:
            raise ProgrammerError(f"{self.name}: cannot take None")
        if self._closed:
            self._log.debug("%s: is stopped, ignored a %s", self.name, type(item).__name__)
            return
        items = self._items
        items.append(item)
        if self._wakeup is None and self._running:
            self._wakeup = self._loop.call_soon(self._turn, context=self._context)
        if len(items) > self.capacity:
            self._warn()

    def qsize(self) -> int:
        """Return the number of items waiting."""
        return len(self._items)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many items as it should at most."""
        return len(self._items) >= self.capacity

    @property
    def is_running(self) -> bool:
        """Whether items are being handled."""
        return self._running

    def start(self) -> None:
        """Begin handling, first of all what was put before."""
        self._context = copy_context()
        self._closed = False
        self._running = True
        if self._items and self._wakeup is None:
            self._wakeup = self._loop.call_soon(self._turn, context=self._context)

    def drain(self) -> None:
        """Handle everything that waits now, what the handler adds included."""
        while self._items:
            self._handle(len(self._items))

    def stop(self) -> None:
        """Handle what is waiting, then take nothing more."""
        if self._running:
            self.drain()
        self._close()

    def kill(self) -> None:
        """Drop what is waiting and take nothing more."""
        if self._items:
            self._log.warning("%s: killed, %d items dropped", self.name, len(self._items))
            self._items.clear()
        self._close()

    def _close(self) -> None:
        self._closed = True
        self._running = False
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None

    def _turn(self) -> None:
        self._wakeup = None
        self._handle(ITEMS_PER_TURN_MAX)
        if self._items and self._running and self._wakeup is None:
            self._wakeup = self._loop.call_soon(self._turn, context=self._context)

    def _handle(self, items_max: int) -> None:
        items, handler = self._items, self._handler
        for _ in range(min(items_max, len(items))):
            if not items:  # killed by its own handler
                return
            item = items.popleft()
            try:
                handler(item)
            except Exception as error:
                self._on_error(error)

    def _warn(self) -> None:
        now_s = self._loop.time()
        if now_s - self._warned_at_s >= WARNING_INTERVAL_S:
            self._warned_at_s = now_s
            self._log.warning("%s: holds %d items, more than its %d", self.name, len(self._items), self.capacity)
