"""Taken back: trades of ours that the venue's record no longer has, or has in another size.

A filled quantity does not fall by itself; mostly a lower one is an old report. It is believed only where the venue's
word is newer than all that we know of the order, and where its trades, all of them, add up to the total that its report
states: then what we have beyond them was taken back, and what differs in size was corrected. The same proves that a
trade of ours was stated anew under another id or in another size, whatever became of the total. Nothing at all of an
order that still works adds up too easily: that is how a venue looks that leaves the quantity out.

Some venues take a trade back without a new time on the order. A report of the very time of the last word that we have
is as good, if it shows other trades, and what it lacks happened before that time, or was heard of so long ago that no
list lags that far: a list in which one of two trades of one moment is still to come looks just like it.

The end of an order, once told, takes nothing of that away: a report of the order as it ended has all that was before,
so what it lacks of that was taken back. And where the venue's positions bear out what a report has less (they differ
from ours by just that), two lists tell the same: nothing needs to be made up to explain the one, and the other is
believed at once, whatever its time and however little it shows.

A venue that shows no trades states but totals. What was inferred from one gives way to a newer one: the latest of it
first, until no more is left than that one states.

A trade that differs in its price alone, under its own id, is no such proof: lists round, and state averages. Ours is
kept, and the difference told (`fills`).
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from nautilus_live.core.reconciliation.clocks import LAG_NS, heard_ns, last_word_of_venue
from nautilus_live.core.reconciliation.fills import estimated_commission, fill_event
from nautilus_live.core.reconciliation.prices import ZERO
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.core.unheard import ENDS
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided, OrderUpdated
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport


def is_lower(order: Order, report: OrderStatusReport) -> bool:
    """Whether the report, no older than all that we know of the order, has less filled than we do."""
    return report.filled_qty.value < order.filled_qty.value and report.ts_last >= heard_ns(order.events)


def settle_taken_back(work: Workspace, draft: Order, report: OrderStatusReport, fills: list[FillReport]) -> None:
    """Plan that trades are void or corrected, where the venue's record proves it."""
    if not draft.fills:  # there is none to take back
        return
    lower = report.filled_qty.value < draft.filled_qty.value
    others, borne_out = _has_others(draft, fills), lower and draft.client_order_id in work.borne_out
    if not (lower or others or _is_resized(draft, fills)):
        return
    if not (borne_out or _is_the_latest(work, draft, report, fills)):
        return
    restated = lower and not fills and _is_known_by_totals(draft)
    if not fills and report.is_open and not borne_out and not (restated and report.filled_qty.value):
        return
    if restated:
        _lessen(work, draft, report)
        return
    reported: dict[TradeId, FillReport] = {fill.trade_id: fill for fill in fills}
    total: Decimal = sum((fill.last_qty.value for fill in reported.values()), ZERO)
    if any(fill.order_side is not draft.side for fill in fills) or total != report.filled_qty.value:
        return
    for trade_id, known in list(draft.fills.items()):
        fill = reported.get(trade_id)
        if fill is None and known.inferred and others and not lower:
            continue  # a trade of the record takes its place
        if fill is None:
            _void(work, draft, known, report)
        elif fill.last_qty != known.last_qty:
            text = f"trade {trade_id} was {known.last_qty} @ {known.last_px}; the venue's record has {fill.last_qty}"
            work.note(Level.WARNING, "fill.corrected", text, draft, trade_id=trade_id, alarm=True)
            corrected = structs.replace(
                fill_event(work, draft, fill), corrects=trade_id, affects_position=known.affects_position
            )
            work.taken_back[draft.client_order_id] = None
            work.apply(draft, corrected)


def _void(work: Workspace, draft: Order, known: OrderFilled, report: OrderStatusReport) -> None:
    trade_id = known.trade_id
    text = f"the venue's record has trade {trade_id} no longer, {known.last_qty} @ {known.last_px}; taken back"
    work.note(Level.WARNING, "fill.voided", text, draft, trade_id=trade_id, alarm=True)
    work.taken_back[draft.client_order_id] = None
    work.happen(OrderFillVoided, draft, report.ts_last, draft.venue_order_id, trade_id=trade_id)


def _lessen(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    """Let what was inferred from totals be no more than the report's, the latest of it first."""
    for known in reversed(list(draft.fills.values())):
        excess = draft.filled_qty.value - report.filled_qty.value
        if not excess:
            return
        if known.last_qty.value <= excess:
            _void(work, draft, known, report)
            continue
        trade_id, instrument = known.trade_id, work.instrument(draft)
        rest = Quantity(known.last_qty.value - excess, instrument.size_precision)
        was = f"{known.last_qty} @ {known.last_px}"
        text = f"inferred was {was}; by the venue's total it is {rest}, and the rest was taken back"
        work.note(Level.WARNING, "fill.corrected", text, draft, trade_id=trade_id, alarm=True)
        corrected = structs.replace(
            known,
            event_id=work.event_id(draft.client_order_id),
            ts_event=report.ts_last,
            ts_init=work.now,
            last_qty=rest,
            commission=estimated_commission(instrument, rest, known.last_px, known.liquidity_side),
            corrects=trade_id,
            replaces=(),
        )
        work.taken_back[draft.client_order_id] = None
        work.apply(draft, corrected)


def regress(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    """A filled quantity cannot fall: either the report is old, or something is wrong that we must not paper over."""
    text = f"the venue says {report.filled_qty} filled, we have {draft.filled_qty}"
    heard = work.heard_ns(draft)
    if report.ts_last and report.ts_last < heard:
        mark("reconciliation.outdated")
        text += f"; the report is older than the venue's last word ({report.ts_last} < {heard})"
        work.note(Level.WARNING, "order.report_outdated", text, draft)
        return
    mark("reconciliation.regressed")
    work.regressed[draft.client_order_id] = (draft.filled_qty.value - report.filled_qty.value) * draft.side.sign
    work.quarantine(draft, "order.filled_quantity_regressed", f"{text}; the order is set aside")
    contradicts_end = draft.is_closed and (report.is_open or report.order_status is OrderStatus.FILLED)
    if contradicts_end or work.policy.filled_quantity_regression == "fail":
        work.fail("order.filled_quantity_regressed", f"{draft.client_order_id}: {text}", draft)


def _is_known_by_totals(draft: Order) -> bool:
    """Whether all that we have was inferred from totals of this very leg, so that a newer total is as good."""
    return not draft.superseded_venue_order_ids and all(known.inferred for known in draft.fills.values())


def counts_what_was_taken_back(work: Workspace, draft: Order, report: OrderStatusReport) -> bool:
    """Whether a total above ours is from before the venue took a trade back, and no larger than with that trade."""
    known = work.local.order(draft.client_order_id)
    if known is None or not 0 < report.ts_last < work.heard_ns(draft):
        return False
    undone = {undone_trade(event): None for event in known.events if event.ts_event > report.ts_last}
    quantity: Decimal = sum(
        (event.last_qty.value for event in known.events if isinstance(event, OrderFilled) and event.trade_id in undone),
        ZERO,
    )
    return report.filled_qty.value - draft.filled_qty.value <= quantity


def undone_trade(event: OrderEvent) -> TradeId | None:
    """Return the trade that an event takes back or states anew."""
    if isinstance(event, OrderFilled):
        return event.corrects
    return event.trade_id if isinstance(event, OrderFillVoided) else None


def _is_the_latest(work: Workspace, draft: Order, report: OrderStatusReport, fills: list[FillReport]) -> bool:
    """Whether nothing that we know of the order can be newer than the report and its fills."""
    heard = work.heard_ns(draft)
    if report.ts_last != heard:
        return report.ts_last > heard
    if _is_first_told_by(work, draft, report) or _is_as_it_ended(work, draft, report):
        return True
    reported = {(fill.trade_id, fill.last_qty.value): None for fill in fills}
    ours = [known for known in draft.fills.values() if (known.trade_id, known.last_qty.value) not in reported]
    return heard > 0 and bool(fills) and all(_is_before(work, known, report) for known in ours)


def _is_first_told_by(work: Workspace, draft: Order, report: OrderStatusReport) -> bool:
    """Whether the word of that time is the report's own: that the order was amended is planned from it, and no more."""
    known = work.local.order(draft.client_order_id)
    if known is None or heard_ns(known.events) >= report.ts_last:
        return False
    return all(isinstance(event, OrderUpdated) for event in draft.events if event.ts_event == report.ts_last)


def _is_as_it_ended(work: Workspace, draft: Order, report: OrderStatusReport) -> bool:
    """Whether the venue's last word was the order's end, later than each trade of it, and the report is of that end."""
    known = work.local.order(draft.client_order_id)
    end = None if known is None else last_word_of_venue(known.events)
    if report.is_open or not isinstance(end, ENDS) or end.ts_event != report.ts_last:
        return False
    if end.cum_qty is not None and end.cum_qty.value != report.filled_qty.value:
        return False
    return all(fill.ts_event < end.ts_event for fill in draft.fills.values())


def _is_before(work: Workspace, known: OrderFilled, report: OrderStatusReport) -> bool:
    """Whether a report has what became of a trade: it is from later, or no list lags as far as to when we heard of it.

    Only what was inferred is dated by a word of the venue's own; a real trade may be listed after a later word.
    """
    return (known.inferred and known.ts_event < report.ts_last) or work.now - known.ts_init >= LAG_NS


def _has_others(draft: Order, fills: list[FillReport]) -> bool:
    """Whether the record has trades that we do not have: one of them may be a trade of ours, corrected."""
    return any(fill.trade_id not in draft.fills for fill in fills)


def _is_resized(draft: Order, fills: list[FillReport]) -> bool:
    """Whether the record has a trade of ours in another size."""
    return any(fill.trade_id in draft.fills and draft.fills[fill.trade_id].last_qty != fill.last_qty for fill in fills)
