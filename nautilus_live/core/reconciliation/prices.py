"""Prices that reconciliation has to invent, from the best evidence to the worst. Never zero, never negative."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from nautilus_live.model.data import QuoteTick
from nautilus_live.model.objects import unit_of

ZERO = Decimal(0)


def reconciliation_price(
    current_quantity: Decimal | None,
    current_avg_px: Decimal | None,
    target_quantity: Decimal | None,
    target_avg_px: Decimal | None,
    price_precision: int,
    *,
    inverse: bool = False,
) -> Decimal | None:
    """Return the price at which one fill takes a netting position from its current to its target quantity and average.

    With c at A going to t at B, a growing position averages: c*A + (t - c)*p = t*B, so p = (t*B - c*A) / (t - c). A
    close realises nothing at the current average; an opening and a flip start a new average, the target's. An inverse
    contract averages reciprocals: c/A + (t - c)/p = t/B.

    Args:
        current_quantity: signed, negative for short; None is unknown.
        current_avg_px: average price of what is open now, if known.
        target_quantity: signed; None is unknown.
        target_avg_px: average price to reach, if known (zero means unknown).
        price_precision: decimal places of the result.
        inverse: whether the contract is inverse.

    Returns:
        The price, or None where nothing changes, too much is unknown, or no positive price would do.

    """
    if current_quantity is None or target_quantity is None or current_quantity == target_quantity:
        return None
    if not target_quantity:
        return _rounded(current_avg_px, price_precision)
    if not target_avg_px:
        return None
    flips = current_quantity * target_quantity < 0
    if not current_quantity or current_avg_px is None or flips:
        return _rounded(target_avg_px, price_precision)
    change = target_quantity - current_quantity
    if inverse:
        rest = target_quantity / target_avg_px - (current_quantity / current_avg_px if current_avg_px else ZERO)
        needed = change / rest if rest else ZERO
    else:
        needed = (target_quantity * target_avg_px - current_quantity * current_avg_px) / change
    if needed <= 0:
        return None
    return _rounded(needed, price_precision)


def mid_price(quote: QuoteTick | None, price_precision: int) -> Decimal | None:
    """Return the middle of bid and ask, None without a quote or when it is not positive."""
    if quote is None:
        return None
    return positive((quote.bid_price.value + quote.ask_price.value) / 2, price_precision)


def positive(price: Decimal | None, price_precision: int) -> Decimal | None:
    """Return `price` rounded half-even to `price_precision` if that is above zero, else None."""
    if price is None:
        return None
    rounded = price.quantize(unit_of(price_precision), ROUND_HALF_EVEN)
    return rounded if rounded > 0 else None


def _rounded(price: Decimal | None, price_precision: int) -> Decimal | None:
    return None if price is None else price.quantize(unit_of(price_precision), ROUND_HALF_EVEN)


def differs(left: Decimal, right: Decimal, tolerance: Decimal) -> bool:
    """Return whether two prices differ by more than `tolerance`, a fraction of the larger."""
    return abs(left - right) > tolerance * max(abs(left), abs(right))
