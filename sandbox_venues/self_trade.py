"""Self-trade prevention: what a venue does when two orders of one account are about to meet.

May know: orders. Pure: it says what is taken off whom, and the floor does it. Promises: the two never trade with each
other in the continuous market (an auction has one price and no counterparties, so there it does not apply).
"""

from __future__ import annotations

from decimal import Decimal

from sandbox_venues.orders import VenueOrder

REASON = "SELF_TRADE"
"""What an order that is ended by this says."""


def taken_off(mode: str, newest: VenueOrder, oldest: VenueOrder) -> list[tuple[VenueOrder, Decimal]]:
    """Return how much to take off the order that rests and off the one that comes in, in the order of doing it.

    `mode` is the profile's `self_trade_prevention`. What would have nothing left is to end.
    """
    if mode == "decrement":
        amount = min(newest.leaves, oldest.leaves)
        return [(oldest, amount), (newest, amount)]
    ended = [oldest] if mode in ("cancel_oldest", "cancel_both") else []
    ended += [newest] if mode in ("cancel_newest", "cancel_both") else []
    return [(order, order.leaves) for order in ended]
