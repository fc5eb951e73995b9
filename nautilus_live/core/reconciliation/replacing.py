"""Replacing: what can be known of an order while nobody has said whether our modification replaced it. Pure.

Some venues modify an order by canceling it and placing another under the same client order id. As long as our last
modification has no answer, two things may therefore be about our order that otherwise would not be: a word under a
venue order id that we never heard of, and the end of the one that we know, which may be the first half only.
"""

from __future__ import annotations

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import (
    OrderAccepted,
    OrderEvent,
    OrderModifyRejected,
    OrderPendingUpdate,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport

_ANSWERS: tuple[type[OrderEvent], ...] = (OrderUpdated, OrderModifyRejected, OrderAccepted, OrderTriggered)


def may_have_been_replaced(order: Order | None) -> bool:
    """Return whether we asked for a modification and nobody has said what became of it."""
    if order is not None:
        for event in reversed(order.events):
            if isinstance(event, OrderPendingUpdate):
                return True
            if isinstance(event, _ANSWERS):
                return False
    return False


def is_first_half(order: Order, report: OrderStatusReport) -> bool:
    """Return whether a report of the order's end may be the first half of the modification that it waits for."""
    return (
        report.order_status is OrderStatus.CANCELED
        and order.status is OrderStatus.PENDING_UPDATE
        and order.venue_order_id == report.venue_order_id
    )
