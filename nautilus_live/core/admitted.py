"""What `core.admission` decides: the form of its answers, and how what they rest on is told.

Pure values; no decisions.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.core.unheard import ZERO, End
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided
from nautilus_live.model.orders import Order


class Admission(Struct, frozen=True):
    """What to do: apply `events` in this order, log `notes`, and keep `held` until its order is known.

    `waits` is an end to look at again when the venue has answered. `late` is what follows from a late word about a
    purged order, or from a trade that a stranger's order had. `ask_about` is an order that was, or may have been,
    replaced at terms which nobody has told, that may work although it was taken for full, or of which a trade got
    lost. `unheard` is what the venue says was filled of that one in all, once its end waited long enough.
    """

    events: tuple[OrderEvent, ...] = ()
    notes: tuple[Note, ...] = ()
    held: OrderFilled | OrderFillVoided | None = None
    late: Plan | None = None
    waits: End | None = None
    ask_about: Order | None = None
    unheard: Decimal = ZERO


def note_on(level: Level, kind: str, text: str, event: OrderEvent, *, alarm: bool = False) -> Note:
    """Return a note about an event."""
    return Note(
        level=level,
        kind=kind,
        text=text,
        instrument_id=event.instrument_id,
        client_order_id=event.client_order_id,
        venue_order_id=event.venue_order_id,
        trade_id=event.trade_id if isinstance(event, OrderFilled | OrderFillVoided) else None,
        alarm=alarm,
    )


def speaks_of_another_id(order: Order, event: OrderEvent) -> bool:
    """Return whether an event names another venue order id than the order has."""
    return (
        event.venue_order_id is not order.venue_order_id
        and event.venue_order_id is not None
        and order.venue_order_id is not None
        and event.venue_order_id != order.venue_order_id
    )
