"""Windows: let the planned fills move the positions, where the history we got is all there is and where it is not.

Runs over the planned events in time order, before positions are aligned: a synthetic opening (see `lifecycles`) is
put in front of an incomplete history, and fills that must not move a position are marked so: those from before it, and
those that an earlier alignment stood for. Where such a trade is taken back, so is the alignment.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeGuard

from msgspec import structs

from nautilus_live.core import position_keeping
from nautilus_live.core.reconciliation.alignment import place, trade
from nautilus_live.core.reconciliation.lifecycles import Adjustment, adjust
from nautilus_live.core.reconciliation.position_book import PositionBook
from nautilus_live.core.reconciliation.prices import ZERO
from nautilus_live.core.reconciliation.synthetic_ids import alignment_ids
from nautilus_live.core.reconciliation.taken_back import undone_trade
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.model.enums import OmsType, OrderSide
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import INTERNAL_DIFF, InstrumentId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import PositionStatusReport


def settle_history(
    work: Workspace,
    book: PositionBook,
    events: list[OrderEvent],
    reported: dict[InstrumentId, PositionStatusReport],
) -> list[OrderEvent]:
    """Return `events` with openings added and silent fills marked; `book` then holds the positions that they lead to.

    `reported` are the positions the venue reported; instruments without one are only looked at for foreign
    reduce-only orders.
    """
    foreign = any(_closes_unseen(work, event) for event in events if type(event) is OrderFilled)
    if not reported and not foreign:
        return events
    openings, silent = _adjustments(work, book, events, reported)
    silent |= _aligned_before(work, book, events, reported)
    settled: list[OrderEvent] = []
    for event in events:
        if type(event) is OrderFilled:
            draft = work.drafts[event.client_order_id]
            opening = openings.pop(event.event_id, None) if openings else None
            if opening is not None:
                settled += _opening_events(work, book, draft, *opening)
            if event.event_id in silent:
                event = structs.replace(event, affects_position=False)
            elif foreign and _closes_unseen(work, event) and not _can_reduce(book, event):
                event = structs.replace(event, affects_position=False)
                text = f"{draft.client_order_id}: reduce-only, and it closed a position that we never saw"
                work.note(Level.INFO, "position.closed_unseen", text, draft, trade_id=event.trade_id)
            if foreign or event.instrument_id in reported:
                book.apply(draft, event)
        elif type(event) is OrderFillVoided and (foreign or event.instrument_id in reported):
            book.correct(work.drafts[event.client_order_id], event)
        settled.append(event)
    return settled


def _closes_unseen(work: Workspace, event: OrderEvent) -> bool:
    """Whether the event is a fill of a reduce-only order that we did not know before."""
    if type(event) is not OrderFilled:
        return False
    return work.drafts[event.client_order_id].init.reduce_only and work.local.order(event.client_order_id) is None


def _can_reduce(book: PositionBook, fill: OrderFilled) -> bool:
    if fill.position_id is None:
        net = book.net(fill.instrument_id)
    else:  # one of several legs
        net = book.leg(fill.instrument_id, fill.position_id)
    return (net > 0 and fill.order_side is OrderSide.SELL) or (net < 0 and fill.order_side is OrderSide.BUY)


Opening = tuple[Adjustment, OrderFilled]


def _adjustments(
    work: Workspace, book: PositionBook, events: list[OrderEvent], reported: dict[InstrumentId, PositionStatusReport]
) -> tuple[dict[str, Opening], dict[str, None]]:
    """Return the openings by the event they come before, and the fills that leave positions alone."""
    openings: dict[str, Opening] = {}
    silent: dict[str, None] = {}
    cold = {
        instrument_id: report
        for instrument_id, report in reported.items()
        if report.venue_position_id is None and report.quantity.value and book.is_cold(instrument_id)
    }
    if not cold or work.policy.oms_type is OmsType.HEDGING:
        return openings, silent
    histories: dict[InstrumentId, list[OrderFilled]] = {}
    for event in events:
        if type(event) is OrderFilled and event.instrument_id in cold:
            histories.setdefault(event.instrument_id, []).append(event)
    for instrument_id, fills in histories.items():
        instrument = work.local.instrument(instrument_id)
        if instrument is None or any(_had_fills(work, fill) for fill in fills):
            continue
        report = cold[instrument_id]
        adjustment = adjust(
            fills, report.signed_qty, report.avg_px_open, instrument, work.policy.average_price_tolerance
        )
        if adjustment is None:
            continue
        if adjustment.opening_qty:
            if not work.policy.generate_missing_orders:
                continue
            first = fills[adjustment.opening_at]
            openings[first.event_id] = (adjustment, first)
        silent.update({fill.event_id: None for fill in fills[: adjustment.silent_count]})
        text = f"the fills do not begin at flat: {adjustment.silent_count} of {len(fills)} leave the position alone"
        if adjustment.opening_qty:
            text += f", opening with {adjustment.opening_qty} @ {adjustment.opening_px}"
        work.note(Level.INFO, "position.window_incomplete", text, instrument_id=instrument_id)
    return openings, silent


def _aligned_before(
    work: Workspace, book: PositionBook, events: list[OrderEvent], reported: dict[InstrumentId, PositionStatusReport]
) -> dict[str, None]:
    """Return the trades that a position contains already: it was aligned to the venue's when they were still unheard.

    So it is where the position agrees with the venue's without them, and alignments made since the first of them have
    moved it by just as much.
    """
    silent: dict[str, None] = {}
    for instrument_id, report in reported.items():
        if report.venue_position_id is not None or book.net(instrument_id) != report.signed_qty:
            continue
        known = work.local.positions_known(instrument_id, work.account_id)
        aligned = [fill for position in known for fill in position.fills if _is_alignment(fill)]
        trades = [event for event in events if event.instrument_id == instrument_id and _is_new_trade(event)]
        if not (aligned and trades):
            continue
        since_ns = min(trade.ts_event for trade in trades)
        moved = _net_of(trades)
        if moved and moved == _net_of([fill for fill in aligned if fill.ts_event >= since_ns]):
            silent.update({trade.event_id: None for trade in trades})
            text = f"{len(trades)} trades are in the position already, which was aligned when they were not known"
            work.note(Level.INFO, "position.aligned_before", text, instrument_id=instrument_id)
    return silent


def take_alignments_back(work: Workspace) -> None:
    """Plan that alignments are void which stood for trades that the plan takes back: nothing counts twice.

    The position was brought to the venue's when nobody could tell yet what was missing from it.
    """
    less: dict[InstrumentId, Decimal] = {}
    since: dict[InstrumentId, int] = {}
    latest_ns = 0
    for name in work.taken_back:
        draft, known = work.drafts[name], work.local.order(name)
        for event in () if known is None else draft.events:
            trade_id = undone_trade(event)
            gone = None if known is None or trade_id is None else known.fills.get(trade_id)
            if gone is not None and gone.affects_position:
                instrument_id, left = draft.instrument_id, [event] if isinstance(event, OrderFilled) else []
                less[instrument_id] = less.get(instrument_id, ZERO) + _net_of([gone]) - _net_of(left)
                since[instrument_id] = min(since.get(instrument_id, gone.ts_event), gone.ts_event)
                latest_ns = max(latest_ns, event.ts_event)
    for instrument_id, signed_qty in less.items():
        positions = work.local.positions_known(instrument_id, work.account_id)
        fills = [fill for position in positions for fill in position.fills if _is_alignment(fill)]
        aligned = [fill for fill in fills if fill.ts_event >= since[instrument_id]]
        drafts = [work.order(fill.client_order_id) for fill in aligned]
        if not signed_qty or _net_of(aligned) != -signed_qty or None in drafts:
            continue
        for fill, made in zip(aligned, drafts, strict=True):
            if made is not None and fill.trade_id in made.fills:
                text = f"alignment {fill.trade_id} stood for what was taken back by now, and is void with it"
                work.note(Level.INFO, "position.aligned_before", text, made, trade_id=fill.trade_id)
                work.happen(OrderFillVoided, made, latest_ns, made.venue_order_id, trade_id=fill.trade_id)


def _is_alignment(fill: OrderFilled) -> bool:
    return fill.last_px_estimated and not fill.inferred


def _is_new_trade(event: OrderEvent) -> TypeGuard[OrderFilled]:
    return isinstance(event, OrderFilled) and event.affects_position and not event.replaces and event.corrects is None


def _net_of(fills: list[OrderFilled]) -> Decimal:
    return sum((fill.last_qty.value * fill.order_side.sign for fill in fills), ZERO)


def _had_fills(work: Workspace, fill: OrderFilled) -> bool:
    known = work.local.order(fill.client_order_id)
    return known is not None and bool(known.filled_qty.value)


def _opening_events(
    work: Workspace, book: PositionBook, first_draft: Order, adjustment: Adjustment, first: OrderFilled
) -> list[OrderEvent]:
    """Plan an order and fill for what happened before the window, in the first fill's position."""
    instrument = work.instrument(first_draft)
    price = Price(adjustment.opening_px, instrument.price_precision)
    opened_at = max(first.ts_event - 1, 0)
    client_order_id, venue_order_id, trade_id = alignment_ids(
        "opening", work.account_id, instrument.id, adjustment.opening_qty, price, opened_at
    )
    ids = client_order_id, venue_order_id
    draft = place(work, instrument, INTERNAL_DIFF, ids, adjustment.opening_qty, price, opened_at)
    position_id = first.position_id or first_draft.position_id
    if position_id is None:
        position_id = position_keeping.netting_position_id(instrument.id, first_draft.strategy_id)
    fill = trade(work, instrument, draft, trade_id, price, position_id, opened_at)
    work.apply(draft, fill)
    book.apply(draft, fill)
    return draft.events
