"""Samples of everything that is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.enums import (
    AccountType,
    AssetClass,
    ContingencyType,
    CurrencyType,
    LiquiditySide,
    OptionKind,
    OrderSide,
    OrderType,
    PositionSide,
    Provenance,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import (
    AccountState,
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEmulated,
    OrderExpired,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
    PositionChanged,
    PositionClosed,
    PositionOpened,
)
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
    VenueOrderId,
)
from nautilus_live.model.instruments import (
    Cfd,
    Commodity,
    CryptoFuture,
    CryptoOption,
    CryptoPerpetual,
    CurrencyPair,
    Equity,
    FuturesContract,
    IndexInstrument,
    OptionContract,
)
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity
from nautilus_live.store.encoding import PositionHeader

NOW = 1_767_225_600_123_456_789
TRADER, STRATEGY, ACCOUNT = TraderId("TRADER-001"), StrategyId("S-001"), AccountId("SIM-001")
INSTRUMENT = InstrumentId.from_str("BTC.USDT-PERP.SIM")
USDT = Currency.from_str("USDT")
PRICE, QUANTITY = Price.from_str("50000.10"), Quantity.from_str("1.000")
OWN_COIN = Currency("OWN", 3, 0, "Our own", CurrencyType.CRYPTO)

STEM: dict[str, Any] = {
    "ts_event": NOW,
    "ts_init": NOW + 1,
    "trader_id": TRADER,
    "strategy_id": STRATEGY,
    "instrument_id": INSTRUMENT,
}
ORDER: dict[str, Any] = {**STEM, "event_id": "E-1", "client_order_id": ClientOrderId("O-1")}
VENUE: dict[str, Any] = {
    **ORDER,
    "venue_order_id": VenueOrderId("V-1"),
    "account_id": ACCOUNT,
    "provenance": Provenance.STREAM,
}
POSITION: dict[str, Any] = {
    **STEM,
    "event_id": "P-1",
    "position_id": PositionId("P-1"),
    "account_id": ACCOUNT,
    "opening_order_id": ClientOrderId("O-1"),
    "entry": OrderSide.SELL,
    "side": PositionSide.SHORT,
    "signed_qty": Decimal("-1.000"),
    "quantity": QUANTITY,
    "peak_qty": QUANTITY,
    "last_qty": QUANTITY,
    "last_px": PRICE,
    "currency": USDT,
    "avg_px_open": Decimal("1") / Decimal("3"),
    "realized_pnl": Money(Decimal("-0.5"), USDT),
    "ts_opened": NOW,
}
PAIR = CurrencyPair(
    id=InstrumentId.from_str("BTCUSDT.SIM"),
    raw_symbol=Symbol("BTCUSDT"),
    base_currency=Currency.from_str("BTC"),
    quote_currency=USDT,
    price_precision=2,
    size_precision=3,
    price_increment=Price.from_str("0.01"),
    size_increment=Quantity.from_str("0.001"),
    max_notional=Money(Decimal("1000"), USDT),
    taker_fee=Decimal("0.0004"),
)
PERPETUAL = CryptoPerpetual(
    id=INSTRUMENT,
    raw_symbol=Symbol("BTCUSD_PERP"),
    base_currency=Currency.from_str("BTC"),
    quote_currency=OWN_COIN,
    price_precision=1,
    size_precision=0,
    price_increment=Price.from_str("0.1"),
    size_increment=Quantity.from_int(1),
    multiplier=Quantity.from_int(100),
    inverse=True,
    settlement=Currency.from_str("BTC"),
)
OTHER: dict[str, Any] = {
    "id": InstrumentId.from_str("X.SIM"),
    "raw_symbol": Symbol("x"),
    "quote_currency": USDT,
    "price_precision": 2,
    "price_increment": Price.from_str("0.01"),
    "info": {"told": [1, 0.5, None, "two", {"deep": True}]},
    "tick_scheme_name": "FIXED_PRECISION_2",
}
SIZES: dict[str, Any] = {"size_precision": 1, "size_increment": Quantity.from_str("0.1")}
LIFE: dict[str, Any] = {"activation_ns": 1, "expiration_ns": NOW}
OTHER_INSTRUMENTS: list[Any] = [
    CryptoFuture(**OTHER, **SIZES, **LIFE, base_currency=OWN_COIN),
    CryptoOption(
        **OTHER, **SIZES, **LIFE, base_currency=OWN_COIN, option_kind=OptionKind.CALL,
        strike_price=Price.from_str("9.50"),
    ),
    Equity(**OTHER, isin="US0378331005", lot_size=Quantity.from_int(100)),
    FuturesContract(**OTHER, **LIFE, asset_class=AssetClass.INDEX, underlying="ES", exchange="XCME"),
    OptionContract(
        **OTHER, **LIFE, asset_class=AssetClass.EQUITY, underlying="X", option_kind=OptionKind.PUT,
        strike_price=Price.from_str("10.00"),
    ),
    Cfd(**OTHER, **SIZES, asset_class=AssetClass.INDEX),
    Commodity(**OTHER, **SIZES),
    IndexInstrument(**OTHER, **SIZES),
]  # fmt: skip

SAMPLES: list[Any] = [
    OrderInitialized(**ORDER, order_side=OrderSide.BUY, order_type=OrderType.MARKET, quantity=QUANTITY),
    OrderInitialized(
        **ORDER,
        order_side=OrderSide.SELL,
        order_type=OrderType.TRAILING_STOP_LIMIT,
        quantity=QUANTITY,
        time_in_force=TimeInForce.GTD,
        price=PRICE,
        trigger_price=Price.from_str("0.00000001"),
        trigger_type=TriggerType.MARK_PRICE,
        activation_price=PRICE,
        trailing_offset=Decimal("0.50"),
        limit_offset=Decimal("1E+2"),
        trailing_offset_type=TrailingOffsetType.TICKS,
        expire_time_ns=NOW,
        post_only=True,
        reduce_only=True,
        quote_quantity=True,
        display_qty=Quantity.from_str("0.100"),
        emulation_trigger=TriggerType.BID_ASK,
        trigger_instrument_id=PAIR.id,
        contingency_type=ContingencyType.OTO,
        order_list_id=OrderListId("OL-1"),
        linked_order_ids=(ClientOrderId("O-2"), ClientOrderId("O-3")),
        parent_order_id=ClientOrderId("O-0"),
        exec_algorithm_id=ExecAlgorithmId("TWAP"),
        exec_algorithm_params={"a": "1"},
        exec_spawn_id=ClientOrderId("O-9"),
        tags=("EXTERNAL", "é"),
    ),
    OrderDenied(**ORDER, reason="too large"),
    OrderEmulated(**ORDER),
    OrderReleased(**ORDER, released_price=PRICE),
    OrderSubmitted(**ORDER, account_id=ACCOUNT),
    OrderAccepted(**VENUE),
    OrderRejected(**VENUE, reason="post only", due_post_only=True),
    OrderCanceled(**VENUE, reason="by user"),
    OrderExpired(**VENUE),
    OrderTriggered(**VENUE),
    OrderPendingUpdate(**ORDER),
    OrderPendingCancel(**ORDER),
    OrderModifyRejected(**VENUE, reason="closed"),
    OrderCancelRejected(**VENUE, reason="filled"),
    OrderUpdated(**VENUE, quantity=Quantity.from_str("2.500"), price=PRICE, trigger_price=Price.from_str("-1.5")),
    OrderFilled(
        **VENUE,
        trade_id=TradeId("T-1"),
        order_side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        last_qty=QUANTITY,
        last_px=PRICE,
        currency=USDT,
        commission=Money(Decimal("-0.00000001"), OWN_COIN),
        liquidity_side=LiquiditySide.TAKER,
        position_id=PositionId("P-1"),
        replaces=(TradeId("I-1"), TradeId("I-2")),
        last_px_estimated=True,
        affects_position=False,
    ),
    OrderFilled(
        **VENUE,
        trade_id=TradeId("T-2"),
        order_side=OrderSide.SELL,
        order_type=OrderType.MARKET,
        last_qty=QUANTITY,
        last_px=PRICE,
        currency=USDT,
        corrects=TradeId("T-1"),
    ),
    OrderFillVoided(**VENUE, trade_id=TradeId("T-1"), reason="busted"),
    PositionOpened(**POSITION),
    PositionChanged(**POSITION, avg_px_close=Decimal("0.1")),
    PositionClosed(**POSITION, closing_order_id=ClientOrderId("O-2"), ts_closed=NOW, duration_ns=7),
    AccountState(
        event_id="A-1",
        ts_event=0,
        ts_init=NOW,
        account_id=ACCOUNT,
        account_type=AccountType.MARGIN,
        base_currency=USDT,
        reported=False,
        balances=(AccountBalance(Money(Decimal(3), USDT), Money(Decimal(1), USDT), Money(Decimal(2), USDT)),),
        margins=(MarginBalance(Money(Decimal(1), OWN_COIN), Money(Decimal("0.5"), OWN_COIN), "BTCUSDT.SIM"),),
    ),
    PAIR,
    PERPETUAL,
    *OTHER_INSTRUMENTS,
    PositionHeader(
        position_id=PositionId("P-1"),
        instrument_id=INSTRUMENT,
        strategy_id=STRATEGY,
        trader_id=TRADER,
        account_id=ACCOUNT,
    ),
    Tombstone(
        client_order_id="O-1",
        venue_order_ids=("V-1", "V-2"),
        instrument_id=INSTRUMENT,
        trade_ids=("T-1",),
        filled_qty=Decimal("1.500"),
        inferred_qty=Decimal("0.5"),
        ts_last=NOW,
        ts_purged=NOW + 1,
        is_told=True,
        is_deleted=True,
    ),
]


@pytest.fixture(params=SAMPLES, ids=lambda sample: type(sample).__name__)
def sample(request: pytest.FixtureRequest) -> Any:
    """One record of each kind that is stored."""
    return request.param


@pytest.fixture
def samples() -> list[Any]:
    return list(SAMPLES)


@pytest.fixture
def instrument() -> CurrencyPair:
    return PAIR
