"""What else can be said of an event: under the ecosystem's names, all of it derived from the event itself.

Knows the model's values. What the engines read is a field of the event; here is what strategies ask now and then.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.model.enums import OrderSide, OrderType
from nautilus_live.model.figures import Figure
from nautilus_live.model.objects import Money
from nautilus_live.model.plain import Plain, plain
from nautilus_live.model.uuids import UUID4

_ZERO = Decimal(0)
_COMMON = ("expire_time_ns",)
_OPTIONS: dict[OrderType, tuple[str, ...]] = {
    OrderType.MARKET: (),
    OrderType.MARKET_TO_LIMIT: ("display_qty", *_COMMON),
    OrderType.LIMIT: ("price", "display_qty", *_COMMON),
    OrderType.STOP_MARKET: ("trigger_price", "trigger_type", *_COMMON),
    OrderType.STOP_LIMIT: ("price", "trigger_price", "trigger_type", "display_qty", *_COMMON),
    OrderType.MARKET_IF_TOUCHED: ("trigger_price", "trigger_type", *_COMMON),
    OrderType.LIMIT_IF_TOUCHED: ("price", "trigger_price", "trigger_type", "display_qty", *_COMMON),
    OrderType.TRAILING_STOP_MARKET: (
        "activation_price",
        "trigger_price",
        "trigger_type",
        "trailing_offset",
        "trailing_offset_type",
        *_COMMON,
    ),
    OrderType.TRAILING_STOP_LIMIT: (
        "activation_price",
        "price",
        "trigger_price",
        "trigger_type",
        "limit_offset",
        "trailing_offset",
        "trailing_offset_type",
        "display_qty",
        *_COMMON,
    ),
}
"""What an order of each type is asked for beside what all orders have."""


def _none(_event: object) -> None:
    return None


def _zero(_event: object) -> int:
    return 0


class EventFacts(Plain):
    """What every event can tell."""

    __slots__ = ()

    event_id: str

    @property
    def id(self) -> UUID4:
        """The event's own id, unique in the node's life."""
        return UUID4.from_str(self.event_id)


class OrderEventFacts(EventFacts):
    """What every event of an order can tell."""

    __slots__ = ()

    reconciliation: Any

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the fields as plain values, and whether reconciliation made the event."""
        value = self if obj is None else obj
        return {**super().to_dict(value), "reconciliation": value.reconciliation}


class OrderInitializedFacts(OrderEventFacts):
    """What the first event of an order can tell."""

    __slots__ = ()

    order_side: OrderSide
    order_type: OrderType

    @property
    def side(self) -> OrderSide:
        """Buy or sell."""
        return self.order_side

    @property
    def options(self) -> dict[str, Any]:
        """What was asked for that not every type of order has, as plain values."""
        return {name: plain(getattr(self, name)) for name in _OPTIONS[self.order_type]}

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the fields as plain values, `options` once more by themselves; what is empty is None."""
        value = self if obj is None else obj
        table = {name: None if item == [] else item for name, item in super().to_dict(value).items()}
        return {**table, "options": value.options}


class PositionEventFacts(EventFacts):
    """What every event of a position can tell."""

    __slots__ = ()

    entry: OrderSide
    avg_px_open: Any
    avg_px_close: Any
    realized_pnl: Money | None

    closing_order_id = property(_none, doc="The order that closed it, None while it is open.")
    ts_closed = property(_zero, doc="When it became flat, 0 while it is open.")
    duration_ns = property(_zero, doc="How long it was open, 0 while it is.")

    @property
    def unrealized_pnl(self) -> Money | None:
        """What closing what is open would make, at the price of the fill: nothing when it opens, or has closed."""
        return None if self.realized_pnl is None else Money(_ZERO, self.realized_pnl.currency)

    @property
    def realized_return(self) -> Figure:
        """What was closed, as a fraction of the average opening price; negative for a loss."""
        return realized_return(self.entry, self.avg_px_open, self.avg_px_close)

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the fields as plain values, and what follows from them."""
        value = self if obj is None else obj
        derived = ("closing_order_id", "realized_return", "unrealized_pnl", "ts_closed", "duration_ns")
        return {**super().to_dict(value), **{name: plain(getattr(value, name)) for name in derived}}


def realized_return(entry: OrderSide, avg_px_open: Decimal, avg_px_close: Decimal | None) -> Figure:
    """Return what a position made of its average opening price, as a fraction; 0 while nothing is closed."""
    if not avg_px_close or not avg_px_open:  # nothing was closed
        return Figure(_ZERO)
    moved = avg_px_close - avg_px_open
    return Figure((moved if entry is OrderSide.BUY else -moved) / avg_px_open)
