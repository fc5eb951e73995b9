"""Books of our own orders: places, sums, filters."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.book import OwnBookOrder, OwnOrderBook
from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, StrategyId, TraderId
from nautilus_live.model.objects import Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")


def own(
    name: str,
    side: str = "BUY",
    price: str = "100",
    size: str = "1",
    status: OrderStatus = OrderStatus.ACCEPTED,
    accepted: int = 10,
) -> OwnBookOrder:
    return OwnBookOrder(
        trader_id=TraderId("T-1"),
        strategy_id=StrategyId("S-1"),
        client_order_id=ClientOrderId(name),
        venue_order_id=None,
        side=OrderSide[side],
        price=Price.from_str(price),
        size=Quantity.from_str(size),
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        status=status,
        ts_last=accepted,
        ts_accepted=accepted,
        ts_submitted=1,
        ts_init=1,
    )


def book_of(*orders: OwnBookOrder) -> OwnOrderBook:
    book = OwnOrderBook(BTC)
    for order in orders:
        book.add(order)
    return book


def names(book: OwnOrderBook) -> str:
    bids = " ".join(map(str, book.bid_client_order_ids()))
    return f"{bids} | {' '.join(map(str, book.ask_client_order_ids()))}"


def test_the_best_price_comes_first_and_the_first_to_come_within_it() -> None:
    book = book_of(own("A"), own("B", price="101"), own("C"), own("D", "SELL", "103"), own("E", "SELL", "102"))

    assert names(book) == "B A C | E D"
    assert (len(book), book.update_count, book.ts_last) == (5, 5, 10)
    assert book.bid_quantity() == {Decimal(101): Decimal(1), Decimal(100): Decimal(2)}
    assert book.ask_quantity(depth=1) == {Decimal(102): Decimal(1)}
    assert book.pprint(1).split() == ["102", "1", "1", "101"]


def test_a_change_keeps_the_place_unless_the_price_moves() -> None:
    book = book_of(own("A"), own("B"))
    book.update(own("A", size="5"))
    assert names(book) == "A B | "
    book.update(own("A", price="99"))
    book.update(own("A", price="100"))
    assert names(book) == "B A | "
    book.update(own("A", "SELL"))
    assert names(book) == "B | A"


def test_an_order_leaves_by_its_id_whatever_has_changed() -> None:
    book = book_of(own("A"), own("B"))
    book.delete(own("A", price="1"))
    assert (names(book), book.is_order_in_book(ClientOrderId("A"))) == ("B | ", False)
    assert book.remove(ClientOrderId("A")) is None
    with pytest.raises(ValueError, match=r"A: must be in the book of BTCUSDT\.SIM, was not"):
        book.delete(own("A"))
    book.clear()
    assert (names(book), book.bid_quantity()) == (" | ", {})


def test_status_and_the_accepted_buffer_leave_out_what_the_venue_cannot_show_yet() -> None:
    book = book_of(own("A", accepted=10), own("B", accepted=50), own("C", status=OrderStatus.SUBMITTED, accepted=0))

    assert book.bid_quantity(status={OrderStatus.ACCEPTED}) == {Decimal(100): Decimal(2)}
    assert book.bid_quantity(accepted_buffer_ns=20, ts_now=60) == {Decimal(100): Decimal(1)}
    assert [order.client_order_id.value for order in book.bids_to_dict({OrderStatus.SUBMITTED})[Decimal(100)]] == ["C"]
    assert book.asks_to_dict() == {}
    with pytest.raises(ValueError, match="accepted_buffer_ns must come with ts_now, was 20 without it"):
        book.bid_quantity(accepted_buffer_ns=20)


def test_the_ecosystems_audit_takes_out_whatever_is_not_open() -> None:
    book = book_of(own("A"), own("B"), own("C", "SELL"))

    assert book.audit_open_orders({ClientOrderId("B")}) == [ClientOrderId("A"), ClientOrderId("C")]
    assert names(book) == "B | "
    assert own("A", "SELL", "3", "2").exposure() == Decimal(6)
    assert own("A", "SELL", "3", "2").signed_size() == Decimal(-2)
