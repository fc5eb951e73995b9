"""Phases, auctions and the calendar; who stands before whom, and what was taken already."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import OrderStatus, TimeInForce
from sandbox_venues.auction import auction_price
from sandbox_venues.calendar import DAY_NS, MONDAY_NS, Calendar

SYMBOL = "BTCUSDT"
HOUR_NS = 3_600_000_000_000
OPEN, CLOSE = TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE


def fills(bench):
    return [(str(f.client_order_id), str(f.last_qty), str(f.last_px)) for f in bench.venue.fills()]


# -- auctions


@pytest.mark.parametrize(
    ("buys", "sells", "reference", "expected"),
    [
        ([(101, 5)], [(99, 5)], None, 99),
        ([(101, 5)], [(99, 5)], 100, 100),
        ([(101, 5), (100, 10)], [(99, 8), (100, 4)], None, 100),
        ([(None, 5)], [(None, 5)], 100, 100),
        ([(None, 5)], [(None, 5)], None, None),
        ([(98, 5)], [(99, 5)], 100, None),
        ([(None, 5)], [(200, 1), (201, 9)], 100, 201),
    ],
)
def test_an_auction_finds_the_price_at_which_most_can_trade(buys, sells, reference, expected):
    def side(items):
        return [(None if price is None else Decimal(price), Decimal(size)) for price, size in items]

    found = auction_price(side(buys), side(sells), None if reference is None else Decimal(reference))
    assert found == (None if expected is None else Decimal(expected))


def test_before_the_open_orders_are_taken_and_not_matched(floor):
    bench = floor()
    bench.do("set_phase", SYMBOL, "pre_open")
    bench.place("S", side="SELL", price="100.00")
    bench.place("B", price="102.00", quantity="3.000")
    bench.place("M", side="SELL", price=None, quantity="1.000", time_in_force=OPEN)
    bench.do("add_liquidity", SYMBOL, "SELL", "101", "5")
    assert fills(bench) == []
    bench.do("set_phase", SYMBOL, "open")

    assert fills(bench) == [
        ("B", "1.000", "101.00"), ("M", "1.000", "101.00"), ("B", "1.000", "101.00"), ("S", "1.000", "101.00"),
        ("B", "1.000", "101.00"),
    ]  # fmt: skip
    market = next(iter(bench.venue._markets.values()))
    assert (market.ask, market.asks.size_at_best()) == (Decimal(101), Decimal(4))


def test_an_iceberg_takes_part_with_all_of_it_and_post_only_with_nothing(floor):
    from nautilus_live.model.objects import Quantity

    bench = floor()
    bench.do("set_phase", SYMBOL, "pre_open")
    bench.place("I", side="SELL", price="100.00", quantity="3.000", display_qty=Quantity.from_str("1.000"))
    bench.place("P", price="105.00", post_only=True)
    bench.place("B", price="100.00", quantity="2.500")
    bench.do("set_phase", SYMBOL, "open")

    assert fills(bench) == [("B", "2.500", "100.00"), ("I", "2.500", "100.00")]
    assert bench.report("P").cancel_reason == "POST_ONLY"


def test_in_a_halt_nothing_matches_and_cancels_work(floor):
    bench = floor()
    bench.do("set_book", SYMBOL, bids=[("99", "5")], asks=[("100", "5")])
    bench.do("set_phase", SYMBOL, "halted")
    bench.place("A", price="101.00")
    bench.place("B", price="101.00")
    assert bench.place("M", price=None).answer.code == "MARKET_CLOSED"
    bench.do("cancel", "B")
    assert fills(bench) == []
    bench.do("set_phase", SYMBOL, "open")

    assert fills(bench) == [("A", "1.000", "100.00")]


def test_a_closed_market_can_refuse_orders(floor):
    bench = floor(closed_orders="refuse")
    for phase, code in (("closed", "MARKET_CLOSED"), ("halted", "MARKET_CLOSED"), ("pre_open", "")):
        bench.do("set_phase", SYMBOL, phase)
        assert getattr(bench.place(phase).answer, "code", "") == code


def test_stops_are_not_triggered_before_the_market_trades(floor):
    from nautilus_live.model.enums import OrderType

    bench = floor()
    bench.do("set_phase", SYMBOL, "pre_open")
    bench.place("S", price=None, order_type=OrderType.STOP_MARKET, trigger_price="110.00")
    bench.do("set_price", SYMBOL, last="120")
    assert bench.report("S").ts_triggered == 0
    bench.do("set_phase", SYMBOL, "open")

    assert bench.report("S").ts_triggered == bench.now_ns


def test_day_orders_take_part_in_the_closing_auction_and_expire_after_it(floor):
    bench = floor()
    bench.place("D", price="100.00", quantity="2.000", time_in_force=TimeInForce.DAY)
    bench.place("C", side="SELL", price=None, time_in_force=CLOSE)
    bench.place("L", side="SELL", price="105.00", time_in_force=CLOSE)
    bench.do("set_phase", SYMBOL, "closed")

    assert fills(bench) == [("D", "1.000", "100.00"), ("C", "1.000", "100.00")]
    assert [bench.report(n).order_status for n in "DL"] == [OrderStatus.EXPIRED, OrderStatus.EXPIRED]


def test_an_unknown_phase_is_an_error(floor):
    with pytest.raises(ValueError, match="a phase must be one of pre_open, open, halted, closed, was 'lunch'"):
        floor().venue.set_phase(SYMBOL, "lunch", now_ns=1)


# -- the calendar


def test_a_calendar_says_the_phase_of_every_moment():
    calendar = Calendar(("MON-FRI 08:00 pre_open", "MON-FRI 09:00 open", "MON-FRI 17:30 closed"))
    monday = MONDAY_NS + 100 * 7 * DAY_NS

    assert calendar.phase_at(monday) == "closed"
    assert calendar.phase_at(monday + 8 * HOUR_NS) == "pre_open"
    assert calendar.phase_at(monday + 4 * DAY_NS + 17 * HOUR_NS) == "open"
    assert calendar.phase_at(monday + 5 * DAY_NS + 12 * HOUR_NS) == "closed"
    assert calendar.next_after(monday + 4 * DAY_NS + 18 * HOUR_NS) == monday + 7 * DAY_NS + 8 * HOUR_NS
    assert calendar.next_close(monday) == monday + 17 * HOUR_NS + HOUR_NS // 2


@pytest.mark.parametrize("entry", ["9:00 open", "09:00 lunch", "25:00 open", "FOO 09:00 open", "MON-X 09:00 open", ""])
def test_an_unreadable_entry_is_named(floor, entry):
    with pytest.raises(ValueError, match="calendar"):
        floor(calendar=(entry,))


def test_a_venue_opens_and_closes_by_its_calendar(floor):
    bench = floor(calendar=("09:00 open", "17:00 closed"))
    venue = bench.venue
    bench.place("D", price="100.00", time_in_force=TimeInForce.DAY)
    bench.place("S", side="SELL", price="100.00")
    assert (fills(bench), venue.next_expiry_ns()) == ([], 9 * HOUR_NS)
    venue.advance(9 * HOUR_NS)
    assert len(fills(bench)) == 2
    bench.now_ns = 9 * HOUR_NS
    bench.place("E", price="90.00", time_in_force=TimeInForce.DAY)
    assert venue.next_expiry_ns() == 17 * HOUR_NS
    venue.advance(17 * HOUR_NS)

    assert bench.report("E").order_status is OrderStatus.EXPIRED
    assert venue.next_expiry_ns() == 33 * HOUR_NS


# -- queues and liquidity


def test_a_resting_order_stays_behind_those_who_were_there_first(floor):
    bench = floor(queue_position=True)
    for _ in range(2):
        bench.do("set_book", SYMBOL, bids=[("100", "2")], asks=[("101", "2")])
        if _ == 0:
            bench.place("A", price="100.00")
    bench.do("print_trade", SYMBOL, "100", "1.5", "SELL")
    assert fills(bench) == []
    bench.do("set_book", SYMBOL, bids=[("100", "9")], asks=[("101", "2")])  # newcomers stand behind
    bench.do("print_trade", SYMBOL, "100", "1", "SELL")

    assert fills(bench) == [("A", "0.500", "100.00")]


def test_a_level_that_shrinks_lets_a_resting_order_move_up(floor):
    bench = floor(queue_position=True)
    bench.do("set_book", SYMBOL, bids=[("100", "5")])
    bench.place("A", price="100.00")
    bench.do("add_liquidity", SYMBOL, "BUY", "100", "1")
    bench.place("B", price="100.00")
    bench.do("set_book", SYMBOL, bids=[("100", "0.4")])
    bench.do("print_trade", SYMBOL, "100", "1.5", "SELL")

    assert fills(bench) == [("A", "1.000", "100.00"), ("B", "0.100", "100.00")]


def test_without_queue_positions_a_new_book_stands_behind(floor):
    bench = floor()
    bench.do("set_book", SYMBOL, bids=[("100", "2")])
    bench.place("A", price="100.00")
    bench.do("set_book", SYMBOL, bids=[("100", "2")])
    bench.do("print_trade", SYMBOL, "100", "1", "SELL")

    assert fills(bench) == [("A", "1.000", "100.00")]


def test_a_level_said_again_brings_nothing_that_was_taken(floor):
    bench = floor(book_refresh="changed")
    for number in range(3):
        bench.do("set_book", SYMBOL, asks=[("100", "1"), ("101", "4")])
        bench.place(f"T{number}", price=None, quantity="0.600")
    assert fills(bench) == [
        ("T0", "0.600", "100.00"), ("T1", "0.400", "100.00"), ("T1", "0.200", "101.00"), ("T2", "0.600", "101.00"),
    ]  # fmt: skip
    bench.do("set_book", SYMBOL, asks=[("100", "1.1"), ("101", "4")])
    bench.place("U", price=None)
    assert fills(bench)[-1] == ("U", "1.000", "100.00")


def test_each_trade_of_others_is_used_once(floor):
    bench = floor()
    bench.place("A", price="100.00", quantity="2.000")
    bench.venue.publishes_market = True
    messages = bench.do("print_trade", SYMBOL, "99", "1.5", "SELL")
    assert fills(bench) == [("A", "1.500", "100.00")]
    assert [str(m.tick.size) for m in messages if m.kind == "trade"] == ["1.500"]
    messages = bench.do("print_trade", SYMBOL, "99", "3")

    assert [(str(m.tick.price), str(m.tick.size)) for m in messages if m.kind == "trade"] == [
        ("100.00", "0.500"), ("99.00", "2.500"),
    ]  # fmt: skip
    assert bench.report("A").order_status is OrderStatus.FILLED
    assert len(next(iter(bench.venue._markets.values())).asks) == 0


@pytest.mark.parametrize("when", [OPEN, CLOSE])
def test_what_is_for_an_auction_cannot_be_post_only(floor, when):
    bench = floor()
    answer = bench.place("P", price="99.00", post_only=True, time_in_force=when).answer

    assert answer.code == "BAD_REQUEST"
    assert "post-only must go with a resting order" in answer.reason
