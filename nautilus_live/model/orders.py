"""Orders: the initial event plus what has been learned since.

An order holds state; it decides nothing. `core/order_lifecycle.py` alone applies events to it, and a house test keeps
it that way. The static part (what was asked for) is read through `order.init`; the few fields that the hot path reads
are copied out of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from nautilus_live.model.enums import (
    ContingencyType,
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderInitialized
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    OrderListId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.order_facts import OrderFacts

ZERO = Decimal(0)
NO_TRIGGER = TriggerType.NO_TRIGGER

OPEN_STATUSES = frozenset(
    {
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PENDING_UPDATE,
        OrderStatus.PENDING_CANCEL,
        OrderStatus.PARTIALLY_FILLED,
    }
)
CLOSED_STATUSES = frozenset(
    {OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.FILLED}
)
IN_FLIGHT_STATUSES = frozenset({OrderStatus.SUBMITTED, OrderStatus.PENDING_UPDATE, OrderStatus.PENDING_CANCEL})
PENDING_STATUSES = frozenset({OrderStatus.PENDING_UPDATE, OrderStatus.PENDING_CANCEL})
UNSENT_STATUSES = frozenset({OrderStatus.INITIALIZED, OrderStatus.RELEASED})
LOCAL_STATUSES = frozenset({OrderStatus.INITIALIZED, OrderStatus.EMULATED, OrderStatus.RELEASED})

TRIGGERABLE_TYPES = frozenset({OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})
"""Types that become a limit order when triggered, and so have a TRIGGERED state; market-style stops just fill."""
TRAILING_TYPES = frozenset({OrderType.TRAILING_STOP_MARKET, OrderType.TRAILING_STOP_LIMIT})
LIMITED_TYPES = frozenset({OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.TRAILING_STOP_LIMIT})
"""Types that a release by the emulator makes a LIMIT order; it makes all others MARKET orders."""


class Order(OrderFacts):
    """One order.

    `filled_qty`, `avg_px` and `fills` describe what was executed: `avg_px` is `None` before the first fill.
    `provisional` is set while the status was concluded by policy and not told by the venue. `fills` maps trade id to
    the fill as it counts now (a placeholder shrinks as real trades replace it). `voided_trade_ids` are trades that the
    venue took back, heard of or not: they do not count again.
    """

    __slots__ = (
        "account_id",
        "client_order_id",
        "commissions",
        "counted_notional",
        "events",
        "filled_qty",
        "fills",
        "init",
        "instrument_id",
        "is_activated",
        "position_id",
        "previous_status",
        "price",
        "provisional",
        "quantity",
        "side",
        "status",
        "strategy_id",
        "superseded_venue_order_ids",
        "trigger_price",
        "ts_accepted",
        "ts_closed",
        "ts_last",
        "ts_submitted",
        "venue_order_id",
        "voided_trade_ids",
    )

    def __init__(self, init: OrderInitialized) -> None:
        self.init = init
        self.client_order_id: ClientOrderId = init.client_order_id
        self.strategy_id: StrategyId = init.strategy_id
        self.instrument_id: InstrumentId = init.instrument_id
        self.side: OrderSide = init.order_side
        self.quantity: Quantity = init.quantity
        self.price: Price | None = init.price
        self.trigger_price: Price | None = init.trigger_price
        self.is_activated = False  # of a trailing stop: whether its trigger follows the market
        self.status = OrderStatus.INITIALIZED
        self.previous_status = OrderStatus.INITIALIZED
        self.provisional = False
        self.filled_qty: Quantity = _no_quantity(init.quantity.precision)
        self.counted_notional: Decimal | None = None  # what a single fill does not say by itself
        self.venue_order_id: VenueOrderId | None = init.venue_order_id
        self.account_id: AccountId | None = init.account_id
        self.position_id: PositionId | None = None
        self.superseded_venue_order_ids: tuple[VenueOrderId, ...] = ()
        self.fills: dict[TradeId, OrderFilled] = {}
        self.voided_trade_ids: tuple[TradeId, ...] = ()
        self.commissions: dict[Currency, Decimal] | None = None
        self.events: list[OrderEvent] = [init]
        self.ts_submitted = 0
        self.ts_accepted = 0
        self.ts_last: int = init.ts_event
        self.ts_closed = 0

    def copy(self) -> Self:
        """Return an order that can be changed without changing this one; its event list starts empty."""
        twin = object.__new__(type(self))  # assigned one by one: reconciliation copies every order it touches
        twin.account_id = self.account_id
        twin.client_order_id = self.client_order_id
        twin.counted_notional = self.counted_notional
        twin.filled_qty = self.filled_qty
        twin.init = self.init
        twin.instrument_id = self.instrument_id
        twin.is_activated = self.is_activated
        twin.position_id = self.position_id
        twin.previous_status = self.previous_status
        twin.price = self.price
        twin.provisional = self.provisional
        twin.quantity = self.quantity
        twin.side = self.side
        twin.status = self.status
        twin.strategy_id = self.strategy_id
        twin.superseded_venue_order_ids = self.superseded_venue_order_ids
        twin.trigger_price = self.trigger_price
        twin.ts_accepted = self.ts_accepted
        twin.ts_closed = self.ts_closed
        twin.ts_last = self.ts_last
        twin.ts_submitted = self.ts_submitted
        twin.venue_order_id = self.venue_order_id
        twin.voided_trade_ids = self.voided_trade_ids
        twin.fills = dict(self.fills)
        twin.commissions = dict(self.commissions) if self.commissions else None
        twin.events = []
        return twin

    def __repr__(self) -> str:
        price = f" @ {self.price}" if self.price is not None else ""
        return (
            f"{type(self).__name__}({self.client_order_id} {self.side} {self.quantity} {self.instrument_id}"
            f" {self.order_type}{price} {self.status} filled {self.filled_qty})"
        )

    # -- what was executed
    # -----------------------------------------------------------------------------------------------

    @property
    def leaves_qty(self) -> Quantity:
        """What can still be filled; zero once filled or overfilled."""
        left = self.quantity.value - self.filled_qty.value
        return Quantity(left if left > 0 else ZERO, max(self.quantity.precision, self.filled_qty.precision))

    @property
    def overfill_qty(self) -> Decimal:
        """What was filled beyond the order's quantity."""
        excess = self.filled_qty.value - self.quantity.value
        return excess if excess > 0 else ZERO

    @property
    def filled_notional(self) -> Decimal:
        """The sum of quantity times price over the fills."""
        counted = self.counted_notional
        if counted is not None:
            return counted
        only = next(iter(self.fills.values()), None)
        return ZERO if only is None else only.last_qty.value * only.last_px.value

    @property
    def avg_px(self) -> Decimal | None:
        """The average price of the fills, `None` before the first."""
        filled = self.filled_qty.value
        return self.filled_notional / filled if filled else None

    @property
    def trade_ids(self) -> list[TradeId]:
        """The ids of the fills, in the order they were applied."""
        return list(self.fills)

    @property
    def last_trade_id(self) -> TradeId | None:
        """The id of the latest fill applied."""
        return next(reversed(self.fills), None)

    @property
    def liquidity_side(self) -> LiquiditySide:
        """Maker or taker, of the latest fill."""
        last = next(reversed(self.fills.values()), None)
        return last.liquidity_side if last else LiquiditySide.NO_LIQUIDITY_SIDE

    @property
    def total_commissions(self) -> list[Money]:
        """The commissions paid, one amount per currency."""
        return [Money(amount, currency) for currency, amount in (self.commissions or {}).items()]

    def commission(self, currency: Currency) -> Money | None:
        """Return the commission paid in `currency`, `None` if there was none."""
        amount = (self.commissions or {}).get(currency)
        return None if amount is None else Money(amount, currency)

    @property
    def signed_filled_qty(self) -> Decimal:
        """The filled quantity, negative for a sell."""
        return self.filled_qty.value * self.side.sign

    # -- state
    # -----------------------------------------------------------------------------------------------------------

    def is_at(self, account_id: AccountId | None, instrument_id: InstrumentId) -> bool:
        """Return whether the order can be what that account calls by its name: another account may use the name too.

        None, and the account of an order that no venue has acknowledged, can be any.
        """
        if self.instrument_id is not instrument_id and self.instrument_id != instrument_id:
            return False
        own = self.account_id
        return own is account_id or own is None or account_id is None or own == account_id

    @property
    def is_open(self) -> bool:
        """Whether the order works at the venue, as far as we know."""
        return self.status in OPEN_STATUSES

    @property
    def is_closed(self) -> bool:
        """Whether the order is done."""
        return self.status in CLOSED_STATUSES

    @property
    def is_inflight(self) -> bool:
        """Whether an answer of the venue is outstanding."""
        return self.status in IN_FLIGHT_STATUSES

    @property
    def is_emulated(self) -> bool:
        """Whether the order is held here."""
        return self.status is OrderStatus.EMULATED

    @property
    def is_active_local(self) -> bool:
        """Whether the order has not left this node."""
        return self.status in LOCAL_STATUSES

    @property
    def is_held_here(self) -> bool:
        """Whether the emulator or an execution algorithm holds the order, so that it cannot have left this node."""
        if self.status is not OrderStatus.INITIALIZED:
            return self.status is OrderStatus.EMULATED
        init = self.init
        return init.emulation_trigger is not NO_TRIGGER or (init.exec_algorithm_id is not None and self.is_primary)

    @property
    def is_pending_update(self) -> bool:
        """Whether a modification is outstanding."""
        return self.status is OrderStatus.PENDING_UPDATE

    @property
    def is_pending_cancel(self) -> bool:
        """Whether a cancel is outstanding."""
        return self.status is OrderStatus.PENDING_CANCEL

    @property
    def is_canceled(self) -> bool:
        """Whether the order ended by cancel."""
        return self.status is OrderStatus.CANCELED

    @property
    def last_event(self) -> OrderEvent:
        """The latest event."""
        return self.events[-1]

    @property
    def event_count(self) -> int:
        """How many events the order has seen, the initial one included."""
        return len(self.events)

    # -- what was asked for
    # ----------------------------------------------------------------------------------------------

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
    def linked_order_ids(self) -> tuple[ClientOrderId, ...]:
        """The orders linked by contingency."""
        return self.init.linked_order_ids

    @property
    def parent_order_id(self) -> ClientOrderId | None:
        """The order whose fill releases this one."""
        return self.init.parent_order_id

    @property
    def exec_algorithm_id(self) -> ExecAlgorithmId | None:
        """The execution algorithm that works the order."""
        return self.init.exec_algorithm_id

    @property
    def tags(self) -> tuple[str, ...]:
        """Free labels; the engine uses EXTERNAL and RECONCILIATION."""
        return self.init.tags

    @property
    def ts_init(self) -> int:
        """When the order was made, in nanoseconds."""
        return self.init.ts_init


class MarketOrder(Order):
    """Fills at once at the best price there is."""

    __slots__ = ()


class LimitOrder(Order):
    """Fills at its price or better."""

    __slots__ = ()


class StopMarketOrder(Order):
    """Becomes a market order when the market moves against it to the trigger."""

    __slots__ = ()


class StopLimitOrder(Order):
    """Becomes a limit order when the market moves against it to the trigger."""

    __slots__ = ()


class MarketToLimitOrder(Order):
    """Fills what it can at the best price and leaves the rest as a limit order there."""

    __slots__ = ()


class MarketIfTouchedOrder(Order):
    """Becomes a market order when the market moves in its favour to the trigger."""

    __slots__ = ()


class LimitIfTouchedOrder(Order):
    """Becomes a limit order when the market moves in its favour to the trigger."""

    __slots__ = ()


class TrailingStopMarketOrder(Order):
    """A stop-market order whose trigger follows the market."""

    __slots__ = ()


class TrailingStopLimitOrder(Order):
    """A stop-limit order whose trigger and limit follow the market."""

    __slots__ = ()


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

_NO_QUANTITY: dict[int, Quantity] = {}


def _no_quantity(precision: int) -> Quantity:
    found = _NO_QUANTITY.get(precision)
    if found is None:
        found = _NO_QUANTITY[precision] = Quantity(ZERO, precision)
    return found


def order_from(init: OrderInitialized) -> Order:
    """Return a new order of the class that belongs to the event's order type."""
    return ORDER_CLASSES[init.order_type](init)


class OrderList:
    """Orders that belong together, such as a bracket; the first is the parent."""

    __slots__ = ("id", "orders")

    def __init__(self, order_list_id: OrderListId, orders: list[Order]) -> None:
        if not orders:
            raise ValueError(f"an order list must have orders, {order_list_id} has none")
        if len({order.instrument_id for order in orders}) > 1:
            raise ValueError(f"the orders of a list must be of one instrument, {order_list_id} has several")
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

    @property
    def strategy_id(self) -> StrategyId:
        """The strategy of all orders."""
        return self.orders[0].strategy_id

    @property
    def ts_init(self) -> int:
        """When the first order was made, in nanoseconds."""
        return self.orders[0].ts_init
