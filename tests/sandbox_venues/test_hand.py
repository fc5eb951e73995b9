"""What a script can make happen at a venue: all of it true, all of it in the books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import LiquiditySide, OrderStatus, OrderType


def said(messages):
    return [m.label for m in messages if hasattr(m, "what")]


def test_a_trade_takes_its_price_from_the_order_else_the_book_else_the_last_trade(floor):
    bench = floor(market_remainder="wait")
    bench.place("L", price="100.00")
    bench.do("trade", "L")
    bench.place("M", price=None)
    bench.do("trade", "M", "0.4")
    bench.do("trade", "M", "0.1", "105", "X-1", "0.5 USDT", "MAKER")

    fills = bench.venue.fills()
    assert [str(f.last_px) for f in fills] == ["100.00", "100.00", "105.00"]
    assert (str(fills[2].trade_id), str(fills[2].commission)) == ("X-1", "0.50000000 USDT")
    assert [f.liquidity_side for f in fills] == [LiquiditySide.MAKER, LiquiditySide.TAKER, LiquiditySide.MAKER]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"quantity": "1.5"}, "within the 0.600 left"),
        ({"quantity": "0"}, "within"),
        ({"quantity": "0.1", "trade_id": "T-1"}, "new to its order"),
        ({"order": "O-2"}, "must be known"),
    ],
)
def test_an_impossible_trade_is_an_error_and_nothing_happens(floor, arguments, reason):
    bench = floor()
    bench.place("O-1")
    bench.do("trade", "O-1", "0.4")
    before = bench.venue.orders()
    with pytest.raises(ValueError, match=reason):
        bench.do("trade", **({"order": "O-1"} | arguments))

    assert bench.venue.orders() == before
    bench.venue.check()


def test_overfills_and_late_fills_happen_only_when_asked_for(floor):
    bench = floor()
    bench.place("O-1")
    bench.do("trade", "O-1", "1.5", overfill=True)
    assert str(bench.report("O-1").filled_qty) == "1.500"
    bench.place("O-2")
    bench.do("cancel", "O-2")
    with pytest.raises(ValueError, match="open order"):
        bench.do("trade", "O-2", "0.4")
    bench.do("trade", "O-2", "0.4", late=True)
    assert bench.report("O-2").order_status is OrderStatus.CANCELED
    bench.do("trade", "O-2", "0.6", late=True)
    assert bench.report("O-2").order_status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("action", "status"),
    [("cancel", OrderStatus.CANCELED), ("expire", OrderStatus.EXPIRED), ("reject", OrderStatus.REJECTED)],
)
def test_a_venue_can_end_an_open_order_once(floor, action, status):
    bench = floor()
    bench.place("O-1")
    messages = bench.do(action, "O-1", "BECAUSE")

    assert said(messages) == [action]
    assert messages[0].reason == "BECAUSE"
    assert bench.report("O-1").order_status is status
    with pytest.raises(ValueError, match="must be open"):
        bench.do(action, "O-1")


def test_a_venue_can_amend_an_order_and_give_it_another_id(floor):
    bench = floor()
    bench.place("O-1")
    bench.do("amend", "O-1", quantity="2", price="49000")
    bench.do("amend", "O-1", venue_order_id="X-9")
    report = bench.report("O-1")

    assert (str(report.quantity), str(report.price), str(report.venue_order_id)) == ("2.000", "49000.00", "X-9")
    with pytest.raises(ValueError, match="above the filled"):
        bench.do("amend", "O-1", quantity="0")


@pytest.mark.parametrize(
    ("more", "status", "messages"),
    [
        ({}, OrderStatus.ACCEPTED, ["ack"]),
        ({"fills": [("0.4", "100")]}, OrderStatus.PARTIALLY_FILLED, ["ack", "fill"]),
        ({"fills": [("1", "100")]}, OrderStatus.FILLED, ["ack", "fill"]),
        ({"fills": [("0.4", "100")], "status": "CANCELED"}, OrderStatus.CANCELED, ["ack", "fill", "cancel"]),
        ({"status": "REJECTED"}, OrderStatus.REJECTED, ["reject"]),
        ({"order_type": "MARKET", "price": None, "fills": [("1", "99")]}, OrderStatus.FILLED, ["ack", "fill"]),
        ({"order_type": "STOP_LIMIT", "trigger_price": "110"}, OrderStatus.ACCEPTED, ["ack"]),
    ],
)
def test_external_orders_come_in_any_state(floor, more, status, messages):
    bench = floor()
    happened = bench.do("external_order", "BTCUSDT", "BUY", "1", **({"price": "100"} | more))
    report = bench.venue.orders()[0]

    assert said(happened) == messages
    assert (report.order_status, report.client_order_id) == (status, None)


def test_a_position_can_be_there_without_any_order(floor):
    bench = floor()
    bench.do("set_position", "BTCUSDT", "-1.5", "100")
    bench.place("O-1", price="90.00")
    bench.do("trade", "O-1", commission="0 USDT")
    position = bench.venue.positions()[0]

    assert (position.signed_qty, position.avg_px_open) == (Decimal("-0.5"), Decimal(100))
    assert bench.venue.balances()[0].total.value == Decimal(10_000_010)


def test_a_liquidation_closes_positions_with_the_venues_own_order(floor):
    bench = floor()
    bench.do("set_position", "BTCUSDT", "1.5", "100")
    bench.do("liquidate", "BTCUSDT", "80", "0.5")
    bench.do("liquidate", "BTCUSDT", "70")
    orders = bench.venue.orders()

    assert [(str(o.client_order_id), o.order_type, str(o.filled_qty)) for o in orders] == [
        ("autoclose-1", OrderType.MARKET, "0.500"),
        ("autoclose-2", OrderType.MARKET, "1.000"),
    ]
    assert bench.venue.positions()[0].signed_qty == 0
    with pytest.raises(ValueError, match="must be a position"):
        bench.do("liquidate", "BTCUSDT", "70")


@pytest.mark.parametrize("account_type", ["MARGIN", "CASH"])
def test_a_busted_trade_is_as_if_it_had_never_been(floor, account_type):
    bench = floor(account_type=account_type)
    bench.place("A", price="100.00")
    bench.do("trade", "A")
    bench.place("B", side="SELL", price="110.00")
    bench.do("trade", "B", "0.4")
    before = bench.venue.balances(), bench.venue.positions()[0].signed_qty
    bench.do("trade", "B", "0.3", trade_id="X")
    messages = bench.do("bust", "B", "X")

    assert said(messages) == ["bust"]
    assert (bench.venue.balances(), bench.venue.positions()[0].signed_qty) == before
    assert str(bench.report("B").filled_qty) == "0.400"
    with pytest.raises(ValueError, match="must be one of T-2"):
        bench.do("bust", "B", "X")


def test_a_conditional_order_can_be_triggered_by_hand(floor):
    bench = floor()
    bench.do("external_order", "BTCUSDT", "BUY", "1", "100", "STOP_LIMIT", "110", client_order_id="S")
    assert said(bench.do("trigger", "S")) == ["trigger"]
    assert bench.report("S").order_status is OrderStatus.TRIGGERED
    with pytest.raises(ValueError, match="untriggered"):
        bench.do("trigger", "S")


def test_a_deposit_changes_what_there_is(floor):
    bench = floor()
    bench.do("deposit", "5 USDT")

    assert bench.venue.balances()[0].total.value == Decimal(10_000_005)


def test_a_crossed_scripted_book_is_an_error(floor):
    with pytest.raises(ValueError, match="bids must be below asks"):
        floor().do("set_book", "BTCUSDT", bids=[("101", "1")], asks=[("100", "1")])
