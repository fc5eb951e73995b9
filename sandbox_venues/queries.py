"""What a venue answers when it is asked.

May know: the model, this package. Pure: changes nothing. Promises: without quirks in the profile, the pages of an
answer together are the whole truth for that question, each item once, even if the venue goes on between the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox_venues import admission
from sandbox_venues.accounts import VenueAccount, position_report
from sandbox_venues.messages import (
    Answer,
    GetAccount,
    GetFills,
    GetInstruments,
    GetOrder,
    GetOrders,
    GetPositions,
    Page,
    VenueQuery,
)
from sandbox_venues.orders import VenueFill, VenueOrder, fill_report, order_report

if TYPE_CHECKING:
    from nautilus_live.model.instruments import InstrumentAny
    from sandbox_venues.messages import AnyReport
    from sandbox_venues.registry import Registry

SECOND_NS = 1_000_000_000
Numbered = tuple[int, "AnyReport | InstrumentAny"]


def answer(venue: Registry, query: VenueQuery | GetInstruments, now_ns: int) -> Answer:
    """Return the answer to a query, or a refusal for an account that does not exist."""
    if isinstance(query, GetInstruments):
        return Page(items=tuple(i for i in venue.instruments.values() if query.instrument_id in (None, i.id)))
    account = venue._accounts.get(query.account_id)
    if account is None:
        return admission.refuse("UNKNOWN_ACCOUNT", f"account must exist here, was {query.account_id}")
    match query:
        case GetOrder():
            return _one_order(venue, account, query, now_ns)
        case GetOrders():
            return _page(venue, query, _orders(venue, account, query, now_ns))
        case GetFills():
            return _page(venue, query, _fills(venue, account, query, now_ns))
        case GetPositions():
            return _page(venue, query, _positions(venue, account, query, now_ns))
        case GetAccount():
            return venue._account_message(account, list(account.codes), now_ns)
    return admission.refuse("BAD_REQUEST", f"a query must be one this venue knows, was {type(query).__name__}")


def _page(venue: Registry, query: VenueQuery, items: Iterable[Numbered]) -> Page:
    """Return the page after the query's cursor: the number of the last item given, which no later event changes."""
    newest_first = venue.profile.newest_first
    ordered = sorted(items, key=_number_of, reverse=newest_first)
    cursor = query.cursor
    if cursor is not None:
        ordered = [item for item in ordered if (item[0] < cursor if newest_first else item[0] > cursor)]
    size = venue.profile.page_size
    page = ordered[:size]
    more = len(ordered) > size
    return Page(items=tuple(report for _, report in page), cursor=page[-1][0] if more else None)


def _number_of(item: Numbered) -> int:
    return item[0]


def _lookback_start(venue: Registry, now_ns: int) -> int:
    seconds = venue.profile.lookback_secs
    return 0 if seconds is None else now_ns - int(seconds * SECOND_NS)


def _is_shown(venue: Registry, order: VenueOrder, now_ns: int) -> bool:
    """Whether the venue still answers for the order at all."""
    if order.is_open:
        return True
    vanish = venue.profile.closed_orders_vanish_secs
    if vanish is not None and now_ns - order.ts_last >= int(vanish * SECOND_NS):
        return False
    return order.ts_last >= _lookback_start(venue, now_ns)


def _one_order(venue: Registry, account: VenueAccount, query: GetOrder, now_ns: int) -> Page:
    order = venue._locate(account.id, query.instrument_id, query.client_order_id, query.venue_order_id)
    if order is None or not _is_shown(venue, order, now_ns):
        return Page()
    if venue.profile.lists_replaced_legs and query.client_order_id is None:
        for leg in order.legs:
            if leg.report.venue_order_id == query.venue_order_id:
                return Page(items=(leg.report,))
    return Page(items=(order_report(order, venue.profile, now_ns),))


def _orders(venue: Registry, account: VenueAccount, query: GetOrders, now_ns: int) -> list[Numbered]:
    pool: Iterable[VenueOrder] = account.open_orders.values() if query.open_only else venue._orders
    found: list[Numbered] = []
    for order in pool:
        if order.account_id != account.id or query.instrument_id not in (None, order.instrument.id):
            continue
        if not _is_shown(venue, order, now_ns):
            continue
        # Open orders are always part of the present, however old they are.
        if not order.is_open and not _within(order.ts_last, query.start_ns, query.end_ns):
            continue
        if venue.profile.lists_replaced_legs and not query.open_only:
            # Between the order's own number and the next order's there is room for its legs only by halves: count in
            # thousands.
            found += [(order.sequence * 1000 + index, leg.report) for index, leg in enumerate(order.legs)]
        found.append((order.sequence * 1000 + 999, order_report(order, venue.profile, now_ns)))
    return found


def _fills(venue: Registry, account: VenueAccount, query: GetFills, now_ns: int) -> list[Numbered]:
    start = max(query.start_ns or 0, _lookback_start(venue, now_ns))
    pool: Iterable[VenueFill] = venue._fills
    if query.venue_order_id is not None and query.instrument_id is not None:
        order = venue._by_venue_id.get((query.instrument_id, query.venue_order_id))
        pool = [] if order is None else order.fills
    found: list[Numbered] = []
    for fill in pool:
        order = fill.order
        if fill.busted or order.account_id != account.id or query.instrument_id not in (None, order.instrument.id):
            continue
        if query.client_order_id not in (None, order.client_order_id):
            continue
        if query.instrument_id is None and query.venue_order_id not in (
            None,
            order.venue_order_id,
            fill.venue_order_id,
        ):
            continue
        if _within(fill.ts, start, query.end_ns):
            found.append((fill.sequence, fill_report(fill, venue.profile, now_ns)))
    return found


def _positions(venue: Registry, account: VenueAccount, query: GetPositions, now_ns: int) -> list[Numbered]:
    if not venue.profile.has_positions:
        return []
    found: list[Numbered] = []
    for number, ((instrument_id, _), position) in enumerate(account.positions.items()):
        if query.instrument_id not in (None, instrument_id):
            continue
        if position.signed or venue.profile.reports_flat_positions:
            found.append((number, position_report(account, position, venue.profile.avg_px_places, now_ns)))
    return found


def _within(ts: int, start_ns: int | None, end_ns: int | None) -> bool:
    return (start_ns is None or ts >= start_ns) and (end_ns is None or ts <= end_ns)
