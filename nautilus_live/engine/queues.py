"""Queues between those who hear and the one who decides.

Knows the event loop and a handler. Promises:
1. `put` never waits and never runs the handler; items are handled in the order they were put; none is dropped.
2. One wake-up of the loop handles many items, but a bounded number, so that connections and timers get their turn.
3. Beyond its capacity a queue still takes items: an event that is lost is worse than memory that is used. It says so at
   most once a second, and raises one alarm until it has been empty again.
4. An error of the handler concerns one item: it goes to `on_error`, and the next item is handled.

What keeps a queue from getting there is the business of those who put. A command is refused when the commands' queue is
full (`engine.risk`; cancels always pass); a source of market data that can hold its sender back waits for room, and
quotes of one that cannot are conflated (`engine.conflation`); order events and reports are always taken.

Whoever puts may live elsewhere (a simulated venue, another task): what a queue starts belongs to whoever started the
queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
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

    Attributes:
        on_overflow: if set, called with the alarm's kind and text when the queue begins to hold more than its capacity,
            and again only after it was empty.

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
        self.on_overflow: Callable[[str, str], object] | None = None
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
        self._overflowed = False
        self._warned_at_s = -WARNING_INTERVAL_S
        self._waiters: list[asyncio.Future[None]] = []

    def put(self, item: Any) -> None:
        """Take `item`; it is handled in a later turn of the loop.

        Raises:
            ProgrammerError: for None, which no handler expects.

        """
        if item is None:
            raise ProgrammerError(f"{self.name}: cannot take None")
        if self._wakeup is None:  # with one on its way it runs, and nothing more is to be seen to
            if self._closed:
                self._log.debug("%s: is stopped, ignored a %s", self.name, type(item).__name__)
                return
            if self._running:
                self._wakeup = self._loop.call_soon(self._turn, context=self._context)
        items = self._items
        items.append(item)
        if len(items) > self.capacity:
            self._warn()

    @property
    def items(self) -> deque[Any]:
        """What waits: only to be looked at."""
        return self._items

    def qsize(self) -> int:
        """Return the number of items waiting."""
        return len(self._items)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many items as it should at most."""
        return len(self._items) >= self.capacity

    async def wait_for_room(self) -> None:
        """Wait until the queue holds less than its capacity, or takes nothing more; at once if it does."""
        while self.is_full and not self._closed:
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiters.append(waiter)
            await waiter

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
        self._wake_waiters()

    def _turn(self) -> None:
        self._wakeup = None
        self._handle(ITEMS_PER_TURN_MAX)
        if not self._items:
            self._overflowed = False
        elif self._running and self._wakeup is None:
            self._wakeup = self._loop.call_soon(self._turn, context=self._context)
        if self._waiters and not self.is_full:
            self._wake_waiters()

    def _wake_waiters(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

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
        if not self._overflowed:
            self._overflowed = True
            if self.on_overflow is not None:
                text = f"{self.name}: holds {len(self._items)} items, its qsize is {self.capacity}"
                self.on_overflow("queue.full", text)


class TypedQueue(LiveQueue):
    """A queue whose items have a handler for each type; one of no known type is logged, or an error if it is `strict`.

    With `tells`, each item is logged, at INFO, before its handler takes it: the `debug` settings.

    Attributes:
        handled_count: how many items were handled.

    """

    def __init__(
        self,
        name: str,
        capacity: int,
        handlers: Mapping[type, Callable[[Any], object]],
        loop: asyncio.AbstractEventLoop,
        on_error: Callable[[Exception], object],
        log: logging.Logger | None = None,
        *,
        strict: bool = False,
        tells: bool = False,
    ) -> None:
        super().__init__(name, capacity, self._refuse, loop, on_error, log)
        self.handled_count = 0
        self._handlers = {kind: self._telling(handler) for kind, handler in handlers.items()} if tells else handlers
        self._strict = strict

    def _refuse(self, item: object) -> None:
        if self._strict:
            raise ProgrammerError(f"{self.name}: cannot handle a {type(item).__name__}")
        self._log.error("%s: cannot handle a %s", self.name, type(item).__name__)

    def _telling(self, handler: Callable[[Any], object]) -> Callable[[Any], None]:
        def take(item: Any) -> None:
            self._log.info("takes %s", item)
            handler(item)

        return take

    def _handle(self, items_max: int) -> None:
        # As the base class's, with no call between the queue and the handler.
        items, handlers, refuse = self._items, self._handlers, self._refuse
        count = min(items_max, len(items))
        self.handled_count += count
        for left in range(count, 0, -1):
            if not items:  # killed by its own handler
                self.handled_count -= left
                return
            item = items.popleft()
            try:
                handlers.get(type(item), refuse)(item)
            except Exception as error:
                self._on_error(error)
