"""Reservations: what orders of cash accounts lock, whether the venue says it or not."""

from __future__ import annotations

from typing import Any

from nautilus_live.core import order_lifecycle
from nautilus_live.model.enums import AccountType, OrderType
from nautilus_live.model.events import OrderAccepted, OrderCanceled, OrderSubmitted
from nautilus_live.model.identifiers import Venue
from nautilus_live.model.instruments import CurrencyPair, Equity
from nautilus_live.model.objects import Currency, Price
from nautilus_live.model.orders import Order
from tests.core.conftest import BTC, SPOT, STRATEGY, USDT, make_event, make_fill, make_order, money, px
from tests.engine.test_portfolio_money import SIM, Desk


def place(desk: Desk, name: str, side: str, quantity: str, price: str | None) -> Order:
    """Let an order be on its way."""
    order = make_order(name, side, quantity, price)
    desk.cache.add_order(order)
    happen(desk, order, OrderSubmitted)
    return order


def happen(desk: Desk, order: Order, kind: Any, **fields: Any) -> None:
    event = make_fill(order, **fields) if kind is None else make_event(kind, order, **fields)
    order_lifecycle.apply(order, event)
    desk.cache.update_order(order)
    desk.bus.publish(f"events.order.{STRATEGY}", event)


def test_what_orders_lock_is_known_though_the_venue_never_says_it() -> None:
    desk = Desk(SPOT)
    desk.state("1000 USDT", "5 BTC", account_type=AccountType.CASH)
    account = desk.portfolio.account(SIM)
    assert account is not None
    buy = place(desk, "O-1", "BUY", "2", "100")
    place(desk, "O-2", "SELL", "3", "120")
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("200"), BTC: money("3", BTC)}
    happen(desk, buy, OrderAccepted)
    happen(desk, buy, None, quantity="0.5", price="100")
    assert (account.balance_locked(USDT), account.balance_free(USDT)) == (money("150"), money("850"))
    desk.state("950 USDT", account_type=AccountType.CASH, ts=1)
    assert account.balance_free(USDT) == money("800"), "a snapshot drops no reservation"
    happen(desk, buy, None, quantity="1.5", price="100")
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("0"), BTC: money("3", BTC)}
    assert desk.portfolio.balances_locked(Venue("ELSEWHERE")) == {}


def test_who_sells_a_share_locks_no_money() -> None:
    share = Equity(
        **{name: getattr(SPOT, name) for name in ("id", "raw_symbol", "price_precision", "price_increment")},
        quote_currency=USDT,
    )
    desk = Desk(share)
    desk.state("1000 USDT", account_type=AccountType.CASH)
    place(desk, "O-1", "SELL", "10", "230")
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("0")}
    place(desk, "O-2", "BUY", "2", "100")
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("200")}


def test_a_stop_that_trails_is_reserved_for_until_the_venue_has_it() -> None:
    desk = Desk(SPOT)
    desk.state("1000 USDT", account_type=AccountType.CASH)
    stop = make_order("O-1", "BUY", "2", None, order_type=OrderType.TRAILING_STOP_MARKET, trigger_price=px("100"))
    desk.cache.add_order(stop)
    happen(desk, stop, OrderSubmitted)
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("200")}
    happen(desk, stop, OrderAccepted)
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("0")}, "where its trigger is, the venue knows"


def test_what_is_reserved_is_rounded_once_as_a_venue_does_it() -> None:
    yen = CurrencyPair(
        **{
            name: getattr(SPOT, name)
            for name in ("id", "raw_symbol", "size_precision", "size_increment", "base_currency")
        },
        quote_currency=Currency.from_str("JPY"),
        price_precision=1,
        price_increment=Price.from_str("0.1"),
    )
    desk = Desk(yen)
    desk.state("100000 JPY", account_type=AccountType.CASH)
    first = place(desk, "O-1", "BUY", "1", "150.6")
    place(desk, "O-2", "BUY", "1", "150.6")
    locked = desk.portfolio.balances_locked(SIM)[Currency.from_str("JPY")]
    assert str(locked) == "301 JPY", "and not 151 twice"
    happen(desk, first, OrderCanceled)
    assert str(desk.portfolio.balances_locked(SIM)[Currency.from_str("JPY")]) == "151 JPY"


def test_orders_of_the_life_before_are_reserved_for_when_the_account_is_first_seen() -> None:
    desk = Desk(SPOT)
    place(desk, "O-1", "BUY", "2", "100")
    place(desk, "O-2", "BUY", "2", None)
    desk.state("1000 USDT", account_type=AccountType.CASH)
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("200")}


def test_a_margin_account_reserves_nothing_and_listens_to_nothing() -> None:
    desk = Desk(SPOT)
    desk.state("1000 USDT")
    place(desk, "O-1", "BUY", "2", "100")
    assert desk.portfolio.balances_locked(SIM) == {USDT: money("0")}
    assert not desk.bus.has_subscribers("events.order.S-001")
