"""What else can be said of an order: under the ecosystem's names, all of it derived from the order itself.

Knows the model's values. What the engines read often is in `model.orders`; here is what strategies ask now and then.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.model.enums import ContingencyType, OrderSide, OrderStatus, PositionSide
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderInitialized, OrderTriggered
from nautilus_live.model.figures import Figure
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    VenueOrderId,
)
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.order_terms import OrderTerms
from nautilus_live.model.order_words import info_of, line_of_order, not_of
from nautilus_live.model.own_book import OwnBookOrder
from nautilus_live.model.plain import plain
from nautilus_live.model.timestamps import Timestamp
from nautilus_live.model.uuids import UUID4

_CLOSING = {PositionSide.LONG: OrderSide.SELL, PositionSide.SHORT: OrderSide.BUY}


class OrderFacts(OrderTerms):
    """The part of an order that only answers questions."""

    __slots__ = ()

    init: OrderInitialized
    events: list[OrderEvent]
    client_order_id: ClientOrderId
    instrument_id: InstrumentId
    strategy_id: StrategyId
    side: OrderSide
    status: OrderStatus
    quantity: Quantity
    filled_qty: Quantity
    leaves_qty: Any  # properties and methods of the order
    last_trade_id: Any
    fills: dict[TradeId, OrderFilled]
    average: Any
    liquidity_side: Any
    commissions: Any
    position_id: PositionId | None
    account_id: AccountId | None
    price: Price | None
    trigger_price: Price | None
    venue_order_id: VenueOrderId | None
    superseded_venue_order_ids: tuple[VenueOrderId, ...]
    ts_submitted: int
    ts_accepted: int
    ts_last: int

    # -- what was asked for ------------------------------------------------------------------------------------------

    @property
    def init_event(self) -> OrderInitialized:
        """The event that the order came to be by; of a released order, what it became by its release."""
        return self.init

    @property
    def init_id(self) -> UUID4:
        """The id of that event."""
        return self.init.id

    @property
    def exec_spawn_id(self) -> ClientOrderId | None:
        """The primary order of the execution that this order is part of; its own id if it is that order."""
        if self.init.exec_spawn_id is not None or self.init.exec_algorithm_id is None:
            return self.init.exec_spawn_id
        return self.client_order_id

    @property
    def is_primary(self) -> bool:
        """Whether an execution algorithm works the order."""
        return self.init.exec_algorithm_id is not None and self.exec_spawn_id == self.client_order_id

    @property
    def is_spawned(self) -> bool:
        """Whether an execution algorithm made the order, out of a primary one."""
        return self.init.exec_algorithm_id is not None and self.exec_spawn_id != self.client_order_id

    @property
    def is_contingency(self) -> bool:
        """Whether the order acts on others."""
        return self.init.contingency_type is not ContingencyType.NO_CONTINGENCY

    @property
    def is_parent_order(self) -> bool:
        """Whether the order's fills release others."""
        return self.init.contingency_type is ContingencyType.OTO

    @property
    def is_child_order(self) -> bool:
        """Whether another order's fills release this one."""
        return self.init.parent_order_id is not None

    @property
    def has_activation_price(self) -> bool:
        """Whether a trailing stop waits for a price before it trails."""
        return self.init.activation_price is not None

    @property
    def expire_time(self) -> Timestamp | None:
        """When a GTD order ends, in UTC; None for none."""
        expires = self.init.expire_time_ns
        return Timestamp.from_ns(expires) if expires else None

    # -- what became of it -------------------------------------------------------------------------------------------

    @property
    def venue_order_ids(self) -> list[VenueOrderId]:
        """The venue's ids of the order, the latest last."""
        latest = [] if self.venue_order_id is None else [self.venue_order_id]
        return [*self.superseded_venue_order_ids, *latest]

    @property
    def ts_triggered(self) -> int:
        """When the order was triggered, in nanoseconds; 0 if it was not."""
        return next((event.ts_event for event in reversed(self.events) if type(event) is OrderTriggered), 0)

    @property
    def is_triggered(self) -> bool:
        """Whether the order's stop or touch price was reached at the venue."""
        return self.status is OrderStatus.TRIGGERED or bool(self.ts_triggered)

    @property
    def slippage(self) -> Figure:
        """How much worse than its price (or else its trigger) the order was filled; 0 before, or if it has neither."""
        wanted, average = self.price or self.trigger_price, self.average
        return Figure(0 if wanted is None or average is None else (average - wanted.value) * self.side.sign)

    def is_duplicate_fill(self, fill: OrderFilled) -> bool:
        """Return whether a fill of that trade, side, quantity and price counts already."""
        known = self.fills.get(fill.trade_id)
        return known is not None and (known.order_side, known.last_qty, known.last_px) == (
            fill.order_side,
            fill.last_qty,
            fill.last_px,
        )

    def signed_decimal_qty(self) -> Decimal:
        """Return the quantity, negative for a sell."""
        return self.quantity.value * self.side.sign

    def would_reduce_only(self, position_side: PositionSide, position_qty: Quantity) -> bool:
        """Return whether the order, filled whole, would only reduce a position, and not turn it around."""
        if _CLOSING.get(position_side) is not self.side:
            return False
        return self.quantity.value - self.filled_qty.value <= position_qty.value

    @staticmethod
    def opposite_side(side: OrderSide) -> OrderSide:
        """Return the other side."""
        return side.opposite

    @staticmethod
    def closing_side(position_side: PositionSide) -> OrderSide:
        """Return the side that closes a position; NO_ORDER_SIDE if there is none to close."""
        return _CLOSING.get(position_side, OrderSide.NO_ORDER_SIDE)

    def to_own_book_order(self) -> OwnBookOrder:
        """Return what a book of our own orders says of it.

        Raises:
            ValueError: if it has no price.

        """
        if self.price is None:
            raise ValueError(f"{self.client_order_id}: an order in a book must have a price, had none")
        return OwnBookOrder(
            trader_id=self.trader_id,
            strategy_id=self.strategy_id,
            client_order_id=self.client_order_id,
            venue_order_id=self.venue_order_id,
            side=self.side,
            price=self.price,
            size=self.leaves_qty,
            order_type=self.order_type,
            time_in_force=self.time_in_force,
            status=self.status,
            ts_last=self.ts_last,
            ts_accepted=self.ts_accepted,
            ts_submitted=self.ts_submitted,
            ts_init=self.ts_init,
        )

    # -- as text -----------------------------------------------------------------------------------------------------

    def side_string(self) -> str:
        """Return the side's name."""
        return self.side.name

    def type_string(self) -> str:
        """Return the type's name."""
        return self.init.order_type.name

    def tif_string(self) -> str:
        """Return the name of the time in force."""
        return self.init.time_in_force.name

    def status_string(self) -> str:
        """Return the status's name."""
        return self.status.name

    def info(self) -> str:
        """Return what was asked for, in a line."""
        return info_of(self)

    def __repr__(self) -> str:
        return line_of_order(self)

    def to_dict(self) -> dict[str, Any]:
        """Return what was asked for and how it stands, as plain values; what its type has not is left out."""
        init = self.init
        table = {
            "trader_id": init.trader_id,
            "strategy_id": init.strategy_id,
            "instrument_id": init.instrument_id,
            "client_order_id": init.client_order_id,
            "venue_order_id": self.venue_order_id,
            "position_id": self.position_id,
            "account_id": self.account_id,
            "last_trade_id": self.last_trade_id,
            "type": init.order_type,
            "side": self.side,
            "quantity": self.quantity,
            "price": self.price,
            "activation_price": init.activation_price,
            "trigger_price": self.trigger_price,
            "trigger_type": init.trigger_type,
            "limit_offset": None if init.limit_offset is None else str(init.limit_offset),
            "trailing_offset": None if init.trailing_offset is None else str(init.trailing_offset),
            "trailing_offset_type": init.trailing_offset_type,
            "time_in_force": init.time_in_force,
            "expire_time_ns": init.expire_time_ns or None,
            "filled_qty": self.filled_qty,
            "liquidity_side": self.liquidity_side,
            "avg_px": None if self.average is None else Figure(self.average),
            "slippage": None if self.average is None else self.slippage,
            "commissions": self.commissions() or None,
            "status": self.status,
            "is_post_only": init.post_only,
            "is_reduce_only": init.reduce_only,
            "is_quote_quantity": init.quote_quantity,
            "display_qty": init.display_qty,
            "emulation_trigger": init.emulation_trigger,
            "trigger_instrument_id": init.trigger_instrument_id,
            "contingency_type": init.contingency_type,
            "order_list_id": init.order_list_id,
            "linked_order_ids": init.linked_order_ids or None,
            "parent_order_id": init.parent_order_id,
            "exec_algorithm_id": init.exec_algorithm_id,
            "exec_algorithm_params": init.exec_algorithm_params,
            "exec_spawn_id": self.exec_spawn_id,
            "tags": init.tags or None,
            "init_id": init.event_id,
            "ts_init": init.ts_init,
            "ts_last": self.ts_last,
        }
        left_out = not_of(init.order_type)
        return {name: plain(value) for name, value in table.items() if name not in left_out}
