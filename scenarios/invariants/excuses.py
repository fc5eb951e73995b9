"""What excuses an event or its absence: reasons for which something that looks broken is not.

May know: the kernel's cache and orders, the venues. Promises: it asks and changes nothing.
"""

from __future__ import annotations

from nautilus_live.core.reconciliation.replacing import may_have_been_replaced
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.waiting_words import WAIT_S_MAX
from nautilus_live.model.events import OrderEvent, OrderPendingUpdate, OrderUpdated
from nautilus_live.model.orders import TRAILING_TYPES, Order
from nautilus_live.model.reports import OrderStatusReport
from scenarios.invariants.rules import Calm, VenueView, is_uncertain_with_reason, never_prices


def why_unknown(calm: Calm, view: VenueView, report: OrderStatusReport) -> str:
    """Return why the node need not know an order that works at the venue, an empty text if it must."""
    if calm.ignores_external:
        return "filter_unclaimed_external_orders leaves it out"
    waits = report.trigger_price is not None and not report.ts_triggered
    if waits and view.venue.profile.conditional_orders == "unlisted":
        # It may be a stranger's, or ours and lost with the store: who does not know its name can ask nobody about it.
        return "no list of the venue has it before it is triggered"
    return ""


def why_said_again(calm: Calm, view: VenueView, event: OrderEvent) -> str:
    """Return why asking once more may lead to an event, an empty text if it may not."""
    if is_uncertain_with_reason(calm, view, event.instrument_id):
        return f"{event.instrument_id}: the node says that it does not know the position"
    if event.strategy_id.is_internal() and never_prices(view):
        return f"{event.instrument_id}: a fill without a price may be booked when it is aligned"
    order = calm.cache.order(event.client_order_id)
    if order is not None and isinstance(event, OrderUpdated) and trails_in_silence(view, order):
        return f"{event.client_order_id}: the venue says where a stop trails to only if it is asked"
    return ""


def trails_in_silence(view: VenueView, order: Order) -> bool:
    """Whether the order is a trailing stop of a venue that does not say when its trigger moves."""
    return order.order_type in TRAILING_TYPES and not view.venue.profile.streams_trails


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
