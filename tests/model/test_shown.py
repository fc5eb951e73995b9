"""How values read in logs: the forms that readers of the ecosystem's logs know."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model import events, orders
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.commands import CancelOrder, SubmitOrder
from nautilus_live.model.custom_data import CustomData, DataType
from nautilus_live.model.data import BookOrder, OrderBookDelta, OrderBookDeltas, QuoteTick, TradeTick
from nautilus_live.model.enums import (
    AccountType,
    AggressorSide,
    AssetClass,
    BookAction,
    LiquiditySide,
    MarketStatusAction,
    OrderSide,
    OrderType,
    PositionSide,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.instruments import CurrencyPair, FuturesContract
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity
from nautilus_live.model.shown import FORMS, line_of
from nautilus_live.model.updates import FundingRateUpdate, InstrumentStatus, MarkPriceUpdate
from nautilus_live.trading.clock import TimeEvent

BTC = InstrumentId.from_str("BTCUSDT.SIM")
USD, USDT = Currency.from_str("USD"), Currency.from_str("USDT")
WHOSE: Any = {"trader_id": TraderId("T-1"), "strategy_id": StrategyId("S-1"), "instrument_id": BTC}
WHOSE_ORDER: Any = {**WHOSE, "client_order_id": ClientOrderId("O-1")}
EVENT: Any = {**WHOSE_ORDER, "event_id": "E-1", "ts_event": 1, "ts_init": 2, "account_id": AccountId("SIM-001")}
AT_VENUE: Any = {**EVENT, "venue_order_id": VenueOrderId("V-1")}
ABOUT = "instrument_id=BTCUSDT.SIM, client_order_id=O-1"
BEFORE = f"trader_id=T-1, strategy_id=S-1, {ABOUT}"


def px(text: str) -> Price:
    return Price.from_str(text)


def qty(text: str) -> Quantity:
    return Quantity.from_str(text)


def asked(kind: OrderType, **fields: Any) -> orders.Order:
    init = events.OrderInitialized(
        **WHOSE_ORDER,
        event_id="E-1",
        ts_event=1,
        ts_init=1,
        order_side=OrderSide.BUY,
        order_type=kind,
        quantity=qty("1.500"),
        **fields,
    )
    return orders.order_from(init)


BID = BookOrder(OrderSide.BUY, px("1.0"), qty("2"), 7)
DELTA = OrderBookDelta(BTC, BookAction.ADD, BID, 0, 5, 10, 20)
DELTA_LINE = (
    "OrderBookDelta(instrument_id=BTCUSDT.SIM, action=ADD, order=BookOrder(side=BUY, price=1.0, size=2, order_id=7),"
    " flags=0, sequence=5, ts_event=10, ts_init=20)"
)
QUOTE = QuoteTick(BTC, px("1.0"), px("1.5"), qty("1"), qty("2"), 10, 20)
BALANCE = AccountBalance(*(Money(number, USD) for number in (10, 4, 6)))
LIMIT = asked(OrderType.LIMIT, price=px("1000.0"))
LIMIT_LINE = (
    "LimitOrder(BUY 1.500 BTCUSDT.SIM LIMIT @ 1_000.0 GTC, status=INITIALIZED, client_order_id=O-1,"
    " venue_order_id=None, position_id=None, tags=None)"
)

LINES: dict[str, tuple[object, str]] = {
    "quote": (QUOTE, "BTCUSDT.SIM,1.0,1.5,1,2,10"),
    "trade": (
        TradeTick(BTC, px("1.0"), qty("2"), AggressorSide.BUYER, TradeId("1"), 10, 20),
        "BTCUSDT.SIM,1.0,2,BUYER,1,10",
    ),
    "bar": (
        Bar(BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL"), *map(px, "2412"), qty("10"), 10, 20),
        "BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL,2,4,1,2,10,10",
    ),
    "mark": (MarkPriceUpdate(BTC, px("1.5"), 1, 2), "BTCUSDT.SIM,1.5,1,2"),
    "funding": (
        FundingRateUpdate(BTC, Decimal("0.0001"), 1, 2),
        (
            "FundingRateUpdate(instrument_id=BTCUSDT.SIM, rate=0.0001, interval=None, next_funding_ns=None, ts_event=1,"
            " ts_init=2)"
        ),
    ),
    "delta": (DELTA, DELTA_LINE),
    "deltas": (
        OrderBookDeltas(BTC, [DELTA]),
        (
            f"OrderBookDeltas(instrument_id=BTCUSDT.SIM, [{DELTA_LINE}], is_snapshot=False, sequence=5, ts_event=10,"
            " ts_init=20)"
        ),
    ),
    "status": (
        InstrumentStatus(BTC, MarketStatusAction.HALT, 1, 2, reason="why"),
        (
            "InstrumentStatus(instrument_id=BTCUSDT.SIM, action=HALT, reason=why, trading_event=None, is_trading=None,"
            " is_quoting=None, is_short_sell_restricted=None, ts_event=1)"
        ),
    ),
    "custom": (
        CustomData(DataType(QuoteTick), QUOTE),
        "CustomData(data_type=QuoteTick, data=BTCUSDT.SIM,1.0,1.5,1,2,10)",
    ),
    "denied": (events.OrderDenied(**EVENT, reason="no"), f"OrderDenied({ABOUT}, reason='no')"),
    "accepted": (
        events.OrderAccepted(**AT_VENUE),
        f"OrderAccepted({ABOUT}, venue_order_id=V-1, account_id=SIM-001, ts_event=1)",
    ),
    "filled": (
        events.OrderFilled(
            **AT_VENUE,
            trade_id=TradeId("X"),
            order_side=OrderSide.BUY,
            order_type=OrderType.LIMIT,
            last_qty=qty("1"),
            last_px=px("100.00"),
            currency=USDT,
            commission=Money(1, USDT),
            liquidity_side=LiquiditySide.MAKER,
            position_id=PositionId("P-1"),
        ),
        (
            f"OrderFilled({ABOUT}, venue_order_id=V-1, account_id=SIM-001, trade_id=X, position_id=P-1, order_side=BUY,"
            " order_type=LIMIT, last_qty=1, last_px=100.00 USDT, commission=1.00000000 USDT, liquidity_side=MAKER,"
            " ts_event=1)"
        ),
    ),
    "state": (
        events.AccountState(
            event_id="E-1",
            ts_event=1,
            ts_init=2,
            account_id=AccountId("SIM-001"),
            account_type=AccountType.MARGIN,
            base_currency=USD,
            balances=(BALANCE,),
            margins=(MarginBalance(Money(1, USD), Money(2, USD), "BTCUSDT.SIM"),),
        ),
        (
            "AccountState(account_id=SIM-001, account_type=MARGIN, base_currency=USD, is_reported=True,"
            " balances=[AccountBalance(total=10.00 USD, locked=4.00 USD, free=6.00 USD)],"
            " margins=[MarginBalance(initial=1.00 USD, maintenance=2.00 USD, instrument_id=BTCUSDT.SIM)], event_id=E-1)"
        ),
    ),
    "position": (
        events.PositionOpened(
            **WHOSE,
            event_id="E-1",
            ts_event=1,
            ts_init=2,
            position_id=PositionId("P-1"),
            ts_opened=1,
            account_id=AccountId("SIM-001"),
            opening_order_id=ClientOrderId("O-1"),
            entry=OrderSide.BUY,
            side=PositionSide.LONG,
            signed_qty=Decimal("1.5"),
            quantity=qty("1.500"),
            peak_qty=qty("1.500"),
            last_qty=qty("1.500"),
            last_px=px("100.00"),
            currency=USDT,
            avg_px_open=Decimal(100),
            realized_pnl=Money(-1, USDT),
        ),
        (
            "PositionOpened(instrument_id=BTCUSDT.SIM, position_id=P-1, account_id=SIM-001, opening_order_id=O-1,"
            " closing_order_id=None, entry=BUY, side=LONG, signed_qty=1.5, quantity=1.500,"
            " peak_qty=1.500, currency=USDT,"
            " avg_px_open=100.0, avg_px_close=0.0, realized_return=0.00000, realized_pnl=-1.00000000 USDT,"
            " unrealized_pnl=0.00000000 USDT, ts_opened=1, ts_last=1, ts_closed=0, duration_ns=0)"
        ),
    ),
    "timer": (TimeEvent("t", "E-1", 1, 2), "t"),
    "limit": (LIMIT, LIMIT_LINE),
    "list": (
        orders.OrderList(orders.OrderListId("L"), [LIMIT]),
        f"OrderList(id=L, instrument_id=BTCUSDT.SIM, strategy_id=S-1, orders=[{LIMIT_LINE}])",
    ),
    "submit": (
        SubmitOrder(**WHOSE, command_id="C-1", ts_init=1, order=LIMIT),
        f"SubmitOrder(order={LIMIT_LINE}, position_id=None)",
    ),
    "pair": (
        CurrencyPair(BTC, Symbol("BTCUSDT"), Currency.from_str("BTC"), USDT, 2, 3, px("0.01"), qty("0.001"), 0, 0),
        (
            "CurrencyPair(id=BTCUSDT.SIM, raw_symbol=BTCUSDT, asset_class=CRYPTOCURRENCY, instrument_class=SPOT,"
            " quote_currency=USDT, is_inverse=False, price_precision=2, price_increment=0.01, size_precision=3,"
            " size_increment=0.001, multiplier=1, lot_size=None, margin_init=0, margin_maint=0,"
            " maker_fee=0, taker_fee=0,"
            " info=None)"
        ),
    ),
    "future": (
        FuturesContract(
            InstrumentId.from_str("ES.X"),
            Symbol("ES"),
            AssetClass.INDEX,
            USD,
            2,
            px("0.25"),
            qty("50"),
            qty("1"),
            "ES",
            0,
            1,
            0,
            0,
        ),
        (
            "FuturesContract(id=ES.X, raw_symbol=ES, asset_class=INDEX, instrument_class=FUTURE, exchange=None,"
            " quote_currency=USD, underlying=ES, activation=1970-01-01T00:00:00.000Z,"
            " expiration=1970-01-01T00:00:00.000Z,"
            " price_precision=2, price_increment=0.25, multiplier=50, lot_size=1, margin_init=0, margin_maint=0,"
            " maker_fee=0, taker_fee=0, info=None)"
        ),
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_value_reads_in_a_log_as_it_does_in_the_ecosystem(name: str) -> None:
    value, line = LINES[name]
    assert str(value) == line


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (QUOTE, "QuoteTick(BTCUSDT.SIM,1.0,1.5,1,2,10)"),
        (
            events.OrderAccepted(**AT_VENUE),
            f"OrderAccepted({BEFORE}, venue_order_id=V-1, account_id=SIM-001, event_id=E-1, ts_event=1, ts_init=2)",
        ),
        (events.OrderDenied(**EVENT, reason="no"), f"OrderDenied({BEFORE}, reason='no', event_id=E-1, ts_init=2)"),
        (
            CancelOrder(**WHOSE_ORDER, command_id="C-1", ts_init=1),
            f"CancelOrder(client_id=None, {BEFORE}, venue_order_id=None, command_id=C-1, ts_init=1)",
        ),
        (TimeEvent("t", "E-1", 1, 2), "TimeEvent(name=t, event_id=E-1, ts_event=1, ts_init=2)"),
        (
            LIMIT.init,
            (
                f"OrderInitialized({BEFORE}, side=BUY, type=LIMIT, quantity=1.500, time_in_force=GTC, post_only=False,"
                " reduce_only=False, quote_quantity=False, options={'price': '1000.0', 'display_qty': None,"
                " 'expire_time_ns': 0}, emulation_trigger=NO_TRIGGER, trigger_instrument_id=None,"
                " contingency_type=NO_CONTINGENCY, order_list_id=None, linked_order_ids=None, parent_order_id=None,"
                " exec_algorithm_id=None, exec_algorithm_params=None, exec_spawn_id=None, tags=None, event_id=E-1,"
                " ts_init=1)"
            ),
        ),
    ],
)
def test_in_full_it_says_all(value: object, line: str) -> None:
    assert repr(value) == line


LAST: Any = {"trigger_type": TriggerType.LAST_PRICE}
TRAIL: Any = {**LAST, "trailing_offset": Decimal("1.50"), "trailing_offset_type": TrailingOffsetType.TICKS}


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (asked(OrderType.MARKET), "MARKET GTC"),
        (asked(OrderType.MARKET_TO_LIMIT), "MARKET_TO_LIMIT @ None GTC"),
        (asked(OrderType.STOP_MARKET, trigger_price=px("1000"), **LAST), "STOP_MARKET @ 1_000[LAST_PRICE] GTC"),
        (
            asked(OrderType.LIMIT_IF_TOUCHED, price=px("1"), trigger_price=px("2"), **LAST),
            "LIMIT_IF_TOUCHED @ 2-STOP[LAST_PRICE] 1-LIMIT GTC",
        ),
        (
            asked(OrderType.TRAILING_STOP_MARKET, activation_price=px("5"), **TRAIL),
            "TRAILING_STOP_MARKET[LAST_PRICE] @ 5-ACTIVATION 1.50-TRAILING_OFFSET[TICKS] GTC",
        ),
        (
            asked(
                OrderType.TRAILING_STOP_LIMIT, price=px("1"), trigger_price=px("2"), limit_offset=Decimal(2), **TRAIL
            ),
            (
                "TRAILING_STOP_LIMIT[LAST_PRICE] @ 2-STOP [LAST_PRICE] 1-LIMIT 1.50-TRAILING_OFFSET[TICKS]"
                " 2-LIMIT_OFFSET[TICKS] GTC"
            ),
        ),
        (
            asked(OrderType.LIMIT, price=px("1"), emulation_trigger=TriggerType.BID_ASK),
            "LIMIT @ 1 GTC EMULATED[BID_ASK]",
        ),
    ],
)
def test_an_order_says_what_was_asked_for(order: orders.Order, said: str) -> None:
    assert order.info() == f"BUY 1.500 BTCUSDT.SIM {said}"


def test_a_kind_of_ones_own_reads_as_what_it_is_made_of() -> None:
    class Crossed(events.OrderAccepted, frozen=True, kw_only=True, gc=False, tag=True):
        level: int = 3

    assert str(Crossed(**AT_VENUE)).startswith("Crossed(instrument_id=BTCUSDT.SIM, ")
    assert line_of(DataType) == "type()"
    assert all(form for form in FORMS.values())
