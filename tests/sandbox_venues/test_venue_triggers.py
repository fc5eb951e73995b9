"""Which price triggers what, how trailing stops follow, and what icebergs, market-to-limit and quote quantities do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType, TimeInForce, TrailingOffsetType, TriggerType
from nautilus_live.model.objects import Price, Quantity

SYMBOL = "BTCUSDT"


def book(bench, bid, ask, size="5"):
    return bench.do("set_book", SYMBOL, bids=[(bid, size)], asks=[(ask, size)])


def stop(bench, name="S", side="BUY", trigger="110.00", kind=OrderType.STOP_LIMIT, **more):
    price = more.pop("price", "200.00" if kind in (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED) else None)
    return bench.place(name, side=side, price=price, order_type=kind, trigger_price=trigger, **more)


def status(bench, name="S"):
    return bench.report(name).order_status


@pytest.mark.parametrize(
    ("trigger_type", "still", "moved"),
    [
        (TriggerType.LAST_PRICE, [("set_book", "111", "112"), ("mark", "111")], ("last", "110")),
        (TriggerType.BID_ASK, [("last", "111"), ("mark", "111")], ("set_book", "108", "110")),
        (TriggerType.MID_POINT, [("last", "111"), ("set_book", "108", "111")], ("set_book", "109", "111")),
        (TriggerType.MARK_PRICE, [("last", "111"), ("index", "111")], ("mark", "110")),
        (TriggerType.INDEX_PRICE, [("last", "111"), ("mark", "109")], ("index", "110")),
        (TriggerType.LAST_OR_BID_ASK, [("mark", "111")], ("last", "110")),
        (TriggerType.DEFAULT, [("mark", "111")], ("set_book", "100", "110")),
    ],
    ids=str,
)
def test_only_the_price_that_was_asked_for_triggers(floor, trigger_type, still, moved):
    bench = floor()
    book(bench, "100", "101")
    bench.do("set_price", SYMBOL, mark="100", index="100")
    stop(bench, trigger_type=trigger_type, price="90.00")

    def say(what, *values):
        book(bench, *values) if what == "set_book" else bench.do("set_price", SYMBOL, **{what: values[0]})

    for what in still:
        say(*what)
        assert status(bench) is OrderStatus.ACCEPTED, what
    say(*moved)
    assert status(bench) is OrderStatus.TRIGGERED
    assert bench.report("S").ts_triggered == bench.now_ns


def test_a_mark_price_that_nobody_said_is_the_middle_and_an_index_the_mark(floor):
    bench = floor()
    stop(bench, "M", trigger_type=TriggerType.MARK_PRICE, price="90.00")
    stop(bench, "I", trigger_type=TriggerType.INDEX_PRICE, price="90.00")
    book(bench, "109", "110")
    assert (status(bench, "M"), status(bench, "I")) == (OrderStatus.ACCEPTED, OrderStatus.ACCEPTED)
    book(bench, "109", "111")

    assert (status(bench, "M"), status(bench, "I")) == (OrderStatus.TRIGGERED, OrderStatus.TRIGGERED)


def test_a_double_last_trigger_needs_two_trades_in_a_row(floor):
    bench = floor()
    stop(bench, trigger_type=TriggerType.DOUBLE_LAST, price="90.00")
    for last in ("111", "109", "111"):
        bench.do("set_price", SYMBOL, last=last)
        assert status(bench) is OrderStatus.ACCEPTED
    bench.do("set_price", SYMBOL, mark="1")  # no trade
    assert status(bench) is OrderStatus.ACCEPTED
    bench.do("set_price", SYMBOL, last="110")

    assert status(bench) is OrderStatus.TRIGGERED


def test_a_double_touch_trigger_needs_two_books_in_a_row(floor):
    bench = floor()
    book(bench, "100", "101")
    stop(bench, trigger_type=TriggerType.DOUBLE_BID_ASK, price="90.00")
    book(bench, "110", "111")
    bench.place("O", price="50.00")  # an order of one's own is not a book of the market's
    assert status(bench) is OrderStatus.ACCEPTED
    book(bench, "110", "111")

    assert status(bench) is OrderStatus.TRIGGERED


def test_the_default_trigger_is_the_profiles(floor):
    bench = floor(default_trigger="MARK_PRICE")
    stop(bench, price="90.00")
    bench.do("set_price", SYMBOL, mark="100", last="111")
    assert status(bench) is OrderStatus.ACCEPTED
    bench.do("set_price", SYMBOL, mark="110")

    assert status(bench) is OrderStatus.TRIGGERED


@pytest.mark.parametrize(
    ("kind", "offset", "expected"),
    [
        (TrailingOffsetType.PRICE, "5", "115.00"),
        (TrailingOffsetType.TICKS, "250", "117.50"),
        (TrailingOffsetType.BASIS_POINTS, "100", "118.80"),
    ],
    ids=str,
)
def test_a_trailing_offset_is_in_price_ticks_or_basis_points(floor, kind, offset, expected):
    bench = floor()
    book(bench, "100", "101")
    bench.place(
        "T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(offset),
        trailing_offset_type=kind, trigger_type=TriggerType.BID_ASK,
    )  # fmt: skip
    book(bench, "120", "121")
    book(bench, "119", "120")

    assert bench.report("T").trigger_price == Price.from_str(expected)


def test_a_trailing_stop_waits_for_its_activation_price(floor):
    bench = floor()
    book(bench, "100", "101")
    bench.place(
        "T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(5),
        activation_price="110.00",
    )  # fmt: skip
    book(bench, "90", "91")
    assert (bench.report("T").trigger_price, status(bench, "T")) == (None, OrderStatus.ACCEPTED)
    book(bench, "110", "111")
    assert bench.report("T").trigger_price == Price.from_str("105.00")
    book(bench, "105", "106")

    assert status(bench, "T") is OrderStatus.FILLED


def test_a_trail_is_said_where_the_profile_says_so(floor):
    for streams, expected in ((True, ["update", "update"]), (False, [])):
        bench = floor(streams_trails=streams)
        bench.place(
            "T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(5)
        )
        said = [m.what for bid in ("100", "110") for m in book(bench, bid, "111") if m.kind == ""]
        assert said == expected


def test_the_trigger_that_a_trail_begins_with_is_said_too(floor):
    for streams, expected in ((True, ["ack", "update"]), (False, ["ack"])):
        bench = floor(streams_trails=streams)
        book(bench, "100", "101")
        placed = bench.place(
            "T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(5)
        )
        assert [m.what for m in placed.messages if m.kind == ""] == expected
        assert bench.report("T").trigger_price == Price.from_str("95.00")


def test_a_trail_stands_still_in_a_halt(floor):
    bench = floor()
    book(bench, "100", "101")
    bench.place("T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(5))
    bench.do("set_phase", SYMBOL, "halted")
    book(bench, "120", "121")
    assert bench.report("T").trigger_price == Price.from_str("95.00")
    bench.do("set_phase", SYMBOL, "open")

    assert bench.report("T").trigger_price == Price.from_str("115.00")


def test_an_offset_by_tier_is_refused(floor):
    answer = floor().place(
        "T", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(5),
        trailing_offset_type=TrailingOffsetType.PRICE_TIER,
    ).answer  # fmt: skip

    assert answer.code == "BAD_REQUEST"


# -- market to limit, icebergs, quantities in quote currency


def test_market_to_limit_takes_the_best_price_and_rests_there(floor):
    bench = floor()
    bench.do("set_book", SYMBOL, asks=[("100", "0.4"), ("101", "5")])
    handled = bench.place("M", price=None, order_type=OrderType.MARKET_TO_LIMIT)
    report = bench.report("M")

    assert [m.what for m in handled.messages if hasattr(m, "what")] == ["ack", "fill", "update"]
    assert (str(report.filled_qty), report.price) == ("0.400", Price.from_str("100.00"))
    bench.do("add_liquidity", SYMBOL, "SELL", "100", "1")
    assert status(bench, "M") is OrderStatus.FILLED


def test_market_to_limit_ends_where_there_is_nothing(floor):
    bench = floor(market_remainder="expire")
    bench.place("M", price=None, order_type=OrderType.MARKET_TO_LIMIT)

    assert status(bench, "M") is OrderStatus.EXPIRED


def test_of_an_iceberg_only_the_tip_shows_and_each_new_tip_queues_anew(floor):
    bench = floor()
    bench.place("I", side="SELL", price="100.00", quantity="3.000", display_qty=Quantity.from_str("1.000"))
    bench.place("A", side="SELL", price="100.00", quantity="1.000")
    bench.venue.publishes_market = True
    quote = bench.do("set_book", SYMBOL, bids=[("99", "1")])[-1].tick
    assert str(quote.ask_size) == "2.000"
    bench.place("T", price="100.00", quantity="1.500")
    fills = [(str(f.client_order_id), str(f.last_qty)) for f in bench.venue.fills() if str(f.client_order_id) != "T"]

    assert fills == [("I", "1.000"), ("A", "0.500")]
    bench.place("U", price="100.00", quantity="5.000")
    assert str(bench.report("U").filled_qty) == "2.500"
    assert status(bench, "I") is OrderStatus.FILLED


def test_fill_or_kill_counts_what_an_iceberg_hides(floor):
    bench = floor()
    bench.place("I", side="SELL", price="100.00", quantity="3.000", display_qty=Quantity.from_str("1.000"))
    bench.place("F", price="100.00", quantity="3.000", time_in_force=TimeInForce.FOK)

    assert status(bench, "F") is OrderStatus.FILLED


@pytest.mark.parametrize("shown", ["2.000", "0.0005", "0.000"])
def test_a_tip_is_a_part_of_its_order(floor, shown):
    assert floor().place("I", price="100.00", display_qty=Quantity.from_str(shown)).answer.code == "BAD_QUANTITY"


def test_an_amount_of_quote_currency_buys_what_the_book_gives_for_it(floor):
    bench = floor()
    bench.do("set_book", SYMBOL, asks=[("100", "1"), ("200", "5")])
    handled = bench.place("Q", price=None, quantity="300", quote_quantity=True)

    assert [m.what for m in handled.messages if hasattr(m, "what")] == ["ack", "update", "fill", "fill"]
    assert (str(bench.report("Q").quantity), status(bench, "Q")) == ("2.000", OrderStatus.FILLED)
    bench.place("L", price="50.00", quantity="120.01", quote_quantity=True)
    assert str(bench.report("L").quantity) == "2.400"


def test_an_amount_of_quote_currency_needs_a_price(floor):
    bench = floor()

    assert bench.place("Q", price=None, quantity="300", quote_quantity=True).answer.code == "NO_PRICE"
    bench.do("set_price", SYMBOL, last="100")
    assert bench.place("R", price=None, quantity="0.05", quote_quantity=True).answer.code == "BAD_QUANTITY"


# -- fill or kill, and scripted liquidity against reduce-only orders


def test_others_take_no_more_of_a_reduce_only_order_than_it_reduces(floor):
    bench = floor()
    bench.do("set_position", SYMBOL, "0.6", "100")
    bench.place("R", side="SELL", price="100.00", quantity="1.000", reduce_only=True)
    bench.do("add_liquidity", SYMBOL, "BUY", "100", "5")

    assert (str(bench.report("R").filled_qty), status(bench, "R")) == ("0.600", OrderStatus.CANCELED)
    assert bench.venue.positions()[0].signed_qty == 0


def test_a_stop_limit_that_trails_has_its_limit_from_the_market_even_if_its_trigger_was_given(floor):
    bench = floor()
    book(bench, "100", "101", size="1")
    bench.place(
        "T", side="SELL", price=None, quantity="2.000", order_type=OrderType.TRAILING_STOP_LIMIT, trigger_price="98.00",
        trailing_offset=Decimal(5), limit_offset=Decimal(4), trigger_type=TriggerType.BID_ASK,
    )  # fmt: skip
    assert bench.report("T").price == Price.from_str("96.00")
    book(bench, "97", "98", size="1")

    assert bench.report("T").filled_qty == Quantity.from_str("1.000")
    assert bench.venue.levels(bench.report("T").instrument_id, OrderSide.SELL)[0] == (96, 1), "the rest stands there"


@pytest.mark.parametrize(("trigger", "code"), [("100.50", "TRIGGERED"), ("99.50", None)])
def test_where_stops_in_the_market_are_refused_one_that_trails_from_here_on_is_too(floor, trigger, code):
    bench = floor(stop_in_market="refuse")
    book(bench, "100", "101")
    answer = bench.place(
        "T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_MARKET, trigger_price=trigger,
        activation_price="99.00", trailing_offset=Decimal(5), trigger_type=TriggerType.BID_ASK,
    ).answer  # fmt: skip

    assert getattr(answer, "code", None) == code
