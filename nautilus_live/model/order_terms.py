"""What an order was asked to be: read from its first event, under the ecosystem's names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.model.enums import (
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import (
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    OrderListId,
    Symbol,
    TraderId,
    Venue,
)
from nautilus_live.model.objects import Price, Quantity


class OrderTerms:
    """The part of an order that says what was asked for."""

    __slots__ = ()

    init: OrderInitialized
    instrument_id: InstrumentId
    side: OrderSide
    price: Price | None
    trigger_price: Price | None

    @property
    def trader_id(self) -> TraderId:
        """The trader who owns the order."""
        return self.init.trader_id

    @property
    def symbol(self) -> Symbol:
        """The venue's name of the instrument."""
        return self.instrument_id.symbol

    @property
    def venue(self) -> Venue:
        """The venue of the instrument."""
        return self.instrument_id.venue

    @property
    def order_type(self) -> OrderType:
        """The kind of the order."""
        return self.init.order_type

    @property
    def time_in_force(self) -> TimeInForce:
        """How long the order stays working."""
        return self.init.time_in_force

    @property
    def expire_time_ns(self) -> int:
        """When a GTD order ends; 0 for none."""
        return self.init.expire_time_ns

    @property
    def is_buy(self) -> bool:
        """Whether the order buys."""
        return self.side is OrderSide.BUY

    @property
    def is_sell(self) -> bool:
        """Whether the order sells."""
        return self.side is OrderSide.SELL

    @property
    def has_price(self) -> bool:
        """Whether the order has a limit price."""
        return self.price is not None

    @property
    def has_trigger_price(self) -> bool:
        """Whether the order has a trigger price."""
        return self.trigger_price is not None

    @property
    def is_aggressive(self) -> bool:
        """Whether the order takes whatever price there is: a market order."""
        return self.order_type is OrderType.MARKET

    @property
    def is_passive(self) -> bool:
        """Whether the order waits for something, a price or a trigger: any but a market order."""
        return self.order_type is not OrderType.MARKET

    @property
    def is_post_only(self) -> bool:
        """Whether the order must not take liquidity."""
        return self.init.post_only

    @property
    def is_reduce_only(self) -> bool:
        """Whether the order may only reduce a position."""
        return self.init.reduce_only

    @property
    def is_quote_quantity(self) -> bool:
        """Whether the quantity is in the quote currency."""
        return self.init.quote_quantity

    @property
    def display_qty(self) -> Quantity | None:
        """The visible part of an iceberg order."""
        return self.init.display_qty

    @property
    def trigger_type(self) -> TriggerType:
        """Which price triggers the order."""
        return self.init.trigger_type

    @property
    def emulation_trigger(self) -> TriggerType:
        """Which price releases the order, if it is held here."""
        return self.init.emulation_trigger

    @property
    def trailing_offset(self) -> Decimal | None:
        """How far the trigger trails, in units of `trailing_offset_type`."""
        return self.init.trailing_offset

    @property
    def limit_offset(self) -> Decimal | None:
        """How far the limit price lies behind the market, in units of `trailing_offset_type`."""
        return self.init.limit_offset

    @property
    def trailing_offset_type(self) -> TrailingOffsetType:
        """The unit of the trailing offsets."""
        return self.init.trailing_offset_type

    @property
    def activation_price(self) -> Price | None:
        """The price from which a trailing stop trails."""
        return self.init.activation_price

    @property
    def contingency_type(self) -> ContingencyType:
        """How linked orders act on each other."""
        return self.init.contingency_type

    @property
    def order_list_id(self) -> OrderListId | None:
        """The list the order belongs to."""
        return self.init.order_list_id

    @property
    def linked_order_ids(self) -> list[ClientOrderId] | None:
        """The orders linked by contingency, None for none."""
        return list(self.init.linked_order_ids) or None

    @property
    def parent_order_id(self) -> ClientOrderId | None:
        """The order whose fill releases this one."""
        return self.init.parent_order_id

    @property
    def exec_algorithm_id(self) -> ExecAlgorithmId | None:
        """The execution algorithm that works the order."""
        return self.init.exec_algorithm_id

    @property
    def tags(self) -> list[str] | None:
        """Free labels, None for none; the engine uses EXTERNAL and RECONCILIATION."""
        return list(self.init.tags) or None

    @property
    def ts_init(self) -> int:
        """When the order was made, in nanoseconds."""
        return self.init.ts_init

    @property
    def trigger_instrument_id(self) -> InstrumentId | None:
        """The instrument whose prices trigger an order held here, if not its own."""
        return self.init.trigger_instrument_id

    @property
    def exec_algorithm_params(self) -> dict[str, Any] | None:
        """What the execution algorithm is told."""
        return self.init.exec_algorithm_params
