"""Fill corrections: what becomes of a position when the venue takes a trade back, or states it anew.

Pure. The position shall be as if only the last version of each trade had ever existed. Its fills since it was last
flat are in memory, so a trade among them is taken out (or put in its new form where the old one was) and they are
counted again. A trade of an earlier cycle is undone at its own price and done anew: the money is then the same to the
cent, only its division into cycles is not.

A position's record (what the store keeps of it) is a list of entries: fills, and corrections of fills since it was last
flat. `entries` says which follow from a correction, `put` applies one; live and after a restart alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from nautilus_live.core import position_keeping
from nautilus_live.core.position_ids import pass_on
from nautilus_live.core.position_keeping import CHANGED, CLOSED, OPENED, PositionChange
from nautilus_live.core.position_legs import count_leg
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import ClientOrderId, TradeId
from nautilus_live.model.objects import Money
from nautilus_live.model.position import Position

Correction = OrderFilled | OrderFillVoided
"""A trade taken back, or one that names in `corrects` the trade whose place it takes."""


UNDONE = "-undone"


def undoes_an_earlier_cycle(fill: OrderFilled) -> bool:
    """Return whether a fill of a position stands for a trade of an earlier cycle that was taken back or stated anew."""
    return fill.event_id.endswith(UNDONE)


def entries(position: Position, correction: Correction, gone: OrderFilled) -> list[Correction]:
    """Return what to record of a correction.

    Args:
        position: the position; only read.
        correction: the correction, as its order took it.
        gone: the trade that is corrected, as the order counted it before.

    """
    if any(_is_of(fill, gone.client_order_id, gone.trade_id) and _is_whole(fill, gone) for fill in position.fills):
        return [correction]
    undone: list[Correction] = [_undo(gone, correction)]
    if isinstance(correction, OrderFilled):
        undone.append(structs.replace(correction, corrects=None))
    return undone


def put(position: Position, entry: Correction) -> Iterator[tuple[OrderFilled, PositionChange]]:
    """Apply an entry other than a fill with placeholders; yield as `position_keeping.take` does."""
    if isinstance(entry, OrderFilled) and entry.corrects is None:
        if not position.net_qty:
            pass_on(position, entry.strategy_id)
        yield from position_keeping.take(position, entry)
        return
    trade_id = entry.trade_id if isinstance(entry, OrderFillVoided) else entry.corrects
    history: list[OrderFilled] = []
    shown: OrderFilled | None = None
    for fill in position.fills:
        if not _is_of(fill, entry.client_order_id, trade_id):
            history.append(fill)
            continue
        shown = fill
        if isinstance(entry, OrderFilled):
            shown = structs.replace(entry, corrects=None)
            history.append(shown)
    if shown is None:
        raise LookupError(f"{position.id}: trade {trade_id} of {entry.client_order_id} is not in this cycle")
    was_open = position.is_open
    _count_again(position, history, entry.ts_event)
    if was_open == position.is_open:
        yield shown, CHANGED
    else:
        yield shown, OPENED if position.is_open else CLOSED


def is_correction(entry: Correction) -> bool:
    """Whether an entry is more than a fill."""
    return isinstance(entry, OrderFillVoided) or entry.corrects is not None


def _is_of(fill: OrderFilled, client_order_id: ClientOrderId, trade_id: TradeId | None) -> bool:
    is_named = fill.trade_id == trade_id and fill.client_order_id == client_order_id
    return is_named and not undoes_an_earlier_cycle(fill)


def _is_whole(piece: OrderFilled, fill: OrderFilled) -> bool:
    """Whether all of the fill lies in this cycle, and not a part of it in the one before."""
    return piece.last_qty.value == fill.last_qty.value


def _undo(gone: OrderFilled, correction: Correction) -> OrderFilled:
    paid = gone.commission
    return structs.replace(
        gone,
        event_id=f"{correction.event_id}{UNDONE}",
        ts_event=correction.ts_event,
        ts_init=correction.ts_init,
        order_side=OrderSide.SELL if gone.order_side is OrderSide.BUY else OrderSide.BUY,
        commission=None if paid is None else Money(-paid.value, paid.currency),
        provenance=correction.provenance,
        replaces=(),
        corrects=None,
    )


def _count_again(position: Position, history: list[OrderFilled], now: int) -> None:
    """Let the cycle have had these fills, whichever cycles they make."""
    for fill in position.fills:
        if fill.commission is not None and fill.commission.value:
            position.paid[fill.commission.currency] -= fill.commission.value
        if fill.venue_position_id is not None:
            count_leg(position, fill, sign=-1)
    position.fills = []
    position_keeping.go_back_to_base(position)
    position.ts_closed = 0 if position.is_open else now
    if history and not position.is_open:
        position.cycle_count -= 1  # the first of them begins it anew
    for fill in history:
        for _ in position_keeping.take(position, fill):
            pass
