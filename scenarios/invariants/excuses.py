"""What excuses an event or its absence: reasons for which something that looks broken is not.

May know: the kernel's cache and orders, the venues. Promises: it asks and changes nothing.
"""

from __future__ import annotations

from nautilus_live.core.reconciliation.replacing import may_have_been_replaced
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.waiting_words import WAIT_S_MAX
from nautilus_live.model.events import OrderEvent, OrderPendingUpdate
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from scenarios.invariants.rules import Calm, VenueView


def why_unknown(calm: Calm, view: VenueView, report: OrderStatusReport) -> str:
    """Return why the node need not know an order that works at the venue, an empty text if it must."""
    if calm.ignores_external:
        return "filter_unclaimed_external_orders leaves it out"
    waits = report.trigger_price is not None and not report.ts_triggered
    if waits and view.venue.profile.conditional_orders == "unlisted":
        # It may be a stranger's, or ours and lost with the store: who does not know its name can ask nobody about it.
        return "no list of the venue has it before it is triggered"
    return ""


def is_gone_on_purpose(cache: Cache, event: OrderEvent) -> bool:
    """Return whether the event's order was purged, with or without a tombstone left."""
    return cache.is_purged(event.client_order_id, event.venue_order_id, event.instrument_id) or cache.is_forgotten(
        event.ts_event
    )


def waits_for_an_update(order: Order, event: OrderEvent) -> bool:
    """Return whether the node asked for a modification a moment ago, so that a cancel may have been half of that."""
    if not may_have_been_replaced(order):
        return False
    asked_ns = next(one.ts_init for one in reversed(order.events) if isinstance(one, OrderPendingUpdate))
    return event.ts_init - asked_ns < WAIT_S_MAX * 1_000_000_000
