"""Candidates: which order of ours a report is probably about that names none. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from nautilus_live.core.reconciliation.replacing import may_have_been_replaced
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport


def candidate(inflight: Iterable[Order], report: OrderStatusReport) -> Order | None:
    """Return the order that a report is probably about which names none of ours, None without one.

    `inflight` are orders that wait for the venue. One of them that was never acknowledged and is in every respect what
    the report describes is probably that very order, and no stranger's; its acknowledgement will tell. So is one, at
    whatever terms, that we asked to modify, while nobody has said what became of it: it may have been replaced.
    """
    if report.client_order_id is not None:
        return None
    for order in inflight:
        if (
            order.instrument_id == report.instrument_id
            and order.side is report.order_side
            and order.order_type is report.order_type
            and (_is_described(order, report) if order.venue_order_id is None else may_have_been_replaced(order))
        ):
            return order
    return None


def _is_described(order: Order, report: OrderStatusReport) -> bool:
    return (
        order.quantity == report.quantity
        and report.price in (None, order.price)
        and report.trigger_price in (None, order.trigger_price)
    )
