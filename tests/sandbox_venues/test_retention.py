"""Retention: a venue that forgets, and whose books agree all the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import OrderSide, OrderType, TimeInForce
from nautilus_live.model.identifiers import AccountId, ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import GetOrder, Page, PlaceOrder, Refusal
from sandbox_venues.profiles import profile
from sandbox_venues.venue import Venue, VenueConfig

SECOND = 1_000_000_000
BTC = instrument("BTCUSDT-PERP", "SIM")
ACCOUNT = AccountId("SIM-001")


def keeping(secs: float | None = 60.0) -> Venue:
    venue = Venue(VenueConfig(name="SIM", profile=profile(books_keep_secs=secs)), [BTC])
    venue.set_book("BTCUSDT-PERP", bids=[("49990", "1000")], asks=[("50000", "1000")], now_ns=0)
    return venue


def place(
    venue: Venue, name: str, at_s: float, side: str = "BUY", price: str | None = "50000", quantity: str = "1"
) -> None:
    command = PlaceOrder(
        account_id=ACCOUNT,
        instrument_id=BTC.id,
        client_order_id=ClientOrderId(name),
        side=OrderSide[side],
        order_type=OrderType.LIMIT if price else OrderType.MARKET,
        time_in_force=TimeInForce.GTC,
        quantity=Quantity(Decimal(quantity), BTC.size_precision),
        price=Price(Decimal(price), BTC.price_precision) if price else None,
    )
    answer = venue.handle(command, round(at_s * SECOND)).answer
    assert not isinstance(answer, Refusal), answer


def names(venue: Venue) -> list[str]:
    return [str(report.client_order_id) for report in venue.orders()]


def test_closed_orders_go_with_their_fills_and_open_ones_stay() -> None:
    venue = keeping()
    place(venue, "O-1", 1)
    place(venue, "RESTS", 1, price="40000")
    place(venue, "O-2", 50)
    place(venue, "O-3", 70)
    assert names(venue) == ["RESTS", "O-2", "O-3"]
    assert [str(fill.client_order_id) for fill in venue.fills()] == ["O-2", "O-3"]
    venue.check()
    query = GetOrder(account_id=ACCOUNT, instrument_id=BTC.id, client_order_id=ClientOrderId("O-1"))
    assert venue.query(query, 70 * SECOND) == Page()


def test_balances_and_positions_are_what_they_would_be() -> None:
    forgetful, faithful = keeping(), keeping(None)
    for venue in (forgetful, faithful):
        for number in range(60):
            place(venue, f"O-{number}", number * 7, "SELL" if number % 3 == 2 else "BUY", None, str(number % 5 + 1))
        venue.check()
    assert len(forgetful.orders()) < 20 < len(faithful.orders()) == 60
    assert forgetful.balances() == faithful.balances()
    assert forgetful.positions() == faithful.positions()


def test_a_bust_after_a_purge_takes_back_what_the_trade_brought_and_no_more() -> None:
    forgetful, faithful = keeping(), keeping(None)
    for venue in (forgetful, faithful):
        place(venue, "O-1", 1, "BUY", None, "2")
        place(venue, "O-2", 2, "SELL", None, "1")
        place(venue, "O-3", 100, "SELL", None, "1")
        venue.bust("O-3", str(venue.fills()[-1].trade_id), now_ns=101 * SECOND)
        venue.check()
    assert names(forgetful) == ["O-3"]
    assert forgetful.positions() == faithful.positions()
    assert forgetful.balances() == faithful.balances()


def test_a_position_that_was_set_stays_set() -> None:
    venue = keeping()
    place(venue, "O-1", 1)
    venue.set_position("BTCUSDT-PERP", "5", "49000", now_ns=2 * SECOND)
    place(venue, "O-2", 100)
    assert names(venue) == ["O-2"]
    venue.check()
    (position,) = venue.positions()
    assert position.signed_qty == Decimal(6)


def test_what_traded_after_an_order_that_still_works_is_kept_for_a_bust_of_that_one() -> None:
    forgetful, faithful = keeping(), keeping(None)
    for venue in (forgetful, faithful):
        place(venue, "WORKS", 1, price="49995", quantity="50")
        venue.add_liquidity("BTCUSDT-PERP", "SELL", "49995", "1", now_ns=2 * SECOND)
        for number in range(20):
            place(venue, f"O-{number}", 3 + number * 10, "SELL" if number % 2 else "BUY", None, "2")
            venue.check()
        trade_id = next(fill.trade_id for fill in venue.fills() if str(fill.client_order_id) == "WORKS")
        venue.bust("WORKS", str(trade_id), now_ns=300 * SECOND)
        venue.check()
    assert forgetful.positions() == faithful.positions()
    assert forgetful.balances() == faithful.balances()


def test_a_child_outlives_the_memory_of_its_parent() -> None:
    venue = keeping()
    place(venue, "E", 1)
    command = PlaceOrder(
        account_id=ACCOUNT,
        instrument_id=BTC.id,
        client_order_id=ClientOrderId("TP"),
        parent_order_id=ClientOrderId("E"),
        side=OrderSide.SELL,
        quantity=Quantity(Decimal(1), BTC.size_precision),
        price=Price(Decimal(60000), BTC.price_precision),
    )
    venue.handle(command, 2 * SECOND)
    place(venue, "O-2", 100)
    venue.check()
    assert names(venue) == ["TP", "O-2"]


def test_forgotten_orders_are_in_no_circle_so_that_they_are_freed_at_once() -> None:
    venue = keeping()
    place(venue, "O-1", 1)
    order = venue._orders[0]
    assert order.fills[0].order is order
    place(venue, "O-2", 100)
    assert order.fills == []


def test_a_negative_time_is_refused() -> None:
    with pytest.raises(ValueError, match="books_keep_secs must be at least 0"):
        profile(books_keep_secs=-1.0)
