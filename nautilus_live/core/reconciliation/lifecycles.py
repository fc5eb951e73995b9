"""Partial windows: what to make of a history that begins in the middle.

With a lookback window (or a forgetful venue) the fills we get are the tail of a longer story, so adding them up from
zero gives a position that never was. This applies to netting instruments in which we hold nothing yet and the venue
does. Orders and their fills are facts and always kept; what is decided here is only how they move the position.

A life cycle runs from flat to flat. Adding up the fills from zero:
- it gives the venue's position: the window is complete, nothing to do;
- it crosses zero, and what follows the last crossing is the venue's position: only the current life cycle counts;
- it never crosses zero: the opening lies before the window; one synthetic opening fill makes up for it, priced so
  that the average comes out as the venue's;
- else: the fills cannot be made sense of; one synthetic opening states the venue's position and the fills leave it
  alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from nautilus_live.core.reconciliation.prices import ZERO, differs, positive
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import unit_of

ONE = Decimal(1)
TWO = Decimal(2)


class Adjustment(Struct, frozen=True):
    """How fills move a position that began before them.

    The first `silent_count` fills leave the position alone. An opening of `opening_qty` (signed, zero for none) at
    `opening_px` comes one nanosecond before the fill with the index `opening_at`.
    """

    silent_count: int
    opening_qty: Decimal = ZERO
    opening_px: Decimal = ZERO
    opening_at: int = 0


def adjust(
    fills: Sequence[OrderFilled],
    venue_qty: Decimal,
    venue_avg_px: Decimal | None,
    instrument: Instrument,
    tolerance: Decimal,
) -> Adjustment | None:
    """Return how `fills` (oldest first) are to move the position, None where they are to move it as they are.

    Args:
        fills: the instrument's fills in the window.
        venue_qty: the venue's position, signed.
        venue_avg_px: its average open price, if known.
        instrument: for its precisions.
        tolerance: how far averages may differ, as a fraction.

    """
    if not fills or not venue_qty:
        return None
    goal = _Goal(venue_qty, venue_avg_px, unit_of(instrument.size_precision), tolerance)
    inverse = instrument.is_inverse
    if goal.is_met_by(*simulate(fills, inverse=inverse)):
        return None
    start = current_lifecycle_start(fills)
    if start:
        if goal.is_met_by(*simulate(fills[start:], inverse=inverse)):
            return Adjustment(silent_count=start)
        return _restate(fills, start, goal, instrument)
    opening_qty = venue_qty - simulate(fills)[0]
    if not opening_qty:  # the quantity agrees, only the average does not: the fills are the better evidence
        return None
    opening_px = _opening_price(fills, opening_qty, goal, instrument)
    if opening_px is None:
        return _restate(fills, start, goal, instrument)
    return Adjustment(0, opening_qty, opening_px)


class _Goal(Struct, frozen=True):
    quantity: Decimal
    avg_px: Decimal | None
    unit: Decimal
    tolerance: Decimal

    def is_met_by(self, quantity: Decimal, avg_px: Decimal) -> bool:
        if (quantity - self.quantity).quantize(self.unit):
            return False
        return not self.avg_px or not differs(avg_px, self.avg_px, self.tolerance)


def simulate(
    fills: Sequence[OrderFilled], quantity: Decimal = ZERO, avg_px: Decimal = ZERO, *, inverse: bool = False
) -> tuple[Decimal, Decimal]:
    """Return the signed quantity and average price after `fills`, averaging reciprocals where `inverse`."""
    for fill in fills:
        signed = _signed(fill)
        price = fill.last_px.value
        after = quantity + signed
        if not quantity or (quantity > 0) == (signed > 0):
            if inverse and quantity:
                avg_px = after / (quantity / avg_px + signed / price)
            else:
                avg_px = (quantity * avg_px + signed * price) / after
        elif quantity * after < 0:
            avg_px = price
        quantity = after
    return quantity, avg_px if quantity else ZERO


def current_lifecycle_start(fills: Sequence[OrderFilled]) -> int:
    """Return the index of the first fill after the last landing on zero, else of the last change of sign, else 0."""
    quantity = ZERO
    landed = flipped = 0
    for index, fill in enumerate(fills):
        after = quantity + _signed(fill)
        if quantity and not after:
            landed = index + 1
        elif quantity * after < 0:
            flipped = index
        quantity = after
    return landed or flipped


def _restate(fills: Sequence[OrderFilled], start: int, goal: _Goal, instrument: Instrument) -> Adjustment | None:
    """State the venue's position outright; needs its average."""
    price = positive(goal.avg_px, instrument.price_precision)
    if price is None:
        return None
    return Adjustment(len(fills), goal.quantity, price, min(start, len(fills) - 1))


def _opening_price(
    fills: Sequence[OrderFilled], opening_qty: Decimal, goal: _Goal, instrument: Instrument
) -> Decimal | None:
    """Return the price of an opening that leads to the venue's average, None if there is none.

    As long as nothing crosses zero the final average is a straight line over the opening price, so two trials give it.
    Once something does, the opening is history, and its price changes nothing.
    """
    if not goal.avg_px:
        return None
    if instrument.is_inverse:  # the same line, of reciprocals; a price cannot be zero, so the trials are at one and two
        at_one, at_two = (ONE / simulate(fills, opening_qty, trial, inverse=True)[1] for trial in (ONE, TWO))
        slope = (at_one - at_two) * TWO
        reciprocal = ZERO if not slope else ONE + (ONE / goal.avg_px - at_one) / slope
        return positive(ONE / reciprocal, instrument.price_precision) if reciprocal > 0 else None
    at_zero = simulate(fills, opening_qty, ZERO)[1]
    slope = simulate(fills, opening_qty, ONE)[1] - at_zero
    if not slope:
        return None
    return positive((goal.avg_px - at_zero) / slope, instrument.price_precision)


def _signed(fill: OrderFilled) -> Decimal:
    return fill.last_qty.value if fill.order_side is OrderSide.BUY else -fill.last_qty.value
