"""The lists of the order emulator: what the state of one order asks of those linked to it is carried out here.

Knows the cache and the bus; `core.contingency` decides. Only lists are looked at of which an order is or was held here;
the events of strategies that have none are not even heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

from nautilus_live.core.contingency import (
    Arm,
    Consequence,
    Resize,
    changes,
    consequences,
    is_changed,
    linked_order,
    relatives,
)
from nautilus_live.core.emulation import concerns_emulation
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.local_orders import LocalOrders
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.events import REFUSALS, OrderEvent
from nautilus_live.model.identifiers import ClientOrderId, StrategyId
from nautilus_live.model.orders import Order

RETRY_AFTER_S = 5.0
LAST = -1
"""What an order's event leads to here happens after its strategy heard of it."""


class EmulatedLists:
    """Keeps linked orders in line with each other.

    Args:
        loop: for asking again what a venue refused.
        cache: the orders.
        msgbus: where their events are heard.
        orders: cancels and resizes them.
        arm: holds a child from now on, with a quantity.
        forget: watches an order no longer.

    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        cache: Cache,
        msgbus: MessageBus,
        orders: LocalOrders,
        arm: Callable[[Order, Decimal], object],
        forget: Callable[[Order], object],
    ) -> None:
        self._loop = loop
        self._cache = cache
        self._msgbus = msgbus
        self._orders = orders
        self._arm = arm
        self._forget = forget
        self._strategies: dict[StrategyId, None] = {}
        self._waiting: dict[ClientOrderId, Order] = {}
        self._is_settling = False
        self._ours: dict[ClientOrderId, Decimal] = {}
        self._told: list[ClientOrderId] = []
        self._retries: dict[ClientOrderId, asyncio.TimerHandle] = {}

    def stop(self) -> None:
        """Ask for nothing again that was refused; the next start settles it."""
        for retry in self._retries.values():
            retry.cancel()
        self._retries.clear()

    def hear(self, order: Order) -> None:
        """Hear what happens to an order's list, if it is in one."""
        if order.is_contingency and order.strategy_id not in self._strategies:
            self._strategies[order.strategy_id] = None
            self._msgbus.subscribe(f"events.order.{order.strategy_id}", self._on_order_event, priority=LAST)

    def restore(self) -> None:
        """Settle what happened to lists that are not over while nobody looked."""
        for order in self._cache.orders():
            if order.is_closed or not concerns_emulation(order, self._cache.order):
                continue
            self.hear(order)
            self._settle_around(order)

    def settle(self, order: Order) -> None:
        """Bring the orders linked to `order` into line with it.

        What is said of them on the way is heard here too; it waits until this is done, so that all is said once.
        """
        self._waiting[order.client_order_id] = order
        if self._is_settling:
            return
        self._is_settling = True
        try:
            while self._waiting:
                self._carry_out(self._waiting.pop(next(iter(self._waiting))))
        finally:
            self._is_settling = False

    def _carry_out(self, order: Order) -> None:
        for found in consequences(order, self._cache, held_here=True):
            if found.order.client_order_id in self._told:
                self._loop.call_soon(self.settle, order)  # once everybody has heard what is being told of it
                continue
            if isinstance(found, Arm):
                self._arm(found.order, found.quantity)
                continue
            was_emulated = found.order.is_emulated
            self._resize_or_cancel(found)
            if was_emulated and found.order.is_closed:
                self._forget(found.order)

    def _resize_or_cancel(self, found: Consequence) -> None:
        if isinstance(found, Resize):
            self._ours[found.order.client_order_id] = found.quantity
        self._orders.carry_out(found)

    def _follow(self, order: Order, event: OrderEvent) -> None:
        """Let linked orders follow an order that somebody else than us gave another quantity."""
        if not is_changed(order, event):
            return
        if self._ours.pop(order.client_order_id, None) != order.quantity.value:
            for found in changes(order, self._cache, held_here=True, grows=order.is_emulated):
                self._resize_or_cancel(found)

    def _on_order_event(self, event: OrderEvent) -> None:
        order = linked_order(event, self._cache)
        if order is None or not concerns_emulation(order, self._cache.order):
            return
        if type(event) in REFUSALS:  # asked for at once it would be refused at once
            self._look_again_later(order)
            return
        self._told.append(event.client_order_id)
        try:
            if order.client_order_id == event.client_order_id:
                self._follow(order, event)
            self._settle_around(order)
        finally:
            self._told.pop()

    def _look_again_later(self, order: Order) -> None:
        before = self._retries.get(order.client_order_id)
        if before is not None:
            before.cancel()
        self._retries[order.client_order_id] = self._loop.call_later(RETRY_AFTER_S, self._look_again, order)

    def _look_again(self, order: Order) -> None:
        del self._retries[order.client_order_id]
        self._settle_around(order)

    def _settle_around(self, order: Order) -> None:
        """Settle an order and those linked to it: what could not be sent to the venue before may be now."""
        self.settle(order)
        for other in relatives(order, self._cache):
            self.settle(other)
