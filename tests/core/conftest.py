"""Builders for the tests of the core: instruments, orders, events, reports; `Belief` is a `LocalState` for plans.

Import them by name (`from tests.core.conftest import Belief, make_order`), or take the session fixture `make`, whose
attributes they are. Texts stand for values: `make_order("O-1", "BUY", "1.000", "50000.00")`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core import fill_corrections, order_lifecycle, position_keeping
from nautilus_live.core.foreign_fills import as_placeholders, is_shared_out, shares
from nautilus_live.core.reconciliation import Plan, Policy
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import (
    LiquiditySide,
    OmsType,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    Provenance,
    TimeInForce,
)
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair, Instrument
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.orders import CLOSED_STATUSES, TRIGGERABLE_TYPES, Order, order_from
from nautilus_live.model.position import Position
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport

TRADER = TraderId("TRADER-001")
STRATEGY = StrategyId("S-001")
OTHER_STRATEGY = StrategyId("S-002")
ACCOUNT = AccountId("SIM-001")
VENUE = Venue("SIM")
BTC = Currency.from_str("BTC")
USDT = Currency.from_str("USDT")
BNB = Currency.from_str("BNB")

ZERO = Decimal(0)

_event_ids = count(1)
_trade_ids = count(1)

# -- values ----------------------------------------------------------------------------------------------------------


def qty(text: str | Decimal | Quantity) -> Quantity:
    """Return a quantity; at 3 decimal places unless the text has more."""
    if isinstance(text, Quantity):
        return text
    number = Decimal(text)
    return Quantity(number, max(3, -int(number.as_tuple().exponent)))


def px(text: str | Decimal | Price) -> Price:
    """Return a price; at 2 decimal places unless the text has more."""
    if isinstance(text, Price):
        return text
    number = Decimal(text)
    return Price(number, max(2, -int(number.as_tuple().exponent)))


def money(text: str | Decimal, currency: Currency = USDT) -> Money:
    return Money(Decimal(text), currency)


def make_instrument(name: str = "BTCUSDT.SIM", **fields: Any) -> CurrencyPair:
    """Return a spot pair BTC/USDT: 2 places in price, 3 in size, ticks and lots of one unit in the last place."""
    return CurrencyPair(**_instrument_fields(name, fields))


def make_perpetual(name: str = "BTCUSDT-PERP.SIM", **fields: Any) -> CryptoPerpetual:
    """Return a linear perpetual; `inverse=True` for one that counts quote currency and settles in the base."""
    return CryptoPerpetual(**_instrument_fields(name, fields))


def _instrument_fields(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    instrument_id = InstrumentId.from_str(name)
    return {
        "id": instrument_id,
        "raw_symbol": Symbol(instrument_id.symbol.value),
        "base_currency": BTC,
        "quote_currency": USDT,
        "price_precision": 2,
        "size_precision": 3,
        "price_increment": Price.from_str("0.01"),
        "size_increment": Quantity.from_str("0.001"),
        **fields,
    }


SPOT = make_instrument()
LINEAR = make_perpetual()
INVERSE = make_perpetual("BTCUSD-PERP.SIM", inverse=True)
OTHER_SPOT = make_instrument("ETHUSDT.SIM")

# -- orders ----------------------------------------------------------------------------------------------------------


def make_init(
    name: str = "O-1",
    side: str = "BUY",
    quantity: str = "1.000",
    price: str | None = "50000.00",
    *,
    instrument: Instrument = SPOT,
    ts: int = 1,
    **fields: Any,
) -> OrderInitialized:
    """Return the initial event of a limit order, or a market order if `price` is None; `fields` override."""
    settings: dict[str, Any] = {
        "event_id": f"E-{next(_event_ids)}",
        "ts_event": ts,
        "ts_init": ts,
        "trader_id": TRADER,
        "strategy_id": STRATEGY,
        "instrument_id": instrument.id,
        "client_order_id": ClientOrderId(name),
        "order_side": OrderSide[side],
        "order_type": OrderType.LIMIT if price is not None else OrderType.MARKET,
        "quantity": qty(quantity),
        "price": None if price is None else px(price),
        **fields,
    }
    return OrderInitialized(**settings)


def make_order(
    name: str = "O-1", side: str = "BUY", quantity: str = "1.000", price: str | None = "50000.00", **fields: Any
) -> Order:
    """Return an order in INITIALIZED; arguments as in `make_init`."""
    return order_from(make_init(name, side, quantity, price, **fields))


def make_event(
    kind: type[OrderEvent],
    order: Order,
    *,
    ts: int | None = None,
    provenance: Provenance = Provenance.STREAM,
    venue_order_id: str | None = "",
    **fields: Any,
) -> Any:
    """Return an event of `order`, one nanosecond after its last; the venue order id is the order's, or V-NAME.

    Denied gets a reason, updated the order's quantity; `venue_order_id=None` leaves the id out.
    """
    at = order.ts_last + 1 if ts is None else ts
    known = order.venue_order_id or VenueOrderId(f"V-{order.client_order_id}")
    settings: dict[str, Any] = {
        "event_id": f"E-{next(_event_ids)}",
        "ts_event": at,
        "ts_init": at,
        "trader_id": order.trader_id,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
        "venue_order_id": VenueOrderId(venue_order_id) if venue_order_id else known,
        "account_id": ACCOUNT,
        "provenance": provenance,
    }
    if venue_order_id is None or (kind in _LOCAL_EVENTS and not venue_order_id):
        settings["venue_order_id"] = order.venue_order_id if kind in _LOCAL_EVENTS else None
    if kind in _LOCAL_EVENTS and provenance is Provenance.STREAM:
        settings["provenance"] = Provenance.LOCAL
    if kind is OrderDenied:
        settings["reason"] = "a rule"
    if "quantity" in kind.__struct_fields__:
        settings["quantity"] = order.quantity
    return kind(**{**settings, **fields})


_LOCAL_EVENTS = (
    OrderDenied,
    OrderEmulated,
    OrderReleased,
    OrderSubmitted,
    OrderPendingUpdate,
    OrderPendingCancel,
)


def make_fill(
    order: Order,
    quantity: str | Decimal = "1.000",
    price: str | Decimal = "50000.00",
    trade: str | None = None,
    *,
    commission: str | Money | None = None,
    replaces: Iterable[str] = (),
    position_id: str | None = None,
    **fields: Any,
) -> OrderFilled:
    """Return a fill of `order`; `commission` is an amount of USDT or a Money, `replaces` names placeholders."""
    fee = money(commission) if isinstance(commission, str) else commission
    settings: dict[str, Any] = {
        "trade_id": TradeId(trade or f"T-auto-{next(_trade_ids)}"),
        "order_side": order.side,
        "order_type": order.order_type,
        "last_qty": qty(quantity),
        "last_px": px(price),
        "currency": USDT,
        "commission": fee,
        "liquidity_side": LiquiditySide.TAKER,
        "replaces": tuple(TradeId(name) for name in replaces),
        "position_id": PositionId(position_id) if position_id else None,
        **fields,
    }
    made: OrderFilled = make_event(OrderFilled, order, **settings)
    return made


def make_placeholder(
    order: Order,
    quantity: str | Decimal = "1.000",
    price: str | Decimal = "50000.00",
    trade: str | None = None,
    **fields: Any,
) -> OrderFilled:
    """Return an inferred fill."""
    return make_fill(order, quantity, price, trade, provenance=Provenance.INFERRED, **fields)


def apply(order: Order, *events: OrderEvent | type[OrderEvent], allow_overfills: bool = False) -> Order:
    """Apply events, or kinds of events, one after the other; returns the order."""
    for event in events:
        made = make_event(event, order) if isinstance(event, type) else event
        order_lifecycle.apply(order, made, allow_overfills=allow_overfills)
    return order


PATHS: dict[OrderStatus, tuple[type[OrderEvent] | str, ...]] = {
    OrderStatus.INITIALIZED: (),
    OrderStatus.DENIED: (OrderDenied,),
    OrderStatus.EMULATED: (OrderEmulated,),
    OrderStatus.RELEASED: (OrderEmulated, OrderReleased),
    OrderStatus.SUBMITTED: (OrderSubmitted,),
    OrderStatus.ACCEPTED: (OrderSubmitted, OrderAccepted),
    OrderStatus.REJECTED: (OrderSubmitted, OrderRejected),
    OrderStatus.CANCELED: (OrderSubmitted, OrderAccepted, OrderCanceled),
    OrderStatus.EXPIRED: (OrderSubmitted, OrderAccepted, OrderExpired),
    OrderStatus.TRIGGERED: (OrderSubmitted, OrderAccepted, OrderTriggered),
    OrderStatus.PENDING_UPDATE: (OrderSubmitted, OrderAccepted, OrderPendingUpdate),
    OrderStatus.PENDING_CANCEL: (OrderSubmitted, OrderAccepted, OrderPendingCancel),
    OrderStatus.PARTIALLY_FILLED: (OrderSubmitted, OrderAccepted, "half"),
    OrderStatus.FILLED: (OrderSubmitted, OrderAccepted, "all"),
}
"""The ordinary way into each status."""


def order_in(
    status: OrderStatus | str, name: str = "O-1", side: str = "BUY", quantity: str = "1.000", **fields: Any
) -> Order:
    """Return an order that came to `status` the ordinary way; half filled if PARTIALLY_FILLED.

    It is a stop-limit order if only such an order knows the status, else as `make_order`.
    """
    wanted = OrderStatus[status] if isinstance(status, str) else status
    if wanted is OrderStatus.TRIGGERED:
        fields = {"order_type": OrderType.STOP_LIMIT, "trigger_price": px("51000.00"), **fields}
        assert fields["order_type"] in TRIGGERABLE_TYPES
    order = make_order(name, side, quantity, **fields)
    for step in PATHS[wanted]:
        if isinstance(step, str):
            share = order.quantity.value if step == "all" else order.quantity.value / 2
            order_lifecycle.apply(order, make_fill(order, share, trade=f"T-{name}-path"))
        else:
            apply(order, step)
    assert order.status is wanted
    return order


def snapshot(order: Order) -> dict[str, object]:
    """Return everything that an order holds, by slot, to compare before and after."""
    state: dict[str, object] = {name: getattr(order, name) for name in Order.__slots__}
    state["events"], state["fills"] = tuple(order.events), tuple(order.fills.items())
    state["commissions"] = dict(order.commissions) if order.commissions is not None else None
    return state


# -- reports ---------------------------------------------------------------------------------------------------------


def order_report(order: Order | None = None, **fields: Any) -> OrderStatusReport:
    """Return a venue's report of `order` as it is, or of a working limit order O-1 with V-1; `fields` override.

    Texts are taken for `quantity`, `filled_qty`, `price`, `trigger_price`, `avg_px`, ids and the enum fields.
    """
    settings: dict[str, Any] = {
        "account_id": ACCOUNT,
        "instrument_id": SPOT.id,
        "client_order_id": "O-1",
        "venue_order_id": "V-1",
        "order_side": OrderSide.BUY,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "order_status": OrderStatus.ACCEPTED,
        "quantity": "1.000",
        "filled_qty": "0.000",
        "price": "50000.00",
        "ts_accepted": 100,
        "ts_last": 100,
    }
    if order is not None:
        settings |= {
            "instrument_id": order.instrument_id,
            "client_order_id": order.client_order_id,
            "venue_order_id": order.venue_order_id or VenueOrderId(f"V-{order.client_order_id}"),
            "order_side": order.side,
            "order_type": order.order_type,
            "time_in_force": order.time_in_force,
            "order_status": order.status,
            "quantity": order.quantity,
            "filled_qty": order.filled_qty,
            "price": order.price,
            "trigger_price": order.trigger_price,
            "avg_px": order.avg_px,
            "ts_accepted": order.ts_accepted,
            "ts_last": order.ts_last,
        }
    return OrderStatusReport(**_converted({**settings, **fields}))


def fill_report(
    order: Order | None = None, quantity: str = "1.000", price: str = "50000.00", **fields: Any
) -> FillReport:
    """Return a venue's report of a trade of `order` (or of V-1/O-1); `trade_id` is T-auto-n unless given."""
    settings: dict[str, Any] = {
        "account_id": ACCOUNT,
        "instrument_id": SPOT.id if order is None else order.instrument_id,
        "client_order_id": "O-1" if order is None else order.client_order_id,
        "venue_order_id": "V-1"
        if order is None
        else order.venue_order_id or VenueOrderId(f"V-{order.client_order_id}"),
        "trade_id": f"T-auto-{next(_trade_ids)}",
        "order_side": OrderSide.BUY if order is None else order.side,
        "last_qty": quantity,
        "last_px": price,
        "liquidity_side": LiquiditySide.TAKER,
        "ts_event": 100,
    }
    return FillReport(**_converted({**settings, **fields}))


def position_report(signed: str = "1.000", *, instrument: Instrument = SPOT, **fields: Any) -> PositionStatusReport:
    """Return a venue's report of a position: positive long, negative short, zero flat."""
    number = Decimal(signed)
    side = PositionSide.LONG if number > 0 else PositionSide.SHORT if number < 0 else PositionSide.FLAT
    settings: dict[str, Any] = {
        "account_id": ACCOUNT,
        "instrument_id": instrument.id,
        "position_side": side,
        "quantity": abs(number),
        "ts_last": 100,
    }
    return PositionStatusReport(**_converted({**settings, **fields}))


def mass_status(
    orders: Sequence[OrderStatusReport] | None = (),
    fills: Sequence[FillReport] | None = (),
    positions: Sequence[PositionStatusReport] | None = (),
    **fields: Any,
) -> ExecutionMassStatus:
    """Return a mass status; None for a question that was not answered."""
    settings: dict[str, Any] = {"client_id": ClientId("SIM"), "account_id": ACCOUNT, "venue": VENUE, **fields}
    return ExecutionMassStatus(
        orders=None if orders is None else list(orders),
        fills=None if fills is None else list(fills),
        positions=None if positions is None else list(positions),
        **settings,
    )


def make_policy(**fields: Any) -> Policy:
    return Policy(**{"trader_id": TRADER, **fields})


def make_quote(bid: str = "49999.00", ask: str = "50001.00", instrument: Instrument = SPOT) -> QuoteTick:
    return QuoteTick(instrument.id, px(bid), px(ask), qty("1.000"), qty("1.000"), 0, 0)


_CONVERTERS: dict[str, Any] = {
    "client_order_id": ClientOrderId,
    "venue_order_id": VenueOrderId,
    "trade_id": TradeId,
    "venue_position_id": PositionId,
    "quantity": qty,
    "filled_qty": qty,
    "last_qty": qty,
    "price": px,
    "trigger_price": px,
    "last_px": px,
    "avg_px": Decimal,
    "avg_px_open": Decimal,
    "commission": money,
    "order_status": OrderStatus.__getitem__,
    "order_side": OrderSide.__getitem__,
    "order_type": OrderType.__getitem__,
    "time_in_force": TimeInForce.__getitem__,
}


def _converted(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _CONVERTERS[name](value) if isinstance(value, str | Decimal) and name in _CONVERTERS else value
        for name, value in fields.items()
    }


def _stone_of_all(name: str, instrument_id: InstrumentId) -> Tombstone:
    """Return the tombstone of an order of which every trade was booked, and every word was told before."""
    return Tombstone(
        client_order_id=name,
        venue_order_ids=(),
        instrument_id=instrument_id,
        trade_ids=(),
        filled_qty=Decimal("Infinity"),
        inferred_qty=Decimal("Infinity"),
        ts_last=1 << 62,
        ts_purged=0,
        is_told=True,
    )


# -- what we believe -------------------------------------------------------------------------------------------------


class Belief:
    """A `LocalState` of real orders and positions, which applies plans as the execution engine does.

    Attributes:
        orders: by client order id, in the order they were made.
        positions: by position id.
        instruments, quotes: by instrument id; what is missing is not known.
        purged: client or venue order ids of orders that were known and purged, with the tombstone where it matters.
        forgotten_until: the venue's time until which orders that ended have not even a tombstone.
        applied: every event applied, in order.

    """

    def __init__(
        self,
        *instruments: Instrument,
        oms_type: OmsType = OmsType.NETTING,
        allow_overfills: bool = False,
        quotes: Sequence[QuoteTick] = (),
    ) -> None:
        self.oms_type = oms_type
        self.allow_overfills = allow_overfills
        self.orders: dict[ClientOrderId, Order] = {}
        self.positions: dict[PositionId, Position] = {}
        self.instruments = {one.id: one for one in instruments or (SPOT, LINEAR, INVERSE, OTHER_SPOT)}
        self.quotes = {quote.instrument_id: quote for quote in quotes}
        self.purged: dict[str, Tombstone | None] = {}
        self.forgotten_until = -1
        self.applied: list[OrderEvent] = []

    # -- LocalState --------------------------------------------------------------------------------------------------

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return self.orders.get(client_order_id)

    def client_order_id(
        self, venue_order_id: VenueOrderId, instrument_id: InstrumentId | None = None
    ) -> ClientOrderId | None:
        for order in self.orders.values():
            if instrument_id is not None and order.instrument_id != instrument_id:
                continue
            if venue_order_id == order.venue_order_id or venue_order_id in order.superseded_venue_order_ids:
                return order.client_order_id
        return None

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        return self.instruments.get(instrument_id)

    def quote_tick(self, instrument_id: InstrumentId) -> QuoteTick | None:
        return self.quotes.get(instrument_id)

    def position(self, position_id: PositionId) -> Position | None:
        return self.positions.get(position_id)

    def positions_known(self, instrument_id: InstrumentId, account_id: AccountId) -> list[Position]:
        return [
            one
            for one in self.positions.values()
            if (one.instrument_id, one.account_id) == (instrument_id, account_id)
        ]

    def positions_open(
        self, *, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> list[Position]:
        return [
            one
            for one in self.positions.values()
            if one.is_open and instrument_id in (None, one.instrument_id) and account_id in (None, one.account_id)
        ]

    def orders_open(
        self, *, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> list[Order]:
        return [
            one
            for one in self.orders.values()
            if one.is_open and instrument_id in (None, one.instrument_id) and account_id in (None, one.account_id)
        ]

    def tombstone(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None, instrument_id: InstrumentId
    ) -> Tombstone | None:
        for name in (str(client_order_id), str(venue_order_id)):
            if name in self.purged:
                return self.purged[name] or _stone_of_all(name, instrument_id)
        return None

    def is_forgotten(self, ts: int) -> bool:
        return 0 < ts <= self.forgotten_until

    # -- changing it -------------------------------------------------------------------------------------------------

    def add(self, order: Order) -> Order:
        """Take an order, and count the fills it has already into positions."""
        self.orders[order.client_order_id] = order
        for fill in order.fills.values():
            self._count(order, fill, ())
        return order

    def apply(self, plan: Plan | Iterable[OrderEvent]) -> None:
        """Apply a plan's events, or any events, in order.

        Raises:
            IllegalTransition: if one is not legal; a plan's always are.

        """
        for event in plan.events if isinstance(plan, Plan) else plan:
            self._apply(event)

    def _apply(self, event: OrderEvent) -> None:
        if isinstance(event, OrderInitialized):
            assert event.client_order_id not in self.orders, f"{event.client_order_id} exists already"
            self.orders[event.client_order_id] = order_from(event)
        else:
            order = self.orders[event.client_order_id]
            if isinstance(event, OrderFillVoided) or (isinstance(event, OrderFilled) and event.corrects in order.fills):
                self._correct(order, event)
            elif isinstance(event, OrderFilled):
                self._fill(order, event)
            else:
                order_lifecycle.apply(order, event)
        self.applied.append(event)

    def _correct(self, order: Order, event: OrderFilled | OrderFillVoided) -> None:
        gone = order.fills.get(
            event.trade_id if isinstance(event, OrderFillVoided) else event.corrects or event.trade_id
        )
        order_lifecycle.apply(order, event, allow_overfills=self.allow_overfills)
        if gone is not None and gone.affects_position:
            position = self.positions[gone.position_id or order.position_id or self._position_id(order)]
            for entry in fill_corrections.entries(position, event, gone):
                for _ in fill_corrections.put(position, entry):
                    pass

    def _fill(self, order: Order, fill: OrderFilled) -> None:
        placeholders = [order.fills[one] for one in fill.replaces if one in order.fills]
        parts = [fill]
        if fill.affects_position and fill.position_id is None and is_shared_out(order, self.oms_type):
            held = self.positions_open(instrument_id=order.instrument_id, account_id=fill.account_id)
            parts = shares(fill, held, self._position_id(order), placeholders)
            if fill.inferred and len(parts) > 1:
                for part in as_placeholders(parts):
                    self._fill(order, part)
                return
            fill = structs.replace(fill, position_id=parts[0].position_id)
        order_lifecycle.apply(order, fill, allow_overfills=self.allow_overfills)
        for part in parts:
            self._count(order, part, [one for one in placeholders if one.trade_id in part.replaces])

    def _count(self, order: Order, fill: OrderFilled, placeholders: Sequence[OrderFilled]) -> None:
        if not fill.affects_position:
            return
        position_id = fill.position_id or order.position_id or self._position_id(order)
        position = self.positions.get(position_id)
        if position is None:
            instrument = self.instruments[order.instrument_id]
            position = Position(instrument, position_id, order.strategy_id, order.trader_id, fill.account_id or ACCOUNT)
            self.positions[position_id] = position
        for _ in position_keeping.take(position, fill, placeholders):
            pass

    def _position_id(self, order: Order) -> PositionId:
        if self.oms_type is OmsType.HEDGING:
            return PositionId(f"P-{order.client_order_id}")
        return position_keeping.netting_position_id(order.instrument_id, order.strategy_id)

    # -- looking at it -----------------------------------------------------------------------------------------------

    def net(self, instrument: Instrument = SPOT) -> Decimal:
        """Return the signed sum of all positions in an instrument."""
        return sum((one.signed_qty for one in self.positions.values() if one.instrument_id == instrument.id), ZERO)

    def closed(self) -> list[Order]:
        """Return the orders that are done."""
        return [order for order in self.orders.values() if order.status in CLOSED_STATUSES]

    def copy(self) -> Belief:
        """Return a belief that can be changed without changing this one; orders keep their events."""
        twin = Belief(
            *self.instruments.values(),
            oms_type=self.oms_type,
            allow_overfills=self.allow_overfills,
            quotes=tuple(self.quotes.values()),
        )
        twin.purged = dict(self.purged)
        for name, order in self.orders.items():
            twin.orders[name] = order.copy()
            twin.orders[name].events = list(order.events)
        twin.positions = {name: position.copy() for name, position in self.positions.items()}
        return twin


@pytest.fixture(scope="session")
def make() -> Any:
    """The builders of this file, as attributes."""
    return sys.modules[__name__]
