"""An order: the initial event plus what has been learned since.

An order holds state; it decides nothing. `core/order_lifecycle.py` alone applies events to it, and a house test keeps
it that way. The static part (what was asked for) is read through `order.init`; the few fields that the hot path reads
are copied out of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from nautilus_live.model.enums import (
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    TriggerType,
)
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderInitialized
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
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.order_facts import OrderFacts

ZERO = Decimal(0)
NO_TRIGGER = TriggerType.NO_TRIGGER
INITIALIZED, EMULATED = OrderStatus.INITIALIZED, OrderStatus.EMULATED  # looking a member up in its class is slow

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

    `filled_qty`, `average` and `fills` describe what was executed: `average` is `None` before the first fill.
    `provisional` is set while the status was concluded by policy and not told by the venue. `fills` maps trade id to
    the fill as it counts now (a placeholder shrinks as real trades replace it). `voided_trade_ids` are trades that the
    venue took back, heard of or not: they do not count again.
    """

    __slots__ = (
        "account_id",
        "client_order_id",
        "counted_notional",
        "events",
        "filled_qty",
        "fills",
        "init",
        "instrument_id",
        "is_activated",
        "paid",
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
        self._begin(init)

    @classmethod
    def create(cls, init: OrderInitialized) -> Self:
        """Return the order that begins with `init`."""
        order = object.__new__(cls)
        order._begin(init)
        return order

    def _begin(self, init: OrderInitialized) -> None:
        self.init = init
        self.client_order_id: ClientOrderId = init.client_order_id
        self.strategy_id: StrategyId = init.strategy_id
        self.instrument_id: InstrumentId = init.instrument_id
        self.side: OrderSide = init.order_side
        self.quantity: Quantity = init.quantity
        self.price: Price | None = init.price
        self.trigger_price: Price | None = init.trigger_price
        self.is_activated = False  # of a trailing stop: whether its trigger follows the market
        self.status: OrderStatus = INITIALIZED
        self.previous_status: OrderStatus = INITIALIZED
        self.provisional = False
        self.filled_qty: Quantity = _NO_QUANTITY[init.quantity.precision]
        self.counted_notional: Decimal | None = None  # what a single fill does not say by itself
        self.venue_order_id: VenueOrderId | None = init.venue_order_id
        self.account_id: AccountId | None = init.account_id
        self.position_id: PositionId | None = None
        self.superseded_venue_order_ids: tuple[VenueOrderId, ...] = ()
        self.fills: dict[TradeId, OrderFilled] = {}
        self.voided_trade_ids: tuple[TradeId, ...] = ()
        self.paid: dict[Currency, Decimal] | None = None  # commissions
        self.events: list[OrderEvent] = [init]
        self.ts_submitted = 0
        self.ts_accepted = 0
        self.ts_last: int = init.ts_event
        self.ts_closed = 0

    def count_in(self, init: OrderInitialized) -> None:
        """Count the order in the units of other terms (the base, not money), before anything of it is filled."""
        self.init = self.events[0] = init
        self.quantity = init.quantity
        self.filled_qty = _NO_QUANTITY[init.quantity.precision]

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
        twin.paid = dict(self.paid) if self.paid else None
        twin.events = []
        return twin

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
    def average(self) -> Decimal | None:
        """The average price of the fills, `None` before the first."""
        filled = self.filled_qty.value
        return self.filled_notional / filled if filled else None

    @property
    def avg_px(self) -> Figure:
        """The average price of the fills, for authors: a figure, which goes with floats; 0 before the first."""
        return Figure(self.average or ZERO)

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

    def commissions(self) -> list[Money]:
        """Return the commissions paid, one amount per currency."""
        return [Money(amount, currency) for currency, amount in (self.paid or {}).items()]

    def commission(self, currency: Currency) -> Money | None:
        """Return the commission paid in `currency`, `None` if there was none."""
        amount = (self.paid or {}).get(currency)
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
        if self.status is not INITIALIZED:
            return self.status is EMULATED
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


class _Zeros(dict[int, Quantity]):
    """Zero, by precision: one for all orders."""

    def __missing__(self, precision: int) -> Quantity:
        zero = self[precision] = Quantity(ZERO, precision)
        return zero


_NO_QUANTITY = _Zeros()
