"""Late words: what to make of news about an order that was purged. Pure.

A late word about a forgotten order changes nothing and is told once, for streams and lists repeat themselves for a
long time. Only what proves that we miss something is alarmed, and makes the instrument uncertain: a trade that was
never booked or is taken back, a filled quantity beyond what was, a sign that the order works.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct, structs

from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderEvent,
    OrderFilled,
    OrderFillVoided,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId, TradeId, VenueOrderId
from nautilus_live.model.reports import FillReport, OrderStatusReport

_SIGNS_OF_LIFE = (OrderAccepted, OrderUpdated, OrderTriggered)


class LateWord(Struct, frozen=True):
    """What follows from a word about a purged order: its tombstone afterwards, and what there is to say."""

    stone: Tombstone
    notes: tuple[Note, ...] = ()
    uncertain: str = ""

    def plan(self) -> Plan:
        """Return it as a plan."""
        stone = self.stone
        return Plan(
            notes=list(self.notes),
            uncertain={stone.instrument_id: self.uncertain} if self.uncertain else {},
            tombstones={stone.client_order_id: stone},
        )


def hear_event(stone: Tombstone, event: OrderEvent) -> LateWord:
    """Take an event of a stream."""
    if isinstance(event, OrderFillVoided):
        return _hear_correction(stone, event.trade_id, "taken back")
    if isinstance(event, OrderFilled):
        if event.corrects is not None:
            return _hear_correction(stone, event.corrects, f"stated anew as {event.last_qty} @ {event.last_px}")
        return hear_trade(stone, event.trade_id, event.last_qty.value)
    if isinstance(event, _SIGNS_OF_LIFE) and event.provenance is not Provenance.LOCAL:
        return _hear_life(stone, f"{type(event).__name__}", event.ts_event)
    return _repeat(stone, type(event).__name__)


def hear_report(stone: Tombstone, report: OrderStatusReport, fills: Iterable[FillReport] = ()) -> LateWord:
    """Take an order report with the fill reports that belong to it."""
    word = hear_fills(stone, fills, Level.DEBUG)
    notes, uncertain, stone = list(word.notes), word.uncertain, word.stone
    if report.filled_qty.value > stone.filled_qty:
        gap = report.filled_qty.value - stone.filled_qty
        word = _miss(
            structs.replace(stone, filled_qty=report.filled_qty.value),
            "order.purged_filled",
            f"the venue says {report.filled_qty} filled, which is {gap} more than was booked before it was purged",
        )
    elif report.is_open:
        word = _hear_life(stone, f"a report of {report.order_status}", report.ts_last)
    else:
        # At a start the venue lists every order of its history: no news, and there may be thousands.
        word = _repeat(stone, f"a report of {report.order_status}", Level.DEBUG)
    return LateWord(word.stone, (*notes, *word.notes), word.uncertain or uncertain)


def hear_fills(stone: Tombstone, fills: Iterable[FillReport], level: Level = Level.INFO) -> LateWord:
    """Take fill reports alone; `level` as in `hear_trade`."""
    notes: list[Note] = []
    uncertain = ""
    for fill in fills:
        word = hear_trade(stone, fill.trade_id, fill.last_qty.value, level)
        stone = word.stone
        notes += word.notes
        uncertain = word.uncertain or uncertain
    return LateWord(stone, tuple(notes), uncertain)


def hear_trade(stone: Tombstone, trade_id: TradeId, quantity: Decimal, level: Level = Level.INFO) -> LateWord:
    """Take a trade, by its id and quantity; `level` is that of the note on one that was booked."""
    if trade_id.value in stone.trade_ids:
        return _repeat(stone, f"trade {trade_id}", level)
    trade_ids = (*stone.trade_ids, trade_id.value)
    if quantity <= stone.inferred_qty:  # booked as a fill whose trade nobody had shown us
        stone = structs.replace(stone, trade_ids=trade_ids, inferred_qty=stone.inferred_qty - quantity)
        return _repeat(stone, f"trade {trade_id}, booked as inferred", level)
    return _miss(
        structs.replace(stone, trade_ids=trade_ids, filled_qty=stone.filled_qty + quantity),
        "fill.purged_order",
        f"trade {trade_id} of {quantity} was never booked, and the order is purged",
        trade_id,
    )


def _hear_correction(stone: Tombstone, trade_id: TradeId, how: str) -> LateWord:
    return _miss(stone, "fill.purged_order", f"trade {trade_id} was {how}, and the order is purged", trade_id)


def _hear_life(stone: Tombstone, what: str, ts: int) -> LateWord:
    if ts <= stone.ts_last:
        return _repeat(stone, what)  # an old copy
    return _miss(structs.replace(stone, ts_last=ts), "order.purged_works", f"{what} says that the purged order works")


def _miss(stone: Tombstone, kind: str, text: str, trade_id: TradeId | None = None) -> LateWord:
    """Say that the venue has something which we do not: loudly, for it will not come again."""
    text = f"{stone.client_order_id}: {text}; nothing was changed, compare with the venue"
    note = _note(Level.ERROR, kind, text, stone, trade_id=trade_id, alarm=True)
    return LateWord(structs.replace(stone, is_told=True), (note,), text)


def _repeat(stone: Tombstone, what: str, level: Level = Level.INFO) -> LateWord:
    if stone.is_told:
        return LateWord(stone)
    text = f"{stone.client_order_id}: {what} came after the order was purged; nothing is changed"
    return LateWord(structs.replace(stone, is_told=True), (_note(level, "order.purged", text, stone),))


def _note(
    level: Level, kind: str, text: str, stone: Tombstone, *, trade_id: TradeId | None = None, alarm: bool = False
) -> Note:
    return Note(
        level=level,
        kind=kind,
        text=text,
        instrument_id=stone.instrument_id,
        client_order_id=ClientOrderId(stone.client_order_id),
        venue_order_id=VenueOrderId(stone.venue_order_ids[-1]) if stone.venue_order_ids else None,
        trade_id=trade_id,
        alarm=alarm,
    )
