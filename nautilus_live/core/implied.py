"""Implied: events that a word of the venue tells besides what it says. Pure.

Their ids follow from the word's, so that a word that is told again implies nothing new.
"""

from __future__ import annotations

from nautilus_live.model.events import OrderAccepted, OrderEvent, OrderTriggered, OrderUpdated
from nautilus_live.model.orders import Order


def acknowledgement(event: OrderTriggered) -> OrderAccepted:
    """Return what a trigger says besides: the order is at the venue, and its acknowledgement is still to come."""
    told = {name: getattr(event, name) for name in OrderAccepted.__struct_fields__}
    return OrderAccepted(**told | {"event_id": f"{event.event_id}-accepted"})


def replacement(order: Order, event: OrderEvent) -> OrderUpdated:
    """Return what a word under another venue id says besides: the order goes on under that id, at the terms we know."""
    return OrderUpdated(
        event_id=f"{event.event_id}-replaced",
        ts_event=event.ts_event,
        ts_init=event.ts_init,
        trader_id=order.init.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=event.venue_order_id,
        account_id=event.account_id,
        provenance=event.provenance,
        quantity=order.quantity,
        price=order.price,
        trigger_price=order.trigger_price,
    )
