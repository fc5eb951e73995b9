"""Replacing: what can be known of an order while nobody has said whether our modification replaced it. Pure.

Some venues modify an order by canceling it and placing another under the same client order id. As long as our last
modification has no answer, two things may therefore be about our order that otherwise would not be: a word under a
venue order id that we never heard of, and the end of the one that we know, which may be the first half only.

Such venues also replace orders by themselves (somebody amends by hand), and we may hear nothing of it. Then the end of
the new leg is the end of our order if it is news: the new leg was placed no earlier than ours was, names our order, and
ended after everything that the venue told us of it. And legs that are listed side by side are known by the handover:
one was canceled, with no more filled, in the moment in which the next was placed.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderEvent,
    OrderModifyRejected,
    OrderPendingUpdate,
    OrderUpdated,
)
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport

HANDOVER_NS_MAX = 1_000_000_000
"""How long after a leg's cancel the next leg was placed at the latest; a venue does both as one."""

_OWN_WORDS = (Provenance.LOCAL, Provenance.POLICY)
_ANSWERS: tuple[type[OrderEvent], ...] = (OrderUpdated, OrderModifyRejected)


def may_have_been_replaced(order: Order | None) -> bool:
    """Return whether we asked for a modification and nobody has said what became of it."""
    if order is not None:
        for event in reversed(order.events):
            if isinstance(event, OrderPendingUpdate):
                return True
            # An acknowledgement that was told is the submission's; one that was found says how the order is now.
            found = isinstance(event, OrderAccepted) and event.provenance is Provenance.RECONCILIATION
            if found or isinstance(event, _ANSWERS):
                return False
    return False


def may_end_a_leg_only(order: Order, cancel: OrderEvent) -> bool:
    """Return whether a cancel of the order, told by a stream, may be half of the modification that it waits for.

    Trades meanwhile change nothing about that, and neither does a cancel that we asked for after it: the venue answers
    one after the other.
    """
    return cancel.provenance is Provenance.STREAM and may_have_been_replaced(order)


def is_first_half(order: Order, report: OrderStatusReport, known: Order | None = None) -> bool:
    """Return whether a report of the order's end may be the first half of the modification that it waits for.

    It may wait for it and be acknowledged meanwhile, if it was modified at once; `known` has the events that tell,
    where `order` is a copy without them.
    """
    if report.order_status is not OrderStatus.CANCELED or order.venue_order_id != report.venue_order_id:
        return False
    if order.status is OrderStatus.PENDING_UPDATE:
        return True
    return order.status is OrderStatus.ACCEPTED and may_have_been_replaced(known or order)


def ends_replacement(order: Order, report: OrderStatusReport) -> bool:
    """Return whether a report under a venue order id that is new to us tells of the end of our order, replaced unheard.

    A REJECTED one is no such end: the venue refused a replacement, and what was to be replaced may go on.
    """
    if report.order_status not in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        return False
    if report.client_order_id != order.client_order_id or (order.is_closed and not order.provisional):
        return False
    if 0 < report.ts_accepted < order.ts_accepted:
        return False  # a leg of before
    heard_ns = max((event.ts_event for event in order.events if event.provenance not in _OWN_WORDS), default=0)
    return report.ts_last > heard_ns


def took_over(order: Order, report: OrderStatusReport) -> bool:
    """Return whether a report under an id that is new to us is of the leg to which a canceled one handed over.

    We heard of the cancel of the old leg alone, and took it for the order's end.
    """
    return (
        order.status is OrderStatus.CANCELED
        and report.is_open
        and report.client_order_id == order.client_order_id
        and report.order_type is order.order_type
        and 0 <= report.ts_accepted - order.ts_closed <= HANDOVER_NS_MAX
    )


def is_older_leg(order: Order | None, report: OrderStatusReport) -> bool:
    """Return whether a report under a venue order id that is new to us is of a leg from before the one that we know.

    A list may lag behind the stream, and answer with what the order was when it had another id; or it has every leg,
    and one was canceled by the time of the first word of ours.
    """
    if order is None or order.venue_order_id in (None, report.venue_order_id):
        return False
    told = next((event for event in order.events if event.venue_order_id == order.venue_order_id), None)
    if told is None or not report.ts_last:
        return False
    handed_over = report.order_status is OrderStatus.CANCELED and report.ts_last == told.ts_event
    return report.ts_last < told.ts_event or handed_over


def replaced_legs(reports: Iterable[OrderStatusReport]) -> list[OrderStatusReport]:
    """Return all but the last of several reports under one client order id, if each leg handed over to the next."""
    # Of two legs of one moment the one that works is the later.
    chain = sorted(
        reports, key=lambda report: (report.ts_accepted, report.ts_last, report.is_open, report.venue_order_id.value)
    )
    return chain[:-1] if all(_hands_over(leg, following) for leg, following in pairwise(chain)) else []


def _hands_over(leg: OrderStatusReport, following: OrderStatusReport) -> bool:
    return (
        leg.order_status is OrderStatus.CANCELED
        and leg.ts_last > 0
        and 0 <= following.ts_accepted - leg.ts_last <= HANDOVER_NS_MAX
        and leg.filled_qty.value <= following.filled_qty.value
        and (leg.instrument_id, leg.order_side, leg.order_type)
        == (following.instrument_id, following.order_side, following.order_type)
    )
