"""An order in a line of a log: what was asked for, and how it stands, as readers of the ecosystem's logs know it.

Knows what an order can be asked, nothing of what becomes of orders.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

from nautilus_live.model.enums import ContingencyType, OrderSide, OrderStatus, OrderType, TimeInForce, TriggerType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, PositionId, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.timestamps import Timestamp

_TRAILING = (OrderType.TRAILING_STOP_MARKET, OrderType.TRAILING_STOP_LIMIT)
_TOUCHED_FIRST = (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)
_MARKET_STYLE = (OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET)

_PRICED: dict[str, frozenset[OrderType]] = {
    "price": frozenset(OrderType) - {OrderType.MARKET, *_MARKET_STYLE},
    "trigger_price": frozenset((*_MARKET_STYLE, *_TOUCHED_FIRST, OrderType.TRAILING_STOP_LIMIT)),
    "activation_price": frozenset(_TRAILING),
    "trailing_offset": frozenset(_TRAILING),
    "limit_offset": frozenset((OrderType.TRAILING_STOP_LIMIT,)),
    "expire_time_ns": frozenset(OrderType) - {OrderType.MARKET},
    "display_qty": frozenset(OrderType) - {OrderType.MARKET, *_MARKET_STYLE},
    "is_post_only": frozenset((OrderType.LIMIT, *_TOUCHED_FIRST, OrderType.TRAILING_STOP_LIMIT)),
    "emulation_trigger": frozenset(OrderType) - {OrderType.MARKET_TO_LIMIT},
    "trigger_instrument_id": frozenset(OrderType) - {OrderType.MARKET, OrderType.MARKET_TO_LIMIT},
}
"""What not every type of order has, and which types have it."""
_WITH = {"trigger_price": ("trigger_type",), "trailing_offset": ("trailing_offset_type",)}


class Told(Protocol):
    """What is told of an order."""

    init: OrderInitialized
    client_order_id: ClientOrderId
    instrument_id: InstrumentId
    side: OrderSide
    quantity: Quantity
    price: Price | None
    trigger_price: Price | None
    status: OrderStatus
    venue_order_id: VenueOrderId | None
    position_id: PositionId | None


@cache
def not_of(kind: OrderType) -> frozenset[str]:
    """Return the names of what an order of that type has not."""
    lacking = [name for name, kinds in _PRICED.items() if kind not in kinds]
    return frozenset(lacking).union(*(_WITH.get(name, ()) for name in lacking))


def info_of(order: Told) -> str:
    """Return what was asked for, in a line: `BUY 1_000 AAPL.XNAS LIMIT @ 190.00 GTC`."""
    init = order.init
    size = order.quantity.to_formatted_str()
    held = init.emulation_trigger
    parts = [order.side.name, size, str(order.instrument_id), f"{init.order_type.name}{_prices(order)}"]
    parts.append(init.time_in_force.name)
    if init.time_in_force is TimeInForce.GTD:
        parts.append(Timestamp.from_ns(init.expire_time_ns).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    if held is not TriggerType.NO_TRIGGER:
        parts.append(f"EMULATED[{held.name}]")
    return " ".join(parts)


def line_of_order(order: Told) -> str:
    """Return what was asked for and how it stands, in a line."""
    init = order.init
    linked = f"[{', '.join(map(str, init.linked_order_ids))}]" if init.linked_order_ids else None
    contingency = None if init.contingency_type is ContingencyType.NO_CONTINGENCY else init.contingency_type.name
    told = {
        "status": order.status.name,
        "client_order_id": order.client_order_id,
        "venue_order_id": order.venue_order_id,
        "position_id": order.position_id,
    }
    only_if_there = {
        "contingency_type": contingency,
        "linked_order_ids": linked,
        "parent_order_id": init.parent_order_id,
        "exec_algorithm_id": init.exec_algorithm_id,
        "exec_algorithm_params": init.exec_algorithm_params,
        "exec_spawn_id": init.exec_spawn_id,
    }
    told |= {name: value for name, value in only_if_there.items() if value is not None}
    words = ", ".join(f"{name}={value}" for name, value in told.items())
    return f"{type(order).__name__}({info_of(order)}, {words}, tags={list(init.tags) or None})"


def _prices(order: Told) -> str:
    """Return what follows the type: each price, and what it is."""
    init, kind = order.init, order.init.order_type
    price, trigger = _price(order.price), _price(order.trigger_price)
    by = f"[{init.trigger_type.name}]"
    if kind is OrderType.MARKET:
        return ""
    if kind in (OrderType.LIMIT, OrderType.MARKET_TO_LIMIT):
        return f" @ {price}"
    if kind in _TOUCHED_FIRST:
        return f" @ {trigger}-STOP{by} {price}-LIMIT"
    if kind not in _TRAILING:
        return f" @ {trigger}{by}"
    offset = init.trailing_offset_type.name
    text = by
    text += "" if init.activation_price is None else f" @ {_price(init.activation_price)}-ACTIVATION"
    text += "" if order.trigger_price is None else f" @ {trigger}-STOP"
    if kind is OrderType.TRAILING_STOP_LIMIT:
        text += f" {by} {price}-LIMIT"
    text += f" {init.trailing_offset}-TRAILING_OFFSET[{offset}]"
    return text if kind is OrderType.TRAILING_STOP_MARKET else f"{text} {init.limit_offset}-LIMIT_OFFSET[{offset}]"


def _price(price: Price | None) -> str:
    return "None" if price is None else price.to_formatted_str()
