"""Contingent orders, kept by the strategy (`manage_contingent_orders`): what `core.contingency` asks is carried out.

For lists at a venue that does not link orders itself. Lists of which an order is or was held here are the emulator's;
so are those whose children wait for a parent (`waiting_lists`). Everything follows from the orders in the cache, so a
restart restores it: what happened while the node was down is settled at the start. A change that cannot be sent yet
(another one is under way, or the venue has not acknowledged the order) is asked for again by the next event; one that
the venue refused, a while later.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from nautilus_live.core.contingency import (
    Arm,
    Cancel,
    Consequence,
    changes,
    consequences,
    is_changed,
    linked_order,
    relatives,
)
from nautilus_live.core.emulation import concerns_emulation
from nautilus_live.model.enums import ContingencyType
from nautilus_live.model.events import REFUSALS, OrderEvent
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.order_commands import OrderCommands

NONE = ContingencyType.NO_CONTINGENCY
RETRY_AFTER_NS = 5_000_000_000
PREFIX = "CONTINGENCY:"


class Contingencies:
    """The links between one strategy's orders."""

    def __init__(self, strategy: OrderCommands) -> None:
        self._strategy = strategy
        self._ours: dict[ClientOrderId, Decimal] = {}
        self._told: list[ClientOrderId] = []

    def on_order_event(self, event: OrderEvent) -> None:
        """Settle what follows from the order's new state."""
        order = linked_order(event, self._strategy.cache)
        if order is None:
            return
        if type(event) in REFUSALS:
            # Asked for at once it would be refused at once, and so on for ever.
            clock = self._strategy.clock
            name = PREFIX + order.client_order_id.value
            clock.set_time_alert(name, clock.timestamp_ns() + RETRY_AFTER_NS, self._look_again, override=True)
            return
        self._told.append(event.client_order_id)
        try:
            if order.client_order_id == event.client_order_id:
                self._follow(order, event)
            self._settle_around(order)
        finally:
            self._told.pop()

    def _look_again(self, event: TimeEvent) -> None:
        order = self._strategy.cache.order(ClientOrderId(event.name.removeprefix(PREFIX)))
        if order is not None:
            self._settle_around(order)

    def _settle_around(self, order: Order) -> None:
        self.settle(order)
        for other in relatives(order, self._strategy.cache):  # what could not be sent before may be now
            self.settle(other)

    def restore(self, orders: Iterable[Order]) -> None:
        """Settle what happened to the parents and siblings of open orders while nobody was told."""
        related: dict[ClientOrderId, None] = {}
        for order in orders:
            related.update(dict.fromkeys(order.init.linked_order_ids))
            if order.parent_order_id is not None:
                related[order.parent_order_id] = None
        for client_order_id in related:
            other = self._strategy.cache.order(client_order_id)
            if other is not None and other.contingency_type is not NONE:
                self.settle(other)

    def settle(self, order: Order) -> None:
        """Bring the orders linked to `order` into line with it."""
        cache = self._strategy.cache
        if concerns_emulation(order, cache.order):
            return
        for found in consequences(order, cache):
            if found.order.client_order_id in self._told:  # once everybody has heard what is being told of it
                self._strategy._registered_("links of orders").get_loop().call_soon(self.settle, order)
            else:
                self._carry_out(found)

    def _follow(self, order: Order, event: OrderEvent) -> None:
        """Let linked orders follow an order that somebody else than us gave another quantity."""
        cache = self._strategy.cache
        if not is_changed(order, event) or concerns_emulation(order, cache.order):
            return
        if self._ours.pop(order.client_order_id, None) != order.quantity.value:
            for found in changes(order, cache):
                self._carry_out(found)

    def _carry_out(self, found: Consequence) -> None:
        order = found.order
        if not self._can_change(order):
            return
        if isinstance(found, Cancel):
            self._strategy.cancel_order(order)
        elif not isinstance(found, Arm) and not order.is_pending_update:
            self._ours[order.client_order_id] = found.quantity
            self._strategy.modify_order(order, quantity=Quantity(found.quantity, order.quantity.precision))

    @staticmethod
    def _can_change(order: Order) -> bool:
        if order.is_active_local and not order.is_primary:
            return False
        if order.is_inflight and not order.is_open:
            return False  # not acknowledged: there is nothing yet that the venue could change
        return not (order.is_closed or order.is_pending_cancel)
