"""Legs: the venue's positions behind one of ours. Pure.

A strategy that nets at a venue which hedges has one position in an instrument; the venue keeps several, and names each.
What each fill did to which of them is noted with our position, so that an order which reduces it can be sent to the one
that it reduces, and so that the venue's positions can be compared with ours: by their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from msgspec import structs

from nautilus_live.core.placeholders import replace_with
from nautilus_live.model.enums import OrderSide, PositionSide
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.position import Position
from nautilus_live.model.reports import PositionStatusReport

ZERO = Decimal(0)
Known = Callable[[InstrumentId, AccountId], Sequence[Position]]


def count_leg(position: Position, fill: OrderFilled, placeholders: Sequence[OrderFilled] = (), sign: int = 1) -> None:
    """Let the leg that a fill names have it, in the place of `placeholders`; with `sign` -1 have it no longer."""
    _add(position, fill.venue_position_id, sign * fill.last_qty.value * fill.order_side.sign)
    if placeholders:
        left, _ = replace_with(placeholders, fill)
        for placeholder, rest in zip(placeholders, left, strict=True):
            gone = placeholder.last_qty.value - (ZERO if rest is None else rest.last_qty.value)
            _add(position, placeholder.venue_position_id, -sign * gone * placeholder.order_side.sign)


def _add(position: Position, leg: PositionId | None, signed: Decimal) -> None:
    if leg is None or not signed:
        return
    if position.legs is None:
        position.legs = {}
    held = position.legs.get(leg, ZERO) + signed
    if held:
        position.legs[leg] = held
    else:
        position.legs.pop(leg, None)


def leg_to_reduce(position: Position, side: OrderSide, quantity: Decimal) -> PositionId | None:
    """Return the leg that an order of that side and quantity reduces, whole; None if there is no such leg."""
    for leg, held in (position.legs or {}).items():
        if held * side.sign < 0 and quantity <= abs(held):
            return leg
    return None


def holder_of_leg(held: Iterable[Position], leg: PositionId) -> Position | None:
    """Return the position that has the venue's position `leg` in it, None if none of `held` has."""
    return next((position for position in held if position.legs and leg in position.legs), None)


def net_of_legs(
    reports: Iterable[PositionStatusReport], account_id: AccountId, known: Known
) -> list[PositionStatusReport]:
    """Return an account's position reports, those of an instrument in which we net added up to one.

    Args:
        reports: one for each of the venue's positions.
        account_id: whose they are.
        known: returns our positions in an instrument, closed ones too.

    """
    found: list[PositionStatusReport] = []
    sums: dict[InstrumentId, PositionStatusReport] = {}
    for report in reports:
        instrument_id = report.instrument_id
        nets = report.venue_position_id is not None and any(
            position.legs is not None for position in known(instrument_id, account_id)
        )
        if not nets:
            found.append(report)
            continue
        before = sums.get(instrument_id)
        sums[instrument_id] = _sum(report) if before is None else _sum(report, before)
    return found + list(sums.values())


def _sum(report: PositionStatusReport, before: PositionStatusReport | None = None) -> PositionStatusReport:
    signed = report.signed_qty + (ZERO if before is None else before.signed_qty)
    side = PositionSide.FLAT if not signed else PositionSide.LONG if signed > 0 else PositionSide.SHORT
    return structs.replace(
        report,
        venue_position_id=None,
        position_side=side,
        quantity=Quantity(abs(signed), report.quantity.precision),
        avg_px_open=None,
        ts_last=report.ts_last if before is None else max(report.ts_last, before.ts_last),
    )
