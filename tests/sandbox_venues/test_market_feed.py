"""Prices: the seeded walk, and how they reach a data client."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import islice
from random import Random

import pytest

from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.model.data import QuoteTick, TradeTick
from sandbox_venues.adapter_config import SandboxDataClientConfig
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.instruments import instrument
from sandbox_venues.market import MarketFeed, MarketStep, RandomWalk

BTC = instrument("BTCUSDT")


def data_client(bench):
    factory = SandboxLiveDataClientFactory(bench.gateway)
    loop = asyncio.get_running_loop()
    return factory.create(loop, "SANDBOX", SandboxDataClientConfig(), bench.context(DataClientContext))


def test_a_walk_is_a_function_of_its_seed_and_never_crosses_itself():
    walk = RandomWalk(start=Decimal(1), ticks_max=100)
    steps = list(islice(walk.steps(BTC, Random(7)), 300))

    assert steps == list(islice(walk.steps(BTC, Random(7)), 300))
    assert steps != list(islice(walk.steps(BTC, Random(8)), 300))
    for step in steps:
        if step.action == "set_book":
            assert step.arguments["bids"][-1][0] > 0
            assert step.arguments["bids"][0][0] < step.arguments["asks"][0][0]


def test_subscribers_hear_quotes_and_trades_until_they_unsubscribe(run):
    async def body(bench):
        client = data_client(bench)
        await client.connect()
        bench.node.data.clear()
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("99", "1")], asks=[("100", "2")])
        client.subscribe_quote_ticks(BTC.id)
        client.subscribe_trade_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.do("add_liquidity", instrument="BTCUSDT", side="BUY", price="100", quantity="0.5")
        await asyncio.sleep(0.1)
        client.unsubscribe_quote_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("98", "1")], asks=[("100", "2")])
        await asyncio.sleep(0.1)
        return bench.node.data

    first, trade, second = run(body)

    assert isinstance(first, QuoteTick)
    assert (str(first.bid_price), str(first.ask_size), str(second.ask_size)) == ("99.00", "2.000", "1.500")
    assert isinstance(trade, TradeTick)
    assert trade.ts_init == trade.ts_event + 10_000_000


def test_subscriptions_come_back_with_the_stream(run):
    async def body(bench):
        client = data_client(bench)
        await client.connect()
        client.subscribe_quote_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.disconnect()
        await asyncio.sleep(0.1)
        lost = client.is_connected
        await asyncio.sleep(2.0)
        bench.node.data.clear()
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("99", "1")], asks=[("100", "2")])
        await asyncio.sleep(0.1)
        return lost, client.is_connected, len(bench.node.data)

    assert run(body) == (False, True, 1)


def test_a_feed_plays_its_steps_on_time_and_stops(run):
    async def body(bench):
        quote = {"instrument": "BTCUSDT", "bids": [("99", "1")]}
        feed = MarketFeed(bench.gateway, [MarketStep(1.0, "set_book", quote)] * 5)
        feed.start()
        await asyncio.sleep(2.5)
        feed.stop()
        await asyncio.sleep(5.0)
        return [line for line in bench.trace if "set_book" in line]

    assert [line.split()[0] for line in run(body)] == ["1.000000", "2.000000"]


def test_an_impossible_walk_is_an_error():
    with pytest.raises(ValueError, match="must be positive"):
        RandomWalk(start=Decimal(0))
