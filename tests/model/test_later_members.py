"""What later releases of the ecosystem ask of values: fills that would come, margins of an account, conversions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.accounts import MarginAccount
from nautilus_live.model.bars import BarType
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import BookOrder
from nautilus_live.model.enums import AccountType, BookType, InstrumentClass, OrderSide, OrderType
from nautilus_live.model.events import AccountState, OrderFilled, OrderInitialized
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
)
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity
from nautilus_live.model.orders import Order, order_from
from nautilus_live.model.position import Position
from nautilus_live.model.updates import FundingRateUpdate
from sandbox_venues.instruments import instrument

BTC = InstrumentId.from_str("BTCUSDT.SIM")
USD, USDT = Currency.from_str("USD"), Currency.from_str("USDT")
WHOSE: Any = {
    "trader_id": TraderId("T-1"),
    "strategy_id": StrategyId("S-1"),
    "instrument_id": BTC,
    "client_order_id": ClientOrderId("O-1"),
    "event_id": "E-1",
    "ts_event": 1,
    "ts_init": 2,
}


def order(side: str, size: str, price: str | None = None) -> Order:
    limit = None if price is None else Price.from_str(price)
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    asked = {"order_side": OrderSide[side], "order_type": kind, "quantity": Quantity.from_str(size), "price": limit}
    return order_from(OrderInitialized(**WHOSE, **asked))


def book(kind: BookType) -> OrderBook:
    made = OrderBook(BTC, kind)
    standing = [("BUY", "99.0", "1.0"), ("BUY", "98.0", "5.0"), ("SELL", "101.0", "1.0")]
    standing += [("SELL", "102.0", "2.0"), ("SELL", "102.0", "3.0")] if kind is BookType.L3_MBO else []
    standing += [("SELL", "102.0", "5.0")] if kind is BookType.L2_MBP else []
    for number, (side, price, size) in enumerate(standing, 1):
        made.add(BookOrder(OrderSide[side], Price.from_str(price), Quantity.from_str(size), number), 1)
    return made


@pytest.mark.parametrize(
    ("kind", "asked", "aggressive", "fills"),
    [
        (BookType.L2_MBP, ("BUY", "2.5"), True, ["101.0 1.0", "102.0 1.5"]),
        (BookType.L3_MBO, ("BUY", "3.5"), True, ["101.0 1.0", "102.0 2.0", "102.0 0.5"]),
        (BookType.L2_MBP, ("BUY", "9.0"), True, ["101.0 1.0", "102.0 5.0"]),
        (BookType.L2_MBP, ("SELL", "2.0"), True, ["99.0 1.0", "98.0 1.0"]),
        (BookType.L2_MBP, ("BUY", "2.0", "101.0"), False, ["101.0 1.0"]),
        (BookType.L2_MBP, ("BUY", "2.0", "101.0"), True, ["101.0 1.0", "102.0 1.0"]),
        (BookType.L2_MBP, ("BUY", "2.0", "100.0"), False, []),
        (BookType.L3_MBO, ("SELL", "1.5", "98.5"), False, ["99.0 1.0"]),
    ],
)
def test_a_book_tells_what_an_order_would_get(kind: BookType, asked: Any, aggressive: bool, fills: list[str]) -> None:
    made = book(kind)
    before = made.asks_to_dict()
    found = made.simulate_fills(order(*asked), 1, 1, aggressive)
    assert [f"{price} {size}" for price, size in found] == fills
    assert made.asks_to_dict() == before


def test_what_has_no_price_to_bind_it_is_aggressive() -> None:
    with pytest.raises(ValueError, match="O-1: must have a price or be aggressive, was MARKET"):
        book(BookType.L2_MBP).simulate_fills(order("BUY", "1.0"), 1, 1, is_aggressive=False)


def test_margins_of_an_account_as_a_whole_are_told_beside_those_of_instruments() -> None:
    def margin(initial: int, currency: Currency, name: str = "") -> MarginBalance:
        return MarginBalance(Money(initial, currency), Money(initial // 2, currency), name)

    zero = AccountBalance(*(Money(number, USDT) for number in (100, 0, 100)))
    state = AccountState(
        event_id="E-1",
        ts_event=1,
        ts_init=1,
        account_id=AccountId("SIM-001"),
        account_type=AccountType.MARGIN,
        balances=(zero,),
        margins=(margin(10, USDT), margin(4, USD), margin(6, USDT, "BTCUSDT.SIM")),
    )
    account = MarginAccount(state)

    assert account.account_margins() == {USDT: margin(10, USDT), USD: margin(4, USD)}
    assert account.account_margins_init() == {USDT: Money(10, USDT), USD: Money(4, USD)}
    assert account.account_margins_maint() == {USDT: Money(5, USDT), USD: Money(2, USD)}
    assert account.margin_for_currency(USD) == margin(4, USD)
    assert (account.margin_init_for_currency(USD), account.margin_maint_for_currency(USD)) == (
        Money(4, USD),
        Money(2, USD),
    )
    assert (account.total_margin_init(USDT), account.total_margin_maint(USDT)) == (Money(16, USDT), Money(8, USDT))
    account.clear_account_margin(USDT)
    assert account.margin_for_currency(USDT) is account.margin_init_for_currency(USDT) is None
    assert account.total_margin_init(USDT) == Money(6, USDT)
    assert account.margins() == {BTC: margin(6, USDT, "BTCUSDT.SIM")}


def test_a_position_is_valued_in_another_currency() -> None:
    pair = instrument("BTCUSDT", "SIM")
    position = Position(pair, PositionId("P"), StrategyId("S-1"), TraderId("T-1"), AccountId("SIM-001"))
    position.net_qty = Decimal(2)
    price, rate = Price.from_str("100.00"), Price.from_str("0.9")
    euro = Currency.from_str("EUR")
    assert position.notional_value(price) == Money(200, USDT)
    assert position.notional_value(price, euro, rate) == Money(180, euro)
    assert position.cross_notional_value(price, rate, Price.from_str("90"), euro) == Money(180, euro)
    assert (position.instrument_class, position.is_spot_currency) == (InstrumentClass.SPOT, True)


def test_a_fill_is_known_by_trade_side_size_and_price() -> None:
    made = order("BUY", "2.0", "100.0")
    facts: Any = {
        "trade_id": TradeId("X"),
        "order_side": OrderSide.BUY,
        "order_type": OrderType.LIMIT,
        "last_qty": Quantity.from_str("1.0"),
        "last_px": Price.from_str("100.0"),
        "currency": USDT,
    }
    fill = OrderFilled(**WHOSE, **facts)
    assert not made.is_duplicate_fill(fill)
    made.fills[fill.trade_id] = fill
    assert made.is_duplicate_fill(fill)
    assert not made.is_duplicate_fill(OrderFilled(**WHOSE, **facts | {"last_px": Price.from_str("101.0")}))


def test_bar_types_that_differ_in_who_makes_the_bars_share_a_key() -> None:
    inside, outside = (BarType.from_str(f"BTCUSDT.SIM-1-MINUTE-LAST-{by}") for by in ("INTERNAL", "EXTERNAL"))
    assert inside.id_spec_key() == outside.id_spec_key() == (BTC, inside.spec)


def test_a_funding_rate_says_how_often_is_paid() -> None:
    update = FundingRateUpdate(BTC, Decimal("0.0001"), 1, 2, interval=480)
    assert (update.interval, update.next_funding_ns) == (480, None)
    assert FundingRateUpdate.from_dict(update.to_dict()) == update
