"""Which prices count for a conditional order, when it is due, and how a trailing stop follows the market.

May know: the model, markets and orders of this package. Pure but for what it says it changes: the order's own trigger,
limit and confirmations. Promises: a price that is not known counts for nothing; a trigger that trails only ever comes
closer, and stands still while the market does not trade; the double kinds need two of their prices in a row, the second
later than the first.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from nautilus_live.model.enums import OrderType, TrailingOffsetType, TriggerType
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.matching import Market
from sandbox_venues.orders import TOUCH_TYPES, TRAILING_TYPES, ZERO, VenueOrder

BASIS_POINT = Decimal("0.0001")


def reference_prices(market: Market, order: VenueOrder) -> list[Decimal]:
    """Return the prices that count for the order's trigger; what is unknown is left out."""
    kind = order.trigger_type
    if kind in (TriggerType.BID_ASK, TriggerType.DOUBLE_BID_ASK):
        prices = [market.ask if order.sign > 0 else market.bid]
    elif kind in (TriggerType.LAST_PRICE, TriggerType.DOUBLE_LAST):
        prices = [market.last]
    elif kind is TriggerType.MARK_PRICE:
        prices = [market.mark_price]
    elif kind is TriggerType.INDEX_PRICE:
        prices = [market.index_price]
    elif kind is TriggerType.MID_POINT:
        prices = [market.mid]
    else:
        prices = [market.ask if order.sign > 0 else market.bid, market.last]
    return [price for price in prices if price is not None]


def is_due(market: Market, order: VenueOrder) -> bool:
    """Whether the trigger is reached. A stop waits for the market to go against it, a touch to come its way."""
    trigger = order.trigger_price
    if trigger is None or not order.active:
        return False
    rising = (order.sign > 0) != (order.order_type in TOUCH_TYPES)
    prices = reference_prices(market, order)
    if len(prices) > 1 and order.trailed_at == market.prints:
        prices = prices[:1]  # the last trade is from before the trigger came here: no reason to be triggered
    reached = any(price >= trigger for price in prices) if rising else any(price <= trigger for price in prices)
    kind = order.trigger_type
    if kind is TriggerType.DOUBLE_LAST:
        return _confirmed(order, reached, market.prints)
    if kind is TriggerType.DOUBLE_BID_ASK:
        return _confirmed(order, reached, market.moves)
    return reached


def _confirmed(order: VenueOrder, reached: bool, count: int) -> bool:
    """Whether the trigger was reached by an earlier price too; `count` numbers the prices."""
    if not reached:
        order.reached_at = None
    elif order.reached_at is None:
        order.reached_at = count
    else:
        return count > order.reached_at
    return False


def activate(market: Market, order: VenueOrder) -> None:
    """Let a trailing stop begin to follow, and to be due, if the market is where it was to begin."""
    activation = order.request.activation_price
    if activation is not None:
        prices = reference_prices(market, order)
        order.active = any((activation.value - price) * order.sign >= 0 for price in prices)


def trail(market: Market, order: VenueOrder) -> bool:
    """Let a trailing stop follow the market. Return whether its trigger (or limit) moved."""
    if order.order_type not in TRAILING_TYPES:
        return False
    request, instrument, moved = order.request, market.instrument, False
    has_limit = request.limit_offset is not None and order.order_type is OrderType.TRAILING_STOP_LIMIT
    if not order.active:
        activate(market, order)
    for price in reference_prices(market, order) if order.active else ():
        wanted = on_tick(instrument, price + order.sign * offset(order, request.trailing_offset, price))
        trigger = order.trigger_price
        follows = trigger is None or (wanted < trigger if order.sign > 0 else wanted > trigger)
        if follows:
            order.trigger_price, order.trailed_at = wanted, market.prints
        if has_limit and (follows or order.price is None):  # one that came with a trigger may lack a limit still
            limit = price + order.sign * offset(order, request.limit_offset, price)
            order.price = on_tick(instrument, limit)
            follows = True
        moved = moved or follows
    return moved


def offset(order: VenueOrder, amount: Decimal | None, price: Decimal) -> Decimal:
    """Return a trailing offset as a price difference."""
    chosen = amount or ZERO
    kind = order.request.trailing_offset_type
    if kind is TrailingOffsetType.BASIS_POINTS:
        return price * chosen * BASIS_POINT
    if kind is TrailingOffsetType.TICKS:
        return chosen * order.instrument.price_increment.value
    return chosen


def on_tick(instrument: InstrumentAny, price: Decimal) -> Decimal:
    """Return the nearest price that orders can have."""
    tick = instrument.price_increment.value
    return (price / tick).quantize(Decimal(1), ROUND_HALF_EVEN) * tick
