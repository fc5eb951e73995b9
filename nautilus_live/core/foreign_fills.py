"""Foreign fills: what a trade does to positions when no strategy of ours sent its order.

Somebody traded by hand, or the venue closed a position by force. On an account that nets, such a trade changes what
everybody holds, so it is shared out: placeholders are replaced where they lie; then nobody's own positions that the
trade opposes are reduced (a person closes what a person opened), then the strategies', the largest first; only what
is left opens a position of its own. No strategy keeps a position that the venue does not have.

A trade stays one fill of its order; each position takes its share of it, under the same trade id. A placeholder has no
trade id of the venue's: it becomes one placeholder for each position, so that each says where it lies.

Only a trade of a foreign order moves somebody else's position. A strategy's own trade is its own, whatever lies beside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from msgspec import structs

from nautilus_live.core.position_keeping import part_of
from nautilus_live.model.enums import OmsType
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import PositionId, TradeId
from nautilus_live.model.objects import Money
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position

ZERO = Decimal(0)
HEDGING = OmsType.HEDGING


def is_shared_out(order: Order, oms_type: OmsType) -> bool:
    """Return whether the order's fills are shared out: nobody of ours sent or claimed it, and its account nets."""
    return oms_type is not HEDGING and order.strategy_id.is_external()


def is_in_nobodys_way(fill: OrderFilled, held: Collection[Position], own_id: PositionId) -> bool:
    """Return whether a foreign fill opposes nobody else's position, as most do, so that all of it is `own_id`'s."""
    side = fill.order_side
    for position in held:
        if position.id is not own_id and position.is_opposite_side(side) and position.id != own_id:
            return False
    return True


def shares(
    fill: OrderFilled, held: Collection[Position], own_id: PositionId, placeholders: Sequence[OrderFilled] = ()
) -> list[OrderFilled]:
    """Return the parts of a foreign fill, one for each position that it changes; they add up to the fill.

    Args:
        fill: a fill of a foreign order on an account that nets.
        held: the open positions in its account and instrument.
        own_id: the position that takes what opposes nothing.
        placeholders: the fills that `fill.replaces` names, as the order counts them before this fill.

    """
    if not placeholders and is_in_nobodys_way(fill, held, own_id):
        return [structs.replace(fill, position_id=own_id)]
    opposed = [one for one in held if one.is_opposite_side(fill.order_side)]
    taken: dict[PositionId, Decimal] = {}
    replaced: dict[PositionId, tuple[TradeId, ...]] = {}
    left = fill.last_qty.value
    for placeholder in placeholders:
        quantity = min(left, placeholder.last_qty.value)
        left -= quantity
        if quantity and placeholder.affects_position:
            place = placeholder.position_id or own_id
            taken[place] = taken.get(place, ZERO) + quantity
            replaced[place] = (*replaced.get(place, ()), placeholder.trade_id)
    for position in sorted(opposed, key=_rank):
        if left:
            quantity = min(left, abs(position.signed_qty))
            taken[position.id] = taken.get(position.id, ZERO) + quantity
            left -= quantity
    if left:  # last: nobody's position is turned round before those that it opposes are gone
        taken[own_id] = taken.pop(own_id, ZERO) + left
    return _parts(fill, taken, replaced)


def _rank(position: Position) -> tuple[bool, Decimal, str]:
    """Nobody's positions first, then the largest; ties go by id, so that every restart decides alike."""
    return (not is_nobodys(position), -abs(position.signed_qty), position.id.value)


def is_nobodys(position: Position) -> bool:
    """Return whether no strategy of ours holds the position."""
    return position.strategy_id.is_external() or position.strategy_id.is_internal()


def _parts(
    fill: OrderFilled, taken: dict[PositionId, Decimal], replaced: dict[PositionId, tuple[TradeId, ...]]
) -> list[OrderFilled]:
    parts: list[OrderFilled] = []
    done = ZERO
    paid = Money(ZERO, fill.commission.currency) if fill.commission is not None else None
    for position_id, quantity in taken.items():
        done += quantity
        commission = fill.commission
        if fill.commission is not None and paid is not None:
            # Each share is the difference of rounded sums, so that together they are what was paid.
            until = Money(fill.commission.value * done / fill.last_qty.value, fill.commission.currency)
            commission, paid = until - paid, until
        parts.append(
            structs.replace(
                fill,
                position_id=position_id,
                last_qty=part_of(fill.last_qty, quantity),
                commission=commission,
                replaces=replaced.get(position_id, ()),
            )
        )
    return parts


def as_placeholders(parts: Sequence[OrderFilled]) -> list[OrderFilled]:
    """Return the parts of a placeholder as placeholders of their own; the first keeps its ids."""
    return [
        part
        if not number
        else structs.replace(
            part, event_id=f"{part.event_id}-{number + 1}", trade_id=TradeId(f"{part.trade_id}-{number + 1}")
        )
        for number, part in enumerate(parts)
    ]


def is_part(part: OrderFilled, whole: OrderFilled) -> bool:
    """Return whether `part` is a position's share of the trade `whole`, or all of it."""
    return part.trade_id == whole.trade_id and part.client_order_id == whole.client_order_id


def corrections(
    correction: OrderFilled | OrderFillVoided, gone: OrderFilled, positions: Iterable[Position]
) -> list[tuple[Position, OrderFilled, OrderFilled | OrderFillVoided]]:
    """Return what a correction of a trade that was shared out means for each position: its share, and its correction.

    Each position keeps what it took, as far as the quantity reaches; what is more goes where the last share went.

    Args:
        correction: the trade taken back, or stated anew.
        gone: the trade, as its order counted it before.
        positions: those of its account and instrument, closed ones too.

    Returns:
        An empty list if the trade was not shared out, or nobody remembers a share of it.

    """
    known = list(positions)
    parts = [(position, part) for position in known for part in position.fills if is_part(part, gone)]
    left = gone.last_qty.value - sum(part.last_qty.value for _, part in parts)
    if left > 0 and parts:
        forgetful = _who_forgot(known, [position for position, _ in parts], gone)
        if forgetful is None:
            return []
        parts.insert(0, (forgetful, _rest(gone, [part for _, part in parts])))
    if left < 0 or len(parts) < 2:
        return []
    if isinstance(correction, OrderFillVoided):
        return [(position, part, correction) for position, part in parts]
    taken: dict[PositionId, Decimal] = {}
    left = correction.last_qty.value
    for position, part in parts:
        taken[position.id] = min(left, part.last_qty.value)
        left -= taken[position.id]
    taken[parts[-1][0].id] += left
    stated = _parts(correction, {place: quantity for place, quantity in taken.items() if quantity}, {})
    anew = {part.position_id: part for part in stated}
    return [(position, part, anew.get(position.id) or _voided(correction, gone)) for position, part in parts]


def _who_forgot(known: Sequence[Position], others: Sequence[Position], gone: OrderFilled) -> Position | None:
    """Return the position that took the share which no present cycle shows: the trade closed what it held then.

    It is the one that the trade is said to have changed first, or else nobody's own.
    """
    candidates = [position for position in known if position not in others]
    first = next((position for position in candidates if position.id == gone.position_id), None)
    return first or next((position for position in candidates if is_nobodys(position)), None)


def _rest(gone: OrderFilled, parts: Sequence[OrderFilled]) -> OrderFilled:
    """Return what is left of a trade without those of its parts."""
    quantity, commission = gone.last_qty.value, gone.commission
    for part in parts:
        quantity -= part.last_qty.value
        commission = None if commission is None or part.commission is None else commission - part.commission
    return structs.replace(gone, last_qty=part_of(gone.last_qty, quantity), commission=commission)


def _voided(correction: OrderFilled, gone: OrderFilled) -> OrderFillVoided:
    return OrderFillVoided(
        event_id=correction.event_id,
        ts_event=correction.ts_event,
        ts_init=correction.ts_init,
        trader_id=correction.trader_id,
        strategy_id=correction.strategy_id,
        instrument_id=correction.instrument_id,
        client_order_id=correction.client_order_id,
        venue_order_id=correction.venue_order_id,
        account_id=correction.account_id,
        provenance=correction.provenance,
        trade_id=gone.trade_id,
    )


def is_newly_changed(position: Position, fill: OrderFilled) -> bool:
    """Return whether `fill`, which changed the position, is the first of its order to change a strategy's."""
    return not is_nobodys(position) and _is_first_of_order(position, fill)


def _is_first_of_order(position: Position, fill: OrderFilled) -> bool:
    own = (known for known in position.fills if known.client_order_id == fill.client_order_id)
    return next(own, fill).trade_id == fill.trade_id
