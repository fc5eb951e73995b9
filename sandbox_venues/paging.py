"""Queries over several pages, and the search for one order wherever the venue may keep it.

May know: the kernel's adapter port and errors, messages. Promises: a list is complete or there is none (an exception):
a page that fails or leads in a circle makes the whole answer unknown; so does one with records that cannot be read, but
then the exception has the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.errors import UnreadableRecords, VenueError, WireError
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import AccountId, ClientOrderId, VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues.describe import describe
from sandbox_venues.messages import (
    Answer,
    Garbled,
    GetFills,
    GetOrder,
    GetOrders,
    GetPositions,
    Page,
    Request,
)

PAGES_MAX = 10_000
Ask = Callable[[Request], Awaitable[Answer]]
ReadPages = Callable[[Request], Awaitable[list[Any]]]


async def read_pages(query: Request, ask: Ask) -> list[Any]:
    """Return the items of all pages of a query.

    Raises:
        WireError: if a page is missing or refused.
        UnreadableRecords: if records cannot be read.
        VenueError: if the pages lead in a circle.

    """
    items: list[Any] = []
    garbled: list[str] = []
    seen: dict[int, None] = {}
    while len(seen) < PAGES_MAX:
        answer = await ask(query)
        if not isinstance(answer, Page):
            raise WireError(f"{query.label}: an answer must be a page, was {describe(answer)}")
        for item in answer.items:
            if isinstance(item, Garbled):
                garbled.append(describe(item))
            else:
                items.append(item)
        cursor = answer.cursor
        if cursor is None:
            return _all_readable(query, items, garbled)
        if cursor in seen:
            raise VenueError(f"{query.label}: a page must lead on to a new one, was back at {cursor} after {len(seen)}")
        seen[cursor] = None
        query = replace(query, cursor=cursor)
    raise VenueError(f"{query.label}: an answer must have at most {PAGES_MAX} pages, was longer")


def _all_readable(query: Request, items: list[Any], garbled: list[str]) -> list[Any]:
    if garbled:
        text = f"{query.label}: every record must be readable, was {garbled[0]} and {len(garbled) - 1} more"
        raise UnreadableRecords(text, items, garbled)
    return items


async def read_orders(
    pages: ReadPages,
    account_id: AccountId,
    query: ReportsQuery,
    *,
    apart: bool = False,
    reads_only: tuple[ClientOrderId | None, VenueOrderId | None] | None = None,
) -> list[OrderStatusReport]:
    """Return the order reports of all pages, and of both places where the venue keeps conditional orders `apart`.

    With `reads_only` the venue may leave out whatever is not of that order.

    Raises:
        UnreadableRecords: if records cannot be read.

    """
    reports: list[OrderStatusReport] = []
    garbled: list[str] = []
    for conditional in (False, True) if apart else (False,):
        wanted = GetOrders(
            account_id=account_id,
            instrument_id=query.instrument_id,
            open_only=query.open_only,
            start_ns=query.start_ns,
            end_ns=query.end_ns,
            conditional=conditional,
            reads_only=reads_only,
        )
        try:
            reports += await pages(wanted)
        except UnreadableRecords as partial:
            reports += partial.readable
            garbled += partial.records
    if query.venue_order_id is not None:
        reports = [report for report in reports if report.venue_order_id == query.venue_order_id]
    return _all_readable(wanted, reports, garbled)


async def read_fills(pages: ReadPages, account_id: AccountId, query: ReportsQuery) -> list[FillReport]:
    """Return the fill reports of all pages."""
    reports: list[FillReport] = await pages(
        GetFills(
            account_id=account_id,
            instrument_id=query.instrument_id,
            venue_order_id=query.venue_order_id,
            start_ns=query.start_ns,
            end_ns=query.end_ns,
        )
    )
    return reports


async def read_positions(pages: ReadPages, account_id: AccountId, query: ReportsQuery) -> list[PositionStatusReport]:
    """Return the position reports of all pages."""
    reports: list[PositionStatusReport] = await pages(
        GetPositions(account_id=account_id, instrument_id=query.instrument_id)
    )
    return reports


async def find_order(
    pages: ReadPages,
    account_id: AccountId,
    query: OrderQuery,
    known: Order | None,
    *,
    apart: bool = False,
    lag_secs: float = 0.0,
) -> OrderStatusReport | None:
    """Return the report of one order: asked for, else listed, else made from its fills; `None` if there is no trace.

    An order that a venue has forgotten may still be in its trades: only all three together confirm that it never was.
    Where conditional orders are kept `apart`, an order not found in one place is asked for in the other. `lag_secs` is
    how far the venue's lists of orders are known to lag.

    Raises:
        WireError: if its trades are younger than that: it may yet be listed, and work.

    """
    for conditional in (False, True) if apart else (False,):
        asked: list[OrderStatusReport] = await pages(
            GetOrder(
                account_id=account_id,
                instrument_id=query.instrument_id,
                client_order_id=query.client_order_id,
                # After a replacement the venue's id that we know may be a superseded one; our own names the order.
                venue_order_id=query.venue_order_id if query.client_order_id is None else None,
                conditional=conditional,
            )
        )
        if asked:
            return _named(asked[0], query)
    everything = ReportsQuery(instrument_id=query.instrument_id)
    ids = (query.client_order_id, query.venue_order_id)
    listed = await read_orders(pages, account_id, everything, apart=apart, reads_only=ids)
    for report in reversed(listed):
        if _is_meant(report.client_order_id, report.venue_order_id, query):
            return _named(report, query)
    asked_fills = GetFills(account_id=account_id, instrument_id=query.instrument_id, reads_only=ids)
    fills: list[FillReport] = await pages(asked_fills)
    own = [fill for fill in fills if _is_meant(fill.client_order_id, fill.venue_order_id, query)]
    if not own:
        return None
    report = _from_fills(own, known)
    if report.order_status is OrderStatus.CANCELED and report.ts_init - report.ts_last < lag_secs * 1e9:
        raise WireError(f"{report.venue_order_id}: traded, and not listed; the list may not be as far")
    return report


def _is_meant(client_order_id: object, venue_order_id: object, query: OrderQuery) -> bool:
    if query.client_order_id is not None and client_order_id == query.client_order_id:
        return True
    return query.venue_order_id is not None and venue_order_id == query.venue_order_id


def _named(report: OrderStatusReport, query: OrderQuery) -> OrderStatusReport:
    """Some venues leave our id out; we know it because we asked by it."""
    if report.client_order_id is None and query.client_order_id is not None:
        return replace(report, client_order_id=query.client_order_id)
    return report


def _from_fills(fills: list[FillReport], known: Order | None) -> OrderStatusReport:
    """Return what trades say about an order that is neither open nor listed: it is closed, and filled so far."""
    if known is None:
        raise WireError(f"an order that only its fills show must be known here, was {fills[0].venue_order_id}")
    by_trade = {fill.trade_id: fill for fill in fills}
    filled = sum((fill.last_qty.value for fill in by_trade.values()), Decimal(0))
    notional = sum((fill.last_qty.value * fill.last_px.value for fill in by_trade.values()), Decimal(0))
    complete = filled >= known.quantity.value
    return OrderStatusReport(
        account_id=fills[0].account_id,
        instrument_id=known.instrument_id,
        venue_order_id=fills[-1].venue_order_id,
        client_order_id=known.client_order_id,
        order_side=known.side,
        order_type=known.order_type,
        time_in_force=known.time_in_force,
        order_status=OrderStatus.FILLED if complete else OrderStatus.CANCELED,
        quantity=known.quantity,
        filled_qty=Quantity(filled, known.quantity.precision),
        avg_px=notional / filled,
        price=known.price,
        trigger_price=known.trigger_price,
        post_only=known.is_post_only,
        reduce_only=known.is_reduce_only,
        ts_accepted=min(fill.ts_event for fill in fills),
        ts_last=max(fill.ts_event for fill in fills),
        ts_init=max(fill.ts_init for fill in fills),
    )
