"""Purging: what a node that runs for weeks may forget. Pure.

May be forgotten, once our own clock has seen it rest for the buffer (a buffer that has just passed counts):

- an order that is closed, and so are the orders linked to it as far as they are known; one that we ended ourselves
  rests for an hour at least, for the venue's word may still prove us wrong;
- a position that is flat, and no order of it works any more; nor is it the sum of several that the venue still has
  (`position_legs`), which nobody would know then;
- the old fills of a position that stays open, which `position_keeping.fold` keeps as sums;
- an account state, unless it is the account's last.

A forgotten order leaves a tombstone (`tombstones`), which tells what a late word about it means
(`reconciliation.late_words`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import ClientOrderId, PositionId
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position

NANOSECONDS_PER_MINUTE = 60_000_000_000
OWN_END_RESTS_NS = 60 * NANOSECONDS_PER_MINUTE
"""How long an end that we concluded rests at least: a request may arrive late, and a forgotten order cannot work."""


def orders_to_purge(
    orders: Iterable[Order], find: Callable[[ClientOrderId], Order | None], now: int, buffer_ns: int
) -> list[Order]:
    """Return the orders that may be forgotten at `now`; `find` returns the order of an id, if it is known."""
    return [
        order
        for order in orders
        # Our own time: the venue's clock may be ahead, and what we heard only now is not old to us.
        if order.is_closed
        and order.events[-1].ts_init + (max(buffer_ns, OWN_END_RESTS_NS) if order.provisional else buffer_ns) <= now
        and not _has_open_link(order, find)
    ]


def _has_open_link(order: Order, find: Callable[[ClientOrderId], Order | None]) -> bool:
    linked = order.init.linked_order_ids
    if order.parent_order_id is not None:
        linked = (*linked, order.parent_order_id)
    return any(other is not None and not other.is_closed for other in map(find, linked))


def positions_to_purge(
    positions: Iterable[Position], still_traded: Iterable[PositionId], now: int, buffer_ns: int
) -> list[Position]:
    """Return the positions that may be forgotten at `now`; `still_traded` are those with an order that works."""
    kept = frozenset(still_traded)
    return [
        position
        for position in positions
        if position.is_closed
        and not position.legs
        and position.id not in kept
        and _closed_at(position) + buffer_ns <= now
    ]


def _closed_at(position: Position) -> int:
    return position.fills[-1].ts_init if position.fills else position.ts_closed


def states_to_purge(states: Sequence[AccountState], now: int, lookback_ns: int) -> int:
    """Return how many of an account's `states`, oldest first, may be forgotten at `now`; the last one stays."""
    count = 0
    while count < len(states) - 1 and states[count].ts_init + lookback_ns <= now:
        count += 1
    return count
