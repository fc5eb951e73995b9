"""Conclusions: how we end an order ourselves when the venue, asked often enough, does not know it.

Pure. A conclusion is no evidence: its event has the provenance POLICY, so that the order's end is provisional, and the
venue's own word opens it again. What is filled stays filled.

One kind of order does not end: what the emulator or an execution algorithm let go just before its process died, and
what nobody knows to have been sent. If the venue does not know it, it is held here again: it may be the only stop of a
position, and it was never at the venue.
"""

from __future__ import annotations

from enum import Enum, unique

from nautilus_live.core.own_words import own_word
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderEmulated, OrderRejected, OrderReleased, OrderSubmitted
from nautilus_live.model.orders import Order

Conclusion = OrderRejected | OrderCanceled
NANOSECONDS_PER_MILLISECOND = 1_000_000
NANOSECONDS_PER_MINUTE = 60_000_000_000


@unique
class Outcome(Enum):
    """What came of a question about one order. Only NOT_THERE says that the venue does not have it."""

    FOUND = "found"
    NOT_THERE = "not there"
    UNANSWERED = "unanswered"


def conclude(order: Order, kind: type[Conclusion], reason: str, now: int) -> Conclusion:
    """Return the event that ends `order` by policy, for `reason`, at `now` (our time, in nanoseconds)."""
    return own_word(
        order,
        kind,
        # A function of the order: unique in its life, because every event that is applied makes the list longer.
        event_id=f"P-{order.client_order_id}-{len(order.events)}",
        now=now,
        provenance=Provenance.POLICY,
        reason=reason,
    )


def take_back(order: Order, now: int) -> OrderEmulated:
    """Return the event that holds `order` here again, at `now` (our time, in nanoseconds)."""
    return own_word(
        order,
        OrderEmulated,
        event_id=f"P-{order.client_order_id}-{len(order.events)}",
        now=now,
        provenance=Provenance.POLICY,
    )


def may_never_have_left(order: Order) -> bool:
    """Return whether nobody knows more of an order's leaving than that an earlier life let it go."""
    if order.status is not OrderStatus.SUBMITTED or len(order.events) < 2:
        return False
    released, submitted = order.events[-2:]
    taken_for_sent = type(submitted) is OrderSubmitted and submitted.provenance is Provenance.RECONCILIATION
    return taken_for_sent and type(released) is OrderReleased
