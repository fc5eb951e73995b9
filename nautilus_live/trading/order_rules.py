"""What makes an order complete and consistent in itself, type by type.

Pure: (order, now) -> nothing or an error. Rules that need the instrument, the account or the market are the risk
engine's.
"""

from __future__ import annotations

from typing import NoReturn

from nautilus_live.model.enums import OrderSide, OrderType, TimeInForce, TrailingOffsetType, TriggerType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.objects import Price, Quantity

SIDES = (OrderSide.BUY, OrderSide.SELL)
NEEDS_PRICE = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})
NEEDS_TRIGGER_PRICE = frozenset(
    {OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED}
)
TRAILING = frozenset({OrderType.TRAILING_STOP_MARKET, OrderType.TRAILING_STOP_LIMIT})
TRIGGERED = NEEDS_TRIGGER_PRICE | TRAILING
HAS_NO_PRICE = frozenset(
    {
        OrderType.MARKET,
        OrderType.MARKET_TO_LIMIT,
        OrderType.STOP_MARKET,
        OrderType.MARKET_IF_TOUCHED,
        OrderType.TRAILING_STOP_MARKET,
    }
)
GTC, GTD = TimeInForce.GTC, TimeInForce.GTD
IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)
AUCTION = (TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE)


def check_order(order: OrderInitialized, now: int) -> None:
    """Check an order that is to be made at `now`, in nanoseconds.

    Raises:
        ValueError: if it breaks a rule; the message names the order, the rule and the value.

    """
    kind = order.order_type
    if order.order_side not in SIDES:
        _refuse(order, "side must be BUY or SELL", order.order_side)
    if not isinstance(order.quantity, Quantity) or order.quantity.value <= 0:
        _refuse(order, "quantity must be a Quantity > 0", order.quantity)
    if kind in NEEDS_PRICE:
        if not isinstance(order.price, Price):
            _refuse(order, "price must be a Price", order.price)
    elif kind in HAS_NO_PRICE and (order.price is not None or order.post_only):
        name = "post_only" if order.post_only else "price"
        _refuse(order, f"{name} goes with orders that have a limit price", getattr(order, name))
    if kind in TRIGGERED:
        _check_trigger(order)
    if order.time_in_force is not GTC or order.expire_time_ns:
        _check_time(order, now)
    if order.post_only and order.time_in_force in IMMEDIATE:
        _refuse(order, "a post-only order must be able to rest in the book", order.time_in_force)
    if order.display_qty is not None and order.display_qty.value > order.quantity.value:
        _refuse(order, f"display_qty must not exceed quantity {order.quantity}", order.display_qty)


def _check_trigger(order: OrderInitialized) -> None:
    kind = order.order_type
    if kind in NEEDS_TRIGGER_PRICE and not isinstance(order.trigger_price, Price):
        _refuse(order, "trigger_price must be a Price", order.trigger_price)
    if order.trigger_type is TriggerType.NO_TRIGGER:
        _refuse(order, "trigger_type must say which price triggers", order.trigger_type)
    if kind in TRAILING:
        if order.trailing_offset is None or order.trailing_offset <= 0:
            _refuse(order, "trailing_offset must be > 0", order.trailing_offset)
        if order.trailing_offset_type is TrailingOffsetType.NO_TRAILING_OFFSET:
            _refuse(order, "trailing_offset_type must say what the offset counts", order.trailing_offset_type)
        if kind is OrderType.TRAILING_STOP_LIMIT and order.limit_offset is None:
            _refuse(order, "limit_offset must be given", order.limit_offset)


def _check_time(order: OrderInitialized, now: int) -> None:
    time_in_force = order.time_in_force
    if time_in_force is GTD:
        if order.order_type is OrderType.MARKET:
            _refuse(order, "a MARKET order cannot be GTD, it ends at once", time_in_force)
        if order.expire_time_ns <= now:
            _refuse(order, f"a GTD order must have an expire_time after now ({now} ns)", order.expire_time_ns)
    elif order.expire_time_ns:
        _refuse(order, f"expire_time goes with GTD, not with {time_in_force}", order.expire_time_ns)
    if time_in_force in AUCTION and order.order_type is OrderType.MARKET_TO_LIMIT:
        _refuse(order, "a MARKET_TO_LIMIT order cannot wait for an auction", time_in_force)


def _refuse(order: OrderInitialized, rule: str, value: object) -> NoReturn:
    raise ValueError(f"{order.client_order_id} ({order.order_type}): {rule}, was {value}")
