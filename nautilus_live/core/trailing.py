"""Trailing stops: where the trigger belongs for a price, and when it starts to follow. Pure.

A trigger trails at its offset behind the market and only ever comes closer to it: up for a sell, down for a buy. It is
rounded to a tick away from the market, so that rounding never makes it closer than was asked for. The limit price of a
trailing stop-limit order lies behind the market too, by an offset of its own in the same unit (as in the ecosystem: not
behind the trigger), and moves when the trigger does.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from msgspec import Struct

from nautilus_live.model.enums import OrderSide, TrailingOffsetType

BASIS_POINT = Decimal("0.0001")


class Trailing(Struct, frozen=True, kw_only=True):
    """How one order trails: offsets in units of `offset_type`, `tick` the distance between two prices.

    `limit_tick` is that of limit prices, where the order follows the market of another instrument than its own.
    """

    side: OrderSide
    offset_type: TrailingOffsetType
    offset: Decimal
    tick: Decimal
    limit_offset: Decimal | None = None
    activation_price: Decimal | None = None
    limit_tick: Decimal | None = None

    def activates(self, price: Decimal) -> bool:
        """Return whether the trigger starts to follow at `price`: at once without an activation price."""
        if self.activation_price is None:
            return True
        return price >= self.activation_price if self.side is OrderSide.SELL else price <= self.activation_price

    def trigger_for(self, price: Decimal, trigger: Decimal | None) -> Decimal | None:
        """Return the trigger that `price` calls for, None if the present `trigger` is as close or closer."""
        wanted = self._behind(price, self.offset, self.tick)
        if trigger is None:
            return wanted
        closer = wanted > trigger if self.side is OrderSide.SELL else wanted < trigger
        return wanted if closer else None

    def limit_for(self, price: Decimal) -> Decimal | None:
        """Return the limit that belongs to the trigger which `price` called for, None for an order without a limit."""
        if self.limit_offset is None:
            return None
        return self._behind(price, self.limit_offset, self.limit_tick or self.tick)

    def _behind(self, price: Decimal, offset: Decimal, tick: Decimal) -> Decimal:
        distance = offset
        if self.offset_type is TrailingOffsetType.BASIS_POINTS:
            distance = price * offset * BASIS_POINT
        elif self.offset_type is TrailingOffsetType.TICKS:
            distance = offset * self.tick
        sells = self.side is OrderSide.SELL
        behind = price - distance if sells else price + distance
        return (behind / tick).to_integral_value(ROUND_FLOOR if sells else ROUND_CEILING) * tick
