"""The honest exchange: taking, matching, changing and ending orders; time in force; phases; quirks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from nautilus_live.model.enums import LiquiditySide, OrderStatus, OrderType, TimeInForce, TrailingOffsetType
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import AmendOrder, CancelAll, CancelOrder, CancelOrders, Done, PlaceOrders, Refusal
from sandbox_venues.venue import AccountConfig, Venue, VenueConfig

BTC = instrument("BTCUSDT")


def said(messages):
    """What the stream said about orders, in order."""
    return [f"{m.label} {m.order.client_order_id or m.order.venue_order_id}" for m in messages if hasattr(m, "what")]


def amend(floor, name, **changes):
    return AmendOrder(account_id=floor.account, instrument_id=BTC.id, client_order_id=ClientOrderId(name), **changes)


def cancel(floor, name):
    return CancelOrder(account_id=floor.account, instrument_id=BTC.id, client_order_id=ClientOrderId(name))


# -- taking orders


def test_an_order_rests_and_is_acknowledged(floor):
    bench = floor()
    handled = bench.place("O-1")

    assert said(handled.messages) == ["ack O-1"]
    assert handled.answer.order == handled.messages[0].order
    assert str(handled.answer.order.venue_order_id) == "V-1"


def test_a_used_client_order_id_is_refused_and_touches_nothing(floor):
    bench = floor()
    bench.place("O-1")
    bench.do("trade", "O-1", "0.4")
    before = bench.venue.orders()
    handled = bench.place("O-1", side="SELL", quantity="3.000")

    assert handled.answer.code == "DUPLICATE_ID"
    assert handled.messages == []
    assert bench.venue.orders() == before


@pytest.mark.parametrize(
    ("client_ids", "while_open", "afterwards"),
    [("unique", False, False), ("unique_while_open", False, True), ("free", True, True)],
)
def test_how_often_a_client_order_id_can_be_used_is_up_to_the_profile(floor, client_ids, while_open, afterwards):
    bench = floor(client_ids=client_ids)
    bench.place("O-1")
    second = bench.place("O-1").answer
    bench.handle(cancel(bench, "O-1"))
    if while_open:
        bench.handle(cancel(bench, "O-1"))
    third = bench.place("O-1").answer

    assert isinstance(second, Done) is while_open
    assert isinstance(third, Done) is afterwards


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"quantity": "0.0001"}, "BAD_QUANTITY"),
        ({"quantity": "0.000"}, "BAD_QUANTITY"),
        ({"quantity": "9001.000"}, "BAD_QUANTITY"),
        ({"price": "50000.001"}, "BAD_PRICE"),
        ({"price": "0.001"}, "BAD_PRICE"),
        ({"price": "1.00"}, "MIN_NOTIONAL"),
        ({"order_type": OrderType.STOP_MARKET, "price": None}, "BAD_PRICE"),
        (
            {"order_type": OrderType.TRAILING_STOP_MARKET, "price": None, "trailing_offset": Decimal(1),
             "activation_price": "50000.001"},
            "BAD_PRICE",
        ),
        ({"order_type": OrderType.MARKET_TO_LIMIT, "price": None, "post_only": True}, "BAD_REQUEST"),
        ({"post_only": True, "time_in_force": TimeInForce.IOC}, "BAD_REQUEST"),
        ({"time_in_force": TimeInForce.GTD, "expire_time_ns": 1}, "BAD_REQUEST"),
        ({"reduce_only": True}, "REDUCE_ONLY"),
        ({"quantity": "9000.000", "price": "1000000.00"}, "INSUFFICIENT_FUNDS"),
        ({"instrument_id": instrument("AUD/USD").id}, "UNKNOWN_INSTRUMENT"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_code(floor, order, code):
    bench = floor()
    handled = bench.place("O-1", **order)

    assert isinstance(handled.answer, Refusal)
    assert handled.answer.code == code
    assert [r.order_status for r in bench.venue.orders()] in ([], [OrderStatus.REJECTED])


def test_a_refused_order_is_kept_as_rejected_unless_the_profile_forgets_it(floor):
    kept, gone = floor(), floor(keeps_rejected=False)
    first, second = kept.place("O-1", price="1.00"), gone.place("O-1", price="1.00")

    assert said(first.messages) == ["reject O-1"]
    assert [r.order_status for r in kept.venue.orders()] == [OrderStatus.REJECTED]
    assert (second.messages, gone.venue.orders()) == ([], [])


def test_a_scripted_refusal_meets_the_next_order_of_that_id(floor):
    bench = floor()
    bench.do("refuse_next", "NO", order="O-2")

    assert isinstance(bench.place("O-1").answer, Done)
    assert bench.place("O-2").answer.reason == "NO"
    assert isinstance(bench.place("O-3").answer, Done)


# -- matching


def test_orders_trade_at_the_best_price_and_the_earliest_first(floor):
    bench = floor()
    for name, price in (("A", "101.00"), ("B", "100.00"), ("C", "100.00")):
        bench.place(name, side="SELL", price=price)
    handled = bench.place("T", quantity="2.500", price="101.00")
    fills = [m.fill for m in handled.messages if m.label == "fill" and str(m.order.client_order_id) != "T"]

    assert [(str(f.client_order_id), str(f.last_qty), str(f.last_px)) for f in fills] == [
        ("B", "1.000", "100.00"),
        ("C", "1.000", "100.00"),
        ("A", "0.500", "101.00"),
    ]
    assert all(f.liquidity_side is LiquiditySide.MAKER for f in fills)
    assert bench.report("T").avg_px == Decimal("100.2")


def test_both_sides_of_a_trade_have_one_trade_id(floor):
    bench = floor()
    bench.place("A", side="SELL")
    bench.place("T")
    first, second = bench.venue.fills()

    assert first.trade_id == second.trade_id
    assert {first.liquidity_side, second.liquidity_side} == {LiquiditySide.MAKER, LiquiditySide.TAKER}


def test_scripted_liquidity_is_consumed_once_and_queues_by_time(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", asks=[("100", "1")])
    bench.place("A", side="SELL", price="100.00")
    bench.do("add_liquidity", "BTCUSDT", "SELL", "100", "1")
    bench.place("T", quantity="1.500", price="100.00")

    assert str(bench.report("T").filled_qty) == "1.500"
    assert str(bench.report("A").filled_qty) == "0.500"
    bench.place("U", quantity="3.000", price="100.00")
    assert str(bench.report("U").filled_qty) == "1.500"


def test_liquidity_that_crosses_fills_resting_orders_at_their_price(floor):
    bench = floor()
    bench.place("A", price="100.00")
    bench.do("set_book", "BTCUSDT", asks=[("99", "0.4")])
    fill = bench.venue.fills()[0]

    assert (str(fill.last_px), str(fill.last_qty), fill.liquidity_side) == ("100.00", "0.400", LiquiditySide.MAKER)


def test_a_market_order_takes_what_there_is_and_the_rest_ends(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", asks=[("100", "0.3"), ("101", "0.3")])
    handled = bench.place("T", price=None)

    assert said(handled.messages) == ["ack T", "fill T", "fill T", "cancel T"]
    assert len(handled.answer.fills) == 2


def test_a_market_order_waits_where_the_profile_lets_it(floor):
    bench = floor(market_remainder="wait")
    bench.place("T", price=None)
    messages = bench.do("add_liquidity", "BTCUSDT", "SELL", "100", "5")

    assert said(messages) == ["fill T"]
    assert bench.report("T").order_status is OrderStatus.FILLED


def test_post_only_is_refused_if_it_would_take(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", asks=[("100", "1")])
    answer = bench.place("T", price="100.00", post_only=True).answer

    assert answer.due_post_only
    assert isinstance(bench.place("U", price="99.00", post_only=True).answer, Done)


def test_an_amendment_with_which_a_post_only_order_would_take_is_refused_and_the_order_stays(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", asks=[("100", "1")])
    bench.place("U", price="99.00", post_only=True)
    change = AmendOrder(account_id=bench.account, instrument_id=BTC.id, client_order_id=ClientOrderId("U"))
    answer = bench.handle(replace(change, price=Price.from_str("100.00"))).answer

    assert answer.due_post_only
    assert bench.report("U").price == Price.from_str("99.00")
    assert isinstance(bench.handle(replace(change, price=Price.from_str("99.50"))).answer, Done)


def test_reduce_only_never_fills_more_than_there_is_to_reduce(floor):
    bench = floor()
    bench.do("set_position", "BTCUSDT", "0.6", "100")
    bench.do("set_book", "BTCUSDT", bids=[("100", "5")])
    handled = bench.place("T", side="SELL", price="90.00", reduce_only=True)

    assert said(handled.messages) == ["ack T", "fill T", "cancel T"]
    assert str(bench.report("T").filled_qty) == "0.600"


# -- time in force and phases


def test_ioc_takes_what_there_is_and_fok_all_or_nothing(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", asks=[("100", "0.4")])
    fok = bench.place("F", price="100.00", time_in_force=TimeInForce.FOK)
    ioc = bench.place("I", price="100.00", time_in_force=TimeInForce.IOC)

    assert said(fok.messages) == ["ack F", "cancel F"]
    assert said(ioc.messages) == ["ack I", "fill I", "cancel I"]


def test_gtd_and_day_orders_expire_when_their_time_is_over(floor):
    bench = floor()
    bench.place("G", time_in_force=TimeInForce.GTD, expire_time_ns=5_000)
    bench.place("D", time_in_force=TimeInForce.DAY)

    assert bench.venue.next_expiry_ns() == 5_000
    assert bench.venue.advance(4_999) == []
    assert said(bench.venue.advance(5_000)) == ["expire G"]
    assert said(bench.venue.advance(86_400_000_000_000)) == ["expire D"]
    assert bench.venue.next_expiry_ns() is None


def test_orders_for_the_open_and_the_close_trade_then_or_end(floor):
    bench = floor()
    bench.do("set_phase", "BTCUSDT", "closed")
    bench.place("S", side="SELL", price="100.00")
    bench.place("B", price="101.00")
    bench.place("O", side="SELL", quantity="2.000", price="90.00", time_in_force=TimeInForce.AT_THE_OPEN)
    assert bench.venue.fills() == []
    assert bench.place("M", price=None).answer.code == "MARKET_CLOSED"
    bench.do("set_phase", "BTCUSDT", "open")

    assert str(bench.report("B").filled_qty) == "1.000"
    assert bench.report("O").order_status is OrderStatus.EXPIRED
    bench.place("C", price=None, time_in_force=TimeInForce.AT_THE_CLOSE)
    bench.do("set_book", "BTCUSDT", asks=[("200", "1")])
    assert str(bench.report("C").filled_qty) == "0.000"
    messages = bench.do("set_phase", "BTCUSDT", "closed")
    assert said(messages) == ["fill C", "fill S"]
    assert str(bench.report("C").avg_px) == "100.00"


# -- conditional orders


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "before", "after"),
    [
        ("BUY", OrderType.STOP_MARKET, "110.00", ("104", "105"), ("109", "110")),
        ("SELL", OrderType.STOP_MARKET, "90.00", ("95", "96"), ("90", "91")),
        ("BUY", OrderType.MARKET_IF_TOUCHED, "90.00", ("95", "96"), ("89", "90")),
        ("SELL", OrderType.MARKET_IF_TOUCHED, "110.00", ("104", "105"), ("110", "111")),
    ],
)
def test_stops_wait_for_the_market_to_reach_their_trigger(floor, side, kind, trigger, before, after):
    bench = floor()

    def book(prices):
        return bench.do("set_book", "BTCUSDT", bids=[(prices[0], "5")], asks=[(prices[1], "5")])

    book(before)
    bench.place("S", side=side, price=None, order_type=kind, trigger_price=trigger)
    assert bench.venue.fills() == []
    messages = book(after)

    assert said(messages) == ["fill S"]
    assert bench.report("S").ts_triggered == bench.now_ns


def test_a_stop_limit_says_when_it_is_triggered_and_then_rests(floor):
    bench = floor()
    bench.place("S", price="100.00", order_type=OrderType.STOP_LIMIT, trigger_price="110.00")
    messages = bench.do("set_price", "BTCUSDT", last="110")

    assert said(messages) == ["trigger S"]
    assert bench.report("S").order_status is OrderStatus.TRIGGERED
    bench.do("add_liquidity", "BTCUSDT", "SELL", "100", "0.5")
    assert bench.report("S").order_status is OrderStatus.PARTIALLY_FILLED


def test_a_stop_already_in_the_market_is_triggered_or_refused(floor):
    for profile, expected in (("trigger", Done), ("refuse", Refusal)):
        bench = floor(stop_in_market=profile)
        bench.do("set_book", "BTCUSDT", bids=[("100", "5")], asks=[("101", "5")])
        answer = bench.place("S", price=None, order_type=OrderType.STOP_MARKET, trigger_price="101.00").answer
        assert isinstance(answer, expected)
        assert len(bench.venue.fills()) == (1 if expected is Done else 0)


def test_a_trailing_stop_follows_the_market_one_way_only(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", bids=[("100", "5")], asks=[("101", "5")])
    bench.place(
        "T", side="SELL", price=None, order_type=OrderType.TRAILING_STOP_LIMIT, trailing_offset=Decimal(5),
        limit_offset=Decimal(6), trailing_offset_type=TrailingOffsetType.PRICE,
    )  # fmt: skip
    bench.do("set_book", "BTCUSDT", bids=[("120", "5")], asks=[("121", "5")])
    assert bench.report("T").trigger_price == Price.from_str("115.00")
    bench.do("set_book", "BTCUSDT", bids=[("116", "5")], asks=[("117", "5")])
    assert bench.report("T").trigger_price == Price.from_str("115.00")
    bench.do("set_book", "BTCUSDT", bids=[("115", "5")], asks=[("116", "5")])

    report = bench.report("T")
    assert (report.order_status, report.price) == (OrderStatus.FILLED, Price.from_str("114.00"))


# -- changing and canceling


def test_an_amended_order_keeps_its_id_and_its_place_if_only_its_quantity_falls(floor):
    bench = floor()
    bench.place("A", quantity="2.000", price="100.00")
    bench.place("B", price="100.00")
    bench.handle(amend(bench, "A", quantity=Quantity.from_str("1.000")))
    bench.do("add_liquidity", "BTCUSDT", "SELL", "100", "1")
    assert bench.report("A").order_status is OrderStatus.FILLED
    bench.place("C", price="100.00")
    bench.handle(amend(bench, "B", quantity=Quantity.from_str("2.000")))
    bench.do("add_liquidity", "BTCUSDT", "SELL", "100", "1")

    assert bench.report("C").order_status is OrderStatus.FILLED
    assert str(bench.report("B").venue_order_id) == "V-2"


@pytest.mark.parametrize(("mode", "expected"), [("replace", ["update A"]), ("cancel_new", ["cancel A", "ack A"])])
def test_a_replaced_order_goes_on_under_a_new_id(floor, mode, expected):
    bench = floor(modify=mode, lists_replaced_legs=True)
    bench.place("A", price="100.00")
    bench.do("trade", "A", "0.4")
    handled = bench.handle(amend(bench, "A", price=Price.from_str("101.00")))

    assert said(handled.messages) == expected
    assert str(handled.answer.order.venue_order_id) == "V-2"
    assert str(handled.answer.order.filled_qty) == "0.400"
    assert isinstance(bench.handle(cancel(bench, "A")).answer, Done)


def test_a_change_that_crosses_trades_at_once(floor):
    bench = floor()
    bench.do("set_book", "BTCUSDT", asks=[("100", "5")])
    bench.place("A", price="99.00")
    handled = bench.handle(amend(bench, "A", price=Price.from_str("100.00")))

    assert said(handled.messages) == ["update A", "fill A"]


@pytest.mark.parametrize(
    "changes", [{}, {"quantity": "0.400"}, {"quantity": "0.300"}, {"price": "0.001"}, {"trigger_price": "5.00"}]
)
def test_an_impossible_change_is_refused_and_changes_nothing(floor, changes):
    bench = floor()
    bench.place("A")
    bench.do("trade", "A", "0.4")
    before = bench.venue.orders()
    typed = {k: (Quantity if k == "quantity" else Price).from_str(v) for k, v in changes.items()}

    assert isinstance(bench.handle(amend(bench, "A", **typed)).answer, Refusal)
    assert bench.venue.orders() == before


def test_only_open_orders_of_the_own_account_can_be_canceled():
    config = VenueConfig(accounts=(AccountConfig(id="S-1"), AccountConfig(id="S-2")))
    venue = Venue(config, [BTC])
    venue.external_order("BTCUSDT", "BUY", "1", "100", client_order_id="O-1", account="S-1", now_ns=1)
    foreign = CancelOrder(account_id=venue.account_ids[1], instrument_id=BTC.id, client_order_id=ClientOrderId("O-1"))
    own = CancelOrder(account_id=venue.account_ids[0], instrument_id=BTC.id, client_order_id=ClientOrderId("O-1"))

    assert venue.handle(foreign, 2).answer.code == "UNKNOWN_ORDER"
    assert isinstance(venue.handle(own, 2).answer, Done)
    assert venue.handle(own, 2).answer.code == "ORDER_CLOSED"


def test_lists_are_answered_part_by_part(floor):
    bench = floor()
    placed = bench.handle(
        PlaceOrders(account_id=bench.account, orders=(bench.order("A"), bench.order("A"), bench.order("B")))
    )
    canceled = bench.handle(CancelOrders(account_id=bench.account, cancels=(cancel(bench, "A"), cancel(bench, "X"))))
    rest = bench.handle(CancelAll(account_id=bench.account))

    assert [type(r) for r in placed.answer.results] == [Done, Refusal, Done]
    assert [type(r) for r in canceled.answer.results] == [Done, Refusal]
    assert said(rest.messages) == ["cancel B"]


# -- money


def test_a_cash_account_exchanges_balances_and_locks_what_orders_need(floor):
    bench = floor(account_type="CASH")
    bench.place("B", price="100.00")
    usdt = {b.currency.code: b for b in bench.venue.balances()}["USDT"]
    assert usdt.locked.value == Decimal("100.04")
    bench.do("trade", "B")
    now = {b.currency.code: b for b in bench.venue.balances()}

    assert now["BTC"].total.value == Decimal(1001)
    assert now["USDT"].total.value == Decimal(10_000_000) - 100 - Decimal("0.02")
    assert now["USDT"].locked.value == 0


@pytest.mark.parametrize(
    ("how", "buy", "sell"), [("quote", "USDT", "USDT"), ("base", "BTC", "BTC"), ("received", "BTC", "USDT")]
)
def test_the_fee_currency_is_up_to_the_profile(floor, how, buy, sell):
    bench = floor(account_type="CASH", fee_currency=how)
    for side, currency in (("BUY", buy), ("SELL", sell)):
        bench.place(side, side=side)
        bench.do("trade", side)
        assert bench.venue.fills()[-1].commission.currency.code == currency


def test_a_margin_account_settles_profit_when_a_position_shrinks(floor):
    bench = floor()
    bench.place("B", quantity="2.000", price="100.00")
    bench.do("trade", "B", commission="0 USDT")
    bench.place("S", side="SELL", quantity="3.000", price="110.00")
    bench.do("trade", "S", commission="0 USDT")
    position = bench.venue.positions()[0]

    assert (position.signed_qty, position.avg_px_open) == (Decimal(-1), Decimal(110))
    assert bench.venue.balances()[0].total.value == Decimal(10_000_020)


def test_hedging_keeps_a_position_for_each_opening_order(floor):
    bench = floor(oms_type="HEDGING")
    for name, side in (("A", "BUY"), ("B", "SELL")):
        bench.place(name, side=side, price="100.00")
        bench.do("trade", name)
    bench.place("C", side="SELL", price="100.00", reduce_only=True)
    bench.do("trade", "C")

    assert [(str(p.venue_position_id), p.signed_qty) for p in bench.venue.positions()] == [
        ("P-1", Decimal(0)),
        ("P-2", Decimal(-1)),
    ]


# -- quirks


def test_ids_count_in_each_instrument_where_the_profile_says_so(floor):
    bench = floor(ids_per_instrument=True)
    first = bench.place("A").answer.order
    second = bench.place("B", instrument_id=instrument("ETHUSDT").id).answer.order

    assert first.venue_order_id == second.venue_order_id
    with pytest.raises(ValueError, match="must be unique"):
        bench.venue.find("V-1")


def test_fills_can_come_before_the_acknowledgement(floor):
    bench = floor(fills_before_acks=True)
    bench.do("set_book", "BTCUSDT", asks=[("100", "5")])

    assert said(bench.place("A", price="100.00").messages) == ["fill A", "ack A"]


def test_two_venues_given_the_same_do_the_same(floor):
    def run():
        bench = floor()
        bench.do("set_book", "BTCUSDT", asks=[("100", "0.5")], bids=[("99", "1")])
        messages = [*bench.place("A", price="100.00").messages, *bench.place("B", side="SELL", price="99.00").messages]
        return [str(m) for m in messages], bench.venue.orders(), bench.venue.fills()

    assert run() == run()


def test_a_number_that_a_script_took_for_a_trade_of_an_order_is_not_given_again_to_that_order(floor):
    bench = floor()
    bench.place("A", side="SELL", price="100.00")
    bench.do("trade", "A", "0.500", trade_id="T-1")
    bench.place("T", price="100.00", quantity="0.500")

    assert [str(fill.trade_id) for fill in bench.venue.fills()] == ["T-1", "T-2", "T-2"]
