"""Unsent orders: what an earlier life wrote down, and may or may not have sent. Pure.

An order is on disk before it is sent, and that it was sent is written afterwards: between the two lies a crash. If no
report mentions such an order at a start, it is taken for sent, because then the in-flight check asks about it until the
venue has said what it knows. Left as it is, it would be an order that nobody ever asks about; sent again, it might be
there twice.

What the emulator or an execution algorithm held has not left: it is released before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable

from nautilus_live.core.own_words import own_word
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderSubmitted
from nautilus_live.model.orders import Order

_MAY_HAVE_LEFT = (OrderStatus.INITIALIZED, OrderStatus.RELEASED)


def doubt_unsent(orders: Iterable[Order], now: int) -> Plan:
    """Return the plan that takes orders of an earlier life for sent which may have been; `now` is our time."""
    plan = Plan()
    for order in orders:
        if order.status not in _MAY_HAVE_LEFT or order.is_held_here or order.strategy_id.is_internal():
            continue
        plan.events.append(
            own_word(
                order,
                OrderSubmitted,
                event_id=f"R-{order.client_order_id}-{len(order.events)}",
                now=now,
                provenance=Provenance.RECONCILIATION,
            )
        )
        plan.notes.append(
            Note(
                level=Level.WARNING,
                kind="order.may_have_left",
                text=f"{order.client_order_id}: {order.status} when the last life ended; it may have been sent, so the"
                " venue is asked",
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
            )
        )
    return plan
