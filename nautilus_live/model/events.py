"""Events: what happened to an order, a position or an account. Frozen facts; applying one is the business of `core`.

Every order event names its order by four ids, carries an id of its own, says where it came from (`provenance`) and
when: `ts_event` is the venue's time where the venue spoke, `ts_init` ours at receipt; both integer nanoseconds since
1970 (UTC). An event concluded by `Provenance.POLICY` is provisional: later venue evidence beats it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from nautilus_live.model.enums import (
    AccountType,
    ContingencyType,
    LiquiditySide,
    OrderSide,
    OrderType,
    PositionSide,
    Provenance,
    TimeInForce,
    TradingState,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.event_facts import EventFacts, OrderEventFacts, OrderInitializedFacts, PositionEventFacts
from nautilus_live.model.figures import read_as_figures
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    OrderListId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity
from nautilus_live.model.shown import full_line_of, line_of

_CONCLUDED = (Provenance.RECONCILIATION, Provenance.INFERRED, Provenance.POLICY)


class Event:
    """Something that happened. A user's own events are a subclass of it."""

    __slots__ = ()


class KernelEvent(Struct, EventFacts, Event, frozen=True, kw_only=True, gc=False, tag=True, array_like=True):
    """Something that happened to what we keep. Stored as an array, so a new field goes last and has a default."""

    event_id: str
    ts_event: int
    ts_init: int

    __str__ = line_of
    __repr__ = full_line_of


class OrderEvent(KernelEvent, OrderEventFacts, frozen=True, kw_only=True, gc=False, tag=True):
    """Something that happened to an order."""

    trader_id: TraderId
    strategy_id: StrategyId
    instrument_id: InstrumentId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None = None
    account_id: AccountId | None = None
    provenance: Provenance = Provenance.LOCAL

    @property
    def reconciliation(self) -> bool:
        """Whether reconciliation made the event, from reports, inference or policy."""
        return self.provenance in _CONCLUDED

    @property
    def provisional(self) -> bool:
        """Whether we concluded it from silence, so that later venue evidence beats it."""
        return self.provenance is Provenance.POLICY


class OrderInitialized(OrderEvent, OrderInitializedFacts, frozen=True, kw_only=True, gc=False, tag=True):
    """An order came to be: everything that was asked for."""

    order_side: OrderSide
    order_type: OrderType
    quantity: Quantity
    time_in_force: TimeInForce = TimeInForce.GTC
    price: Price | None = None
    trigger_price: Price | None = None
    trigger_type: TriggerType = TriggerType.NO_TRIGGER
    activation_price: Price | None = None
    trailing_offset: Decimal | None = None
    limit_offset: Decimal | None = None
    trailing_offset_type: TrailingOffsetType = TrailingOffsetType.NO_TRAILING_OFFSET
    expire_time_ns: int = 0
    post_only: bool = False
    reduce_only: bool = False
    quote_quantity: bool = False
    display_qty: Quantity | None = None
    emulation_trigger: TriggerType = TriggerType.NO_TRIGGER
    trigger_instrument_id: InstrumentId | None = None
    contingency_type: ContingencyType = ContingencyType.NO_CONTINGENCY
    order_list_id: OrderListId | None = None
    linked_order_ids: tuple[ClientOrderId, ...] = ()
    parent_order_id: ClientOrderId | None = None
    exec_algorithm_id: ExecAlgorithmId | None = None
    exec_algorithm_params: dict[str, Any] | None = None
    exec_spawn_id: ClientOrderId | None = None
    tags: tuple[str, ...] = ()


class OrderDenied(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """We refused the order before it left; `reason` says which rule."""

    reason: str


class OrderEmulated(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The order is held here and watched until its trigger."""


class OrderReleased(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """An emulated order was triggered and goes to the venue."""

    released_price: Price | None = None


class OrderSubmitted(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The order was sent; whether it arrived is not known yet."""


class OrderAccepted(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The venue has the order (or, after venue evidence against a provisional end, still has it)."""


class OrderRejected(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The venue refused the order, or we concluded that it never got there."""

    reason: str = "UNKNOWN"
    due_post_only: bool = False


class OrderCanceled(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The order no longer works; what was filled stays filled.

    `cum_qty` is what the venue says was filled of it in all, None where it does not say: more than the trades that we
    were told of means that one got lost.
    """

    reason: str = ""
    cum_qty: Quantity | None = None


class OrderExpired(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The order's time in force ended; what was filled stays filled. `cum_qty` as in `OrderCanceled`."""

    cum_qty: Quantity | None = None


class OrderTriggered(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The stop or touch price of a conditional limit order was reached."""


class OrderPendingUpdate(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """A modification was sent; the venue has not answered.

    `is_by_link` says that what the order is linked to called for it, rather than its strategy.
    """

    is_by_link: bool = False


class OrderPendingCancel(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """A cancel was sent; the venue has not answered."""


class OrderModifyRejected(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The venue refused the modification; the order works on as it was."""

    reason: str = "UNKNOWN"


class OrderCancelRejected(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The venue refused the cancel; the order works on as it was."""

    reason: str = "UNKNOWN"


class OrderUpdated(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """Quantity, price or trigger changed, or the venue replaced the order under another venue id.

    `is_activated` says that the order is a trailing stop whose trigger follows the market from now on; `is_by_hand`
    that its strategy asked for the quantity of an order that is held here, rather than what it is linked to.
    """

    quantity: Quantity
    price: Price | None = None
    trigger_price: Price | None = None
    is_activated: bool = False
    is_by_hand: bool = False


class OrderFilled(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """A piece of the order was executed.

    `provenance` INFERRED marks a placeholder that the reports imply without showing the trade; the real trade
    replaces it: its event names the placeholder in `replaces`. `last_px_estimated` says that the price is our best
    guess and not the venue's word. `affects_position` is False where the position is accounted for elsewhere: by a
    synthetic opening that covers an incomplete history, or because a foreign reduce-only order closed a position that
    we never saw. `corrects` names the trade that the venue states anew by this one, under the same id or another: this
    one stands in its place, whole. `venue_position_id` is the venue's position that it changed, where ours is the sum
    of several (a strategy that nets at a venue which hedges); elsewhere `position_id` says it all. `cum_qty` is what
    the venue says was filled in all with it, where that is more than is known: a trade before it may have got lost.
    """

    trade_id: TradeId
    order_side: OrderSide
    order_type: OrderType
    last_qty: Quantity
    last_px: Price
    currency: Currency
    commission: Money | None = None
    liquidity_side: LiquiditySide = LiquiditySide.NO_LIQUIDITY_SIDE
    position_id: PositionId | None = None
    replaces: tuple[TradeId, ...] = ()
    last_px_estimated: bool = False
    affects_position: bool = True
    corrects: TradeId | None = None
    venue_position_id: PositionId | None = None
    cum_qty: Quantity | None = None

    @property
    def is_buy(self) -> bool:
        """Whether the fill bought."""
        return self.order_side is OrderSide.BUY

    @property
    def is_sell(self) -> bool:
        """Whether the fill sold."""
        return self.order_side is OrderSide.SELL

    @property
    def info(self) -> dict[str, Any]:
        """What an adapter knows beside: nothing, for what matters has a field of its own."""
        return {}

    @property
    def inferred(self) -> bool:
        """Whether this is a placeholder for a trade that the reports imply but do not show."""
        return self.provenance is Provenance.INFERRED


class OrderFillVoided(OrderEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The venue took a trade back: order and position are as if it had never been, and it does not count again."""

    trade_id: TradeId
    reason: str = ""


class PositionEvent(KernelEvent, PositionEventFacts, frozen=True, kw_only=True, gc=False, tag=True):
    """A position after something happened to it. Amounts are signed in `signed_qty`; prices are per unit."""

    trader_id: TraderId
    strategy_id: StrategyId
    instrument_id: InstrumentId
    position_id: PositionId
    account_id: AccountId
    opening_order_id: ClientOrderId
    entry: OrderSide
    side: PositionSide
    signed_qty: Decimal
    quantity: Quantity
    peak_qty: Quantity
    last_qty: Quantity
    last_px: Price
    currency: Currency
    avg_px_open: Decimal
    avg_px_close: Decimal | None = None
    realized_pnl: Money | None = None
    ts_opened: int = 0


read_as_figures(PositionEvent, "signed_qty", "avg_px_open", "avg_px_close")


class PositionOpened(PositionEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """A position went from flat to long or short."""


class PositionChanged(PositionEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """An open position grew, shrank or was corrected; `unrealized_pnl` values it at the fill that did it."""

    unrealized_pnl: Money | None = None


class PositionClosed(PositionEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """A position became flat."""

    closing_order_id: ClientOrderId | None = None
    ts_closed: int = 0
    duration_ns: int = 0


class AccountState(KernelEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """An account's balances and margins; `reported` when the venue said so, otherwise computed here.

    Its `provenance` is STREAM where the venue spoke of a change, RESPONSE where it was asked how the account is.
    """

    account_id: AccountId
    account_type: AccountType
    base_currency: Currency | None = None
    reported: bool = True
    balances: tuple[AccountBalance, ...] = ()
    margins: tuple[MarginBalance, ...] = ()
    info: dict[str, Any] | None = None
    provenance: Provenance = Provenance.LOCAL

    @property
    def is_reported(self) -> bool:
        """Whether the venue said so."""
        return self.reported


class TradingStateChanged(KernelEvent, frozen=True, kw_only=True, gc=False, tag=True):
    """The risk engine lets another kind of orders through from now on."""

    trader_id: TraderId
    state: TradingState


OrderEventAny = (
    OrderInitialized
    | OrderDenied
    | OrderEmulated
    | OrderReleased
    | OrderSubmitted
    | OrderAccepted
    | OrderRejected
    | OrderCanceled
    | OrderExpired
    | OrderTriggered
    | OrderPendingUpdate
    | OrderPendingCancel
    | OrderModifyRejected
    | OrderCancelRejected
    | OrderUpdated
    | OrderFilled
    | OrderFillVoided
)
PositionEventAny = PositionOpened | PositionChanged | PositionClosed
REFUSALS = (OrderModifyRejected, OrderCancelRejected)
"""What leaves an order as it was before something was asked for."""
