"""One test or more for each quirk of a profile that came from the field."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.model.enums import OrderStatus, OrderType, PositionSide, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, PositionId
from nautilus_live.model.objects import Price
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import (
    AmendOrder,
    CancelOrder,
    Done,
    GetFills,
    GetOrder,
    GetOrders,
    GetPositions,
    OrderMessage,
    Refusal,
)
from sandbox_venues.profiles import profile

BTC = instrument("BTCUSDT")
SECOND_NS = 1_000_000_000


def asked(floor, query, **fields):
    return floor.venue.query(query(account_id=floor.account, **fields), floor.now_ns).items


def names(reports):
    return [str(report.client_order_id) for report in reports]


def stop(floor, name, trigger="40000.00", **more):
    return floor.place(
        name, side="SELL", price=None, order_type=OrderType.STOP_MARKET, trigger_price=trigger, **more
    )


class TestLag:
    """REST behind the stream (FIELD D7, D3, F15)."""

    def test_orders_are_told_as_they_were(self, floor):
        floor = floor(orders_lag_secs=5.0)
        floor.now_ns = 100 * SECOND_NS
        floor.place("O-1")
        floor.now_ns = 102 * SECOND_NS
        floor.do("trade", "O-1", "0.400")
        seen = {}
        for second in (104, 105, 106, 107):
            floor.now_ns = second * SECOND_NS
            (*reports,) = asked(floor, GetOrders)
            seen[second] = [f"{report.order_status} {report.filled_qty}" for report in reports]

        assert seen == {104: [], 105: ["ACCEPTED 0.000"], 106: ["ACCEPTED 0.000"], 107: ["PARTIALLY_FILLED 0.400"]}

    def test_a_trade_that_no_stream_tells_is_listed_in_its_time_all_the_same(self, floor):
        """Found by the campaign at seed 20762."""
        floor = floor(orders_lag_secs=5.0, streams_fills=False)
        floor.place("O-1")
        floor.do("trade", "O-1", "0.400")
        floor.now_ns += 5 * SECOND_NS

        (report,) = asked(floor, GetOrders)
        assert f"{report.order_status} {report.filled_qty}" == "PARTIALLY_FILLED 0.400"

    def test_an_order_that_is_closed_by_now_is_still_listed_as_open(self, floor):
        floor = floor(orders_lag_secs=5.0)
        floor.place("O-1")
        floor.now_ns += 10 * SECOND_NS
        floor.do("cancel", "O-1")

        assert names(asked(floor, GetOrders, open_only=True)) == ["O-1"]
        one = asked(floor, GetOrder, instrument_id=BTC.id, client_order_id=ClientOrderId("O-1"))
        assert [report.order_status for report in one] == [OrderStatus.ACCEPTED]
        floor.now_ns += 5 * SECOND_NS
        assert asked(floor, GetOrders, open_only=True) == ()

    def test_fills_and_positions_lag_on_their_own(self, floor):
        floor = floor(fills_lag_secs=2.0, positions_lag_secs=4.0)
        floor.place("O-1")
        floor.now_ns += SECOND_NS
        floor.do("trade", "O-1")
        seen = []
        for _ in range(5):
            seen.append((len(asked(floor, GetFills)), len(asked(floor, GetPositions))))
            floor.now_ns += SECOND_NS

        assert [order.order_status for order in asked(floor, GetOrders)] == [OrderStatus.FILLED]
        assert seen == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 1)]

    def test_what_is_traded_there_and_back_in_one_moment_is_told_with_its_time(self, floor):
        """Found by the campaign at seed 636285."""
        floor = floor(positions_lag_secs=4.0)
        floor.place("O-1")
        floor.do("trade", "O-1")
        floor.now_ns += SECOND_NS
        floor.place("O-2")
        floor.place("O-3", side="SELL")
        traded_ns = floor.now_ns
        floor.now_ns += 10 * SECOND_NS

        assert [order.order_status for order in asked(floor, GetOrders)] == [OrderStatus.FILLED] * 3
        assert [report.ts_last for report in asked(floor, GetPositions)] == [traded_ns]

    def test_the_ready_profile_lags(self):
        assert profile("lagging").lags
        assert not profile().lags


class TestConditionalOrders:
    """Untriggered stops in a place of their own (FIELD A2)."""

    def test_unlisted_they_are_found_only_one_by_one(self, floor):
        floor = floor(conditional_orders="unlisted")
        floor.place("O-1")
        stop(floor, "S-1")

        assert names(asked(floor, GetOrders)) == ["O-1"]
        assert names(asked(floor, GetOrders, open_only=True)) == ["O-1"]
        query = {"instrument_id": BTC.id, "client_order_id": ClientOrderId("S-1")}
        assert names(asked(floor, GetOrder, **query)) == ["S-1"]

    def test_apart_they_are_found_only_where_they_are(self, floor):
        floor = floor(conditional_orders="apart")
        floor.place("O-1")
        stop(floor, "S-1")
        query = {"instrument_id": BTC.id, "client_order_id": ClientOrderId("S-1")}

        assert names(asked(floor, GetOrders)) == ["O-1"]
        assert names(asked(floor, GetOrders, conditional=True)) == ["S-1"]
        assert asked(floor, GetOrder, **query) == ()
        assert names(asked(floor, GetOrder, **query, conditional=True)) == ["S-1"]
        floor.do("trigger", "S-1")
        assert names(asked(floor, GetOrder, **query)) == ["S-1"]

    def test_the_client_asks_in_both_places(self, run):
        async def body(bench):
            client = await bench.client()
            bench.gateway.do(
                "external_order", instrument="BTCUSDT", side="SELL", quantity="1.000", order_type="STOP_MARKET",
                trigger_price="40000.00", client_order_id="S-1",
            )  # fmt: skip
            one = await client.generate_order_status_report(
                OrderQuery(instrument_id=BTC.id, client_order_id=ClientOrderId("S-1"))
            )
            return one, await client.generate_order_status_reports(ReportsQuery())

        one, listed = run(body, conditional_orders="apart")

        assert one is not None
        assert one.is_open
        assert names(listed) == ["S-1"]


def test_trades_are_forgotten_sooner_than_orders(floor):
    """FIELD F2."""
    floor = floor(fills_lookback_secs=60.0)
    floor.place("O-1")
    floor.do("trade", "O-1")
    floor.now_ns += 61 * SECOND_NS

    assert names(asked(floor, GetOrders)) == ["O-1"]
    assert asked(floor, GetFills) == ()


class TestFees:
    """Fees in another currency, and rebates (FIELD I1)."""

    def test_a_third_currency_pays(self, floor):
        floor = floor(fee_currency="third", taker_rate="0.001", fee_third_price="500", account_type="CASH")
        floor.do("add_liquidity", "BTCUSDT", "SELL", "50000.00", "1.000")
        done = floor.place("O-1").answer

        assert str(done.fills[0].commission) == "0.10000000 BNB"
        (held,) = [balance for balance in floor.venue.balances() if balance.total.currency.code == "BNB"]
        assert held.total.value == Decimal("999.9")

    def test_a_maker_is_paid(self, floor):
        floor = floor(maker_rate="-0.0001")
        floor.place("O-1", price="50000.00")
        (fill,) = [m for m in floor.do("trade", "O-1") if isinstance(m, OrderMessage) and m.what == "fill"]

        assert fill.fill.commission.value == Decimal("-5")

    @pytest.mark.parametrize(
        ("settings", "reason"),
        [
            ({"maker_rate": "cheap"}, "maker_rate must be a number as text, was 'cheap'"),
            ({"fee_currency": "third", "fee_third_price": "0"}, "fee_third_price must be > 0"),
        ],
    )
    def test_a_rate_is_a_number(self, settings, reason):
        with pytest.raises(ValueError, match=reason):
            profile("default", **settings)


class TestHedgeLegs:
    """Two legs for each instrument (FIELD F21)."""

    def test_every_position_is_one_of_two_legs(self, floor):
        floor = floor(oms_type="HEDGING", hedge_legs=True)
        for name, side in (("O-1", "BUY"), ("O-2", "BUY"), ("O-3", "SELL")):
            floor.place(name, side=side)
            floor.do("trade", name)
        legs = {
            str(report.venue_position_id): (report.position_side, str(report.quantity))
            for report in asked(floor, GetPositions)
        }

        assert legs == {
            f"{BTC.id}-LONG": (PositionSide.LONG, "2.000"),
            f"{BTC.id}-SHORT": (PositionSide.SHORT, "1.000"),
        }

    def test_a_reducing_order_reduces_the_leg_of_the_other_side(self, floor):
        floor = floor(oms_type="HEDGING", hedge_legs=True)
        floor.place("O-1", side="BUY")
        floor.do("trade", "O-1")
        floor.place("O-2", side="SELL", quantity="0.400", reduce_only=True)
        floor.do("trade", "O-2")
        (leg,) = asked(floor, GetPositions)

        assert (leg.venue_position_id, str(leg.quantity)) == (PositionId(f"{BTC.id}-LONG"), "0.600")


class TestFlips:
    """A flip told as two fills under one trade id (FIELD C2)."""

    def flipped(self, floor, **settings):
        floor = floor(splits_flips=True, **settings)
        floor.place("O-1", side="BUY", quantity="1.000")
        floor.do("trade", "O-1")
        floor.place("O-2", side="SELL", quantity="3.000")
        floor.do("trade", "O-2", trade_id="T-flip")
        return floor

    def test_both_parts_have_the_trade_id_and_add_up(self, floor):
        floor = self.flipped(floor)
        parts = [(str(fill.trade_id), str(fill.last_qty)) for fill in asked(floor, GetFills)][1:]

        assert parts == [("T-flip", "1.000"), ("T-flip", "2.000")]
        assert [str(report.quantity) for report in asked(floor, GetPositions)] == ["2.000"]
        assert str(floor.report("O-2").filled_qty) == "3.000"

    def test_both_parts_are_taken_back_together(self, floor):
        floor = self.flipped(floor)
        floor.do("bust", "O-2", "T-flip")

        assert [str(report.quantity) for report in asked(floor, GetPositions)] == ["1.000"]
        assert floor.report("O-2").filled_qty.value == 0

    def test_nothing_is_split_without_a_flip(self, floor):
        floor = self.flipped(floor)
        floor.place("O-3", side="SELL")
        floor.do("trade", "O-3")

        assert len(asked(floor, GetFills)) == 4


def test_a_venue_without_fill_reports_tells_cumulative_quantities_only(floor):
    floor = floor(reports_fills=False)
    floor.place("O-1")
    (message,) = [m for m in floor.do("trade", "O-1", "0.400") if isinstance(m, OrderMessage)]

    assert (message.what, message.fill, str(message.order.filled_qty)) == ("fill", None, "0.400")
    assert asked(floor, GetFills) == ()


def test_an_answer_may_say_no_more_than_that_the_order_is_accepted(floor):
    floor = floor(answers_state=False)
    floor.do("add_liquidity", "BTCUSDT", "SELL", "50000.00", "1.000")
    handled = floor.place("O-1")

    assert isinstance(handled.answer, Done)
    assert (handled.answer.order.order_status, handled.answer.fills) == (OrderStatus.ACCEPTED, ())
    assert handled.answer.order.filled_qty.value == 0
    assert [m.what for m in handled.messages if isinstance(m, OrderMessage)] == ["ack", "fill"]


def test_fills_may_be_in_the_answer_and_nowhere_on_the_stream(floor):
    """FIELD A4."""
    floor = floor(streams_fills=False)
    floor.do("add_liquidity", "BTCUSDT", "SELL", "50000.00", "1.000")
    handled = floor.place("O-1", price=None)

    assert [str(fill.last_qty) for fill in handled.answer.fills] == ["1.000"]
    assert "fill" not in [m.what for m in handled.messages if isinstance(m, OrderMessage)]


@pytest.mark.parametrize("state", ["never placed", "canceled", "filled"])
def test_a_vague_refusal_is_the_same_for_every_order_that_is_not_open(floor, state):
    """FIELD A13."""
    floor = floor(vague_refusals=True)
    if state != "never placed":
        floor.place("O-1")
        floor.do("cancel" if state == "canceled" else "trade", "O-1")
    cancel = CancelOrder(account_id=floor.account, instrument_id=BTC.id, client_order_id=ClientOrderId("O-1"))

    reason = "the order was never placed, already canceled, or filled"
    assert floor.handle(cancel).answer == Refusal(code="NOT_OPEN", reason=reason)


class TestClocks:
    """The venue's clock and what was signed by ours (FIELD A8, H7)."""

    def test_reports_have_the_times_of_the_venue(self, run):
        async def body(bench):
            client = await bench.client()
            client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
            await asyncio.sleep(0.1)
            accepted = bench.node.events[1]
            return accepted.ts_event - bench.world.clock.timestamp_ns()

        assert run(body, clock_offset_secs=3.0) == pytest.approx(2.91e9, abs=1e8)
        assert run(body, clock_offset_secs=-3.0) == pytest.approx(-3.09e9, abs=1e8)

    def test_orders_expire_by_the_venues_clock(self, run):
        async def body(bench):
            await bench.client()
            now_ns = bench.gateway.venue_ns()
            bench.gateway.do(
                "external_order", instrument="BTCUSDT", side="BUY", quantity="1.000", price="100.00",
                client_order_id="O-1",
            )  # fmt: skip
            (order,) = bench.venue._orders
            order.expire_time_ns = now_ns + 2 * SECOND_NS
            bench.venue._expiring[order.sequence] = order
            bench.gateway.publish([])
            await asyncio.sleep(1.9)
            before = order.status
            await asyncio.sleep(0.2)
            return before, order.status

        assert run(body, clock_offset_secs=-60.0) == (OrderStatus.ACCEPTED, OrderStatus.EXPIRED)

    @pytest.mark.parametrize(("offset", "code"), [(0.0, None), (6.0, "-1021"), (-1.5, "-1021"), (4.0, None)])
    def test_what_was_signed_too_long_ago_or_in_the_future_is_refused(self, run, offset, code):
        async def body(bench):
            await bench.client()
            return bench.node.accounts, bench.trace

        accounts, trace = run_or_error(run, body, clock_offset_secs=offset, recv_window_secs=5.0)

        assert bool(accounts) is (code is None)
        assert any("-1021" in line for line in trace) is (code is not None)

    def test_a_request_that_was_held_up_is_stale_and_definitely_not_executed(self, run):
        async def body(bench):
            client = await bench.client(request_timeout_secs=20.0)
            bench.gateway.partition()
            client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
            await asyncio.sleep(6.0)
            bench.gateway.heal()
            await asyncio.sleep(0.1)
            return bench.node.said(), bench.venue.orders()

        said, orders = run(body, recv_window_secs=5.0)

        assert said == ["OrderSubmitted O-1 LOCAL", "OrderRejected O-1 RESPONSE"]
        assert orders == []


def run_or_error(run, body, **settings):
    """Run a body that may not get through `connect`; return what it returns, or what the node got until then."""
    seen = {}

    async def watched(bench):
        seen["bench"] = bench
        try:
            return await body(bench)
        except Exception:
            return bench.node.accounts, bench.trace

    return run(watched, **settings)


class TestDeadMan:
    """Cancel on disconnect (FIELD J5)."""

    def placed(self, run, *script, **settings):
        async def body(bench):
            client = await bench.client(reconnect_secs=100.0)
            client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
            await asyncio.sleep(0.1)
            for seconds, action in script:
                action(bench)
                await asyncio.sleep(seconds)
            (report,) = bench.venue.orders()
            return report.order_status, report.cancel_reason

        return run(body, **settings)

    def test_orders_are_canceled_when_nobody_listens_for_too_long(self, run):
        lost = self.placed(run, (11.0, lambda bench: cut(bench)), cancel_on_disconnect_secs=10.0)

        assert lost == (OrderStatus.CANCELED, "CANCEL_ON_DISCONNECT")

    def test_orders_live_until_then(self, run):
        lost = self.placed(run, (9.0, lambda bench: cut(bench)), cancel_on_disconnect_secs=10.0)

        assert lost == (OrderStatus.ACCEPTED, None)

    def test_whoever_is_back_in_time_keeps_them(self, run):
        async def body(bench):
            client = await bench.client()
            client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
            await asyncio.sleep(0.1)
            cut(bench)
            await asyncio.sleep(5.0)
            await bench.client()
            await asyncio.sleep(20.0)
            return [report.order_status for report in bench.venue.orders()]

        assert run(body, cancel_on_disconnect_secs=10.0) == [OrderStatus.ACCEPTED]

    def test_without_the_switch_nothing_happens(self, run):
        assert self.placed(run, (50.0, lambda bench: cut(bench)))[0] is OrderStatus.ACCEPTED


def cut(bench):
    for connection in bench.gateway.connections:
        connection.cut()


def test_a_moved_stop_price_keeps_its_place_apart(floor):
    floor = floor(conditional_orders="apart")
    stop(floor, "S-1")
    floor.do("amend", "S-1", trigger_price="39000.00")

    (report,) = asked(floor, GetOrders, conditional=True)
    assert report.trigger_price == Price.from_str("39000.00")


def test_average_prices_may_be_rounded_in_reports(floor):
    floor = floor(avg_px_places=1)
    floor.place("O-1", quantity="3.000")
    for trade_id, quantity, price in (("T-1", "1.000", "100.01"), ("T-2", "2.000", "100.02")):
        floor.do("trade", "O-1", quantity, price, trade_id)

    assert [report.avg_px for report in asked(floor, GetOrders)] == [Decimal("100.0")]
    assert [report.avg_px_open for report in asked(floor, GetPositions)] == [Decimal("100.0")]


@pytest.mark.parametrize(("streams", "heard"), [(True, ["ack", "account"]), (False, ["ack"])])
def test_balances_may_be_told_only_when_asked(floor, streams, heard):
    floor = floor(streams_account=streams)

    assert [message.label for message in floor.place("O-1").messages] == heard


@pytest.mark.parametrize(("streams", "heard"), [(True, ["fill", "position"]), (False, ["fill"])])
def test_positions_may_be_told_unasked(floor, streams, heard):
    floor = floor(streams_positions=streams, streams_account=False)
    floor.place("O-1")

    assert [message.label for message in floor.do("trade", "O-1")] == heard


@pytest.mark.parametrize(("how", "status"), [("cancel", "CANCELED"), ("expire", "EXPIRED")])
def test_what_an_immediate_order_leaves_is_canceled_or_expires(floor, how, status):
    floor = floor(immediate_remainder=how)
    floor.place("O-1", time_in_force=TimeInForce.IOC)

    assert floor.report("O-1").order_status.name == status


@pytest.mark.parametrize(("checks", "status"), [(True, "REJECTED"), (False, "ACCEPTED")])
def test_a_venue_may_not_look_at_the_funds_first(floor, checks, status):
    floor = floor(checks_funds=checks)
    floor.place("O-1", quantity="9000.000", price="99999.00")

    assert floor.report("O-1").order_status.name == status


def test_any_currency_can_be_the_third(floor):
    floor = floor(fee_currency="third", fee_third_currency="ETH", fee_third_price="2000", taker_rate="0.001")
    floor.do("add_liquidity", "BTCUSDT", "SELL", "50000.00", "1.000")

    assert str(floor.place("O-1").answer.fills[0].commission) == "0.02500000 ETH"


@pytest.mark.parametrize(("names", "reason"), [(True, "REPLACED"), (False, None)])
def test_the_cancel_of_an_old_leg_says_what_it_is_or_looks_like_any_other(floor, names, reason):
    bench = floor(modify="cancel_new", names_replacements=names)
    bench.place("A", price="100.00")
    amendment = AmendOrder(
        account_id=bench.account,
        instrument_id=BTC.id,
        client_order_id=ClientOrderId("A"),
        price=Price.from_str("99.00"),
    )
    cancel, ack = (one for one in bench.handle(amendment).messages if isinstance(one, OrderMessage))

    assert (cancel.what, cancel.reason or None, cancel.order.cancel_reason) == ("cancel", reason, reason)
    assert (ack.what, ack.order.cancel_reason) == ("ack", None)


@pytest.mark.parametrize(
    ("apart", "heard"),
    [(False, ["OrderStatusReport", "FillReport", "OrderStatusReport"]), (True, ["OrderStatusReport", "FillReport"])],
)
def test_a_trade_of_a_strange_order_may_be_streamed_with_no_word_of_the_order(run, apart, heard):
    async def body(bench):
        await bench.client()
        where = {"instrument": "BTCUSDT", "side": "SELL", "quantity": "2", "price": "50000"}
        bench.gateway.do("external_order", **where, client_order_id="WEB-1")
        bench.gateway.do("trade", order="WEB-1", quantity="0.5")
        await asyncio.sleep(1)
        return [type(report).__name__ for report in bench.node.reports]

    assert run(body, trades_apart=apart) == heard
