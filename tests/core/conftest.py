"""Builders for the tests of the core: instruments, orders, events, reports.

Import them by name (`from tests.core.conftest import make_order, px`), or take the session fixture `make`, whose
attributes they are. Texts stand for values: `make_order("O-1", "BUY", "1.000", "50000.00")`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from nautilus_live.core import order_lifecycle
from nautilus_live.core.reconciliation import Policy
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import (
    LiquiditySide,
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
from nautilus_live.model.orders import TRIGGERABLE_TYPES, Order, order_from
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
    state["commissions"] = dict(order.paid) if order.paid is not None else None
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
            "avg_px": order.average,
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


@pytest.fixture(scope="session")
def make() -> Any:
    """The builders of this file, as attributes."""
    return sys.modules[__name__]
