"""Our own words about an order: events that no venue said. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

from nautilus_live.model.events import OrderEvent
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
