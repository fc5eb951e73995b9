"""What a venue keeps of an order and its fills, and how it reports them.

May know: the model, messages, profiles. Promises: a report shows the state it was made in and never changes; what a
profile leaves out of reports is left out here and nowhere else.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from msgspec.structs import replace

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, OrderType
from nautilus_live.model.identifiers import AccountId, ClientOrderId, PositionId, TradeId, VenueOrderId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import Money, Price, Quantity
from nautilus_live.model.orders import OPEN_STATUSES
from nautilus_live.model.reports import FillReport, OrderStatusReport
from sandbox_venues.conversion import Rate
from sandbox_venues.messages import PlaceOrder
from sandbox_venues.profiles import VenueProfile

ZERO = Decimal(0)

MARKET_TYPES = frozenset(
    {OrderType.MARKET, OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET}
)
STOP_TYPES = frozenset(
    {
        OrderType.STOP_MARKET,
        OrderType.STOP_LIMIT,
        OrderType.MARKET_IF_TOUCHED,
        OrderType.LIMIT_IF_TOUCHED,
        OrderType.TRAILING_STOP_MARKET,
        OrderType.TRAILING_STOP_LIMIT,
    }
)
TRAILING_TYPES = frozenset({OrderType.TRAILING_STOP_MARKET, OrderType.TRAILING_STOP_LIMIT})
TOUCH_TYPES = frozenset({OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED})


class VenueFill:
    """One execution of one order. A busted fill stays on record and counts nowhere."""

    __slots__ = (
        "busted",
        "commission",
        "liquidity",
        "order",
        "part",
        "price",
        "quantity",
        "rate",
        "sequence",
        "trade_id",
        "ts",
        "venue_order_id",
    )

    def __init__(
        self,
        sequence: int,
        order: VenueOrder,
        trade_id: TradeId,
        quantity: Decimal,
        price: Decimal,
        commission: Money | None,
        liquidity: LiquiditySide,
        ts: int,
    ) -> None:
        self.sequence = sequence
        self.order = order
        self.venue_order_id = order.venue_order_id
        self.trade_id = trade_id
        self.quantity = quantity
        self.price = price
        self.commission = commission
        self.liquidity = liquidity
        self.ts = ts
        self.busted = False
        self.part = 0
        self.rate: Rate | None = None  # into the account's one currency, if it has one


class ReplacedLeg:
    """A venue order id that an order had before it was replaced, and what the order looked like under it."""

    __slots__ = ("report", "ts")

    def __init__(self, report: OrderStatusReport, ts: int) -> None:
        self.report = report
        self.ts = ts


class VenueOrder:
    """One order at the venue. `request` is what was asked for; the fields beside it are what became of it.

    `is_market`: it takes any price once it is in the market; `held`: it waits for another order; `reached_at`: at which
    price a double trigger was reached for the first time; `trailed_at`: how many trades there had been when its trigger
    last moved.
    """

    __slots__ = (
        "account_id",
        "active",
        "cancel_reason",
        "client_order_id",
        "expire_time_ns",
        "filled",
        "fills",
        "held",
        "instrument",
        "is_market",
        "legs",
        "lock_amount",
        "lock_code",
        "may_overfill",
        "notional",
        "order_type",
        "place",
        "position_id",
        "price",
        "quantity",
        "reached_at",
        "request",
        "sequence",
        "side",
        "sign",
        "status",
        "trade_ids",
        "trailed_at",
        "trigger_price",
        "trigger_type",
        "triggered",
        "ts_accepted",
        "ts_last",
        "ts_triggered",
        "venue_order_id",
    )

    def __init__(
        self, sequence: int, venue_order_id: VenueOrderId, request: PlaceOrder, instrument: InstrumentAny, now_ns: int
    ) -> None:
        self.sequence = sequence
        self.request = request
        self.instrument = instrument
        self.account_id: AccountId = request.account_id
        self.client_order_id: ClientOrderId | None = request.client_order_id
        self.venue_order_id = venue_order_id
        self.side = request.side
        self.sign = 1 if request.side is OrderSide.BUY else -1
        self.order_type = request.order_type
        self.is_market = request.order_type in MARKET_TYPES
        self.quantity: Decimal = request.quantity.value
        self.price: Decimal | None = None if request.price is None else request.price.value
        self.trigger_price: Decimal | None = None if request.trigger_price is None else request.trigger_price.value
        self.trigger_type = request.trigger_type
        self.expire_time_ns = request.expire_time_ns
        self.status = OrderStatus.ACCEPTED
        self.held = False
        self.reached_at: int | None = None
        self.trailed_at: int | None = None
        self.active = request.activation_price is None
        self.triggered = request.order_type not in STOP_TYPES
        self.filled = ZERO
        self.notional = ZERO
        self.fills: list[VenueFill] = []
        self.trade_ids: dict[TradeId, None] = {}
        self.legs: list[ReplacedLeg] = []
        self.position_id: PositionId | None = request.position_id
        self.place: tuple[Decimal, int] | None = None
        self.lock_code = ""
        self.lock_amount = ZERO
        self.may_overfill = False
        self.cancel_reason = ""
        self.ts_accepted = now_ns
        self.ts_triggered = 0
        self.ts_last = now_ns

    def __repr__(self) -> str:
        return (
            f"VenueOrder({self.venue_order_id} {self.client_order_id} {self.side} {self.quantity} {self.instrument.id}"
            f" {self.order_type} @ {self.price} {self.status} filled {self.filled})"
        )

    @property
    def name(self) -> str:
        """How messages call the order."""
        return str(self.client_order_id or self.venue_order_id)

    @property
    def leaves(self) -> Decimal:
        """What can still fill."""
        return self.quantity - self.filled

    @property
    def tip(self) -> Decimal:
        """How much of an iceberg shows in the book, 0 for an order that shows all."""
        shown = self.request.display_qty
        return ZERO if shown is None else min(shown.value, self.leaves)

    @property
    def is_open(self) -> bool:
        """Whether the order works."""
        return self.status in OPEN_STATUSES


def order_report(order: VenueOrder, profile: VenueProfile, now_ns: int) -> OrderStatusReport:
    """Return the order as this venue reports it."""
    instrument, request = order.instrument, order.request
    size_places, price_places = instrument.size_precision, instrument.price_precision
    # Reports are made all the time, of orders that are mostly as they were asked for.
    quantity, price = request.quantity, request.price
    if order.quantity is not quantity.value or quantity.precision != size_places:
        quantity = Quantity(order.quantity, size_places)
    if order.price is None:
        price = None
    elif price is None or order.price is not price.value or price.precision != price_places:
        price = Price(order.price, price_places)
    average = None
    if order.filled and profile.reports_avg_px:
        average = rounded(order.notional / order.filled, profile.avg_px_places)
    return OrderStatusReport(
        account_id=order.account_id,
        instrument_id=instrument.id,
        venue_order_id=order.venue_order_id,
        client_order_id=order.client_order_id if profile.reports_client_ids else None,
        order_side=order.side,
        order_type=order.order_type,
        time_in_force=request.time_in_force,
        order_status=order.status,
        quantity=quantity,
        filled_qty=_filled(order, quantity),
        venue_position_id=order.position_id if profile.oms_type == "HEDGING" else None,
        avg_px=average,
        price=price,
        trigger_price=None if order.trigger_price is None else Price(order.trigger_price, price_places),
        trigger_type=request.trigger_type,
        trailing_offset=request.trailing_offset,
        limit_offset=request.limit_offset,
        trailing_offset_type=request.trailing_offset_type,
        display_qty=request.display_qty,
        expire_time_ns=request.expire_time_ns,
        post_only=request.post_only,
        reduce_only=request.reduce_only,
        contingency_type=request.contingency_type,
        order_list_id=request.order_list_id,
        linked_order_ids=request.linked_order_ids,
        parent_order_id=request.parent_order_id,
        cancel_reason=order.cancel_reason or None,
        ts_accepted=order.ts_accepted,
        ts_triggered=order.ts_triggered,
        ts_last=order.ts_last,
        ts_init=now_ns,
    )


def _filled(order: VenueOrder, quantity: Quantity) -> Quantity:
    """Return how much of an order is filled; `quantity` is how much was ordered."""
    if not order.filled:
        return nothing(quantity.precision)
    return quantity if order.filled == order.quantity else Quantity(order.filled, quantity.precision)


@cache
def nothing(places: int) -> Quantity:
    """Return zero at so many decimal places."""
    return Quantity.zero(places)


def leg_report(order: VenueOrder, profile: VenueProfile, now_ns: int) -> OrderStatusReport:
    """Return the order as it stands, canceled under its present venue order id: what a replaced leg looks like."""
    report = order_report(order, profile, now_ns)
    reason = "REPLACED" if profile.names_replacements else None
    return replace(report, order_status=OrderStatus.CANCELED, cancel_reason=reason, ts_last=now_ns)


def fill_report(fill: VenueFill, profile: VenueProfile, now_ns: int) -> FillReport:
    """Return the fill as this venue reports it."""
    order = fill.order
    instrument = order.instrument
    return FillReport(
        account_id=order.account_id,
        instrument_id=instrument.id,
        venue_order_id=fill.venue_order_id,
        client_order_id=order.client_order_id if profile.reports_client_ids else None,
        trade_id=fill.trade_id,
        order_side=order.side,
        last_qty=Quantity(fill.quantity, instrument.size_precision),
        last_px=Price(fill.price, instrument.price_precision),
        commission=fill.commission if profile.reports_commissions else None,
        liquidity_side=fill.liquidity,
        venue_position_id=order.position_id if profile.oms_type == "HEDGING" else None,
        ts_event=fill.ts,
        ts_init=now_ns,
    )


def rounded(value: Decimal, places: int | None) -> Decimal:
    """Return `value` at so many decimal places, or as it is."""
    return value if places is None else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
