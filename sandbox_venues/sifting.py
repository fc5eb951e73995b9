"""Answers for somebody who looks for one order in a list that is too long to be read.

A client that cannot find an order reads all lists for it: pages and pages of reports, made and sent to be thrown away.
Where it says so when it asks (`reads_only`) and the list is long, it gets that order's records and no others, in one
page, at once.

May know: the model, this package. Changes nothing. Promises: what is left out names neither of the order's ids; a list
of up to `LONG_LIST` records, and one that the venue does not show as it is, is answered in full, page by page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, VenueOrderId
from sandbox_venues.messages import GetFills, GetOrders, Page
from sandbox_venues.orders import VenueFill, VenueOrder, fill_report, order_report

if TYPE_CHECKING:
    from sandbox_venues.profiles import VenueProfile
    from sandbox_venues.registry import Registry

Kept = TypeVar("Kept", VenueOrder, VenueFill)
LONG_LIST = 1_000
"""How many records are read rather than searched."""


class Sifting:
    """Finds one order's records in the lists of a venue.

    Args:
        profile: the venue's personality.

    """

    def __init__(self, profile: VenueProfile) -> None:
        self._profile = profile
        self._shows_all = profile.reports_fills and not (
            profile.lags
            or profile.lists_replaced_legs
            or profile.conditional_orders != "listed"
            or profile.closed_orders_vanish_secs is not None
            or profile.lookback_secs is not None
            or profile.fills_lookback_secs is not None
        )

    def page(self, venue: Registry, query: GetOrders | GetFills, now_ns: int) -> Page | None:
        """Return the records that will be read, as of `now_ns`; `None` if the question is to be answered in full."""
        if query.reads_only is None or query.cursor is not None or not self._shows_all:
            return None
        if query.account_id not in venue._accounts:
            return None  # which is refused
        listed = venue._orders if isinstance(query, GetOrders) else venue._fills
        if len(listed) <= LONG_LIST or query.instrument_id is None or _is_narrowed(query):
            return None
        found = _named(venue, query.account_id, query.instrument_id, *query.reads_only)
        if isinstance(query, GetOrders):
            return Page(items=tuple(order_report(order, self._profile, now_ns) for order in self._in_line(found)))
        fills = [fill for order in found for fill in order.fills if not fill.busted]
        return Page(items=tuple(fill_report(fill, self._profile, now_ns) for fill in self._in_line(fills)))

    def _in_line(self, items: list[Kept]) -> list[Kept]:
        """Return records in the order in which the venue lists them."""
        return sorted(items, key=_sequence_of, reverse=self._profile.newest_first)


def _is_narrowed(query: GetOrders | GetFills) -> bool:
    """Whether a question leaves records out for another reason."""
    if query.start_ns is not None or query.end_ns is not None:
        return True
    if isinstance(query, GetOrders):
        return query.open_only
    return query.venue_order_id is not None or query.client_order_id is not None


def _named(
    venue: Registry,
    account_id: AccountId,
    instrument_id: InstrumentId,
    client_order_id: ClientOrderId | None,
    venue_order_id: VenueOrderId | None,
) -> list[VenueOrder]:
    """Return the orders that have, or had, one of the ids."""
    named = {order.sequence: order for order in venue._owners(account_id, client_order_id)}
    numbered = None if venue_order_id is None else venue._by_venue_id.get((instrument_id, venue_order_id))
    if numbered is not None:
        named[numbered.sequence] = numbered
    place = (account_id, instrument_id)
    return [order for order in named.values() if (order.account_id, order.instrument.id) == place]


def _sequence_of(item: VenueOrder | VenueFill) -> int:
    return item.sequence
