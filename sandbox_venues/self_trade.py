"""Self-trade prevention: what a venue does when two orders of one account are about to meet.

May know: this package. Promises: the two never trade with each other in the continuous market (an auction has one price
and no counterparties, so there it does not apply); what is ended says SELF_TRADE, and ends the way the profile says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_venues.orders import VenueOrder

if TYPE_CHECKING:
    from sandbox_venues.dealing import Dealing

REASON = "SELF_TRADE"


def prevent(venue: Dealing, newest: VenueOrder, oldest: VenueOrder, now_ns: int) -> None:
    """Keep the order that comes in from trading with one that rests."""
    mode = venue.profile.self_trade_prevention
    if mode == "decrement":
        _decrement(venue, newest, oldest, now_ns)
        return
    if mode in ("cancel_oldest", "cancel_both"):
        _end(venue, oldest, now_ns)
    if mode in ("cancel_newest", "cancel_both"):
        _end(venue, newest, now_ns)


def _decrement(venue: Dealing, newest: VenueOrder, oldest: VenueOrder, now_ns: int) -> None:
    """Take what would have traded off both; whatever has nothing left ends."""
    amount = min(newest.leaves, oldest.leaves)
    for order in (oldest, newest):
        if order.leaves > amount:
            venue._resize(order, order.quantity - amount, now_ns)
        else:
            _end(venue, order, now_ns)


def _end(venue: Dealing, order: VenueOrder, now_ns: int) -> None:
    if order.is_open:  # the end of the one may have ended the other, if they are linked
        venue._end_remainder(order, venue.profile.self_trade_ends, REASON, now_ns)
