"""The types of orders, and how one is made by hand.

Orders are made by a strategy's order factory, or come to be by their first event (`create`, `order_from`). A class
called by itself takes what the ecosystem's takes, in the same order, and makes that first event; nothing is checked or
numbered for its author.
"""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import Any, ClassVar

from nautilus_live.model.enums import OrderType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.order import Order

_FIRST = "trader_id strategy_id instrument_id client_order_id order_side quantity"
_LAST = """contingency_type order_list_id linked_order_ids parent_order_id
    exec_algorithm_id exec_algorithm_params exec_spawn_id tags"""
_TRIGGERED = """time_in_force expire_time_ns reduce_only quote_quantity
    emulation_trigger trigger_instrument_id"""
_LIMITED = """time_in_force expire_time_ns post_only reduce_only quote_quantity display_qty
    emulation_trigger trigger_instrument_id"""


def _signature(required: str, optional: str) -> Signature:
    """Return the arguments of one class; None stands for what the first event has by default."""
    must = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in f"{_FIRST} {required}".split()]
    may = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None) for name in f"{optional} {_LAST}".split()]
    return Signature(must + may)


class TypedOrder(Order):
    """An order of one type.

    Raises:
        TypeError: if an argument is missing or unknown.

    """

    __slots__ = ()
    __signature__: ClassVar[Signature]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        fields = self.__signature__.bind(*arguments, **named).arguments
        for name in ("linked_order_ids", "tags"):
            if fields.get(name) is not None:
                fields[name] = tuple(fields[name])
        given = {name: value for name, value in fields.items() if value is not None}
        given["event_id"] = str(given.pop("init_id"))
        super().__init__(OrderInitialized(order_type=_TYPES[type(self)], ts_event=given["ts_init"], **given))


class MarketOrder(TypedOrder):
    """Fills at once at the best price there is."""

    __slots__ = ()
    __signature__ = _signature(
        "init_id ts_init",
        "time_in_force reduce_only quote_quantity",
    )


class LimitOrder(TypedOrder):
    """Fills at its price or better."""

    __slots__ = ()
    __signature__ = _signature(
        "price init_id ts_init",
        _LIMITED,
    )


class StopMarketOrder(TypedOrder):
    """Becomes a market order when the market moves against it to the trigger."""

    __slots__ = ()
    __signature__ = _signature(
        "trigger_price trigger_type init_id ts_init",
        _TRIGGERED,
    )


class StopLimitOrder(TypedOrder):
    """Becomes a limit order when the market moves against it to the trigger."""

    __slots__ = ()
    __signature__ = _signature(
        "price trigger_price trigger_type init_id ts_init",
        _LIMITED,
    )


class MarketToLimitOrder(TypedOrder):
    """Fills what it can at the best price and leaves the rest as a limit order there."""

    __slots__ = ()
    __signature__ = _signature(
        "init_id ts_init",
        "time_in_force expire_time_ns reduce_only quote_quantity display_qty",
    )


class MarketIfTouchedOrder(TypedOrder):
    """Becomes a market order when the market moves in its favour to the trigger."""

    __slots__ = ()
    __signature__ = _signature(
        "trigger_price trigger_type init_id ts_init",
        _TRIGGERED,
    )


class LimitIfTouchedOrder(TypedOrder):
    """Becomes a limit order when the market moves in its favour to the trigger."""

    __slots__ = ()
    __signature__ = _signature(
        "price trigger_price trigger_type init_id ts_init",
        _LIMITED,
    )


class TrailingStopMarketOrder(TypedOrder):
    """A stop-market order whose trigger follows the market."""

    __slots__ = ()
    __signature__ = _signature(
        "trigger_price trigger_type trailing_offset trailing_offset_type init_id ts_init",
        f"activation_price {_TRIGGERED}",
    )


class TrailingStopLimitOrder(TypedOrder):
    """A stop-limit order whose trigger and limit follow the market."""

    __slots__ = ()
    __signature__ = _signature(
        "price trigger_price trigger_type limit_offset trailing_offset trailing_offset_type init_id ts_init",
        f"activation_price {_LIMITED}",
    )


ORDER_CLASSES: dict[OrderType, type[Order]] = {
    OrderType.MARKET: MarketOrder,
    OrderType.LIMIT: LimitOrder,
    OrderType.STOP_MARKET: StopMarketOrder,
    OrderType.STOP_LIMIT: StopLimitOrder,
    OrderType.MARKET_TO_LIMIT: MarketToLimitOrder,
    OrderType.MARKET_IF_TOUCHED: MarketIfTouchedOrder,
    OrderType.LIMIT_IF_TOUCHED: LimitIfTouchedOrder,
    OrderType.TRAILING_STOP_MARKET: TrailingStopMarketOrder,
    OrderType.TRAILING_STOP_LIMIT: TrailingStopLimitOrder,
}

_TYPES: dict[type[Order], OrderType] = {kind: order_type for order_type, kind in ORDER_CLASSES.items()}


def order_from(init: OrderInitialized) -> Order:
    """Return a new order of the class that belongs to the event's order type."""
    return ORDER_CLASSES[init.order_type].create(init)
