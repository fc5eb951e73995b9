"""Retention: a venue that runs for weeks forgets the orders that closed long ago, and their fills.

May know: this package's books. Promises: what is open, and what closed within `books_keep_secs`, stays; balances and
positions are what they were, for the forgotten fills are folded into them, oldest first: what traded after an order
that stays, stays as well; the books still agree with each other, and the cost of a purge is spread over the orders that
came since the last one.
"""

from __future__ import annotations

from sandbox_venues.accounts import VenuePosition
from sandbox_venues.orders import VenueOrder
from sandbox_venues.registry import Registry

SECOND_NS = 1_000_000_000
PURGES_PER_RETENTION = 10


class Retention:
    """How long one venue keeps what is over.

    Args:
        keep_secs: seconds for which a closed order and its fills are kept.

    """

    def __init__(self, keep_secs: float) -> None:
        self._keep_ns = round(keep_secs * SECOND_NS)
        self._due_ns = 0

    def advance(self, venue: Registry, now_ns: int) -> None:
        """Forget what is over for long enough, if it is time to look."""
        if now_ns < self._due_ns:
            return
        self._due_ns = now_ns + self._keep_ns // PURGES_PER_RETENTION
        oldest_ns = now_ns - self._keep_ns
        gone = {order.sequence: order for order in venue._orders if not order.is_open and order.ts_last < oldest_ns}
        if gone:
            _keep_what_came_after_open_ones(venue, gone)
            _forget(venue, gone)


def _keep_what_came_after_open_ones(venue: Registry, gone: dict[int, VenueOrder]) -> None:
    """Take out of `gone` what traded after an order that stays: a bust of that one works out anew all that followed."""
    positions = [position for account in venue._accounts.values() for position in account.positions.values()]
    count = -1
    while count != len(gone):  # an order that stays for this may have traded early itself
        count = len(gone)
        for position in positions:
            stays = False
            for entry in position.history:
                if isinstance(entry, tuple):
                    continue
                stays = stays or entry.order.sequence not in gone
                if stays:
                    gone.pop(entry.order.sequence, None)


def _forget(venue: Registry, gone: dict[int, VenueOrder]) -> None:
    venue._orders = [order for order in venue._orders if order.sequence not in gone]
    venue._fills = [fill for fill in venue._fills if fill.order.sequence not in gone]
    for order in gone.values():
        for number in (order.venue_order_id, *(leg.report.venue_order_id for leg in order.legs)):
            del venue._by_venue_id[order.instrument.id, number]
        if order.client_order_id is not None:
            owners = venue._by_client_id[order.account_id, order.client_order_id]
            owners.remove(order)
            if not owners:
                del venue._by_client_id[order.account_id, order.client_order_id]
    for account in venue._accounts.values():
        for position in account.positions.values():
            _fold(position, gone)
    for order in gone.values():
        order.fills.clear()  # which know their order: without the circle both are freed at once


def _fold(position: VenuePosition, gone: dict[int, VenueOrder]) -> None:
    """Replace the oldest part of a position's history, as far as it is forgotten, by what it came to."""
    count = 0
    for entry in position.history:
        if not isinstance(entry, tuple) and entry.order.sequence not in gone:
            break
        count += 1
    if not count:
        return
    before = VenuePosition(position.instrument, position.position_id)
    before.base, before.history = position.base, position.history[:count]
    before.rebuild(position.ts_last)
    position.base = (before.signed, before.avg_px, before.realized)
    position.history = position.history[count:]
    # What no fill on record explains any more counts as set.
    position.filled -= before.filled
    position.adjusted += before.filled
