"""Position keeping: what fills add up to.

A position is kept by the average-cost rule: growing averages the price (by its reciprocal where the contract is
inverse), shrinking realises profit against that average and leaves it. Profit is counted in the instrument's settlement
currency, less the commissions paid in that currency; other commissions are kept by currency. A fill that crosses zero
is two parts: one closes, the other opens.

`Position.fills` holds the fills since the position was last flat, so that a trade which replaces a placeholder can be
put in the placeholder's place and the cycle replayed: the result is then what it would have been had the trade come
in time. Of a position that stays open for days the old ones are folded into its base (`fold`), so that memory does not
grow with its history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import structs

from nautilus_live.core.placeholders import replace_with
from nautilus_live.core.position_legs import count_leg
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.events import (
    OrderFilled,
    PositionChanged,
    PositionClosed,
    PositionEventAny,
    PositionOpened,
)
from nautilus_live.model.identifiers import InstrumentId, PositionId, StrategyId
from nautilus_live.model.objects import Money, Price, Quantity
from nautilus_live.model.position import CycleBase, Position

ZERO = Decimal(0)
FLAT_BASE = CycleBase(ZERO, ZERO, None, ZERO, ZERO, ZERO)
BUY = OrderSide.BUY  # looking a member up in its class is slow, and this is done several times per fill


def netting_position_id(instrument_id: InstrumentId, strategy_id: StrategyId) -> PositionId:
    """Return the id of the one position that a strategy has in an instrument under netting."""
    return PositionId(f"{instrument_id}-{strategy_id}")


class PositionChange(Enum):
    """What a fill did to a position."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"


OPENED, CHANGED, CLOSED = PositionChange


def take(
    position: Position, fill: OrderFilled, placeholders: Sequence[OrderFilled] = ()
) -> Iterable[tuple[OrderFilled, PositionChange]]:
    """Apply a whole fill to `position`, part by part, wherever the placeholders lie that it replaces.

    Args:
        position: the position, changed in place.
        fill: a fill of an order that belongs to the position.
        placeholders: the fills that `fill.replaces` names, as the order counted them before this fill.

    Returns:
        Each part with what it did, to be looked at while the position is as that part left it. Parts may be applied
        only as they are asked for, so exhaust it. A fill that concerns earlier cycles alone is given back as one
        change.

    """
    if fill.venue_position_id is not None:
        count_leg(position, fill, placeholders)
    if fill.replaces:
        return _take_replacing(position, fill, placeholders)
    pieces = parts(position, fill)
    if len(pieces) == 1:  # the usual case
        return ((fill, _apply_plain(position, fill)),)
    return _take_parts(position, pieces)


def _take_parts(position: Position, pieces: Iterable[OrderFilled]) -> Iterator[tuple[OrderFilled, PositionChange]]:
    for piece in pieces:
        yield piece, _apply_plain(position, piece)


def _take_replacing(
    position: Position, fill: OrderFilled, placeholders: Sequence[OrderFilled]
) -> Iterator[tuple[OrderFilled, PositionChange]]:
    left, replaced = replace_with(placeholders, fill)
    excess = fill.last_qty.value - replaced
    if replaced:
        real = _part(fill, replaced, opens=False) if excess else fill
        yield _replace_wherever(position, real, placeholders, left)
    if excess:
        rest = structs.replace(_part(fill, excess, opens=True), replaces=())
        yield from _take_parts(position, parts(position, rest))


def _replace_wherever(
    position: Position, real: OrderFilled, placeholders: Sequence[OrderFilled], left: Sequence[OrderFilled | None]
) -> tuple[OrderFilled, PositionChange]:
    """Put `real` in the place of placeholders of this cycle, and correct the profit of earlier cycles by the rest."""
    in_cycle = ZERO
    lies_earlier = False
    for placeholder, rest in zip(placeholders, left, strict=True):
        eaten = placeholder.last_qty.value - (rest.last_qty.value if rest is not None else ZERO)
        piece = next((known for known in position.fills if _is_piece(known, placeholder)), None)
        # A placeholder that flipped the position lies in two cycles; its earlier part is replaced first.
        gone = placeholder.last_qty.value - (piece.last_qty.value if piece is not None else ZERO)
        in_cycle += max(eaten - gone, ZERO)
        lies_earlier |= piece is None or _worth(piece) != _worth(placeholder)
    cycle_before = position.fills
    part = real
    if in_cycle:
        if in_cycle < real.last_qty.value:
            part = _part(real, in_cycle, opens=True)
        _apply_replacing(position, part)
    if lies_earlier:
        # What the order's fills changed that this cycle does not show belongs to earlier ones.
        rests = [rest for rest in left if rest is not None]
        _correct_earlier(position, real.last_px.value, [*cycle_before, real, *rests], [*position.fills, *placeholders])
    return part, CHANGED


def _worth(fill: OrderFilled) -> tuple[Quantity, Price, Money | None]:
    return fill.last_qty, fill.last_px, fill.commission


def _correct_earlier(
    position: Position, price: Decimal, added: Iterable[OrderFilled], removed: Iterable[OrderFilled]
) -> None:
    """Let earlier cycles have had the fills `added` instead of `removed`, which have the same quantity.

    A closed cycle's profit is the sum of its cash flows, so only the differences count; `price` is any price, to value
    them against.
    """
    for fills, sign in ((added, 1), (removed, -1)):
        for fill in fills:
            signed = sign * fill.last_qty.value * fill.order_side.sign
            position.realized_before += position.instrument.pnl(signed, fill.last_px.value, price)
            commission = fill.commission
            if commission is not None and commission.value:
                amount = sign * commission.value
                currency = commission.currency
                position.paid[currency] = position.paid.get(currency, ZERO) + amount
                if currency == position.instrument.settlement_currency:
                    position.realized_before -= amount


def is_in_cycle(position: Position, placeholder: OrderFilled) -> bool:
    """Return whether any of a placeholder lies in the position's present cycle."""
    return any(_is_piece(known, placeholder) for known in position.fills)


def _is_piece(known: OrderFilled, placeholder: OrderFilled) -> bool:
    is_named = known.trade_id == placeholder.trade_id and known.client_order_id == placeholder.client_order_id
    # What undoes one of an earlier cycle has its name too, and the other side.
    return known.inferred and is_named and known.order_side is placeholder.order_side


def parts(position: Position, fill: OrderFilled) -> tuple[OrderFilled, ...]:
    """Return `fill` as the parts that `apply` takes: two if it crosses zero (close, open), else itself."""
    held = position.net_qty
    if not held or fill.replaces or (held > 0) == (fill.order_side is BUY):
        return (fill,)
    closing = abs(held)
    excess = fill.last_qty.value - closing
    if excess <= 0:
        return (fill,)
    mark("positions.flip")
    return _part(fill, closing, opens=False), _part(fill, excess, opens=True)


def _part(fill: OrderFilled, quantity: Decimal, *, opens: bool) -> OrderFilled:
    commission = fill.commission
    if commission is not None:
        share = Money(commission.value * quantity / fill.last_qty.value, commission.currency)
        if opens:  # the closing part's share was rounded; the two must add up to what was paid
            closing = fill.last_qty.value - quantity
            share = commission - Money(commission.value * closing / fill.last_qty.value, commission.currency)
        commission = share
    return structs.replace(fill, last_qty=part_of(fill.last_qty, quantity), commission=commission)


def part_of(whole: Quantity, part: Decimal) -> Quantity:
    """Return `part` at the precision of `whole`, or at its own if that is higher: venues leave out final zeros."""
    exponent = part.normalize().as_tuple().exponent
    return Quantity(part, max(whole.precision, -exponent if isinstance(exponent, int) else 0))


def apply(position: Position, fill: OrderFilled) -> PositionChange:
    """Apply one part of a fill (see `parts`) to `position`."""
    if fill.replaces:
        return _apply_replacing(position, fill)
    return _apply_plain(position, fill)


def _apply_plain(position: Position, fill: OrderFilled) -> PositionChange:
    held = position.net_qty
    opened = not held
    if opened:
        _begin_cycle(position, fill)
    _account(position, fill)
    position.fills.append(fill)
    if fill.ts_event > position.ts_last:
        position.ts_last = fill.ts_event
    if opened:
        return OPENED
    if position.net_qty:
        return CHANGED
    position.closing_order_id = fill.client_order_id
    position.ts_closed = fill.ts_event
    return CLOSED


def _begin_cycle(position: Position, fill: OrderFilled) -> None:
    if position.ts_opened:
        position.cycle_count += 1
        position.realized_before += position.realized
    position.realized = ZERO
    position.open_px = ZERO
    position.close_px = None
    position.closed_qty = ZERO
    position.peak = ZERO
    position.fills = []
    position.base = None
    position.entry = fill.order_side
    position.opening_order_id = fill.client_order_id
    position.closing_order_id = None
    position.ts_opened = fill.ts_event or 1
    position.ts_closed = 0


def _account(position: Position, fill: OrderFilled) -> None:
    """Count one fill that does not cross zero."""
    quantity, price = fill.last_qty.value, fill.last_px.value
    signed = quantity if fill.order_side is BUY else -quantity
    held = position.net_qty
    if not held or (held > 0) == (signed > 0):
        size = abs(held)
        position.open_px = price if not size else position.instrument.average(size, position.open_px, quantity, price)
    else:
        closing = quantity if held > 0 else -quantity
        position.realized += position.instrument.pnl(closing, position.open_px, price)
        closed = position.closed_qty
        before = position.close_px
        position.close_px = (
            price if before is None else position.instrument.average(closed, before, quantity, price)
        )
        position.closed_qty = closed + quantity
    held += signed
    position.net_qty = held
    size = abs(held)
    if size > position.peak:
        position.peak = size
    commission = fill.commission
    if commission is not None and commission.value:
        _pay(position, commission)


def _pay(position: Position, commission: Money) -> None:
    currency = commission.currency
    position.paid[currency] = position.paid.get(currency, ZERO) + commission.value
    if currency == position.instrument.settlement_currency:
        position.realized -= commission.value


def _apply_replacing(position: Position, fill: OrderFilled) -> PositionChange:
    """Put a trade in the place of its placeholders and replay the cycle; whatever exceeds them is an ordinary fill."""
    held = [known for known in position.fills if _is_replaced(known, fill)]
    held.sort(key=lambda known: fill.replaces.index(known.trade_id))
    left, replaced = replace_with(held, fill)
    if not replaced:  # they lie in an earlier cycle, gone from memory; see `take`
        raise LookupError(
            f"{position.id}: no placeholder of {fill.client_order_id} among {fill.replaces} in this cycle"
        )
    real = fill if replaced == fill.last_qty.value else _part(fill, replaced, opens=False)
    history: list[OrderFilled] = []
    for known in position.fills:
        place = next((index for index, placeholder in enumerate(held) if placeholder is known), None)
        if place is None:
            history.append(known)
            continue
        if place == 0:
            history.append(structs.replace(real, replaces=()))
        rest = left[place]
        if rest is not None:
            history.append(rest)
    mark("positions.replayed")
    _replay(position, history)
    excess = fill.last_qty.value - replaced
    if excess:
        rest_of_fill = structs.replace(_part(fill, excess, opens=True), replaces=())
        return [_apply_plain(position, piece) for piece in parts(position, rest_of_fill)][-1]
    return CHANGED


def _replay(position: Position, history: list[OrderFilled]) -> None:
    """Count the current cycle anew from its fills."""
    for fill in position.fills:
        if fill.commission is not None and fill.commission.value:
            position.paid[fill.commission.currency] -= fill.commission.value
    go_back_to_base(position)
    for fill in history:
        _account(position, fill)
    position.fills = history


def go_back_to_base(position: Position) -> None:
    """Let the position stand as it did before the first of its fills; commissions and fills are the caller's."""
    base = position.base or FLAT_BASE
    position.net_qty, position.open_px, position.close_px, *rest = base
    position.closed_qty, position.peak, position.realized = rest


def fold(position: Position, until_ns: int) -> int:
    """Fold the fills heard by `until_ns` (our time) into the base of an open position; returns how many.

    The last fill stays, and so does everything from the first placeholder on: its trade may still come and take its
    place. A trade that was folded and is corrected later is put right as one of an earlier cycle is.
    """
    count = 0
    for fill in position.fills[:-1]:
        if fill.inferred or fill.ts_init > until_ns:
            break
        count += 1
    if not count or not position.is_open:
        return 0
    past = position.copy()
    go_back_to_base(past)
    for fill in position.fills[:count]:
        _account(past, fill)
    position.base = CycleBase(
        past.net_qty, past.open_px, past.close_px, past.closed_qty, past.peak, past.realized
    )
    position.fills = position.fills[count:]
    return count


def holds_placeholder(position: Position, fill: OrderFilled) -> bool:
    """Return whether the placeholders that `fill` replaces are in the position's current cycle."""
    return any(_is_replaced(known, fill) for known in position.fills)


def _is_replaced(known: OrderFilled, fill: OrderFilled) -> bool:
    is_named = known.client_order_id == fill.client_order_id and known.trade_id in fill.replaces
    return known.inferred and is_named and known.order_side is fill.order_side  # as in `_is_piece`


def position_event(
    position: Position, fill: OrderFilled, change: PositionChange, event_id: str, now: int
) -> PositionEventAny:
    """Return the event that tells of `change`, describing `position` as it is now."""
    precision = position.instrument.size_precision
    signed_qty = position.net_qty
    fields: dict[str, Any] = {
        "event_id": event_id,
        "ts_event": fill.ts_event,
        "ts_init": now,
        "trader_id": position.trader_id,
        "strategy_id": position.strategy_id,
        "instrument_id": position.instrument_id,
        "position_id": position.id,
        "account_id": position.account_id,
        "opening_order_id": position.opening_order_id or fill.client_order_id,
        "entry": position.entry,
        "side": position.side,
        "signed_qty": signed_qty,
        "quantity": Quantity(abs(signed_qty), precision),
        "peak_qty": Quantity(position.peak, precision),
        "last_qty": fill.last_qty,
        "last_px": fill.last_px,
        "currency": fill.currency,
        "avg_px_open": position.open_px,
        "avg_px_close": position.close_px or ZERO,
        "realized_pnl": position.realized_pnl,
        "ts_opened": position.ts_opened,
    }
    if change is OPENED:
        return PositionOpened(**fields)
    if change is not CLOSED:
        return PositionChanged(**fields, unrealized_pnl=position.unrealized_pnl(fill.last_px))
    return PositionClosed(
        **fields,
        closing_order_id=position.closing_order_id,
        ts_closed=position.ts_closed,
        duration_ns=max(position.ts_closed - position.ts_opened, 0),
    )
