"""Streams that are watched and opened again: the execution client's and the data client's."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.errors import RequestNotSent
from sandbox_venues.adapter_data import SandboxDataClient, SandboxDataClientConfig
from sandbox_venues.faults import TimeOut
from sandbox_venues.script import Target
from tests.sandbox_venues.conftest import BTC


def data_client(bench: Any, **settings: Any) -> SandboxDataClient:
    context = DataClientContext(
        name="SIM",
        trader_id="TESTER-001",
        loop=asyncio.get_running_loop(),
        clock=bench.world.clock,
        sink=bench.node,
        cache=bench.node,
    )
    return SandboxDataClient(context, bench.gateway, SandboxDataClientConfig(**settings))


def test_a_quiet_stream_is_left_alone(run):
    async def body(bench):
        await bench.client(heartbeat_secs=5.0)
        data = data_client(bench, heartbeat_secs=5.0)
        await data.connect()
        await asyncio.sleep(3000.0)
        return bench.node.changes, data.is_connected

    assert run(body) == ([], True)


def test_a_loss_says_when_the_venue_was_last_heard(run):
    async def body(bench):
        told: list[Any] = []
        bench.node.receive_connection_change = lambda *words: told.append(words)
        began_ns = bench.world.clock.timestamp_ns()
        client = await bench.client(heartbeat_secs=10.0, request_timeout_secs=1.0)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(12.0)  # a sign of life at 10 s
        bench.gateway.half_open()
        await asyncio.sleep(12.0)
        (_, connected, reason, since_ns), *_ = told
        return connected, reason, round((since_ns - began_ns) / 1e9)

    connected, reason, since_s = run(body)
    assert (connected, since_s) == (False, 10)
    assert "must show life" in reason


def test_attempts_to_open_it_again_are_ever_further_apart(run):
    async def body(bench):
        client = await bench.client(reconnect_secs=0.5, heartbeat_secs=0)
        attempts: list[float] = []
        real = client._connection.open_stream

        async def count(timeout_secs: float) -> None:
            attempts.append(bench.world.loop.time())
            await real(timeout_secs)

        client._connection.open_stream = count
        bench.gateway.disconnect(for_secs=100.0)
        await asyncio.sleep(110.0)
        return [round(later - earlier) for earlier, later in pairwise(attempts)], client.is_connected

    waits, connected = run(body)
    assert waits == [1, 2, 4, 8, 10, 10, 10, 10, 10, 10, 10, 10, 10][: len(waits)]
    assert len(waits) >= 10
    assert connected


def test_a_stream_that_is_lost_again_before_it_flows_is_opened_once_more(run):
    """Found by random trading days: the node took a stream for open that had ended while the account was asked for."""

    async def body(bench):
        client = await bench.client(reconnect_secs=0.5, heartbeat_secs=0)
        opened: list[float] = []
        real, renew = client._connection.open_stream, client._keeper._renew

        async def count(timeout_secs: float) -> None:
            await real(timeout_secs)
            opened.append(bench.world.loop.time())

        async def cut_once() -> None:
            if len(opened) == 1:
                bench.gateway.disconnect()
            await renew()

        client._connection.open_stream, client._keeper._renew = count, cut_once
        bench.gateway.disconnect()
        await asyncio.sleep(30.0)
        early = len(bench.node.events)
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(1.0)
        return len(opened), [connected for connected, _ in bench.node.changes], bench.node.said()[early:]

    opened, changes, said = run(body)
    assert (opened, changes) == (2, [False, True])
    assert said


def test_a_data_stream_that_dies_in_silence_is_noticed_and_every_subscription_renewed(run):
    async def body(bench):
        data = data_client(bench, heartbeat_secs=5.0, request_timeout_secs=1.0)
        await data.connect()
        data.subscribe_quote_ticks(BTC.id)
        data.subscribe_trade_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.half_open()
        await asyncio.sleep(20.0)
        bench.node.data.clear()
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("99", "1")], asks=[("100", "2")])
        await asyncio.sleep(0.1)
        return [connected for connected, _ in bench.node.changes], len(bench.node.data)

    assert run(body) == ([False, True], 1)


def test_a_stream_whose_subscriptions_are_not_confirmed_is_not_back(run):
    async def body(bench):
        data = data_client(bench)
        await data.connect()
        data.subscribe_quote_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.script.add(TimeOut(side="before"), Target(request="subscribe"), times=2)
        bench.gateway.disconnect()
        await asyncio.sleep(4.0)
        early = data.is_connected
        await asyncio.sleep(20.0)
        return early, data.is_connected, [connected for connected, _ in bench.node.changes]

    assert run(body) == (False, True, [False, True])


def test_a_cancel_without_a_connection_is_refused_and_a_query_fails(run):
    async def body(bench):
        client = await bench.client()
        client.submit_order(bench.node.submit(bench.node.new_order("O-1")))
        await asyncio.sleep(0.1)
        await client.disconnect()
        client.cancel_order(bench.node.cancel("O-1"))
        await asyncio.sleep(0.1)
        with pytest.raises(RequestNotSent):
            await client.load_instrument(BTC.id)
        return bench.node.said()[-1], bench.node.events[-1].reason

    said, reason = run(body)
    assert said.startswith("OrderCancelRejected O-1")
    assert reason.startswith("NOT_SENT: ")
