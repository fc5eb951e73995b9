"""Orders between our hands and the venue's: held here before, with their client by now, and not said to have left yet.

Knows orders; says nothing. Such an order can be changed nowhere: not here, where it is no more, and not at its venue,
which may not have it yet. What is said of it next (that it was submitted, denied, rejected) ends that.
"""

from __future__ import annotations

from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import UNSENT_STATUSES, Order


class HandedOver:
    """The orders that are on their way; `order in handed_over` says whether one is."""

    def __init__(self) -> None:
        self._orders: dict[ClientOrderId, Order] = {}

    def add(self, order: Order) -> None:
        """Learn that a client gets an order; those that were spoken of since are forgotten."""
        self._orders = {name: one for name, one in self._orders.items() if one.status in UNSENT_STATUSES}
        self._orders[order.client_order_id] = order

    def __contains__(self, order: Order) -> bool:
        return order.status in UNSENT_STATUSES and self._orders.get(order.client_order_id) is order
