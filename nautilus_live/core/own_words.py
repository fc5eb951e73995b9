"""Our own words about an order: events that no venue said. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

from nautilus_live.model.events import OrderEvent, OrderPendingUpdate, OrderTriggered
from nautilus_live.model.orders import Order

E = TypeVar("E", bound=OrderEvent)


def own_word(order: Order, kind: type[E], *, event_id: str, now: int, **fields: Any) -> E:
    """Return an event of `kind` about `order`, under every id it is known by.

    Args:
        order: what it is about; only read.
        kind: what is said.
        event_id: the event's own id.
        now: our time, in nanoseconds.
        fields: what the kind has besides.

    """
    return kind(
        event_id=event_id,
        ts_event=now,
        ts_init=now,
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        account_id=order.account_id,
        **fields,
    )


def waits_for_earlier_update(order: Order) -> bool:
    """Return whether the order waited for the answer to a modification already when the last one was asked for."""
    asked = [event for event in order.events if type(event) is not OrderTriggered][-2:]
    return order.is_pending_update and [type(event) for event in asked] == [OrderPendingUpdate, OrderPendingUpdate]
