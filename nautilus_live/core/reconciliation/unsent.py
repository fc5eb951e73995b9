"""Unsent orders: what an earlier life wrote down, and may or may not have sent. Pure.

An order is on disk before it is sent, and that it was sent is written afterwards: between the two lies a crash. If no
report mentions such an order at a start, it is taken for sent, because then the in-flight check asks about it until the
venue has said what it knows. Left as it is, it would be an order that nobody ever asks about; sent again, it might be
there twice. An order of somebody else's that was being made known is asked about for the same reason.

What the emulator or an execution algorithm held has not left: it is released before it is sent. An alignment order is
at no venue, ever: one that was only written down is over, and if the positions still differ there is another by now.
"""

from __future__ import annotations

from collections.abc import Iterable

from nautilus_live.core.own_words import own_word
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.strangers import was_sent
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderSubmitted
from nautilus_live.model.orders import Order

_MAY_HAVE_LEFT = (OrderStatus.INITIALIZED, OrderStatus.RELEASED)


def doubt_unsent(orders: Iterable[Order], now: int) -> Plan:
    """Return the plan for orders of an earlier life of which nothing more was written down; `now` is our time.

    Those that may have been sent are taken for sent.
    """
    plan = Plan()
    for order in orders:
        if order.status not in _MAY_HAVE_LEFT or order.is_held_here:
            continue
        aligns = is_alignment(order)
        plan.events.append(
            own_word(
                order,
                OrderCanceled if aligns else OrderSubmitted,
                event_id=f"R-{order.client_order_id}-{len(order.events)}",
                now=now,
                provenance=Provenance.RECONCILIATION,
            )
        )
        if not aligns:
            why = "it may have been sent" if was_sent(order) else "it was being made known, and no report tells of it"
            plan.notes.append(
                Note(
                    level=Level.WARNING,
                    kind="order.may_have_left",
                    text=f"{order.client_order_id}: {order.status} when the last life ended; {why}, so the venue is"
                    " asked",
                    instrument_id=order.instrument_id,
                    client_order_id=order.client_order_id,
                )
            )
    return plan
