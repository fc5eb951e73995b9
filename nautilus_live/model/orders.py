"""Orders and lists of them: `order` has what all orders are, `order_types` the types, `order_terms` and `order_facts`
what can be asked of one.

An order holds state; it decides nothing. `core/order_lifecycle.py` alone applies events to it, and a house test keeps
it that way.
"""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import ContingencyType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import InstrumentId, OrderListId, StrategyId
from nautilus_live.model.order import (
    CLOSED_STATUSES,
    IN_FLIGHT_STATUSES,
    LIMITED_TYPES,
    LOCAL_STATUSES,
    OPEN_STATUSES,
    PENDING_STATUSES,
    TRAILING_TYPES,
    TRIGGERABLE_TYPES,
    UNSENT_STATUSES,
    Order,
)
from nautilus_live.model.order_types import (
    ORDER_CLASSES,
    LimitIfTouchedOrder,
    LimitOrder,
    MarketIfTouchedOrder,
    MarketOrder,
    MarketToLimitOrder,
    StopLimitOrder,
    StopMarketOrder,
    TrailingStopLimitOrder,
    TrailingStopMarketOrder,
    order_from,
)

__all__ = [
    "CLOSED_STATUSES",
    "IN_FLIGHT_STATUSES",
    "LIMITED_TYPES",
    "LOCAL_STATUSES",
    "OPEN_STATUSES",
    "ORDER_CLASSES",
    "PENDING_STATUSES",
    "TRAILING_TYPES",
    "TRIGGERABLE_TYPES",
    "UNSENT_STATUSES",
    "LimitIfTouchedOrder",
    "LimitOrder",
    "MarketIfTouchedOrder",
    "MarketOrder",
    "MarketToLimitOrder",
    "Order",
    "OrderList",
    "OrderUnpacker",
    "StopLimitOrder",
    "StopMarketOrder",
    "TrailingStopLimitOrder",
    "TrailingStopMarketOrder",
    "order_from",
]


class OrderList:
    """Orders that belong together, such as a bracket; the first is the parent."""

    __slots__ = ("id", "orders")

    def __init__(self, order_list_id: OrderListId, orders: list[Order]) -> None:
        if not orders:
            raise ValueError(f"an order list must have orders, {order_list_id} has none")
        if len({order.instrument_id for order in orders}) > 1:
            raise ValueError(f"the orders of a list must be of one instrument, {order_list_id} has several")
        names = [order.client_order_id for order in orders]
        if len(set(names)) < len(names):
            raise ValueError(f"the orders of a list must have ids of their own, {order_list_id} has {names}")
        self.id = order_list_id
        self.orders = orders

    @property
    def first(self) -> Order:
        """The parent order."""
        return self.orders[0]

    @property
    def instrument_id(self) -> InstrumentId:
        """The instrument of all orders."""
        return self.orders[0].instrument_id

    def instrument_ids(self) -> set[InstrumentId]:
        """Return the instruments of the orders, which are one."""
        return {self.instrument_id}

    def is_uniform_instrument(self) -> bool:
        """Return True: the orders of a list are of one instrument."""
        return True

    def is_bracket(self) -> bool:
        """Return whether it is an entry that triggers two others, which only reduce and of which one ends the other."""
        entry, *exits = self.orders
        return (
            entry.contingency_type is ContingencyType.OTO
            and len(exits) == 2
            and all(one.contingency_type is ContingencyType.OUO and one.is_reduce_only for one in exits)
        )

    @property
    def strategy_id(self) -> StrategyId:
        """The strategy of all orders."""
        return self.orders[0].strategy_id

    @property
    def ts_init(self) -> int:
        """When the first order was made, in nanoseconds."""
        return self.orders[0].ts_init

    def __len__(self) -> int:
        return len(self.orders)

    def __repr__(self) -> str:
        about = f"id={self.id}, instrument_id={self.instrument_id}, strategy_id={self.strategy_id}"
        return f"OrderList({about}, orders={self.orders})"


class OrderUnpacker:
    """Makes orders of their first events."""

    @staticmethod
    def from_init(init: OrderInitialized) -> Order:
        """Return a new order of the class that belongs to the event's order type."""
        return order_from(init)

    @staticmethod
    def unpack(values: dict[str, Any]) -> Order:
        """Return a new order of what `OrderInitialized.to_dict` has written."""
        return order_from(OrderInitialized.from_dict(values))
