"""What a venue answers when it is asked.

May know: the model, this package. Pure: changes nothing. Promises: without quirks in the profile, the pages of an
answer together are the whole truth for that question, each item once, even if the venue goes on between the pages.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

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
    from nautilus_live.model.reports import OrderStatusReport, PositionStatusReport
    from sandbox_venues.messages import AnyReport
    from sandbox_venues.registry import Registry

SECOND_NS = 1_000_000_000
PER_ORDER = 1_000
"""How many numbers of a list an order takes: the last is its own, and those before it are for its replaced legs."""
OWN = PER_ORDER - 1
Kept = TypeVar("Kept", VenueOrder, VenueFill)
Numbered = tuple[int, "AnyReport | Callable[[], AnyReport]"]
"""The number of something listed, and its report or what makes it: a page makes only those that it shows."""


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
    """Return the page after the query's cursor: the number of the last item given, which no later event changes.

    `items` come in the order in which the venue lists them, and may begin before the cursor; no more of them are drawn
    than the page shows.
    """
    newest_first, cursor, size = venue.profile.newest_first, query.cursor, venue.profile.page_size
    if cursor is not None:
        items = (item for item in items if (item[0] < cursor if newest_first else item[0] > cursor))
    page = list(islice(items, size + 1))
    more = len(page) > size
    del page[size:]
    reports = tuple(report() if callable(report) else report for _, report in page)
    return Page(items=reports, cursor=page[-1][0] if more else None)


def _listed(venue: Registry, items: Sequence[Kept], at: int | None) -> Iterator[Kept]:
    """Return what is kept in the order of its numbers as the venue lists it, beginning with the number `at`.

    However much there is, what lies before costs nothing: a list of many pages is read once, not once for each page.
    """
    if venue.profile.newest_first:
        end = len(items) if at is None else bisect_right(items, at, key=_sequence_of)
        return (items[index] for index in range(end - 1, -1, -1))
    start = 0 if at is None else bisect_left(items, at, key=_sequence_of)
    return (items[index] for index in range(start, len(items)))


def _sequence_of(item: VenueOrder | VenueFill) -> int:
    return item.sequence


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


def _is_kept_with(venue: Registry, order: VenueOrder, conditional: bool) -> bool:
    """Whether the order is where the question looks: a venue may keep conditional orders in a place apart."""
    return venue.profile.conditional_orders != "apart" or conditional is not order.triggered


def _report(venue: Registry, order: VenueOrder, now_ns: int) -> OrderStatusReport | None:
    """Return the order as queries know it: as it is, or as it was a while ago; `None` if it was not there yet."""
    if venue._past is None:
        return order_report(order, venue.profile, now_ns)
    return venue._past.order(order, now_ns - int(venue.profile.orders_lag_secs * SECOND_NS))


def _one_order(venue: Registry, account: VenueAccount, query: GetOrder, now_ns: int) -> Page:
    order = venue._locate(account.id, query.instrument_id, query.client_order_id, query.venue_order_id)
    if order is None or not _is_shown(venue, order, now_ns) or not _is_kept_with(venue, order, query.conditional):
        return Page()
    if venue.profile.lists_replaced_legs and query.client_order_id is None:
        for leg in order.legs:
            if leg.report.venue_order_id == query.venue_order_id:
                return Page(items=(leg.report,))
    report = _report(venue, order, now_ns)
    return Page() if report is None else Page(items=(report,))


def _orders(venue: Registry, account: VenueAccount, query: GetOrders, now_ns: int) -> Iterator[Numbered]:
    # With a lag, what is closed by now may have been open then.
    present = query.open_only and venue._past is None
    pool = sorted(account.open_orders.values(), key=_sequence_of) if present else venue._orders
    for order in _listed(venue, pool, None if query.cursor is None else query.cursor // PER_ORDER):
        if order.account_id != account.id or query.instrument_id not in (None, order.instrument.id):
            continue
        if not _is_shown(venue, order, now_ns) or not _is_kept_with(venue, order, query.conditional):
            continue
        if venue.profile.conditional_orders == "unlisted" and not order.triggered:
            continue
        number = order.sequence * PER_ORDER
        if venue._past is None and not order.is_open and not _within(order.ts_last, query.start_ns, query.end_ns):
            continue  # said below of what is reported; a day's closed orders need no report to be left out
        if venue._past is None and not venue.profile.lists_replaced_legs:
            yield number + OWN, partial(order_report, order, venue.profile, now_ns)
            continue
        report = _report(venue, order, now_ns)
        if report is None or (query.open_only and not report.is_open):
            continue
        # Open orders are always part of the present, however old they are.
        if not report.is_open and not _within(report.ts_last, query.start_ns, query.end_ns):
            continue
        listed: list[Numbered] = [(number + OWN, report)]
        if venue.profile.lists_replaced_legs and not query.open_only:
            listed = [(number + index, leg.report) for index, leg in enumerate(order.legs)] + listed
        yield from reversed(listed) if venue.profile.newest_first else listed


def _fills(venue: Registry, account: VenueAccount, query: GetFills, now_ns: int) -> Iterator[Numbered]:
    if not venue.profile.reports_fills:
        return  # an empty list
    start, end = _fill_window(venue, query, now_ns)
    pool: Sequence[VenueFill] = venue._fills
    if query.venue_order_id is not None and query.instrument_id is not None:
        order = venue._by_venue_id.get((query.instrument_id, query.venue_order_id))
        pool = [] if order is None else order.fills
    for fill in _listed(venue, pool, query.cursor):
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
        if _within(fill.ts, start, end):
            yield fill.sequence, partial(fill_report, fill, venue.profile, now_ns)


def _fill_window(venue: Registry, query: GetFills, now_ns: int) -> tuple[int, int | None]:
    """Return from when until when fills are told: as asked, but not too old and not too fresh for the venue."""
    profile = venue.profile
    start = max(query.start_ns or 0, _lookback_start(venue, now_ns))
    if profile.fills_lookback_secs is not None:
        start = max(start, now_ns - int(profile.fills_lookback_secs * SECOND_NS))
    if not profile.fills_lag_secs:
        return start, query.end_ns
    latest = now_ns - int(profile.fills_lag_secs * SECOND_NS)
    return start, latest if query.end_ns is None else min(latest, query.end_ns)


def _positions(venue: Registry, account: VenueAccount, query: GetPositions, now_ns: int) -> Iterable[Numbered]:
    if not venue.profile.has_positions:
        return ()
    reports: Iterable[PositionStatusReport]
    if venue._past is not None and venue.profile.positions_lag_secs:
        as_of_ns = now_ns - int(venue.profile.positions_lag_secs * SECOND_NS)
        reports = venue._past.positions(account.id, as_of_ns)
    else:
        places = venue.profile.avg_px_places
        reports = (position_report(account, position, places, now_ns) for position in account.positions.values())
    listed: list[Numbered] = [
        (number, report)
        for number, report in enumerate(reports)
        if query.instrument_id in (None, report.instrument_id)
        and (report.quantity or venue.profile.reports_flat_positions)
    ]
    return reversed(listed) if venue.profile.newest_first else listed


def _within(ts: int, start_ns: int | None, end_ns: int | None) -> bool:
    return (start_ns is None or ts >= start_ns) and (end_ns is None or ts <= end_ns)
