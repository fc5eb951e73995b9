"""The dates of orders that are held here: one timer each, until the date or until it is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nautilus_live.adapters.ports import Clock
from nautilus_live.model.enums import TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order

NANOSECONDS_PER_SECOND = 1_000_000_000


class Deadlines:
    """Calls `on_date` with each good-till-date order when its date has come.

    Args:
        loop: for the timers.
        clock: what the dates are compared with; it may be set while a timer runs.
        on_date: takes the order.

    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, on_date: Callable[[Order], object]) -> None:
        self._loop = loop
        self._clock = clock
        self._on_date = on_date
        self._timers: dict[ClientOrderId, asyncio.TimerHandle] = {}

    def set(self, order: Order) -> None:
        """Wait for the date of an order, if it has one."""
        if order.time_in_force is not TimeInForce.GTD:
            return
        self.drop(order)
        delay_s = max(0, order.expire_time_ns - self._clock.timestamp_ns()) / NANOSECONDS_PER_SECOND
        self._timers[order.client_order_id] = self._loop.call_later(delay_s, self._on_timer, order)

    def drop(self, order: Order) -> None:
        """Wait no longer."""
        timer = self._timers.pop(order.client_order_id, None)
        if timer is not None:
            timer.cancel()

    def clear(self) -> None:
        """Wait for nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def is_over(self, order: Order) -> bool:
        """Return whether the order's date has come."""
        return 0 < order.expire_time_ns <= self._clock.timestamp_ns()

    def _on_timer(self, order: Order) -> None:
        if self.is_over(order):
            self._on_date(order)
        else:
            self.set(order)
