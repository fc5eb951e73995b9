"""The moments at a client's end, and the clock that the script goes by."""

from __future__ import annotations

import asyncio

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Quantity
from sandbox_venues.faults import Drop, Misname
from sandbox_venues.messages import CancelOrder
from sandbox_venues.script import Target


def test_a_watcher_sees_every_message_before_and_after(run):
    async def body(bench):
        client = await bench.client()
        seen = []
        bench.gateway.watchers.append(
            lambda moment, message, request: seen.append((moment, (request or message).label))
        )
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        return seen

    assert run(body) == [
        ("before_send", "submit"),
        ("after_send", "submit"),
        ("before_receive", "submit"),
        ("after_receive", "submit"),
        ("before_receive", "ack"),
        ("after_receive", "ack"),
        ("before_receive", "account"),
        ("after_receive", "account"),
    ]


def test_what_dies_before_it_sends_sends_nothing(run):
    async def body(bench):
        client = await bench.client()

        def cut(moment, message, request):
            if moment == "before_send":
                for connection in bench.gateway.connections:
                    connection.cut()

        bench.gateway.watchers.append(cut)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        return bench.venue.orders(), bench.node.said()

    assert run(body) == ([], ["OrderSubmitted O-1 LOCAL"])


def test_what_dies_before_it_receives_hears_nothing(run):
    async def body(bench):
        client = await bench.client()

        def cut(moment, message, request):
            if moment == "before_receive":
                for connection in bench.gateway.connections:
                    connection.cut()

        bench.gateway.watchers.append(cut)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        return len(bench.venue.orders()), bench.node.said()

    assert run(body) == (1, ["OrderSubmitted O-1 LOCAL"])


def test_a_fault_ends_at_its_time_whatever_the_client_thinks_the_time_is(run):
    async def body(bench):
        host = bench.world.host("node", skew_ns=-3_600_000_000_000)
        now_ns = bench.world.clock.timestamp_ns()
        bench.script.add(Drop(), Target(request="cancel"), times=None, end_ns=now_ns + 1_000_000_000)

        async def node():
            client = await bench.client(request_timeout_secs=1.0)
            client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
            await asyncio.sleep(2.0)
            cancel = CancelOrder(
                account_id=bench.venue.account_ids[0],
                instrument_id=bench.node.orders[ClientOrderId("O-1")].instrument_id,
                client_order_id=ClientOrderId("O-1"),
            )
            return await client._connection.request(cancel, 1.0)

        task = host.run(node)
        await asyncio.wait([task])
        return task.result().label

    assert run(body) == "done"


def test_an_answer_about_another_order_is_no_answer_about_ours(run):
    async def body(bench):
        client = await bench.client()
        bench.script.add(Misname(client_order="O-9", venue_order="V-9"), Target(answer="*"), times=None)
        bench.script.add(Drop(), Target(report="*"), times=None)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        client.modify_order(bench.node.modify("O-1", quantity=Quantity.from_str("2.000")))
        await asyncio.sleep(0.1)
        client.cancel_order(bench.node.cancel("O-1"))
        await asyncio.sleep(0.1)
        return bench.node.said(), bench.venue.orders()[0].order_status

    assert run(body) == (["OrderSubmitted O-1 LOCAL"], OrderStatus.CANCELED)
