"""What a new scripted book means for what was there: who stands before whom, and what was taken already.

May know: markets and profiles of this package. Pure. Promises, each only where the profile asks for it:
1. `queue_position`: an order keeps those before it who were there before it, as far as the new book still has them;
   what is new stands behind.
2. `book_refresh = "changed"`: a price at which the book says the same size again brings nothing anew: what was taken
   there stays taken, until it says another size.
A venue that wants neither does not come here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nautilus_live.model.enums import OrderSide
from sandbox_venues.matching import Market, Queues, Resting
from sandbox_venues.orders import ZERO
from sandbox_venues.profiles import VenueProfile

Queue = Sequence[tuple[Resting, Decimal]]


Levels = list[tuple[Decimal, Decimal]]


def carried_over(market: Market, side: OrderSide, levels: Levels, profile: VenueProfile) -> tuple[Levels, Queues]:
    """Return how much a new book brings on one side, and which orders of accounts it finds at its prices."""
    book = market.side(side)
    queues = book.queues() if profile.queue_position else {}
    if profile.book_refresh == "changed":
        said, market.said[side] = market.said.get(side, {}), dict(levels)
        left = book.street()
        levels = [
            (price, min(quantity, left.get(price, ZERO)) if said.get(price) == quantity else quantity)
            for price, quantity in levels
        ]
        levels = [level for level in levels if level[1]]
    return levels, queues
