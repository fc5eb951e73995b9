"""Contingent orders, kept by the strategy (`manage_contingent_orders`).

What one order did settles what is left of those linked to it:

- OTO (a parent and its children): a parent that ends unfilled takes its children with it; one that ends partly filled
  shrinks them to what was filled.
- OCO: the first to be filled, even in part, or to end, cancels the others.
- OUO: what is filled of one is taken off the others; its end cancels them.

Everything follows from the orders in the cache, so a restart restores it: what happened while the node was down is
settled at the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from nautilus_live.model.enums import ContingencyType
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order

if TYPE_CHECKING:
    from nautilus_live.trading.strategy import Strategy

NONE = ContingencyType.NO_CONTINGENCY


class Contingencies:
    """The links between one strategy's orders."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy

    def on_order_event(self, event: OrderEvent) -> None:
        """Settle what follows from the order's new state."""
        order = self._strategy.cache.order(event.client_order_id)
        if order is not None and order.contingency_type is not NONE:
            self.settle(order)

    def restore(self, orders: Iterable[Order]) -> None:
        """Settle what happened to the parents and siblings of open orders while nobody was told."""
        related: dict[ClientOrderId, None] = {}
        for order in orders:
            related.update(dict.fromkeys(order.linked_order_ids))
            if order.parent_order_id is not None:
                related[order.parent_order_id] = None
        for other in self._known(related):
            self.settle(other)

    def settle(self, order: Order) -> None:
        """Bring the orders linked to `order` into line with it."""
        filled = order.filled_qty.value
        for other in self._known(order.linked_order_ids):
            if order.contingency_type is ContingencyType.OTO:
                if order.is_closed:
                    self._shrink(other, filled)
            elif order.is_closed or (filled and order.contingency_type is ContingencyType.OCO):
                self._cancel(other)
            elif filled:
                self._shrink(other, other.filled_qty.value + order.leaves_qty.value)

    def _known(self, client_order_ids: Iterable[ClientOrderId]) -> list[Order]:
        found = map(self._strategy.cache.order, client_order_ids)
        return [order for order in found if order is not None and order.contingency_type is not NONE]

    def _shrink(self, order: Order, quantity: Decimal) -> None:
        if quantity <= order.filled_qty.value:
            self._cancel(order)
        elif quantity < order.quantity.value and self._can_change(order):
            self._strategy.modify_order(order, quantity=Quantity(quantity, order.quantity.precision))

    def _cancel(self, order: Order) -> None:
        if self._can_change(order):
            self._strategy.cancel_order(order)

    @staticmethod
    def _can_change(order: Order) -> bool:
        return not (order.is_closed or order.is_active_local or order.is_pending_cancel)
