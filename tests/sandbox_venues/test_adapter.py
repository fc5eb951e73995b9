"""The direct transport: commands, the stream, queries, and what happens when the wire fails."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.core.order_lifecycle import apply
from nautilus_live.errors import WireError, WireTimeout
from nautilus_live.model.commands import CancelAllOrders
from nautilus_live.model.enums import OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.faults import Corrupt, Delay, Drop, Duplicate, FailQuery, Hold, Refuse, Throttle, TimeOut
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import PlaceOrder
from sandbox_venues.script import Target

BTC = instrument("BTCUSDT")


def query(name: str) -> OrderQuery:
    return OrderQuery(instrument_id=BTC.id, client_order_id=ClientOrderId(name))


def test_an_order_is_submitted_accepted_and_filled(run):
    async def body(bench):
        client = await bench.client()
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        bench.gateway.do("trade", order="O-1", quantity="0.400")
        await asyncio.sleep(0.1)
        return bench.node.said(), bench.node.events

    said, events = run(body)

    assert said == [
        "OrderSubmitted O-1 LOCAL",
        "OrderAccepted O-1 STREAM",
        "OrderAccepted O-1 RESPONSE",
        "OrderFilled O-1 STREAM",
    ]
    assert (events[-1].last_qty, str(events[-1].trade_id)) == (Price.from_str("0.400"), "T-1")


def test_an_amount_of_quote_currency_becomes_a_quantity_at_the_venue(run):
    async def body(bench):
        client = await bench.client()
        bench.gateway.do("set_book", instrument="BTCUSDT", asks=[("100", "1"), ("200", "5")])
        order = bench.node.new_order("O-1", quantity="300", price=None)
        order.init = replace(order.init, quote_quantity=True)
        client.submit_order(bench.node.submit(order))
        await asyncio.sleep(0.1)
        return order, bench.node.said(), bench.node.events

    order, said, events = run(body)

    assert said[:5] == [
        "OrderSubmitted O-1 LOCAL",
        "OrderAccepted O-1 STREAM",
        "OrderUpdated O-1 STREAM",
        "OrderFilled O-1 STREAM",
        "OrderFilled O-1 STREAM",
    ]
    for event in events[:5]:
        apply(order, event)
    assert (order.status, str(order.quantity), str(order.filled_qty)) == (OrderStatus.FILLED, "2.000", "2.000")


def test_messages_take_the_latency_each_way(run):
    async def body(bench):
        client = await bench.client()
        start = bench.world.loop.time()
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.0199)
        before = len(bench.node.events)
        await asyncio.sleep(0.0002)
        return before, len(bench.node.events), start

    before, after, _ = run(body)

    assert (before, after) == (1, 3)


def test_a_timed_out_submission_has_no_outcome(run):
    async def body(bench):
        client = await bench.client(request_timeout_secs=1.0)
        bench.script.add(TimeOut(side="before"), Target(request="submit"))
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(2.0)
        return bench.node.said(), bench.venue.orders()

    said, orders = run(body)

    assert said == ["OrderSubmitted O-1 LOCAL"]
    assert orders == []


def test_a_submission_that_times_out_after_the_venue_acted_is_heard_of_on_the_stream(run):
    async def body(bench):
        client = await bench.client(request_timeout_secs=1.0)
        bench.script.add(TimeOut(side="after"), Target(request="submit"))
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(2.0)
        return bench.node.said(), len(bench.venue.orders())

    assert run(body) == (["OrderSubmitted O-1 LOCAL", "OrderAccepted O-1 STREAM"], 1)


def test_a_refusal_rejects_and_a_used_id_proves_nothing(run):
    async def body(bench):
        client = await bench.client()
        bench.script.add(Refuse(code="NO", reason="not today"), Target(request="submit"))
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        bench.gateway.do(
            "external_order", instrument="BTCUSDT", side="BUY", quantity="1", price="1000", client_order_id="O-2"
        )
        await asyncio.sleep(0.1)
        client.submit_order(bench.node.submit(bench.node.new_order("O-2")))
        await asyncio.sleep(0.1)
        return [s for s in bench.node.said() if "Submitted" not in s]

    assert run(body) == ["OrderRejected O-1 RESPONSE"]


def test_modify_and_cancel_are_confirmed_and_refused(run):
    async def body(bench):
        client = await bench.client()
        node = bench.node
        client.submit_order(node.submit(node.new_order("O-1")))
        await asyncio.sleep(0.1)
        client.modify_order(node.modify("O-1", price=Price.from_str("49000.00")))
        await asyncio.sleep(0.1)
        client.cancel_order(node.cancel("O-1"))
        await asyncio.sleep(0.1)
        client.cancel_order(node.cancel("O-1"))
        client.modify_order(node.modify("O-1", price=Price.from_str("48000.00")))
        await asyncio.sleep(0.1)
        return node.said()[3:], bench.venue.orders()[0]

    said, report = run(body)

    assert said == [
        "OrderUpdated O-1 STREAM",
        "OrderUpdated O-1 RESPONSE",
        "OrderCanceled O-1 STREAM",
        "OrderCanceled O-1 RESPONSE",
        "OrderCancelRejected O-1 RESPONSE",
        "OrderModifyRejected O-1 RESPONSE",
    ]
    assert (report.order_status, report.price) == (OrderStatus.CANCELED, Price.from_str("49000.00"))


def test_orders_of_others_go_on_as_reports(run):
    async def body(bench):
        await bench.client()
        bench.gateway.do(
            "external_order", instrument="BTCUSDT", side="SELL", quantity="2", price="50000", fills=[("0.5", "50000")]
        )
        await asyncio.sleep(0.1)
        return bench.node.events, [type(report).__name__ for report in bench.node.reports]

    assert run(body) == ([], ["OrderStatusReport", "FillReport", "OrderStatusReport"])


def test_messages_without_our_id_wait_for_the_answer_that_names_them(run):
    async def body(bench):
        client = await bench.client()
        bench.gateway.do("set_book", instrument="BTCUSDT", asks=[("50000", "5")])
        bench.script.add(Delay(by_secs=0.2), Target(answer="submit"))
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.5)
        return bench.node.said(), bench.node.reports

    said, reports = run(body, reports_client_ids=False)

    assert reports == []
    assert said == [
        "OrderSubmitted O-1 LOCAL",
        "OrderAccepted O-1 RESPONSE",
        "OrderFilled O-1 RESPONSE",
        "OrderAccepted O-1 STREAM",
        "OrderFilled O-1 STREAM",
    ]


def test_a_mass_status_reads_all_pages(run):
    async def body(bench):
        client = await bench.client()
        for _ in range(7):
            bench.gateway.do(
                "external_order", instrument="BTCUSDT", side="BUY", quantity="1", price="1000", fills=[("1", "1000")]
            )
        status = await client.generate_mass_status()
        return len(status.orders), len(status.fills), len(status.positions)

    assert run(body, page_size=3) == (7, 7, 1)


def test_a_page_that_fails_makes_the_answer_unknown(run):
    async def body(bench):
        client = await bench.client()
        for _ in range(7):
            bench.gateway.do("external_order", instrument="BTCUSDT", side="BUY", quantity="1", price="1000")
        bench.script.add(FailQuery(), Target(request="query.orders"), skip=1)
        with pytest.raises(WireError):
            await client.generate_order_status_reports(ReportsQuery())
        bench.script.add(FailQuery(), Target(request="query.fills"))
        status = await client.generate_mass_status()
        return status.orders is not None, status.fills, status.positions

    assert run(body, page_size=3) == (True, None, [])


def test_an_order_that_vanished_from_the_lists_is_found_in_its_fills(run):
    async def body(bench):
        client = await bench.client()
        bench.gateway.do("set_book", instrument="BTCUSDT", asks=[("50000", "5")])
        bench.script.add(Drop(), Target(report="*"), times=None)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        found = await client.generate_order_status_report(query("O-1"))
        absent = await client.generate_order_status_report(query("O-9"))
        return found, absent

    found, absent = run(body, closed_orders_vanish_secs=0.0)

    assert (found.order_status, str(found.filled_qty), absent) == (OrderStatus.FILLED, "1.000", None)


def test_a_lost_stream_is_opened_again_and_what_was_said_meanwhile_is_lost(run):
    async def body(bench):
        client = await bench.client()
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        bench.gateway.disconnect(for_secs=2.0)
        await asyncio.sleep(1.0)
        bench.gateway.do("trade", order="O-1", quantity="0.4")
        assert not client.is_connected
        await asyncio.sleep(5.0)
        assert client.is_connected
        bench.gateway.do("trade", order="O-1", quantity="0.6")
        await asyncio.sleep(0.1)
        return [str(e.trade_id) for e in bench.node.events if type(e).__name__ == "OrderFilled"], bench.node.changes

    trades, changes = run(body)

    assert trades == ["T-2"]
    assert [connected for connected, _ in changes] == [False, True]


def test_a_silent_stream_is_noticed_by_its_missing_heartbeat(run):
    async def body(bench):
        await bench.client(heartbeat_secs=5.0, request_timeout_secs=1.0)
        await asyncio.sleep(12.0)
        assert bench.node.changes == []
        bench.gateway.half_open()
        await asyncio.sleep(10.0)
        return [connected for connected, _ in bench.node.changes]

    assert run(body) == [False, True]


def test_a_crashed_node_hears_nothing_but_what_it_sent_arrives(run):
    async def body(bench):
        host = bench.world.host("node")
        bench.gateway.on_connection = lambda connection: host.add_port(connection.cut)

        async def node():
            client = await bench.client()
            client.submit_order(bench.node.submit(bench.node.new_order("O-1")))

        host.run(node)
        await asyncio.sleep(0.065)
        host.crash()
        await asyncio.sleep(1.0)
        return bench.node.said(), len(bench.venue.orders()), bench.gateway.connections

    said, orders, connections = run(body)

    assert (said, orders, connections) == (["OrderSubmitted O-1 LOCAL"], 1, [])


def test_a_partition_holds_both_ways_until_it_heals(run):
    async def body(bench):
        client = await bench.client(request_timeout_secs=1.0)
        bench.gateway.partition()
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(2.0)
        before = bench.node.said(), len(bench.venue.orders())
        bench.gateway.heal()
        await asyncio.sleep(0.1)
        return before, bench.node.said()

    assert run(body) == (
        (["OrderSubmitted O-1 LOCAL"], 0),
        ["OrderSubmitted O-1 LOCAL", "OrderAccepted O-1 STREAM"],
    )


def test_a_query_timeout_raises(run):
    async def body(bench):
        client = await bench.client(request_timeout_secs=1.0)
        bench.script.add(TimeOut(side="after"), Target(request="query.order"))
        with pytest.raises(WireTimeout):
            await client.generate_order_status_report(query("O-1"))

    run(body)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_a_connection_keeps_its_order_under_every_seed(run, seed):
    async def body(bench):
        client = await bench.client()
        for number in range(1, 20):
            client.submit_order(bench.node.submit(bench.node.new_order(f"O-{number}")))
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        accepted = [
            e for e in bench.node.events if type(e).__name__ == "OrderAccepted" and str(e.provenance) == "STREAM"
        ]
        return [str(e.venue_order_id) for e in accepted]

    assert run(body, seed) == [f"V-{number}" for number in range(1, 20)]


def test_an_order_expires_on_time_without_anybody_asking(run):
    async def body(bench):
        await bench.client()
        now_ns = bench.world.clock.timestamp_ns()
        order = PlaceOrder(
            account_id=bench.venue.account_ids[0], instrument_id=BTC.id, side=OrderSide.BUY,
            quantity=Quantity.from_str("1.000"), price=Price.from_str("1000.00"), time_in_force=TimeInForce.GTD,
            expire_time_ns=now_ns + 5_000_000_000,
        )  # fmt: skip
        bench.gateway.publish(bench.venue.handle(order, now_ns).messages)
        await asyncio.sleep(4.999)
        open_before = bench.venue.orders()[0].is_open
        await asyncio.sleep(0.02)
        return open_before, bench.venue.orders()[0].order_status

    assert run(body) == (True, OrderStatus.EXPIRED)


def test_the_same_seed_gives_the_same_trace(run):
    async def body(bench):
        client = await bench.client()
        bench.script.add(Duplicate(after_secs=0.1), Target(report="*"), times=None, chance=0.5)
        bench.gateway.jitter_secs = 0.02
        bench.gateway.do("set_book", instrument="BTCUSDT", asks=[("50000", "1.5")])
        for number in range(5):
            client.submit_order(bench.node.submit(bench.node.new_order(f"O-{number}")))
            await asyncio.sleep(0.015)
        await client.generate_mass_status()
        await asyncio.sleep(1.0)
        return bench.trace, bench.node.said()

    first, second = run(body, 5), run(body, 5)

    assert first == second
    assert len(first[0]) > 40


def test_held_messages_travel_on_when_they_are_released(run):
    async def body(bench):
        client = await bench.client()
        bench.script.add(Hold(), Target(report="fill"), name="fills", times=None)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        bench.gateway.do("trade", order="O-1", quantity="0.4")
        bench.gateway.do("trade", order="O-1", quantity="0.6")
        await asyncio.sleep(0.1)
        before = len(bench.node.events)
        bench.gateway.release("fills", reverse=True)
        await asyncio.sleep(0.1)
        return [str(event.trade_id) for event in bench.node.events[before:]]

    assert run(body) == ["T-2", "T-1"]


def test_an_unreadable_message_makes_the_client_open_a_new_stream(run):
    async def body(bench):
        client = await bench.client()
        bench.script.add(Corrupt(), Target(report="ack"))
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(3.0)
        return [connected for connected, _ in bench.node.changes], client.is_connected

    assert run(body) == ([False, True], True)


def test_after_a_throttle_no_query_is_sent_until_the_wait_is_over(run):
    async def body(bench):
        client = await bench.client()
        bench.script.add(Throttle(retry_after_secs=5.0), Target(request="query.orders"))
        for _ in range(2):
            with pytest.raises(WireError):
                await client.generate_order_status_reports(ReportsQuery())
        asked = sum("request query.orders" in line for line in bench.trace)
        await asyncio.sleep(5.1)
        return asked, await client.generate_order_status_reports(ReportsQuery())

    assert run(body) == (1, [])


def test_cancel_all_touches_only_the_orders_of_its_strategy(run):
    async def body(bench):
        client, node = await bench.client(), bench.node
        client.submit_order(node.submit(node.new_order("O-1")))
        client.submit_order(node.submit(node.new_order("O-2", side="SELL", price="60000.00")))
        bench.gateway.do("external_order", instrument="BTCUSDT", side="BUY", quantity="1", price="1000")
        await asyncio.sleep(0.1)
        client.cancel_all_orders(CancelAllOrders(order_side=OrderSide.BUY, **node._base()))
        await asyncio.sleep(0.1)
        return [str(report.order_status) for report in bench.venue.orders()]

    assert run(body) == ["ACCEPTED", "CANCELED", "ACCEPTED"]
