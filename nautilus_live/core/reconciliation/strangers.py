"""Strangers that were none: orders made known as somebody else's that turn out to be ours. Pure.

Some venues say nothing but their own ids. If what they list is heard of before the answer to a command of ours, it may
be taken for a stranger's order (or a claimant's). When the answer then says that it is our order, what was booked on
the stranger's is given back: its trades are void there and are ours, and it is over.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from nautilus_live.core.reconciliation.types import Level, LocalState, Note, Plan
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderCanceled, OrderEvent, OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import PositionId
from nautilus_live.model.orders import Order

REASON = "OUR_OWN_ORDER"


def was_sent(order: Order) -> bool:
    """Return whether we sent the order, rather than made it known from reports."""
    return order.init.provenance is not Provenance.RECONCILIATION


def is_mistaken(made: Order, ours: Order) -> bool:
    """Return whether `made`, which has the venue order id of `ours`, has something to give back to it."""
    return (
        was_sent(ours)
        and not was_sent(made)
        and made.instrument_id == ours.instrument_id
        and made.side is ours.side
        and ours.account_id in (None, made.account_id)
        and made.ts_init >= ours.ts_init  # venues use ids again: what was there before ours is another order
        and bool(made.fills or not made.is_closed)  # a life may have ended before it was more than written down
    )


def give_back(made: Order, now: int) -> list[OrderEvent]:
    """Return the events that end `made` as if nothing of it had ever been; `now` is our time, in nanoseconds."""
    ids = _ids(made, now)
    kinds: list[tuple[type[OrderEvent], dict[str, Any]]] = [
        (OrderFillVoided, {"trade_id": trade_id, "reason": REASON}) for trade_id in made.fills
    ]
    if not made.is_closed:
        kinds.append((OrderCanceled, {"reason": REASON}))
    return [
        kind(event_id=f"R-{made.client_order_id}-{number}", **fields, **ids)
        for number, (kind, fields) in enumerate(kinds, len(made.events))
    ]


def holder_of(local: LocalState, ours: Order, trade: OrderFilled) -> Order | None:
    """Return the order that has a trade of ours because it was taken for a stranger's, None without one."""
    if trade.venue_order_id in (None, ours.venue_order_id):
        return None
    owner = local.client_order_id(trade.venue_order_id, trade.instrument_id)
    made = None if owner is None else local.order(owner)
    return made if made is not None and trade.trade_id in made.fills and is_mistaken(made, ours) else None


def hand_over(made: Order, ours: Order, now: int) -> Plan:
    """Return the plan that gives back what `made` has and books its trades on `ours`, which has its venue order id."""
    events = give_back(made, now)
    known = (*ours.fills, *ours.voided_trade_ids)
    ids = _ids(ours, now) | {"venue_order_id": ours.venue_order_id or made.venue_order_id}
    del ids["ts_event"], ids["provenance"]
    trades: list[OrderFilled] = [fill for fill in made.fills.values() if fill.trade_id not in known]
    for number, trade in enumerate(trades, len(ours.events)):
        ours_of_it = {"event_id": f"R-{ours.client_order_id}-{number}", "order_type": ours.order_type}
        place = trade.position_id if _is_the_venues(trade.position_id, made) else None
        events.append(structs.replace(trade, **ours_of_it, **ids, position_id=place, replaces=(), corrects=None))
    return Plan(events=events, notes=[mistaken_note(made, ours)])


def _is_the_venues(position_id: PositionId | None, made: Order) -> bool:
    """Return whether the venue itself named the position, rather than we after the stranger or some strategy."""
    if position_id is None or position_id.value == f"P-{made.client_order_id}":
        return False
    of_instrument = f"{made.instrument_id}-"
    if not position_id.value.startswith(of_instrument):
        return True
    # What a stranger trades may have been a strategy's; a leg of the venue's (`-LONG`) has no strategy's NAME-TAG.
    owner = position_id.value.removeprefix(of_instrument).removesuffix(f"-{made.account_id}")
    return owner != made.strategy_id.value and "-" not in owner


def mistaken_note(made: Order, ours: Order) -> Note:
    """Return what people must learn of it."""
    text = (
        f"{made.client_order_id}, made known as an order that we had not sent, is {ours.client_order_id}: the venue"
        f" calls it {made.venue_order_id}; given back, with its trades: {len(made.fills)}"
    )
    return Note(
        level=Level.WARNING,
        kind="order.was_ours",
        text=text,
        instrument_id=made.instrument_id,
        client_order_id=made.client_order_id,
        venue_order_id=made.venue_order_id,
        alarm=True,
    )


def _ids(order: Order, now: int) -> dict[str, Any]:
    return {
        "ts_event": now,
        "ts_init": now,
        "trader_id": order.trader_id,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
        "venue_order_id": order.venue_order_id,
        "account_id": order.account_id,
        "provenance": Provenance.RECONCILIATION,
    }
